#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cuts a long text into samples for `winnow figure --texts`: COUNT pieces at equal distances, each from the start of a paragraph on.

Usage: cut_texts.py BOOK.txt [COUNT [CHARACTERS]] > texts.jsonl       (64 samples of 4,000 characters unless said)
"""
import json
import sys


def cut(text, count, characters):
    for i in range(count):
        place = (len(text) - characters) * i // count
        begin = text.find("\n\n", place) + 2 if i else 0
        yield text[begin:begin + characters].strip()


def main():
    text = open(sys.argv[1], encoding="utf-8").read()
    count, characters = (int(word) for word in (sys.argv[2:4] + ["64", "4000"][len(sys.argv[2:4]):]))
    for sample in cut(text, count, characters):
        print(json.dumps({"text": sample}, ensure_ascii=False))


main()
