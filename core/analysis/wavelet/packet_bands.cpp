// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/wavelet/packet_bands.h"

#include "core/analysis/wavelet/band_parts.h"
#include "core/base/check.h"
#include "core/base/parallel.h"
#include "wavelet/boundary.h"
#include "wavelet/packets.h"
#include "wavelet/transform.h"
#include "wavelet/wavelet.h"

#include <algorithm>
#include <cmath>

namespace winnow {

namespace {

constexpr int kMostLevels = 8, kSignalsAtOnce = 16;

struct Method {
    wavelet::Wavelet wavelet;
    wavelet::Boundary boundary;
    int levels = 5;
    Detrend detrend = Detrend::None;
};

/// Sums over the coefficients c of a node: enough for its entropy once the energy of everything is known.
struct NodeSums {
    double squares = 0;    ///< of c²
    double logSquares = 0; ///< of c² ln c²
    /// Its part of the entropy: −Σ p ln p with p = c² / energy.
    double entropy(double energy) const { return energy > 0 ? (squares * std::log(energy) - logSquares) / energy : 0; }
};
using TreeSums = std::vector<std::vector<NodeSums>>; ///< [levels + 1][2^level]

TreeSums emptySums(int levels)
{
    TreeSums sums;
    for (int level = 0; level <= levels; ++level)
        sums.emplace_back(std::size_t{1} << level);
    return sums;
}

void add(TreeSums& sum, const TreeSums& part)
{
    for (std::size_t level = 0; level < sum.size(); ++level)
        for (std::size_t i = 0; i < sum[level].size(); ++i) {
            sum[level][i].squares += part[level][i].squares;
            sum[level][i].logSquares += part[level][i].logSquares;
        }
}

std::vector<double> channelOf(const LaneSignal& signal, int channel, Detrend removed)
{
    std::vector<double> values(static_cast<std::size_t>(signal.length));
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = signal.values[i * static_cast<std::size_t>(signal.channels) + static_cast<std::size_t>(channel)];
    detrend(values, 1, removed);
    return values;
}

TreeSums sumsOf(const LaneSignal& signal, const Method& method)
{
    TreeSums sums = emptySums(method.levels);
    for (int channel = 0; channel < signal.channels; ++channel) {
        const auto tree =
            wavelet::packetTree(channelOf(signal, channel, method.detrend), method.wavelet, method.boundary, method.levels);
        for (std::size_t level = 0; tree && level < sums.size(); ++level)
            for (std::size_t i = 0; i < sums[level].size(); ++i)
                for (const double c : tree->nodes[level][i]) {
                    sums[level][i].squares += c * c;
                    sums[level][i].logSquares += c != 0 ? c * c * std::log(c * c) : 0;
                }
    }
    return sums;
}

/// The least entropy of the subtree of a node, and its nodes from left to right; of equals the one nearer to the root.
double best(const TreeSums& sums, wavelet::PacketNode node, double energy, std::vector<wavelet::PacketNode>& into)
{
    const double own = sums[static_cast<std::size_t>(node.level)][node.index].entropy(energy);
    std::vector<wavelet::PacketNode> split;
    double children = HUGE_VAL;
    if (node.level + 1 < static_cast<int>(sums.size()))
        children = best(sums, {node.level + 1, 2 * node.index}, energy, split) +
                   best(sums, {node.level + 1, 2 * node.index + 1}, energy, split);
    if (own <= children) {
        into.push_back(node);
        return own;
    }
    into.insert(into.end(), split.begin(), split.end());
    return children;
}

/// The nodes of another basis of this tree, and their entropy.
double taken(const TreeSums& sums, const PacketBands& like, double energy, std::vector<wavelet::PacketNode>& into)
{
    double entropy = 0;
    for (const PacketBands::Node& one : like.nodes) {
        wavelet::PacketNode node{.level = one.level};
        for (const char step : one.path)
            node.index = 2 * node.index + (step == 'd' ? 1 : 0);
        entropy += sums[static_cast<std::size_t>(node.level)][node.index].entropy(energy);
        into.push_back(node);
    }
    return entropy;
}

double entropyOfLevels(const TreeSums& sums, double energy)
{
    double entropy = sums.back()[0].entropy(energy);
    for (std::size_t level = 1; level < sums.size(); ++level)
        entropy += sums[level][1].entropy(energy);
    return entropy;
}

/// A node alone, all others zero, at the length of the signal.
std::vector<double> alone(const wavelet::PacketTree& tree, wavelet::PacketNode node, const Method& method)
{
    std::vector<double> values = tree[node];
    while (node.level > 0) {
        const std::vector<double> zeros(values.size());
        const bool detail = node.index % 2 == 1;
        values = detail ? wavelet::idwt(zeros, values, method.wavelet, method.boundary)
                        : wavelet::idwt(values, zeros, method.wavelet, method.boundary);
        node = {node.level - 1, node.index / 2};
        values.resize(tree[node].size());
    }
    return values;
}

/// What the nodes of a basis hold of one signal, summed over its channels.
struct NodeParts {
    std::vector<double> magnitude;    ///< [nodes, length] |reconstruction of one node alone|
    std::vector<double> energy, edge; ///< [nodes], see PacketBands::Node
};
NodeParts partsOf(const LaneSignal& signal, const std::vector<wavelet::PacketNode>& nodes, const Method& method)
{
    const auto length = static_cast<std::size_t>(signal.length);
    const std::vector<wavelet::Edges> edges =
        wavelet::edgePositions(length, method.wavelet.filterLength(), method.boundary, method.levels);
    NodeParts parts{std::vector<double>(nodes.size() * length), std::vector<double>(nodes.size()),
                    std::vector<double>(nodes.size())};
    for (int channel = 0; channel < signal.channels; ++channel) {
        const std::vector<double> own = channelOf(signal, channel, method.detrend);
        const auto tree = wavelet::packetTree(own, method.wavelet, method.boundary, method.levels);
        for (std::size_t n = 0; tree && n < nodes.size(); ++n) {
            const std::vector<double> values = alone(*tree, nodes[n], method);
            // A node feels the ends where a detail of its level does.
            const wavelet::Edges ends =
                nodes[n].level > 0 ? edges[static_cast<std::size_t>(nodes[n].level) - 1] : wavelet::Edges();
            for (std::size_t i = 0; i < length; ++i) {
                const double energy = values[i] * own[i];
                parts.magnitude[n * length + i] += std::abs(values[i]);
                parts.energy[n] += energy;
                parts.edge[n] += i < ends.first || i + ends.last >= length ? energy : 0;
            }
        }
    }
    return parts;
}

Result<Method> methodOf(const ContributionOptions& options)
{
    auto filters = wavelet::requireWavelet(options.wavelet);
    if (!filters)
        return fail(Error{ErrorCode::Usage, std::move(filters.error())});
    auto boundary = wavelet::requireBoundary(options.mode);
    if (!boundary)
        return fail(Error{ErrorCode::Usage, std::move(boundary.error())});
    if (options.levels < 1 || options.levels > kMostLevels)
        return fail(ErrorCode::Usage, "{} levels of packets were asked for; choose 1 to {}", options.levels, kMostLevels);
    return Method{std::move(*filters), *boundary, options.levels, options.detrend};
}

} // namespace

Result<PacketBands> packetBands(const Trace& trace, const ContributionOptions& options, const JobContext& job,
                                const PacketBands* like)
{
    WINNOW_TRY(const Method method, methodOf(options));
    if (options.steps.size() > 1)
        return fail(ErrorCode::Usage, "{} steps were given; packets are those of one step", options.steps.size());
    WINNOW_TRY(const SignalPlan plan,
               planSignals(trace, {options.heads, options.steps, options.window, options.signal, options.shuffle}));
    PacketBands result{.levels = method.levels,
                       .positions = plan.shortest(),
                       .step = plan.steps.front(),
                       .wavelet = method.wavelet.name,
                       .mode = std::string(wavelet::boundaryName(method.boundary)),
                       .signalKind = plan.kind,
                       .detrend = method.detrend,
                       .shuffle = options.shuffle,
                       .heads = plan.headCount(),
                       .note = levelsWarning(options.wavelet, options.levels, plan.shortest()).value_or(std::string()),
                       .manifest = trace.info().manifest};
    result.firstPosition = result.step + 1 - result.positions;
    result.signal.assign(static_cast<std::size_t>(result.positions), 0);

    TreeSums sums = emptySums(method.levels);
    double channels = 0;
    WINNOW_TRY_VOID(visitSignals(trace, plan, kSignalsAtOnce, job, [&](std::span<const LaneSignal> signals) {
        std::vector<TreeSums> parts(signals.size());
        parallelFor(signals.size(), [&](std::size_t i) { parts[i] = sumsOf(signals[i], method); });
        for (std::size_t i = 0; i < parts.size(); ++i) {
            add(sums, parts[i]);
            channels += signals[i].channels;
            for (std::size_t n = 0; n < signals[i].values.size(); ++n)
                result.signal[n / static_cast<std::size_t>(signals[i].channels)] += std::abs(signals[i].values[n]);
        }
    }));
    const double energy = sums[0][0].squares;
    std::vector<wavelet::PacketNode> nodes;
    WINNOW_CHECK(!like || like->levels == method.levels, "nodes of {} levels for a tree of {}", like->levels, method.levels);
    result.entropy = like ? taken(sums, *like, energy, nodes) : best(sums, {}, energy, nodes);
    result.entropyOfLevels = entropyOfLevels(sums, energy);
    std::sort(nodes.begin(), nodes.end(), [&](const auto& a, const auto& b) { // by frequency: places at the deepest level
        return wavelet::frequencyPlace(a) << (method.levels - a.level) < wavelet::frequencyPlace(b) << (method.levels - b.level);
    });

    NodeParts sum{std::vector<double>(nodes.size() * result.signal.size()), std::vector<double>(nodes.size()),
                  std::vector<double>(nodes.size())};
    WINNOW_TRY_VOID(visitSignals(trace, plan, kSignalsAtOnce, job, [&](std::span<const LaneSignal> signals) {
        std::vector<NodeParts> parts(signals.size());
        parallelFor(signals.size(), [&](std::size_t i) { parts[i] = partsOf(signals[i], nodes, method); });
        for (const NodeParts& part : parts) {
            addLatest(sum.magnitude, part.magnitude);
            addLatest(sum.energy, part.energy);
            addLatest(sum.edge, part.edge);
        }
    }));
    for (double& value : result.signal)
        value /= channels;
    for (std::size_t n = 0; n < nodes.size(); ++n) {
        const double place = static_cast<double>(wavelet::frequencyPlace(nodes[n])), width = std::ldexp(0.5, -nodes[n].level);
        PacketBands::Node node{.path = wavelet::packetPath(nodes[n]),
                               .level = nodes[n].level,
                               .low = place * width,
                               .high = (place + 1) * width,
                               .energy = sum.energy[n] / result.heads,
                               .edge = sum.edge[n] / result.heads};
        for (std::size_t i = 0; i < result.signal.size(); ++i)
            node.magnitude.push_back(sum.magnitude[n * result.signal.size() + i] / channels);
        result.nodes.push_back(std::move(node));
    }
    return result;
}

} // namespace winnow
