// SPDX-License-Identifier: GPL-3.0-or-later
#include "wavelet/packets.h"

#include "wavelet/contract.h"
#include "wavelet/names.h"
#include "wavelet/transform.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace winnow::wavelet {

namespace {

constexpr int kMostLevels = 24; // sixteen million nodes

PacketNode child(PacketNode node, std::size_t which) { return {.level = node.level + 1, .index = 2 * node.index + which}; }

/// The best basis below `node`, its nodes appended to `nodes`; gives their entropy.
double best(const PacketTree& tree, PacketNode node, double energy, std::vector<PacketNode>& nodes)
{
    const double own = shannonEntropy(tree[node], energy);
    if (node.level == tree.levels()) {
        nodes.push_back(node);
        return own;
    }
    const std::size_t before = nodes.size();
    const double low = best(tree, child(node, 0), energy, nodes), both = low + best(tree, child(node, 1), energy, nodes);
    if (both < own)
        return both;
    nodes.resize(before);
    nodes.push_back(node);
    return own;
}

/// The coefficients of `node` from those of the basis below it. `basis` is sorted.
std::vector<double> gather(const PacketTree& tree, PacketNode node, std::span<const PacketNode> basis, const Wavelet& wavelet)
{
    if (std::ranges::binary_search(basis, node))
        return tree[node];
    WINNOW_WAVELET_CHECK(node.level < tree.levels(), "the basis covers the tree");
    const std::vector<double> low = gather(tree, child(node, 0), basis, wavelet);
    std::vector<double> both = idwt(low, gather(tree, child(node, 1), basis, wavelet), wavelet, tree.boundary);
    both.resize(tree[node].size()); // an odd length comes back one longer
    return both;
}

} // namespace

std::string packetPath(PacketNode node)
{
    std::string path;
    for (int bit = node.level; bit-- > 0;)
        path += (node.index >> bit) % 2 == 0 ? 'a' : 'd';
    return path;
}

std::size_t frequencyPlace(PacketNode node)
{
    std::size_t place = node.index; // the index is the Gray code of the place
    for (std::size_t shift = 1; shift < 64; shift *= 2)
        place ^= place >> shift;
    return place;
}

Checked<PacketTree> packetTree(std::span<const double> signal, const Wavelet& wavelet, Boundary boundary, int levels)
{
    if (auto problem = signalProblem(signal))
        return tl::unexpected(*std::move(problem));
    if (levels < 0 || levels > kMostLevels)
        return tl::unexpected(sentence(levels, " levels of packets were asked for; choose 0 to ", kMostLevels));
    PacketTree tree{.length = signal.size(), .boundary = boundary};
    tree.nodes.push_back({{signal.begin(), signal.end()}});
    for (int level = 0; level < levels; ++level) {
        std::vector<std::vector<double>> next;
        next.reserve(2 * tree.nodes.back().size());
        for (const std::vector<double>& node : tree.nodes.back()) {
            Split split = dwt(node, wavelet, boundary);
            next.push_back(std::move(split.approximation));
            next.push_back(std::move(split.detail));
        }
        tree.nodes.push_back(std::move(next));
    }
    return tree;
}

double shannonEntropy(std::span<const double> coefficients, double energy)
{
    double sum = 0.0;
    for (const double coefficient : coefficients) {
        const double share = energy > 0.0 ? coefficient * coefficient / energy : 0.0;
        if (share > 0.0)
            sum -= share * std::log(share);
    }
    return sum;
}

PacketBasis bestBasis(const PacketTree& tree)
{
    const std::vector<double>& signal = tree[PacketNode{}];
    const double energy = std::inner_product(signal.begin(), signal.end(), signal.begin(), 0.0);
    PacketBasis basis;
    basis.entropy = best(tree, {}, energy, basis.nodes);
    return basis;
}

std::vector<double> recompose(const PacketTree& tree, std::span<const PacketNode> basis, const Wavelet& wavelet)
{
    std::vector<PacketNode> sorted(basis.begin(), basis.end());
    std::ranges::sort(sorted);
    return gather(tree, {}, sorted, wavelet);
}

} // namespace winnow::wavelet
