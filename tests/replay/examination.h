// SPDX-License-Identifier: GPL-3.0-or-later
// What one replay of any policy must hold to: budget, lifetimes, mass, protection.
#pragma once

#include "core/replay/replay_result.h"
#include "tests/support/synthetic_trace.h"

#include <gmock/gmock.h>

namespace winnow {

/// At every step from the prompt's end on, no more slots than the budget and what the policy's own rule puts on top.
inline void holdNoMoreThanTheBudget(const PolicyReplay& kept, int prompt, int budget, int pause, int onTop)
{
    const std::string& name = kept.spec.name;
    const Acts acts = findPolicy(name)->acts;
    const bool headsDiffer = name.starts_with("ada-") || name == "headkv" || name == "criticaladakv" || name == "adakv";
    const int rounding = name.starts_with("ada-") ? kept.lanes / 2 : 0; // of a layer's heads, half to even
    for (int t = prompt - 1; t < kept.tokens; ++t) {
        const int grown = acts == Acts::EndOfPrompt ? t - prompt + 1 : pause - 1;
        int stored = 0, allowed = rounding * kept.layers;
        for (int layer = 0; layer < kept.layers; ++layer) {
            const int slots = acts == Acts::Never ? kept.tokens
                              : kept.budgets.empty()
                                  ? budget
                                  : kept.budgets[kept.budgets.size() - static_cast<std::size_t>(kept.layers - layer)];
            for (int lane = 0; lane < kept.lanes; ++lane) {
                const int occupancy = kept.occupancy[kept.index(layer, lane, t)];
                stored += occupancy;
                allowed += slots + grown + onTop;
                if (!headsDiffer) {
                    ASSERT_LE(occupancy, slots + grown) << "layer " << layer << " lane " << lane << " step " << t;
                }
            }
        }
        ASSERT_LE(stored, allowed) << "step " << t;
    }
}

/// Every token leaves at most once, after it came, and what is stored is what the lifetimes say.
inline void lifetimesAgreeWithOccupancy(const PolicyReplay& kept)
{
    for (int layer = 0; layer < kept.layers; ++layer)
        for (int lane = 0; lane < kept.lanes; ++lane)
            for (int t = 0; t < kept.tokens; ++t) {
                int stored = 0;
                for (int token = 0; token <= t; ++token) {
                    stored += kept.keeps(layer, lane, token, t);
                    const int left = kept.evictStep[kept.index(layer, lane, token)];
                    ASSERT_TRUE(left == -1 || left >= token);
                }
                ASSERT_EQ(stored, kept.occupancy[kept.index(layer, lane, t)])
                    << "layer " << layer << " lane " << lane << " step " << t;
            }
}

/// The mass of what is attended to, added up from the full attention.
inline void massIsThatOfWhatIsAttendedTo(const PolicyReplay& kept, const testing_support::SyntheticTrace& trace)
{
    const int heads = trace.info.layerInfo.front().queryHeads / kept.lanes;
    for (int layer = 0; layer < kept.layers; ++layer)
        for (int lane = 0; lane < kept.lanes; ++lane)
            for (int t = 0; t < kept.tokens; ++t) {
                double mass = 0;
                int attended = 0;
                for (int token = 0; token <= t; ++token) {
                    if (!kept.attends(layer, lane, token, t))
                        continue;
                    ++attended;
                    for (int head = lane * heads; head < (lane + 1) * heads; ++head)
                        mass += trace.attention[static_cast<std::size_t>(layer)]
                                               [(static_cast<std::size_t>(head) * kept.tokens + t) * kept.tokens + token] /
                                heads;
                }
                ASSERT_EQ(attended, kept.attendedCount(layer, lane, t)) << "layer " << layer << " lane " << lane << " step " << t;
                ASSERT_NEAR(kept.mass[kept.index(layer, lane, t)], mass, 1e-5)
                    << "layer " << layer << " lane " << lane << " step " << t;
            }
}

inline void whatTheRuleProtectsStays(const PolicyReplay& kept, int prompt)
{
    for (int lane = 0; lane < kept.lanes; ++lane)
        for (int t = prompt - 1; t < kept.tokens; ++t)
            for (int token = 0; token <= t; ++token)
                if (kept.byRule(token, t)) {
                    ASSERT_TRUE(kept.keeps(0, lane, token, t)) << "token " << token << " step " << t;
                }
}

} // namespace winnow
