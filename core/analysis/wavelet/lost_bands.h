// SPDX-License-Identifier: GPL-3.0-or-later
// What a policy loses, by scale and distance: the bands of the signal restricted to the tokens that it evicted before the step,
// against those of the whole. Open loop; attention is that of the full cache. Free of Torch.
#pragma once

#include "core/analysis/wavelet/scale_matrix.h"
#include "core/replay/replay_result.h"

namespace winnow {

struct LostBandsOptions {
    ContributionOptions what;  ///< one step at most; empty = the last step that all policies reached
    std::vector<int> policies; ///< numbers from 0; empty = all
    int hide = kHiddenPositions;
};

struct LostBands {
    struct Policy {
        std::string label, spec;
        int policy = 0;           ///< number in the replay, from 0: its color
        std::vector<double> lost; ///< [levels + 1, octaves] energy of the evicted tokens' band / energy of the band; NaN where
                                  ///< the whole has none. Evicting one token of two cuts a slow signal into a fast one, so a
                                  ///< fine band may lose more than it had: > 1
        std::vector<double> kept; ///< the same of the tokens that took part. lost + kept need not be 1: energies do not add up
        std::vector<double> lostBands; ///< [levels + 2, positions] mean magnitude: signal, levels, approximation of what was lost
        double lostSignal = 0;         ///< share of sum |s[i]| on evicted tokens, 0…1
    };
    int step = 0;
    Contribution whole; ///< of all tokens
    ScaleMatrix matrix; ///< of `whole`: edges and masked cells hold for `lost` and `kept` as well
    std::vector<Policy> policies;
};

/// The replay is of this trace (the same tokens); its layers are recorded. Costs as much as a contribution for the whole and two
/// for each policy. Errors: other tokens, a layer that was not recorded, no such policy, cancelled.
Result<LostBands> lostBands(const Trace& trace, const ReplayResult& replay, const LostBandsOptions& options,
                            const JobContext& job);

} // namespace winnow
