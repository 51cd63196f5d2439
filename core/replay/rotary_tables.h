// SPDX-License-Identifier: GPL-3.0-or-later
// Rotary tables that most layers of a model share.
#pragma once

#include "core/trace/rotary.h"

#include <map>
#include <utility>
#include <vector>

namespace winnow {

/// Those of the positions [0, end). One thread.
class RotaryTables {
public:
    explicit RotaryTables(int end) : m_end(end) {}
    /// Made at the first call; stays where it is.
    const RotaryTable& of(const LayerInfo& layer)
    {
        const auto [entry, isNew] = m_tables.try_emplace({layer.invFreq, layer.rotaryScale});
        if (isNew)
            entry->second = rotaryTable(layer, Position{0}, Position{m_end});
        return entry->second;
    }

private:
    int m_end;
    std::map<std::pair<std::vector<float>, float>, RotaryTable> m_tables; ///< by frequencies and rotary scale
};

} // namespace winnow
