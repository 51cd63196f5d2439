# SPDX-License-Identifier: GPL-3.0-or-later
"""A recording: tokens, text, and per layer queries, keys, values, outputs and row normalizers. docs/trace.md describes the file."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from ._colors import DARK, LIGHT
from ._files import Array, FileError, Hdf5Source, reading
from ._replay import _needed, _numbers, _styled

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes

ROWS = ("q", "k", "v", "o", "lse")


class Trace:
    """A recording of one run with the full cache. One that was cut short is as long as its shortest dataset."""

    def __init__(self, source: Hdf5Source) -> None:
        self._source, self.path = source, source.path
        self.manifest: dict[str, Any] = dict(source.words)
        self.prompt = int(self.manifest.get("prompt", 0))
        self.complete = bool(int(self.manifest.get("complete", 0)))
        names = source.names()
        self.layers: tuple[int, ...] = tuple(sorted({int(name.split("/")[1]) for name in names
                                                     if name.startswith("layers/") and name.split("/")[1].isdigit()}))  # fmt: skip
        if not self.layers:
            raise FileError(f"'{self.path}' is a recording without layers")
        tokens = _numbers(source, "tokens")
        self.length = self._shortest(len(tokens))
        if self.complete and self.length < len(tokens):
            raise FileError(f"'{self.path}' says that it is complete, but has {len(tokens)} tokens and rows of only {self.length}; is "
                            "the file damaged?")  # fmt: skip
        self.tokens: Array = tokens[: self.length]
        self.offsets: Array = source.array("offsets")[: self.length] if "offsets" in names else np.zeros((self.length, 2), np.int32)
        if self.offsets.shape != (self.length, 2) or self.offsets.dtype.kind not in "iu":
            raise FileError(f"'{self.path}': offsets has the shape {list(self.offsets.shape)} of {self.offsets.dtype}; expected whole "
                            f"numbers, [{self.length}, 2]")  # fmt: skip
        self.logprob: Array = _numbers(source, "logprob")[: self.length] if "logprob" in names else np.full(self.length, np.nan, np.float32)
        self._bytes = source.array("text").tobytes() if "text" in names else b""

    def _shortest(self, tokens: int) -> int:
        lengths = [self._source.below(f"/layers/{layer:05d}").array("lse").shape[1] for layer in self.layers]
        return min([tokens, *map(int, lengths)])

    @property
    def text(self) -> str:
        return self._bytes.decode("utf-8", "replace")

    @property
    def config(self) -> dict[str, Any]:
        """The model's config.json."""
        with reading(self.path, " has a config that cannot be read"):
            found = json.loads(self._source.array("config").item())
            return found if isinstance(found, dict) else {}
        raise AssertionError

    def token_text(self, token: int) -> str:
        begin, end = self.offsets[token]
        return self._bytes[begin:end].decode("utf-8", "replace")

    def layer(self, layer: int) -> dict[str, Any]:
        """Arrays q, k, v, o [heads, tokens, d], lse [query heads, tokens], inv_freq, vo_norm where it is there; and the numbers
        scale, window, softcap, layout, rotary_scale. q and k stand before the rotary embedding."""
        if layer not in self.layers:
            raise KeyError(f"layer {layer} is not in this recording; it has {', '.join(map(str, self.layers))}")
        group = self._source.below(f"/layers/{layer:05d}")
        found: dict[str, Any] = dict(group.words)
        with reading(self.path, f": layer {layer} does not hold what the layout says"):
            for name in group.names():
                array = group.array(name)
                found[name] = array[:, : self.length] if name in (*ROWS, "vo_norm") else array
        for name in ROWS:
            if name not in found:
                raise FileError(f"'{self.path}': layer {layer} has no {name}")
        return found

    def attention(self, layer: int, head: int) -> Array:
        """float32 [tokens, tokens]: what every query of one query head attends to."""
        rows = self.layer(layer)
        q, k = rows["q"], rows["k"]
        if not 0 <= head < len(q):
            raise IndexError(f"head {head} is not among the {len(q)} query heads")
        with reading(self.path, f": layer {layer} does not hold what the layout says"):
            turned = [_turned(x.astype(np.float32), rows) for x in (q[head], k[head * len(k) // len(q)])]
            logits = turned[0] @ turned[1].T * np.float32(rows["scale"])
            if float(rows["softcap"]) > 0:
                logits = rows["softcap"] * np.tanh(logits / rows["softcap"])
            age = np.arange(self.length)[:, None] - np.arange(self.length)
            seen = (age >= 0) & ((int(rows["window"]) == 0) | (age < int(rows["window"])))
            weights = np.exp(np.where(seen, logits - rows["lse"][head][:, None], -np.inf))
            return np.asarray(weights, np.float32)
        raise AssertionError

    def to_pandas(self) -> pandas.DataFrame:
        """Columns token, id, text, logprob."""
        return _needed("pandas").DataFrame({"token": np.arange(self.length), "id": self.tokens, "logprob": self.logprob,
                                            "text": [self.token_text(token) for token in range(self.length)]})  # fmt: skip

    def plot(self, layer: int | None = None, head: int = 0, ax: Axes | None = None, dark: bool = False) -> Any:
        """The attention of one head, the largest weight dark. Returns the matplotlib axes."""
        pyplot, colors = _needed("matplotlib.pyplot"), DARK if dark else LIGHT
        layer = self.layers[0] if layer is None else layer
        if ax is None:
            ax = pyplot.subplots(figsize=(5, 5))[1]
        ax.imshow(colors.shades(np.sqrt(self.attention(layer, head))), interpolation="nearest")
        ax.set(title=f"Layer {layer}, head {head}", xlabel="Token attended to", ylabel="Step")
        _styled(ax, colors)
        return ax

    def __repr__(self) -> str:
        kind = "recording" if self.complete else "recording that was cut short,"
        return f"<{kind} of {self.length} tokens and {len(self.layers)} layers: {self.path}>"

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><td>{html.escape(str(key))}</td><td style='text-align:left'>{html.escape(str(value))}</td></tr>"
                       for key, value in sorted(self.manifest.items()))  # fmt: skip
        return f"<p>{html.escape(repr(self)[1:-1])}</p><table>{rows}</table><p>{html.escape(self.text[:300])}</p>"


def _turned(x: Array, rows: dict[str, Any]) -> Array:
    """x [tokens, d] with the rotary embedding of a layer applied."""
    inv_freq = rows.get("inv_freq", np.zeros(0, np.float32))
    pairs = len(inv_freq)
    if pairs == 0:
        return x
    angles = np.arange(len(x), dtype=np.float32)[:, None] * inv_freq
    cos, sin = np.cos(angles) * rows["rotary_scale"], np.sin(angles) * rows["rotary_scale"]
    out = x.copy()
    first, second = ((slice(0, 2 * pairs, 2), slice(1, 2 * pairs, 2)) if rows["layout"] == "interleaved"
                     else (slice(0, pairs), slice(pairs, 2 * pairs)))  # fmt: skip
    a, b = x[:, first], x[:, second]
    out[:, first], out[:, second] = a * cos - b * sin, b * cos + a * sin
    return np.asarray(out, np.float32)
