// SPDX-License-Identifier: GPL-3.0-or-later
// Work that is a part of a longer job.
#pragma once

#include "core/base/job_context.h"

#include <memory>

namespace winnow {

/// For work that takes `job` from `from` to `to`, 0…1 of it. `job` outlives it. It learns of a stop when it reports.
inline JobContext partOf(const JobContext& job, double from, double to)
{
    const auto stop = std::make_shared<std::stop_source>();
    return JobContext(stop->get_token(), [&job, stop, from, to](std::string_view stage, double fraction) {
        if (job.stopRequested())
            stop->request_stop();
        job.report(stage, from + fraction * (to - from));
    });
}

} // namespace winnow
