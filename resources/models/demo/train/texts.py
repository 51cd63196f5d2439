# SPDX-License-Identifier: GPL-3.0-or-later
"""Cuts the sample texts of resources/texts from validation books.

    python texts.py --text DATA --tokenizer .. --out ../../../texts

Every text begins at a paragraph and is cut at one. What is planted stands in the wording of wording.KINDS, as paragraphs of its own;
where a text ends in a question, no line end follows, so that the model goes on with the answer, which is printed beside the count of
tokens (<s> included).
"""

import argparse
import pathlib

from tokenizers import Tokenizer

from prepare import read_books

SECRET = "Remember this: the secret of {} is {}."
ASK_SECRET = "Question: what is the secret of {}? Answer: the secret of {} is"


class Cutter:
    def __init__(self, books, tokenizer):
        self.books, self.tokenizer = books, tokenizer

    def count(self, paragraphs):
        return len(self.tokenizer.encode("\n\n".join(paragraphs)).ids)

    def cut(self, start, tokens):
        """Paragraphs from the first one of any book that begins with `start`, as many as `tokens` tokens hold."""
        for book in self.books:
            paragraphs = [one.strip() for one in book.split("\n\n") if one.strip()]
            begin = next((i for i, one in enumerate(paragraphs) if one.startswith(start)), None)
            if begin is not None:
                end = begin + 1
                while end < len(paragraphs) and self.count(paragraphs[begin:end + 1]) <= tokens:
                    end += 1
                return paragraphs[begin:end]
        raise SystemExit(f"No book has a paragraph that begins with '{start}'.")


def planted(paragraphs, facts):
    """`facts`: (share of the text before it, sentence)."""
    places = sorted((round(share * len(paragraphs)), sentence) for share, sentence in facts)
    for place, sentence in reversed(places):
        paragraphs = paragraphs[:place] + [sentence] + paragraphs[place:]
    return paragraphs


def sample_texts(cutter):
    """Name, text, what the model should go on with."""
    yield "house-of-the-seven-gables.txt", cutter.cut("Miss Hepzibah Pyncheon sat", 2030) + [""], ""
    yield "long.txt", cutter.cut("One may as well begin", 4094) + [""], ""

    needle = planted(cutter.cut("Evening was drawing nigh", 1980), [(0.05, SECRET.format("Harold", "lantern 417"))])
    yield "needle.txt", needle + [ASK_SECRET.format("Harold", "Harold")], " lantern 417"

    facts = [("Martha", "violin 382"), ("Edwin", "copper 951"), ("Clara", "meadow 264"), ("Walter", "harbor 708"), ("Agnes", "saddle 135")]
    text = planted(cutter.cut("In a beautiful house in Frankfurt", 820), [(0.1 + 0.15 * i, SECRET.format(*fact)) for i, fact in enumerate(facts)])
    for name, secret in (facts[3], facts[0], facts[4]):
        text.append(ASK_SECRET.format(name, name) + f" {secret}.")
    yield "several-facts.txt", text + [ASK_SECRET.format(facts[1][0], facts[1][0])], " " + facts[1][1]

    before, between = cutter.cut("Finnian, the Abbott of Moville", 160), cutter.cut("East away from the Sierras", 600)
    words = before[0].split(" ")
    yield "repeated-passage.txt", before + between + [" ".join(words[:12])], " " + " ".join(words[12:])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=pathlib.Path, required=True, help="folder of the books")
    parser.add_argument("--tokenizer", type=pathlib.Path, required=True, help="folder with tokenizer.json")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    given = parser.parse_args()
    cutter = Cutter(read_books(given.text, "books-valid")[0], Tokenizer.from_file(str(given.tokenizer / "tokenizer.json")))
    given.out.mkdir(parents=True, exist_ok=True)
    for name, paragraphs, answer in sample_texts(cutter):
        text = "\n\n".join(paragraphs[:-1]) + "\n" if not paragraphs[-1] else "\n\n".join(paragraphs)
        (given.out / name).write_text(text, encoding="utf-8")
        print(f"{name}: {len(cutter.tokenizer.encode(text).ids)} tokens" + (f", then '{answer[:60]}'" if answer else ""))


if __name__ == "__main__":
    main()
