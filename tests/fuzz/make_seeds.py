#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small files in the layouts of real ones, as a first corpus for every fuzzer: python3 make_seeds.py CORPUS

Writes CORPUS/NAME/… for NAME_fuzz. They are cut from tests/fixtures (tokenizers to 40 entries) or put together here, so that a mutation
lands in the structure and not in a thousand words. Needs nothing but Python.
"""
import io
import json
import pathlib
import struct
import sys
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "tests/fixtures"
TEXT = "ab the\u2581 caf\u00e9 cafe\u0301 12 345\n  don't <s> \u4f60\u597d \U0001F600 \uFB01 <mask>".encode()
ENTRIES = 40


def small_tokenizer(path):
    """The same layout with few entries: the shortest ones, and the merges among them."""
    root = json.loads(path.read_text())
    model = root["model"]
    if isinstance(model["vocab"], list):
        model["vocab"] = model["vocab"][:ENTRIES]
        kept = {token for token, _ in model["vocab"]}
    else:
        order = sorted(model["vocab"].items(), key=lambda item: (len(item[0]), item[1]))
        letters = [item for item in order if len(item[0]) == 1 and item[0] in "abcdefhnrst \u0120\u2581"]
        pairs = [item for item in order if 2 <= len(item[0]) <= 3][:ENTRIES] + [item for item in order if item[0].startswith("<")][:12]
        kept = {token for token, _ in letters + pairs} | ({model["unk_token"]} if model.get("unk_token") else set())
        model["vocab"] = {token: at for at, token in enumerate(sorted(kept))}
        rules = [rule if isinstance(rule, list) else rule.split(" ") for rule in model["merges"]]
        model["merges"] = [rule for rule in rules if {*rule, "".join(rule)} <= kept]
    return json.dumps(root, ensure_ascii=False).encode() + b"\0" + TEXT


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def small_sentencepiece(path):
    """The first pieces of a ModelProto, and all its other fields but the trainer's."""
    data, at, pieces, out = path.read_bytes(), 0, 0, b""
    while at < len(data):
        begin, key = at, data[at]
        at += 1
        size = shift = 0
        while True:
            byte = data[at]
            at += 1
            size |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        at += size
        pieces += key >> 3 == 1
        if key >> 3 == 3 or (key >> 3 == 1 and pieces <= ENTRIES):
            out += data[begin:at]
    kind = 2 if path.stem == "bpe" else 1
    return out + b"\x12" + varint(2) + b"\x18" + bytes([kind])


def text_of(text):
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def gguf(metadata, tensors, version=3):
    """`metadata`: (key, type, bytes); `tensors`: (name, type, shape, bytes), aligned to 32."""
    out = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(metadata))
    for key, kind, data in metadata:
        out += text_of(key) + struct.pack("<I", kind) + data
    body = b""
    for name, kind, shape, data in tensors:
        out += text_of(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, len(body))
        body += data + bytes(-len(data) % 32)
    return out + bytes(-len(out) % 32) + body


def texts(values):
    return struct.pack("<IQ", 8, len(values)) + b"".join(map(text_of, values))


def gguf_seeds():
    tokens = ["<unk>", "<s>", "</s>", "<0x0A>", "\u2581", "a", "b", "\u2581a", "ab", "\u2581ab", "\u00e9"]
    kinds = struct.pack("<IQ", 5, len(tokens)) + struct.pack(f"<{len(tokens)}i", 2, 3, 3, 6, 1, 1, 1, 1, 1, 1, 1)
    scores = struct.pack("<IQ", 6, len(tokens)) + struct.pack(f"<{len(tokens)}f", *[-i for i in range(len(tokens))])
    number = lambda value: struct.pack("<I", value)
    llama = [("general.architecture", 8, text_of("llama")), ("tokenizer.ggml.model", 8, text_of("llama")), ("tokenizer.ggml.tokens", 9, texts(tokens)),
             ("tokenizer.ggml.scores", 9, scores), ("tokenizer.ggml.token_type", 9, kinds), ("tokenizer.ggml.bos_token_id", 4, number(1)),
             ("tokenizer.ggml.add_space_prefix", 7, b"\1")]
    symbols = ["a", "b", "c", "\u0120", "ab", "\u0120a", "1", "<|end|>"]
    gpt2 = [("tokenizer.ggml.model", 8, text_of("gpt2")), ("tokenizer.ggml.pre", 8, text_of("llama-bpe")), ("tokenizer.ggml.tokens", 9, texts(symbols)),
            ("tokenizer.ggml.merges", 9, texts(["a b", "\u0120 a"])), ("tokenizer.chat_template", 8, text_of("{{ '<start_of_turn>' }}<end_of_turn>"))]
    sizes = {"block_count": 1, "context_length": 64, "embedding_length": 8, "feed_forward_length": 16, "attention.head_count": 2,
             "attention.head_count_kv": 1}
    config = [(f"llama.{key}", 4, number(value)) for key, value in sizes.items()] + [
        ("llama.rope.freq_base", 6, struct.pack("<f", 1e4)), ("llama.attention.layer_norm_rms_epsilon", 6, struct.pack("<f", 1e-5))]
    every = [(f"t{kind}", kind, data) for kind, data in ((0, b"\1"), (1, b"\1"), (2, b"\1\0"), (3, b"\1\0"), (4, b"\1\0\0\0"), (5, b"\xff" * 4),
                                                         (6, struct.pack("<f", 1.5)), (7, b"\1"), (10, b"\1" + bytes(7)), (11, b"\xff" * 8), (12, struct.pack("<d", 2.5)))]
    blocks = {0: (4, 1), 1: (2, 1), 2: (18, 32), 3: (20, 32), 6: (22, 32), 7: (24, 32), 8: (34, 32), 10: (84, 256), 11: (110, 256), 12: (144, 256),
              13: (176, 256), 14: (210, 256), 30: (2, 1)}
    tensors = [(f"w{kind}", kind, [numbers, 2] if numbers > 1 else [3, 2], bytes((i * 7) % 251 for i in range(size * (2 if numbers > 1 else 6))))
               for kind, (size, numbers) in blocks.items()]
    yield "llama", gguf(llama + config, tensors[:2])
    yield "gpt2", gguf(gpt2, [])
    yield "types", gguf(every, [], 2)
    yield "blocks", gguf([("general.alignment", 4, number(32))], tensors)


def safetensors(table, size):
    header = json.dumps(table).encode()
    return struct.pack("<Q", len(header)) + header + bytes(size)


def safetensors_seeds():
    entry = lambda dtype, shape, begin, end: {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}
    yield "plain", safetensors({"a": entry("F32", [2], 0, 8), "b": entry("F16", [1, 2], 8, 12)}, 12)
    yield "meta", safetensors({"__metadata__": {"format": "pt"}, "model.embed_tokens.weight": entry("BF16", [3, 2], 0, 12), "n": entry("I64", [], 12, 20)}, 20)
    yield "empty", safetensors({}, 0)
    yield "zero", safetensors({"z": entry("F32", [0, 4], 0, 0), "u": entry("U8", [3], 0, 3)}, 3)


def npy(dtype, shape, size, version=(1, 0), fortran=False):
    header = f"{{'descr': '{dtype}', 'fortran_order': {fortran}, 'shape': {shape}, }}"
    header += " " * (-(len(header) + 11 + 2 * (version[0] > 1)) % 64) + "\n"
    return b"\x93NUMPY" + bytes(version) + struct.pack("<H" if version[0] == 1 else "<I", len(header)) + header.encode() + bytes(size)


def npy_seeds():
    for dtype, width in (("<f4", 4), ("<f8", 8), ("<f2", 2), ("<i4", 4), ("|u1", 1), ("|b1", 1), ("<U3", 12)):
        yield f"of_{dtype[1:]}", npy(dtype, "(2, 3)", 6 * width)
    yield "scalar", npy("<f8", "()", 8)
    yield "second", npy("<i8", "(3,)", 24, (2, 0), True)


def npz(arrays):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in arrays.items():
            archive.writestr(f"{name}.npy", data)
    return out.getvalue()


def npy_of(dtype, shape, data):
    return npy(dtype, shape, 0) + data


def unicode_of(lines):
    width = max(map(len, lines))
    return npy_of(f"<U{width}", f"({len(lines)},)", b"".join(line.ljust(width, "\0").encode("utf-32-le") for line in lines))


def npz_seeds():
    yield "kinds", npz({name: data for name, data in npy_seeds() if name != "second"})
    yield "strings", npz({"s": unicode_of(["full", "gr\u00f6\u00dfe", ""])})
    yield "empty", npz({})


def replay_seeds():
    """Two layers, one lane, four tokens, under two policies."""
    cells = lambda kind, values: npy_of("<i4" if kind == "i" else "<f4", "(2, 1, 4)", struct.pack(f"<8{kind}", *values))
    arrays = {
        "policy": unicode_of(["full:positions=keep,group=mean,granularity=kv", "window:budget=2,positions=keep,group=mean,granularity=kv"]),
        "manifest": unicode_of(["format=winnow-replay", "version=1", "prompt=0", "slot_bytes=8,8", "model=demo"]),
        "tokens": npy_of("<i4", "(4,)", struct.pack("<4i", 5, 6, 7, 8)),
        "layers": npy_of("<i4", "(2,)", struct.pack("<2i", 0, 1)),
    }
    for policy, steps in enumerate(([-1] * 4, [2, 3, -1, -1])):
        arrays |= {f"evict_step.{policy}": cells("i", steps * 2), f"occupancy.{policy}": cells("i", [1, 2, 2, 2] * 2),
                   f"mass.{policy}": cells("f", [1.0] * 8), f"error.{policy}": cells("f", [0.0] * 8)}
    yield "two", npz(arrays)


def given_seeds():
    """Lifetimes for 2 layers, 2 or 4 lanes and 6 tokens, and what stays of a prompt of 4."""
    yield "lifetimes", npz({"evict_step": npy_of("<i4", "(2, 2, 6)", struct.pack("<24i", *[3, -1, 4, 5, -1, -1] * 4))})
    yield "query", npz({"evict_step.0": npy_of("<i4", "(2, 4, 6)", struct.pack("<48i", *[-1] * 48))})
    yield "kept", npz({f"kept.{layer}": npy_of("<i8", "(2, 2)", struct.pack("<4q", 0, 3, 1, 2)) for layer in range(2)})


def sweep_seeds():
    yield "plan", json.dumps({
        "models": ["demo", {"name": "half", "path": "demo", "dtype": "bfloat16"}],
        "texts": ["book.txt", {"name": "strided", "path": "book.txt", "tokens": 4096, "window": 1024, "stride": 512, "positions": "slot"}],
        "tasks": ["needle", {"name": "vt", "task": "vt", "length": 1024, "samples": 20}, {"data": "qasper.jsonl"}],
        "policies": ["full", "h2o", "treekv:sinks=4"], "budgets": [64, "25%"], "seeds": [1, 2], "chunk": 256, "chat": False}).encode()
    cell = {"winnow_sweep": 1, "cell": "0123456789abcdef", "model": "demo", "input": "book.txt", "policy": "h2o", "budget": "25%", "seed": 42,
            "measure": "perplexity", "better": "less", "value": 7.5, "low": 7.25, "high": None, "n": 128, "loss": 2.0, "added": 0.5,
            "stored_slots": 64, "cache_bytes": 4096, "milliseconds": 1.5, "seconds": 3, "protocol": {"dtype": "float32"}, "version": "1.0"}
    yield "cells", "".join(json.dumps(cell | {"policy": name}, separators=(",", ":")) + "\n" for name in ("full", "h2o")).encode()
    yield "papers", json.dumps({"format": "winnow-papers", "version": 1, "tables": [
        {"name": "t", "title": "T", "source": "S", "note": "N", "input": "pg19", "measure": "perplexity", "unit": "perplexity", "better": "less",
         "protocol": {"stride": "2048"}, "cells": [{"policy": "full", "value": 6.84, "protocol": {"length": "4096"}, "budget": "1024"}]}]}).encode()


def answer_seeds():
    lines = ({"task": "qasper", "pred": "the second one", "answers": ["The second", "2"]},
             {"task": "niah_single_1", "pred": "it is 4711", "outputs": ["4711"]},
             {"dataset": "trec", "pred": "Number\nx", "answers": ["Number"], "all_classes": ["Number", "City"], "length": 900})
    yield "lines", "".join(json.dumps(line) + "\n" for line in lines).encode()


def policy_spec_seeds():
    for line in ("full", "h2o:budget=25%,recent=4", "treekv:budget=128,sinks=4,recent=60,next=unit,keep=left", "snapkv:budget=128,window=32,pool=max",
                 'expr:score="max(mean,left(last))/(1+age/512)",budget=128', 'given:file="a,b.npz"'):
        yield line.split(":")[0], line.encode()


def expression_seeds():
    for number, text in enumerate(("mean/(1+age/512)", "sum", "max(left(last), right(key_norm)^2) - -1e-3", "age<4&&!head?log(mean):sign(layer-layers/2)")):
        yield str(number), text.encode()


def hdf5_seeds():
    yield "trace", (FIXTURES / "trace/llama.h5").read_bytes()


def chat_seeds():
    for number, case in enumerate(json.loads((FIXTURES / "chat/chat.json").read_text())["cases"]):
        yield str(number), case["source"].encode() + b"\0" + json.dumps(case["conversations"][6]["turns"]).encode()
    constructs = json.loads((FIXTURES / "chat/constructs.json").read_text())
    for number, case in enumerate(constructs["cases"]):
        yield f"construct{number}", case["source"].encode() + b"\0" + json.dumps(constructs["variables"]).encode()


def configs():
    for path in sorted((FIXTURES / "model").glob("*/config.json")):
        yield path.parent.name, path.read_bytes()


def folder_seeds():
    yield "index", json.dumps({"metadata": {"total_size": 8}, "weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}).encode()
    yield "end", b'{"eos_token_id": [1, 106], "bos_token_id": 2, "top_k": 64}'
    yield "one", b'{"eos_token_id": 50256}'
    template = "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>' }}{% endfor %}"
    yield "chat", json.dumps({"bos_token": {"content": "<s>", "lstrip": False}, "eos_token": "</s>", "chat_template": template}).encode()
    yield "chats", json.dumps({"chat_template": [{"name": "tool_use", "template": "x"}, {"name": "default", "template": template}]}).encode()


def head_score_seeds():
    yield "scores", json.dumps({f"{layer}-{head}": [0.5, layer + head / 2] for layer in range(2) for head in range(2)}).encode()
    yield "huge", b'{"0-0": [1e308, 1e308], "0-1": [-1], "1-0": [0], "1-1": [5e-324]}'


def session_seeds():
    def path(name):
        return {"relative": name, "absolute": "/data/" + name}

    whole = {
        "format": "winnow-session", "version": 1, "model": path("demo"), "text": None, "trace": path("T.h5"), "replay": path("R.h5"),
        "model_name": "demo", "text_name": "words.txt", "policies": ["h2o:budget=128,recent=32", "treekv:budget=25%"], "prompt": 512,
        "selection": {
            "lanes": [[0, 1], [3, 2]], "focus": 1, "reference": 0, "step": 1404, "token": 961,
            "spans": [{"begin": 10, "end": 20, "name": "needle"}], "token_range": [940, 1011], "step_range": None,
            "hidden": [False, True], "zoom": [100.5, 900, 100, 1000.25], "difference": True, "rows": 1, "axis": 1,
        },
        "notes": [{"step": 1404, "tokens": [940, 1011], "words": "the needle"}, {"step": 7, "tokens": None, "words": "here"}],
        "controls": {"wavelet": {"transform": "3", "levels": "5"}, "attention": {"mask-sinks": "1"}},
        "figures": {"deck": ["kept", "--step", "1404"], "maps": ["retention"]},
        "window": {
            "scale": 1, "theme": 2, "width": 1440, "height": 900, "maximized": False, "left_shown": True, "text_shown": False,
            "left_width": 236, "text_width": 344, "splitter": [496, 212], "left_splitter": [332, 376],
            "lower_heights": [212, 212, 390, 400], "lower_tab": 2,
        },
    }
    yield "whole", json.dumps(whole).encode()
    yield "bare", b'{"format": "winnow-session", "version": 1}'


def main():
    out = pathlib.Path(sys.argv[1])
    tokenizers = sorted((FIXTURES / "tokenizer").glob("*.json")) + sorted((FIXTURES / "model/tokenizers").glob("*.json"))
    seeds = {
        "tokenizer": ((path.stem, small_tokenizer(path)) for path in tokenizers),
        "sentencepiece": ((name, small_sentencepiece(FIXTURES / f"tokenizer/{name}.model")) for name in ("bpe", "unigram")),
        "gguf": gguf_seeds(),
        "safetensors": safetensors_seeds(),
        "npy": npy_seeds(),
        "npz": npz_seeds(),
        "replay": replay_seeds(),
        "given": given_seeds(),
        "sweep": sweep_seeds(),
        "answers": answer_seeds(),
        "policy_spec": policy_spec_seeds(),
        "expression": expression_seeds(),
        "hdf5": hdf5_seeds(),
        "config": configs(),
        "chat": chat_seeds(),
        "folder": folder_seeds(),
        "head_scores": head_score_seeds(),
        "session": session_seeds(),
        "json": [*configs(), ("numbers", b'[-0, 1.5e-7, 123456789012345678901, "\\ud83d\\ude00\\u0000\\\\", true, null, {"a": {"b": [[[]]]}}]')],
    }
    for target, each in seeds.items():
        folder = out / target
        folder.mkdir(parents=True, exist_ok=True)
        sizes = [(folder / name).write_bytes(data) for name, data in each]
        print(f"{target}: {len(sizes)} seeds, the largest of {max(sizes):,} bytes")


if __name__ == "__main__":
    main()
