// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/work/opening.h"

#include "core/analysis/split_loops.h"
#include "core/replay/replay_file.h"

#include <algorithm>

namespace winnow::app {

namespace fs = std::filesystem;

namespace {

bool belongTogether(const ReplayResult& a, const ReplayResult& b)
{
    return a.tokenIds == b.tokenIds && a.layers == b.layers && a.prompt == b.prompt;
}

/// Where the trace of a replay may lie, likeliest first.
std::vector<fs::path> traceCandidates(const ReplayResult& replay, const fs::path& replayPath)
{
    const auto named = replay.manifest.find("trace");
    if (named == replay.manifest.end() || named->second.empty())
        return {};
    const fs::path path(named->second);
    return {path, replayPath.parent_path() / path.filename()};
}

Result<std::shared_ptr<const ReplayResult>> readAll(const std::vector<fs::path>& paths, Opened& opened, const JobContext& job)
{
    std::shared_ptr<ReplayResult> all;
    for (std::size_t i = 0; i < paths.size(); ++i) {
        WINNOW_TRY_VOID(job.check("opening"));
        job.report("opening", static_cast<double>(i) / static_cast<double>(paths.size()));
        WINNOW_TRY(const std::shared_ptr<const ReplayResult> replay, readReplay(paths[i]));
        if (!all) {
            all = std::make_shared<ReplayResult>(*replay);
        } else if (belongTogether(*all, *replay)) {
            all->policies.insert(all->policies.end(), replay->policies.begin(), replay->policies.end());
            if (all->logprob.empty())
                all->logprob = replay->logprob;
        } else {
            opened.remark =
                fmt::format("'{}' is left out: it replays other tokens, layers or another prompt than '{}'; open it by itself",
                            paths[i].filename().string(), paths.front().filename().string());
            continue;
        }
        opened.files.push_back({paths[i], replay->policies});
    }
    return all;
}

/// Replays and runs apart, and those of a session.
void takeRuns(Opened& opened, const fs::path& ownRuns)
{
    const SplitLoops loops = splitLoops(opened.replay);
    if (loops.runs) // where one file holds them all
        for (const StoredPolicies& stored : opened.files)
            if (std::ranges::all_of(loops.runs->policies, [&](const auto& run) {
                    return placeOf({&stored, 1}, *run).has_value();
                }))
                opened.runsPath = stored.file;
    opened.replay = loops.replays;
    opened.runs = loops.runs;
    if (ownRuns.empty())
        return;
    opened.ownSpecs = true;
    if (ownRuns == opened.runsPath)
        return; // they were read with the replays
    const auto kept = readReplay(ownRuns);
    if (!kept) {
        opened.remark = fmt::format("the runs of this session cannot be shown: {}", kept.error().message);
    } else if (opened.trace && opened.trace->info().tokens != (*kept)->tokenIds) {
        opened.remark = fmt::format("the runs in '{}' are left out: their tokens are not those of '{}'",
                                    ownRuns.filename().string(), opened.tracePath.filename().string());
    } else {
        opened.runs = splitLoops(*kept).runs;
        opened.runsPath = ownRuns;
        opened.files.push_back({ownRuns, (*kept)->policies});
    }
}

} // namespace

Result<Opened> openFiles(const fs::path& tracePath, const std::vector<fs::path>& replayPaths, const fs::path& ownRuns,
                         const JobContext& job)
{
    Opened opened;
    WINNOW_TRY(opened.replay, readAll(replayPaths, opened, job));
    if (opened.replay)
        opened.replayPath = replayPaths.front();
    if (!tracePath.empty()) {
        WINNOW_TRY(opened.trace, Trace::open(tracePath));
        opened.tracePath = tracePath;
        if (!opened.trace->info().complete)
            opened.remark = fmt::format("'{}' was cut short while recording; its first {} tokens are shown",
                                        tracePath.filename().string(), opened.trace->tokenCount());
    } else if (opened.replay) {
        std::error_code error;
        for (const fs::path& candidate : traceCandidates(*opened.replay, opened.replayPath)) {
            if (!fs::exists(candidate, error))
                continue;
            const auto trace = Trace::open(candidate);
            if (trace && (*trace)->info().tokens == opened.replay->tokenIds) {
                opened.trace = *trace;
                opened.tracePath = candidate;
                break;
            }
        }
        if (!opened.trace && opened.remark.empty())
            opened.remark =
                "the recording of this replay was not found, so there is no text and no attention; drop its trace here";
    }
    if (opened.trace && opened.replay && opened.trace->info().tokens != opened.replay->tokenIds) {
        opened.remark = fmt::format("'{}' is left out: its tokens are not those of '{}'", opened.replayPath.filename().string(),
                                    opened.tracePath.filename().string());
        opened.replay.reset();
        opened.replayPath.clear();
        opened.files.clear();
    }
    takeRuns(opened, ownRuns);
    return opened;
}

} // namespace winnow::app
