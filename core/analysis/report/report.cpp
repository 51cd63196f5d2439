// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/report/report.h"

#include "core/analysis/curves.h"
#include "core/analysis/report/report_data.h"
#include "core/analysis/report/report_html.h"
#include "core/base/check.h"
#include "core/base/grouped.h"
#include "core/base/printable.h"
#include "core/io/disk.h"

#include <algorithm>
#include <map>

namespace winnow {

namespace {

/// Puts every part in the place that `page` has for it: {{name}}. What is put in is not looked through again.
Result<std::string> filled(const std::string& page, const std::map<std::string, std::string>& parts)
{
    std::string whole;
    std::map<std::string, int> used;
    for (std::size_t at = 0;;) {
        const std::size_t begin = page.find("{{", at);
        whole += page.substr(at, begin - at);
        if (begin == std::string::npos)
            break;
        const std::size_t end = page.find("}}", begin);
        const std::string name = end == std::string::npos ? "" : page.substr(begin + 2, end - begin - 2);
        const auto part = parts.find(name);
        if (part == parts.end())
            return fail(ErrorCode::BadInput, "the page of reports has a place '{}' that nothing fills; install Winnow again",
                        name);
        whole += part->second;
        ++used[name];
        at = end + 2;
    }
    for (const auto& [name, part] : parts)
        if (!used.contains(name))
            return fail(ErrorCode::BadInput, "the page of reports has no place '{{{{{}}}}}'; install Winnow again", name);
    return whole;
}

std::string firstWords(const TraceInfo& info)
{
    constexpr std::size_t kMost = 40;
    std::string words = printable(std::string_view(info.text).substr(0, kMost + 4));
    std::size_t cut = words.size() > kMost ? words.rfind(' ', kMost) : words.size();
    return words.substr(0, cut == std::string::npos || cut == 0 ? kMost : cut);
}

std::string valueOf(const ReplayResult& replay, const std::string& key, const std::string& otherwise)
{
    const auto found = replay.manifest.find(key);
    return found == replay.manifest.end() || found->second.empty() ? otherwise : found->second;
}

std::size_t bytesOf(const ReplayResult& replay, std::span<const int> policies)
{
    std::size_t bytes = 0;
    for (const int number : policies) {
        const PolicyReplay& policy = *replay.policies[static_cast<std::size_t>(number)];
        const std::size_t width = policy.tokens < 0xFFFF ? 2 : 4, steps = static_cast<std::size_t>(policy.layers) * policy.tokens;
        bytes += (policy.evictStep.size() * width + steps * 2 * sizeof(float) + policy.read.size()) * 4 / 3;
    }
    return bytes;
}

std::string subtitle(const ReplayResult& replay, const TraceInfo& info)
{
    const int heads = fewestLanes(replay);
    return fmt::format("{} · {} tokens{} · {} lanes ({} layers × {}) · {}", valueOf(replay, "model", "a model without a name"),
                       grouped(static_cast<std::int64_t>(replay.tokenIds.size())),
                       replay.prompt > 0 ? fmt::format(", the first {} the prompt", grouped(replay.prompt)) : "",
                       static_cast<int>(replay.layers.size()) * heads, replay.layers.size(), heads,
                       replay.closedLoop() ? "closed loop: the policies evict from the model's own cache"
                                           : "open loop: each layer by itself, over a recording of the full cache") +
           (info.complete ? "" : " · the recording was cut short");
}

} // namespace

Result<std::string> reportPage(const ReplayResult& replay, const TraceInfo& info, const ReportOptions& options,
                               const ReportTemplate& files, const JobContext& job)
{
    WINNOW_CHECK(info.tokens == replay.tokenIds, "a recording of {} tokens, a replay of {}", info.tokens.size(),
                 replay.tokenIds.size());
    if (replay.policies.empty() || replay.tokenIds.empty() || replay.layers.empty())
        return fail(ErrorCode::BadInput, "the replay holds no policies or no steps, so there is nothing to report");
    WINNOW_TRY(const std::vector<int> policies, existingPolicies(replay, options.policies));
    if (const std::size_t bytes = bytesOf(replay, policies); bytes > kMostReportBytes)
        return fail(ErrorCode::BadInput,
                    "the page would hold {} and browsers open no more than about {}; choose fewer policies with --policies, or "
                    "replay fewer layers",
                    sizeText(bytes), sizeText(kMostReportBytes));
    std::vector<std::shared_ptr<const PolicyReplay>> shown;
    for (const int number : policies)
        shown.push_back(replay.policies[static_cast<std::size_t>(number)]);
    const StepSpan steps = meanSteps(shown, replay.prompt);
    const std::vector<ReportRow> rows = reportRows(replay, policies, steps);
    std::string data = reportData(replay, info, options, policies, rows, steps, job);
    WINNOW_TRY_VOID(job.check("the report"));
    const std::string title = options.title.empty() ? fmt::format("“{}…”", firstWords(info)) : options.title;
    return filled(files.page, {{"style", files.style},
                               {"script", files.script},
                               {"title", htmlEscaped(title)},
                               {"subtitle", htmlEscaped(subtitle(replay, info))},
                               {"table", tableHtml(rows, replay, steps)},
                               {"manifest", manifestHtml(replay, policies)},
                               {"data", std::move(data)}});
}

} // namespace winnow
