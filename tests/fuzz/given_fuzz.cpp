// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes of an .npz file as lifetimes for a trace of 2 layers, 4 heads, 2 KV heads and 6 tokens: lifetimes that a replay can
// follow, or a sentence.
#include "core/policy/policy_spec.h"
#include "core/replay/given_lifetimes.h"
#include "tests/support/fuzz_file.h"
#include "tests/support/synthetic_trace.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace winnow;
    static const FuzzFile file(".npz");
    static const TraceInfo info = testing_support::makeSynthetic({.tokens = 6}).info;
    static const PolicySpec full = parsePolicySpec("full").value();
    static const ReplayPlan plan = planReplay(info, std::span(&full, 1), {.prompt = 4}).value();
    const auto given = readGiven(file.write(data, size), plan, info);
    if (!given) {
        WINNOW_CHECK(!given.error().message.empty(), "an error without a sentence");
        return 0;
    }
    WINNOW_CHECK((given->lanes == 2 || given->lanes == 4) && given->evictStep.size() == 2U * given->lanes * 6, "{} lifetimes",
                 given->evictStep.size());
    for (std::size_t i = 0; i < given->evictStep.size(); ++i)
        WINNOW_CHECK(given->evictStep[i] == -1 || (given->evictStep[i] >= static_cast<int>(i % 6) && given->evictStep[i] < 6),
                     "token {} leaves at {}", i % 6, given->evictStep[i]);
    return 0;
}
