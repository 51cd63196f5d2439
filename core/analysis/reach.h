// SPDX-License-Identifier: GPL-3.0-or-later
// Which lanes count in the share of a token: those whose sliding window still reaches it.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

namespace winnow {

/// Lanes in reach of a token of a given age: those without a window, and those whose window is longer than age + 1.
class Reach {
public:
    /// `windows`: of each lane, 0 = none; empty = none has one.
    Reach(std::size_t lanes, std::span<const int> windows) : m_all(static_cast<int>(lanes))
    {
        std::copy_if(windows.begin(), windows.end(), std::back_inserter(m_windows), [](int window) { return window > 0; });
        std::sort(m_windows.begin(), m_windows.end());
    }
    bool limited() const { return !m_windows.empty(); }
    int lanesAt(int age) const
    {
        const auto gone = std::upper_bound(m_windows.begin(), m_windows.end(), age + 1) - m_windows.begin();
        return m_all - static_cast<int>(gone);
    }

private:
    int m_all;
    std::vector<int> m_windows; ///< ascending, one per windowed lane
};

} // namespace winnow
