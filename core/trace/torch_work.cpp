// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/torch_work.h"

#include <ATen/ATen.h>

namespace winnow {

TorchWork::TorchWork()
{
    static const bool chosen = [] {
        for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
            const at::Tensor one = at::ones({1}, type);
            for (const auto function : {&at::exp, &at::log, &at::sqrt, &at::tanh, &at::sin, &at::cos})
                function(one);
        }
        return true;
    }();
    static_cast<void>(chosen);
}

} // namespace winnow
