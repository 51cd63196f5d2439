// SPDX-License-Identifier: GPL-3.0-or-later
// What the hover card says of every policy; how it looks is in hover_card.cpp.
#include "views/chrome/hover_card.h"

#include "views/state/lane_choice.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace winnow::views {

namespace {

/// "1,085" or "1,085–1,204".
QString stepWords(const std::vector<int>& steps)
{
    return steps.front() == steps.back() ? grouped(steps.front())
                                         : QStringLiteral("%1\u2013%2").arg(grouped(steps.front()), grouped(steps.back()));
}

QString fateOf(const PolicyReplay& policy, const std::vector<int>& left, int token, int step, bool byRule)
{
    if (step < token)
        return HoverCard::tr("not read yet");
    if (byRule)
        return HoverCard::tr("by rule");
    if (left.empty())
        return policy.stepsDone < policy.tokens ? HoverCard::tr("not left yet") : HoverCard::tr("never");
    return left.front() > step ? HoverCard::tr("leaves at %1").arg(stepWords(left))
                               : HoverCard::tr("left at %1").arg(stepWords(left));
}

/// Lanes that the token left because their own sliding window passed it, as it does under every policy.
std::ptrdiff_t droppedByWindow(const PolicyReplay& policy, const LaneChoice& choice, int token)
{
    std::ptrdiff_t dropped = 0;
    for (std::size_t i = 0; i < choice.windows.size(); ++i) {
        const std::int32_t left = policy.evictStep[static_cast<std::size_t>(choice.lanes[i]) * policy.tokens + token];
        dropped += choice.windows[i] > 0 && left == token + choice.windows[i] - 1;
    }
    return dropped;
}

QString scoreWords(const PolicyReplay& policy, int lane, int token)
{
    const auto at = static_cast<std::size_t>(lane) * policy.tokens + token;
    if (at >= policy.scoreAtEviction.size() || at >= policy.lowestKept.size() || std::isnan(policy.scoreAtEviction[at]))
        return {};
    return HoverCard::tr("score %1 when it left, lowest kept %2")
        .arg(policy.scoreAtEviction[at], 0, 'g', 3)
        .arg(policy.lowestKept[at], 0, 'g', 3);
}

} // namespace

std::vector<CardLine> cardLines(const ViewData& data, const SelectionState& state, int token, int step)
{
    std::vector<CardLine> lines;
    if (!data.replay)
        return lines;
    for (std::size_t p = 0; p < data.replay->policies.size(); ++p) {
        const PolicyReplay& policy = *data.replay->policies[p];
        if ((p < state.hidden.size() && state.hidden[p]) || token < 0 || token >= policy.tokens)
            continue;
        const LaneChoice choice = lanesOf(data, state, static_cast<int>(p));
        CardLine line;
        line.policy = static_cast<int>(p);
        line.name = policyTitle(policy);
        line.lanes = static_cast<int>(choice.lanes.size());
        line.computed = step < policy.stepsDone;
        if (line.computed) {
            std::array<std::uint16_t, 1> kept{};
            countKept(policy, choice.lanes, step, token, kept);
            line.lanesKeeping = kept[0];
            line.byRule = kept[0] > 0 && (policy.byRule(token, step) || step < policy.choosesFrom);
            const std::vector<int> left = leftAt(policy, choice.lanes, token);
            line.fate = fateOf(policy, left, token, step, line.byRule);
            if (const auto dropped = droppedByWindow(policy, choice, token); dropped > 0 && !line.byRule && step >= token)
                line.fate += dropped == static_cast<std::ptrdiff_t>(left.size()) ? HoverCard::tr(", model's window")
                                                                                 : HoverCard::tr(", %1 by window").arg(dropped);
            if (const auto reference = state.comparedWith(line.policy))
                if (const PolicyReplay* other = computedAt(data, *reference, step)) {
                    const DifferenceCounts counts =
                        countDifference(policy, *other, pairsOf(data, state, line.policy, *reference), step, token, 1);
                    line.against = {counts.thisOnly[0], counts.referenceOnly[0], counts.both[0]};
                }
            if (choice.lanes.size() == 1)
                line.scores = scoreWords(policy, choice.lanes.front(), token);
        } else {
            line.fate = HoverCard::tr("not computed yet");
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

QString countWords(const CardLine& line)
{
    if (!line.computed)
        return {};
    return line.lanes == 1 ? (line.lanesKeeping > 0 ? HoverCard::tr("kept") : HoverCard::tr("lost"))
                           : HoverCard::tr("%1 of %2 lanes").arg(line.lanesKeeping).arg(line.lanes);
}

QString differenceWords(const CardLine& line, const QString& reference)
{
    if (!line.against)
        return {};
    const auto [here, there, both] = *line.against;
    if (line.lanes == 1 && here + there + both <= 1)
        return here > 0    ? HoverCard::tr("only here")
               : there > 0 ? HoverCard::tr("only in %1").arg(reference)
               : both > 0  ? HoverCard::tr("in both")
                           : HoverCard::tr("in neither");
    return HoverCard::tr("%1 only here, %2 only in %3, %4 in both").arg(here).arg(there).arg(reference).arg(both);
}

} // namespace winnow::views
