# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of tests/check_format.py: what it refuses."""

import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import check_format

LICENSED = "// SPDX-License-Identifier: GPL-3.0-or-later\n"


class CheckFormat(unittest.TestCase):
    def test_wants_the_license_in_the_first_lines(self):
        self.assertEqual(list(check_format.faults_of("core/a.h", LICENSED + "int a();\n")), [])
        self.assertEqual(list(check_format.faults_of("run", "#!/bin/sh\n# SPDX-License-Identifier: GPL-3.0-or-later\n")), [])
        (fault,) = check_format.faults_of("core/a.h", "int a();\n" * 2 + LICENSED)
        self.assertIn("core/a.h: the first line", fault)

    def test_counts_characters_of_cpp_not_bytes(self):
        self.assertEqual(list(check_format.faults_of("core/a.h", LICENSED + "×" * 130 + "\n")), [])
        (fault,) = check_format.faults_of("core/a.h", LICENSED + "×" * 131 + "\n")
        self.assertTrue(fault.startswith("core/a.h:2: 131 characters"))

    def test_looks_at_every_folder_of_the_project(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "core").mkdir()
            (root / "build").mkdir()
            for name in ("core/a.cpp", "core/b.txt", "build/c.cpp", "run"):
                (root / name).write_text("")
            self.assertEqual([one.relative_to(root).as_posix() for one in check_format.sources(root)], ["core/a.cpp", "run"])

    @unittest.skipUnless(check_format.formatter(), "clang-format 14 is not installed")
    def test_tells_what_is_laid_out_otherwise(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "a.h").write_text(LICENSED + "int  a( );\n")
            (root / "b.h").write_text(LICENSED + "int a();\n")
            told = list(check_format.unformatted(check_format.formatter(), root, [pathlib.Path("a.h"), pathlib.Path("b.h")]))
            self.assertEqual(len(told), 1)
            self.assertTrue(told[0].startswith("a.h: not laid out"))


if __name__ == "__main__":
    unittest.main()
