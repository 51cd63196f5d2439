// SPDX-License-Identifier: GPL-3.0-or-later
// Splits one signal into bands, and reduces them to the numbers that are averaged over signals. Only for core/analysis: it
// includes headers of the room `wavelet`.
#pragma once

#include "core/analysis/wavelet/contribution.h"
#include "wavelet/boundary.h"
#include "wavelet/wavelet.h"

namespace winnow {

struct BandMethod {
    wavelet::Wavelet wavelet;
    wavelet::Boundary boundary = wavelet::Boundary::Symmetric;
    int levels = 5;
    BandTransform transform = BandTransform::Decimated;
    Detrend detrend = Detrend::None;

    /// Whether the signal is taken as a circle.
    bool isCircle() const
    {
        return transform == BandTransform::MaximalOverlap || boundary == wavelet::Boundary::Periodic ||
               boundary == wavelet::Boundary::Periodization;
    }
    /// How far from a position the numbers lie that its band depends on; `band` = levels: the approximation. Decimated: at most.
    double reach(int band) const;
};
/// Errors: unknown names (the nearest is given), levels out of range, a transform that has no bands, levels of the stationary
/// transform that reach too far beyond the ends to be computed.
Result<BandMethod> bandMethod(const ContributionOptions& options);

/// What one signal adds: everything already averaged over its channels.
struct BandPart {
    std::vector<double> magnitude;    ///< [levels + 1, length]
    std::vector<double> power;        ///< [levels + 1, length]
    std::vector<double> signal;       ///< [length], mean |s|, before anything is removed
    std::vector<double> energy, edge; ///< [levels + 1], summed over channels; see Contribution
};
/// `values`: [length, channels], finite. Any thread.
BandPart bandPart(std::span<const double> values, int channels, const BandMethod& method);

/// Adds parts up, aligned at the newest position; the mean in the end.
class BandSum {
public:
    /// Fills levels, positions and the arrays of `into`, which outlives this.
    BandSum(Contribution& into, int levels, int positions);
    void add(const BandPart& part);
    void finish();

private:
    Contribution& m_into;
    std::size_t m_count = 0;
};

/// Adds the latest sum.size() entries of `from`, which is as long as `sum` or longer.
void addLatest(std::span<double> sum, std::span<const double> from);

/// Fills what a contribution says about how it was made: everything but its numbers.
void describe(Contribution& into, const Trace& trace, const SignalPlan& plan, const BandMethod& method);

} // namespace winnow
