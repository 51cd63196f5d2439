# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/record_press.py over a tiny seeded Llama: what presses of kvpress keep, as the policy 'given' has it, is what Winnow's own presets
keep over the recording beside it. Skipped where kvpress is missing, or WINNOW does not name a built program."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "docs"), str(ROOT / "resources/python/src")]
WINNOW = os.environ.get("WINNOW")
try:
    import kvpress
    import numpy as np
    import record_press
    import record_trace
    import torch
    import transformers
    import winnow_kv
except ImportError as problem:
    print(f"skipped: {problem}")
    sys.exit(77)
if not WINNOW:
    print("skipped: WINNOW names no built program")
    sys.exit(77)

TOKENS, PROMPT, BUDGET = 160, 120, 48
RATIO = 1 - BUDGET / PROMPT

# press: Winnow's line, and how many of the lanes may differ, by ties that torch breaks in any order
PRESSES = {
    f"KnormPress({RATIO})": "knorm",
    f"SnapKVPress({RATIO}, window_size=8, kernel_size=5)": "snapkv:window=8,kernel=5,pool=avg,granularity=kv",
    f"TOVAPress({RATIO})": "tova:recent=1",
    f"KeyDiffPress({RATIO})": "keydiff",
    f"StreamingLLMPress({RATIO}, n_sink=4)": "streaming:sinks=4,positions=keep",
    f"ExpectedAttentionPress({RATIO}, epsilon=1e-2)": "expected-attention:epsilon=0.01",
    f"PyramidKVPress({RATIO}, window_size=8, kernel_size=5, beta=4)":
        "pyramidkv:window=8,kernel=5,beta=4,pool=avg,budgets=press,granularity=kv",
    f"AdaKVPress(SnapKVPress({RATIO}, window_size=8, kernel_size=5))": "ada-snapkv:window=8,kernel=5,pool=avg,form=press,granularity=kv",
}
MINE = '''
from dataclasses import dataclass
from kvpress import ScorerPress

@dataclass
class NewestPress(ScorerPress):
    def score(self, module, hidden_states, keys, values, attentions, kwargs):
        return values.new_ones(values.shape[:-1]).cumsum(-1)
'''


def tiny_model():
    torch.manual_seed(5)
    config = transformers.LlamaConfig(
        vocab_size=256, hidden_size=64, intermediate_size=128, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2,
        head_dim=16, max_position_embeddings=512, initializer_range=0.2,
    )  # fmt: skip
    return transformers.LlamaForCausalLM(config).eval()


class Presses(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder, cls.model = pathlib.Path(folder.name), tiny_model()
        cls.tokens = np.random.default_rng(5).permutation(256)[:TOKENS].tolist()
        text = "".join(f"{token:02x} " for token in cls.tokens)
        offsets = [(3 * i, 3 * i + 2) for i in range(TOKENS)]
        record_trace.record(cls.model, cls.tokens, text, offsets, cls.folder / "t.h5", manifest={"prompt": PROMPT})

    def kept(self, press, decode=False):
        self.model.set_attn_implementation("sdpa")
        return record_press.run_press(self.model, press, self.tokens, PROMPT, decode)

    def replayed(self, *policies, prompt=PROMPT):
        command = [WINNOW, "replay", str(self.folder / "t.h5"), "--prompt", str(prompt), "--out", str(self.folder / "r.h5")]
        for policy in policies:
            command += ["--policy", policy]
        done = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return winnow_kv.open(self.folder / "r.h5")

    def test_keep_what_winnows_presets_keep(self):
        policies = []
        for number, (text, line) in enumerate(PRESSES.items()):
            path = self.folder / f"{number}.npz"
            record_press.write_kept(path, self.kept(record_press.press_of(text)), text)
            name, _, rest = line.partition(":")
            policies += [f"given:file={path}", f"{name}:budget={BUDGET}{',' + rest if rest else ''}"]
        replay = self.replayed(*policies)
        for number, text in enumerate(PRESSES):
            given, own = replay[2 * number], replay[2 * number + 1]
            with self.subTest(text):
                at_end = lambda policy: policy.kept(PROMPT - 1)[:, :, :PROMPT]
                self.assertLess(at_end(given).mean(), 0.6)
                differ = (at_end(given) != at_end(own)).any(-1).sum()
                self.assertEqual(differ, 0, f"{differ} of {given.evict_step.shape[0] * given.evict_step.shape[1]} lanes")

    def test_of_ones_own_stand_beside_ours(self):
        (self.folder / "mine.py").write_text(MINE)
        press = record_press.press_of(f"NewestPress({RATIO})", record_press.module_of(self.folder / "mine.py"))
        record_press.write_kept(self.folder / "mine.npz", self.kept(press), "NewestPress")
        replay = self.replayed(f"given:file={self.folder / 'mine.npz'}")
        np.testing.assert_array_equal(replay[0].kept(PROMPT - 1)[:, :, :PROMPT], np.broadcast_to(np.arange(PROMPT) >= PROMPT - BUDGET, (3, 2, PROMPT)))

    def test_that_decode_let_tokens_go_at_their_step(self):
        press = kvpress.DecodingPress(kvpress.KnormPress(0.0), compression_interval=16, target_size=64, hidden_states_buffer_size=0)
        left = self.kept(press, decode=True)
        path = self.folder / "decode.npz"
        record_press.write_kept(path, left, "DecodingPress")
        first = left[0]
        self.assertEqual(sorted(set(first[first >= 0].tolist())), [PROMPT + 15, PROMPT + 31])
        given = self.replayed(f"given:file={path}")[0]
        self.assertEqual(given.occupancy[0, :, PROMPT + 15].tolist(), [64, 64])
        self.assertEqual(given.occupancy[0, :, PROMPT + 30].tolist(), [79, 79])

    def test_that_are_none_are_refused_with_a_sentence(self):
        for text, words in (("3", "is a int; expected a press"), ("SnapPress()", "NameError"), ("KnormPress(2)", "AssertionError")):
            with self.assertRaisesRegex(SystemExit, words):
                record_press.press_of(text)


if __name__ == "__main__":
    unittest.main()
