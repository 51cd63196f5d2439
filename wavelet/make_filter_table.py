#!/usr/bin/env python3
"""Writes filter_table.cpp: the low-pass decomposition filters (dec_lo) of the room, derived with 60 digits.

  dbN    minimum-phase spectral factor of Daubechies' polynomial P(y) = sum C(N-1+k, k) y^k
         (I. Daubechies, Ten Lectures on Wavelets, SIAM 1992, section 6.1)
  symN   of all spectral factors of the same P, the one whose phase is nearest to a straight line, which is Daubechies' "least
         asymmetric" choice (section 8.1.1). A factor and its mirror image have the same phase error: the one PyWavelets uses is taken.
  coifN  orthonormality and vanishing moments of both functions (section 8.2) are polynomial equations with several solutions;
         Newton's method finds the one next to PyWavelets' double precision values, to 60 digits.

Every filter is compared with PyWavelets; its symlets are tabulated there with eleven right digits, hence the tolerance.
Needs mpmath, numpy, PyWavelets. Usage: python make_filter_table.py > filter_table.cpp
"""
import itertools

import mpmath as mp
import numpy as np
import pywt

mp.mp.dps = 60


def roots_by_pair(order):
    """Roots z of the filter polynomial inside the unit circle, in groups that a real filter has to keep together."""
    coefficients = [mp.binomial(order - 1 + k, k) for k in range(order)][::-1]
    groups = []
    for y in mp.polyroots(coefficients, maxsteps=500, extraprec=400) if order > 1 else []:
        if mp.im(y) < -mp.mpf(10) ** -40:
            continue  # its conjugate stands for both
        b = 1 - 2 * y  # y = (2 - z - 1/z) / 4
        z = b + mp.sqrt(b * b - 1)
        z = 1 / z if abs(z) > 1 else z
        groups.append([z, mp.conj(z)] if abs(mp.im(y)) > mp.mpf(10) ** -40 else [mp.re(z)])
    return groups


def filter_of(order, roots):
    """(1 + z)^order times the factors of the roots, its sum sqrt(2)."""
    polynomial = [mp.mpf(1)]
    for root in [mp.mpf(-1)] * order + roots:
        shifted = polynomial + [mp.mpf(0)]
        polynomial = [a - root * b for a, b in zip(shifted, [mp.mpf(0)] + polynomial)]
    polynomial = [mp.re(c) for c in polynomial]
    return [c * mp.sqrt(2) / mp.fsum(polynomial) for c in polynomial]


def daubechies(order):
    # rec_lo is minimum phase, so dec_lo is its mirror image.
    return filter_of(order, [z for group in roots_by_pair(order) for z in group])[::-1]


def phase_error(taps):
    """Largest distance of the phase from its best straight line through the origin."""
    taps = np.array([float(t) for t in taps])
    omega = np.linspace(1e-3, np.pi - 0.05, 600)
    response = np.exp(-1j * np.outer(omega, np.arange(len(taps)))) @ taps
    phase = np.unwrap(np.angle(response))
    slope = (omega @ phase) / (omega @ omega)
    return np.abs(phase - slope * omega).max()


def symlet(order):
    groups = roots_by_pair(order)
    candidates = []
    for outside in itertools.product([False, True], repeat=len(groups)):
        taps = filter_of(order, [1 / z if flip else z for group, flip in zip(groups, outside) for z in group])
        candidates.append((phase_error(taps), taps))
    least = min(error for error, _ in candidates)
    wanted = pywt.Wavelet(f"sym{order}").dec_lo
    best = [taps for error, taps in candidates if error < least * (1 + 1e-6)]
    assert len(best) <= 2, (order, len(best))
    return min(best, key=lambda taps: max(abs(float(t) - w) for t, w in zip(taps, wanted)))


def coiflet(order):
    """dec_lo of length 6 N; h reversed so that its moments about sample 2 N vanish."""
    start = pywt.Wavelet(f"coif{order}").rec_lo
    length = 6 * order

    def equations(*h):
        result = [mp.fsum(h) - mp.sqrt(2)]
        result += [mp.fsum(h[k] * h[k + 2 * m] for k in range(length - 2 * m)) - (m == 0) for m in range(length // 2)]
        centered = [mp.mpf(k - 2 * order) / length for k in range(length)]
        result += [mp.fsum((-1) ** k * c**p * t for k, (c, t) in enumerate(zip(centered, h))) for p in range(2 * order)]
        result += [mp.fsum(c**p * t for c, t in zip(centered, h)) for p in range(1, 2 * order)]
        return result

    # More equations than unknowns, but consistent: Gauss-Newton converges as Newton does.
    taps = mp.matrix(start)
    for _ in range(8):
        value = mp.matrix(equations(*taps))
        slope = mp.matrix(len(value), length)
        for column in range(length):
            step = mp.mpf(10) ** -25
            moved = taps.copy()
            moved[column] += step
            difference = (mp.matrix(equations(*moved)) - value) / step
            for row in range(len(value)):
                slope[row, column] = difference[row]
        taps -= mp.lu_solve(slope, value)
    assert max(abs(v) for v in equations(*taps)) < mp.mpf(10) ** -40, order
    return list(taps)[::-1]


def check(name, taps):
    peer = pywt.Wavelet(name).dec_lo
    worst = max(abs(float(t) - p) for t, p in zip(taps, peer))
    assert len(taps) == len(peer) and worst < 2e-11, (name, worst)
    for shift in range(len(taps) // 2):
        product = mp.fsum(taps[k] * taps[k + 2 * shift] for k in range(len(taps) - 2 * shift))
        assert abs(product - (shift == 0)) < mp.mpf(10) ** -35, (name, shift)
    return worst


def main():
    families = [("Haar", ["haar"], lambda n: daubechies(1), lambda n: 1),
                ("Daubechies", [f"db{n}" for n in range(1, 11)], daubechies, lambda n: n),
                ("Symlet", [f"sym{n}" for n in range(2, 9)], symlet, lambda n: n),
                ("Coiflet", [f"coif{n}" for n in range(1, 6)], coiflet, lambda n: 2 * n)]
    arrays, rows = [], []
    for family, names, derive, moments in families:
        for name in names:
            order = int("".join(c for c in name if c.isdigit()) or 1)
            taps = derive(order)
            check(name, taps)
            numbers = [mp.nstr(t, 19, min_fixed=1, max_fixed=0) for t in taps]
            lines = [", ".join(numbers[i:i + 4]) for i in range(0, len(numbers), 4)]
            arrays.append(f"constexpr double k_{name}[] = {{\n    " + ",\n    ".join(lines) + "};")
            rows.append(f'    {{"{name}", Family::{family}, {moments(order)}, k_{name}}},')
    print("// Written by make_filter_table.py, which says how every number was derived. Do not edit.")
    print('#include "wavelet/filter_table.h"\n\nnamespace winnow::wavelet {\n\nnamespace {\n')
    print("// clang-format off")
    print("\n".join(arrays))
    print("\nconstexpr FilterEntry kTable[] = {\n" + "\n".join(rows) + "\n};")
    print("// clang-format on\n\n} // namespace\n")
    print("std::span<const FilterEntry> filterTable() { return kTable; }\n\n} // namespace winnow::wavelet")


main()
