// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/report/report_html.h"

#include "core/analysis/curves.h"
#include "core/analysis/run_costs.h"
#include "core/base/printable.h"
#include "core/io/disk.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace winnow {

namespace {

struct Column {
    const char *name, *help;
    std::optional<double> ReportRow::*value;
    std::string (*shown)(double);
};

std::string whole(double value) { return fmt::format("{:.0f}", value); }
std::string oneDecimal(double value) { return fmt::format("{:.1f}", value); }
std::string fourDecimals(double value) { return fmt::format("{:.4f}", value); }
std::string threeDecimals(double value) { return fmt::format("{:.3f}", value); }
std::string size(double value) { return sizeText(static_cast<std::uint64_t>(value)); }

constexpr Column kColumns[] = {
    {"slots", "slots asked for, a lane", &ReportRow::slots, whole},
    {"stored", "slots stored, mean of lanes and steps", &ReportRow::stored, oneDecimal},
    {"bytes", "keys and values of all slots stored after the last step", &ReportRow::bytes, size},
    {"padded", "the same with every lane as long as the longest of its layer", &ReportRow::padded, size},
    {"mass", "share of the full cache's attention on what is stored; more is better", &ReportRow::mass, fourDecimals},
    {"error", "difference of a layer's output from the full cache's, as a share of it; less is better", &ReportRow::error,
     fourDecimals},
    {"loss", "nats a token; less is better", &ReportRow::loss, fourDecimals},
    {"perplexity", "exp of the loss", &ReportRow::perplexity, threeDecimals},
    {"KL", "distance of the predictions from the full cache's, in nats", &ReportRow::kl, fourDecimals},
    {"agrees", "share of tokens where both find the same one likeliest", &ReportRow::agrees, fourDecimals},
};

/// A policy line that lines break behind its commas; `spec` is escaped.
std::string breakable(const std::string& spec)
{
    std::string html;
    for (const char c : spec) {
        html += c;
        if (c == ',')
            html += "<wbr>";
    }
    return html;
}

bool isGiven(const std::optional<double>& value) { return value && std::isfinite(*value); }

ReportRow policyRow(const ReplayResult& replay, int number, int place, StepSpan steps)
{
    const PolicyReplay& policy = *replay.policies[static_cast<std::size_t>(number)];
    std::vector<int> lanes(static_cast<std::size_t>(policy.layers) * policy.lanes);
    std::iota(lanes.begin(), lanes.end(), 0);
    const int first = firstJudged(replay);
    ReportRow row{.label = policyLabel(policy), .spec = policy.spec.canonical(), .policy = place};
    row.slots = policy.budget;
    row.stored = meanStored(policy, steps.begin, steps.end);
    row.mass = meanMetric(policy, Metric::Mass, lanes, steps);
    row.error = meanMetric(policy, Metric::Error, lanes, steps);
    if (policy.stepsDone > 0) {
        const CacheBytes bytes = cacheBytes(replay, policy, Step(policy.stepsDone - 1));
        row.bytes = static_cast<double>(bytes.logical);
        row.padded = static_cast<double>(bytes.physical);
    }
    row.loss = meanLoss(policy.run.logprob, first);
    row.perplexity = perplexityOf(row.loss);
    row.kl = meanOf(policy.run.kl, first);
    row.agrees = meanOf(policy.run.agrees, first);
    return row;
}

} // namespace

std::string htmlEscaped(std::string_view text)
{
    std::string escaped;
    for (const char c : printable(text))
        switch (c) {
        case '&':
            escaped += "&amp;";
            break;
        case '<':
            escaped += "&lt;";
            break;
        case '>':
            escaped += "&gt;";
            break;
        case '"':
            escaped += "&quot;";
            break;
        case '\'':
            escaped += "&#39;";
            break;
        default:
            escaped += c;
        }
    return escaped;
}

std::vector<ReportRow> reportRows(const ReplayResult& replay, std::span<const int> policies, StepSpan steps)
{
    std::vector<ReportRow> rows;
    if (const auto loss = meanLoss(replay.logprob, firstJudged(replay)))
        rows.push_back({.label = "full cache", .loss = loss, .perplexity = perplexityOf(loss)});
    for (std::size_t place = 0; place < policies.size(); ++place)
        rows.push_back(policyRow(replay, policies[place], static_cast<int>(place), steps));
    return rows;
}

std::string tableHtml(std::span<const ReportRow> rows, const ReplayResult& replay, StepSpan steps)
{
    std::vector<Column> columns;
    std::copy_if(std::begin(kColumns), std::end(kColumns), std::back_inserter(columns), [&](const Column& column) {
        return std::ranges::any_of(rows, [&](const ReportRow& row) { return isGiven(row.*column.value); });
    });
    std::string html = fmt::format("<table id=\"numbers\"><caption>Means over all lanes and the steps {} to {}, {}.{}</caption>\n"
                                   "<thead><tr><th scope=\"col\">policy</th>",
                                   steps.begin, steps.end - 1, replay.loopName(),
                                   replay.closedLoop() && firstJudged(replay) < static_cast<int>(replay.tokenIds.size())
                                       ? fmt::format(" Loss from token {} on.", firstJudged(replay))
                                       : "");
    for (const Column& column : columns)
        html += fmt::format("<th scope=\"col\"><abbr title=\"{}\">{}</abbr></th>", htmlEscaped(column.help), column.name);
    html += "</tr></thead>\n<tbody>";
    for (const ReportRow& row : rows) {
        html += row.policy ? fmt::format("<tr data-policy=\"{}\">", *row.policy) : "<tr>";
        html += fmt::format("<th scope=\"row\"><span class=\"name\">{}</span>", htmlEscaped(row.label));
        html += row.spec.empty() ? "</th>" : fmt::format("<code>{}</code></th>", breakable(htmlEscaped(row.spec)));
        for (const Column& column : columns)
            html += isGiven(row.*column.value) ? fmt::format("<td>{}</td>", column.shown(*(row.*column.value))) : "<td>–</td>";
        html += "</tr>\n";
    }
    return html + "</tbody></table>";
}

std::string manifestHtml(const ReplayResult& replay, std::span<const int> policies)
{
    std::string html;
    const auto line = [&](std::string_view name, std::string_view value) {
        html += fmt::format("<dt>{}</dt><dd>{}</dd>\n", htmlEscaped(name), htmlEscaped(value));
    };
    for (const int number : policies)
        line(fmt::format("policy {}", number + 1), replay.policies[static_cast<std::size_t>(number)]->spec.canonical());
    line("tokens", fmt::format("{}", replay.tokenIds.size()));
    line("prompt", fmt::format("{}", replay.prompt));
    for (const auto& [key, value] : replay.manifest)
        line(key, value);
    return html;
}

} // namespace winnow
