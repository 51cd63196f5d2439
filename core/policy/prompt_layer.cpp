// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/prompt_layer.h"

namespace winnow {

namespace {

/// [units · members, …] → [units, …]
at::Tensor reduced(const at::Tensor& heads, int units, GroupReduction group)
{
    std::vector<std::int64_t> shape = heads.sizes().vec();
    shape[0] /= units;
    shape.insert(shape.begin(), units);
    const auto members = heads.reshape(shape);
    return group == GroupReduction::Mean ? members.mean(1) : group == GroupReduction::Sum ? members.sum(1) : members.amax(1);
}

} // namespace

at::Tensor PromptUnits::ofQueryHeads(const at::Tensor& perHead) const
{
    return granularity == Granularity::Query ? perHead : reduced(perHead, count(), group);
}

at::Tensor PromptUnits::ofKeyHeads(const at::Tensor& perHead) const
{
    switch (granularity) {
    case Granularity::Query:
        return perHead.repeat_interleave(queryHeads / keyHeads, 0);
    case Granularity::Kv:
        return perHead;
    case Granularity::Layer:
        return reduced(perHead, 1, group);
    }
    return perHead;
}

} // namespace winnow
