// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <functional>

/// A parallel loop over a few threads. Private to this room, which includes nothing of core and so cannot use core/base's.
namespace winnow::wavelet {

/// Calls work(item, worker) once for every item < items, worker < the number of workers, of which each is one thread: things that
/// are made per worker need no lock. The caller is worker 0 and returns when all is done. Which worker gets which item is not
/// repeatable. Fewer threads run if the machine gives no more. What `work` throws reaches the caller once every worker has
/// stopped.
void forEachItem(std::size_t items, std::size_t workers, const std::function<void(std::size_t item, std::size_t worker)>& work);

/// The number of workers worth starting: `wanted` (0: as many as the machine has), at most one per item, one if the whole takes
/// less than about a millisecond.
std::size_t workerCount(int wanted, std::size_t items, double operations);

} // namespace winnow::wavelet
