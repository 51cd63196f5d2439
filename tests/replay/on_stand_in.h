// SPDX-License-Identifier: GPL-3.0-or-later
// Replays on a host in the place of a GPU (tests/support/stand_in_gpu.h), for tests that look at them.
#pragma once

#include "core/replay/replay.h"
#include "tests/support/memory_trace.h"
#include "tests/support/stand_in_gpu.h"

#include <gmock/gmock.h>

#include <utility>
#include <vector>

namespace winnow::testing_support {

inline const SyntheticOptions kShape{
    .layers = 3, .queryHeads = 4, .keyHeads = 2, .headDim = 8, .tokens = 90, .sharpness = 2, .seed = 11, .valueOutputNorm = true};
inline constexpr int kPrompt = 60;

/// Every pace of the two streams. A wait that is missing shows: rows that are not there yet, or no longer.
inline std::vector<std::pair<Pace, Pace>> paces()
{
    return {{Pace::AtOnce, Pace::AtOnce}, {Pace::AtOnce, Pace::Late}, {Pace::Late, Pace::AtOnce}, {Pace::Late, Pace::Late}};
}

/// A policy of the catalog with a budget, and what fits a short trace.
inline std::string lineOf(const PolicyInfo& info)
{
    std::string line(info.name);
    const auto has = [&](std::string_view key) {
        return std::any_of(info.parameters.begin(), info.parameters.end(), [&](const auto& p) { return p.id == key; });
    };
    char separator = ':';
    for (const auto& [key, value] :
         std::initializer_list<std::pair<const char*, const char*>>{{"budget", "24"},
                                                                    {"window", "6"},
                                                                    {"voters", "6"},
                                                                    {"lag", "8"},
                                                                    {"chunk", "5"},
                                                                    {"span", "2"},
                                                                    {"drawn", "4"},
                                                                    {"dense", "2"},
                                                                    {"page", "4"},
                                                                    {"heads", WINNOW_FIXTURES "/policy/headkv_heads.json"}})
        if (has(key)) {
            line += fmt::format("{}{}={}", separator, key, value);
            separator = ',';
        }
    return line;
}

/// Several policies in one replay, one of them with a host part.
inline std::vector<PolicySpec> mixed()
{
    std::vector<PolicySpec> specs;
    for (const char* line : {"h2o:budget=24", "quest:budget=24,page=4", "tova:budget=24", "h2o:budget=16,recent=4"})
        specs.push_back(*parsePolicySpec(line));
    return specs;
}

/// Whether two finished replays say the same.
inline void areTheSame(const ReplayResult& a, const ReplayResult& b)
{
    ASSERT_EQ(a.policies.size(), b.policies.size());
    for (std::size_t p = 0; p < a.policies.size(); ++p) {
        EXPECT_EQ(a.policies[p]->evictStep, b.policies[p]->evictStep) << p;
        EXPECT_EQ(a.policies[p]->occupancy, b.policies[p]->occupancy) << p;
        EXPECT_EQ(a.policies[p]->read, b.policies[p]->read) << p;
        EXPECT_EQ(b.policies[p]->stepsDone, b.policies[p]->tokens) << p;
    }
}

} // namespace winnow::testing_support
