// One signal split into bands and reduced to what is averaged. Private to the room: it shows the room `wavelet`.
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
};
/// Errors: unknown names (the nearest is given), levels out of range, a transform that has no bands.
Result<BandMethod> bandMethod(const ContributionOptions& options);

/// What one signal adds: everything already averaged over its channels.
struct BandPart {
    std::vector<double> magnitude; ///< [levels + 1, length]
    std::vector<double> power;     ///< [levels + 1, length]
    std::vector<double> signal;    ///< [length], mean |s|
    std::vector<double> energy;    ///< [levels + 1], summed over channels
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

/// Of equal length or longer: adds the latest sum.size() entries of `from`.
void addLatest(std::span<double> sum, std::span<const double> from);

/// What a contribution says of itself, without numbers.
void describe(Contribution& into, const Trace& trace, const SignalPlan& plan, const BandMethod& method);

} // namespace winnow
