# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns the books into token files, once: uint16 tokens end to end, and where each book begins.

    python prepare.py --text DATA --tokenizer .. --out WORK            # the tokenizer of the model at hand
    python prepare.py --text DATA --vocabulary 8192 --out WORK         # a new byte-level BPE tokenizer of that size

DATA holds books-train.txt and books-valid.txt, as they are or packed (.zst, which needs the program zstd): books in UTF-8,
separated by a line holding one NUL. WORK gets tokenizer.json, {train,valid}.npy (uint16, no special tokens),
{train,valid}-books.npy (int64, first token of each book and the end), {train,valid}-bytes.npy (uint8, UTF-8 bytes of each
entry of the vocabulary) and data.json, which says what they were made from and with which versions.
"""

import argparse
import hashlib
import json
import pathlib
import shutil
import subprocess

import numpy as np
import tokenizers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

BEGIN, END = "<s>", "</s>"


def read_books(folder, name):
    plain, packed = folder / f"{name}.txt", folder / f"{name}.txt.zst"
    if plain.exists():
        data = plain.read_bytes()
    elif packed.exists():
        data = subprocess.run(["zstd", "-q", "-dc", "--long=27", packed], check=True, stdout=subprocess.PIPE).stdout
    else:
        raise SystemExit(f"There is neither {plain} nor {packed}.")
    books = [book.strip() for book in data.decode("utf-8").replace("\r", "").split("\n\0\n")]
    return [book for book in books if book], hashlib.sha256(data).hexdigest()


def new_tokenizer(books, vocabulary):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=vocabulary, special_tokens=[BEGIN, END], show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(books, trainer)
    begin = (BEGIN, tokenizer.token_to_id(BEGIN))
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{BEGIN} $A", pair=f"{BEGIN} $A {BEGIN} $B",
                                                             special_tokens=[begin])
    return tokenizer


def bytes_of_entries(tokenizer):
    """UTF-8 bytes that each entry of the vocabulary stands for; 0 for the special ones."""
    lengths = np.zeros(tokenizer.get_vocab_size(), np.uint8)
    for text, entry in tokenizer.get_vocab().items():
        lengths[entry] = 0 if text in (BEGIN, END) else len(text)  # byte-level: one character a byte
    return lengths


def write_tokens(tokenizer, books, out, name):
    encoded = [np.array(one.ids, np.uint16) for one in tokenizer.encode_batch_fast(books, add_special_tokens=False)]
    np.save(out / f"{name}.npy", np.concatenate(encoded))
    np.save(out / f"{name}-books.npy", np.cumsum([0] + [len(one) for one in encoded], dtype=np.int64))
    return {"books": len(books), "bytes": sum(len(book.encode()) for book in books), "tokens": sum(map(len, encoded))}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=pathlib.Path, required=True, help="folder of the books")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="work folder, outside the repository")
    parser.add_argument("--tokenizer", type=pathlib.Path, help="folder with a tokenizer.json to keep")
    parser.add_argument("--vocabulary", type=int, help="entries of a new tokenizer")
    given = parser.parse_args()
    if (given.tokenizer is None) == (given.vocabulary is None):
        parser.error("give either --tokenizer or --vocabulary")

    given.out.mkdir(parents=True, exist_ok=True)
    train, train_sum = read_books(given.text, "books-train")
    valid, valid_sum = read_books(given.text, "books-valid")
    if given.tokenizer is None:
        tokenizer = new_tokenizer(train, given.vocabulary)
        tokenizer.save(str(given.out / "tokenizer.json"))
    else:
        shutil.copy(given.tokenizer / "tokenizer.json", given.out / "tokenizer.json")
        tokenizer = Tokenizer.from_file(str(given.out / "tokenizer.json"))

    np.save(given.out / "bytes.npy", bytes_of_entries(tokenizer))
    said = {"tokenizers": tokenizers.__version__, "vocabulary": tokenizer.get_vocab_size(),
            "train": write_tokens(tokenizer, train, given.out, "train") | {"sha256": train_sum},
            "valid": write_tokens(tokenizer, valid, given.out, "valid") | {"sha256": valid_sum}}
    (given.out / "data.json").write_text(json.dumps(said, indent=1) + "\n")
    print(json.dumps(said, indent=1))


if __name__ == "__main__":
    main()
