// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes of a replay as .npz: a replay whose arrays fit together, or a sentence.
#include "core/replay/replay_file.h"
#include "tests/support/fuzz_file.h"

#include <algorithm>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const winnow::FuzzFile file(".npz");
    const auto replay = winnow::readReplay(file.write(data, size));
    if (!replay) {
        WINNOW_CHECK(!replay.error().message.empty(), "an error without a sentence");
        return 0;
    }
    for (const auto& policy : (*replay)->policies) {
        const std::size_t cells = static_cast<std::size_t>(policy->layers) * policy->lanes * policy->tokens;
        WINNOW_CHECK(policy->evictStep.size() == cells && policy->mass.size() == cells && policy->occupancy.size() == cells,
                     "{} cells", cells);
        WINNOW_CHECK(std::ranges::all_of(policy->evictStep, [&](int step) { return step >= -1 && step < policy->tokens; }),
                     "a step");
        for (int step = 0; step < std::min(policy->tokens, 64); ++step)
            (void)policy->attendedCount(0, 0, step);
    }
    return 0;
}
