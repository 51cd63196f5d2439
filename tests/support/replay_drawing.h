// SPDX-License-Identifier: GPL-3.0-or-later
// Replays as short text: which tokens one lane stores after a step.
#pragma once

#include "core/replay/replay.h"

#include <gtest/gtest.h>

#include <string>

namespace winnow::testing_support {

/// One policy over one trace; the test fails, with the sentence, where that does not work.
inline std::shared_ptr<const PolicyReplay> replayOne(const Trace& trace, const std::string& line,
                                                     ReplayOptions options = {.device = "cpu"})
{
    const auto spec = parsePolicySpec(line);
    EXPECT_TRUE(spec) << (spec ? "" : spec.error().message);
    if (!spec)
        return nullptr;
    const auto result = replay(trace, std::span(&*spec, 1), options, {});
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    return result ? (*result)->policies.front() : nullptr;
}

/// "0 1 4 5": the tokens that a lane stores after `step`.
inline std::string stored(const PolicyReplay& policy, int step, int layer = 0, int lane = 0)
{
    std::string text;
    for (int token = 0; token <= step; ++token)
        if (policy.keeps(layer, lane, token, step))
            text += fmt::format("{}{}", text.empty() ? "" : " ", token);
    return text;
}

/// The same, counted from 1 as in the TreeKV paper.
inline std::string storedFromOne(const PolicyReplay& policy, int step)
{
    std::string text;
    for (int token = 0; token < step; ++token)
        if (policy.keeps(0, 0, token, step - 1))
            text += fmt::format("{}{}", text.empty() ? "" : " ", token + 1);
    return text;
}

} // namespace winnow::testing_support
