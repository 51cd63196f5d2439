#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Winnow's bench_wavelet and its peers on the same work, in turns on the same machine, after their results have been compared:

  bands       five-level db4 decomposition of 1,000 signals of 2,048 samples and every band reconstructed alone; PyWavelets on the whole
              array along an axis, in three ways: waverec with zeros for the other bands, as its documentation says; pywt.mra; and step
              by step with idwt, leaving out what is zero, which is the least work. The fastest one counts.
  stationary  five-level db4 stationary transform of 500 signals of 2,048 samples; pywt.swt along an axis
  morlet      continuous transform of 8,192 samples by Morlet's wavelet, 64 scales; pywt.cwt by convolution or by FFT, the faster one
              counts; and ssqueezepy on one thread, where it is installed, padding with zeros, which keeps its wavelets between calls

Usage: bench_wavelet.py BENCH_PROGRAM [runs [WORK…]]     prints a JSON line for each work and peer, times in seconds (median and best);
"times_faster" is with as many threads as Winnow takes, "times_faster_one_thread" with one
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

os.environ["SSQ_PARALLEL"] = "0"

import numpy as np
import pywt

LEVELS, WAVELET, MODE = 5, "db4", "symmetric"
SCALES = 2.0 * 2.0 ** (np.arange(64) / 8)
SHAPES = {"bands": (1000, 2048), "stationary": (500, 2048), "morlet": (1, 8192)}
NAMES = {"bands": "db4, 5 levels, all bands, 1000 x 2048", "stationary": "db4, 5 levels, stationary, 500 x 2048",
         "morlet": "Morlet, 64 scales, 8192 samples"}


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


def stationary(x):
    return pywt.swt(x, WAVELET, level=LEVELS, axis=-1, trim_approx=True)[::-1]


def morlet(method, precision=12):
    # exp(-t^2 / 2 + 6 i t) / sqrt(2 pi), which Winnow has with pi^(-1/4). 12 is PyWavelets' default.
    return lambda x: pywt.cwt(x[0], SCALES, f"cmor2.0-{3 / np.pi}", method=method, precision=precision)[0]


def squeezepy():
    """The same by ssqueezepy; None where it is not installed."""
    try:
        import ssqueezepy
    except ImportError:
        return None
    wavelet = ssqueezepy.Wavelet(("morlet", {"mu": 6.0}), dtype="float64")
    return lambda x: ssqueezepy.cwt(x[0], wavelet, scales=SCALES, padtype="zero", l1_norm=False, astensor=False)[0]


PEERS = {"bands": {"PyWavelets": {"waverec": bands_by_waverec, "mra": bands_by_mra, "idwt": bands_by_idwt}},
         "stationary": {"PyWavelets": {"swt": stationary}},
         "morlet": {"PyWavelets": {"conv": morlet("conv"), "fft": morlet("fft")}}}


def difference(work, x, ways, ours):
    """Largest difference between the results of PyWavelets and Winnow. That of continuous transforms is relative, for scales of 32 to
    64 (below them PyWavelets' box of one sample shows in noise) and at sixteen times its usual precision, which is too coarse."""
    if work != "morlet":
        return max(float(np.abs(np.stack(way(x)) - ours).max()) for way in ways.values())
    worst = 0.0
    for mine, row in zip(ours[32:41], morlet("fft", 16)(x)[32:41] * np.sqrt(2 * np.pi) * np.pi**-0.25):
        within = row[2048:6144]
        shifts = (mine[2048:6144], (mine[2048:6144] + mine[2047:6143]) / 2)  # it may answer for half a sample earlier
        worst = max(worst, min(float(np.abs(one - within).max()) for one in shifts) / float(np.abs(within).max()))
    return worst


def measure(program, runs, work):
    x = np.random.default_rng(7).standard_normal(SHAPES[work])
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "signals")
        x.tofile(path)
        subprocess.run([program, "--check", work, path], check=True)
        ours = np.fromfile(path + ".result", dtype=complex if work == "morlet" else float)
    ours = ours.reshape(-1, 8192) if work == "morlet" else ours.reshape(LEVELS + 1, *SHAPES[work])
    peers = dict(PEERS[work])
    if work == "morlet" and (other := squeezepy()):
        peers["ssqueezepy"] = {"cwt": other}
    worst = difference(work, x, peers["PyWavelets"], ours)
    if not worst < (0.1 if work == "morlet" else 1e-10):
        sys.exit(f"{work}: Winnow and PyWavelets differ by {worst}")
    for ways in peers.values():  # the first time may compile
        [way(x) for way in ways.values()]
    seconds = {(name, way): [] for name, ways in peers.items() for way in ways}
    winnow = {0: [], 1: []}
    for _ in range(runs):
        for name, way in seconds:
            start = time.perf_counter()
            peers[name][way](x)
            seconds[name, way].append(time.perf_counter() - start)
        for threads in winnow:
            done = subprocess.run([program, work, str(threads)], check=True, capture_output=True)
            winnow[threads] += json.loads(done.stdout)["seconds"]
    own, single = (statistics.median(winnow[threads]) for threads in (0, 1))
    for name, ways in peers.items():
        fastest = min(ways, key=lambda way: statistics.median(seconds[name, way]))
        peer = statistics.median(seconds[name, fastest])
        version = getattr(sys.modules["pywt" if name == "PyWavelets" else name], "__version__", "")
        print(json.dumps({"work": NAMES[work], "peer": f"{name} {version}, {fastest}", "peer_seconds": peer,
                          "peer_best": min(seconds[name, fastest]),
                          "peer_medians": {way: statistics.median(seconds[name, way]) for way in ways}, "seconds": own,
                          "best": min(winnow[0]), "seconds_one_thread": single, "times_faster": peer / own,
                          "times_faster_one_thread": peer / single, "largest_difference": worst}), flush=True)


def main():
    program, runs = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5
    for work in sys.argv[3:] or PEERS:
        measure(program, runs, work)


main()
