// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "wavelet/input.h"

#include <compare>
#include <cstddef>
#include <string>
#include <vector>

/// Wavelet packets: the details are split like the approximations. All functions are pure and safe from any thread.
namespace winnow::wavelet {

/// One node of the tree. `index` < 2^level reads as the path from the root, the last split in the lowest bit: 0 took the
/// approximation, 1 the detail.
struct PacketNode {
    int level = 0;
    std::size_t index = 0;
    friend auto operator<=>(const PacketNode&, const PacketNode&) = default;
};

/// "aad", as PyWavelets writes it; "" is the root.
std::string packetPath(PacketNode node);

/// Place of the node among those of its level in order of frequency, lowest first (every detail turns the order below it round).
std::size_t frequencyPlace(PacketNode node);

struct PacketTree {
    std::size_t length = 0; // of the signal
    Boundary boundary = Boundary::Symmetric;
    std::vector<std::vector<std::vector<double>>> nodes; // [levels + 1][2^level][coefficients]

    int levels() const { return static_cast<int>(nodes.size()) - 1; }
    const std::vector<double>& operator[](PacketNode node) const
    {
        return nodes[static_cast<std::size_t>(node.level)][node.index];
    }
    std::vector<double>& operator[](PacketNode node) { return nodes[static_cast<std::size_t>(node.level)][node.index]; }
};

/// The whole tree to `levels`, coefficients as PyWavelets' WaveletPacket has them. Costs `levels` transforms of one level.
/// Refused are samples that are not finite and more than 24 levels.
Checked<PacketTree> packetTree(std::span<const double> signal, const Wavelet& wavelet, Boundary boundary, int levels);

/// Shannon's entropy of coefficients whose shares of `energy` are p = c^2 / energy: the sum of -p ln p, with 0 ln 0 = 0. It adds
/// up over nodes. 0 if energy is 0.
double shannonEntropy(std::span<const double> coefficients, double energy);

struct PacketBasis {
    std::vector<PacketNode> nodes; // from left to right in the tree; together they cover it once
    double entropy = 0.0;          // shannonEntropy of all their coefficients, with the energy of the signal
};

/// The basis of least entropy (R. Coifman, M. Wickerhauser, IEEE Trans. Inf. Theory 38, 1992); of equals the one nearer to the
/// root.
PacketBasis bestBasis(const PacketTree& tree);

/// The signal from the coefficients of a basis alone, whatever the others hold. The nodes cover the tree once, in any order.
std::vector<double> recompose(const PacketTree& tree, std::span<const PacketNode> basis, const Wavelet& wavelet);

} // namespace winnow::wavelet
