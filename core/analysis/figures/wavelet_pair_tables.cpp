// SPDX-License-Identifier: GPL-3.0-or-later
// The tables of two pictures of the wavelet analysis and of their difference.
#include "core/analysis/figures/wavelet_pair.h"
#include "core/analysis/wavelet/wavelet_tables.h"

#include <algorithm>
#include <cmath>

namespace winnow {

namespace {

constexpr std::array<const char*, 2> kNames{"first", "second"};

/// A column along the positions of a picture, newest last.
struct Track {
    std::string name;
    std::span<const double> values;
};

std::vector<Track> tracksOf(const Contribution& c)
{
    std::vector<Track> tracks{{"signal", c.signal}};
    for (int level = 0; level < c.levels; ++level)
        tracks.push_back({fmt::format("level{}", level + 1), c.band(level)});
    tracks.push_back({"approximation", c.approximation});
    return tracks;
}

std::vector<Track> tracksOf(const PacketBands& p)
{
    std::vector<Track> tracks{{"signal", p.signal}};
    for (const auto& node : p.nodes)
        tracks.push_back({node.path.empty() ? "root" : node.path, node.magnitude});
    return tracks;
}

/// A row per position before the newest; empty where a picture does not reach so far. Differences of the tracks in the same
/// place.
template <class Picture>
Table pairTable(const std::array<Picture, 2>& pictures, bool difference)
{
    const std::array tracks{tracksOf(pictures[0]), tracksOf(pictures[1])};
    const int rows = std::max(pictures[0].positions, pictures[1].positions);
    Table table{.axes = {{static_cast<std::size_t>(rows)}}, .columns = {}};
    const auto column = [&](std::string name, auto valueAt) { ///< by the positions that lie between a row's and the newest
        std::vector<double> values;
        for (int before = rows - 1; before >= 0; --before)
            values.push_back(valueAt(before));
        table.columns.push_back({onlyCsv(std::move(name)), {0}, std::move(values)});
    };
    const auto at = [](std::span<const double> values, int before) {
        const auto back = static_cast<std::size_t>(before);
        return back < values.size() ? values[values.size() - 1 - back] : std::nan("");
    };
    column("before_newest", [](int before) { return before; });
    for (std::size_t i = 0; i < 2; ++i)
        column(fmt::format("{}_position", kNames[i]),
               [&, last = pictures[i].firstPosition + pictures[i].positions - 1](int before) {
                   return before < pictures[i].positions ? static_cast<double>(last - before) : std::nan("");
               });
    for (std::size_t i = 0; i < 2; ++i)
        for (const Track& track : tracks[i])
            column(fmt::format("{}_{}", kNames[i], track.name), [&](int before) { return at(track.values, before); });
    for (std::size_t t = 0; difference && t < tracks[0].size(); ++t)
        column("difference_" + tracks[0][t].name,
               [&](int before) { return at(tracks[0][t].values, before) - at(tracks[1][t].values, before); });
    return table;
}

Table pairTable(const std::array<TokenScalogram, 2>& both, bool difference)
{
    const auto& [a, b] = both;
    const TokenScalogram& longer = a.scales >= b.scales ? a : b;
    const int positions = std::max(a.positions, b.positions);
    std::vector<std::int32_t> before;
    for (int i = positions - 1; i >= 0; --i)
        before.push_back(i);
    std::array<std::vector<double>, 2> power;
    for (std::size_t i = 0; i < 2; ++i)
        for (int scale = 0; scale < longer.scales; ++scale)
            for (const std::int32_t back : before)
                power[i].push_back(scale < both[i].scales && back < both[i].positions
                                       ? both[i].at(scale, both[i].positions - 1 - back)
                                       : std::nan(""));
    std::vector<double> less = power[0];
    for (std::size_t i = 0; i < less.size(); ++i)
        less[i] -= power[1][i];
    Table table{.axes = {{static_cast<std::size_t>(longer.scales)}, {before.size()}},
                .columns = {{onlyCsv("period"), {0}, Values::borrowed(longer.period)},
                            {onlyCsv("before_newest"), {1}, std::move(before)},
                            {onlyCsv("first_power"), {0, 1}, std::move(power[0])},
                            {onlyCsv("second_power"), {0, 1}, std::move(power[1])}}};
    if (difference)
        table.columns.push_back({onlyCsv("difference_power"), {0, 1}, std::move(less)});
    return table;
}

Table pairTable(const std::array<LostBands, 2>& both, bool difference)
{
    const ScaleMatrix &a = both[0].matrix, &b = both[1].matrix, &longer = a.octaves >= b.octaves ? a : b;
    const int levels = std::min(a.levels, b.levels);
    std::vector<std::string> words;
    for (int level = 0; level <= levels; ++level)
        words.push_back(levelWord(level, a.levels));
    std::vector<std::int32_t> from, to;
    for (std::size_t octave = 0; octave < static_cast<std::size_t>(longer.octaves); ++octave) {
        const ScaleMatrix& m = static_cast<int>(octave) < a.octaves ? a : b;
        from.push_back(m.edges[octave]);
        to.push_back(m.edges[octave + 1] - 1);
    }
    const auto cells = [&](std::size_t picture, auto member) {
        const LostBands& one = both[picture];
        std::vector<double> values;
        for (int level = 0; level <= levels; ++level)
            for (int octave = 0; octave < longer.octaves; ++octave)
                values.push_back(octave < one.matrix.octaves ? (one.policies.front().*member)[one.matrix.at(level, octave)]
                                                             : std::nan(""));
        return values;
    };
    std::vector<double> first = cells(0, &LostBands::Policy::lost), second = cells(1, &LostBands::Policy::lost), less = first;
    for (std::size_t i = 0; i < less.size(); ++i)
        less[i] -= second[i];
    Table table{.axes = {{words.size()}, {from.size()}},
                .columns = {{onlyCsv("level"), {0}, std::move(words)},
                            {onlyCsv("distance_from"), {1}, std::move(from)},
                            {onlyCsv("distance_to"), {1}, std::move(to)},
                            {onlyCsv("first_lost"), {0, 1}, std::move(first)},
                            {onlyCsv("second_lost"), {0, 1}, std::move(second)},
                            {onlyCsv("first_kept"), {0, 1}, cells(0, &LostBands::Policy::kept)},
                            {onlyCsv("second_kept"), {0, 1}, cells(1, &LostBands::Policy::kept)}}};
    if (difference)
        table.columns.push_back({onlyCsv("difference_lost"), {0, 1}, std::move(less)});
    return table;
}

Tables tablesOf(const Contribution& c) { return bandTables(c); }
Tables tablesOf(const TokenScalogram& s) { return scalogramTables(s); }
Tables tablesOf(const PacketBands& p) { return packetTables(p); }
Tables tablesOf(const LostBands& lost) { return lostTables(lost); }

// --- the arrays of a difference

void addDifference(Tables& tables, const std::array<Contribution, 2>& both)
{
    auto difference = differenceOf(both[0], both[1]);
    if (!difference) // other numbers of levels: the options do not allow it
        return;
    const auto levels = static_cast<std::size_t>(difference->levels), positions = static_cast<std::size_t>(difference->positions);
    tables.array("difference_bands", std::move(difference->bands), {levels, positions});
    tables.array("difference_approximation", std::move(difference->approximation), {positions});
    tables.array("difference_signal", std::move(difference->signal), {positions});
    tables.array("difference_energy", std::move(difference->energy), {levels + 1});
    tables.array("difference_power", std::move(difference->power), {levels + 1, positions});
}

void addDifference(Tables& tables, const std::array<TokenScalogram, 2>& both)
{
    if (auto difference = differenceOf(both[0], both[1]))
        tables.array("difference_power", std::move(difference->power),
                     {static_cast<std::size_t>(difference->scales), static_cast<std::size_t>(difference->positions)});
}

void addDifference(Tables& tables, const std::array<PacketBands, 2>& both)
{
    const std::size_t nodes = both[0].nodes.size(),
                      positions = static_cast<std::size_t>(std::min(both[0].positions, both[1].positions));
    std::vector<double> magnitude, energy;
    for (std::size_t n = 0; n < nodes; ++n) {
        const auto &a = both[0].nodes[n], &b = both[1].nodes[n];
        energy.push_back(a.energy - b.energy);
        for (std::size_t i = positions; i > 0; --i)
            magnitude.push_back(a.magnitude[a.magnitude.size() - i] - b.magnitude[b.magnitude.size() - i]);
    }
    tables.array("difference_magnitude", std::move(magnitude), {nodes, positions});
    tables.array("difference_energy", std::move(energy), {nodes});
}

void addDifference(Tables& tables, const std::array<LostBands, 2>& both)
{
    const ScaleMatrix &a = both[0].matrix, &b = both[1].matrix;
    const int levels = std::min(a.levels, b.levels), octaves = std::min(a.octaves, b.octaves);
    std::vector<double> lost, kept;
    for (int level = 0; level <= levels; ++level)
        for (int octave = 0; octave < octaves; ++octave) {
            const auto &first = both[0].policies.front(), &second = both[1].policies.front();
            lost.push_back(first.lost[a.at(level, octave)] - second.lost[b.at(level, octave)]);
            kept.push_back(first.kept[a.at(level, octave)] - second.kept[b.at(level, octave)]);
        }
    const std::vector<std::size_t> shape{static_cast<std::size_t>(levels) + 1, static_cast<std::size_t>(octaves)};
    tables.array("difference_lost", std::move(lost), shape);
    tables.array("difference_kept", std::move(kept), shape);
}

} // namespace

Tables pairTables(const WaveletPair& pair)
{
    Tables all;
    all.fact(onlyCsv("first"), pair.labels[0]);
    all.fact(onlyCsv("second"), pair.labels[1]);
    all.row(onlyNpz("labels"), std::vector<std::string>(pair.labels.begin(), pair.labels.end()));
    all.fact(onlyNpz("difference"), static_cast<int>(pair.difference));
    std::visit(
        [&](const auto& both) {
            all.tables.push_back(pairTable(both, pair.difference));
            addToNpz(all, tablesOf(both[0]), "first_");
            addToNpz(all, tablesOf(both[1]), "second_");
            if (pair.difference)
                addDifference(all, both);
        },
        pair.pictures);
    return all;
}

} // namespace winnow
