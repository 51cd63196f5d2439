// The numbers of two pictures of the wavelet analysis and of their difference.
#include "core/analysis/wavelet/figures_wavelet_write.h"

#include <algorithm>
#include <cmath>

namespace winnow {

namespace {

constexpr std::array<std::string_view, 2> kNames{"first", "second"};

std::string number(double value) { return std::isnan(value) ? std::string() : fmt::format("{:.9g}", value); }

/// Columns along the positions, of equal or different length, newest last.
struct Columns {
    std::vector<std::string> names;
    std::vector<std::span<const double>> values;
    void add(std::string name, std::span<const double> column)
    {
        names.push_back(std::move(name));
        values.push_back(column);
    }
};

Columns columnsOf(const Contribution& c)
{
    Columns columns;
    columns.add("signal", c.signal);
    for (int level = 0; level < c.levels; ++level)
        columns.add(fmt::format("level{}", level + 1), c.band(level));
    columns.add("approximation", c.approximation);
    return columns;
}

Columns columnsOf(const PacketBands& p)
{
    Columns columns;
    columns.add("signal", p.signal);
    for (const auto& node : p.nodes)
        columns.add(node.path.empty() ? "root" : node.path, node.magnitude);
    return columns;
}

/// A line per position before the newest; empty where a picture does not reach so far. Differences of columns of the same name.
template <class Picture>
std::string bandLines(const std::array<Picture, 2>& pictures, bool difference)
{
    const std::array columns{columnsOf(pictures[0]), columnsOf(pictures[1])};
    std::string text = "before_newest,first_position,second_position";
    for (std::size_t i = 0; i < 2; ++i)
        for (const std::string& name : columns[i].names)
            text += fmt::format(",{}_{}", kNames[i], name);
    for (const std::string& name : columns[0].names)
        text += difference ? ",difference_" + name : std::string();
    text += '\n';
    for (int before = std::max(pictures[0].positions, pictures[1].positions) - 1; before >= 0; --before) {
        text += std::to_string(before);
        std::array<bool, 2> there{};
        for (std::size_t i = 0; i < 2; ++i) {
            there[i] = before < pictures[i].positions;
            text += there[i] ? fmt::format(",{}", pictures[i].firstPosition + pictures[i].positions - 1 - before) : ",";
        }
        const auto at = [before](std::span<const double> column) {
            return column[column.size() - 1 - static_cast<std::size_t>(before)];
        };
        for (std::size_t i = 0; i < 2; ++i)
            for (const auto& column : columns[i].values)
                text += ',' + (there[i] ? number(at(column)) : std::string());
        for (std::size_t c = 0; difference && c < columns[0].values.size(); ++c)
            text += ',' + (there[0] && there[1] ? number(at(columns[0].values[c]) - at(columns[1].values[c])) : std::string());
        text += '\n';
    }
    return text;
}

std::string linesOf(const std::array<Contribution, 2>& both, bool difference) { return bandLines(both, difference); }
std::string linesOf(const std::array<PacketBands, 2>& both, bool difference) { return bandLines(both, difference); }

std::string linesOf(const std::array<TokenScalogram, 2>& both, bool difference)
{
    std::string text = std::string("period,before_newest,first_power,second_power") + (difference ? ",difference_power\n" : "\n");
    const auto& [a, b] = both;
    const TokenScalogram& longer = a.scales >= b.scales ? a : b;
    for (int scale = 0; scale < longer.scales; ++scale)
        for (int before = std::max(a.positions, b.positions) - 1; before >= 0; --before) {
            const auto at = [scale, before](const TokenScalogram& s) {
                return scale < s.scales && before < s.positions ? s.at(scale, s.positions - 1 - before) : std::nan("");
            };
            text += fmt::format("{:.9g},{},{},{}", longer.period[static_cast<std::size_t>(scale)], before, number(at(a)),
                                number(at(b)));
            text += difference ? fmt::format(",{}\n", number(at(a) - at(b))) : std::string("\n");
        }
    return text;
}

std::string linesOf(const std::array<LostBands, 2>& both, bool difference)
{
    std::string text = std::string("level,distance_from,distance_to,first_lost,second_lost,first_kept,second_kept") +
                       (difference ? ",difference_lost\n" : "\n");
    const ScaleMatrix &a = both[0].matrix, &b = both[1].matrix;
    for (int level = 0; level <= std::min(a.levels, b.levels); ++level)
        for (int octave = 0; octave < std::max(a.octaves, b.octaves); ++octave) {
            const ScaleMatrix& longer = octave < a.octaves ? a : b;
            const auto at = [level, octave](const LostBands& one, const std::vector<double>& values) {
                return octave < one.matrix.octaves ? values[one.matrix.at(level, octave)] : std::nan("");
            };
            const auto &first = both[0].policies.front(), &second = both[1].policies.front();
            const double lost = at(both[0], first.lost), other = at(both[1], second.lost);
            text += fmt::format("{},{},{},{},{},{},{}", level < a.levels ? std::to_string(level + 1) : "approximation",
                                longer.edges[static_cast<std::size_t>(octave)],
                                longer.edges[static_cast<std::size_t>(octave) + 1] - 1, number(lost), number(other),
                                number(at(both[0], first.kept)), number(at(both[1], second.kept)));
            text += difference ? fmt::format(",{}\n", number(lost - other)) : std::string("\n");
        }
    return text;
}

void addDifference(NpzWriter& npz, const std::array<Contribution, 2>& both)
{
    const auto difference = differenceOf(both[0], both[1]);
    if (!difference) // other numbers of levels: the options do not allow it
        return;
    const auto levels = static_cast<std::size_t>(difference->levels), positions = static_cast<std::size_t>(difference->positions);
    npz.add("bands", difference->bands, {levels, positions});
    npz.add("approximation", difference->approximation, {positions});
    npz.add("signal", difference->signal, {positions});
    npz.add("energy", difference->energy, {levels + 1});
    npz.add("power", difference->power, {levels + 1, positions});
}

void addDifference(NpzWriter& npz, const std::array<TokenScalogram, 2>& both)
{
    if (const auto difference = differenceOf(both[0], both[1]))
        npz.add("power", difference->power,
                {static_cast<std::size_t>(difference->scales), static_cast<std::size_t>(difference->positions)});
}

void addDifference(NpzWriter& npz, const std::array<PacketBands, 2>& both)
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
    npz.add("magnitude", magnitude, {nodes, positions});
    npz.add("energy", energy, {nodes});
}

void addDifference(NpzWriter& npz, const std::array<LostBands, 2>& both)
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
    npz.add("lost", lost, shape);
    npz.add("kept", kept, shape);
}

} // namespace

std::string csvOf(const WaveletPair& pair)
{
    return fmt::format("# first: {}\n# second: {}\n", pair.labels[0], pair.labels[1]) +
           std::visit([&](const auto& both) { return linesOf(both, pair.difference); }, pair.pictures);
}

void addArrays(NpzWriter& npz, const WaveletPair& pair)
{
    npz.addStrings("labels", pair.labels);
    npz.addScalar<std::int32_t>("difference", pair.difference);
    std::visit(
        [&](const auto& both) {
            npz.setPrefix("first_");
            addArrays(npz, both[0]);
            npz.setPrefix("second_");
            addArrays(npz, both[1]);
            npz.setPrefix("difference_");
            if (pair.difference)
                addDifference(npz, both);
            npz.setPrefix({});
        },
        pair.pictures);
}

} // namespace winnow
