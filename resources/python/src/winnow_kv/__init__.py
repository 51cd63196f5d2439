# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the recordings and replays of Winnow. `open` is the door; see README.md beside this package."""

from ._colors import DARK, LIGHT, Colors
from ._files import FileError
from ._open import open
from ._replay import Policy, Replay, parameters_of
from ._trace import Trace
from ._version import __version__

__all__ = ["DARK", "LIGHT", "Colors", "FileError", "Policy", "Replay", "Trace", "__version__", "open", "parameters_of"]
