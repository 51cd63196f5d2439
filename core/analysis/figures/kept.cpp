// SPDX-License-Identifier: GPL-3.0-or-later
// The figures of one step: "kept", a strip of tokens per policy, and "text", the words shaded.
#include "core/analysis/figures/figure_inputs.h"
#include "core/analysis/figures/retention.h"
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

/// Sliding window of every replayed layer; empty without the recording.
std::vector<int> windowsOf(const TraceInfo* info, const ReplayResult& replay)
{
    std::vector<int> windows;
    for (std::size_t i = 0; info && i < replay.layers.size(); ++i) {
        const auto at = static_cast<std::size_t>(std::ranges::find(info->layers, replay.layers[i]) - info->layers.begin());
        windows.push_back(at < info->layers.size() ? info->layerInfo[at].window : 0);
    }
    return windows;
}

constexpr FigureReads kReadsBrush{"--brush"}, kReadsFlags{"--flags"};

bool isRanked(const FigureOptions& options) { return options.scale == "rank" || options.scale == "clipped"; }

/// What the maps of the options show; the numbers on their plates are not computed.
Result<std::shared_ptr<const RetentionPicture>> mapsOf(const std::shared_ptr<const ReplayResult>& replay,
                                                       std::shared_ptr<const TraceInfo> info, const FigureOptions& options,
                                                       int step)
{
    const int tokens = static_cast<int>(replay->tokenIds.size());
    RetentionPicture maps{.replay = replay, .info = std::move(info), .lanes = options.lanes};
    WINNOW_TRY(maps.policies, existingPolicies(*replay, curveOptions(options).policies));
    WINNOW_TRY(maps.tokens, checkRange("tokens", options.keys, tokens));
    WINNOW_TRY(maps.steps, checkRange("steps", options.queries, tokens));
    maps.laneRows = options.laneRows;
    maps.step = step;
    return std::make_shared<const RetentionPicture>(std::move(maps));
}

Result<Figure> makeKept(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options, const JobContext& job)
{
    WINNOW_TRY(const std::shared_ptr<const ReplayResult> replay, joinedReplay(kind.name, inputs, options));
    WINNOW_TRY(const int step, oneStepOf(*replay, options));
    WINNOW_TRY(const IntRange shown, checkRange("tokens", options.tokenRange, static_cast<int>(replay->tokenIds.size())));
    WINNOW_TRY(const int reference, referenceOf(*replay, options));
    const int tokens = static_cast<int>(replay->tokenIds.size());
    WINNOW_TRY_VOID(checkRange("tokens", options.brush, tokens));
    if (options.token)
        WINNOW_TRY_VOID(checkRange("tokens", IntRange{*options.token, *options.token}, tokens));
    const std::shared_ptr<const TraceInfo> info = infoOf(inputs, *replay);
    CurveOptions chosen = curveOptions(options);
    if (options.bars && options.focus && !chosen.policies.empty() && std::ranges::count(chosen.policies, *options.focus - 1) == 0)
        chosen.policies.push_back(*options.focus - 1); // the one that shades the text
    WINNOW_TRY(KeptPicture picture, keptPicture(*replay, step, shown, chosen, windowsOf(info.get(), *replay), job, reference));
    if (kind.needs == FigureNeeds::Both) {
        WINNOW_TRY_VOID(firstTrace(kind.name, inputs));
        if (!info)
            return fail(ErrorCode::BadInput,
                        "'{}' is over other tokens than the replay; give the recording that it was made from",
                        inputs.traces.front()->path().string());
        picture.info = info;
    }
    if (isRanked(options) && reference < 0) {
        WINNOW_TRY(picture.maps, mapsOf(replay, info, options, step));
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
    constexpr std::string_view kRanked = "with --scale rank or clipped only";
    return {.name = "kept",
            .title = "Kept tokens after a step",
            .summary = "Which tokens every policy stores after one step: the share of lanes, a strip per policy",
            .needs = FigureNeeds::Replay,
            .looksAtTrace = true,
            .reads = {{"--spans"},
                      kReadsStep,
                      kReadsPolicies,
                      kReadsLanes,
                      kReadsTokens,
                      kReadsAgainstPolicy,
                      kReadsDifference,
                      {"--token"},
                      kReadsBrush,
                      kReadsFlags,
                      kReadsScale,
                      {"--queries", isRanked, kRanked},
                      {"--keys", isRanked, kRanked},
                      {"--rows", isRanked, kRanked}},
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
    std::erase_if(kind.reads, [](const FigureReads& one) {
        return one.word == kReadsScale.word || one.word == kReadsBrush.word || one.word == kReadsFlags.word ||
               one.when == isRanked;
    });
    kind.reads.push_back({"--bars"});
    kind.reads.push_back({kReadsFocus.word, [](const FigureOptions& options) { return options.bars; }, "with --bars only"});
    return kind;
}

} // namespace winnow
