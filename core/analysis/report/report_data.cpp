// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/report/report_data.h"

#include "core/analysis/curves.h"
#include "core/analysis/report/base64.h"
#include "core/analysis/run_costs.h"
#include "core/base/printable.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace winnow {

namespace {

using json = nlohmann::ordered_json;

json numberOr(const std::optional<double>& value) { return value && std::isfinite(*value) ? json(*value) : json(); }

json floats(std::span<const float> values) { return values.empty() ? json() : json(base64Of(values)); }

/// −1 (never) becomes the largest number. Two bytes each where they hold every step.
json lifetimes(const PolicyReplay& policy)
{
    if (policy.tokens < 0xFFFF) {
        std::vector<std::uint16_t> narrow(policy.evictStep.size());
        std::transform(policy.evictStep.begin(), policy.evictStep.end(), narrow.begin(),
                       [](std::int32_t step) { return static_cast<std::uint16_t>(step); });
        return {{"bytes", 2}, {"base64", base64Of(std::span<const std::uint16_t>(narrow))}};
    }
    return {{"bytes", 4}, {"base64", base64Of(std::span<const std::int32_t>(policy.evictStep.data(), policy.evictStep.size()))}};
}

/// [layers, T]: the mean over the layer's lanes; NaN where none has the number.
std::vector<float> layerMeans(const PolicyReplay& policy, const Cells<float>& values)
{
    if (values.empty())
        return {};
    const auto tokens = static_cast<std::size_t>(policy.tokens);
    std::vector<float> means(static_cast<std::size_t>(policy.layers) * tokens);
    for (int layer = 0; layer < policy.layers; ++layer)
        for (std::size_t t = 0; t < tokens; ++t) {
            double sum = 0;
            int count = 0;
            for (int lane = 0; lane < policy.lanes; ++lane)
                if (const float value = values[policy.index(layer, lane, static_cast<int>(t))]; !std::isnan(value)) {
                    sum += value;
                    ++count;
                }
            means[static_cast<std::size_t>(layer) * tokens + t] = static_cast<float>(sum / count); // 0 / 0: NaN
        }
    return means;
}

json ruleJson(const PolicyReplay& policy)
{
    const KeptByRule& rule = policy.byRule;
    return {{"sinks", rule.sinks}, {"recent", rule.recent}, {"from", rule.from}, {"everything", rule.everything}};
}

json policyJson(const PolicyReplay& policy, const ReportRow& row)
{
    const PolicyInfo* known = findPolicy(policy.spec.name);
    json told{{"label", printable(row.label)},
              {"title", printable(known ? std::string(known->title) : policy.spec.name)},
              {"spec", printable(row.spec)},
              {"budget", policy.budget},
              {"lanes", policy.lanes},
              {"stepsDone", policy.stepsDone},
              {"choosesFrom", policy.choosesFrom},
              {"byRule", ruleJson(policy)},
              {"means",
               {{"slots", numberOr(row.slots)},
                {"stored", numberOr(row.stored)},
                {"bytes", numberOr(row.bytes)},
                {"padded", numberOr(row.padded)},
                {"mass", numberOr(row.mass)},
                {"error", numberOr(row.error)},
                {"loss", numberOr(row.loss)},
                {"perplexity", numberOr(row.perplexity)},
                {"kl", numberOr(row.kl)},
                {"agrees", numberOr(row.agrees)}}},
              {"evictStep", lifetimes(policy)},
              {"mass", floats(layerMeans(policy, policy.mass))},
              {"error", floats(layerMeans(policy, policy.error))},
              {"logprob", floats(policy.run.logprob)},
              {"kl", floats(policy.run.kl)}};
    if (policy.selects()) {
        told["pageTokens"] = policy.pageTokens;
        told["read"] = base64Of(std::span<const std::uint8_t>(policy.read.data(), policy.read.size()));
    }
    return told;
}

/// A token's own word, and the part of the text that it adds to the tokens before it.
struct Words {
    json words = json::object(), prose = json::array(), gaps = json::object();
};

Words wordsOf(const TraceInfo& info, std::size_t tokens)
{
    Words told;
    const auto size = static_cast<std::int32_t>(info.text.size());
    std::int32_t shown = 0;
    const auto part = [&](std::int32_t begin, std::int32_t end) {
        return printable(
            std::string_view(info.text).substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)), "\n\t");
    };
    for (std::size_t t = 0; t < tokens; ++t) {
        const auto [first, last] = t < info.offsets.size() ? info.offsets[t] : std::array<std::int32_t, 2>{};
        const std::int32_t begin = std::clamp(first, 0, size), end = std::clamp(last, begin, size);
        const std::string word = begin == end ? fmt::format("‹{}›", info.tokens[t]) : part(begin, end);
        if (begin == end) {
            told.prose.push_back(word);
            continue;
        }
        if (begin > shown)
            told.gaps[std::to_string(t)] = part(shown, begin);
        if (end <= shown) {
            told.prose.push_back(nullptr);
        } else {
            told.prose.push_back(part(std::max(begin, shown), end));
            shown = end;
        }
        if (told.prose.back() != word)
            told.words[std::to_string(t)] = word;
    }
    return told;
}

std::vector<int> windowsOf(const ReplayResult& replay, const TraceInfo& info)
{
    std::vector<int> windows;
    for (const Layer layer : replay.layers) {
        const auto at = static_cast<std::size_t>(std::find(info.layers.begin(), info.layers.end(), layer) - info.layers.begin());
        windows.push_back(at < info.layerInfo.size() ? info.layerInfo[at].window : 0);
    }
    return windows;
}

/// KV heads of a layer, as the recording has them.
int headsOf(const ReplayResult& replay, const TraceInfo& info)
{
    const auto at =
        static_cast<std::size_t>(std::find(info.layers.begin(), info.layers.end(), replay.layers.front()) - info.layers.begin());
    return at < info.layerInfo.size() ? info.layerInfo[at].keyHeads : fewestLanes(replay);
}

/// The place of H2O among the policies of the page, or of the first one.
int usualReference(const ReplayResult& replay, std::span<const int> policies)
{
    const auto found = std::ranges::find_if(
        policies, [&](int number) { return replay.policies[static_cast<std::size_t>(number)]->spec.name == "h2o"; });
    return found == policies.end() ? 0 : static_cast<int>(found - policies.begin());
}

json lookJson(const ReportOptions& options, int reference, int tokens)
{
    json marks = json::array();
    for (const ReportMark& mark : options.marks)
        marks.push_back({{"begin", mark.begin}, {"end", mark.end}, {"name", printable(mark.name)}});
    return {{"step", std::clamp(options.step.value_or(tokens - 1), 0, tokens - 1)},
            {"token", options.token ? json(*options.token) : json()},
            {"focus", options.focus},
            {"reference", reference},
            {"difference", options.difference},
            {"marks", std::move(marks)}};
}

/// JSON that stands inside a script element: "<" only as an escape.
std::string insideScript(const json& data)
{
    const std::string text = data.dump(-1, ' ', false, json::error_handler_t::replace);
    std::string inside;
    inside.reserve(text.size());
    for (const char c : text)
        if (c == '<')
            inside += "\\u003c";
        else
            inside += c;
    return inside;
}

} // namespace

std::string reportData(const ReplayResult& replay, const TraceInfo& info, const ReportOptions& options,
                       std::span<const int> policies, std::span<const ReportRow> rows, StepSpan steps, const JobContext& job)
{
    const int tokens = static_cast<int>(replay.tokenIds.size());
    json layers = json::array();
    for (const Layer layer : replay.layers)
        layers.push_back(raw(layer));
    Words words = wordsOf(info, static_cast<std::size_t>(tokens));
    json data{{"format", "winnow-report"},
              {"version", 1},
              {"loop", replay.loopName()},
              {"tokens", tokens},
              {"prompt", replay.prompt},
              {"layers", std::move(layers)},
              {"windows", windowsOf(replay, info)},
              {"heads", headsOf(replay, info)},
              {"slotBytes", replay.slotBytes},
              {"means", {steps.begin, steps.end}},
              {"judgedFrom", firstJudged(replay)},
              {"look", lookJson(options, options.reference.value_or(usualReference(replay, policies)), tokens)},
              {"prose", std::move(words.prose)},
              {"words", std::move(words.words)},
              {"gaps", std::move(words.gaps)},
              {"logprob", floats(replay.logprob)},
              {"policies", json::array()}};
    for (std::size_t at = 0; at < policies.size() && !job.stopRequested(); ++at) {
        const auto row = std::find_if(rows.begin(), rows.end(), [&](const ReportRow& one) { return one.policy == int(at); });
        data["policies"].push_back(policyJson(*replay.policies[static_cast<std::size_t>(policies[at])], *row));
        job.report("report", double(at + 1) / double(policies.size()));
    }
    return insideScript(data);
}

} // namespace winnow
