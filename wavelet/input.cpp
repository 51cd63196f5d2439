// SPDX-License-Identifier: GPL-3.0-or-later
#include "wavelet/input.h"

#include "wavelet/names.h"
#include "wavelet/transform.h"

#include <cmath>

namespace winnow::wavelet {

std::optional<std::string> signalProblem(std::span<const double> signal)
{
    if (signal.empty())
        return "the signal has no samples; it needs at least one";
    for (std::size_t n = 0; n < signal.size(); ++n) {
        if (!std::isfinite(signal[n])) {
            return sentence("sample ", n, " of ", signal.size(), " (the first is 0) is ",
                            std::isnan(signal[n]) ? "not a number (NaN)" : "infinite", "; replace or leave out such samples");
        }
    }
    return std::nullopt;
}

std::optional<std::string> levelsWarning(int levels, std::size_t length, const Wavelet& wavelet)
{
    const int most = maxLevel(length, wavelet.filterLength());
    if (levels <= most)
        return std::nullopt;
    return sentence(levels, " levels are more than the ", most, " that ", length, " samples hold with ", wavelet.name, " (",
                    wavelet.filterLength(), " taps): beyond them every coefficient feels the boundary");
}

Checked<Wavelet> requireWavelet(std::string_view name)
{
    if (auto found = findWavelet(name))
        return *std::move(found);
    return tl::unexpected(
        sentence("there is no wavelet '", name.substr(0, 64), "'; the nearest is '", nearestWaveletName(name), "'"));
}

Checked<Boundary> requireBoundary(std::string_view name)
{
    if (const auto found = findBoundary(name))
        return *found;
    return tl::unexpected(
        sentence("there is no boundary mode '", name.substr(0, 64), "'; the nearest is '", nearestBoundaryName(name), "'"));
}

} // namespace winnow::wavelet
