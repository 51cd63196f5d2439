// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/wavelet/scale_matrix.h"

#include <gmock/gmock.h>

#include <cmath>

namespace winnow {
namespace {

using testing::ElementsAre;

/// A contribution whose bands have the power that `power(level, distance)` says; level counts from 0, levels = approximation.
template <class Power>
Contribution made(int levels, int positions, int filterLength, Power power)
{
    Contribution c;
    c.levels = levels;
    c.positions = positions;
    c.filterLength = filterLength;
    for (int level = 0; level <= levels; ++level)
        for (int i = 0; i < positions; ++i)
            c.power.push_back(power(level, positions - 1 - i));
    c.bands.assign(static_cast<std::size_t>(levels) * positions, 0);
    c.approximation.assign(static_cast<std::size_t>(positions), 0);
    c.signal.assign(static_cast<std::size_t>(positions), 0);
    c.energy.assign(static_cast<std::size_t>(levels) + 1, 0);
    c.steps = {positions - 1};
    return c;
}

TEST(ScaleMatrix, hasOctavesBetweenTheHiddenEnds)
{
    const ScaleMatrix m = scaleMatrix(made(5, 512, 2, [](int, int) { return 1.0; }));
    EXPECT_THAT(m.edges, ElementsAre(32, 64, 128, 256, 480));
    EXPECT_EQ(m.octaves, 4);
    EXPECT_THAT(scaleMatrix(made(5, 512, 2, [](int, int) { return 1.0; }), 40).edges, ElementsAre(40, 64, 128, 256, 472));
    for (const int hide : {0, 1})
        EXPECT_THAT(scaleMatrix(made(2, 20, 2, [](int, int) { return 1.0; }), hide).edges, ElementsAre(1, 2, 4, 8, 16, 20 - hide))
            << "the newest position, at distance 0, is in no octave";
    EXPECT_EQ(scaleMatrix(made(2, 20, 2, [](int, int) { return 1.0; }), 10).octaves, 0);
}

TEST(ScaleMatrix, masksCellsWhoseSupportReachesWhatIsHidden)
{
    // Haar: level l reaches 2^l. At distances of 32 to 63 level 4 has the clear positions 48 to 63, half of them; level 5 none.
    const ScaleMatrix m = scaleMatrix(made(5, 512, 2, [](int, int) { return 1.0; }));
    for (int level = 0; level <= 5; ++level)
        for (int octave = 0; octave < 4; ++octave)
            EXPECT_EQ(m.masked[m.at(level, octave)], octave == 0 && level >= 4) << level << ' ' << octave;
    EXPECT_TRUE(std::isnan(m.meanLevel[0]));
    EXPECT_FALSE(std::isnan(m.meanLevel[1]));
    // Longer filters reach farther: db4, seven times as far.
    const ScaleMatrix longer = scaleMatrix(made(5, 512, 8, [](int, int) { return 1.0; }));
    EXPECT_TRUE(longer.masked[longer.at(4, 3)]);
    EXPECT_FALSE(longer.masked[longer.at(0, 1)]);
}

TEST(ScaleMatrix, doesNotSeeWhatIsHidden)
{
    const auto quiet = [](int level, int distance) { return 1.0 + level + distance * 0.001; };
    const auto loud = [&](int level, int distance) { return distance < 32 || distance >= 480 ? 1e9 : quiet(level, distance); };
    const ScaleMatrix a = scaleMatrix(made(5, 512, 2, quiet)), b = scaleMatrix(made(5, 512, 2, loud));
    for (std::size_t i = 0; i < a.ratio.size(); ++i)
        EXPECT_TRUE(a.masked[i] || a.ratio[i] == b.ratio[i]) << i;
    EXPECT_EQ(a.fit.slope, b.fit.slope);
}

TEST(ScaleMatrix, isTheLogarithmOfPartHereOverPartOverAll)
{
    // Two levels and the rest: near (d < 128) 6 : 1 : 1, far 2 : 4 : 2. 32 hidden, support up to 4: clear distances 36 to 123 …
    // 219.
    const ScaleMatrix m = scaleMatrix(made(2, 256, 2, [](int level, int distance) {
        constexpr double near[] = {6, 1, 1}, far[] = {2, 4, 2};
        return distance < 128 ? near[level] : far[level];
    }));
    ASSERT_THAT(m.edges, ElementsAre(32, 64, 128, 224));
    const double nearShare = (128.0 - 36) / (220 - 36), farShare = 1 - nearShare;
    const double overall[] = {6 * nearShare + 2 * farShare, nearShare + 4 * farShare, nearShare + 2 * farShare};
    const double total = overall[0] + overall[1] + overall[2];
    EXPECT_NEAR(m.ratio[m.at(0, 1)], std::log2(6.0 / 8 / (overall[0] / total)), 1e-12);
    EXPECT_NEAR(m.ratio[m.at(1, 2)], std::log2(4.0 / 8 / (overall[1] / total)), 1e-12);
    EXPECT_NEAR(m.partOverAll[2], overall[2] / total, 1e-12);
    EXPECT_NEAR(m.meanLevel[1], (6 * 1 + 1 * 2 + 1 * 3) / 8.0, 1e-12);
    EXPECT_NEAR(m.meanLevel[2], (2 * 1 + 4 * 2 + 2 * 3) / 8.0, 1e-12);
}

TEST(ScaleMatrix, findsTheSlopeOfATreeAndOfNone)
{
    // A tree: at distance d all power lies in the two levels around log2(d) − 5, so that their mean is log2(d) − 5.
    const auto tree = [](int level, int distance) {
        const double wanted = std::log2(std::max(distance, 1)) - 5 - 1, share = wanted - std::floor(wanted);
        return level == static_cast<int>(std::floor(wanted))       ? 1 - share
               : level == static_cast<int>(std::floor(wanted)) + 1 ? share
                                                                   : 0.0;
    };
    const ScaleMatrix m = scaleMatrix(made(7, 8192, 2, tree));
    EXPECT_NEAR(m.fit.slope, 1, 0.03);
    EXPECT_TRUE(m.fit.growing());
    const ScaleMatrix flat = scaleMatrix(made(7, 8192, 2, [](int level, int) { return level + 1.0; }));
    EXPECT_NEAR(flat.fit.slope, 0, 1e-12);
    EXPECT_FALSE(scaleMatrix(made(5, 60, 2, tree)).fit.growing()); // everything is hidden
    EXPECT_EQ(scaleMatrix(made(5, 60, 2, tree)).octaves, 0);
}

TEST(ScaleMatrix, givesAnIntervalOfStudentsT)
{
    const double wanted[] = {1, 2, 2, 3};
    const ScaleMatrix m = scaleMatrix(made(3, 1024, 2, [&](int level, int distance) {
        const double mean = distance < 64 ? 1 : wanted[static_cast<int>(std::log2(distance)) - 6];
        return level + 1 == mean ? 1.0 : 0.0;
    }));
    ASSERT_EQ(m.fit.points, 5); // 32 to 63 as well: supports of 8 leave most of it
    double x[5], y[5], meanX = 0, meanY = 0, xx = 0, xy = 0, residual = 0;
    for (int i = 0; i < 5; ++i) {
        x[i] = m.logDistance[static_cast<std::size_t>(i)];
        y[i] = m.meanLevel[static_cast<std::size_t>(i)];
        meanX += x[i] / 5;
        meanY += y[i] / 5;
    }
    EXPECT_THAT(m.meanLevel, ElementsAre(1, 1, 2, 2, 3));
    for (int i = 0; i < 5; ++i) {
        xx += (x[i] - meanX) * (x[i] - meanX);
        xy += (x[i] - meanX) * (y[i] - meanY);
    }
    for (int i = 0; i < 5; ++i)
        residual += std::pow(y[i] - meanY - xy / xx * (x[i] - meanX), 2);
    EXPECT_NEAR(m.fit.slope, xy / xx, 1e-12);
    EXPECT_NEAR(m.fit.high - m.fit.low, 2 * 3.1824463052837 * std::sqrt(residual / 3 / xx), 1e-7); // t.ppf(0.975, 3)
}

TEST(ScaleMatrix, leavesOutOctavesThatItsLevelsDoNotReach)
{
    // Beyond a distance of 256 everything lies in the approximation: three levels cannot tell how coarse it is.
    const ScaleMatrix m = scaleMatrix(made(3, 1024, 2, [](int level, int distance) {
        const int wanted = distance < 64 ? 0 : distance < 128 ? 1 : distance < 256 ? 2 : 3;
        return level == wanted ? 1.0 : 0.0;
    }));
    ASSERT_THAT(m.edges, ElementsAre(32, 64, 128, 256, 512, 992));
    using enum OctaveUse;
    EXPECT_THAT(m.use, ElementsAre(Used, Used, Used, BeyondLevels, BeyondLevels));
    EXPECT_EQ(m.fit.points, 3);
    EXPECT_NEAR(m.fit.slope, 1, 0.1);
    const ScaleMatrix masked = scaleMatrix(made(5, 512, 2, [](int, int) { return 1.0; }));
    EXPECT_THAT(masked.use, ElementsAre(NearEnds, Used, Used, Used));
}

TEST(ScaleMatrix, takesAsManyLevelsAsTheDistanceNeeds)
{
    EXPECT_EQ(levelsForSlope(512, 2, 32), 6); // 96 to 416: most of three octaves
    EXPECT_EQ(levelsForSlope(1024, 2, 32), 7);
    EXPECT_EQ(levelsForSlope(4096, 2, 32), 9);
    EXPECT_LT(levelsForSlope(1024, 8, 32), 7) << "longer filters reach farther";
    EXPECT_EQ(levelsForSlope(20, 2, 32), 1);
}

TEST(ScaleMatrix, writesTheSlopeAsASumOverOctaves)
{
    for (const int levels : {3, 6}) { // of three levels the first octave is clear, too
        const ScaleMatrix m =
            scaleMatrix(made(levels, 2048, 2, [](int level, int distance) { return 1.0 + level * std::sqrt(distance); }));
        const std::vector<double> weights = slopeWeights(m);
        double slope = 0;
        for (std::size_t i = 0; i < weights.size(); ++i)
            slope += weights[i] != 0 ? weights[i] * m.meanLevel[i] : 0;
        EXPECT_GE(m.fit.points, 4);
        EXPECT_NEAR(slope, m.fit.slope, 1e-12) << levels;
        EXPECT_EQ(m.use.front() == OctaveUse::Used, levels == 3);
    }
}

} // namespace
} // namespace winnow
