// SPDX-License-Identifier: GPL-3.0-or-later
// What OpenMP's threads do between two pieces of work.
#pragma once

#include <string_view>

namespace winnow {

/// Where other programs want the cores too, lets the threads of GNU's OpenMP, on which Torch runs, sleep between two pieces of
/// work. By themselves they spin for milliseconds, which is best on an idle machine and makes a small model tens of times slower
/// on a busy one. The library reads its variables (OMP_WAIT_POLICY, GOMP_SPINCOUNT) before any code of ours runs; so this makes
/// use of what it does by itself: it hardly spins while its teams have more threads than there are cores. A team that only sleeps
/// is added, once, and stays. Does nothing where the user has set one of the variables, or where OpenMP is not GNU's. Call it
/// before work begins, from any thread; microseconds.
void spareBusyMachine();

/// Pure. Whether more than one thread more than `cores` could run at once, now or over the last minute. `load`: the line of
/// /proc/loadavg.
bool isBusy(std::string_view load, unsigned cores);

} // namespace winnow
