// SPDX-License-Identifier: GPL-3.0-or-later
// What is brushed in a wavelet picture: a row of bands, or periods of a scalogram, inside a range of tokens. Also the tokens that
// carry half of its power. Free of Qt. One thread.
#pragma once

#include "core/analysis/wavelet/band_brush.h"

#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace winnow::views {

/// Shortest and longest period of a region, in tokens per cycle.
using Periods = std::optional<std::pair<double, double>>;

/// The picture that the brush moves over.
struct BrushGround {
    struct Row {
        int band = -1;                  ///< as BandBrush::carriers takes it
        std::span<const double> values; ///< [positions] magnitudes; used where there is no `bands`
    };
    std::shared_ptr<const void> owner; ///< of what the other members point to
    const TokenScalogram* scalogram = nullptr;
    const BandBrush* bands = nullptr;
    std::vector<Row> rows; ///< none of a scalogram
    int firstPosition = 0;
    bool carries = true; ///< false: a difference of two pictures, which no token carries
};

class WaveletBrush {
public:
    /// A row or periods that the new ground does not have are dropped.
    void setGround(BrushGround ground);
    /// Nothing where there is no such row. True if something changed.
    bool setRow(std::optional<int> row);
    /// Nothing: the brush is of tokens only, and the periods that hold half of its power are marked. True if something changed.
    bool setPeriods(Periods periods);
    /// Tokens, half-open.
    void setRange(std::optional<std::pair<int, int>> range);

    std::optional<int> row() const { return m_row; }
    Periods periods() const { return m_periods; }
    /// The brushed periods, or else the fewest neighboring ones that hold half of the power of the brushed tokens.
    Periods markedPeriods() const { return m_marked; }
    /// The fewest tokens of the range that hold half of the power there of the row or of the marked periods; ascending.
    const std::vector<int>& carriers() const { return m_carriers; }
    /// [scales] mean power of the brushed tokens; empty without a scalogram or a range.
    const std::vector<double>& powerInRange() const { return m_powerInRange; }

private:
    void compute(); ///< under 2 ms for 8,192 positions

    BrushGround m_ground;
    std::optional<int> m_row;
    Periods m_periods, m_marked;
    std::optional<std::pair<int, int>> m_range;
    std::vector<int> m_carriers;
    std::vector<double> m_powerInRange;
};

} // namespace winnow::views
