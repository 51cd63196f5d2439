# SPDX-License-Identifier: GPL-3.0-or-later
"""The file that app_image.py makes starts what lies in it: with a folder whose AppRun tells what it is given."""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).parents[2]
RUN = """#!/bin/sh
case $1 in
exit) exit "$2" ;;
wait) echo ready; exec sleep 60 ;;
folder) echo "$APPDIR" ;;
esac
cat "$APPDIR/deep/link"
for word; do echo "<$word>"; done
"""


@unittest.skipUnless(
    pathlib.Path("/usr/include/squashfuse/ll.h").exists() and shutil.which("mksquashfs") and shutil.which("g++"),
    "squashfs-tools, libsquashfuse-dev and g++ make an AppImage, and not all of them are installed",
)
class AppImage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp())
        app_dir = cls.folder / "AppDir"
        (app_dir / "deep").mkdir(parents=True)
        (app_dir / "AppRun").write_text(RUN, encoding="utf-8")
        (app_dir / "AppRun").chmod(0o755)
        (app_dir / "deep/file").write_text("from inside\n", encoding="utf-8")
        (app_dir / "deep/link").symlink_to("file")
        cls.image = cls.folder / "A.AppImage"
        subprocess.run([sys.executable, ROOT / "cmake/app_image.py", app_dir, cls.image], check=True, capture_output=True)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def setUp(self):
        self.temporary = self.folder / "tmp"
        self.temporary.mkdir()
        self.addCleanup(shutil.rmtree, self.temporary)

    def run_image(self, *words, **variables):
        return subprocess.run(
            [self.image, *words], cwd=self.folder, env=os.environ | {"TMPDIR": str(self.temporary), **variables},
            capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60, check=False,
        )  # fmt: skip

    def nothing_is_left(self):
        for _ in range(100):  # what holds a mount ends a moment after the program
            if not os.listdir(self.temporary):
                return True
            time.sleep(0.05)
        return False

    def testTheProgramGetsItsWordsAndItsFolder(self):
        for variables in ({}, {"APPIMAGE_EXTRACT_AND_RUN": "1"}):
            done = self.run_image("a b", "", **variables)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "from inside\n<a b>\n<>\n", ""))
            self.assertTrue(self.nothing_is_left())

    def testItEndsAsTheProgramDoes(self):
        for variables in ({}, {"APPIMAGE_EXTRACT_AND_RUN": "1"}):
            self.assertEqual(self.run_image("exit", "7", **variables).returncode, 7)

    def testTheWordToUnpackDoesNotReachTheProgram(self):
        self.assertEqual(self.run_image("--appimage-extract-and-run", "x").stdout, "from inside\n<x>\n")

    def testWhatIsStoppedLeavesNothing(self):
        for variables in ({}, {"APPIMAGE_EXTRACT_AND_RUN": "1"}):
            with subprocess.Popen(
                [self.image, "wait"], env=os.environ | {"TMPDIR": str(self.temporary), **variables}, stdout=subprocess.PIPE
            ) as running:  # fmt: skip
                running.stdout.readline()
                running.terminate()
                self.assertEqual(running.wait(60), -signal.SIGTERM)
            self.assertTrue(self.nothing_is_left())

    def testItUnpacksIntoSquashfsRoot(self):
        self.assertEqual(self.run_image("--appimage-extract").returncode, 0)
        self.addCleanup(shutil.rmtree, self.folder / "squashfs-root")
        self.assertEqual((self.folder / "squashfs-root/deep/link").read_text(encoding="utf-8"), "from inside\n")
        again = self.run_image("--appimage-extract")
        self.assertEqual((again.returncode, again.stderr), (1, "winnow: the folder squashfs-root cannot be made here: File exists\n"))

    def testDesktopsKnowItByItsFirstBytes(self):
        self.assertEqual(self.image.read_bytes()[8:11], b"AI\x02")
        offset = int(self.run_image("--appimage-offset").stdout)
        self.assertEqual(self.image.read_bytes()[offset : offset + 4], b"hsqs")

    def testAFileCutShortIsToldInOneSentence(self):
        cut = self.folder / "cut.AppImage"
        offset = int(self.run_image("--appimage-offset").stdout)
        for length in (offset, offset + 50, offset + 200):
            cut.write_bytes(self.image.read_bytes()[:length])
            cut.chmod(0o755)
            done = subprocess.run(
                [cut, "x"], env=os.environ | {"TMPDIR": str(self.temporary)}, capture_output=True, text=True, timeout=60, check=False
            )
            self.assertEqual(done.returncode, 1)
            self.assertIn("is cut short or damaged", done.stderr)
            self.assertTrue(self.nothing_is_left())


if __name__ == "__main__":
    unittest.main()
