#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the walls between Winnow's rooms, and those between the folders of a room: call it with the source folder. Every broken rule
is one sentence on standard output.

The rooms and their arrows are those of the design, stated here a second time on purpose: CMakeLists.txt is compared with them.
"""

import pathlib
import re
import sys

# A room may include itself and whatever its arrows lead to.
ARROWS = {
    "core/base": [],
    "core/io": ["core/base"],
    "core/tasks": ["core/io"],
    "core/trace": ["core/io"],
    "core/model": ["core/trace", "core/io", "core/kernels"],
    "core/kernels": ["core/base"],
    "core/cache": ["core/kernels"],
    "core/policy": ["core/cache"],
    "core/device": ["core/policy", "core/io"],
    "core/replay": ["core/policy", "core/trace", "core/device"],
    "core/evaluate": ["core/model", "core/replay", "core/policy", "core/cache", "core/tasks"],
    "wavelet": [],
    "core/analysis": ["core/replay", "core/trace", "wavelet"],
    "views": ["core/analysis"],
    "app/cli": ["core/analysis", "core/replay", "core/evaluate", "core/model", "core/tasks", "core/trace", "core/io"],
    "app": ["views", "app/cli"],
}
# Inside a room: its folders from the lowest to the highest. A file includes its own folder and those on lower lines; folders on one line
# do not know each other. "" is the room's own folder. A file that stands higher or lower than its folder is named without extension.
FOLDERS = {
    "views": [
        ["style", "state", "export"],
        ["plot", "notes"],
        ["maps", "text", "deck", "policies", "lanes", "quality", "attention", "token", "wavelet", "sweep", "answers"],
        ["chrome", "paper"],
    ],
    "app": [["cli"], ["work"], ["window"], [""]],
    "core/analysis": [[""], ["wavelet", "report", "tune"], ["figures"]],
    "core/evaluate": [[""], ["sweep"]],
    "core/tasks": [["text"], ["scores"], [""], ["generators"]],
    "core/device": [["kernels"], [""]],
    "core/model": [["config"], ["tokenizer", "families"], ["chat", "run"], ["session"]],
    "core/policy": [
        ["kernels"],
        [""],
        ["parts/step", "parts/budget"],
        ["parts/prompt"],
        ["recipe_options"],
        ["named_scorers"],
        ["presets"],
        ["catalog"],
    ],
}
# What the tests of a room may use beyond that room: recordings are tested against the model that they come from.
TEST_ARROWS = {"trace": ["core/model"], "replay": ["core/model"]}

TORCH_ROOMS = ["core/model", "core/cache", "core/policy", "core/replay", "core/evaluate", "core/trace"]
QT_ROOMS = ["views", "app"] # but not app/cli, which builds without Qt
# The only headers below torch/ that cost nothing.
CHEAP_TORCH = re.compile(r"torch/(version\.h|headeronly/)")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)
QT_HEADER = re.compile(r"(Qt\w*/.+|Q[A-Z]\w*|Qt[A-Z]\w*|q[a-z0-9_]*\.h)")
TORCH_HEADER = re.compile(r"(ATen|c10|torch|caffe2)/")
FFTW_HEADER = re.compile(r"fftw3.*\.h")
SOURCES = {".h", ".cpp", ".hpp", ".cc"}


class Tree:
    """The source files of all rooms and tests, and what each includes."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.inside = {}  # file -> project files it includes
        self.outside = {}  # file -> names of other headers it includes
        files = [
            path
            for top in ("app", "views", "core", "wavelet", "tests")
            for path in sorted((self.root / top).rglob("*"))
            if path.suffix in SOURCES
        ]
        for path in files:
            self._read(path)

    def _read(self, path):
        name = path.relative_to(self.root).as_posix()
        self.inside[name], self.outside[name] = [], []
        for bracket, header in INCLUDE.findall(path.read_text(encoding="utf-8", errors="replace")):
            places = [self.root / header] + ([path.parent / header] if bracket == '"' else [])
            target = next((p.resolve() for p in places if p.is_file()), None)
            if target is not None and target.is_relative_to(self.root.resolve()):
                self.inside[name].append(target.relative_to(self.root.resolve()).as_posix())
            else:
                self.outside[name].append(header)

    def reached(self, start, wanted):
        """The shortest chain of files from `start` to an outside header that matches, or None: [start, …, header]."""
        queue, seen = [[start]], {start}
        for chain in queue:
            for header in self.outside.get(chain[-1], []):
                if wanted(header):
                    return chain + [header]
            for target in self.inside.get(chain[-1], []):
                if target not in seen:
                    seen.add(target)
                    queue.append(chain + [target])
        return None


def isQt(header):
    return QT_HEADER.fullmatch(header) is not None


def isTorch(header):
    return TORCH_HEADER.match(header) is not None and CHEAP_TORCH.match(header) is None


def roomOf(name):
    """`core/io/json.cpp` -> `core/io`, `tests/io/json_test.cpp` -> `tests/io`, `app/main.cpp` -> `app`."""
    parts = name.split("/")
    two = "/".join(parts[:2])
    return two if parts[0] in ("core", "tests") or two in ARROWS else parts[0]


def testedRoom(room):
    """`tests/io` -> `core/io`, `tests/views` -> `views`; None for tests/support, tests/bench and others that look at every room."""
    short = room.removeprefix("tests/")
    return next((r for r in (short, "core/" + short, "app/" + short) if r in ARROWS), None)


def below(room):
    """The room and every room that its arrows lead to."""
    found, queue = {room}, [room]
    for current in queue:
        for target in ARROWS.get(current, []):
            if target not in found:
                found.add(target)
                queue.append(target)
    return found


def mayInclude(room):
    """The rooms whose headers a file of `room` may include; None: all."""
    if not room.startswith("tests/"):
        return below(room)
    short, tested = room.removeprefix("tests/"), testedRoom(room)
    if tested is None:
        return None
    rooms = {room, "tests/support"} | below(tested)
    for extra in TEST_ARROWS.get(short, []):
        rooms |= below(extra)
    return rooms


def mayUse(room, rooms):
    """Whether a file of `room` may see what belongs to `rooms` and their tests."""
    return room in rooms or (room.startswith("tests/") and testedRoom(room) in [*rooms, None])


def trespasses(chain, rooms):
    """Whether the first file of the chain breaks the wall itself, rather than including another that does."""
    if chain is None or mayUse(roomOf(chain[0]), rooms):
        return False
    return len(chain) == 2 or mayUse(roomOf(chain[1]), rooms)


def through(chain):
    """The middle of a chain as words."""
    return f" through {', '.join(chain[1:-1])}" if len(chain) > 2 else ""


def verb(chain):
    return "includes" if len(chain) == 2 else "reaches"


def arrowProblems(tree):
    for name, targets in tree.inside.items():
        room = roomOf(name)
        if not room.startswith("tests/") and room not in ARROWS:
            yield f"{name} lies in {room}, which is no room of the design: move it, or name the room and its arrows in tests/check_includes.py"
            continue
        allowed = mayInclude(room)
        for target in targets:
            to = roomOf(target)
            if allowed is None or to in allowed:
                continue
            if to.startswith("tests/"):
                rule = "only tests include what lies in tests, and only their own or tests/support"
            else:
                others = ", ".join(sorted(allowed - {room}))
                rule = f"{room} may include {others} only" if others else f"{room} includes no other room"
            yield f'{name} includes "{target}": {rule}'


def folderOf(room, name):
    """`views`, `views/maps/map_grid.h` -> ("maps", its line in the table); the line is None for a folder that is not in the table."""
    inside = pathlib.PurePosixPath(name).relative_to(room)
    lines = {folder: number for number, line in enumerate(FOLDERS[room]) for folder in line}
    candidates = [inside.with_suffix("").as_posix(), *(parent.as_posix() for parent in inside.parents)]
    folders = ["" if candidate == "." else candidate for candidate in candidates]
    if len(inside.parts) > 1:
        folders.remove("") # a new folder is named, not taken for the room's own
    found = next((folder for folder in folders if folder in lines), None)
    return (folders[1], None) if found is None else (found, lines[found])


def folderProblems(tree):
    for name, targets in tree.inside.items():
        room = next((r for r in FOLDERS if name.startswith(r + "/")), None)
        if room is None:
            continue
        folder, line = folderOf(room, name)
        if line is None:
            where = f"{room}/{folder}".rstrip("/")
            yield f"{name} lies in {where}, which is no folder of {room}: move it, or give the folder its line in tests/check_includes.py"
            continue
        for target in targets:
            if not target.startswith(room + "/"):
                continue
            to, below = folderOf(room, target)
            if below is not None and to != folder and below >= line:
                allowed = [f"{room}/{one}".rstrip("/") for one in sum(FOLDERS[room][:line], [])]
                here = f"{room}/{folder}".rstrip("/")
                rule = f"{here} may include {', '.join(allowed)} only" if allowed else f"{here} includes no other folder of {room}"
                yield f'{name} includes "{target}": {rule}'


def wallProblems(tree):
    for name in tree.inside:
        qt, torch = tree.reached(name, isQt), tree.reached(name, isTorch)
        if qt and torch:
            yield (
                f"{name} {verb(qt)} <{qt[-1]}>{through(qt)} and <{torch[-1]}>{through(torch)}: "
                "Qt and Torch never meet in one file, they fight over the word slots"
            )
        elif trespasses(qt, QT_ROOMS):
            yield f"{name} {verb(qt)} <{qt[-1]}>{through(qt)}: Qt belongs in views, app and their tests only"
        elif trespasses(torch, TORCH_ROOMS):
            yield (
                f"{name} {verb(torch)} <{torch[-1]}>{through(torch)}: "
                f"Torch belongs in {', '.join(TORCH_ROOMS)} and their tests only, "
                "and what other rooms include stays free of it"
            )
        for header in tree.outside[name]:
            if header.startswith("torch/") and not CHEAP_TORCH.match(header):
                yield f"{name} includes <{header}>: Winnow includes <ATen/…> and <c10/…> only, torch/torch.h costs 14 s a file"


def fftwProblems(tree):
    users = [name for name, headers in tree.outside.items() if any(FFTW_HEADER.fullmatch(h) for h in headers)]
    for name in users:
        if roomOf(name) not in ("wavelet", "tests/wavelet"):
            yield f"{name} includes <fftw3.h>: FFTW belongs in wavelet only"
    for name in [name for name in users if not name.startswith("tests/")][1:]:
        yield f"{name} includes <fftw3.h>, and so does {users[0]}: FFTW belongs in one file"


def cmakeProblems(tree):
    """The arrows that CMakeLists.txt gives to the linker are those of the design."""
    path = tree.root / "CMakeLists.txt"
    text = re.sub(r"#[^\n]*", "", path.read_text(encoding="utf-8")) if path.is_file() else ""
    calls = [call.split() for call in re.findall(r"winnow_room\(([^)$]*)\)", text)]
    rooms = {words[0]: words[words.index("FOLDER") + 1] for words in calls if "FOLDER" in words}
    for words in calls:
        folder = rooms.get(words[0], words[0])
        keyword = ""
        for word in words[1:]:
            if word in ("FOLDER", "ROOMS", "LIBS", "TORCH", "QT"):
                keyword = word
                if word == "TORCH" and folder not in TORCH_ROOMS:
                    yield f"CMakeLists.txt gives {folder} TORCH: Torch belongs in {', '.join(TORCH_ROOMS)} only"
                if word == "QT" and folder not in QT_ROOMS:
                    yield f"CMakeLists.txt gives {folder} QT: Qt belongs in views and app only"
            elif keyword == "ROOMS" and rooms.get(word) not in below(folder):
                yield f"CMakeLists.txt gives {folder} the room {rooms.get(word, word)}: the design has no arrow from {folder} to it"


def problems(root):
    tree = Tree(root)
    found = [*arrowProblems(tree), *folderProblems(tree), *wallProblems(tree), *fftwProblems(tree), *cmakeProblems(tree)]
    return found, len(tree.inside)


def main(arguments):
    if len(arguments) != 2 or not pathlib.Path(arguments[1]).is_dir():
        print("usage: check_includes.py SOURCE_FOLDER", file=sys.stderr)
        return 2
    found, files = problems(arguments[1])
    for sentence in found:
        print(sentence)
    if not found:
        print(f"{files} files keep to the arrows between the rooms")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
