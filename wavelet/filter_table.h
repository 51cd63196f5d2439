// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "wavelet/wavelet.h"

namespace winnow::wavelet {

/// One line of the table: a wavelet by its low-pass filters, from which the other two follow. The moments are those of Wavelet.
struct FilterEntry {
    std::string_view name;
    Family family;
    int vanishingMoments, vanishingMomentsBack, vanishingMomentsPhi;
    std::span<const double> low;
    std::span<const double> back; // empty: low reversed. Of ReverseBiorthogonal both are those of its Biorthogonal
};

/// Every wavelet of the room. Where the numbers come from: make_filter_table.py.
std::span<const FilterEntry> filterTable();

} // namespace winnow::wavelet
