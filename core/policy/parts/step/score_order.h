// SPDX-License-Identifier: GPL-3.0-or-later
// The slot order of the reference code of CAKE and R-KV: it stores what a choice keeps by descending score and appends new slots
// behind. Winnow's lanes stay in text order. This class lists their slots in the order of such a cache, for scorers that look at
// neighboring slots.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace winnow {

class ScoreOrder {
public:
    /// The lane's `count` slots in the cache's order; slots that are new since the last call come last. Valid until the next
    /// call.
    std::span<const int> of(std::size_t count);
    /// `victims` (ascending slots) leave by a choice: of the others all but the last `window` are gathered by falling score,
    /// equal ones by their place in the text. `scores`: of all slots.
    void choose(std::span<const int> victims, std::span<const double> scores, int window);
    /// `victims` (ascending slots) leave, the others stay as they are.
    void erase(std::span<const int> victims);

private:
    std::vector<int> m_slots; ///< in the cache's order
    std::vector<int> m_gone;  ///< by slot, while some leave
};

} // namespace winnow
