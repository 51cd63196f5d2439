#!/usr/bin/env python3
"""Five-level db4 decomposition of 1,000 signals of 2,048 samples and every band reconstructed alone: Winnow's bench_wavelet and
PyWavelets, in turns on the same machine, after the two have been compared on the same signals.

PyWavelets runs on the whole array along an axis, and three ways: waverec with zeros for the other bands, as its documentation says;
pywt.mra; and step by step with idwt, leaving out what is zero, which is the least work. The fastest one counts.

Usage: bench_wavelet.py BENCH_PROGRAM [runs]     prints one JSON line, times in seconds (median and best)
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import pywt

SIGNALS, LENGTH, LEVELS, WAVELET, MODE = 1000, 2048, 5, "db4", "symmetric"


def bands_by_waverec(x):
    coefficients = pywt.wavedec(x, WAVELET, mode=MODE, level=LEVELS, axis=-1)
    bands = []
    for kept in reversed(range(LEVELS + 1)):  # finest first, approximation last
        alone = [c if i == kept else np.zeros_like(c) for i, c in enumerate(coefficients)]
        bands.append(pywt.waverec(alone, WAVELET, mode=MODE, axis=-1))
    return bands


def bands_by_idwt(x):
    coefficients = pywt.wavedec(x, WAVELET, mode=MODE, level=LEVELS, axis=-1)
    sizes = [c.shape[-1] for c in coefficients[1:]] + [x.shape[-1]]  # of the approximation after each step up
    bands = []
    for kept in reversed(range(LEVELS + 1)):
        first = max(kept, 1) - 1  # step that the band begins with
        band = pywt.idwt(*((None, coefficients[kept]) if kept else (coefficients[0], None)), WAVELET, mode=MODE, axis=-1)
        for step in range(first + 1, LEVELS):
            band = pywt.idwt(band[..., :sizes[step]], None, WAVELET, mode=MODE, axis=-1)
        bands.append(band[..., :x.shape[-1]])
    return bands


def bands_by_mra(x):
    return pywt.mra(x, WAVELET, level=LEVELS, axis=-1, transform="dwt", mode=MODE)[::-1]


def main():
    program, runs = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5
    x = np.random.default_rng(7).standard_normal((SIGNALS, LENGTH))
    peers = {"waverec": bands_by_waverec, "mra": bands_by_mra, "idwt": bands_by_idwt}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "signals")
        x.tofile(path)
        subprocess.run([program, "--check", path], check=True)
        ours = np.fromfile(path + ".bands").reshape(LEVELS + 1, SIGNALS, LENGTH)
    difference = max(float(np.abs(np.stack(work(x)) - ours).max()) for work in peers.values())
    if not difference < 1e-10:
        sys.exit(f"Winnow and PyWavelets differ by {difference}")
    seconds = {name: [] for name in peers}
    winnow = {0: [], 1: []}
    for _ in range(runs):
        for name, work in peers.items():
            start = time.perf_counter()
            work(x)
            seconds[name].append(time.perf_counter() - start)
        for threads in winnow:
            winnow[threads] += json.loads(subprocess.run([program, str(threads)], check=True, capture_output=True).stdout)["seconds"]
    fastest = min(peers, key=lambda name: statistics.median(seconds[name]))
    peer, own, single = (statistics.median(t) for t in (seconds[fastest], winnow[0], winnow[1]))
    print(json.dumps({"work": f"{WAVELET}, {LEVELS} levels, all bands, {SIGNALS} x {LENGTH}",
                      "peer": f"PyWavelets {pywt.__version__}, {fastest}",
                      "peer_seconds": peer, "peer_best": min(seconds[fastest]),
                      "peer_medians": {name: statistics.median(t) for name, t in seconds.items()}, "seconds": own, "best": min(winnow[0]),
                      "seconds_one_thread": single, "times_faster": peer / own, "times_faster_one_thread": peer / single,
                      "largest_difference": difference}))


main()
