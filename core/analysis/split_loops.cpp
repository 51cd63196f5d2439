// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/split_loops.h"

namespace winnow {

namespace {

/// `result` with the policies that `wanted` says.
template <class Wanted>
std::shared_ptr<const ReplayResult> only(const ReplayResult& result, const char* loop, const Wanted& wanted)
{
    auto some = std::make_shared<ReplayResult>(result);
    std::erase_if(some->policies, [&](const auto& policy) { return !wanted(*policy); });
    if (some->policies.empty())
        return nullptr;
    some->manifest["loop"] = loop;
    return some;
}

} // namespace

SplitLoops splitLoops(const std::shared_ptr<const ReplayResult>& both)
{
    if (!both)
        return {};
    return {only(*both, "open", [](const PolicyReplay& policy) { return !policy.isRun(); }),
            only(*both, "closed", [](const PolicyReplay& policy) { return policy.isRun(); })};
}

} // namespace winnow
