#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installs the built Winnow, without LibTorch, into a folder, moves the folder, and tries what is there: check_install.py BUILD LIBTORCH

LIBTORCH is the folder of the libraries that the program was built with. Checks of other programs' are made where they are installed.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ID = "io.github.winnow_kv.winnow"
EXPECTED = (
    "bin/winnow-h5check",
    "share/winnow/models/demo/config.json",
    "share/winnow/report/page.html",
    f"share/applications/{ID}.desktop",
    f"share/metainfo/{ID}.metainfo.xml",
    f"share/mime/packages/{ID}.xml",
    f"share/icons/hicolor/scalable/apps/{ID}.svg",
    "share/man/man1/winnow.1",
    "share/bash-completion/completions/winnow",
    "share/zsh/site-functions/_winnow",
    "share/fish/vendor_completions.d/winnow.fish",
    "share/doc/winnow/CITATION.cff",
    "share/doc/winnow/docs/trace.md",
)
COMPLETE = """source "$1"
words() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _winnow 2>/dev/null; echo "${COMPREPLY[*]}"; }
words winnow rep; words winnow replay --pol; words winnow replay T.h5 --policy tree; words winnow figure reten; words winnow completion f
"""


def told(*words, **options):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, f"{' '.join(map(str, words))} ended with {done.returncode}: {done.stdout}{done.stderr}"
    return done.stdout


def check_others(tree):
    """By the programs that are here."""
    page = tree / "share/man/man1/winnow.1"
    for words in (
        ("desktop-file-validate", tree / f"share/applications/{ID}.desktop"),
        ("appstreamcli", "validate", "--no-net", tree / f"share/metainfo/{ID}.metainfo.xml"),
        ("zsh", "-n", tree / "share/zsh/site-functions/_winnow"),
        ("fish", "--no-execute", tree / "share/fish/vendor_completions.d/winnow.fish"),
    ):
        if shutil.which(words[0]):
            told(*words)
    if shutil.which("man") and shutil.which("groff"):
        done = subprocess.run(["man", "--warnings", "-l", str(page)], capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"})
        assert done.returncode == 0 and not done.stderr, f"man finds fault with winnow.1: {done.stderr}"


def main(build, libtorch):
    with tempfile.TemporaryDirectory() as folder:
        first, tree = pathlib.Path(folder) / "first", pathlib.Path(folder) / "moved"
        told("cmake", "--install", build, "--prefix", first, "--component", "Unspecified")
        first.rename(tree)
        missing = [name for name in EXPECTED if not (tree / name).is_file()]
        assert not missing, f"not installed: {', '.join(missing)}"
        environment = {**os.environ, "LD_LIBRARY_PATH": str(libtorch), "QT_QPA_PLATFORM": "offscreen"}
        page = (tree / "share/man/man1/winnow.1").read_text(encoding="utf-8")
        for line in told(tree / "bin/winnow", "--help", env=environment).split("Subcommands:\n")[1].split("\n\n")[0].splitlines():
            if line.startswith("  ") and line[2] != " ":
                assert f'.SS winnow {line.split()[0]}\n' in page, f"winnow.1 does not tell of '{line.split()[0]}'"
        answers = told("bash", "-c", COMPLETE, "bash", tree / "share/bash-completion/completions/winnow", cwd=folder).splitlines()
        for answer, word in zip(answers, ("replay", "--policy", "treekv", "retention", "fish"), strict=True):
            assert word in answer.split(), f"bash completes {answers}"
        check_others(tree)
        self_test = told(tree / "bin/winnow", "--self-test", env=environment)
        assert f"resources in {tree}/share/winnow" in self_test, self_test
        assert self_test.endswith("Winnow works here.\n"), self_test


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
