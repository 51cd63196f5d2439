// SPDX-License-Identifier: GPL-3.0-or-later
// Does a cache resolve the text as finely as the attention uses it? The scale of the contributions at every distance from now,
// and beside it how far apart the tokens stand that a policy still stores there. Open loop. Free of Torch.
#pragma once

#include "core/analysis/wavelet/scale_matrix.h"
#include "core/replay/replay_result.h"

namespace winnow {

struct ScaleResolution {
    struct Policy {
        std::string label, spec;
        int policy = 0;            ///< number in the replay, from 0: its color
        std::vector<double> share; ///< [octaves] of the lanes that store a token there, mean over its tokens, 0…1
        /// [octaves] log2 of the tokens per stored token, 1 / share: 0 where all are stored, 3 where one of eight is; infinite
        /// where none is. A tree's grows by one from octave to octave.
        std::vector<double> level;
        /// How far `level` is from the mean level of the contributions, mean over the octaves that have one; where less than one
        /// token is stored, the width of the octave counts. NaN where no octave has a mean level.
        double apart = 0;
    };
    int step = 0;
    Contribution contribution; ///< of the full cache at `step`
    ScaleMatrix matrix;        ///< of it: edges, parts, and the mean level at each octave
    std::vector<Policy> policies;
};

/// Of the heads of `what` and the lanes that they read; one step at most, the last that all policies reached unless said; levels
/// 0 = as many as the distance needs. The replay is of this trace. Cost: a contribution, and a pass over lanes × tokens lifetimes
/// per policy. Errors: as contribution; other tokens; a layer that was not replayed; no such policy.
Result<ScaleResolution> scaleResolution(const Trace& trace, const ReplayResult& replay, ContributionOptions what,
                                        const std::vector<int>& policies, int hide, const JobContext& job);

} // namespace winnow
