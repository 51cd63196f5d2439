# SPDX-License-Identifier: GPL-3.0-or-later
"""Every broken rule gets its sentence: small trees of sources with one violation each."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECK = pathlib.Path(__file__).parents[1] / "check_includes.py"


def check(files):
    """Exit code and sentences for a tree given as {path: text}."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = pathlib.Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        done = subprocess.run([sys.executable, CHECK, folder], capture_output=True, text=True, encoding="utf-8", check=False)
        return done.returncode, done.stdout.splitlines()


class CheckIncludes(unittest.TestCase):
    def assertSentence(self, files, sentence):
        code, lines = check(files)
        self.assertEqual(lines, [sentence])
        self.assertEqual(code, 1)

    def assertClean(self, files):
        code, lines = check(files)
        self.assertEqual(code, 0, lines)

    def testATreeThatKeepsTheRulesPasses(self):
        self.assertClean(
            {
                "core/base/result.h": "#include <string>\n",
                "core/model/run/model.h": '#include "core/base/result.h"\n#include <ATen/ATen.h>\n',
                "core/replay/result.h": '#include "core/base/result.h"\n',
                "views/maps/map.cpp": '#include "core/replay/result.h"\n#include <QWidget>\n#include <qcustomplot.h>\n',
                "app/main.cpp": '#include "views/maps/map.h"\n#include <QtGlobal>\n',
                "tests/views/map_test.cpp": "#include <QtTest/QTest>\n",
                "tests/model/model_test.cpp": '#include "core/model/run/model.h"\n#include "tests/support/texts.h"\n',
                "tests/support/texts.h": "#include <string>\n",
                "wavelet/fft.cpp": "#include <fftw3.h>\n",
            }
        )

    def testQtStaysInViewsAndApp(self):
        rule = "Qt belongs in views, app and their tests only"
        for header in ("QString", "QtCore/QString", "QtGlobal", "qcustomplot.h"):
            self.assertSentence(
                {"core/replay/replayer.h": f"#include <{header}>\n"}, f"core/replay/replayer.h includes <{header}>: {rule}"
            )
        self.assertSentence({"app/cli/demo.cpp": "#include <QDir>\n"}, f"app/cli/demo.cpp includes <QDir>: {rule}")
        self.assertSentence({"tests/io/json_test.cpp": "  #  include <QFile>\n"}, f"tests/io/json_test.cpp includes <QFile>: {rule}")

    def testTorchStaysInItsRooms(self):
        rule = (
            "Torch belongs in core/model, core/cache, core/policy, core/replay, core/evaluate, core/trace and their tests only, "
            "and what other rooms include stays free of it"
        )
        self.assertSentence({"core/io/npy.cpp": "#include <c10/util/Half.h>\n"}, f"core/io/npy.cpp includes <c10/util/Half.h>: {rule}")
        self.assertSentence(
            {
                "core/trace/tile.h": "#include <ATen/ATen.h>\n",
                "core/replay/result.h": '#include "core/trace/tile.h"\n',
                "core/analysis/overlap.h": "#include <vector>\n",
                "views/maps/map.cpp": '#include "core/analysis/overlap.h"\n#include "core/replay/result.h"\n',
            },
            f"views/maps/map.cpp reaches <ATen/ATen.h> through core/replay/result.h, core/trace/tile.h: {rule}",
        )

    def testALeakIsToldOnceWhereItHappens(self):
        code, lines = check(
            {
                "core/trace/tile.h": "#include <ATen/ATen.h>\n",
                "core/analysis/overlap.h": '#include "core/trace/tile.h"\n',
                "core/analysis/overlap.cpp": '#include "core/analysis/overlap.h"\n',
            }
        )
        self.assertEqual(code, 1)
        self.assertEqual(len(lines), 1)
        self.assertTrue(lines[0].startswith("core/analysis/overlap.h reaches <ATen/ATen.h> through core/trace/tile.h: Torch"))

    def testQtAndTorchNeverMeetInOneFile(self):
        self.assertSentence(
            {
                "core/model/run/model.h": "#include <ATen/ATen.h>\n",
                "app/window/open.cpp": '#include "core/model/run/model.h"\n#include <QString>\n',
            },
            "app/window/open.cpp includes <QString> and <ATen/ATen.h> through core/model/run/model.h: "
            "Qt and Torch never meet in one file, they fight over the word slots",
        )

    def testTorchIsIncludedByItsCheapHeadersOnly(self):
        self.assertSentence(
            {"core/model/run/model.cpp": "#include <torch/torch.h>\n"},
            "core/model/run/model.cpp includes <torch/torch.h>: Winnow includes <ATen/…> and <c10/…> only, torch/torch.h costs 14 s a file",
        )
        self.assertClean({"core/model/run/model.cpp": "#include <torch/version.h>\n"})

    def testArrowsPointDown(self):
        self.assertSentence(
            {"core/io/json.h": "", "core/base/log.cpp": '#include "core/io/json.h"\n'},
            'core/base/log.cpp includes "core/io/json.h": core/base includes no other room',
        )
        self.assertSentence(
            {"core/base/result.h": "", "wavelet/dwt.cpp": '#include "core/base/result.h"\n'},
            'wavelet/dwt.cpp includes "core/base/result.h": wavelet includes no other room',
        )
        self.assertSentence(
            {"core/model/run/model.h": "", "views/maps/map.h": '#include "../../core/model/run/model.h"\n'},
            'views/maps/map.h includes "core/model/run/model.h": views may include core/analysis, core/base, core/cache, core/device, '
            "core/io, core/kernels, core/policy, core/replay, core/trace, wavelet only",
        )

    def testFoldersOfARoomIncludeLowerOnesOnly(self):
        self.assertClean(
            {
                "views/state/selection.h": "",
                "views/plot/axes.h": '#include "views/state/selection.h"\n',
                "views/maps/panel.h": '#include "views/plot/axes.h"\n#include "views/state/selection.h"\n',
                "views/maps/grid.h": '#include "views/maps/panel.h"\n',
                "views/paper/page.h": '#include "views/maps/grid.h"\n',
                "app/cli/demo.h": "",
                "app/work/workspace.h": '#include "app/cli/demo.h"\n',
                "app/window/window.h": '#include "app/work/workspace.h"\n#include "app/cli/demo.h"\n',
                "app/main.cpp": '#include "app/window/window.h"\n',
                "core/policy/recipe.h": "",
                "core/policy/parts/step/lowest.h": '#include "core/policy/recipe.h"\n',
                "core/policy/presets/treekv.h": '#include "core/policy/parts/step/lowest.h"\n#include "core/policy/recipe_options.h"\n',
                "core/policy/recipe_options.h": '#include "core/policy/parts/step/lowest.h"\n',
                "core/policy/catalog.cpp": '#include "core/policy/presets/treekv.h"\n',
            }
        )

    def testAFolderThatIncludesAHigherOneIsRefused(self):
        below = "views/style, views/state, views/export"
        middle = below + ", views/plot, views/notes"
        for source, target, rule in (
            ("views/state/job.h", "views/plot/axes.h", "views/state includes no other folder of views"),
            ("views/plot/axes.h", "views/wavelet/picture.h", f"views/plot may include {below} only"),
            ("views/maps/map.h", "views/text/flow.h", f"views/maps may include {middle} only"),
            ("app/work/workspace.h", "app/window/live.h", "app/work may include app/cli only"),
            ("core/model/config/reader.h", "core/model/families/family.h", "core/model/config includes no other folder of core/model"),
            (
                "core/model/run/need.h",
                "core/model/session/record.h",
                "core/model/run may include core/model/config, core/model/tokenizer, core/model/families only",
            ),
            ("core/policy/recipe.h", "core/policy/parts/step/lowest.h", "core/policy may include core/policy/kernels only"),
            (
                "core/policy/parts/step/lowest.h",
                "core/policy/presets/treekv.h",
                "core/policy/parts/step may include core/policy/kernels, core/policy only",
            ),
        ):
            self.assertSentence({source: f'#include "{target}"\n', target: ""}, f'{source} includes "{target}": {rule}')

    def testAFolderWithoutALineIsNamed(self):
        self.assertSentence(
            {"views/misc/thing.h": ""},
            "views/misc/thing.h lies in views/misc, which is no folder of views: "
            "move it, or give the folder its line in tests/check_includes.py",
        )
        self.assertSentence(
            {"views/thing.h": ""},
            "views/thing.h lies in views, which is no folder of views: move it, or give the folder its line in tests/check_includes.py",
        )

    def testNobodyIncludesTests(self):
        self.assertSentence(
            {"tests/support/texts.h": "", "core/io/json.cpp": '#include "tests/support/texts.h"\n'},
            'core/io/json.cpp includes "tests/support/texts.h": only tests include what lies in tests, and only their own or tests/support',
        )

    def testAFolderThatIsNoRoomIsNamed(self):
        self.assertSentence(
            {"core/misc/things.h": ""},
            "core/misc/things.h lies in core/misc, which is no room of the design: "
            "move it, or name the room and its arrows in tests/check_includes.py",
        )

    def testFftwLivesInOneFileOfTheWaveletRoom(self):
        self.assertSentence(
            {"core/analysis/spectrum.cpp": "#include <fftw3.h>\n"}, "core/analysis/spectrum.cpp includes <fftw3.h>: FFTW belongs in wavelet only"
        )
        self.assertSentence(
            {"wavelet/cwt.cpp": "#include <fftw3.h>\n", "wavelet/fft.cpp": "#include <fftw3.h>\n"},
            "wavelet/fft.cpp includes <fftw3.h>, and so does wavelet/cwt.cpp: FFTW belongs in one file",
        )

    def testTheLinkerGetsTheSameArrows(self):
        self.assertSentence(
            {
                "CMakeLists.txt": "winnow_room(io FOLDER core/io)\nwinnow_room(trace FOLDER core/trace ROOMS io TORCH)\n"
                "winnow_room(policy FOLDER core/policy ROOMS trace TORCH) # a shortcut\n"
            },
            "CMakeLists.txt gives core/policy the room core/trace: the design has no arrow from core/policy to it",
        )
        self.assertSentence(
            {"CMakeLists.txt": "winnow_room(analysis FOLDER core/analysis LIBS Qt6::Core QT)\n"},
            "CMakeLists.txt gives core/analysis QT: Qt belongs in views and app only",
        )

    def testAMissingFolderIsAUsageError(self):
        done = subprocess.run([sys.executable, CHECK, "/nowhere"], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (2, ""))


if __name__ == "__main__":
    unittest.main()
