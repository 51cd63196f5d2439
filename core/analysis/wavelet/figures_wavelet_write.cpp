#include "core/analysis/wavelet/figures_wavelet_write.h"

#include <cmath>

namespace winnow {

namespace {

std::string number(double value) { return std::isnan(value) ? std::string() : fmt::format("{:.9g}", value); }

std::string levelName(int level, int levels) { return level < levels ? std::to_string(level + 1) : "approximation"; }

/// A policy's line has commas.
std::string quoted(const std::string& text) { return text.find(',') == std::string::npos ? text : '"' + text + '"'; }

void addMethod(NpzWriter& npz, const Contribution& c)
{
    npz.addString("wavelet", c.wavelet);
    npz.addString("mode", c.mode);
    npz.addString("transform", std::string(transformInfo(c.transform).name));
    npz.addString("signal_kind", std::string(signalInfo(c.signalKind).name));
}

std::string methodLines(const Contribution& c)
{
    return fmt::format("# wavelet: {}\n# mode: {}\n# transform: {}\n# signal: {}\n", c.wavelet, c.mode,
                       transformInfo(c.transform).name, signalInfo(c.signalKind).name);
}

} // namespace

void addArrays(NpzWriter& npz, const Contribution& c)
{
    const auto positions = static_cast<std::size_t>(c.positions), levels = static_cast<std::size_t>(c.levels);
    npz.add("bands", c.bands, {levels, positions});
    npz.add("approximation", c.approximation, {positions});
    npz.add("signal", c.signal, {positions});
    npz.add("energy", c.energy, {levels + 1});
    npz.add("power", c.power, {levels + 1, positions});
    npz.addString("wavelet", c.wavelet);
    npz.addString("mode", c.mode);
    npz.addString("transform", std::string(transformInfo(c.transform).name));
    npz.addString("signal_kind", std::string(signalInfo(c.signalKind).name));
    npz.addScalar<std::int32_t>("step", c.steps.back());
    npz.add("steps", std::vector<std::int32_t>(c.steps.begin(), c.steps.end()), {c.steps.size()});
    npz.addScalar<std::int32_t>("first_position", c.firstPosition);
}

std::string csvOf(const TokenScalogram& s)
{
    std::string text = fmt::format("# wavelet: {}\n# signal: {}\n# step: {}\nperiod,position,power,significant,inside_cone\n",
                                   s.wavelet, signalInfo(s.signalKind).name, s.step);
    for (int scale = 0; scale < s.scales; ++scale)
        for (int column = 0; column < s.positions; ++column)
            text +=
                fmt::format("{:.9g},{},{:.9g},{:d},{:d}\n", s.period[static_cast<std::size_t>(scale)], s.firstPosition + column,
                            s.at(scale, column), s.significant(scale, column), s.insideCone(scale, column));
    return text;
}

void addArrays(NpzWriter& npz, const TokenScalogram& s)
{
    const auto scales = static_cast<std::size_t>(s.scales), positions = static_cast<std::size_t>(s.positions);
    npz.add("power", s.power, {scales, positions});
    npz.add("period", s.period, {scales});
    npz.add("scale", s.scale, {scales});
    npz.add("cone", s.cone, {positions});
    npz.add("global", s.global, {scales});
    npz.add("signal", s.signal, {positions});
    npz.add("threshold", s.threshold, {s.threshold.size()});
    npz.addString("wavelet", s.wavelet);
    npz.addString("signal_kind", std::string(signalInfo(s.signalKind).name));
    npz.addString("noise", std::string(noiseName(s.noise)));
    npz.addScalar("confidence", s.confidence);
    npz.addScalar<std::int32_t>("step", s.step);
    npz.addScalar<std::int32_t>("first_position", s.firstPosition);
    std::vector<std::int32_t> begins, lengths;
    std::vector<double> periods, powers;
    for (const PowerRidge& ridge : s.ridges) {
        begins.push_back(s.firstPosition + ridge.begin);
        lengths.push_back(static_cast<std::int32_t>(ridge.periods.size()));
        periods.insert(periods.end(), ridge.periods.begin(), ridge.periods.end());
        powers.insert(powers.end(), ridge.power.begin(), ridge.power.end());
    }
    npz.add("ridge_begin", begins, {begins.size()});
    npz.add("ridge_length", lengths, {lengths.size()});
    npz.add("ridge_period", periods, {periods.size()});
    npz.add("ridge_power", powers, {powers.size()});
}

std::string csvOf(const PacketBands& p)
{
    std::string text =
        fmt::format("# wavelet: {}\n# mode: {}\n# signal: {}\n# step: {}\n# entropy: {:.9g}\n# entropy dwt: {:.9g}\n", p.wavelet,
                    p.mode, signalInfo(p.signalKind).name, p.step, p.entropy, p.entropyOfLevels);
    for (const auto& node : p.nodes)
        text += fmt::format("# node {}: {:.9g} to {:.9g} cycles per token, energy {:.9g}\n",
                            node.path.empty() ? "root" : node.path, node.low, node.high, node.energy);
    text += "position,signal";
    for (const auto& node : p.nodes)
        text += ',' + (node.path.empty() ? std::string("root") : node.path);
    text += '\n';
    for (int i = 0; i < p.positions; ++i) {
        text += fmt::format("{},{:.9g}", p.firstPosition + i, p.signal[static_cast<std::size_t>(i)]);
        for (const auto& node : p.nodes)
            text += fmt::format(",{:.9g}", node.magnitude[static_cast<std::size_t>(i)]);
        text += '\n';
    }
    return text;
}

void addArrays(NpzWriter& npz, const PacketBands& p)
{
    std::vector<std::string> paths;
    std::vector<std::int32_t> levels;
    std::vector<double> low, high, energy, magnitude;
    for (const auto& node : p.nodes) {
        paths.push_back(node.path);
        levels.push_back(node.level);
        low.push_back(node.low);
        high.push_back(node.high);
        energy.push_back(node.energy);
        magnitude.insert(magnitude.end(), node.magnitude.begin(), node.magnitude.end());
    }
    const std::size_t nodes = p.nodes.size(), positions = static_cast<std::size_t>(p.positions);
    npz.addStrings("path", paths);
    npz.add("level", levels, {nodes});
    npz.add("low", low, {nodes});
    npz.add("high", high, {nodes});
    npz.add("energy", energy, {nodes});
    npz.add("magnitude", magnitude, {nodes, positions});
    npz.add("signal", p.signal, {positions});
    npz.addScalar("entropy", p.entropy);
    npz.addScalar("entropy_dwt", p.entropyOfLevels);
    npz.addString("wavelet", p.wavelet);
    npz.addString("mode", p.mode);
    npz.addString("signal_kind", std::string(signalInfo(p.signalKind).name));
    npz.addScalar<std::int32_t>("step", p.step);
    npz.addScalar<std::int32_t>("first_position", p.firstPosition);
}

std::string csvOf(const HeadSlopes& slopes)
{
    const ScaleMatrix& m = slopes.matrix;
    std::string text = methodLines(slopes.all);
    text += fmt::format("# hidden positions: {}\n# distances: {}\n", slopes.hide, fmt::join(m.edges, " "));
    for (int level = 0; level <= m.levels; ++level) {
        text += fmt::format("# log2 of part here / part over all, level {}:", levelName(level, m.levels));
        for (int octave = 0; octave < m.octaves; ++octave)
            text += m.masked[m.at(level, octave)] ? std::string(" masked") : ' ' + number(m.ratio[m.at(level, octave)]);
        text += '\n';
    }
    text += fmt::format("# all heads: slope {}, interval {} to {}\nlayer,head,slope,low,high,octaves\n", number(m.fit.slope),
                        number(m.fit.low), number(m.fit.high));
    for (const HeadSlope& one : slopes.heads)
        text += fmt::format("{},{},{},{},{},{}\n", raw(slopes.layers[static_cast<std::size_t>(one.head.layerIndex)]),
                            one.head.head, number(one.fit.slope), number(one.fit.low), number(one.fit.high), one.fit.points);
    return text;
}

void addArrays(NpzWriter& npz, const HeadSlopes& slopes)
{
    std::vector<std::int32_t> layer, head, points;
    std::vector<double> slope, low, high;
    for (const HeadSlope& one : slopes.heads) {
        layer.push_back(raw(slopes.layers[static_cast<std::size_t>(one.head.layerIndex)]));
        head.push_back(one.head.head);
        slope.push_back(one.fit.slope);
        low.push_back(one.fit.low);
        high.push_back(one.fit.high);
        points.push_back(one.fit.points);
    }
    const std::size_t heads = slopes.heads.size();
    npz.add("layer", layer, {heads});
    npz.add("head", head, {heads});
    npz.add("slope", slope, {heads});
    npz.add("low", low, {heads});
    npz.add("high", high, {heads});
    npz.add("octaves", points, {heads});
    const ScaleMatrix& m = slopes.matrix;
    const auto rows = static_cast<std::size_t>(m.levels) + 1, octaves = static_cast<std::size_t>(m.octaves);
    npz.add("edges", std::vector<std::int32_t>(m.edges.begin(), m.edges.end()), {m.edges.size()});
    npz.add("ratio", m.ratio, {rows, octaves});
    npz.add("part", m.part, {rows, octaves});
    npz.add("masked", m.masked, {rows, octaves});
    npz.add("mean_level", m.meanLevel, {octaves});
    npz.add("log_distance", m.logDistance, {octaves});
    npz.add("fit", std::vector<double>{m.fit.slope, m.fit.at, m.fit.low, m.fit.high}, {4});
    npz.add("steps", std::vector<std::int32_t>(slopes.all.steps.begin(), slopes.all.steps.end()), {slopes.all.steps.size()});
    npz.addScalar<std::int32_t>("hide", slopes.hide);
    addMethod(npz, slopes.all);
}

std::string csvOf(const LostBands& lost)
{
    const ScaleMatrix& m = lost.matrix;
    std::string text = methodLines(lost.whole) + fmt::format("# step: {}\n# hidden positions: {}\n", lost.step, m.hide);
    text += "policy,level,distance_from,distance_to,masked,lost,kept\n";
    for (const auto& policy : lost.policies)
        for (int level = 0; level <= m.levels; ++level)
            for (int octave = 0; octave < m.octaves; ++octave) {
                const std::size_t at = m.at(level, octave);
                text += fmt::format("{},{},{},{},{},{},{}\n", quoted(policy.spec), levelName(level, m.levels),
                                    m.edges[static_cast<std::size_t>(octave)], m.edges[static_cast<std::size_t>(octave) + 1] - 1,
                                    m.masked[at], number(policy.lost[at]), number(policy.kept[at]));
            }
    return text;
}

void addArrays(NpzWriter& npz, const LostBands& lost)
{
    std::vector<std::string> specs;
    std::vector<double> gone, kept, bands, signal;
    for (const auto& policy : lost.policies) {
        specs.push_back(policy.spec);
        gone.insert(gone.end(), policy.lost.begin(), policy.lost.end());
        kept.insert(kept.end(), policy.kept.begin(), policy.kept.end());
        bands.insert(bands.end(), policy.lostBands.begin(), policy.lostBands.end());
        signal.push_back(policy.lostSignal);
    }
    const ScaleMatrix& m = lost.matrix;
    const std::size_t policies = specs.size(), rows = static_cast<std::size_t>(m.levels) + 1,
                      octaves = static_cast<std::size_t>(m.octaves);
    const auto positions = static_cast<std::size_t>(lost.whole.positions);
    npz.addStrings("policy", specs);
    npz.add("edges", std::vector<std::int32_t>(m.edges.begin(), m.edges.end()), {m.edges.size()});
    npz.add("masked", m.masked, {rows, octaves});
    npz.add("lost", gone, {policies, rows, octaves});
    npz.add("kept", kept, {policies, rows, octaves});
    npz.add("lost_bands", bands, {policies, rows + 1, positions});
    npz.add("lost_signal", signal, {policies});
    std::vector<double> whole = lost.whole.signal;
    whole.insert(whole.end(), lost.whole.bands.begin(), lost.whole.bands.end());
    whole.insert(whole.end(), lost.whole.approximation.begin(), lost.whole.approximation.end());
    npz.add("bands", whole, {rows + 1, positions});
    npz.addScalar<std::int32_t>("step", lost.step);
    npz.addScalar<std::int32_t>("first_position", lost.whole.firstPosition);
    npz.addScalar<std::int32_t>("hide", m.hide);
    addMethod(npz, lost.whole);
}

} // namespace winnow
