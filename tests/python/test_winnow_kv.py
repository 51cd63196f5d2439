# SPDX-License-Identifier: GPL-3.0-or-later
"""The Python reader (resources/python) over small files written here, over a recording of the fixtures, and, where WINNOW names a built
program, over what it writes. WINNOW_MUTATIONS: how many damaged recordings are tried, two or three a second; 24 unless said."""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import unittest.mock

try:
    import h5py
    import numpy as np
except ImportError as problem:
    print(f"skipped: {problem}")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "resources/python/src"))
import winnow_kv  # noqa: E402

QUOTED = 'expr:budget=2,score="max(mean,left(last))",select=lowest'
LEFT = np.array([[[2, 3, -1, -1], [-1, 1, -1, -1]]], np.int32)  # one layer, two lanes, four tokens


def arrays():
    steps = np.arange(8, dtype=np.float32).reshape(1, 2, 4)
    return {"evict_step": LEFT, "mass": 1 - steps / 8, "error": steps / 8, "occupancy": (steps + 1).astype(np.int32)}


def write_npz(path, **changed):
    values = {"policy": np.array(["full", QUOTED]), "manifest": np.array(["format=winnow-replay", "version=1", "prompt=2", "model=a=b"]),
              "tokens": np.arange(4, dtype=np.int32), "layers": np.array([3], np.int32)}  # fmt: skip
    for name, value in arrays().items():
        values |= {f"{name}.0": np.full_like(value, -1) if name == "evict_step" else value, f"{name}.1": value}
    values |= {"asked.1": np.int32(2), "stored.1": np.float64(4.5), "bytes.1": np.int64(960)}
    np.savez_compressed(path, **{name: value for name, value in (values | changed).items() if value is not None})


def write_h5(path):
    with h5py.File(path, "w") as file:
        file.attrs.update({"format": "winnow-replay", "version": "1", "prompt": "2", "model": "a=b"})
        file["tokens"], file["layers"] = np.arange(4, dtype=np.int32), np.array([3], np.int32)
        for number, spec in enumerate(("full", QUOTED)):
            group = file.create_group(f"replays/{number:05d}")
            group.attrs["policy"] = spec
            for name, value in arrays().items():
                group[name] = np.full_like(value, -1) if number == 0 and name == "evict_step" else value
        group.attrs.update({"asked": np.int64(2), "stored": 4.5, "bytes": np.int64(960)})


class InAFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def refused(self, path, *words):
        with self.assertRaises(winnow_kv.FileError) as caught:
            winnow_kv.open(path)
        message = str(caught.exception)
        self.assertNotIn("\n", message)
        for word in (str(path), *words):
            self.assertIn(word, message)


class Replays(InAFolder):
    def both(self):
        write_npz(self.folder / "r.npz")
        write_h5(self.folder / "r.h5")
        for name in ("r.npz", "r.h5"):
            with self.subTest(name):
                yield winnow_kv.open(self.folder / name)

    def test_both_containers_hold_the_same(self):
        for replay in self.both():
            self.assertEqual([policy.spec for policy in replay], ["full", QUOTED])
            self.assertEqual((replay.prompt, len(replay), list(replay.layers), replay.manifest["model"]), (2, 2, [3], "a=b"))
            self.assertEqual((replay[1].asked, replay[1].stored, replay[1].bytes), (2, 4.5, 960))
            self.assertEqual((replay[0].asked, replay[0].stored, replay[0].bytes), (None, None, None), "an older file does not say")
            self.assertEqual([policy.label for policy in replay], ["full", "expr 2, stores 4"])
            self.assertNotIn("asked", replay[1].arrays)
            np.testing.assert_array_equal(replay["expr"].evict_step, LEFT)
            np.testing.assert_array_equal(replay[1].mass, arrays()["mass"])
            self.assertEqual(replay[-1].arrays, ("error", "evict_step", "mass", "occupancy"))

    def test_kept_is_what_was_read_and_has_not_left(self):
        for replay in self.both():
            self.assertEqual(replay.kept("expr", 2).astype(int).tolist(), [[[0, 1, 1, 0], [1, 0, 1, 0]]])
            self.assertEqual(replay.kept(QUOTED, -1).astype(int).tolist(), [[[0, 0, 1, 1], [1, 0, 1, 1]]])
            self.assertEqual(replay.kept(0, 1).astype(int).tolist(), [[[1, 1, 0, 0]] * 2])
            np.testing.assert_array_equal(replay["expr"].retention()[2], replay.kept("expr", 2).mean((0, 1)))
            with self.assertRaisesRegex(IndexError, "step 4 is not among the 4"):
                replay.kept("expr", 4)
            with self.assertRaisesRegex(KeyError, "no policy 'h2o'.*full, expr"):
                replay.kept("h2o", 0)
            with self.assertRaisesRegex(AttributeError, "no array 'merged_into'; it has error"):
                replay[0].merged_into

    def test_parameters_know_quotes_and_braces(self):
        self.assertEqual(winnow_kv.parameters_of(QUOTED), {"budget": "2", "score": "max(mean,left(last))", "select": "lowest"})
        line = 'snapkv:budget=64,then=expr{score="a==b?1,2:3",recent=4},pool=max'
        self.assertEqual(winnow_kv.parameters_of(line), {"budget": "64", "then": 'expr{score="a==b?1,2:3",recent=4}', "pool": "max"})
        self.assertEqual(winnow_kv.parameters_of("full"), {})

    def test_a_notebook_shows_a_table_with_maps(self):
        for replay in self.both():
            page = replay._repr_html_()
            self.assertEqual(page.count("data:image/png;base64,"), 2)
            self.assertIn("score=&quot;max(mean,left(last))&quot;", page)
            self.assertIn("<td>2</td><td>5.5</td><td>960</td><td>0.4375</td><td>0.5625</td>", page)  # means after the prompt

    def test_pandas_has_the_means_over_lanes(self):
        try:
            import pandas  # noqa: F401
        except ImportError:
            self.skipTest("pandas is not installed")
        for replay in self.both():
            table = replay.to_pandas()
            self.assertEqual(list(table.columns), ["policy", "layer", "step", "mass", "error", "occupancy"])
            row = table[(table.policy == QUOTED) & (table.step == 2)].iloc[0]
            self.assertEqual((row.layer, row["mass"], row.error, row.occupancy), (3, 0.5, 0.5, 5))

    def test_plots_have_winnows_colors(self):
        try:
            import matplotlib
        except ImportError:
            self.skipTest("matplotlib is not installed")
        matplotlib.use("Agg")
        for replay in self.both():
            for what in ("mass", "error", "occupancy"):
                ax = replay.plot(what)
                self.assertEqual([line.get_color() for line in ax.lines], list(winnow_kv.LIGHT.policies[:2]))
            np.testing.assert_allclose(replay.plot("mass", dark=True).lines[1].get_ydata(), arrays()["mass"].mean((0, 1)))
            maps = replay.plot("kept")
            self.assertEqual(len(maps), 2)
            shown = maps[0].images[0].get_array()
            self.assertEqual("#%02X%02X%02X" % tuple(shown[3, 0]), winnow_kv.LIGHT.choice[-1])  # held by all lanes
            self.assertEqual("#%02X%02X%02X" % tuple(shown[0, 3]), winnow_kv.LIGHT.choice[0])  # not read yet
            with self.assertRaisesRegex(ValueError, "expected 'kept', 'mass'"):
                replay.plot("regret")
            matplotlib.pyplot.close("all")


class BadFiles(InAFolder):
    def test_are_one_sentence(self):
        path = self.folder / "r.npz"
        self.refused(self.folder / "none.h5", "cannot be opened")
        path.write_bytes(b"text")
        self.refused(path, "neither an HDF5 nor an .npz file")
        path.write_bytes(b"PK\x03\x04 and no more")
        self.refused(path, "no readable .npz file")
        (self.folder / "r.h5").write_bytes(b"\x89HDF\r\n\x1a\nand no more")
        self.refused(self.folder / "r.h5", "no readable HDF5 file")
        np.savez(path, a=np.arange(3))
        self.refused(path, "no file of Winnow")
        with h5py.File(self.folder / "r.h5", "w") as file:
            file.attrs.update({"format": "winnow-trace", "version": 2})
        self.refused(self.folder / "r.h5", "version 2", "reads version 1")
        with h5py.File(self.folder / "r.h5", "w") as file:
            file.attrs.update({"format": "winnow-trace", "version": 1})
        self.refused(self.folder / "r.h5", "without layers")

    def test_that_contradict_themselves_are_refused_by_their_place(self):
        path = self.folder / "r.npz"
        write_npz(path, **{"mass.1": None})
        self.refused(path, "policy 1 ('expr') has no mass")
        write_npz(path, tokens=None)
        self.refused(path, "no array 'tokens'")
        write_npz(path, **{"evict_step.1": LEFT[:, :, :3]})
        self.refused(path, "evict_step of policy 1", "[1, 2, 3]", "expected [1, lanes, 4]")
        for wrong in (0, 4, -2):  # token 1 leaves before it is read; at a step that is not there
            left = LEFT.copy()
            left[0, 0, 1] = wrong
            write_npz(path, **{"evict_step.1": left})
            self.refused(path, "evict_step of policy 1", "damaged")

    def test_nothing_pickled_is_read(self):
        write_npz(self.folder / "r.npz", tokens=np.array([{}], object))
        self.refused(self.folder / "r.npz", "array 'tokens' cannot be read")

    def test_mutated_ones_are_read_or_refused(self):
        write_npz(self.folder / "r.npz")
        write_h5(self.folder / "r.h5")
        random, refused = np.random.default_rng(4), 0
        for name, tries in (("r.npz", 200), ("r.h5", 60)):
            whole = (self.folder / name).read_bytes()
            for _ in range(tries):
                data = bytearray(whole)
                for at in random.integers(0, len(data), random.integers(1, 6)):
                    data[at] = random.integers(0, 256)
                (self.folder / "m").write_bytes(data[: len(data) if random.random() < 0.8 else random.integers(1, len(data))])
                try:
                    winnow_kv.open(self.folder / "m")._repr_html_()
                except winnow_kv.FileError:
                    refused += 1
        self.assertGreater(refused, 50)


class Runs(InAFolder):
    """Closed loop: some arrays have a number for each token, and a full cache's stands beside the policies."""

    COSTS = ("logprob", "kl", "agrees", "milliseconds", "taken_bytes")

    def test_arrays_by_token_are_read_and_named(self):
        costs = {f"{name}.1": np.arange(4, dtype=np.float32) for name in self.COSTS}
        manifest = np.array(["format=winnow-replay", "version=1", "prompt=2", "loop=closed"])
        write_npz(self.folder / "r.npz", manifest=manifest, logprob=np.full(4, -1, np.float32), **costs)
        write_h5(self.folder / "r.h5")
        with h5py.File(self.folder / "r.h5", "a") as file:
            file.attrs["loop"], file["logprob"] = "closed", np.full(4, -1, np.float32)
            for name in self.COSTS:
                file[f"replays/00001/{name}"] = np.arange(4, dtype=np.float32)
        for name in ("r.npz", "r.h5"):
            run = winnow_kv.open(self.folder / name)
            for cost in self.COSTS:
                np.testing.assert_array_equal(getattr(run["expr"], cost), np.arange(4))
            np.testing.assert_array_equal(run.logprob, [-1] * 4)
            self.assertTrue(run.closed)
            self.assertIn("closed-loop run", repr(run))
            self.assertIn("closed-loop run", run._repr_html_())

    def test_a_replay_is_none(self):
        write_npz(self.folder / "r.npz")
        replay = winnow_kv.open(self.folder / "r.npz")
        self.assertEqual((replay.closed, replay.logprob), (False, None))
        self.assertIn("<replay of", repr(replay))

    def test_wrong_lengths_are_refused(self):
        write_npz(self.folder / "r.npz", **{"kl.1": np.zeros((1, 2, 4), np.float32)})
        with self.assertRaisesRegex(winnow_kv.FileError, r"kl of policy 1 has the shape \[1, 2, 4\]; expected \[4\]"):
            winnow_kv.open(self.folder / "r.npz")[1].kl
        write_npz(self.folder / "r.npz", logprob=np.zeros(3, np.float32))
        self.refused(self.folder / "r.npz", "logprob", "[3]", "[4]")


TRACE = ROOT / "tests/fixtures/trace/llama.h5"


def everything_of(trace):
    trace._repr_html_()
    trace.config, trace.text, [trace.token_text(token) for token in range(trace.length)]
    for layer in trace.layers:
        trace.attention(layer, 0)


class DamagedTraces(InAFolder):
    def test_cut_ones_are_refused(self):
        whole = TRACE.read_bytes()
        for size in (9, 20, 2000, 40000, len(whole) - 1):
            (self.folder / "t.h5").write_bytes(whole[:size])
            self.refused(self.folder / "t.h5", "cut short")

    def test_one_over_which_hdf5_comes_to_no_end_is_refused(self):
        (self.folder / "t.h5").write_bytes(TRACE.read_bytes())
        with unittest.mock.patch.object(winnow_kv._files, "WALK_SECONDS", 0):
            self.refused(self.folder / "t.h5", "comes to no end")

    def test_mutated_ones_are_read_or_refused_in_time(self):
        whole = TRACE.read_bytes()

        def outcome(seed):
            random, data, path = np.random.default_rng(seed), bytearray(whole), self.folder / f"{seed}.h5"
            end = len(data) if seed % 3 else 6000  # much of what HDF5 and JSON look at stands at the beginning
            for at in random.integers(0, end, random.integers(1, 30)):
                data[at] ^= 1 << random.integers(0, 8)
            path.write_bytes(data)
            done = subprocess.run([sys.executable, __file__, "--read", str(path)], capture_output=True, text=True, timeout=40)
            return done.returncode, f"seed {seed}: {done.stderr[-500:]}"

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            outcomes = list(pool.map(outcome, range(int(os.environ.get("WINNOW_MUTATIONS", 24)))))
        for code, said in outcomes:
            self.assertIn(code, (0, 3), said)
        self.assertIn(3, [code for code, _ in outcomes])

    def test_words_that_are_no_text_are_one_sentence(self):
        for name, value in (("config", b"{ no json"), ("config", b"\xff\xfe")):
            path = self.folder / "t.h5"
            path.write_bytes(TRACE.read_bytes())
            with h5py.File(path, "a") as file:
                del file[name]
                file[name] = np.bytes_(value)
            with self.assertRaisesRegex(winnow_kv.FileError, "config"):
                winnow_kv.open(path).config


class Traces(unittest.TestCase):
    def setUp(self):
        self.trace = winnow_kv.open(TRACE)

    def test_holds_the_text_and_its_tokens(self):
        self.assertEqual((self.trace.length, self.trace.layers, self.trace.complete), (45, (0, 1), True))
        self.assertTrue(self.trace.text.startswith("Große Fische"))
        self.assertIn("".join(self.trace.token_text(token) for token in range(4)), self.trace.text)
        self.assertEqual(self.trace.config["num_key_value_heads"], 2)
        self.assertEqual(self.trace.layer(1)["k"].shape, (2, 45, 8))
        self.assertTrue(np.isnan(self.trace.logprob[0]) and (self.trace.logprob[1:] <= 0).all())
        with self.assertRaisesRegex(KeyError, "layer 2 is not in this recording; it has 0, 1"):
            self.trace.layer(2)

    def test_attention_is_what_transformers_says(self):
        expected = np.load(ROOT / "tests/fixtures/trace/llama_attention.npz")["attention"]
        for layer in (0, 1):
            for head in range(4):
                np.testing.assert_allclose(self.trace.attention(layer, head), expected[layer, head], atol=1e-5)

    def test_shows_itself(self):
        self.assertIn("45 tokens and 2 layers", self.trace._repr_html_())


class Package(unittest.TestCase):
    def test_has_the_version_of_the_program(self):
        text = (ROOT / "CMakeLists.txt").read_text()
        self.assertEqual(re.search(r"project\(Winnow VERSION ([\d.]+)", text)[1], winnow_kv.__version__)

    def test_has_the_colors_of_the_window(self):
        theme = (ROOT / "views/style/theme.cpp").read_text()
        for name, colors in (("kDark", winnow_kv.DARK), ("kLight", winnow_kv.LIGHT)):
            table = re.search(rf"ThemeColors {name}\{{(.*?)\}};", theme, re.DOTALL)[1]
            for field in ("page", "line", "ink", "choice", "policies"):
                found = re.findall(r"0x([0-9A-F]{6})", re.search(rf"\.{field} = (\{{[^}}]*\}}|0x\w+)", table)[1])
                ours = getattr(colors, field)
                self.assertEqual(["#" + color for color in found], [ours] if isinstance(ours, str) else list(ours), f"{name}.{field}")

    def test_is_typed(self):
        self.assertTrue((ROOT / "resources/python/src/winnow_kv/py.typed").exists())


@unittest.skipUnless(os.environ.get("WINNOW"), "WINNOW names no built program")
class OfTheProgram(InAFolder):
    def test_is_read_as_it_was_written(self):
        trace = ROOT / "tests/fixtures/trace/llama.h5"
        command = [os.environ["WINNOW"], "replay", str(trace), "--prompt", "20"]
        for policy in ("full", "h2o:budget=9", QUOTED.replace("budget=2", "budget=9"), "quest:budget=8,page=2"):
            command += ["--policy", policy]
        for name in ("r.h5", "r.npz", "r.csv"):
            command += ["--out", str(self.folder / name)]
        subprocess.run(command, check=True, capture_output=True)
        a, b = winnow_kv.open(self.folder / "r.h5"), winnow_kv.open(self.folder / "r.npz")
        self.assertEqual([policy.name for policy in a], ["full", "h2o", "expr", "quest"])
        self.assertEqual(a.manifest, b.manifest)
        self.assertEqual(a["expr"].parameters["score"], "max(mean,left(last))")
        for one, other in zip(a, b):
            self.assertEqual((one.spec, one.arrays), (other.spec, other.arrays))
            for name in one.arrays:
                np.testing.assert_array_equal(one.array(name), other.array(name))
        np.testing.assert_array_equal(a.kept("h2o", 30).sum(-1), a["h2o"].occupancy[:, :, 30])
        try:
            import pandas
        except ImportError:
            return
        written = pandas.read_csv(self.folder / "r.csv", comment="#")
        read = a.to_pandas()
        self.assertEqual(list(written.policy), list(read.policy))  # quotes inside quotes
        np.testing.assert_allclose(written["mass"], read["mass"], rtol=1e-6)


if __name__ == "__main__" and "--read" in sys.argv:
    try:
        everything_of(winnow_kv.open(sys.argv[2]))
    except winnow_kv.FileError:
        sys.exit(3)
elif __name__ == "__main__":
    unittest.main()
