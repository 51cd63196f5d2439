// SPDX-License-Identifier: GPL-3.0-or-later
// Why a token left: its rank among the tokens that could have left, the cut (the lowest score that stayed), and the token that
// stayed in its place. Any thread.
#pragma once

#include "core/replay/explain.h"

#include <limits>
#include <optional>

namespace winnow {

/// A token at the step at whose end it left one lane, or at any other step that the lane held it.
struct Verdict {
    std::int32_t token = -1;
    int step = 0;
    bool went = false, couldGo = false;
    double score = std::numeric_limits<double>::quiet_NaN(); ///< NaN where it has none
    int rank = 0,
        among = 0; ///< rank among those that could leave, 1 = most worth keeping; 0 = it could not leave, or has no score
    std::int32_t cutToken = -1; ///< the token with the lowest score that could have left and stayed; −1 = none stayed
    double cutScore = std::numeric_limits<double>::quiet_NaN(); ///< NaN where there is none
    std::int32_t outrankedBy = -1; ///< the token that stayed in its place: the other of the pair where a policy compares two at a
                                   ///< time, else cutToken; −1 where it stayed itself
    double outrankedScore = std::numeric_limits<double>::quiet_NaN(); ///< NaN where there is none
    bool inPair = false;                                              ///< two were compared
    bool agrees = true;                                               ///< Explanation::agrees

    double margin() const { return score - cutScore; } ///< how far the score lies above the cut; below 0: it was lower
};

/// The token in an explanation; nothing where the lane did not hold it.
std::optional<Verdict> verdictOf(const Explanation& explanation, std::int32_t token);

} // namespace winnow
