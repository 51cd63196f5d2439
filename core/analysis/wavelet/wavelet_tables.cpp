// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/wavelet/wavelet_tables.h"

#include <cmath>
#include <numeric>

namespace winnow {

namespace {

/// What was done to the signal before the transform.
void addRemoved(Tables& tables, Detrend detrend, std::optional<unsigned> shuffle)
{
    tables.fact("detrend", detrendName(detrend));
    if (shuffle)
        tables.fact("shuffle", static_cast<int>(*shuffle));
}

void addMethod(Tables& tables, const Contribution& c)
{
    tables.fact("wavelet", c.wavelet);
    tables.fact("mode", c.mode);
    tables.fact("transform", transformInfo(c.transform).name);
    tables.fact({"signal", "signal_kind"}, signalInfo(c.signalKind).name);
    addRemoved(tables, c.detrend, c.shuffle);
}

/// "1", "2", … `count` of them.
std::vector<std::string> numbersFromOne(int count)
{
    std::vector<std::string> words;
    for (int i = 1; i <= count; ++i)
        words.push_back(std::to_string(i));
    return words;
}

std::string numberText(double value) { return std::isnan(value) ? std::string() : fmt::format("{:.9g}", value); }

std::string slopeWords(const ScaleFit& fit, const SlopeInterval& interval)
{
    return fmt::format("slope {}, over octaves {} to {}, over recordings and heads {} to {}", numberText(fit.slope),
                       numberText(fit.low), numberText(fit.high), numberText(interval.low), numberText(interval.high));
}

std::string pathWord(const PacketBands::Node& node) { return node.path.empty() ? "root" : node.path; }

} // namespace

std::string levelWord(int level, int levels) { return level < levels ? std::to_string(level + 1) : "approximation"; }

Tables bandTables(const Contribution& c)
{
    const auto positions = static_cast<std::size_t>(c.positions), levels = static_cast<std::size_t>(c.levels);
    const bool oneStep = c.steps.size() == 1; // of several, positions are counted back from each
    Tables all;
    addMethod(all, c);
    all.row("steps", wholeNumbers(c.steps));
    all.fact(onlyCsv("query heads"), c.heads);
    for (int level = 0; level <= c.levels; ++level)
        all.facts.push_back(
            {.name = onlyCsv("energy " + std::string(level < c.levels ? "level " : "") + levelWord(level, c.levels)),
             .values = Values::one(c.energy[static_cast<std::size_t>(level)]),
             .digits = 17});
    all.facts.push_back({.name = onlyCsv("energy that feels the ends"),
                         .values = Values::one(std::accumulate(c.edge.begin(), c.edge.end(), 0.0)),
                         .digits = 17});
    all.tables.push_back({.axes = {{positions}, {levels, numbersFromOne(c.levels)}},
                          .columns = {{onlyCsv(oneStep ? "position" : "before_step"),
                                       {0},
                                       counted(oneStep ? c.firstPosition : 1 - c.positions, positions)},
                                      {"signal", {0}, Values::borrowed(c.signal)},
                                      {{"level{}", "bands"}, {1, 0}, Values::borrowed(c.bands)},
                                      {"approximation", {0}, Values::borrowed(c.approximation)}}});
    all.array("energy", Values::borrowed(c.energy), {levels + 1});
    all.array("edge_energy", Values::borrowed(c.edge), {levels + 1});
    all.array("power", Values::borrowed(c.power), {levels + 1, positions});
    all.fact(onlyNpz("step"), c.steps.back());
    all.fact(onlyNpz("first_position"), c.firstPosition);
    return all;
}

Tables scalogramTables(const TokenScalogram& s)
{
    const auto scales = static_cast<std::size_t>(s.scales), positions = static_cast<std::size_t>(s.positions);
    std::vector<std::uint8_t> significant, inside;
    for (int scale = 0; scale < s.scales; ++scale)
        for (int column = 0; column < s.positions; ++column) {
            significant.push_back(s.significant(scale, column));
            inside.push_back(s.insideCone(scale, column));
        }
    Tables all;
    all.fact("wavelet", s.wavelet);
    all.fact({"signal", "signal_kind"}, signalInfo(s.signalKind).name);
    addRemoved(all, s.detrend, s.shuffle);
    all.fact("step", s.step);
    all.tables.push_back({.axes = {{scales}, {positions}},
                          .columns = {{"period", {0}, Values::borrowed(s.period)},
                                      {onlyCsv("position"), {1}, counted(s.firstPosition, positions)},
                                      {"power", {0, 1}, Values::borrowed(s.power)},
                                      {onlyCsv("significant"), {0, 1}, std::move(significant)},
                                      {onlyCsv("inside_cone"), {0, 1}, std::move(inside)}}});
    all.row(onlyNpz("scale"), Values::borrowed(s.scale));
    all.row(onlyNpz("cone"), Values::borrowed(s.cone));
    all.row(onlyNpz("global"), Values::borrowed(s.global));
    all.row(onlyNpz("signal"), Values::borrowed(s.signal));
    all.row(onlyNpz("threshold"), Values::borrowed(s.threshold));
    all.row(onlyNpz("global_threshold"), Values::borrowed(s.globalThreshold));
    if (!s.cellThreshold.empty())
        all.array("cell_threshold", Values::borrowed(s.cellThreshold), {scales, positions});
    all.fact(onlyNpz("independent"), s.independent);
    all.fact(onlyNpz("noise"), noiseName(s.noise));
    all.fact(onlyNpz("confidence"), s.confidence);
    all.fact(onlyNpz("first_position"), s.firstPosition);
    std::vector<std::int32_t> begins, lengths;
    std::vector<double> periods, powers;
    for (const PowerRidge& ridge : s.ridges) {
        begins.push_back(s.firstPosition + ridge.begin);
        lengths.push_back(static_cast<std::int32_t>(ridge.periods.size()));
        periods.insert(periods.end(), ridge.periods.begin(), ridge.periods.end());
        powers.insert(powers.end(), ridge.power.begin(), ridge.power.end());
    }
    all.row(onlyNpz("ridge_begin"), std::move(begins));
    all.row(onlyNpz("ridge_length"), std::move(lengths));
    all.row(onlyNpz("ridge_period"), std::move(periods));
    all.row(onlyNpz("ridge_power"), std::move(powers));
    return all;
}

Tables coherenceTables(const TokenCoherence& c)
{
    const auto scales = static_cast<std::size_t>(c.scales), positions = static_cast<std::size_t>(c.positions);
    std::vector<std::uint8_t> significant, inside;
    for (int scale = 0; scale < c.scales; ++scale)
        for (int column = 0; column < c.positions; ++column) {
            significant.push_back(c.significant(scale, column));
            inside.push_back(c.insideCone(scale, column));
        }
    Tables all;
    all.fact("wavelet", c.wavelet);
    all.fact({"signal", "signal_kind"}, signalInfo(c.signalKind).name);
    addRemoved(all, c.detrend, {});
    all.fact("step", c.step);
    all.tables.push_back({.axes = {{scales}, {positions}},
                          .columns = {{"period", {0}, Values::borrowed(c.period)},
                                      {onlyCsv("position"), {1}, counted(c.firstPosition, positions)},
                                      {"coherence", {0, 1}, Values::borrowed(c.squared)},
                                      {"phase", {0, 1}, Values::borrowed(c.phase)},
                                      {onlyCsv("significant"), {0, 1}, std::move(significant)},
                                      {onlyCsv("inside_cone"), {0, 1}, std::move(inside)}}});
    all.row(onlyNpz("scale"), Values::borrowed(c.scale));
    all.row(onlyNpz("cone"), Values::borrowed(c.cone));
    all.row(onlyNpz("mean"), Values::borrowed(c.mean));
    all.row(onlyNpz("threshold"), Values::borrowed(c.threshold));
    all.row(onlyNpz("first"), Values::borrowed(c.signal[0]));
    all.row(onlyNpz("second"), Values::borrowed(c.signal[1]));
    all.fact("noise", noiseName(c.noise));
    all.fact("confidence", c.confidence);
    all.fact(onlyNpz("first_position"), c.firstPosition);
    return all;
}

Tables packetTables(const PacketBands& p)
{
    Tables all;
    all.fact("wavelet", p.wavelet);
    all.fact("mode", p.mode);
    all.fact({"signal", "signal_kind"}, signalInfo(p.signalKind).name);
    addRemoved(all, p.detrend, p.shuffle);
    all.fact("step", p.step);
    all.fact("entropy", p.entropy);
    all.fact({"entropy dwt", "entropy_dwt"}, p.entropyOfLevels);
    std::vector<std::string> paths, words;
    std::vector<std::int32_t> levels;
    std::vector<double> low, high, energy, edge, magnitude;
    for (const auto& node : p.nodes) {
        all.fact(onlyCsv("node " + pathWord(node)),
                 fmt::format("{:.9g} to {:.9g} cycles per token, energy {:.9g}", node.low, node.high, node.energy));
        paths.push_back(node.path);
        words.push_back(pathWord(node));
        levels.push_back(node.level);
        low.push_back(node.low);
        high.push_back(node.high);
        energy.push_back(node.energy);
        edge.push_back(node.edge);
        magnitude.insert(magnitude.end(), node.magnitude.begin(), node.magnitude.end());
    }
    const std::size_t nodes = p.nodes.size(), positions = static_cast<std::size_t>(p.positions);
    all.tables.push_back({.axes = {{positions}, {nodes, std::move(words)}},
                          .columns = {{onlyCsv("position"), {0}, counted(p.firstPosition, positions)},
                                      {"signal", {0}, Values::borrowed(p.signal)},
                                      {{"{}", "magnitude"}, {1, 0}, std::move(magnitude)}}});
    all.row(onlyNpz("path"), std::move(paths));
    all.row(onlyNpz("level"), std::move(levels));
    all.row(onlyNpz("low"), std::move(low));
    all.row(onlyNpz("high"), std::move(high));
    all.row(onlyNpz("energy"), std::move(energy));
    all.row(onlyNpz("edge_energy"), std::move(edge));
    all.fact(onlyNpz("first_position"), p.firstPosition);
    return all;
}

Tables slopeTables(const HeadSlopes& slopes)
{
    const ScaleMatrix& m = slopes.matrix;
    const auto rows = static_cast<std::size_t>(m.levels) + 1, octaves = static_cast<std::size_t>(m.octaves);
    Tables all;
    addMethod(all, slopes.all);
    all.fact({"hidden positions", "hide"}, slopes.hide);
    all.row({"distances", "edges"}, wholeNumbers(m.edges));
    for (int level = 0; level <= m.levels; ++level) {
        std::vector<std::string> cells;
        for (int octave = 0; octave < m.octaves; ++octave)
            cells.push_back(m.masked[m.at(level, octave)] ? "masked" : numberText(m.ratio[m.at(level, octave)]));
        all.row(onlyCsv("log2 of part here / part over all, level " + levelWord(level, m.levels)), std::move(cells));
    }
    all.fact(onlyCsv("all heads alike"), slopeWords(m.fit, slopes.interval));
    all.fact(onlyCsv("all heads by energy"), slopeWords(slopes.byEnergy.fit, slopes.energyInterval));
    Table table{.axes = {{slopes.heads.size()}}, .columns = {}};
    const auto column = [&](const char* name, auto valueOf) {
        std::vector<decltype(valueOf(slopes.heads.front()))> values;
        for (const HeadSlope& one : slopes.heads)
            values.push_back(valueOf(one));
        table.columns.push_back({name, {0}, std::move(values)});
    };
    column("layer",
           [&](const HeadSlope& one) { return std::int32_t{raw(slopes.layers[static_cast<std::size_t>(one.head.layerIndex)])}; });
    column("head", [](const HeadSlope& one) { return std::int32_t{one.head.head}; });
    column("slope", [](const HeadSlope& one) { return one.fit.slope; });
    column("low", [](const HeadSlope& one) { return one.fit.low; });
    column("high", [](const HeadSlope& one) { return one.fit.high; });
    column("octaves", [](const HeadSlope& one) { return std::int32_t{one.fit.points}; });
    column("texts_low", [](const HeadSlope& one) { return one.interval.low; });
    column("texts_high", [](const HeadSlope& one) { return one.interval.high; });
    all.tables.push_back(std::move(table));
    all.array("ratio", Values::borrowed(m.ratio), {rows, octaves});
    all.array("part", Values::borrowed(m.part), {rows, octaves});
    all.array("masked", Values::borrowed(m.masked), {rows, octaves});
    all.row(onlyNpz("mean_level"), Values::borrowed(m.meanLevel));
    all.row(onlyNpz("log_distance"), Values::borrowed(m.logDistance));
    std::vector<std::uint8_t> used;
    for (const OctaveUse use : m.use)
        used.push_back(use == OctaveUse::Used);
    all.row(onlyNpz("used"), std::move(used));
    const auto fitRow = [&](std::string name, const ScaleFit& fit, const SlopeInterval& interval) {
        all.row(onlyNpz(name + "fit"), std::vector<double>{fit.slope, fit.at, fit.low, fit.high});
        all.row(onlyNpz(name + "interval"), std::vector<double>{interval.low, interval.high});
    };
    fitRow("", m.fit, slopes.interval);
    fitRow("by_energy_", slopes.byEnergy.fit, slopes.energyInterval);
    all.row(onlyNpz("steps"), wholeNumbers(slopes.all.steps));
    return all;
}

Tables lostTables(const LostBands& lost)
{
    const ScaleMatrix& m = lost.matrix;
    std::vector<std::string> specs, levels;
    std::vector<double> gone, kept, bands, signal;
    for (const auto& policy : lost.policies) {
        specs.push_back(policy.spec);
        gone.insert(gone.end(), policy.lost.begin(), policy.lost.end());
        kept.insert(kept.end(), policy.kept.begin(), policy.kept.end());
        bands.insert(bands.end(), policy.lostBands.begin(), policy.lostBands.end());
        signal.push_back(policy.lostSignal);
    }
    for (int level = 0; level <= m.levels; ++level)
        levels.push_back(levelWord(level, m.levels));
    std::vector<std::int32_t> from, to;
    for (std::size_t octave = 0; octave < static_cast<std::size_t>(m.octaves); ++octave) {
        from.push_back(m.edges[octave]);
        to.push_back(m.edges[octave + 1] - 1);
    }
    const std::size_t policies = specs.size(), rows = levels.size(), positions = static_cast<std::size_t>(lost.whole.positions);
    Tables all;
    addMethod(all, lost.whole);
    all.fact("step", lost.step);
    all.fact({"hidden positions", "hide"}, m.hide);
    all.tables.push_back({.axes = {{policies}, {rows}, {from.size()}},
                          .columns = {{"policy", {0}, std::move(specs)},
                                      {onlyCsv("level"), {1}, std::move(levels)},
                                      {onlyCsv("distance_from"), {2}, std::move(from)},
                                      {onlyCsv("distance_to"), {2}, std::move(to)},
                                      {"masked", {1, 2}, Values::borrowed(m.masked)},
                                      {"lost", {0, 1, 2}, std::move(gone)},
                                      {"kept", {0, 1, 2}, std::move(kept)}}});
    all.row(onlyNpz("edges"), wholeNumbers(m.edges));
    all.array("lost_bands", std::move(bands), {policies, rows + 1, positions});
    all.row(onlyNpz("lost_signal"), std::move(signal));
    std::vector<double> whole = lost.whole.signal;
    whole.insert(whole.end(), lost.whole.bands.begin(), lost.whole.bands.end());
    whole.insert(whole.end(), lost.whole.approximation.begin(), lost.whole.approximation.end());
    all.array("bands", std::move(whole), {rows + 1, positions});
    all.fact(onlyNpz("first_position"), lost.whole.firstPosition);
    return all;
}

} // namespace winnow
