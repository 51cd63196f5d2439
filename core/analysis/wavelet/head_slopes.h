// SPDX-License-Identifier: GPL-3.0-or-later
// The slope of scale against distance for every head, and of all heads together, with intervals over texts and heads: which heads
// look like a tree. See scale_matrix.h. Free of Torch.
#pragma once

#include "core/analysis/wavelet/scale_matrix.h"

#include <memory>

namespace winnow {

/// The 95 % interval of a slope over other texts or heads: its standard error, from 1,000 bootstrap samples, times Student's t.
/// NaN where there is nothing to sample.
struct SlopeInterval {
    double low = 0, high = 0;
};

struct HeadSlope {
    QueryHead head;
    ScaleFit fit;           ///< of the sum of its powers over the recordings
    SlopeInterval interval; ///< over recordings, of which there are at least two
};

struct HeadSlopes {
    std::vector<HeadSlope> heads; ///< ordered by layer and head
    std::vector<Layer> layers;    ///< of the model, by layerIndex
    int hide = kHiddenPositions;
    Contribution all;             ///< the mean of all heads and recordings
    ScaleMatrix matrix;           ///< every head counts alike: the mean of the heads' parts in each octave, in place of energies
    ScaleMatrix byEnergy;         ///< of `all`: heads with more energy count more
    SlopeInterval interval;       ///< of `matrix`, over recordings and heads
    SlopeInterval energyInterval; ///< of `byEnergy`

    const ScaleFit* find(QueryHead head) const; ///< nullptr if it is not among them
};

/// Options that slopes are made with unless others are asked for: the maximal-overlap transform, whose levels do not depend on
/// where a feature lies, and as many levels as the distance needs.
ContributionOptions slopeOptions();

/// Takes recordings one by one. One thread at a time.
class HeadSlopeSum {
public:
    explicit HeadSlopeSum(int hide);
    ~HeadSlopeSum();
    /// `options.levels` = 0: levelsForSlope. Recordings have the same heads. An error where this one has fewer or more positions
    /// than those before; it names `options.window`'s way out.
    Result<void> add(const Trace& trace, const ContributionOptions& options, const JobContext& job);
    /// At least one was added. Under a second for 64 recordings of 100 heads.
    HeadSlopes finish() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

Result<HeadSlopes> headSlopes(const Trace& trace, const ContributionOptions& options, int hide, const JobContext& job);

} // namespace winnow
