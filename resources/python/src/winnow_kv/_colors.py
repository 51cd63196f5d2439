# SPDX-License-Identifier: GPL-3.0-or-later
"""Winnow's colors: those of views/style/theme.cpp, which a test holds them to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Colors:
    page: str
    ink: str
    line: str
    choice: tuple[str, ...]  #: a ramp from nothing kept to kept everywhere
    policies: tuple[str, ...]

    def policy(self, number: int) -> str:
        return self.policies[number % len(self.policies)]

    def shades(self, shares: NDArray[np.floating]) -> NDArray[np.uint8]:
        """uint8 [..., 3] of shares from 0 to 1, along the ramp."""
        stops = np.array([[int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in self.choice], float)
        at = np.linspace(0, 1, len(stops))
        return np.stack([np.interp(shares, at, stops[:, i]) for i in range(3)], -1).round().astype(np.uint8)


LIGHT = Colors(
    page="#FFFFFF", ink="#14181F", line="#D5D9E0",
    choice=("#E7EAEF", "#96C2DD", "#4F95CD", "#1566B1", "#03397F"),
    policies=("#046F87", "#B32035", "#7D80DF", "#AB8704", "#3E0D8B", "#6B0035"),
)  # fmt: skip
DARK = Colors(
    page="#12151B", ink="#E6EAF0", line="#2B323D",
    choice=("#1F252F", "#294C78", "#2E78BE", "#47ABEE", "#92DDFF"),
    policies=("#70FFF7", "#FF9786", "#B6ADF3", "#FFE64B", "#7474EF", "#A48203"),
)  # fmt: skip
