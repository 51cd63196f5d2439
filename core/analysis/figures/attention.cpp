// SPDX-License-Identifier: GPL-3.0-or-later
// The figure "attention": the attention of one query head.
#include "core/analysis/figures/attention.h"

#include "core/analysis/figures/figure_inputs.h"

namespace winnow {

namespace {

/// The list beside the picture: what the step attends to.
void addRow(const AttentionPicture& picture, Tables& tables)
{
    const AttendedTokens& row = picture.row;
    std::vector<std::int32_t> tokens, leftAt;
    std::vector<float> shares;
    std::vector<std::uint8_t> lost;
    for (const AttendedToken& token : row.tokens) {
        tokens.push_back(token.token);
        shares.push_back(token.share);
        lost.push_back(token.lost ? 1 : 0);
        leftAt.push_back(token.leftAt);
    }
    tables.fact("step", row.step);
    Table table{.axes = {{tokens.size()}},
                .columns = {{{"token", "row_tokens"}, {0}, std::move(tokens)},
                            {{"text", "row_texts"}, {0}, Values::borrowed(picture.words)},
                            {{"share", "row_shares"}, {0}, std::move(shares)}}};
    if (row.compared) {
        tables.fact({"lost at the step", "row_lost_share"}, row.lost);
        table.columns.push_back({{"lost", "row_lost"}, {0}, std::move(lost)});
        table.columns.push_back({{"left_at", "row_left_at"}, {0}, std::move(leftAt)});
    }
    tables.tables.push_back(std::move(table));
}

Tables attentionTables(const AttentionPicture& picture)
{
    Tables tables;
    tables.fact("layer", raw(picture.layer));
    tables.fact({"query head", "head"}, picture.head);
    const auto rows = static_cast<std::size_t>(picture.tile.rows), columns = static_cast<std::size_t>(picture.tile.columns);
    const std::vector<std::int32_t> keys = counted(picture.keys.first, columns);
    std::vector<std::string> words;
    for (const std::int32_t key : keys)
        words.push_back(std::to_string(key));
    tables.tables.push_back({.axes = {{rows}, {columns, words}},
                             .columns = {{{"query", "queries"}, {0}, counted(picture.queries.first, rows)},
                                         {{"key{}", "attention"}, {0, 1}, Values::borrowed(picture.tile.values)}}});
    tables.row(onlyNpz("keys"), keys);
    if (!picture.lost.empty()) {
        tables.fact("lost_by", picture.loser);
        tables.array("lost", std::vector<std::uint8_t>(picture.lost.begin(), picture.lost.end()), {rows, columns});
    }
    if (!picture.row.tokens.empty())
        addRow(picture, tables);
    return tables;
}

/// The cells of keys that had left before the step of their query.
std::vector<bool> lostCells(const AttentionPicture& picture, const std::int32_t* leftAt)
{
    std::vector<bool> lost;
    lost.reserve(picture.tile.values.size());
    for (int step = picture.queries.first; step <= picture.queries.second; ++step)
        for (int key = picture.keys.first; key <= picture.keys.second; ++key)
            lost.push_back(leftAt[key] >= 0 && leftAt[key] < step);
    return lost;
}

/// The lane of the policy of --lost-by that the head reads; none without it.
Result<LosingLane> loserOf(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options, const Trace& trace,
                           int index)
{
    if (!options.lostBy)
        return LosingLane();
    WINNOW_TRY(const std::shared_ptr<const ReplayResult> replay, joinedReplay(kind.name, inputs, options));
    WINNOW_TRY_VOID(existingPolicies(*replay, {*options.lostBy - 1}));
    if (replay->tokenIds != trace.info().tokens)
        return fail(ErrorCode::BadInput, "'{}' is over other tokens than the replay; give the recording that it was made from",
                    trace.path().string());
    LosingLane lane = losingLane(replay, *options.lostBy - 1, trace.info(), index, Head{options.head.value_or(0)});
    if (!lane.replay)
        return fail(ErrorCode::BadInput,
                    "the replay holds no layer {}, so that nothing is known of what is lost there; choose "
                    "another --layer, or leave out --lost-by",
                    raw(trace.info().layers[static_cast<std::size_t>(index)]));
    return lane;
}

Result<Figure> makeAttention(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options,
                             const JobContext& job)
{
    WINNOW_TRY(const Trace* trace, firstTrace(kind.name, inputs));
    const int tokens = trace->tokenCount();
    if (tokens == 0 || trace->layerCount() == 0)
        return fail(ErrorCode::BadInput, "'{}' holds no attention: {} tokens, {} layers", trace->path().string(), tokens,
                    trace->layerCount());
    AttentionPicture picture;
    picture.layer = options.layer ? Layer{*options.layer} : trace->info().layers.front();
    picture.head = options.head.value_or(0);
    WINNOW_TRY(const int index, layerIndexOf(*trace, raw(picture.layer)));
    const int heads = trace->info().layerInfo[static_cast<std::size_t>(index)].queryHeads;
    if (picture.head < 0 || picture.head >= heads)
        return fail(ErrorCode::Usage, "query head {} does not exist: layer {} has the heads 0 to {}", picture.head,
                    raw(picture.layer), heads - 1);
    WINNOW_TRY(picture.queries, checkRange("queries", options.queries, tokens));
    WINNOW_TRY(picture.keys, checkRange("keys", options.keys, tokens));
    const AttentionQuery query{.layerIndex = index,
                               .queryHead = Head{picture.head},
                               .queryBegin = Position{picture.queries.first},
                               .queryEnd = Position{picture.queries.second + 1},
                               .keyBegin = Position{picture.keys.first},
                               .keyEnd = Position{picture.keys.second + 1}};
    WINNOW_TRY(const LosingLane loser, loserOf(kind, inputs, options, *trace, index));
    if (options.steps.size() > 1)
        return fail(ErrorCode::Usage, "this figure lists the row of one step, and {} were given; give one", options.steps.size());
    WINNOW_TRY(picture.tile, attentionTile(*trace, query, job));
    if (loser.replay) {
        picture.loser = policyLabel(*loser.replay->policies[static_cast<std::size_t>(loser.policy)]);
        picture.lost = lostCells(picture, loser.leftAt());
    }
    if (!options.steps.empty()) {
        const int step = options.steps.front();
        if (step >= tokens)
            return fail(ErrorCode::Usage, "step {} does not exist: this recording has the steps 0 to {}", step, tokens - 1);
        WINNOW_TRY(picture.row,
                   attendedTokens(*trace, index, Head{picture.head}, loser, step, static_cast<std::size_t>(step) + 1, job));
        for (const AttendedToken& token : picture.row.tokens)
            picture.words.emplace_back(tokenText(trace->info(), Position{token.token}));
    }
    Figure figure;
    figure.title = fmt::format("Attention, layer {}, query head {}", raw(picture.layer), picture.head);
    figure.caption = picture.loser.empty() ? "full cache" : fmt::format("full cache; orange: lost by {}", picture.loser);
    figure.manifest = trace->info().manifest;
    figure.numbers = {std::move(picture), attentionTables};
    return figure;
}

/// The other scales are of shares of lanes.
Result<void> checkAttention(const FigureOptions& options)
{
    if (options.scale != "linear" && options.scale != "log")
        return fail(ErrorCode::Usage, "--scale of attention is linear or log, not {}", options.scale);
    return {};
}

} // namespace

FigureKind figureAttention()
{
    return {
        .name = "attention",
        .title = "Attention",
        .summary = "The attention of one query head over a range of queries and keys",
        .needs = FigureNeeds::Trace,
        .reads = {{"--layer"}, {"--head"}, {"--queries"}, {"--keys"}, {"--step"}, {"--lost-by"}, kReadsScale, {"--mask-sinks"}},
        .check = checkAttention,
        .make = makeAttention};
}

} // namespace winnow
