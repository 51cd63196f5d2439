// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/run_summary.h"

#include "core/analysis/means.h"
#include "core/analysis/run_costs.h"
#include "core/io/disk.h"

#include <numeric>

namespace winnow::cli {

namespace {

std::string shown(const std::optional<double>& value, const char* format = "{:.4f}")
{
    return value ? fmt::format(fmt::runtime(format), *value) : "-";
}

} // namespace

std::string addedText(const std::optional<AddedLoss>& added)
{
    if (!added)
        return "-";
    return added->interval ? fmt::format("{:.3f} [{:.3f}, {:.3f}]", added->mean, added->interval->low, added->interval->high)
                           : fmt::format("{:.3f}", added->mean);
}

void summarizeRun(const ReplayResult& result, Console& console)
{
    const StepSpan steps = meanSteps(result.policies, result.prompt);
    const int first = firstJudged(result), judged = static_cast<int>(result.tokenIds.size()) - first;
    const bool any = steps.begin < steps.end;
    const std::string over = any ? fmt::format("; mass and error over steps {} to {}", steps.begin, steps.end - 1) : "";
    console.say(judged > 0 ? fmt::format("{}: loss of the {} from {} on, in nats a token{}", result.loopName(),
                                         judged == 1 ? "token" : fmt::format("{} tokens", judged), first, over)
                           : fmt::format("{}: the text ends {}, so that nothing is left to be judged{}", result.loopName(),
                                         any ? "a token behind its prompt" : "with its prompt", over));
    constexpr auto kRow = "{:<12} {:>7} {:>9} {:>9} {:>11} {:>23} {:>9} {:>9} {:>9} {:>9}";
    console.say(fmt::format(kRow, "policy", "slots", "stored", "loss", "perplexity", "added", "kl", "agrees", "mass", "error"));
    if (!result.logprob.empty()) {
        const auto loss = meanLoss(result.logprob, first);
        console.say(
            fmt::format(kRow, "full cache", "-", "-", shown(loss), shown(perplexityOf(loss), "{:.3f}"), "-", "-", "-", "-", "-"));
    }
    for (const auto& policy : result.policies) {
        std::vector<int> lanes(static_cast<std::size_t>(policy->layers) * policy->lanes);
        std::iota(lanes.begin(), lanes.end(), 0);
        const auto mean = [&](Metric metric) { return shown(meanMetric(*policy, metric, lanes, steps)); };
        const auto loss = meanLoss(policy->run.logprob, first);
        console.say(fmt::format(kRow, policy->spec.name, policy->budget,
                                any ? fmt::format("{:.1f}", meanStored(*policy, steps.begin, steps.end)) : "-", shown(loss),
                                shown(perplexityOf(loss), "{:.3f}"),
                                addedText(addedLoss(policy->run.logprob, result.logprob, first)),
                                shown(meanOf(policy->run.kl, first)), shown(meanOf(policy->run.agrees, first)),
                                mean(Metric::Mass), mean(Metric::Error)));
    }
    console.say("stored: slots per lane on average over the steps of mass and error; added: to the full cache's loss, in "
                "brackets 95 % by bootstrap over blocks of 64 tokens; kl, agrees: with the full cache's prediction of the same "
                "token");
}

void tellCaches(const ReplayResult& result, std::span<const CacheMeasure> measures, Console& console)
{
    constexpr auto kRow = "{:<12} {:>10} {:>10} {:>10} {:>10} {:>9} {:>9}";
    console.say("");
    console.say(fmt::format(kRow, "policy", "logical", "physical", "peak", "prompt", "ms", "policy's"));
    for (std::size_t p = 0; p < measures.size(); ++p) {
        const CacheMeasure& of = measures[p];
        console.say(fmt::format(kRow, result.policies[p]->spec.name, sizeText(of.logical), sizeText(of.physical),
                                of.steps > 0 ? sizeText(of.peak) : "-", of.promptPeak > 0 ? sizeText(of.promptPeak) : "-",
                                of.steps > 0 ? fmt::format("{:.2f}", of.milliseconds) : "-",
                                of.steps > 0 ? fmt::format("{:.1f} %", 100 * of.share()) : "-"));
    }
    console.say("logical: bytes of the stored slots, at most behind the prompt; physical: of the arrays that hold them; peak: of "
                "these during a step; prompt: peak while the prompt was read, layer by layer; ms: a step behind the prompt on "
                "average, and the policy's part of it");
}

} // namespace winnow::cli
