// SPDX-License-Identifier: GPL-3.0-or-later
// What long work needs to know of the world that waits for it: "stop", and "this far, at this stage".
#pragma once

#include "core/base/result.h"

#include <functional>
#include <stop_token>
#include <string_view>
#include <utility>

namespace winnow {

/// Passed by const reference into every loop over steps. Default-constructed it never stops and is silent.
/// Copies share the stop state. `report` is called on the thread that does the work.
class JobContext {
public:
    using Progress = std::function<void(std::string_view stage, double fraction)>;

    JobContext() = default;
    explicit JobContext(std::stop_token stop, Progress progress = {}) : m_stop(std::move(stop)), m_progress(std::move(progress))
    {
    }

    bool stopRequested() const { return m_stop.stop_requested(); }

    /// `fraction` in 0…1 of the whole job.
    void report(std::string_view stage, double fraction) const
    {
        if (m_progress)
            m_progress(stage, fraction);
    }

    /// An error of code Cancelled once a stop was requested: `WINNOW_TRY_VOID(job.check("replay"));`
    Result<void> check(std::string_view what) const
    {
        if (stopRequested())
            return fail(ErrorCode::Cancelled, "{} was stopped", what);
        return {};
    }

private:
    std::stop_token m_stop;
    Progress m_progress;
};

} // namespace winnow
