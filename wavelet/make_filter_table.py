#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes filter_table.cpp: the low-pass filters of the room, derived with 60 digits where they can be.

  dbN    minimum-phase spectral factor of Daubechies' polynomial P(y) = sum C(N-1+k, k) y^k
         (I. Daubechies, Ten Lectures on Wavelets, SIAM 1992, section 6.1)
  symN   of all spectral factors of the same P, to N = 8 the one whose phase is nearest to a straight line, which is Daubechies' "least
         asymmetric" choice (section 8.1.1). A factor and its mirror image have the same phase error: the one PyWavelets uses is taken.
         From N = 9 on several factors are nearly as straight and tables differ: the factor that PyWavelets has is taken.
  coifN  orthonormality and vanishing moments of both functions (section 8.2) are polynomial equations with several solutions;
         Newton's method finds the one next to PyWavelets' double precision values, to 60 digits.
  biorA.B  the two filters share the zeros of y^0 (1-y)^K P(y), K = (A + B) / 2 (section 8.3; A. Cohen, I. Daubechies, J.-C. Feauveau,
         Biorthogonal bases of compactly supported wavelets, Comm. Pure Appl. Math. 45, 1992): A zeros at -1 go to the reconstruction,
         B to the decomposition, and so do the roots of P for A = 1, 2, 3; for 4.4, 5.5 and 6.8 they are shared as PyWavelets shares
         them. What is called 5.5 has 6 and 4 zeros: symmetric filters of odd length have an even number. rbioA.B is biorA.B with the two exchanged and mirrored.
  dmey   the truncated discrete Meyer wavelet has no formula with finitely many taps: PyWavelets' table (MIT license, the PyWavelets
         developers) is taken as it is. It gives signals back to about three digits only.

Every filter is compared with PyWavelets. Its symlets, 4.4, 5.5 and 6.8 are tabulated there with eleven right digits, hence the
tolerance. Needs mpmath, numpy, PyWavelets. Usage: python make_filter_table.py > filter_table.cpp
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
    best = [taps for error, taps in candidates if order > 8 or error < least * (1 + 1e-6)]
    assert order > 8 or len(best) <= 2, (order, len(best))
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


def zeros_of(name):
    """Zeros at -1 of rec_lo and of dec_lo."""
    return (6, 4) if name == "bior5.5" else tuple(int(c) for c in name.removeprefix("bior").split("."))


def biorthogonal(name):
    """dec_lo and rec_lo of biorA.B, with the zeros that PyWavelets puts around them: both have the same even length."""
    back_zeros, zeros = zeros_of(name)
    peer = pywt.Wavelet(name)
    groups = [group + [1 / z for z in group] for group in roots_by_pair((back_zeros + zeros) // 2)]
    shares = itertools.product([False, True], repeat=len(groups)) if back_zeros > 3 else [[False] * len(groups)]
    best = None
    for share in shares:
        roots = [[z for group, toBack in zip(groups, share) if toBack == side for z in group] for side in (False, True)]
        found = [padded(filter_of(order, part), wanted) for order, part, wanted in
                 ((zeros, roots[0], peer.dec_lo), (back_zeros, roots[1], peer.rec_lo))]
        if None in found:
            continue
        error = max(distance(taps, wanted) for taps, wanted in zip(found, (peer.dec_lo, peer.rec_lo)))
        if best is None or error < best[0]:
            best = (error, found)
    error, (low, back) = best
    assert error < 3e-11, (name, error)
    for shift in range(1 - len(low) // 2, len(low) // 2):
        product = mp.fsum(low[len(low) - 1 - k] * back[k + 2 * shift] for k in range(len(low)) if 0 <= k + 2 * shift < len(low))
        assert abs(product - (shift == 0)) < mp.mpf(10) ** -35, (name, shift)
    return low, back


def distance(taps, wanted):
    return max(abs(float(t) - w) for t, w in zip(taps, wanted))


def padded(taps, wanted):
    """The taps with zeros before and after them where `wanted` has them; None if they do not fit."""
    first = next(i for i, w in enumerate(wanted) if w != 0)
    size = len(wanted) - first - next(i for i, w in enumerate(reversed(wanted)) if w != 0)
    if size != len(taps):
        return None
    return [mp.mpf(0)] * first + taps + [mp.mpf(0)] * (len(wanted) - first - size)


def check(name, taps):
    worst = distance(taps, pywt.Wavelet(name).dec_lo)
    assert len(taps) == pywt.Wavelet(name).dec_len and worst < 3e-11, (name, worst)
    for shift in range(len(taps) // 2):
        product = mp.fsum(taps[k] * taps[k + 2 * shift] for k in range(len(taps) - 2 * shift))
        assert abs(product - (shift == 0)) < mp.mpf(10) ** -35, (name, shift)


def array(name, taps):
    numbers = [mp.nstr(mp.mpf(t), 19, min_fixed=1, max_fixed=0) for t in taps]
    lines = [", ".join(numbers[i:i + 4]) for i in range(0, len(numbers), 4)]
    return f"constexpr double k_{name.replace('.', '_')}[] = {{\n    " + ",\n    ".join(lines) + "};"


def main():
    orthogonal = [("Haar", ["haar"], lambda n: daubechies(1), lambda n: (1, 0)),
                  ("Daubechies", [f"db{n}" for n in range(1, 21)], daubechies, lambda n: (n, 0)),
                  ("Symlet", [f"sym{n}" for n in range(2, 21)], symlet, lambda n: (n, 0)),
                  ("Coiflet", [f"coif{n}" for n in range(1, 6)], coiflet, lambda n: (2 * n, 2 * n - 1))]
    arrays, rows = [], []
    for family, names, derive, moments in orthogonal:
        for name in names:
            order = int("".join(c for c in name if c.isdigit()) or 1)
            taps = derive(order)
            check(name, taps)
            arrays.append(array(name, taps))
            psi, phi = moments(order)
            rows.append(f'    {{"{name}", Family::{family}, {psi}, {psi}, {phi}, k_{name}, {{}}}},')
    reverse = []
    for name in pywt.wavelist("bior"):
        back_zeros, zeros = zeros_of(name)
        low, back = biorthogonal(name)
        variable = name.replace(".", "_")
        arrays += [array(f"{variable}_low", low), array(f"{variable}_back", back)]
        taps = f"k_{variable}_low, k_{variable}_back"
        rows.append(f'    {{"{name}", Family::Biorthogonal, {back_zeros}, {zeros}, 0, {taps}}},')
        reverse.append(f'    {{"r{name.replace("bior", "bio")}", Family::ReverseBiorthogonal, {zeros}, {back_zeros}, 0, {taps}}},')
    arrays.append(array("dmey", pywt.Wavelet("dmey").dec_lo))
    rows += reverse + ['    {"dmey", Family::DiscreteMeyer, 0, 0, 0, k_dmey, {}},']
    print("// Written by make_filter_table.py, which says how every number was derived. Do not edit.")
    print('#include "wavelet/filter_table.h"\n\nnamespace winnow::wavelet {\n\nnamespace {\n')
    print("// clang-format off")
    print("\n".join(arrays))
    print("\nconstexpr FilterEntry kTable[] = {\n" + "\n".join(rows) + "\n};")
    print("// clang-format on\n\n} // namespace\n")
    print("std::span<const FilterEntry> filterTable() { return kTable; }\n\n} // namespace winnow::wavelet")


main()
