// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/torch_parallel.h"

#include "core/base/guarded_pieces.h"

#include <ATen/Parallel.h>

namespace winnow {

void torchParallelFor(std::size_t count, const std::function<void(std::size_t)>& work)
{
    GuardedPieces pieces(count, work);
    at::parallel_for(0, at::get_num_threads(), 1, [&](std::int64_t, std::int64_t) { pieces.takeAll(); });
    pieces.rethrow();
}

} // namespace winnow
