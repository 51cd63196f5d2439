// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers in words, the same in every view that tells them. Pure; any thread.
#pragma once

#include "core/analysis/wavelet/scale_matrix.h"

#include <QString>

#include <cstdint>

namespace winnow::views {

/// "slope 0.41 (0.32 to 0.50)", or the reason why there is no slope.
QString slopeWords(const ScaleFit& fit);
/// A share from 0 to 1: "12.3 %", "< 0.1 %".
QString percentWords(double share);
/// smoothingWords of core/analysis/running_mean.h, to follow a sentence: " · running mean of 8 steps"; "" without one.
QString smoothingNote(int window);
/// Tokens per cycle: 8 gives "8", 2.5 gives "2.5".
QString periodWords(double tokensPerCycle);
/// sizeText of core/io/disk.h: "12.3 kB", "4.2 MB".
QString bytesWords(std::uint64_t bytes);
/// The same in two or three digits, for the ticks of an axis: "96 kB", "1.5 MB".
QString bytesTick(double bytes);

} // namespace winnow::views
