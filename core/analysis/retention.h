// SPDX-License-Identifier: GPL-3.0-or-later
// The retention map as bytes: which tokens are stored after which step, by what share of the chosen lanes, reduced to device
// pixels. Pure, any thread, free of Torch and Qt.
#pragma once

#include "core/base/job_context.h"
#include "core/replay/replay_result.h"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace winnow {

/// Bytes of a plane. 0–126: the share kept by choice; 0 = evicted everywhere. 127: not read yet. 128–254: the share kept by rule.
/// 255: out of reach of every chosen lane, because their sliding windows have passed the token.
inline constexpr std::uint8_t kUnborn = 127, kByRule = 128, kOutOfReach = 255;

/// `kept` of `lanes` lanes as 0…126: 0 iff none, 126 iff all, rounded in between.
std::uint8_t shareByte(int kept, int lanes);

/// The lanes of a policy that a picture is about.
struct LaneChoice {
    std::vector<int> lanes;   ///< indices into [layers × lanes] of the policy, ascending, each at most once
    std::vector<int> windows; ///< sliding window of each of them in tokens, 0 = none; empty = none has one
};

/// Token and step ranges, fractional and half-open, on a raster of columns × rows.
/// Pixel column x shows tokens floor(tokenBegin + x·w) … floor(tokenBegin + (x + 1)·w) − 1, at least one; w = tokens per column.
/// Rows likewise show steps.
struct RetentionRaster {
    double tokenBegin = 0, tokenEnd = 0, stepBegin = 0, stepEnd = 0;
    int columns = 0, rows = 0;
    friend bool operator==(const RetentionRaster&, const RetentionRaster&) = default;

    int firstToken(int column) const;
    int endToken(int column, int tokens) const; ///< one past the last
    int firstStep(int row) const;
    int endStep(int row, int steps) const;
};

/// For policies that select pages: writes to `readers` [pages] how many of `lanes` attend to each page at `step`. Cost: one pass
/// over lanes × pages bits.
void countReaders(const PolicyReplay& policy, std::span<const int> lanes, int step, std::vector<std::uint16_t>& readers);

struct RetentionPlane {
    RetentionRaster raster;
    std::vector<std::uint8_t> bytes; ///< [rows, columns]
};

/// How many cells have each share byte, by choice and by rule together.
using ShareHistogram = std::array<std::uint64_t, 127>;
void addShares(const RetentionPlane& plane, ShareHistogram& histogram);

/// Fills the plane. A cell is the largest share over the tokens of its column, each taken after the row's first step. A token
/// that was read inside the row is taken after its own step. Of equal shares, kept by choice comes before kept by rule. A lane
/// whose sliding window the token has left (step − token ≥ W − 1) does not count in the share. For policies that select pages,
/// from which nothing leaves, a share is that of the lanes that attend to the token at the step. Cost: lanes × visible tokens
/// increments and visible tokens × rows additions; about 5 ms for 8,192 tokens, 192 lanes and 214 × 203 cells. Asks `job` once
/// per 128 tokens; a plane that was stopped has no bytes.
RetentionPlane retentionPlane(const PolicyReplay& policy, const LaneChoice& choice, const RetentionRaster& raster,
                              const JobContext& job = {});

} // namespace winnow
