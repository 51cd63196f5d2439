// The numbers of figures as files: csv for a spreadsheet, npz for NumPy.
#include "core/analysis/figures.h"
#include "core/analysis/retention.h"
#include "core/analysis/wavelet/figures_wavelet_write.h"
#include "core/io/atomic_file.h"
#include "core/io/npz.h"
#include "core/io/output_file.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <type_traits>

namespace winnow {

namespace {

using Manifest = std::map<std::string, std::string>;

/// `# key: value`, one line each.
std::string manifestLines(const Manifest& manifest)
{
    std::string lines;
    for (const auto& [key, value] : manifest) {
        std::string flat = value;
        for (char& c : flat)
            if (c == '\n' || c == '\r')
                c = ' ';
        lines += fmt::format("# {}: {}\n", key, flat);
    }
    return lines;
}

/// A csv field (RFC 4180): quoted where it has to be.
std::string field(const std::string& text)
{
    if (text.find_first_of(",\"\n") == std::string::npos)
        return text;
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"')
            quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

std::string number(double value) { return std::isnan(value) ? std::string() : fmt::format("{:.9g}", value); }

void addManifest(NpzWriter& npz, const Manifest& manifest)
{
    npz.addString("manifest", nlohmann::json(manifest).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

std::vector<std::int32_t> counted(int first, int count)
{
    std::vector<std::int32_t> numbers(static_cast<std::size_t>(count));
    std::iota(numbers.begin(), numbers.end(), first);
    return numbers;
}

template <class Line>
std::vector<std::string> specsOf(const std::vector<Line>& lines)
{
    std::vector<std::string> specs;
    for (const Line& line : lines)
        specs.push_back(line.spec);
    return specs;
}

std::string csvOf(const Contribution& c)
{
    std::string text = fmt::format("# wavelet: {}\n# mode: {}\n# transform: {}\n# signal: {}\n# steps: {}\n# query heads: {}\n", c.wavelet,
                                   c.mode, transformInfo(c.transform).name, signalInfo(c.signalKind).name, fmt::join(c.steps, " "), c.heads);
    for (int level = 0; level <= c.levels; ++level)
        text += fmt::format("# energy {}: {:.17g}\n", level < c.levels ? fmt::format("level {}", level + 1) : "approximation",
                            c.energy[static_cast<std::size_t>(level)]);
    text += c.steps.size() == 1 ? "position,signal" : "before_step,signal";
    for (int level = 1; level <= c.levels; ++level)
        text += fmt::format(",level{}", level);
    text += ",approximation\n";
    for (int i = 0; i < c.positions; ++i) {
        const auto at = static_cast<std::size_t>(i);
        text += fmt::format("{},{:.9g}", c.steps.size() == 1 ? c.firstPosition + i : i + 1 - c.positions, c.signal[at]);
        for (int level = 0; level < c.levels; ++level)
            text += fmt::format(",{:.9g}", c.band(level)[at]);
        text += fmt::format(",{:.9g}\n", c.approximation[at]);
    }
    return text;
}

std::string csvOf(const QualityCurves& curves)
{
    std::string text = fmt::format("# metric: {}\npolicy,step,mean,least,most\n", curves.metric);
    for (const auto& line : curves.lines)
        for (std::size_t t = 0; t < line.mean.size(); ++t)
            text += fmt::format("{},{},{},{},{}\n", field(line.spec), t, number(line.mean[t]), number(line.least[t]), number(line.most[t]));
    return text;
}

std::string csvOf(const LayerCurves& curves)
{
    std::string text = fmt::format("# metric: {}\npolicy,layer,mean,least,most\n", curves.metric);
    for (const auto& line : curves.lines)
        for (std::size_t i = 0; i < line.mean.size(); ++i)
            text += fmt::format("{},{},{},{},{}\n", field(line.spec), curves.layers[i], number(line.mean[i]), number(line.least[i]),
                                number(line.most[i]));
    return text;
}

template <class Curves>
void addCurves(NpzWriter& npz, const Curves& curves)
{
    std::vector<double> mean, least, most;
    for (const auto& line : curves.lines) {
        mean.insert(mean.end(), line.mean.begin(), line.mean.end());
        least.insert(least.end(), line.least.begin(), line.least.end());
        most.insert(most.end(), line.most.begin(), line.most.end());
    }
    const std::vector<std::size_t> shape{curves.lines.size(), curves.lines.empty() ? 0 : mean.size() / curves.lines.size()};
    npz.addStrings("policy", specsOf(curves.lines));
    npz.addString("metric", curves.metric);
    npz.add("mean", mean, shape);
    npz.add("least", least, shape);
    npz.add("most", most, shape);
}

void addArrays(NpzWriter& npz, const QualityCurves& curves) { addCurves(npz, curves); }

void addArrays(NpzWriter& npz, const LayerCurves& curves)
{
    addCurves(npz, curves);
    npz.add("layers", std::vector<std::int32_t>(curves.layers.begin(), curves.layers.end()), {curves.layers.size()});
}

std::string csvOf(const DistanceCurves& curves)
{
    std::string text = "policy,distance,share\n";
    for (const auto& line : curves.lines)
        for (std::size_t i = 0; i < line.distance.size(); ++i)
            text += fmt::format("{},{},{}\n", field(line.spec), number(line.distance[i]), number(line.share[i]));
    return text;
}

void addArrays(NpzWriter& npz, const DistanceCurves& curves)
{
    npz.addStrings("policy", specsOf(curves.lines));
    npz.addScalar("unit", curves.unit);
    npz.add("steps", std::vector<std::int32_t>{curves.range.begin, curves.range.end - 1}, {2});
    for (std::size_t p = 0; p < curves.lines.size(); ++p) {
        npz.add(fmt::format("distance.{}", p), curves.lines[p].distance, {curves.lines[p].distance.size()});
        npz.add(fmt::format("share.{}", p), curves.lines[p].share, {curves.lines[p].share.size()});
    }
}

std::string csvOf(const AttentionPicture& picture)
{
    std::string text = fmt::format("# layer: {}\n# query head: {}\nquery", raw(picture.layer), picture.head);
    for (int key = picture.keys.first; key <= picture.keys.second; ++key)
        text += fmt::format(",key{}", key);
    text += '\n';
    for (int r = 0; r < picture.tile.rows; ++r) {
        text += std::to_string(picture.queries.first + r);
        for (int c = 0; c < picture.tile.columns; ++c)
            text += fmt::format(",{:.6g}", picture.tile.values[static_cast<std::size_t>(r) * picture.tile.columns + c]);
        text += '\n';
    }
    return text;
}

void addArrays(NpzWriter& npz, const AttentionPicture& picture)
{
    const auto rows = static_cast<std::size_t>(picture.tile.rows), columns = static_cast<std::size_t>(picture.tile.columns);
    npz.add("attention", picture.tile.values, {rows, columns});
    npz.add("queries", counted(picture.queries.first, picture.tile.rows), {rows});
    npz.add("keys", counted(picture.keys.first, picture.tile.columns), {columns});
    npz.addScalar<std::int32_t>("layer", raw(picture.layer));
    npz.addScalar<std::int32_t>("head", picture.head);
}

std::string csvOf(const RetentionPicture& picture)
{
    std::string text = "policy,layer,lane,token,evict_step\n";
    for (const int number : picture.policies) {
        const PolicyReplay& policy = *picture.replay->policies[static_cast<std::size_t>(number)];
        const std::string spec = field(policy.spec.canonical());
        for (int layer = 0; layer < policy.layers; ++layer)
            for (int lane = 0; lane < policy.lanes; ++lane)
                for (int token = picture.tokens.first; token <= picture.tokens.second; ++token)
                    text += fmt::format("{},{},{},{},{}\n", spec, raw(picture.replay->layers[static_cast<std::size_t>(layer)]), lane, token,
                                        policy.evictStep[policy.index(layer, lane, token)]);
    }
    return text;
}

void addArrays(NpzWriter& npz, const RetentionPicture& picture)
{
    const int tokens = picture.tokens.second - picture.tokens.first + 1;
    std::vector<std::string> specs;
    std::vector<std::int32_t> layers;
    for (const Layer layer : picture.replay->layers)
        layers.push_back(raw(layer));
    for (std::size_t p = 0; p < picture.policies.size(); ++p) {
        const PolicyReplay& policy = *picture.replay->policies[static_cast<std::size_t>(picture.policies[p])];
        specs.push_back(policy.spec.canonical());
        std::vector<std::int32_t> lifetimes;
        for (int layer = 0; layer < policy.layers; ++layer)
            for (int lane = 0; lane < policy.lanes; ++lane) {
                const auto first = policy.evictStep.begin() + static_cast<std::ptrdiff_t>(policy.index(layer, lane, picture.tokens.first));
                lifetimes.insert(lifetimes.end(), first, first + tokens);
            }
        npz.add(fmt::format("evict_step.{}", p), lifetimes,
                {static_cast<std::size_t>(policy.layers), static_cast<std::size_t>(policy.lanes), static_cast<std::size_t>(tokens)});
    }
    npz.addStrings("policy", specs);
    npz.add("layers", layers, {layers.size()});
    npz.add("tokens", counted(picture.tokens.first, tokens), {static_cast<std::size_t>(tokens)});
    npz.add("steps", std::vector<std::int32_t>{picture.steps.first, picture.steps.second}, {2});
}

bool isByRule(std::uint8_t byte) { return byte >= kByRule && byte != kOutOfReach; }

std::string csvOf(const KeptPicture& picture)
{
    std::string text = fmt::format("# step: {}\npolicy,token,{}share,by_rule\n", picture.step, picture.info ? "text," : "");
    for (const auto& row : picture.rows)
        for (std::size_t i = 0; i < row.share.size(); ++i) {
            const int token = picture.tokens.first + static_cast<int>(i);
            text += fmt::format("{},{},", field(row.spec), token);
            if (picture.info)
                text += field(std::string(tokenText(*picture.info, Position{token}))) + ',';
            text += fmt::format("{},{}\n", number(row.share[i]), isByRule(row.bytes[i]) ? 1 : 0);
        }
    return text;
}

void addArrays(NpzWriter& npz, const KeptPicture& picture)
{
    const auto tokens = static_cast<std::size_t>(picture.tokens.second - picture.tokens.first + 1);
    std::vector<double> share;
    std::vector<std::uint8_t> byRule;
    for (const auto& row : picture.rows) {
        share.insert(share.end(), row.share.begin(), row.share.end());
        std::transform(row.bytes.begin(), row.bytes.end(), std::back_inserter(byRule), isByRule);
    }
    npz.addStrings("policy", specsOf(picture.rows));
    npz.add("share", share, {picture.rows.size(), tokens});
    npz.add("by_rule", byRule, {picture.rows.size(), tokens});
    npz.add("tokens", counted(picture.tokens.first, static_cast<int>(tokens)), {tokens});
    npz.addScalar<std::int32_t>("step", picture.step);
    if (picture.info) {
        std::vector<std::string> words;
        for (int token = picture.tokens.first; token <= picture.tokens.second; ++token)
            words.emplace_back(tokenText(*picture.info, Position{token}));
        npz.addStrings("text", words);
    }
}

std::string csvOf(const LanePicture& picture)
{
    std::string text = fmt::format("policy,layer,lane,{}\n", picture.metric);
    for (const auto& panel : picture.panels)
        for (std::size_t i = 0; i < panel.values.size(); ++i)
            text += fmt::format("{},{},{},{}\n", field(panel.spec), picture.layers[i / static_cast<std::size_t>(panel.lanes)],
                                i % static_cast<std::size_t>(panel.lanes), number(panel.values[i]));
    return text;
}

void addArrays(NpzWriter& npz, const LanePicture& picture)
{
    npz.addStrings("policy", specsOf(picture.panels));
    npz.addString("metric", picture.metric);
    npz.add("layers", std::vector<std::int32_t>(picture.layers.begin(), picture.layers.end()), {picture.layers.size()});
    npz.add("steps", std::vector<std::int32_t>{picture.range.begin, picture.range.end - 1}, {2});
    for (std::size_t p = 0; p < picture.panels.size(); ++p)
        npz.add(fmt::format("{}.{}", picture.metric, p), picture.panels[p].values,
                {picture.layers.size(), static_cast<std::size_t>(picture.panels[p].lanes)});
}

Comparison described(Comparison comparison, const Manifest& manifest)
{
    comparison.manifest = manifest;
    return comparison;
}

template <class Numbers>
Result<void> writeNumbers(const Numbers& numbers, const Manifest& manifest, const std::filesystem::path& out)
{
    const std::string extension = extensionOf(out);
    if (extension == "csv")
        return writeFileAtomically(out, manifestLines(manifest) + csvOf(numbers));
    if (extension != "npz")
        return fail(ErrorCode::Usage, "'{}' does not end in .csv or .npz, so it is not clear how to write the numbers", out.string());
    NpzWriter npz(out);
    addArrays(npz, numbers);
    addManifest(npz, manifest);
    return npz.finish();
}

} // namespace

Result<void> writeContribution(const Contribution& contribution, const std::filesystem::path& out)
{
    Manifest manifest = contribution.manifest;
    if (!contribution.note.empty())
        manifest["note"] = contribution.note;
    return writeNumbers(contribution, manifest, out);
}

Result<void> writeFigureNumbers(const Figure& figure, const std::filesystem::path& out)
{
    return std::visit(
        [&](const auto& numbers) -> Result<void> {
            if constexpr (std::is_same_v<std::decay_t<decltype(numbers)>, Comparison>)
                return writeComparison(described(numbers, figure.manifest), out); // as `winnow compare` writes it
            else
                return writeNumbers(numbers, figure.manifest, out);
        },
        figure.numbers);
}

} // namespace winnow
