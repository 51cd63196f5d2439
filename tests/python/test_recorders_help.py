# SPDX-License-Identifier: GPL-3.0-or-later
"""The recorders of docs where nothing that they need is installed: help comes, and a run says in one sentence what to install."""

import pathlib
import subprocess
import sys
import unittest

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
RUNS = {"record_press.py": ("kvpress", ["--model", "a", "--text", "b", "--press", "c", "--kept", "d"]),
        "record_trace.py": ("h5py", ["--model", "a", "--text", "b", "--out", "c"])}  # fmt: skip


class WithoutPackages(unittest.TestCase):
    def outcome(self, script, *arguments):
        return subprocess.run([sys.executable, "-S", str(DOCS / script), *arguments], capture_output=True, text=True, timeout=60)

    def test_help_comes(self):
        for script in RUNS:
            done = self.outcome(script, "--help")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn("--model", done.stdout)

    def test_a_run_says_what_to_install(self):
        for script, (package, arguments) in RUNS.items():
            done = self.outcome(script, *arguments)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertRegex(done.stderr, rf"\A.*{package} is missing; pip install .*{package} .*\n\Z")


if __name__ == "__main__":
    unittest.main()
