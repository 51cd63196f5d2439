# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/record_press.py where nothing that it needs is installed: help comes, and a run says in one sentence what to install."""

import pathlib
import subprocess
import sys
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "docs/record_press.py"


class WithoutKvpress(unittest.TestCase):
    def outcome(self, *arguments):
        return subprocess.run([sys.executable, "-S", str(SCRIPT), *arguments], capture_output=True, text=True, timeout=60)  # -S: no packages

    def test_help_comes(self):
        done = self.outcome("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("--press", done.stdout)

    def test_a_run_says_what_to_install(self):
        done = self.outcome("--model", "a", "--text", "b", "--press", "c", "--kept", "d")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, r"\A.*kvpress is missing; pip install kvpress .*\n\Z")


if __name__ == "__main__":
    unittest.main()
