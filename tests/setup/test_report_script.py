# SPDX-License-Identifier: GPL-3.0-or-later
"""The script of reports: its maps are, cell by cell, what the definition says. Skipped where there is no Node.js to run it."""

import base64
import json
import math
import pathlib
import random
import shutil
import struct
import subprocess
import unittest

REPORT = pathlib.Path(__file__).parents[2] / "resources/report"
T, LAYERS, HEADS = 60, 2, 2
WINDOWS = (0, 12)
NEVER = 0xFFFF
# Token begin and end, columns, rows: tokens that share a column, tokens of several columns, the sinks alone.
RASTERS = ((0, T, 17, 13), (0, T, 90, 70), (0, 4, 20, 13))
CHOICES = ({"layer": None, "head": None}, {"layer": 1, "head": None}, {"layer": 0, "head": 1})

MAIN = """
const out = [];
for (const choice of CHOICES) for (const [begin, end, columns, rows] of RASTERS) policies.forEach((policy) => {
  const raster = rasterOf(begin, end, columns, rows);
  out.push([...sharePlane(policy, lanesOf(policy, choice), raster)],
    [...differencePlane(policy, policies[1], pairsOf(policy, policies[1], choice), raster)]);
});
console.log(JSON.stringify(out));
"""


class Policy:
    """Random lifetimes; with `page`, a selection of pages."""

    def __init__(self, dice, lanes, sinks, recent, first, page=0):
        self.lanes, self.sinks, self.recent, self.first, self.page = lanes, sinks, recent, first, page
        count = LAYERS * lanes
        self.left = [[NEVER if page or dice.random() < 0.2 else dice.randrange(t, T) for t in range(T)] for _ in range(count)]
        self.pages = math.ceil(T / page) if page else 0
        self.read = [[[dice.random() < 0.5 for _ in range(self.pages)] for _ in range(T)] for _ in range(count)]

    def told(self):
        numbers = [step for lane in self.left for step in lane]
        told = {
            "lanes": self.lanes, "stepsDone": T, "choosesFrom": self.first, "title": "", "label": "", "budget": 1, "means": {},
            "byRule": {"sinks": self.sinks, "recent": self.recent, "from": 2**31 - 1, "everything": False},
            "evictStep": {"bytes": 2, "base64": base64.b64encode(struct.pack(f"<{len(numbers)}H", *numbers)).decode()},
        }  # fmt: skip
        if self.page:
            rows = (step for lane in self.read for step in lane)
            size = math.ceil(self.pages / 8)
            packed = b"".join(sum(bit << (size * 8 - 1 - i) for i, bit in enumerate(row)).to_bytes(size, "big") for row in rows)
            told |= {"pageTokens": self.page, "read": base64.b64encode(packed).decode()}
        return told

    def shows(self, lane, token, step):
        if self.page:
            return token <= step and self.read[lane][step][token // self.page]
        return token <= step < self.left[lane][token]

    def chosen(self, choice):
        """Lanes, each with its window. A KV head stands for all its query heads."""
        group = self.lanes // HEADS
        for layer in range(LAYERS):
            for lane in range(self.lanes):
                if choice["layer"] in (None, layer) and choice["head"] in (None, lane // group):
                    yield layer * self.lanes + lane, WINDOWS[layer]


def in_reach(window, age):
    return window == 0 or age < window - 1


def share(count, lanes, steps):
    """0 iff none, `steps` iff all, rounded in between."""
    if count in (0, lanes):
        return steps * (count == lanes)
    return min(steps - 1, max(1, math.floor(steps * count / lanes + 0.5)))


def share_code(policy, choice, token, step):
    lanes = [lane for lane, window in policy.chosen(choice) if in_reach(window, step - token)]
    if not lanes:
        return 1
    kept = sum(policy.shows(lane, token, step) for lane in lanes)
    by_rule = token < policy.sinks or step - token < policy.recent or step < policy.first
    return 2 + 2 * share(kept, len(lanes), 126) + (not by_rule)


def difference_code(policy, reference, choice, token, step):
    fine, coarse = (policy, reference) if policy.lanes >= reference.lanes else (reference, policy)
    counts, pairs = [0, 0, 0], 0
    for lane, window in fine.chosen(choice):
        if not in_reach(window, step - token):
            continue
        pairs += 1
        other = lane // fine.lanes * coarse.lanes + lane % fine.lanes * coarse.lanes // fine.lanes
        lanes = (lane, other) if fine is policy else (other, lane)
        here, there = policy.shows(lanes[0], token, step), reference.shows(lanes[1], token, step)
        if here or there:
            counts[2 if here and there else 0 if here else 1] += 1
    if pairs == 0:
        return 1
    own, other, both = (share(count, pairs, 15) for count in counts)
    return 2 + 256 * (own + other) + 16 * both + own


def plane(raster, code):
    """Every token of a cell at the row's first step, or at its own; of these the largest."""
    begin, end, columns, rows = raster
    cells = []
    for row in range(rows):
        first, last = row * T // rows, max(row * T // rows + 1, (row + 1) * T // rows)
        for column in range(columns):
            left = begin + column * (end - begin) // columns
            right = min(end, max(left + 1, begin + (column + 1) * (end - begin) // columns))
            cells.append(max((code(token, max(first, token)) for token in range(left, min(right, last))), default=0))
    return cells


@unittest.skipUnless(shutil.which("node"), "there is no Node.js")
class ReportScript(unittest.TestCase):
    def testMapsAreWhatTheDefinitionSays(self):
        dice = random.Random(1)
        policies = [Policy(dice, 2, 2, 5, 10), Policy(dice, 2, 0, 3, 7), Policy(dice, 4, 4, 0, 20), Policy(dice, 2, 0, 0, 0, page=8)]
        data = {
            "tokens": T, "layers": [3, 5], "windows": WINDOWS, "heads": HEADS, "slotBytes": [4, 4], "prose": [""] * T, "words": {},
            "look": {"marks": []}, "policies": [policy.told() for policy in policies],
        }  # fmt: skip
        script = f"const document = {{getElementById: () => ({{textContent: {json.dumps(json.dumps(data))}}})}};\n"
        script += "".join((REPORT / name).read_text(encoding="utf-8") for name in ("numbers.js", "colors.js", "maps.js"))
        script += f"const CHOICES = {json.dumps(CHOICES)}, RASTERS = {json.dumps(RASTERS)};\n{MAIN}"
        done = subprocess.run(["node", "-"], input=script, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        found = iter(json.loads(done.stdout))
        for choice in CHOICES:
            for raster in RASTERS:
                for number, policy in enumerate(policies):
                    with self.subTest(choice=choice, raster=raster, policy=number):
                        for code in (share_code, difference_code):
                            against = (policies[1],) if code is difference_code else ()
                            expected = plane(raster, lambda t, s: code(policy, *against, choice, t, s))
                            wrong = [(i, pair) for i, pair in enumerate(zip(next(found), expected, strict=True)) if pair[0] != pair[1]]
                            self.assertEqual(wrong[:3], [], f"{code.__name__}: {len(wrong)} cells, found and expected")


if __name__ == "__main__":
    unittest.main()
