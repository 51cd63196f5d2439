// SPDX-License-Identifier: GPL-3.0-or-later
#include "wavelet/names.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <numeric>
#include <vector>

namespace winnow::wavelet {

namespace {

/// Levenshtein's distance, one row of the table at a time.
std::size_t editDistance(std::string_view from, std::string_view to)
{
    std::vector<std::size_t> row(to.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < from.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < to.size(); ++j) {
            const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

} // namespace

void appendPart(std::string& text, double number)
{
    std::array<char, 32> digits;
    text.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

std::string lowerCase(std::string_view text)
{
    std::string lower(text);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

std::string_view nearestName(std::span<const std::string_view> names, std::string_view typed)
{
    // Nobody's slip is hundreds of letters long, and the distance costs their product.
    const std::string lower = lowerCase(typed.substr(0, 64));
    return *std::ranges::min_element(names, {}, [&](std::string_view name) { return editDistance(lower, name); });
}

} // namespace winnow::wavelet
