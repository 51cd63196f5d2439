# SPDX-License-Identifier: GPL-3.0-or-later
"""The set-up script on machines that do not exist: its functions are sourced, the programs they call are stand-ins that keep a
list of how they were called."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

RUN = pathlib.Path(__file__).parents[2] / "run"


class Machine(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        (self.folder / "resources").mkdir()
        shutil.copy(RUN, self.folder / "run")

    def program(self, name, script="exit 0"):
        """A stand-in: notes its call in calls.txt, then does `script`."""
        path = self.folder / name if "/" in name else self.bin / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'#!/bin/bash\necho "{path.name} $*" >>"{self.folder}/calls.txt"\n{script}\n', encoding="utf-8")
        path.chmod(0o755)

    def calls(self):
        path = self.folder / "calls.txt"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return lines

    def bash(self, snippet, **variables):
        """Runs a snippet that may call every function of ./run: (exit code, standard output, standard error)."""
        surroundings = {k: v for k, v in os.environ.items() if k not in ("CI", "DISPLAY", "WAYLAND_DISPLAY", "PYTHONPATH")}
        surroundings |= {"PATH": f"{self.bin}:{os.environ['PATH']}", **variables}
        done = subprocess.run(
            ["bash", "-c", f"source ./run\n{snippet}"],
            cwd=self.folder, env=surroundings, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr


class Packages(Machine):
    def testDebian12AndUbuntu2404AndNewerAreSupported(self):
        for system, supported in [
            ("debian 12", True), ("debian 13", True), ("debian ", True), ("debian 11", False), ("ubuntu 24.04", True),
            ("ubuntu 25.10", True), ("ubuntu 22.04", False), ("fedora 41", False), ("", False),
        ]:  # fmt: skip
            code, _, _ = self.bash(f"isSupported '{system}'")
            self.assertEqual(code == 0, supported, system)

    def testTheDistributionComesFromItsFile(self):
        (self.folder / "os-release").write_text('NAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n', encoding="utf-8")
        self.assertEqual(self.bash("distribution os-release")[1], "debian 12\n")
        self.assertEqual(self.bash("distribution nowhere"), (0, "", ""))

    def testOnlyWhatIsNotInstalledIsMissing(self):
        self.program("dpkg-query", "printf 'installed cmake\\nconfig-files ccache\\ninstalled libqt6svg6-dev\\n'; exit 1")
        _, out, _ = self.bash("missingPackages cmake ccache 'qt6-svg-dev|libqt6svg6-dev' libzip-dev")
        self.assertEqual(out.split(), ["ccache", "libzip-dev"])

    def testOfTwoNamesTheOneThatTheDistributionHasIsTaken(self):
        self.program("apt-cache", '[[ "$*" == *libqt6svg6-dev ]]')
        self.assertEqual(self.bash("availableName 'qt6-svg-dev|libqt6svg6-dev'")[1], "libqt6svg6-dev\n")

    def testElsewhereOneSentenceNamesThePackagesAndTheWorkGoesOn(self):
        code, _, err = self.bash("distribution() { echo fedora 41; }; installPackages; echo on")
        self.assertEqual(code, 0)
        self.assertEqual(len(err.splitlines()), 1)
        self.assertIn("libexpected-dev", err)

    def testNothingMissingAsksNoPackageManager(self):
        self.program("apt-get")
        self.bash("distribution() { echo debian 12; }; missingPackages() { :; }; installPackages")
        self.assertEqual(self.calls(), [])

    def testAFailingInstallationSaysWhichStepWhyAndWhatToDo(self):
        self.program("apt-get", '[[ $1 == update ]] || { echo "E: Unable to fetch some archives"; exit 100; }')
        self.program("apt-cache")
        self.program("sudo", '[[ $1 == -v ]] || "$@"')
        code, _, err = self.bash("distribution() { echo debian 12; }; missingPackages() { echo libzip-dev; }; installPackages")
        self.assertEqual(code, 1)
        self.assertIn("the step 'apt-install' failed. It said:\n    E: Unable to fetch some archives\n", err)
        self.assertIn("install these by hand: libzip-dev.", err)
        self.assertIn("build/logs/apt-install.log", err)


class PyTorch(Machine):
    def torch(self, version, *parts):
        root = self.folder / "site" / "torch"
        shutil.rmtree(root, ignore_errors=True)
        for part in ("__init__.py", *parts):
            (root / part).parent.mkdir(parents=True, exist_ok=True)
            (root / part).write_text("", encoding="utf-8")
        (root / "version.py").write_text(f"__version__ = '{version}'\n", encoding="utf-8")
        return self.bash("torchRoot", PYTHONPATH=str(root.parent))

    def testThePyTorchOfTheActivePythonIsFoundFromVersion27On(self):
        whole = ("include/ATen/ATen.h", "lib/libtorch_cpu.so")
        self.assertEqual(self.torch("2.13.0+cpu", *whole)[:2], (0, f"{self.folder}/site/torch\n"))
        self.assertEqual(self.torch("2.7.1", *whole)[0], 0)
        self.assertEqual(self.torch("2.6.0", *whole)[0], 1)
        self.assertEqual(self.torch("2.13.0", "lib/libtorch_cpu.so")[0], 1)

    def installs(self, driver, failures):
        """The ends of the pip calls when the first `failures` of them fail."""
        self.program("fake-python", f'[[ $(wc -l <"{self.folder}/calls.txt") -gt {failures} ]]')
        code, _, _ = self.bash(f"hasNvidiaDriver() {{ {driver}; }}; installTorch fake-python --no-deps")
        return code, [call.split(" install ")[1] for call in self.calls()]

    def testWithoutADriverTheCpuBuildComesFirst(self):
        pip, index, last = (
            "--no-deps torch==2.13.0+cpu",
            "--no-deps --index-url https://download.pytorch.org/whl/cpu torch==2.13.0+cpu",
            "torch==2.13.0",
        )
        self.assertEqual(self.installs("false", 0), (0, [pip]))
        self.assertEqual(self.installs("false", 1), (0, [pip, index]))
        self.assertEqual(self.installs("false", 2), (0, [pip, index, last]))
        self.assertEqual(self.installs("false", 3), (1, [pip, index, last]))

    def testWithADriverTheCudaBuildIsInstalledWithItsLibraries(self):
        self.assertEqual(self.installs("true", 0), (0, ["torch==2.13.0"]))


class Building(Machine):
    def prepare(self):
        self.program("dpkg-query", 'for name in "${@:3}"; do echo "installed $name"; done')
        for name in ("apt-get", "pip", "sudo"):
            self.program(name, "exit 1")
        self.program(
            "cmake",
            'mkdir -p build; touch build/build.ninja; for o in "$@"; do [[ $o == -D* ]] && echo "${o#-D}" | sed s/=/:STRING=/; done >build/CMakeCache.txt',
        )
        self.program("ninja", "printf '#!/bin/bash\\necho program $*; mkdir -p winnow-out\\n' >build/winnow.new; chmod +x build/winnow.new; "
                              "[[ -x build/winnow ]] || mv build/winnow.new build/winnow")  # fmt: skip
        return "distribution() { echo debian 12; }; torchRoot() { echo /torch; };"

    def testASecondCallConfiguresNothingAndAsksForNothing(self):
        machine = self.prepare()
        self.assertEqual(self.bash(machine + "main build")[0], 0)
        self.assertEqual(sorted({call.split()[0] for call in self.calls()}), ["cmake", "dpkg-query", "ninja"])
        self.assertEqual(self.bash(machine + "main build"), (0, "", ""))
        self.assertEqual([call.split()[0] for call in self.calls()], ["dpkg-query", "ninja"])

    def testWarningsAreErrorsInContinuousIntegrationOnly(self):
        machine = self.prepare()
        self.bash(machine + "main build")
        self.assertNotIn("WERROR", next(c for c in self.calls() if c.startswith("cmake")))

    def testAFolderBuiltInContinuousIntegrationIsNotConfiguredAgain(self):
        machine = self.prepare()
        self.program("ctest", "echo '100% tests passed'")
        code, out, _ = self.bash(machine + "main test", CI="true")
        self.assertEqual((code, out), (0, "100% tests passed\n"))
        calls = self.calls()
        self.assertIn("-DWINNOW_WERROR=ON", next(c for c in calls if c.startswith("cmake")))
        self.assertEqual(calls[-1], f"ctest --test-dir build --output-on-failure -j {len(os.sched_getaffinity(0))}")
        self.bash(machine + "main test")
        self.assertEqual([c for c in self.calls() if c.startswith("cmake")], [])

    def testWithoutADisplayTheDemoIsWrittenOnce(self):
        machine = self.prepare()
        code, out, err = self.bash(machine + "main")
        self.assertEqual((code, out), (0, "program demo --out winnow-out\n"), err)
        code, out, err = self.bash(machine + "main")
        self.assertEqual((code, out), (0, ""))
        self.assertIn("up to date", err)

    def testWithADisplayTheWindowOpens(self):
        self.assertEqual(self.bash(self.prepare() + "main", DISPLAY=":0")[:2], (0, "program\n"))

    def testACompilerErrorIsShownWithTheLog(self):
        machine = self.prepare()
        self.program("ninja", 'echo "[1/2] Building a"; echo "FAILED: a.o"; echo "a.cpp:1:1: error: no"; exit 1')
        code, _, err = self.bash(machine + "main build")
        self.assertEqual(code, 1)
        self.assertIn("the step 'build' failed. It said:\n    FAILED: a.o\n    a.cpp:1:1: error: no\n", err)
        self.assertIn("build/logs/build.log", err)

    def testAStepThatNamesNoErrorShowsItsLastLines(self):
        code, _, err = self.bash("step demo 'Try again.' bash -c 'seq 20; exit 3'")
        self.assertEqual(code, 1)
        shown = "".join(f"    {n}\n" for n in range(6, 21))
        self.assertEqual(
            err, f"run: the step 'demo' failed. It said:\n{shown}run: Try again. The whole output is in build/logs/demo.log.\n"
        )

    def testOfALongErrorThirtyLinesAreShownAndThenTheAdvice(self):
        code, _, err = self.bash("step demo 'Try again.' bash -c 'echo error: no; seq 100000; exit 3'")
        self.assertEqual(code, 1)
        self.assertTrue(err.startswith("run: the step 'demo' failed. It said:\n    error: no\n    1\n"), err[:200])
        self.assertTrue(err.endswith("    29\nrun: Try again. The whole output is in build/logs/demo.log.\n"), err[-200:])

    def testPackagesHoldNoLibTorchOfCuda(self):
        self.program("cpack", "mkdir -p build/package && touch build/package/winnow.deb")
        self.program("ldd", 'echo "	libtorch_cpu.so => $PWD/torch/lib/libtorch_cpu.so (0x00007f)"')
        code, _, err = self.bash("mkdir -p build torch/lib; touch torch/lib/libtorch_cuda.so; makePackages build/package")
        self.assertEqual(code, 1)
        self.assertIn("/torch/lib is the CUDA build, which takes several GB; packages hold the one for the CPU", err)

    def testPackagesAreADebAndAnAppImage(self):
        self.program("cpack", "mkdir -p build/package && touch build/package/winnow.deb")
        self.program("cmake")
        self.program("python3", "[[ $1 != cmake/app_image.py ]] || touch $3")
        code, _, err = self.bash("mkdir build; echo CMAKE_PROJECT_VERSION:STATIC=1.2.3 >build/CMakeCache.txt; makePackages build/package")
        self.assertEqual(code, 0, err)
        name = f"build/package/Winnow-1.2.3-{os.uname().machine}"
        calls = self.calls()
        self.assertEqual(calls[0], "cpack --config build/CPackConfig.cmake -G DEB -B build/package")
        self.assertEqual(calls[1], f"cmake --install build --prefix {name}.AppDir/usr")
        self.assertEqual(calls[2], f"python3 cmake/app_dir.py {name}.AppDir")
        self.assertEqual(calls[3], f"python3 cmake/app_image.py {name}.AppDir {name}.AppImage")
        self.assertIn("winnow.deb", err)

    def testAnUnknownCommandShowsThoseThatThereAre(self):
        code, _, err = self.bash("main bild")
        self.assertEqual(code, 2)
        for line in ("./run build", "./run test", "./run bench", "./run check-cuda", "./run package"):
            self.assertIn(line, err)
        self.assertFalse((self.folder / "build").exists())


if __name__ == "__main__":
    unittest.main()
