// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/bootstrap.h"

#include "core/tasks/draws.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace winnow::tasks {

namespace {

constexpr std::size_t kSamples = 1000;

constexpr std::uint64_t kSeed = 2026;

} // namespace

std::optional<Interval> bootstrapInterval(std::span<const double> values)
{
    if (values.size() < 2 || values.size() > UINT32_MAX)
        return std::nullopt;
    Draws draws(kSeed);
    std::array<double, kSamples> means;
    for (double& mean : means) {
        double sum = 0;
        for (std::size_t i = 0; i < values.size(); ++i)
            sum += values[draws.below(values.size())];
        mean = sum / static_cast<double>(values.size());
    }
    std::ranges::sort(means);
    return Interval{means[kSamples / 40 - 1], means[kSamples - kSamples / 40]};
}

} // namespace winnow::tasks
