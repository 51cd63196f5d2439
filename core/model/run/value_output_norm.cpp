// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/run/value_output_norm.h"

#include "core/base/check.h"
#include "core/trace/torch_work.h"

#include <ATen/Parallel.h>

#include <algorithm>

namespace winnow {

at::Tensor valueOutputNorm(const at::Tensor& v, const at::Tensor& projection, std::int64_t block)
{
    const std::int64_t keyHeads = v.size(0), n = v.size(1), d = v.size(2), queryHeads = projection.size(1) / d;
    WINNOW_CHECK(block > 0 && projection.size(1) == queryHeads * d && queryHeads % keyHeads == 0,
                 "values of {} heads of {}, a projection from {}, blocks of {}", keyHeads, d, projection.size(1), block);
    const at::Tensor norms = at::empty({queryHeads, n}, v.options().dtype(at::kFloat));
    const std::int64_t blocks = (n + block - 1) / block;
    const auto some = [&](std::int64_t from, std::int64_t to) {
        const TorchWork torch; // each worker's own
        at::Tensor room = at::empty({std::min(block, n), projection.size(0)}, v.options());
        for (std::int64_t item = from; item < to; ++item) {
            const std::int64_t head = item / blocks, begin = item % blocks * block, end = std::min(begin + block, n);
            const at::Tensor values = v.select(0, head * keyHeads / queryHeads).slice(0, begin, end);
            const at::Tensor reach = projection.slice(1, head * d, (head + 1) * d).t();
            at::Tensor outputs = room.slice(0, 0, end - begin), sums = norms.select(0, head).slice(0, begin, end);
            at::mm_out(outputs, values, reach);
            at::sum_out(sums, outputs.abs_(), at::IntArrayRef{-1}, false, at::kFloat); // twice as fast as linalg_vector_norm
        }
    };
    if (v.is_cpu()) // whole heads side by side: three small operators each would wait for one another 3 · heads times
        at::parallel_for(0, queryHeads * blocks, 1, some);
    else
        some(0, queryHeads * blocks);
    return norms;
}

} // namespace winnow
