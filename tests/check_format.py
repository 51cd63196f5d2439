#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks how source files are written: call it with the source folder; every fault is one sentence on standard output.

Every file names its license at its start. No line of C++ is wider than 130 characters. Where clang-format 14 is installed, C++
must also be laid out as it does it; other versions do some lines in another way, so they are not asked.
"""

import pathlib
import re
import shutil
import subprocess
import sys

LICENSE = "SPDX-License-Identifier: GPL-3.0-or-later"
WIDEST = 130
FORMATTER = 14
CPP = (".h", ".cpp")
FOLDERS = ("app", "core", "views", "wavelet", "tests", "docs", "resources", "cmake", ".ci")


def sources(root):
    """Every source file of the project, none of a build folder or an environment."""
    for top in FOLDERS:
        yield from sorted(one for one in (root / top).rglob("*") if one.suffix in (*CPP, ".py", ".cmake"))
    yield from (one for one in (root / "CMakeLists.txt", root / "run", root / ".ci/run") if one.exists())
    yield from sorted(one for top in FOLDERS for one in (root / top).rglob("CMakeLists.txt"))


def faults_of(path, text):
    """What is wrong with one file, but for its layout."""
    lines = text.splitlines()
    if not any(LICENSE in line for line in lines[:2]):
        yield f"{path}: the first line, or that after #!, must name the license: {LICENSE}."
    for number, line in enumerate(lines, start=1):
        if path.endswith(CPP) and len(line) > WIDEST:
            yield f"{path}:{number}: {len(line)} characters; break the line, at most {WIDEST} are allowed."


def formatter():
    """The program that lays out C++, or None where there is none of the right version."""
    for name in (f"clang-format-{FORMATTER}", "clang-format"):
        program = shutil.which(name)
        if program:
            told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
            found = re.search(r"version (\d+)\.", told)
            if found and int(found[1]) == FORMATTER:
                return program
    return None


def unformatted(program, root, paths):
    """The files that the formatter would change."""
    for start in range(0, len(paths), 50):
        some = [str(path) for path in paths[start : start + 50]]
        told = subprocess.run([program, "--dry-run", *some], cwd=root, capture_output=True, text=True, check=False).stderr
        for place in sorted({line.split(":")[0] for line in told.splitlines() if "-Wclang-format-violations" in line}):
            yield f"{place}: not laid out as .clang-format says; call clang-format -i on it."


def main(root):
    paths = list(sources(root))
    faults = [fault for path in paths for fault in faults_of(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))]
    program = formatter()
    if program:
        faults += unformatted(program, root, [path.relative_to(root) for path in paths if path.suffix in CPP])
    else:
        print(f"clang-format {FORMATTER} is not installed: the layout of C++ was not looked at.")
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
