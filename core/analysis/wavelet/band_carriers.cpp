// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/wavelet/band_carriers.h"

#include <algorithm>
#include <numeric>

namespace winnow {

BandCarriers bandCarriers(Contribution contribution, const TraceInfo& info, int hide, int most)
{
    const int left = contribution.positions > 2 * hide ? hide : 0, right = contribution.positions - left;
    BandCarriers result{.begin = contribution.firstPosition + left, .end = contribution.firstPosition + right};
    double all = 0;
    for (int band = 0; band <= contribution.levels; ++band) {
        const auto power =
            contribution.powerOf(band).subspan(static_cast<std::size_t>(left), static_cast<std::size_t>(right - left));
        BandCarriers::Band one{.part = std::accumulate(power.begin(), power.end(), 0.0)};
        all += one.part;
        std::vector<int> order(power.size());
        std::iota(order.begin(), order.end(), 0);
        const auto at = [&](int i) { return power[static_cast<std::size_t>(i)]; };
        std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return at(a) > at(b); });
        double held = 0;
        for (const int i : order) {
            if (one.part <= 0 || at(i) <= 0)
                break;
            if (held < kCarriedShare * one.part)
                ++one.tokens;
            held += at(i);
            const int position = result.begin + i;
            if (static_cast<int>(one.carriers.size()) < most)
                one.carriers.push_back({position, std::string(tokenText(info, Position{position})), at(i) / one.part});
        }
        result.bands.push_back(std::move(one));
    }
    for (BandCarriers::Band& band : result.bands)
        band.part = all > 0 ? band.part / all : 0;
    result.contribution = std::move(contribution);
    return result;
}

} // namespace winnow
