// SPDX-License-Identifier: GPL-3.0-or-later
// Progress and cancellation of work that is a part of a longer job.
#pragma once

#include "core/base/job_context.h"

#include <memory>

namespace winnow {

/// A context for a part of `job`: its progress 0…1 is reported as `from`…`to` of `job`. `job` must outlive it. A stop of `job`
/// reaches the part when it reports.
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
