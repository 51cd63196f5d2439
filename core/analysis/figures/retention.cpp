// SPDX-License-Identifier: GPL-3.0-or-later
// The figure "retention": which tokens every policy stores after every step.
#include "core/analysis/figures/retention.h"

#include "core/analysis/figures/figure_inputs.h"
#include "core/analysis/kept_share.h"
#include "core/analysis/overlap.h"

#include <limits>

namespace winnow {

namespace {

bool isDifference(const FigureOptions& options) { return options.against.difference; }

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

Table plateTable(const RetentionPicture& picture)
{
    std::vector<std::string> specs;
    std::vector<std::int32_t> budgets;
    std::vector<double> stored, mass, now, jaccard, inBrush;
    for (std::size_t i = 0; i < picture.policies.size(); ++i) {
        const PolicyReplay& policy = *picture.replay->policies[static_cast<std::size_t>(picture.policies[i])];
        specs.push_back(policyLine(*picture.replay, policy));
        budgets.push_back(policy.budget);
        stored.push_back(picture.plates[i].stored);
        mass.push_back(picture.plates[i].mass);
        now.push_back(picture.plates[i].massNow);
        jaccard.push_back(picture.plates[i].jaccard);
        inBrush.push_back(picture.plates[i].inBrush);
    }
    Table table{.axes = {{specs.size()}},
                .columns = {{onlyCsv("policy"), {0}, std::move(specs)},
                            {{"slots", "budget"}, {0}, std::move(budgets)},
                            {"stored", {0}, std::move(stored)},
                            {"mass", {0}, std::move(mass)},
                            {"mass_at_step", {0}, std::move(now)}}};
    if (picture.reference >= 0)
        table.columns.push_back({"jaccard", {0}, std::move(jaccard)});
    if (picture.brush)
        table.columns.push_back({"kept_in_brush", {0}, std::move(inBrush)});
    return table;
}

Tables retentionTables(const RetentionPicture& picture)
{
    Tables all;
    const auto tokens = static_cast<std::size_t>(picture.tokens.second - picture.tokens.first + 1);
    const std::vector<std::int32_t> numbers = counted(picture.tokens.first, tokens);
    std::vector<std::string> tokenWords; // a row is a lane, and its tokens stand across
    for (const std::int32_t token : numbers)
        tokenWords.push_back(std::to_string(token));
    std::vector<std::int32_t> layers;
    for (const Layer layer : picture.replay->layers)
        layers.push_back(raw(layer));
    std::vector<std::string> specs;
    for (const int number : picture.policies) {
        const PolicyReplay& policy = *picture.replay->policies[static_cast<std::size_t>(number)];
        std::vector<std::int32_t> lifetimes;
        for (int layer = 0; layer < policy.layers; ++layer)
            for (int lane = 0; lane < policy.lanes; ++lane) {
                const auto first =
                    policy.evictStep.begin() + static_cast<std::ptrdiff_t>(policy.index(layer, lane, picture.tokens.first));
                lifetimes.insert(lifetimes.end(), first, first + static_cast<std::ptrdiff_t>(tokens));
            }
        const auto lanes = static_cast<std::size_t>(policy.lanes);
        all.tables.push_back(
            {.axes = {{layers.size()}, {lanes}, {tokens, tokenWords}},
             .columns = {{onlyCsv("policy"), {}, Values::one(policyLine(*picture.replay, policy))},
                         {onlyCsv("layer"), {0}, layers},
                         {onlyCsv("lane"), {1}, counted(0, lanes)},
                         {{"token {}", fmt::format("evict_step.{}", specs.size())}, {0, 1, 2}, std::move(lifetimes)}}});
        specs.push_back(policyLine(*picture.replay, policy));
    }
    all.tables.push_back(plateTable(picture));
    all.row("mean_steps", firstAndLast(picture.meanSteps));
    all.fact("step", picture.step);
    all.row(onlyNpz("policy"), std::move(specs));
    all.row(onlyNpz("layers"), std::move(layers));
    all.row(onlyNpz("tokens"), numbers);
    all.row(onlyNpz("steps"), std::vector<std::int32_t>{picture.steps.first, picture.steps.second});
    return all;
}

/// The numbers that the window writes on the maps.
Result<void> addPlates(RetentionPicture& picture, const FigureOptions& options, const JobContext& job)
{
    const ReplayResult& replay = *picture.replay;
    const int heads = fewestLanes(replay);
    std::vector<std::shared_ptr<const PolicyReplay>> shown;
    for (const int number : picture.policies)
        shown.push_back(replay.policies[static_cast<std::size_t>(number)]);
    std::optional<StepSpan> chosen;
    if (options.meanSteps) {
        WINNOW_TRY(const IntRange steps, checkRange("steps", options.meanSteps, static_cast<int>(replay.tokenIds.size())));
        chosen = StepSpan{steps.first, steps.second + 1};
    }
    picture.meanSteps = meanSteps(shown, replay.prompt, chosen);
    for (const auto& policy : shown) {
        WINNOW_TRY_VOID(job.check("the means of the maps"));
        const std::vector<int> lanes = chooseLanes(*policy, picture.lanes, heads, {}).lanes;
        const auto mean = [&](const Metric& metric) {
            return meanMetric(*policy, metric, lanes, picture.meanSteps).value_or(kNone);
        };
        RetentionPlate plate{.mass = mean(Metric::Mass),
                             .stored = policy->occupancy.empty() ? kNone : mean(Metric::Slots),
                             .jaccard = kNone,
                             .massNow = kNone,
                             .inBrush = kNone};
        if (picture.step < policy->stepsDone) {
            plate.massNow = meanMetric(*policy, Metric::Mass, lanes, {picture.step, picture.step + 1}).value_or(kNone);
            if (const auto& brush = picture.brush)
                plate.inBrush = keptInRange(*policy, lanes, picture.step, brush->first, brush->second + 1).value_or(kNone);
        }
        if (picture.reference >= 0) {
            const PolicyReplay& reference = *replay.policies[static_cast<std::size_t>(picture.reference)];
            WINNOW_TRY(plate.jaccard, meanOverlap(*policy, reference, pairLanes(*policy, reference, picture.lanes, heads, {}),
                                                  picture.meanSteps, job));
        }
        picture.plates.push_back(plate);
    }
    return {};
}

Result<Figure> makeRetention(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options,
                             const JobContext& job)
{
    WINNOW_TRY(const std::shared_ptr<const ReplayResult> replay, joinedReplay(kind.name, inputs, options));
    const int tokens = static_cast<int>(replay->tokenIds.size());
    RetentionPicture picture{.replay = replay, .info = infoOf(inputs, *replay), .lanes = options.lanes};
    WINNOW_TRY(picture.policies, existingPolicies(*replay, curveOptions(options).policies));
    WINNOW_TRY(picture.tokens, checkRange("tokens", options.tokenRange, tokens));
    WINNOW_TRY(picture.steps, checkRange("steps", options.stepRange, tokens));
    WINNOW_TRY(picture.reference, referenceOf(*replay, options));
    WINNOW_TRY(picture.step, oneStepOf(*replay, options));
    picture.laneRows = options.laneRows;
    picture.distanceAxis = options.distanceAxis;
    picture.sides = options.sides;
    if (picture.sides) {
        if (picture.policies.size() != 1 || picture.policies.front() == picture.reference)
            return fail(ErrorCode::Usage, "--sides are of one policy beside another; name it with --policies N");
        picture.policies.push_back(picture.reference);
    }
    if (options.brush) {
        WINNOW_TRY(picture.brush, checkRange("tokens", options.brush, tokens));
    }
    if (options.token)
        WINNOW_TRY_VOID(checkRange("tokens", IntRange{*options.token, *options.token}, tokens));
    WINNOW_TRY_VOID(addPlates(picture, options, job));
    Figure figure;
    figure.manifest = replay->manifest;
    std::string what = "share of lanes that store the token";
    if (picture.reference >= 0) {
        const PolicyReplay& reference = *replay->policies[static_cast<std::size_t>(picture.reference)];
        what =
            fmt::format("lanes that store the token in this policy only, in {} only, in both or in none", policyLabel(reference));
        figure.manifest["reference"] = reference.spec.canonical();
    }
    figure.caption = fmt::format("{}, {}, {} after {}; {}", replay->loopName(), lanesText(options), what,
                                 options.laneRows ? fmt::format("step {}", picture.step) : "the step",
                                 options.distanceAxis     ? "a dot is the mean of its tokens and steps"
                                 : picture.reference >= 0 ? "a dot is the token that the two disagree most about"
                                                          : "a dot is the largest of its tokens");
    figure.numbers = {std::move(picture), retentionTables};
    return figure;
}

} // namespace

FigureKind figureRetention()
{
    return {.name = "retention",
            .title = "Retained tokens",
            .summary = "Which tokens every policy stores after every step",
            .needs = FigureNeeds::Replay,
            .looksAtTrace = true,
            .reads = {kReadsPolicies,
                      kReadsLanes,
                      kReadsTokens,
                      kReadsSteps,
                      {"--rows"},
                      {"--axis"},
                      {"--step"},
                      {"--spans"},
                      {"--token"},
                      {"--brush"},
                      {"--sides", isDifference, "with --difference only"},
                      {"--mean-steps"},
                      kReadsScale,
                      kReadsAgainstPolicy,
                      kReadsDifference},
            .check = checkDifference,
            .make = makeRetention};
}

} // namespace winnow
