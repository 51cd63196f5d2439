// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/parallel.h"

#include "core/base/guarded_pieces.h"

#include <algorithm>
#include <thread>
#include <vector>

namespace winnow {

void parallelFor(std::size_t count, const std::function<void(std::size_t)>& work)
{
    GuardedPieces pieces(count, work);
    const std::size_t threads = std::min<std::size_t>(count, std::max(1u, std::thread::hardware_concurrency()));
    {
        std::vector<std::jthread> helpers;
        try {
            for (std::size_t i = 1; i < threads; ++i)
                helpers.emplace_back([&] { pieces.takeAll(); });
        } catch (const std::exception&) {
            // No further thread, or no memory for one: those that there are do the work.
        }
        pieces.takeAll();
    }
    pieces.rethrow();
}

} // namespace winnow
