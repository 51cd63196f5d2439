#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that no two files define a type of the same name in the same namespace: call it with the source folder; every clash is one
sentence on standard output. A program that links both would be undefined, and no compiler says so.
"""

import collections
import pathlib
import re
import sys

COMMENT_OR_TEXT = re.compile(r'//[^\n]*|/\*.*?\*/|R"\((?:.*?)\)"|"(?:\\.|[^"\\\n])*"', re.DOTALL)
SCOPE = re.compile(
    r"namespace\s*(?P<space>[\w:]*)\s*\{|\b(?:enum\s+class|enum|struct|class|union)\s+(?P<type>\w+)\s*(?:final\s*)?(?::(?!:)[^;{]*)?\{|\{|\}"
)


def types_of(text):
    """Names of the types that a file defines outside other types and outside unnamed namespaces."""
    scopes = []
    for found in SCOPE.finditer(COMMENT_OR_TEXT.sub("", text)):
        if found.group() == "}":
            if scopes:
                scopes.pop()
        elif found.group("type"):
            if all(scopes):
                yield "::".join([*scopes, found.group("type")])
            scopes.append("")
        else:
            scopes.append(found.group("space") or "")


def main(root):
    places = collections.defaultdict(list)
    for top in ("app", "core", "views", "wavelet", "tests"):
        for path in sorted(one for one in (root / top).rglob("*") if one.suffix in (".h", ".cpp")):
            for name in types_of(path.read_text(encoding="utf-8")):
                places[name].append(path.relative_to(root).as_posix())
    clashes = {name: files for name, files in places.items() if len(files) > 1}
    for name, files in clashes.items():
        print(f"{name} is defined in {' and in '.join(files)}; give one of them another name.")
    print(f"{len(places)} types, {len(clashes)} names that stand for two")
    return 1 if clashes or len(places) < 100 else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
