// SPDX-License-Identifier: GPL-3.0-or-later
// The figures of one step: "kept", a strip of tokens per policy, and "text", the words shaded.
#include "core/analysis/figures/figure_inputs.h"
#include "core/analysis/retention.h"
#include "core/analysis/step_pictures.h"

#include <algorithm>
#include <iterator>

namespace winnow {

namespace {

bool isByRule(std::uint8_t byte) { return byte >= kByRule && byte != kOutOfReach; }

Tables keptTables(const KeptPicture& picture)
{
    const auto tokens = static_cast<std::size_t>(picture.tokens.second - picture.tokens.first + 1);
    std::vector<double> share;
    std::vector<std::uint8_t> byRule;
    for (const auto& row : picture.rows) {
        share.insert(share.end(), row.share.begin(), row.share.end());
        std::transform(row.bytes.begin(), row.bytes.end(), std::back_inserter(byRule), isByRule);
    }
    Tables all;
    all.fact("step", picture.step);
    Table table{
        .axes = {{picture.rows.size()}, {tokens}},
        .columns = {{"policy", {0}, specsOf(picture.rows)}, {{"token", "tokens"}, {1}, counted(picture.tokens.first, tokens)}}};
    if (picture.info) {
        std::vector<std::string> words;
        for (int token = picture.tokens.first; token <= picture.tokens.second; ++token)
            words.emplace_back(tokenText(*picture.info, Position{token}));
        table.columns.push_back({"text", {1}, std::move(words)});
    }
    table.columns.push_back({"share", {0, 1}, std::move(share)});
    table.columns.push_back({"by_rule", {0, 1}, std::move(byRule)});
    if (picture.reference >= 0) {
        std::vector<double> thisOnly, referenceOnly;
        for (const auto& row : picture.rows) { // the reference differs from itself nowhere
            thisOnly.insert(thisOnly.end(), row.thisOnly.begin(), row.thisOnly.end());
            referenceOnly.insert(referenceOnly.end(), row.referenceOnly.begin(), row.referenceOnly.end());
            const std::size_t missing = row.cells.empty() ? tokens : 0;
            thisOnly.insert(thisOnly.end(), missing, 0);
            referenceOnly.insert(referenceOnly.end(), missing, 0);
        }
        table.columns.push_back({"this_only", {0, 1}, std::move(thisOnly)});
        table.columns.push_back({"reference_only", {0, 1}, std::move(referenceOnly)});
    }
    all.tables.push_back(std::move(table));
    return all;
}

Result<std::shared_ptr<const TraceInfo>> textOf(std::string_view name, const FigureInputs& inputs, const ReplayResult& replay)
{
    WINNOW_TRY_VOID(firstTrace(name, inputs));
    const Trace* trace = traceOf(inputs, replay);
    if (!trace)
        return fail(ErrorCode::BadInput, "'{}' is over other tokens than the replay; give the recording that it was made from",
                    inputs.traces.front()->path().string());
    return std::make_shared<const TraceInfo>(trace->info());
}

/// Sliding window of every replayed layer; empty without the trace.
std::vector<int> windowsOf(const FigureInputs& inputs, const ReplayResult& replay)
{
    std::vector<int> windows;
    if (const Trace* trace = traceOf(inputs, replay))
        for (const Layer layer : replay.layers) {
            const auto& layers = trace->info().layers;
            const auto at = static_cast<std::size_t>(std::find(layers.begin(), layers.end(), layer) - layers.begin());
            windows.push_back(at < layers.size() ? trace->info().layerInfo[at].window : 0);
        }
    return windows;
}

Result<Figure> makeKept(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options, const JobContext& job)
{
    WINNOW_TRY(const std::shared_ptr<const ReplayResult> replay, joinedReplay(kind.name, inputs, options));
    WINNOW_TRY(const int step, oneStepOf(*replay, options));
    WINNOW_TRY(const IntRange shown, checkRange("tokens", options.tokenRange, static_cast<int>(replay->tokenIds.size())));
    WINNOW_TRY(const int reference, referenceOf(*replay, options));
    WINNOW_TRY(KeptPicture picture,
               keptPicture(*replay, step, shown, curveOptions(options), windowsOf(inputs, *replay), job, reference));
    if (kind.needs == FigureNeeds::Both) {
        WINNOW_TRY(picture.info, textOf(kind.name, inputs, *replay));
    }
    Figure figure;
    figure.manifest = replay->manifest;
    figure.caption =
        fmt::format("{}, {}, share of lanes that store the token after step {}", replay->loopName(), lanesText(options), step);
    if (reference >= 0) {
        const PolicyReplay& other = *replay->policies[static_cast<std::size_t>(reference)];
        figure.manifest["reference"] = other.spec.canonical();
        figure.caption = fmt::format("{}, {}, stored after step {} by this policy only, by {} only, by both or by none",
                                     replay->loopName(), lanesText(options), step, policyLabel(other));
    }
    figure.numbers = {std::move(picture), keptTables};
    return figure;
}

} // namespace

FigureKind figureKept()
{
    return {.name = "kept",
            .title = "Kept tokens after a step",
            .summary = "Which tokens every policy stores after one step: the share of lanes, a strip per policy",
            .needs = FigureNeeds::Replay,
            .reads = {{"--spans"},
                      kReadsStep,
                      kReadsPolicies,
                      kReadsLanes,
                      kReadsTokens,
                      kReadsAgainstPolicy,
                      kReadsDifference,
                      kReadsScale},
            .check = checkDifference,
            .make = makeKept};
}

FigureKind figureText()
{
    FigureKind kind = figureKept();
    kind.name = "text";
    kind.title = "The text as a policy remembers it";
    kind.summary = "The words, shaded by the share of lanes that store them after one step";
    kind.needs = FigureNeeds::Both;
    std::erase_if(kind.reads, [](const FigureReads& one) { return one.word == kReadsScale.word; }); // words have one of their own
    return kind;
}

} // namespace winnow
