// SPDX-License-Identifier: GPL-3.0-or-later
// The order of a cache that gathers what it keeps by falling score and appends behind, as the authors of CAKE and R-KV keep
// theirs. A lane's slots stay in the order of the text; here they are listed as such a cache has them, for scorers that look at
// neighbors.
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
};

} // namespace winnow
