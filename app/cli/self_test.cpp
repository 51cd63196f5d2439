// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/self_test.h"

#include "app/cli/demo.h"
#include "app/cli/report_page.h"
#include "app/cli/resources.h"
#include "core/analysis/report/report.h"
#include "core/io/atomic_file.h"
#include "core/io/disk.h"
#include "core/replay/replay.h"
#include "core/replay/replay_file.h"
#include "core/trace/trace_check.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>

namespace winnow::cli {

namespace fs = std::filesystem;

namespace {

constexpr int kTokens = 384; ///< enough that every policy of the demo evicts

/// A folder of its own below the one for temporary files, removed with all that is in it.
class TemporaryFolder {
public:
    static Result<TemporaryFolder> make()
    {
        std::error_code error;
        std::string name = (fs::temp_directory_path(error) / "winnow-self-test-XXXXXX").string();
        if (error || !mkdtemp(name.data()))
            return fail(ErrorCode::Io,
                        "no folder for temporary files can be made as '{}'; set TMPDIR to one that can be written to", name);
        return TemporaryFolder(name);
    }
    TemporaryFolder(TemporaryFolder&& other) noexcept { m_path.swap(other.m_path); }
    TemporaryFolder& operator=(TemporaryFolder&&) = delete;
    ~TemporaryFolder()
    {
        std::error_code ignored;
        if (!m_path.empty())
            fs::remove_all(m_path, ignored);
    }
    fs::path operator/(const char* name) const { return m_path / name; }

private:
    explicit TemporaryFolder(fs::path path) : m_path(std::move(path)) {}
    fs::path m_path;
};

Result<void> checkRecording(const Trace& trace, const JobContext& job)
{
    WINNOW_TRY(const std::vector<LayerCheck> checks, checkTrace(trace, {}, job));
    for (const LayerCheck& check : checks)
        if (!check.sound)
            return fail(ErrorCode::BadInput, "layer {} of the recording is not what the model computed: {}", raw(check.layer),
                        check.sentence);
    return {};
}

/// Lifetimes that were written and read again are the same, and no lane holds more than it may.
Result<void> checkReplay(const ReplayResult& made, const ReplayResult& read)
{
    for (std::size_t p = 0; p < made.policies.size(); ++p) {
        const PolicyReplay &one = *made.policies[p], &other = *read.policies[p];
        const std::string name = one.spec.canonical();
        if (!std::equal(one.evictStep.begin(), one.evictStep.end(), other.evictStep.begin(), other.evictStep.end()))
            return fail(ErrorCode::BadInput, "{} has other lifetimes once it is written and read again", name);
        if (std::ranges::all_of(one.evictStep, [](std::int32_t step) { return step < 0; }))
            return fail(ErrorCode::BadInput, "{} evicted nothing from {} tokens", name, one.tokens);
    }
    return {};
}

class Steps {
public:
    explicit Steps(Console& console) : m_console(console) {}
    void done(const std::string& what)
    {
        const auto now = std::chrono::steady_clock::now();
        m_console.say(fmt::format("ok  {} ({:.1f} s)", what, std::chrono::duration<double>(now - m_begin).count()));
        m_begin = now;
    }

private:
    Console& m_console;
    std::chrono::steady_clock::time_point m_begin = std::chrono::steady_clock::now();
};

Result<void> draw(const FigureInputs& inputs, const FigureDoor& door, const TemporaryFolder& folder, Console& console)
{
    WINNOW_TRY(const FigureKind* kind, findFigure("retention"));
    const FigureOptions options;
    WINNOW_TRY(const Figure figure, makeFigure(*kind, inputs, options, console.job()));
    WINNOW_TRY_VOID(saveFigure(door, figure, options, folder / "retention.npz"));
    for (const char* name : {"retention.png", "retention.svg", "retention.pdf"})
        if (door.draw)
            WINNOW_TRY_VOID(saveFigure(door, figure, options, folder / name));
    return {};
}

} // namespace

Result<void> selfTest(const FigureDoor& door, Console& console)
{
    Steps steps(console);
    WINNOW_TRY(const TemporaryFolder folder, TemporaryFolder::make());
    WINNOW_TRY(RecordOptions recording, demoRecording(folder / "T.h5"));
    recording.maxTokens = kTokens;
    steps.done(fmt::format("resources in {}", resourcesFolder().string()));
    WINNOW_TRY_VOID(record(recording, {}, console.job()));
    FigureInputs inputs;
    WINNOW_TRY(const std::shared_ptr<const Trace> trace, Trace::open(recording.out));
    inputs.traces.push_back(trace);
    steps.done(fmt::format("recorded {} tokens of the demo model", trace->tokenCount()));
    WINNOW_TRY_VOID(checkRecording(*trace, console.job()));
    steps.done("the recording's attention is the model's, in every layer");
    WINNOW_TRY(const std::vector<PolicySpec> specs, demoPolicies());
    ReplayOptions options;
    options.prompt = demoPrompt(trace->tokenCount());
    WINNOW_TRY(const std::shared_ptr<const ReplayResult> made, replay(*trace, specs, options, console.job()));
    steps.done(fmt::format("replayed {} policies", specs.size()));
    WINNOW_TRY_VOID(writeReplay(*made, folder / "R.h5"));
    WINNOW_TRY(const std::shared_ptr<const ReplayResult> read, readReplay(folder / "R.h5"));
    WINNOW_TRY_VOID(checkReplay(*made, *read));
    inputs.replays.push_back(read);
    steps.done("the replay was written and read again");
    WINNOW_TRY_VOID(draw(inputs, door, folder, console));
    steps.done(door.draw ? "drew maps as png, svg and pdf"
                         : "wrote the numbers of maps (this Winnow has no window to draw them)");
    WINNOW_TRY(const ReportTemplate files, reportTemplate());
    WINNOW_TRY(const std::string page, reportPage(*read, trace->info(), {}, files, console.job()));
    WINNOW_TRY_VOID(writeFileAtomically(folder / "report.html", page));
    steps.done(fmt::format("wrote a report of {}", sizeText(page.size())));
    console.say("Winnow works here.");
    return {};
}

} // namespace winnow::cli
