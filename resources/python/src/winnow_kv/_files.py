# SPDX-License-Identifier: GPL-3.0-or-later
"""Arrays and words of a file, whichever container it is."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import h5py
import numpy as np

Array = np.ndarray[Any, Any]

SUPERBLOCK = 64  # bytes that are enough of it
WRITTEN_TO = 4  # the superblock's flag of a file that grows while others read
MOST_DEFLATED = 1100  # times that deflate shortens zeros, about
WALK_SECONDS = 30


class FileError(ValueError):
    """A file that cannot be read; its text is one sentence that names the file."""


@contextmanager
def reading(path: str, what: str) -> Iterator[None]:
    """Makes one sentence of whatever goes wrong inside: numpy, zipfile and h5py raise nearly anything over damaged bytes. `what`: as the
    sentence begins after the path."""
    try:
        yield
    except FileError:
        raise
    except Exception as problem:
        reason = " ".join(str(problem).split()) or type(problem).__name__
        raise FileError(f"'{path}'{what}: {reason}") from None


class Source(Protocol):
    """What a reader asks of a file. Names are those of the layout inside one group."""

    path: str
    words: Mapping[str, Any]  #: the manifest

    def names(self) -> list[str]: ...
    def array(self, name: str) -> Array: ...


def plain(value: Any) -> Any:
    """An attribute as Python has it."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value.item() if isinstance(value, np.generic) else value


class Hdf5Source:
    """The datasets below `group` of an HDF5 file. The file is open while something is read, and no longer."""

    def __init__(self, path: str, group: str = "/") -> None:
        self.path, self.group = path, group
        with reading(path, " has attributes that cannot be read"), self._open() as file:
            self.words = {name: plain(value) for name, value in file[group].attrs.items()}

    def _open(self) -> h5py.File:
        with reading(self.path, " is no readable HDF5 file"):
            try:
                return h5py.File(self.path, "r")
            except OSError:
                return h5py.File(self.path, "r", swmr=True)  # a recording that runs, or was killed
        raise AssertionError

    def names(self) -> list[str]:
        found: list[str] = []
        with reading(self.path, " holds names that cannot be read"), self._open() as file:
            file[self.group].visititems(lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) else None)
        return found

    def array(self, name: str) -> Array:
        with reading(self.path, f": dataset '{name}' cannot be read"), self._open() as file:
            group = file[self.group]
            if name not in group:
                raise FileError(f"'{self.path}' has no dataset '{self.group.rstrip('/')}/{name}'")
            if group[name].nbytes > MOST_DEFLATED * os.path.getsize(self.path):
                raise FileError(f"'{self.path}': dataset '{name}' says that it holds more than the file can; is the file damaged?")
            return np.asarray(group[name][()])
        raise AssertionError

    def below(self, group: str) -> Hdf5Source:
        with reading(self.path, f": group '{group}' cannot be read"), self._open() as file:
            if group not in file:
                raise FileError(f"'{self.path}' has no group '{group}'")
        return Hdf5Source(self.path, group)

    def groups(self, group: str) -> list[str]:
        with reading(self.path, f": group '{group}' cannot be read"), self._open() as file:
            return sorted(file[group]) if group in file else []
        raise AssertionError


class NpzSource:
    """The arrays of an .npz file, nothing of it pickled."""

    def __init__(self, path: str) -> None:
        self.path = path
        with reading(path, " is no readable .npz file"), open(path, "rb") as data, np.load(data, allow_pickle=False) as file:
            self._names = list(file.files)
        with reading(path, " has a manifest that cannot be read"):
            lines = self.array("manifest") if "manifest" in self._names else []
            self.words = dict(str(line).partition("=")[::2] for line in lines)

    def names(self) -> list[str]:
        return self._names

    def array(self, name: str) -> Array:
        if name not in self._names:
            raise FileError(f"'{self.path}' has no array '{name}'")
        with reading(self.path, f": array '{name}' cannot be read"), open(self.path, "rb") as data:
            with np.load(data, allow_pickle=False) as file:
                return np.asarray(file[name])
        raise AssertionError


def refuse_cut_hdf5(path: str, superblock: bytes, size: int) -> None:
    """Compares the length that the file states with the one that it has. A recording that runs, or was killed, states none that holds."""
    version, flags = superblock[8:9], superblock[11:12]
    place = {b"\0": 40, b"\1": 44, b"\2": 28, b"\3": 28}.get(version)
    if place is None or (version == b"\3" and flags and flags[0] & WRITTEN_TO):
        return  # HDF5 says what is wrong
    stated = int.from_bytes(superblock[place : place + 8], "little")
    if len(superblock) < place + 8:
        raise FileError(f"'{path}' is cut short: it ends within its header; copy or make it again")
    if stated > size:
        raise FileError(f"'{path}' is cut short: it has {size} bytes and states {stated}; copy or make it again")


def refuse_damaged_hdf5(path: str) -> None:
    """Walks through the file in a child process first: HDF5 hangs or crashes over some damaged files."""
    command = [sys.executable, str(Path(__file__).with_name("_walk.py")), path]
    try:
        walked = subprocess.run(command, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}, capture_output=True,
                                stdin=subprocess.DEVNULL, timeout=WALK_SECONDS)  # fmt: skip
    except subprocess.TimeoutExpired:
        raise FileError(f"'{path}' is damaged: HDF5 comes to no end over it; copy or make it again") from None
    except OSError:
        return  # no child can be started: the file is read without
    if walked.returncode < 0:
        raise FileError(f"'{path}' is damaged: HDF5 fails or comes to no end over it; copy or make it again")


def opened(path: str | os.PathLike[str]) -> Hdf5Source | NpzSource:
    """The file by what is in it, whatever it is called."""
    name = os.fspath(path)
    try:
        with open(name, "rb") as file:
            begin = file.read(SUPERBLOCK)
            size = os.fstat(file.fileno()).st_size
    except OSError as problem:
        raise FileError(f"'{name}' cannot be opened: {problem.strerror or problem}") from None
    if begin.startswith(b"PK"):
        return NpzSource(name)
    if begin.startswith(b"\x89HDF\r\n\x1a\n"):
        refuse_cut_hdf5(name, begin, size)
        refuse_damaged_hdf5(name)
        return Hdf5Source(name)
    raise FileError(f"'{name}' is neither an HDF5 nor an .npz file; expected a recording or a replay of Winnow")
