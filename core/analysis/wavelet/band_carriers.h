// SPDX-License-Identifier: GPL-3.0-or-later
// Which tokens carry a band: those that hold most of its power. Pure, any thread, free of Torch.
#pragma once

#include "core/analysis/wavelet/contribution.h"

#include <string>
#include <vector>

namespace winnow {

struct BandCarriers {
    struct Carrier {
        int position = 0; ///< of the text
        std::string text; ///< of the token
        double share = 0; ///< of the band's power, 0…1
    };
    struct Band {
        double part = 0;               ///< of the power of all bands, 0…1
        int tokens = 0;                ///< the fewest that together hold `half` of the band's power
        std::vector<Carrier> carriers; ///< the strongest first; of equals the earlier
    };
    Contribution contribution; ///< of one step
    int begin = 0, end = 0;    ///< positions that were looked at, half-open
    std::vector<Band> bands;   ///< [levels + 1], finest first, approximation last; a band without power has no carriers
};

/// The share of a band's power that BandCarriers::Band::tokens hold.
inline constexpr double kCarriedShare = 0.5;

/// At most `most` carriers of each band. Power is the mean square of the band's reconstruction; `hide` positions at both ends are
/// left out, where that leaves any. Cost: a sort of the positions per band.
BandCarriers bandCarriers(Contribution contribution, const TraceInfo& info, int hide, int most);

} // namespace winnow
