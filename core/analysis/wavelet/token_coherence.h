// SPDX-License-Identifier: GPL-3.0-or-later
// Do two heads, or what two policies keep of a head, contribute at the same scales in the same places, and which is ahead? The
// wavelet coherence of two signals along the positions. After Torrence and Webster (J. Climate 12, 1999) and Grinsted et al.
// (Nonlin. Proc. Geophys. 11, 2004). Free of Torch.
#pragma once

#include "core/analysis/wavelet/scalogram.h"
#include "core/replay/replay_result.h"

#include <array>

namespace winnow {

/// One of the two signals: the size of the head's signal at every position (its norm where it is a vector), as its rank among all
/// positions, given the values of a normal distribution. A few tokens, the sinks first, hold most of the attention, and would
/// be all that the transform sees; Grinsted et al. advise this for such signals.
struct CoherentSignal {
    QueryHead head;
    /// The tokens that this policy evicted before the step count as 0; nullptr = all tokens count. Attention is that of the full
    /// cache either way.
    const PolicyReplay* policy = nullptr;
    int layer = 0; ///< of the head's layer in the policy's [layers, lanes, T]
};

struct CoherenceRequest {
    std::array<CoherentSignal, 2> pair;
    std::optional<int> step; ///< the last one if not set
    SignalKind kind = SignalKind::Contribution;
    int trim = 0; ///< positions left out of the transform at both ends
    std::string wavelet = "morlet6";
    double perOctave = 12; ///< scales in an octave, 2…64
    Detrend detrend = Detrend::Mean;
    /// White and Red: two signals of noise, each with the lag-1 autocorrelation of one of these (White: none). Shuffled: the
    /// first signal beside the second with its tokens in another order.
    NoiseKind noise = NoiseKind::Red;
    double confidence = 0.95;
    int surrogates = 100; ///< pairs of noise that the coherence is held against; each costs as much as the coherence
};

struct TokenCoherence {
    int scales = 0, positions = 0, firstPosition = 0, step = 0;
    std::vector<double> squared;       ///< [scales, positions] 0…1; 0 where one of the signals has no power
    std::vector<double> phase;         ///< [scales, positions] radians, −π…π; above 0 the first comes before the second
    std::vector<double> scale, period; ///< [scales] tokens, tokens per cycle; ascending
    std::vector<double> cone;          ///< [positions] the longest period that the ends do not reach
    std::array<std::vector<double>, 2> signal; ///< [positions] normal scores, before what `detrend` removes
    /// [scales] What noise stays below with `confidence`, of all cells inside the cone; NaN where none is. Empty without noise.
    std::vector<double> threshold;
    /// [scales] Coherence inside the cone of influence, mean over positions; NaN where none is inside.
    std::vector<double> mean;
    std::string wavelet;
    NoiseKind noise = NoiseKind::None;
    double confidence = 0.95;
    SignalKind signalKind = SignalKind::Contribution;
    Detrend detrend = Detrend::Mean;
    std::map<std::string, std::string> manifest;

    std::size_t at(int scaleIndex, int column) const { return static_cast<std::size_t>(scaleIndex) * positions + column; }
    bool insideCone(int scaleIndex, int column) const
    {
        return period[static_cast<std::size_t>(scaleIndex)] <= cone[static_cast<std::size_t>(column)];
    }
    bool significant(int scaleIndex, int column) const
    {
        return !threshold.empty() && squared[at(scaleIndex, column)] > threshold[static_cast<std::size_t>(scaleIndex)];
    }
};

/// Reads the two heads' layers once. The numbers are the same in every run. Cost: surrogates + 1 times two transforms and three
/// smoothings of one signal, about 40 ms each for 2,048 positions and 100 scales on one core. Errors: no such head or step, a
/// wavelet that is real or unknown, fewer than 8 positions, more than 16 million cells, samples that are not finite, cancelled.
Result<TokenCoherence> tokenCoherence(const Trace& trace, const CoherenceRequest& request, const JobContext& job);

} // namespace winnow
