// SPDX-License-Identifier: GPL-3.0-or-later
#include "seeded_numbers.h"
#include "wavelet/packets.h"
#include "wavelet/transform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <numeric>

namespace winnow::wavelet {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::Pointwise;

/// Every basis of the tree below `node`.
std::vector<std::vector<PacketNode>> allBases(PacketNode node, int levels)
{
    std::vector<std::vector<PacketNode>> all{{node}};
    if (node.level == levels)
        return all;
    const auto left = allBases({node.level + 1, 2 * node.index}, levels),
               right = allBases({node.level + 1, 2 * node.index + 1}, levels);
    for (const auto& one : left) {
        for (const auto& other : right) {
            all.push_back(one);
            all.back().insert(all.back().end(), other.begin(), other.end());
        }
    }
    return all;
}

double entropyOf(const PacketTree& tree, std::span<const PacketNode> basis)
{
    const std::vector<double>& signal = tree[PacketNode{}];
    const double energy = std::inner_product(signal.begin(), signal.end(), signal.begin(), 0.0);
    double sum = 0.0;
    for (const PacketNode node : basis)
        sum += shannonEntropy(tree[node], energy);
    return sum;
}

TEST(PacketNode, readsAsAPath)
{
    EXPECT_EQ(packetPath({}), "");
    EXPECT_EQ(packetPath({3, 1}), "aad");
    EXPECT_EQ(packetPath({3, 6}), "dda");
}

/// PyWavelets: [node.path for node in WaveletPacket(x, "haar", maxlevel=3).get_level(3, "freq")].
TEST(PacketNode, hasItsPlaceInOrderOfFrequency)
{
    std::vector<std::string> paths(8);
    for (std::size_t index = 0; index < 8; ++index)
        paths[frequencyPlace({3, index})] = packetPath({3, index});
    EXPECT_THAT(paths, ElementsAre("aaa", "aad", "add", "ada", "dda", "ddd", "dad", "daa"));
}

TEST(PacketTree, splitsDetailsLikeApproximations)
{
    const std::vector<double> signal = numbers(1, 37);
    const Wavelet db3 = findWavelet("db3").value();
    const PacketTree tree = packetTree(signal, db3, Boundary::Reflect, 3).value();
    const Split first = dwt(signal, db3, Boundary::Reflect), second = dwt(first.detail, db3, Boundary::Reflect);
    EXPECT_EQ(tree[(PacketNode{1, 1})], first.detail);
    EXPECT_EQ(tree[(PacketNode{2, 2})], second.approximation);
    const Decomposition plain = wavedec(signal, db3, Boundary::Reflect, 3);
    EXPECT_EQ(tree[(PacketNode{3, 0})], plain.bands[3]);
    EXPECT_EQ(tree[(PacketNode{3, 1})], plain.bands[2]);
}

TEST(PacketTree, givesTheSignalBackFromEveryBasis)
{
    for (const char* name : {"haar", "db4", "bior4.4"}) {
        const Wavelet wavelet = findWavelet(name).value();
        for (const Boundary boundary : {Boundary::Symmetric, Boundary::Zero, Boundary::Periodization}) {
            for (const std::size_t length : {1, 2, 13, 32}) {
                const std::vector<double> signal = numbers(length, length);
                const PacketTree tree = packetTree(signal, wavelet, boundary, 3).value();
                const auto bases = allBases({}, 3);
                EXPECT_EQ(bases.size(), 26U);
                for (const auto& basis : bases)
                    ASSERT_THAT(recompose(tree, basis, wavelet), Pointwise(DoubleNear(1e-13), signal)) << name << length;
            }
        }
    }
}

TEST(BestBasis, hasTheLeastEntropyOfAll)
{
    const Wavelet db2 = findWavelet("db2").value();
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        const PacketTree tree = packetTree(numbers(seed, 32), db2, Boundary::Periodization, 3).value();
        const PacketBasis best = bestBasis(tree);
        double least = std::numeric_limits<double>::infinity();
        for (const auto& basis : allBases({}, 3))
            least = std::min(least, entropyOf(tree, basis));
        EXPECT_NEAR(best.entropy, least, 1e-13);
        EXPECT_NEAR(entropyOf(tree, best.nodes), least, 1e-13);
    }
}

TEST(BestBasis, leavesASpikeAloneAndSplitsATone)
{
    const Wavelet sym8 = findWavelet("sym8").value();
    std::vector<double> spike(256, 0.0), tone(256);
    spike[100] = 2.0;
    for (std::size_t n = 0; n < tone.size(); ++n)
        tone[n] = std::cos(2 * std::numbers::pi * static_cast<double>(n) * 60.0 / 256.0);
    const PacketBasis ofSpike = bestBasis(packetTree(spike, sym8, Boundary::Periodization, 4).value());
    EXPECT_THAT(ofSpike.nodes, ElementsAre(PacketNode{}));
    EXPECT_EQ(ofSpike.entropy, 0.0);
    const PacketBasis ofTone = bestBasis(packetTree(tone, sym8, Boundary::Periodization, 4).value());
    EXPECT_GT(ofTone.nodes.size(), 2U);
    EXPECT_EQ(std::ranges::max_element(ofTone.nodes)->level, 4);
}

TEST(BestBasis, ofSilenceIsTheSignal)
{
    const PacketTree tree = packetTree(std::vector<double>(8, 0.0), findWavelet("haar").value(), Boundary::Zero, 2).value();
    EXPECT_THAT(bestBasis(tree).nodes, ElementsAre(PacketNode{}));
}

TEST(Entropy, isThatOfShannon)
{
    EXPECT_NEAR(shannonEntropy(std::vector{1.0, -1.0, 1.0, 1.0}, 4.0), std::log(4.0), 1e-15);
    EXPECT_EQ(shannonEntropy(std::vector{0.0, 3.0, 0.0}, 9.0), 0.0);
    EXPECT_EQ(shannonEntropy(std::vector{0.0}, 0.0), 0.0);
}

TEST(PacketTree, refusesWhatItCannotDoInASentence)
{
    const Wavelet haar = findWavelet("haar").value();
    EXPECT_EQ(packetTree(numbers(1, 8), haar, Boundary::Zero, 25).error(), "25 levels of packets were asked for; choose 0 to 24");
    EXPECT_THAT(packetTree(std::vector<double>{NAN}, haar, Boundary::Zero, 1).error(), testing::HasSubstr("sample 0 of 1"));
}

} // namespace
} // namespace winnow::wavelet
