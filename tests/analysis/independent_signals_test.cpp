// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/wavelet/independent_signals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace winnow {
namespace {

/// own² / mean of the squared products of two positions, position by position.
double plainCount(const std::vector<std::vector<double>>& signals)
{
    const std::size_t length = signals.front().size();
    double own = 0, others = 0;
    for (std::size_t a = 0; a < length; ++a)
        for (std::size_t b = 0; b <= a; ++b) {
            double product = 0;
            for (const auto& signal : signals)
                product += signal[a] * signal[b];
            if (a == b)
                own += product / static_cast<double>(length);
            else
                others += product * product / (static_cast<double>(length * (length - 1)) / 2);
        }
    return own * own / others;
}

double countOf(const std::vector<std::vector<double>>& signals)
{
    IndependentSignals count(signals.front().size());
    for (const auto& signal : signals)
        count.add(signal, 1);
    return count.count();
}

TEST(IndependentSignals, areCountedByTheProductsOfTwoPositions)
{
    std::mt19937 random(3);
    std::normal_distribution<double> normal;
    for (const std::size_t length : {2U, 7U, 40U})
        for (const std::size_t channels : {1U, 3U, 12U}) {
            std::vector<std::vector<double>> signals(channels, std::vector<double>(length));
            for (auto& signal : signals)
                for (double& value : signal)
                    value = normal(random);
            const double wanted = std::clamp(plainCount(signals), 1.0, static_cast<double>(channels));
            EXPECT_NEAR(countOf(signals), wanted, 1e-9 * wanted) << length << " positions, " << channels << " channels";
        }
}

TEST(IndependentSignals, lookAtNoMoreThan256PositionsEquallyFarApart)
{
    std::mt19937 random(4);
    std::normal_distribution<double> normal;
    for (const auto& [length, step] : {std::pair<std::size_t, std::size_t>{256, 1}, {257, 2}, {512, 2}, {600, 3}}) {
        std::vector<std::vector<double>> signals(3, std::vector<double>(length)), some(3);
        for (std::size_t i = 0; i < length; ++i)
            for (std::size_t s = 0; s < signals.size(); ++s) {
                signals[s][i] = normal(random);
                if (i % step == 0)
                    some[s].push_back(signals[s][i]);
            }
        EXPECT_NEAR(countOf(signals), std::clamp(plainCount(some), 1.0, 3.0), 1e-9) << length;
    }
}

TEST(IndependentSignals, areOneWhereNothingTellsThemApart)
{
    EXPECT_EQ(countOf({{3}}), 1) << "one position";
    EXPECT_EQ(countOf({{0, 0, 0}, {0, 0, 0}}), 1) << "silence";
    EXPECT_EQ(countOf({{1, 0}, {0, 1}}), 2) << "no two positions have anything in common";
    EXPECT_EQ(countOf({{0.01, 0}, {0, 0.01}}), 2) << "however quiet";
}

} // namespace
} // namespace winnow
