# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/cut_texts.py: the pieces of a text are distinct, or there are none."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).parents[2] / "docs/cut_texts.py"


def run(text, *words):
    with tempfile.TemporaryDirectory() as folder:
        book = pathlib.Path(folder) / "book.txt"
        book.write_text(text, encoding="utf-8")
        return subprocess.run([sys.executable, str(SCRIPT), str(book), *map(str, words)], capture_output=True, text=True, check=False)


def book(paragraphs, length=100):
    """Paragraphs of `length` characters, each with a number of its own."""
    return "\n\n".join(f"{i:05d}" + "x" * (length - 5) for i in range(paragraphs))


class CutTexts(unittest.TestCase):
    def testPiecesShareNothing(self):
        done = run(book(60), 12, 300)
        self.assertEqual(done.returncode, 0, done.stderr)
        pieces = [json.loads(line)["text"] for line in done.stdout.splitlines()]
        self.assertEqual(len(pieces), 12)
        numbers = [word[:5] for piece in pieces for word in piece.split()]
        self.assertEqual(len(set(numbers)), len(numbers))
        for piece in pieces:
            self.assertRegex(piece, r"^\d{5}x")

    def testShortTextIsRefusedWithHowManyItHolds(self):
        done = run(book(60), 64, 900)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout, "")
        self.assertIn("holds 6 pieces of 900", done.stderr)
        self.assertEqual(run(book(60), 6, 900).returncode, 0)

    def testTextThatRepeatsItselfHoldsFewerPieces(self):
        refrain = "\n\n".join(["x" * 300] * 20) + "\n\n" + book(3, 300)
        done = run(refrain, 4, 300)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(set(done.stdout.splitlines())), 4)
        self.assertIn("holds 4 pieces of 300", run(refrain, 5, 300).stderr)

    def testTextWithoutParagraphsIsOnePiece(self):
        self.assertEqual(run("x" * 5000, 1).returncode, 0)
        self.assertIn("holds 1 piece of", run("x" * 5000, 2).stderr)
        self.assertIn("holds 0 pieces", run("x" * 50, 1).stderr)


if __name__ == "__main__":
    unittest.main()
