# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os

from ._files import FileError, Hdf5Source, opened, reading
from ._replay import Replay
from ._trace import Trace

VERSION = 1  # of both layouts


def open(path: str | os.PathLike[str]) -> Replay | Trace:
    """The replay or the recording in `path`. Arrays are read when they are asked for."""
    source = opened(path)
    kind, version = str(source.words.get("format", "")), str(source.words.get("version", ""))
    if kind not in ("winnow-replay", "winnow-trace"):
        raise FileError(f"'{source.path}' is no file of Winnow; expected a recording or a replay")
    if version != str(VERSION):
        raise FileError(f"'{source.path}' has version {version or 'none'} of the layout; this package reads version {VERSION}")
    if kind == "winnow-trace" and not isinstance(source, Hdf5Source):
        raise FileError(f"'{source.path}': a recording is an HDF5 file")
    with reading(source.path, " does not hold what the layout says"):
        return Trace(source) if kind == "winnow-trace" and isinstance(source, Hdf5Source) else Replay(source)
    raise AssertionError
