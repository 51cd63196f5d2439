// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/perplexity_report.h"

#include "app/cli/run_summary.h"
#include "core/analysis/loss_buckets.h"
#include "core/analysis/tables.h"
#include "core/io/atomic_file.h"
#include "core/io/ordered_json.h"
#include "core/io/output_file.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace winnow::cli {

namespace {

using nlohmann::ordered_json;

/// The full cache, where it ran, and the policies.
struct Measured {
    std::string name, spec;
    std::span<const float> logprob;
    std::optional<double> stored;
    std::optional<AddedLoss> added;
    std::vector<LossBucket> buckets;
};

std::vector<Measured> measured(const PerplexityReport& report)
{
    const PerplexityResult& result = report.result;
    std::vector<Measured> all;
    if (!result.full.empty())
        all.push_back({"full cache", "full cache", result.full, {}, {}, lossBuckets(result.full, report.bucket)});
    for (const auto& policy : result.policies)
        all.push_back({policy.spec.name, policy.spec.canonical(), policy.logprob, policy.stored,
                       addedLoss(policy.logprob, result.full, 0), lossBuckets(policy.logprob, report.bucket)});
    return all;
}

std::int64_t judgedIn(const std::vector<LossBucket>& buckets)
{
    std::int64_t count = 0;
    for (const LossBucket& bucket : buckets)
        count += bucket.count;
    return count;
}

double orNaN(const std::optional<double>& value) { return value.value_or(std::numeric_limits<double>::quiet_NaN()); }

std::string shown(const std::optional<double>& value, const char* format)
{
    return value ? fmt::format(fmt::runtime(format), *value) : "-";
}

ordered_json orNull(const std::optional<double>& value) { return value ? ordered_json(*value) : ordered_json(); }

ordered_json asJson(const Measured& one)
{
    ordered_json member;
    member["policy"] = one.spec;
    member["n"] = judgedIn(one.buckets);
    const auto loss = one.buckets.empty() ? std::nullopt : one.buckets.back().cumulated;
    member["loss"] = orNull(loss);
    member["perplexity"] = orNull(perplexityOf(loss));
    if (one.added) {
        member["added"] = one.added->mean;
        member["added_low"] = one.added->interval ? ordered_json(one.added->interval->low) : ordered_json();
        member["added_high"] = one.added->interval ? ordered_json(one.added->interval->high) : ordered_json();
    }
    member["stored_slots"] = orNull(one.stored);
    member["buckets"] = ordered_json::array();
    for (const LossBucket& bucket : one.buckets)
        member["buckets"].push_back({{"begin", bucket.begin},
                                     {"end", bucket.end},
                                     {"n", bucket.count},
                                     {"loss", orNull(bucket.loss)},
                                     {"perplexity", orNull(perplexityOf(bucket.loss))},
                                     {"cumulated_perplexity", orNull(perplexityOf(bucket.cumulated))}});
    return member;
}

std::string jsonText(const PerplexityReport& report)
{
    ordered_json document{{"format", "winnow-perplexity"}, {"version", 1}, {"loop", "closed"}};
    document["protocol"] = report.protocol;
    for (const auto& [name, value] : report.facts)
        document[name] = value;
    document["tokens"] = report.result.tokens.size();
    document["windows"] = report.result.windows;
    document["intervals"] = "percentile bootstrap over blocks of 64 tokens, paired with the full cache, 95 %";
    document["policies"] = ordered_json::array();
    for (const Measured& one : measured(report))
        document["policies"].push_back(asJson(one));
    return document.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

Tables tablesOf(const PerplexityReport& report)
{
    const std::vector<Measured> all = measured(report);
    const std::size_t buckets = all.front().buckets.size();
    Table table{.axes = {{all.size()}, {buckets}}, .columns = {}};
    std::vector<std::string> policies;
    std::vector<std::int32_t> begins, ends;
    std::vector<std::int64_t> counts;
    std::vector<double> losses, perplexities, cumulated;
    for (const LossBucket& bucket : all.front().buckets) {
        begins.push_back(bucket.begin);
        ends.push_back(bucket.end);
    }
    for (const Measured& one : all) {
        policies.push_back(one.spec);
        for (const LossBucket& bucket : one.buckets) {
            counts.push_back(bucket.count);
            losses.push_back(orNaN(bucket.loss));
            perplexities.push_back(orNaN(perplexityOf(bucket.loss)));
            cumulated.push_back(orNaN(perplexityOf(bucket.cumulated)));
        }
    }
    table.columns.push_back({"policy", {0}, std::move(policies), true});
    table.columns.push_back({"begin", {1}, std::move(begins)});
    table.columns.push_back({"end", {1}, std::move(ends)});
    table.columns.push_back({"n", {0, 1}, std::move(counts)});
    table.columns.push_back({"loss", {0, 1}, std::move(losses)});
    table.columns.push_back({"perplexity", {0, 1}, std::move(perplexities)});
    table.columns.push_back({"cumulated_perplexity", {0, 1}, std::move(cumulated)});
    Tables tables;
    tables.tables.push_back(std::move(table));
    tables.manifest = {{"loop", "closed"}, {"protocol", report.protocol}, {"windows", std::to_string(report.result.windows)}};
    return tables;
}

} // namespace

void tellPerplexity(const PerplexityReport& report, Console& console)
{
    const std::vector<Measured> all = measured(report);
    console.say(fmt::format("closed loop, {}", report.protocol));
    constexpr auto kRow = "{:>3} {:<14} {:>9} {:>9} {:>9} {:>11} {:>24}";
    console.say(fmt::format(kRow, "", "policy", "stored", "tokens", "loss", "perplexity", "added"));
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto loss = all[i].buckets.empty() ? std::nullopt : all[i].buckets.back().cumulated;
        console.say(fmt::format(kRow, i, all[i].name, shown(all[i].stored, "{:.1f}"), judgedIn(all[i].buckets),
                                shown(loss, "{:.4f}"), shown(perplexityOf(loss), "{:.3f}"),
                                i == 0 && !report.result.full.empty() ? "-" : addedText(all[i].added)));
    }
    console.say("\nperplexity by position, and behind the stroke that of everything up to there");
    std::string head = fmt::format("{:>15}", "positions");
    for (std::size_t i = 0; i < all.size(); ++i)
        head += fmt::format(" {:>19}", i);
    console.say(head);
    for (std::size_t b = 0; b < all.front().buckets.size(); ++b) {
        std::string row = fmt::format("{:>7}-{:<7}", all.front().buckets[b].begin, all.front().buckets[b].end - 1);
        for (const Measured& one : all)
            row += fmt::format(" {:>9}/{:>9}", shown(perplexityOf(one.buckets[b].loss), "{:.2f}"),
                               shown(perplexityOf(one.buckets[b].cumulated), "{:.2f}"));
        console.say(row);
    }
    console.say("");
    for (std::size_t i = 0; i < all.size(); ++i)
        console.say(fmt::format("{:>3} {}", i, all[i].spec));
    console.say(
        "stored: slots per lane on average over all steps; added: to the full cache's loss, in nats a token, in brackets 95 % by "
        "bootstrap over blocks of 64 tokens");
}

Result<void> writePerplexity(const PerplexityReport& report, const std::filesystem::path& out)
{
    if (extensionOf(out) == "json")
        return writeFileAtomically(out, jsonText(report));
    return writeTables(tablesOf(report), report.facts, out);
}

} // namespace winnow::cli
