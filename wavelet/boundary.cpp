// SPDX-License-Identifier: GPL-3.0-or-later
#include "wavelet/boundary.h"

#include "wavelet/names.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

namespace winnow::wavelet {

namespace {

constexpr std::array<std::string_view, 9> kNames{"zero",   "constant",      "symmetric",   "reflect",      "periodic",
                                                 "smooth", "antisymmetric", "antireflect", "periodization"};
static_assert(static_cast<std::size_t>(Boundary::Periodization) + 1 == kNames.size());

} // namespace

std::string_view boundaryName(Boundary boundary) { return kNames[static_cast<std::size_t>(boundary)]; }

std::optional<Boundary> findBoundary(std::string_view name)
{
    const std::string lower = lowerCase(name);
    const auto found = std::ranges::find(kNames, std::string_view(lower));
    if (found == kNames.end())
        return std::nullopt;
    return static_cast<Boundary>(found - kNames.begin());
}

std::span<const std::string_view> boundaryNames() { return kNames; }

std::string_view nearestBoundaryName(std::string_view name) { return nearestName(kNames, name); }

} // namespace winnow::wavelet
