// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/check_policy.h"

#include "core/replay/replay_plan.h"

namespace winnow {

Result<void> checkPolicy(const TraceInfo& info, const PolicySpec& spec, int prompt)
{
    const auto plan = planReplay(info, std::span(&spec, 1), {.prompt = prompt});
    if (!plan)
        return fail(plan.error());
    return {};
}

} // namespace winnow
