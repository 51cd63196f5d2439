# SPDX-License-Identifier: GPL-3.0-or-later
"""A replay: for every policy, when each token left each lane, and what that cost."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ._colors import DARK, LIGHT
from ._files import Array, FileError, Hdf5Source, NpzSource
from ._pictures import inline_png

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes

MEASURES = ("mass", "error", "occupancy")
NUMBERS = ("asked", "stored", "bytes")  # one of each policy
FREE = ("budgets", "read")  # arrays with a shape of their own
BY_TOKEN = ("logprob", "kl", "agrees", "milliseconds", "taken_bytes")  # of a run, [tokens]
BY_LAYER = ("hidden_error",)  # of a run, [layers, tokens]
THUMBNAIL = 96  # pixels of a map in a notebook


def parameters_of(spec: str) -> dict[str, str]:
    """The parameters of a policy line, as text: `h2o:budget=128,recent=64`. Values in double quotes or braces may hold commas."""
    values: dict[str, str] = {}
    key, text, depth, quoted = "", "", 0, False
    for c in spec.partition(":")[2] + ",":
        if c == '"':
            quoted = not quoted
        elif not quoted:
            depth += (c == "{") - (c == "}")
        if c == "," and not quoted and depth == 0:
            if key:
                whole = len(text) > 1 and text[0] == text[-1] == '"'
                values[key] = text[1:-1] if whole else text
            key = text = ""
        elif c == "=" and not key:
            key, text = text, ""
        else:
            text += c
    return values


class Policy:
    """One policy of a replay. Its arrays are attributes: evict_step, mass, error, occupancy, and those that `arrays` names."""

    def __init__(self, number: int, spec: str, source: Hdf5Source | NpzSource, suffix: str, names: Iterable[str],
                 numbers: Mapping[str, Any]) -> None:  # fmt: skip
        self.number, self.spec = number, spec
        self.name = spec.partition(":")[0]
        self.parameters = parameters_of(spec)
        #: slots of a lane that were asked for: the budget; None in files that do not say so, as the next two.
        self.asked: int | None = numbers.get("asked")
        #: slots stored per lane, mean over the lanes and the steps from the prompt's end on.
        self.stored: float | None = numbers.get("stored")
        #: bytes of the slots of all lanes after the last step.
        self.bytes: int | None = numbers.get("bytes")
        self.arrays = tuple(sorted(names))
        self._source, self._suffix, self._known = source, suffix, dict[str, Array]()

    def array(self, name: str) -> Array:
        """[layers, lanes, tokens]; of a run also logprob, kl, agrees, milliseconds and taken_bytes, [tokens], and hidden_error
        [layers, tokens]; `budgets` [updates, layers]; `read` bits of pages. Do not write into it."""
        if name not in self._known:
            found = self._source.array(name + self._suffix)
            if found.dtype.kind not in "iuf":
                raise FileError(f"'{self._source.path}': {name} of policy {self.number} holds no numbers")
            if name not in (*FREE, "evict_step"):
                shape = self.array("evict_step").shape
                expected = shape[2:] if name in BY_TOKEN else shape[::2] if name in BY_LAYER else shape
                if found.shape != expected:
                    raise FileError(f"'{self._source.path}': {name} of policy {self.number} has the shape {list(found.shape)}; expected "
                                    f"{list(expected)}")  # fmt: skip
            self._known[name] = found
        return self._known[name]

    def __getattr__(self, name: str) -> Array:
        if name.startswith("_") or name not in self.arrays:
            raise AttributeError(f"policy '{self.name}' has no array '{name}'; it has {', '.join(self.arrays)}")
        return self.array(name)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.arrays]

    @property
    def label(self) -> str:
        """The name; and where more was stored than asked for, how much: "snapkv 128, stores 897"."""
        if self.asked is None or self.stored is None or self.name == "full" or self.stored <= 1.01 * self.asked:
            return self.name
        return f"{self.name} {self.asked}, stores {self.stored:.0f}"

    def kept(self, step: int) -> NDArray[np.bool_]:
        """bool [layers, lanes, tokens]: what is stored after `step`; negative steps count from the end."""
        left, tokens = self.array("evict_step"), self.array("evict_step").shape[2]
        at = step + tokens if step < 0 else step
        if not 0 <= at < tokens:
            raise IndexError(f"step {step} is not among the {tokens} of this replay")
        return np.asarray((np.arange(tokens) <= at) & ((left < 0) | (left > at)))

    def retention(self, most: int | None = None) -> NDArray[np.float64]:
        """[steps, tokens]: the share of the lanes that hold a token after a step; at most `most` of each, evenly spread."""
        left = self.array("evict_step").reshape(-1, self.array("evict_step").shape[2])
        tokens = left.shape[1]
        some = np.unique(np.linspace(0, tokens - 1, min(tokens, most or tokens)).round().astype(int))
        left = left[:, some]
        return np.stack([((some <= t) & ((left < 0) | (left > t))).mean(0) for t in some])

    def __repr__(self) -> str:
        return f"<policy {self.number}: {self.spec}>"


class Replay:
    """What `winnow replay` wrote, open loop, or what `winnow run` wrote, closed loop (`closed`): a file of the same layout."""

    def __init__(self, source: Hdf5Source | NpzSource) -> None:
        self.path: str = source.path
        self.manifest: dict[str, Any] = dict(source.words)
        self.prompt = int(self.manifest.get("prompt", 0))
        self.closed = self.manifest.get("loop") == "closed"
        self.tokens: Array = _numbers(source, "tokens")
        self.layers: Array = _numbers(source, "layers")
        #: float32 [tokens], of the full cache beside a run; None without one.
        self.logprob: Array | None = _numbers(source, "logprob", len(self.tokens)) if "logprob" in source.names() else None
        self.policies: tuple[Policy, ...] = tuple(_policies(source))
        for policy in self.policies:
            self._check(policy)

    def _check(self, policy: Policy) -> None:
        expected = (len(self.layers), len(self.tokens))
        for name in ("evict_step", *MEASURES):
            if name not in policy.arrays:
                raise FileError(f"'{self.path}': policy {policy.number} ('{policy.name}') has no {name}")
        left = policy.array("evict_step")
        if left.ndim != 3 or (left.shape[0], left.shape[2]) != expected:
            raise FileError(f"'{self.path}': evict_step of policy {policy.number} has the shape {list(left.shape)}; expected "
                            f"[{expected[0]}, lanes, {expected[1]}]")  # fmt: skip
        early = (left >= 0) & (left < np.arange(expected[1]))
        if left.size and (early.any() or left.min() < -1 or left.max() >= expected[1]):
            raise FileError(f"'{self.path}': evict_step of policy {policy.number} has a token that leaves before it is read, or at "
                            f"a step that is not there; is the file damaged?")  # fmt: skip

    def __getitem__(self, policy: int | str | Policy) -> Policy:
        """By number, by name (the first of that name), or by the whole line."""
        if isinstance(policy, Policy):
            return policy
        if isinstance(policy, int):
            if not -len(self.policies) <= policy < len(self.policies):
                raise IndexError(f"policy {policy} is not among the {len(self.policies)} of this replay")
            return self.policies[policy]
        for known in self.policies:
            if policy in (known.spec, known.name):
                return known
        raise KeyError(f"no policy '{policy}' in this replay; it has {', '.join(known.name for known in self.policies)}")

    def __iter__(self) -> Iterator[Policy]:
        return iter(self.policies)

    def __len__(self) -> int:
        return len(self.policies)

    def kept(self, policy: int | str | Policy, step: int) -> NDArray[np.bool_]:
        """bool [layers, lanes, tokens]: what `policy` holds after `step`."""
        return self[policy].kept(step)

    def to_pandas(self) -> pandas.DataFrame:
        """Columns policy, layer, step, mass, error, occupancy: means over the lanes, as `winnow replay --out R.csv` has them."""
        pandas = _needed("pandas")
        frames = []
        for policy in self.policies:
            layers, _, steps = policy.array("evict_step").shape
            columns = {"policy": policy.spec, "layer": np.repeat(self.layers, steps), "step": np.tile(np.arange(steps), layers)}
            columns |= {name: policy.array(name).mean(1, dtype=float).ravel() for name in MEASURES}
            frames.append(pandas.DataFrame(columns))
        return pandas.concat(frames, ignore_index=True)

    def plot(self, what: str = "mass", policies: Iterable[int | str] | None = None, ax: Axes | None = None, dark: bool = False) -> Any:
        """`mass`, `error` or `occupancy` by step, means over all lanes, a line for each policy; or `kept`: a map for each, tokens
        to the right and steps downward. Returns the matplotlib axes (a list of them for `kept` of several)."""
        if what != "kept" and what not in MEASURES:
            raise ValueError(f"plot('{what}') is not known; expected 'kept', {', '.join(repr(name) for name in MEASURES)}")
        pyplot, colors = _needed("matplotlib.pyplot"), DARK if dark else LIGHT
        chosen = [self[policy] for policy in policies] if policies is not None else list(self.policies)
        if what == "kept":
            axes = [ax] if ax is not None else list(pyplot.subplots(len(chosen), 1, squeeze=False, sharex=True,
                                                                    figsize=(7, 2.4 * len(chosen)))[1][:, 0])  # fmt: skip
            for policy, one in zip(chosen, axes):
                steps = len(self.tokens)
                one.imshow(colors.shades(policy.retention(1024)), extent=(0, steps, steps, 0), aspect="auto", interpolation="nearest")
                one.set(title=policy.spec, xlabel="Token", ylabel="Step")
                _styled(one, colors)
            return axes[0] if len(axes) == 1 else axes
        if ax is None:
            ax = pyplot.subplots(figsize=(7, 3.5))[1]
        for policy in chosen:
            ax.plot(policy.array(what).mean((0, 1), dtype=float), color=colors.policy(policy.number), label=policy.label, linewidth=1.5)
        ax.set(xlabel="Step", ylabel={"mass": "Attention kept", "error": "Output error", "occupancy": "Slots stored"}[what])
        legend = ax.legend(frameon=False, labelcolor=colors.ink)
        legend.set_zorder(3)
        _styled(ax, colors)
        return ax

    def __repr__(self) -> str:
        kind = "closed-loop run" if self.closed else "replay"
        return f"<{kind} of {len(self.policies)} policies over {len(self.tokens)} tokens and {len(self.layers)} layers: {self.path}>"

    def _repr_html_(self) -> str:
        rows = []
        for policy in self.policies:
            means = [policy.array(name)[:, :, self.prompt :].mean(dtype=float) if self.prompt < len(self.tokens) else float("nan")
                     for name in MEASURES]  # fmt: skip
            picture = inline_png(LIGHT.shades(policy.retention(THUMBNAIL)))
            rows.append(
                f'<tr><td style="border-left:4px solid {LIGHT.policy(policy.number)}">{policy.number}</td>'
                f'<td style="text-align:left"><code>{html.escape(policy.spec)}</code></td>'
                f"<td>{'' if policy.asked is None else policy.asked}</td><td>{means[2]:.1f}</td>"
                f"<td>{'' if policy.bytes is None else f'{policy.bytes:,}'}</td><td>{means[0]:.4f}</td><td>{means[1]:.4f}</td>"
                f'<td><img src="{picture}" width="{THUMBNAIL}" height="{THUMBNAIL}" alt="tokens to the right, steps downward"></td></tr>'
            )
        head = "".join(f"<th>{name}</th>" for name in ("", "policy", "slots asked for", "slots stored", "bytes", "mass", "error", "kept"))
        title = f"{'closed-loop run, ' if self.closed else ''}{len(self.tokens)} tokens, {len(self.layers)} layers, prompt {self.prompt}; means over the steps after it"
        return f"<p>{html.escape(self.path)}: {title}</p><table><tr>{head}</tr>{''.join(rows)}</table>"


def _numbers(source: Hdf5Source | NpzSource, name: str, length: int | None = None) -> Array:
    """An array with one number for each of `length` things."""
    found = source.array(name)
    if found.ndim != 1 or found.dtype.kind not in "iuf" or (length is not None and len(found) != length):
        raise FileError(f"'{source.path}': {name} has the shape {list(found.shape)} of {found.dtype}; expected numbers, "
                        f"[{'any length' if length is None else length}]")  # fmt: skip
    return found


def _policies(source: Hdf5Source | NpzSource) -> Iterator[Policy]:
    if isinstance(source, Hdf5Source):
        for number, name in enumerate(source.groups("/replays")):
            group = source.below(f"/replays/{name}")
            if "policy" not in group.words:
                raise FileError(f"'{source.path}': /replays/{name} does not say which policy it is")
            numbers = {key: group.words[key] for key in NUMBERS if isinstance(group.words.get(key), int | float)}
            yield Policy(number, str(group.words["policy"]), group, "", group.names(), numbers)
        return
    for number, spec in enumerate(source.array("policy")):
        suffix = f".{number}"
        names = {name.removesuffix(suffix) for name in source.names() if name.endswith(suffix)}
        numbers = {key: _number(source, key + suffix) for key in NUMBERS if key in names}
        yield Policy(number, str(spec), source, suffix, names.difference(NUMBERS), numbers)


def _number(source: NpzSource, name: str) -> int | float:
    found = source.array(name)
    if found.shape != () or found.dtype.kind not in "iuf":
        raise FileError(f"'{source.path}': {name} is no number")
    number: int | float = found.item()
    return number


def _needed(name: str) -> Any:
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError:
        package = name.partition(".")[0]
        raise ImportError(f"this needs {package}, which is not installed; pip install {package}") from None


def _styled(ax: Any, colors: Any) -> None:
    ax.set_facecolor(colors.page)
    ax.figure.set_facecolor(colors.page)
    ax.tick_params(colors=colors.ink)
    for text in (ax.xaxis.label, ax.yaxis.label, ax.title):
        text.set_color(colors.ink)
    for spine in ax.spines.values():
        spine.set_color(colors.line)
