// SPDX-License-Identifier: GPL-3.0-or-later
// The scrub benchmark: how long one frame of the whole window takes when the playhead moves.
#pragma once

namespace winnow::app {

/// Records the demo model over 2,048 tokens, replays six policies, then moves the step 600 times, painting the whole window after
/// each. Prints {"p50": …, "p95": …, "max": …, "max_frame": …, …} in milliseconds to standard output. Returns the exit code.
int benchScrub();

} // namespace winnow::app
