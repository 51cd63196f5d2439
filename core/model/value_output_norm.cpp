#include "core/model/value_output_norm.h"

#include "core/base/check.h"

#include <algorithm>

namespace winnow {

at::Tensor valueOutputNorm(const at::Tensor& v, const at::Tensor& projection, std::int64_t block)
{
    const std::int64_t keyHeads = v.size(0), n = v.size(1), d = v.size(2), queryHeads = projection.size(1) / d;
    WINNOW_CHECK(block > 0 && projection.size(1) == queryHeads * d && queryHeads % keyHeads == 0,
                 "values of {} heads of {}, a projection from {}, blocks of {}", keyHeads, d, projection.size(1), block);
    const at::Tensor norms = at::empty({queryHeads, n}, v.options().dtype(at::kFloat));
    at::Tensor room = at::empty({std::min(block, n), projection.size(0)}, v.options());
    for (std::int64_t head = 0; head < queryHeads; ++head) {
        const at::Tensor values = v.select(0, head * keyHeads / queryHeads);
        const at::Tensor reach = projection.slice(1, head * d, (head + 1) * d).t();
        for (std::int64_t begin = 0; begin < n; begin += block) {
            const std::int64_t end = std::min(begin + block, n);
            at::Tensor outputs = room.slice(0, 0, end - begin), sums = norms.select(0, head).slice(0, begin, end);
            at::mm_out(outputs, values.slice(0, begin, end), reach);
            at::sum_out(sums, outputs.abs_(), at::IntArrayRef{-1}, false, at::kFloat); // twice as fast as linalg_vector_norm
        }
    }
    return norms;
}

} // namespace winnow
