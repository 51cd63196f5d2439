// SPDX-License-Identifier: GPL-3.0-or-later
// Wavelet packets of a signal along the tokens: the joint best basis of all its channels and heads, and what each of its nodes
// holds. Free of Torch.
#pragma once

#include "core/analysis/wavelet/contribution.h"

namespace winnow {

struct PacketBands {
    struct Node {
        std::string path; ///< "aad", as PyWavelets writes it; the deepest split last
        int level = 0;
        double low = 0, high = 0;      ///< the node's band in cycles per token: place / 2^(level + 1) and one place further
        double energy = 0;             ///< as of Contribution: the nodes' energies add up to that of what was transformed
        double edge = 0;               ///< the part of it at positions where the node depends on what is beyond the ends
        std::vector<double> magnitude; ///< [positions], mean |reconstruction of this node alone|
    };
    std::vector<Node> nodes; ///< the best basis (Shannon entropy, summed over channels and heads), lowest frequency first
    double entropy = 0, entropyOfLevels = 0; ///< of this basis, and of the usual one (dwt) with as many levels
    int levels = 0, positions = 0, firstPosition = 0, step = 0;
    std::vector<double> signal; ///< [positions]
    std::string wavelet, mode;
    SignalKind signalKind = SignalKind::Contribution;
    Detrend detrend = Detrend::None;
    std::optional<unsigned> shuffle;
    int heads = 0;
    std::string note;
    std::map<std::string, std::string> manifest;
};

/// One step: the last of `options.steps`, or the last of the trace. levels 1…8. Costs about 2^levels transforms per channel.
/// `like`: its nodes are taken instead of the best basis, so that the two can be compared band by band; it was made with the same
/// number of levels.
Result<PacketBands> packetBands(const Trace& trace, const ContributionOptions& options, const JobContext& job,
                                const PacketBands* like = nullptr);

} // namespace winnow
