#pragma once

#include "wavelet/wavelet.h"

namespace winnow::wavelet {

/// One line of the table: a wavelet by its low-pass decomposition filter, from which the other three follow.
struct FilterEntry {
    std::string_view name;
    Family family;
    int vanishingMoments;
    std::span<const double> low;
};

/// Every wavelet of the room. Where the numbers come from: make_filter_table.py.
std::span<const FilterEntry> filterTable();

} // namespace winnow::wavelet
