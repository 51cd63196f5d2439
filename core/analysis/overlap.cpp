// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/overlap.h"

#include <limits>

namespace winnow {

namespace {

constexpr std::uint32_t kNever = std::numeric_limits<std::uint32_t>::max(); // −1 as unsigned

const std::int32_t* lifetimesOf(const PolicyReplay& policy, int lane)
{
    return policy.evictStep.data() + static_cast<std::size_t>(lane) * policy.tokens;
}

std::uint32_t leftAt(const PolicyReplay& policy, int lane, int token)
{
    return static_cast<std::uint32_t>(lifetimesOf(policy, lane)[token]);
}

bool shows(const PolicyReplay& policy, int lane, int token, int step)
{
    return policy.shows(lane / policy.lanes, lane % policy.lanes, token, step);
}

double overlapAt(const PolicyReplay& a, int laneA, const PolicyReplay& b, int laneB, int step)
{
    int both = 0, either = 0;
    for (int token = 0; token <= step; ++token) {
        const bool inA = shows(a, laneA, token, step), inB = shows(b, laneB, token, step);
        both += inA && inB;
        either += inA || inB;
    }
    return either == 0 ? 1 : static_cast<double>(both) / either;
}

/// The sum over steps for two evictors: counts come and go at births and evictions.
double overlapSum(const PolicyReplay& a, int laneA, const PolicyReplay& b, int laneB, StepSpan steps)
{
    const int end = std::min(steps.end, a.tokens);
    std::vector<int> both(static_cast<std::size_t>(end) + 1), either(both.size());
    const auto stays = [end](std::vector<int>& counts, int token, std::uint32_t left) {
        if (left <= static_cast<std::uint32_t>(token))
            return;
        ++counts[static_cast<std::size_t>(token)];
        --counts[std::min(left, static_cast<std::uint32_t>(end))];
    };
    for (int token = 0; token < end; ++token) {
        const std::uint32_t mine = leftAt(a, laneA, token), theirs = leftAt(b, laneB, token);
        stays(both, token, std::min(mine, theirs));
        stays(either, token, std::max(mine, theirs));
    }
    double sum = 0;
    int bothNow = 0, eitherNow = 0;
    for (int step = 0; step < end; ++step) {
        bothNow += both[static_cast<std::size_t>(step)];
        eitherNow += either[static_cast<std::size_t>(step)];
        if (step >= steps.begin)
            sum += eitherNow == 0 ? 1 : static_cast<double>(bothNow) / eitherNow;
    }
    return sum;
}

bool isSelection(const PolicyReplay& a, const PolicyReplay& b) { return a.selects() || b.selects(); }

/// 0: both or neither, 1: this only, 2: the reference only.
int stands(const PolicyReplay& a, const PolicyReplay& b, const LanePairs& pairs, std::size_t pair, int token, int step)
{
    const bool mine = token <= step && shows(a, pairs.first[pair], token, step),
               theirs = token <= step && shows(b, pairs.second[pair], token, step);
    return mine == theirs ? 0 : mine ? 1 : 2;
}

std::optional<int> nextOfSelections(const PolicyReplay& a, const PolicyReplay& b, const LanePairs& pairs, int step, int direction,
                                    int end, const JobContext& job)
{
    for (int at = step + direction; at >= 0 && at < end && !job.stopRequested(); at += direction)
        for (std::size_t pair = 0; pair < pairs.size(); ++pair)
            for (int token = 0; token <= at; ++token)
                if (stands(a, b, pairs, pair, token, at) != stands(a, b, pairs, pair, token, at - 1))
                    return at;
    return std::nullopt;
}

} // namespace

Result<double> meanOverlap(const PolicyReplay& policy, const PolicyReplay& reference, const LanePairs& pairs, StepSpan steps,
                           const JobContext& job)
{
    steps = {std::max(steps.begin, 0), std::min(steps.end, policy.tokens)};
    if (pairs.size() == 0 || steps.begin >= steps.end)
        return 1;
    double sum = 0;
    for (std::size_t pair = 0; pair < pairs.size(); ++pair) {
        WINNOW_TRY_VOID(job.check("comparing policies"));
        if (!isSelection(policy, reference))
            sum += overlapSum(policy, pairs.first[pair], reference, pairs.second[pair], steps);
        else
            for (int step = steps.begin; step < steps.end; ++step)
                sum += overlapAt(policy, pairs.first[pair], reference, pairs.second[pair], step);
    }
    return sum / (static_cast<double>(pairs.size()) * (steps.end - steps.begin));
}

std::vector<int> divergingTokens(const PolicyReplay& policy, const PolicyReplay& reference, const LanePairs& pairs, int step,
                                 int begin, int end)
{
    begin = std::max(begin, 0);
    std::vector<std::uint32_t> found(static_cast<std::size_t>(std::max(0, std::min({step + 1, policy.tokens, end}) - begin)), 0);
    const auto now = static_cast<std::uint32_t>(step);
    for (std::size_t pair = 0; pair < pairs.size(); ++pair) {
        if (isSelection(policy, reference)) {
            for (std::size_t at = 0; at < found.size(); ++at)
                found[at] |= stands(policy, reference, pairs, pair, begin + static_cast<int>(at), step) !=
                             stands(policy, reference, pairs, pair, begin + static_cast<int>(at), step - 1);
            continue;
        }
        const std::int32_t *mine = lifetimesOf(policy, pairs.first[pair]) + begin,
                           *theirs = lifetimesOf(reference, pairs.second[pair]) + begin;
        for (std::size_t at = 0; at < found.size(); ++at) // it leaves one of the two now
            found[at] |= static_cast<std::uint32_t>((static_cast<std::uint32_t>(mine[at]) == now) !=
                                                    (static_cast<std::uint32_t>(theirs[at]) == now));
    }
    std::vector<int> tokens;
    for (std::size_t at = 0; at < found.size(); ++at)
        if (found[at] != 0)
            tokens.push_back(begin + static_cast<int>(at));
    return tokens;
}

std::optional<int> nextDivergence(const PolicyReplay& policy, const PolicyReplay& reference, const LanePairs& pairs, int step,
                                  int direction, const JobContext& job)
{
    const int end = std::min(policy.stepsDone, reference.stepsDone);
    if (isSelection(policy, reference))
        return nextOfSelections(policy, reference, pairs, step, direction > 0 ? 1 : -1, end, job);
    const bool forward = direction > 0;
    std::int64_t nearest = forward ? end : -1;
    for (std::size_t pair = 0; pair < pairs.size(); ++pair) {
        if (job.stopRequested())
            return std::nullopt;
        for (int token = 0; token < end; ++token) {
            const std::uint32_t mine = leftAt(policy, pairs.first[pair], token),
                                theirs = leftAt(reference, pairs.second[pair], token);
            if (mine == theirs)
                continue;
            for (const std::uint32_t left : {mine, theirs}) {
                if (left == kNever)
                    continue;
                const auto at = static_cast<std::int64_t>(left);
                if (forward ? at > step && at < nearest : at < step && at > nearest && at < end)
                    nearest = at;
            }
        }
    }
    return nearest < 0 || nearest >= end ? std::nullopt : std::optional(static_cast<int>(nearest));
}

} // namespace winnow
