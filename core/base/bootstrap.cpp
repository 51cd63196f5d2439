// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/bootstrap.h"

#include "core/base/draws.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace winnow {

namespace {

constexpr std::size_t kSamples = 1000;

constexpr std::uint64_t kSeed = 2026;

/// `meanOf` draws one sample.
template <class MeanOf>
Interval middle(MeanOf meanOf)
{
    Draws draws(kSeed);
    std::array<double, kSamples> means;
    for (double& mean : means)
        mean = meanOf(draws);
    std::ranges::sort(means);
    return {means[kSamples / 40 - 1], means[kSamples - kSamples / 40]};
}

} // namespace

std::optional<Interval> bootstrapInterval(std::span<const double> values)
{
    if (values.size() < 2 || values.size() > UINT32_MAX)
        return std::nullopt;
    return middle([&](Draws& draws) {
        double sum = 0;
        for (std::size_t i = 0; i < values.size(); ++i)
            sum += values[draws.below(values.size())];
        return sum / static_cast<double>(values.size());
    });
}

std::optional<Interval> blockBootstrapInterval(std::span<const double> values, std::size_t block)
{
    struct Block {
        double sum = 0, count = 0;
    };
    std::vector<Block> blocks((values.size() + block - 1) / block);
    for (std::size_t i = 0; i < values.size(); ++i) {
        blocks[i / block].sum += values[i];
        ++blocks[i / block].count;
    }
    if (blocks.size() < 2 || blocks.size() > UINT32_MAX)
        return std::nullopt;
    return middle([&](Draws& draws) {
        Block all;
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            const Block& one = blocks[draws.below(blocks.size())];
            all.sum += one.sum;
            all.count += one.count;
        }
        return all.sum / all.count;
    });
}

} // namespace winnow
