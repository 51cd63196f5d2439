// SPDX-License-Identifier: GPL-3.0-or-later
// Two pictures of the wavelet analysis under one transform, side by side or as a difference: two heads, steps or policies.
#pragma once

#include "core/analysis/figures/wavelet_bands.h"
#include "core/analysis/wavelet/lost_bands.h"
#include "core/analysis/wavelet/packet_bands.h"
#include "core/analysis/wavelet/scalogram.h"

#include <array>
#include <variant>

namespace winnow {

/// They are compared aligned at their newest positions.
struct WaveletPair {
    std::array<std::string, 2> labels; ///< "step 511, layer 2, query head 3"
    bool difference = false;           ///< the first minus the second is shown, else they stand side by side
    /// Packets of a difference have the first one's nodes; scalograms of a difference the same scales; LostBands one policy each.
    std::variant<std::array<Contribution, 2>, std::array<TokenScalogram, 2>, std::array<PacketBands, 2>, std::array<LostBands, 2>>
        pictures;
};

/// The figure for options.against.
Result<Figure> bandPair(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options, BandsOf bands,
                        const JobContext& job);
Result<Figure> scalogramPair(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options,
                             const JobContext& job);
Result<Figure> packetPair(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options,
                          const JobContext& job);

/// The figure of what policies lose, without another beside it.
using LostBandsOf = Result<Figure> (*)(const FigureInputs& inputs, const FigureOptions& options, const JobContext& job);
Result<Figure> lostPair(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options, LostBandsOf lostBandsOf,
                        const JobContext& job);

/// csv: a row per position as it stands before the newest, a column for every band of each picture and of their difference
/// (scalograms: a row per scale and position; lost bands: a row per level and octave). npz: the arrays of each picture after
/// "first_" and "second_", and those of the first minus the second, cropped to the shorter, after "difference_": bands,
/// approximation, signal, energy, power (bands), power (scalograms), magnitude, energy (packets of a difference), lost, kept
/// [levels + 1, octaves] (lost bands); labels [2], difference 0 or 1. Borrows from the pair.
Tables pairTables(const WaveletPair& pair);

} // namespace winnow
