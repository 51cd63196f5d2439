// SPDX-License-Identifier: GPL-3.0-or-later
// The figure "jaccard": how much the tokens that two policies store overlap. Its numbers are those of `winnow compare`.
#include "core/analysis/comparison.h"
#include "core/analysis/figures/figure_inputs.h"

namespace winnow {

namespace {

Result<Figure> makeJaccard(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options,
                           const JobContext& job)
{
    WINNOW_TRY(const std::shared_ptr<const ReplayResult> replay, joinedReplay(kind.name, inputs, options));
    WINNOW_TRY(const int step, oneStepOf(*replay, options));
    WINNOW_TRY_VOID(referenceOf(*replay, options));
    ComparedOver over{.lanes = options.lanes};
    if (options.stepRange)
        over.overlap = over.steps = StepSpan{options.stepRange->first, options.stepRange->second + 1};
    WINNOW_TRY(const std::vector<int> policies, existingPolicies(*replay, curveOptions(options).policies));
    ReplayResult some = *replay;
    some.policies.clear();
    for (const int policy : policies)
        some.policies.push_back(replay->policies[static_cast<std::size_t>(policy)]);
    WINNOW_TRY(Comparison comparison, comparePolicies(some, Step{step}, job, over));
    Figure figure;
    const std::string when = options.stepRange
                                 ? fmt::format("a step of {} to {}", options.stepRange->first, options.stepRange->second)
                                 : fmt::format("step {}", step);
    figure.caption = fmt::format("{}, tokens stored after {} by both over those stored by either, mean over {}",
                                 replay->loopName(), when, (options.stepRange ? "these steps and " : "") + lanesText(options));
    figure.manifest = replay->manifest;
    figure.numbers = {std::move(comparison), comparisonTables};
    return figure;
}

} // namespace

FigureKind figureJaccard()
{
    return {.name = "jaccard",
            .title = "Overlap of policies",
            .summary =
                "How much the tokens that two policies store overlap (Jaccard) after one step, or over --steps, for every pair",
            .needs = FigureNeeds::Replay,
            .reads = {kReadsStep, kReadsPolicies, kReadsLanes, kReadsSteps, kReadsFocus, kReadsAgainstPolicy},
            .make = makeJaccard};
}

} // namespace winnow
