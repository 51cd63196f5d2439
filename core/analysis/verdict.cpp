// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/verdict.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace winnow {

std::optional<Verdict> verdictOf(const Explanation& explanation, std::int32_t token)
{
    const int slot = explanation.slotOf(token);
    if (slot < 0)
        return std::nullopt;
    const auto scoreOf = [&](int at) {
        return at < 0 ? std::numeric_limits<double>::quiet_NaN() : explanation.scores[static_cast<std::size_t>(at)];
    };
    const int cut = explanation.cut();
    Verdict verdict{.token = token,
                    .step = explanation.at.step,
                    .went = explanation.went(slot),
                    .couldGo = explanation.mayGo(slot),
                    .score = scoreOf(slot),
                    .rank = explanation.rank(slot),
                    .among = std::max(0, explanation.end - explanation.begin),
                    .cutToken = cut < 0 ? -1 : explanation.tokens[static_cast<std::size_t>(cut)],
                    .cutScore = scoreOf(cut),
                    .agrees = explanation.agrees};
    if (verdict.went) {
        const auto victim = std::lower_bound(explanation.victims.begin(), explanation.victims.end(), slot);
        const std::int32_t rival = explanation.lostTo[static_cast<std::size_t>(victim - explanation.victims.begin())];
        verdict.inPair = rival >= 0;
        verdict.outrankedBy = rival >= 0 ? rival : verdict.cutToken;
    }
    verdict.outrankedScore = scoreOf(verdict.outrankedBy < 0 ? -1 : explanation.slotOf(verdict.outrankedBy));
    return verdict;
}

} // namespace winnow
