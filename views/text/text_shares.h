// SPDX-License-Identifier: GPL-3.0-or-later
// How many of the chosen lanes keep the tokens in sight, for the focused policy and, with bars, for every visible one. No widget.
// One thread.
#pragma once

#include "core/analysis/difference.h"
#include "views/state/selection.h"
#include "views/state/view_data.h"

#include <cstdint>
#include <vector>

namespace winnow::views {

class TextShares {
public:
    /// Whose shares are wanted, the focus first. Drops what was counted.
    void setPolicies(const std::vector<int>& policies);
    /// Counts the tokens `range` after the step of `state`. Cost: policies × chosen lanes × tokens of the range.
    void count(const ViewData& data, const SelectionState& state, Range range);

    int policies() const { return static_cast<int>(m_shares.size()); }
    int policy(int number) const { return m_shares[static_cast<std::size_t>(number)].policy; }
    /// False: its replay has not come to the step, or the tokens were not counted yet.
    bool isComputed(int number) const { return m_shares[static_cast<std::size_t>(number)].computed; }
    /// The strongest plane byte (core/analysis/retention.h) of the tokens first … last; kUnborn where none of them was counted.
    int byteOf(int number, int firstToken, int lastToken) const;

    /// Whether the focus is shown against the reference: then byteOf(0) tells nothing, and cellOf tells it.
    bool isDifference() const { return m_difference; }
    /// The strongest cell (core/analysis/difference.h) of the tokens first … last.
    DifferenceCell cellOf(int firstToken, int lastToken) const;
    /// Whether one of them stands otherwise between focus and reference after the step than before it.
    bool diverges(int firstToken, int lastToken) const;

private:
    struct Shares {
        int policy = 0;
        bool computed = false;
        std::vector<std::uint8_t> bytes; ///< [m_counted]
    };
    void countDifference(const ViewData& data, const SelectionState& state, int reference);

    std::vector<Shares> m_shares;
    Range m_counted;
    bool m_difference = false;
    std::vector<DifferenceCell> m_cells; ///< [m_counted]
    std::vector<int> m_diverging;        ///< ascending
};

} // namespace winnow::views
