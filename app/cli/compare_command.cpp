// SPDX-License-Identifier: GPL-3.0-or-later
// winnow compare: policies of one or several replays against each other, as tables.
#include "app/cli/commands.h"
#include "app/cli/file_kind.h"
#include "core/analysis/comparison.h"
#include "core/analysis/drift.h"
#include "core/analysis/rank_correlation.h"
#include "core/analysis/split_loops.h"
#include "core/io/disk.h"
#include "core/replay/replay_file.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>

namespace winnow::cli {

namespace {

struct CompareLine {
    std::vector<std::string> inputs;
    std::string out;
    std::optional<int> step;
};

Result<std::vector<NamedReplay>> openReplays(const std::vector<std::string>& paths)
{
    std::vector<NamedReplay> replays;
    for (const std::string& path : paths) {
        WINNOW_TRY(const FileKind kind, fileKind(path));
        if (kind != FileKind::Replay)
            return fail(ErrorCode::BadInput,
                        "'{}' is a {}; winnow compare takes replays as winnow replay writes them, .h5 or .npz (a .csv "
                        "holds means only)",
                        path, kindName(kind));
        WINNOW_TRY(std::shared_ptr<const ReplayResult> replay, readReplay(path));
        const auto [open, closed] = splitLoops(replay);
        if (!open || !closed)
            replays.push_back({path, std::move(replay)});
        else // one file that holds both, as the window saves them
            replays.insert(replays.end(), {{path, open}, {path, closed}});
    }
    return replays;
}

std::string shown(const std::optional<double>& value) { return value ? fmt::format("{:.4f}", *value) : "-"; }

void tellTable(const Comparison& comparison, Console& console)
{
    console.say(
        comparison.span.begin < comparison.span.end
            ? fmt::format("{}, means over steps {} to {}, stored slots and bytes after step {}", comparison.loop,
                          comparison.span.begin, comparison.span.end - 1, raw(comparison.step))
            : fmt::format(
                  "{}, no step lies behind prompt and budgets, so there are no means; stored slots and bytes after step {}",
                  comparison.loop, raw(comparison.step)));
    const bool evictors =
        std::any_of(comparison.rows.begin(), comparison.rows.end(), [](const auto& row) { return row.futureMass.has_value(); });
    console.say(fmt::format(
        "{:>3} {:<18} {:>7} {:>9} {:>9} {:>9} {:>9}{} {:>9} {:>12} {:>12}", "", "policy", "budget", "mass", "error", "oracle",
        "regret", evictors ? fmt::format(" {:>9} {:>9} {:>9}", "future", "regret", "bound") : "", "stored", "bytes", "padded"));
    for (std::size_t p = 0; p < comparison.rows.size(); ++p) {
        const Comparison::Row& row = comparison.rows[p];
        console.say(fmt::format(
            "{:>3} {:<18} {:>7} {:>9} {:>9} {:>9} {:>9}{} {:>9.1f} {:>12} {:>12}", p, row.name, row.budget, shown(row.mass),
            shown(row.error), shown(row.oracleMass), shown(row.regret),
            evictors ? fmt::format(" {:>9} {:>9} {:>9}", shown(row.futureMass), shown(row.futureRegret), shown(row.boundMass))
                     : "",
            row.occupancy, sizeText(row.bytes.logical), sizeText(row.bytes.physical)));
    }
}

/// A square of cells under the policies' numbers.
template <class Cell>
void tellMatrix(std::string_view title, std::size_t count, const Cell& cell, Console& console)
{
    console.say(fmt::format("\n{}", title));
    std::string head(3, ' ');
    for (std::size_t q = 0; q < count; ++q)
        head += fmt::format(" {:>6}", q);
    console.say(head);
    for (std::size_t p = 0; p < count; ++p) {
        std::string line = fmt::format("{:>3}", p);
        for (std::size_t q = 0; q < count; ++q)
            line += fmt::format(" {:>6}", p == q ? std::string(".") : cell(p * count + q));
        console.say(line);
    }
}

void tellAll(const Comparison& comparison, Console& console)
{
    const std::size_t count = comparison.rows.size();
    tellTable(comparison, console);
    tellMatrix(
        fmt::format("share of tokens in common after step {} (Jaccard, mean over lanes)", raw(comparison.step)), count,
        [&](std::size_t at) { return fmt::format("{:.4f}", comparison.jaccard[at]); }, console);
    tellMatrix(
        "first step after which any lane differs (- = never)", count,
        [&](std::size_t at) {
            const int step = comparison.firstDivergence[at];
            return step < 0 ? std::string("-") : std::to_string(step);
        },
        console);
    console.say("");
    for (std::size_t p = 0; p < count; ++p)
        console.say(fmt::format("{:>3} {}", p, comparison.rows[p].spec));
}

constexpr int kStepParts = 4; ///< into which the steps behind the prompt are divided

/// Runs beside the replays of the same policies.
void tellDrift(const std::vector<NamedReplay>& replays, Console& console)
{
    for (const NamedReplay& run : replays)
        for (const NamedReplay& replay : replays) {
            if (!run.replay->closedLoop() || replay.replay->closedLoop())
                continue;
            const std::vector<PolicyDrift> drifts = driftBetween(*run.replay, *replay.replay);
            if (drifts.empty())
                continue;
            console.say(fmt::format("\ndrift of the run '{}' from the replay '{}', behind the prompt", run.name, replay.name));
            const auto number = [](double value, std::string_view form) {
                return std::isnan(value) ? std::string("-") : fmt::format(fmt::runtime(form), value);
            };
            const auto tell = [&](std::string_view what, const PolicyDrift::Part& part) {
                console.say(fmt::format("{:>17} {:>21.4f} {:>9} {:>9} {:>9}", what, part.differing, number(part.mass, "{:+.4f}"),
                                        number(part.error, "{:+.4f}"), number(part.hidden, "{:.4f}")));
            };
            for (const PolicyDrift& drift : drifts) {
                console.say(fmt::format("{}\n{:>17} {:>21} {:>9} {:>9} {:>9}", drift.spec, "", "lifetimes that differ", "mass",
                                        "error", "hidden"));
                for (std::size_t layer = 0; layer < drift.layers.size(); ++layer)
                    tell(fmt::format("layer {}", raw(run.replay->layers[layer])), drift.layers[layer]);
                const int first = run.replay->prompt, steps = static_cast<int>(drift.steps.size()) - first;
                const int parts = std::min(kStepParts, steps);
                for (int part = 0; part < parts; ++part) {
                    const int begin = first + steps * part / parts, end = first + steps * (part + 1) / parts;
                    tell(fmt::format("steps {}-{}", begin, end - 1), driftOver(drift, begin, end));
                }
                tell("all", drift.all);
            }
            console.say("mass, error: the run's minus the replay's; hidden: error of what a layer hands to the next one, of "
                        "which a replay "
                        "has none; of steps, the lifetimes of their tokens");
        }
}

/// Whether the replays order the policies as the runs do.
void tellForetelling(const std::vector<NamedReplay>& replays, Console& console)
{
    std::vector<std::shared_ptr<const ReplayResult>> open, closed;
    for (const NamedReplay& one : replays)
        (one.replay->closedLoop() ? closed : open).push_back(one.replay);
    if (open.empty() || closed.empty())
        return;
    const Foretelling told = foretelling(closed, open);
    if (!told.mass && !told.error && !told.regret) // too few to rank
        return;
    const auto shownRank = [](const std::optional<double>& rank) { return rank ? fmt::format("{:.2f}", *rank) : "-"; };
    console.say(fmt::format(
        "\ndoes the replay foretell the run? Spearman's rank correlation with the run's loss, over {} policies and budgets: less "
        "mass {}, more error {}, more regret {} (1: the replay orders them as the run does)",
        told.policies, shownRank(told.mass), shownRank(told.error), shownRank(told.regret)));
}

Result<void> compareFiles(const CompareLine& line, Console& console)
{
    WINNOW_TRY(const std::vector<NamedReplay> replays, openReplays(line.inputs));
    WINNOW_TRY(const std::shared_ptr<const ReplayResult> joined, joinReplays(replays));
    const std::optional<Step> step = line.step ? std::optional(Step{*line.step}) : std::nullopt;
    WINNOW_TRY(const Comparison comparison, comparePolicies(*joined, step, console.job()));
    if (!line.out.empty())
        WINNOW_TRY_VOID(writeComparison(comparison, line.out));
    tellAll(comparison, console);
    tellDrift(replays, console);
    tellForetelling(replays, console);
    if (!line.out.empty())
        console.say(fmt::format("wrote {}", line.out));
    return {};
}

} // namespace

void addCompare(CLI::App& app, Chosen& chosen)
{
    auto line = std::make_shared<CompareLine>();
    CLI::App* command =
        app.add_subcommand("compare", "Compare policies: mean metrics, tokens in common, the first step at which they differ");
    chosen.files
        .reads(command->add_option("replays", line->inputs,
                                   "replays of one trace, or runs of its text, .h5 or .npz; several are joined"))
        ->required()
        ->type_name("R…");
    command
        ->add_option("--step", line->step, "step after which slots, bytes and tokens in common are taken (the last unless said)")
        ->type_name("T")
        ->check(CLI::NonNegativeNumber);
    chosen.files
        .writes(command->add_option("--out", line->out, "C.csv or C.npz: the same tables as numbers"),
                {{"csv", WrittenKind::Numbers}, {"npz", WrittenKind::Numbers}})
        ->type_name("FILE");
    command->callback([line, &chosen] { chosen.work = [line](Console& console) { return compareFiles(*line, console); }; });
}

} // namespace winnow::cli
