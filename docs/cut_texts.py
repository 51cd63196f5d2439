#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cuts a long text into samples for `winnow figure --texts`: COUNT different pieces that share no character, each from the start of a
paragraph on.

Usage: cut_texts.py BOOK.txt [COUNT [CHARACTERS]] > texts.jsonl       (64 samples of 4,000 characters unless said)

A text that does not hold so many pieces is refused with the number that it holds.
"""
import json
import sys


def beginnings(text):
    """Where paragraphs begin."""
    places, place = [0], text.find("\n\n")
    while place >= 0:
        places.append(place + 2)
        place = text.find("\n\n", place + 2)
    return places


def cut(text, count, characters):
    """`count` different pieces of `characters`, at about equal distances. ValueError where there are not so many."""
    places = [place for place in beginnings(text) if place + characters <= len(text)]
    free, end = [], len(text)
    for place in reversed(places):
        if place + characters <= end:
            free.append(place)
            end = place
    # Any of these can be chosen: they share nothing. Of equal ones, as in a text that repeats itself, the first.
    different = list(dict.fromkeys(text[begin:begin + characters].strip() for begin in reversed(free)))
    if len(different) < count:
        pieces = "1 piece" if len(different) == 1 else f"{len(different)} pieces"
        raise ValueError(f"the text of {len(text):,} characters holds {pieces} of {characters:,} that begin with a paragraph, differ and "
                         f"share nothing, and {count} were asked for; ask for fewer or shorter ones, or give a longer text")
    return [different[i * len(different) // count] for i in range(count)]


def main():
    if not 2 <= len(sys.argv) <= 4:
        sys.exit(__doc__)
    count, characters = (int(word) for word in (sys.argv[2:4] + ["64", "4000"][len(sys.argv[2:4]):]))
    if count < 1 or characters < 1:
        sys.exit("cut_texts: COUNT and CHARACTERS are whole numbers from 1")
    try:
        pieces = cut(open(sys.argv[1], encoding="utf-8").read(), count, characters)
    except (OSError, ValueError) as error:
        sys.exit(f"cut_texts: {error}")
    for piece in pieces:
        print(json.dumps({"text": piece}, ensure_ascii=False))


if __name__ == "__main__":
    main()
