// SPDX-License-Identifier: GPL-3.0-or-later
// A replay or run as one page of HTML to share: maps, deck, text, numbers and manifest, without any other file. Open or closed
// loop, as the replay is. Pure, any thread, free of Torch and Qt.
#pragma once

#include "core/analysis/means.h"
#include "core/base/job_context.h"
#include "core/base/result.h"
#include "core/trace/trace.h"

#include <optional>
#include <string>
#include <vector>

namespace winnow {

/// The page as it lies in resources/report. `page` names the places of the rest, {{style}} and so on.
struct ReportTemplate {
    std::string page, style, script;
};

/// Tokens that the maps point out.
struct ReportMark {
    int begin = 0, end = 0; ///< from begin to before end
    std::string name;
};

/// What the page shows when it is opened; its reader goes on from there.
struct ReportOptions {
    std::string title;            ///< empty = "model · first words"
    std::vector<int> policies;    ///< numbers of the replay, from 0; empty = all
    int focus = 0;                ///< index into the policies of the page
    std::optional<int> reference; ///< likewise; H2O unless said, else the first
    bool difference = false;
    std::optional<int> step; ///< the last one unless said
    std::optional<int> token;
    std::vector<ReportMark> marks;
};

/// Largest size of a page in bytes; browsers fail on larger ones.
inline constexpr std::size_t kMostReportBytes = std::size_t{256} << 20;

/// The page. Lifetimes, and costs of a run, are in it as the replay has them, bit for bit; mass and error as means of each layer.
/// `info`, of the recording that was replayed, gives the text. Size: for each policy layers × lanes × T × 8/3 bytes, and layers ×
/// T × 32/3. Errors: a replay without policies or steps, no such policy, a page beyond kMostReportBytes, a template without one
/// of its places, cancelled.
Result<std::string> reportPage(const ReplayResult& replay, const TraceInfo& info, const ReportOptions& options,
                               const ReportTemplate& files, const JobContext& job = {});

} // namespace winnow
