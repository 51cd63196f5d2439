// SPDX-License-Identifier: GPL-3.0-or-later
// winnow sweep: a plan of models, texts, tasks, policies, budgets and seeds → a line of results a cell, and one table.
#include "app/cli/commands.h"
#include "app/cli/sweep/mpi_job.h"
#include "app/cli/sweep/mpi_launcher.h"
#include "app/cli/sweep/sweep_table.h"
#include "app/cli/sweep/sweep_work.h"

#include <CLI/CLI.hpp>

#include <cstdlib>

namespace winnow::cli {

namespace {

constexpr const char* kWorker = "WINNOW_SWEEP_WORKER"; ///< set where this program is started to measure cells

struct SweepLine {
    std::string plan, out, table;
    int workers = 1;
};

/// `index` of `count` on this machine.
WorkerStart workerOf(const SweepLine& line, std::size_t index, std::size_t count, bool gpuEach)
{
    WorkerPlace place = placeHere(index, count);
    place.gpuEach = gpuEach;
    WorkerStart start{.arguments = {"sweep", line.plan}, .environment = environmentOf(place)};
    start.environment.emplace_back(kWorker, "1");
    return start;
}

std::vector<WorkerStart> workersHere(const SweepLine& line, bool gpuEach)
{
    std::vector<WorkerStart> all;
    for (int worker = 0; worker < line.workers; ++worker)
        all.push_back(workerOf(line, static_cast<std::size_t>(worker), static_cast<std::size_t>(line.workers), gpuEach));
    return all;
}

std::string counted(std::size_t count, std::string_view one, std::string_view several)
{
    return fmt::format("{} {}", grouped(static_cast<std::int64_t>(count)), count == 1 ? one : several);
}

void tellPlan(const PlannedSweep& sweep, const CellLog& log, const std::string& out, std::size_t workers, Console& console)
{
    const SweepPlan& plan = sweep.plan;
    const auto there =
        static_cast<std::size_t>(std::ranges::count_if(log.results(), [](const auto& result) { return result.has_value(); }));
    console.say(fmt::format("closed loop: {} of {}, {}, {}, {} at their budgets and {}{}{}",
                            counted(sweep.cells.size(), "cell", "cells"), counted(plan.models.size(), "model", "models"),
                            counted(plan.texts.size(), "text", "texts"), counted(plan.tasks.size(), "task", "tasks"),
                            counted(plan.policies.size(), "policy", "policies"), counted(plan.seeds.size(), "seed", "seeds"),
                            workers > 1 ? fmt::format("; {} workers", workers) : "",
                            there > 0 ? fmt::format("; {} are in '{}' already and are not measured again", there, out) : ""));
}

/// What every process but a worker's does that plans.
Result<void> plan(const SweepLine& line, MpiJob* job, Console& console)
{
    WINNOW_TRY(const PlannedSweep sweep, readSweep(line.plan, console));
    WINNOW_TRY(const std::vector<std::int64_t> steps, checkCells(sweep, console));
    WINNOW_TRY(CellLog log, CellLog::open(line.out, sweep.cells));
    const bool gpuEach = sweep.plan.device == "auto" || sweep.plan.device == "cuda";
    std::unique_ptr<Workers> workers;
    if (job != nullptr)
        workers = std::make_unique<MpiWorkers>(*job, workerOf(line, static_cast<std::size_t>(job->localIndex()),
                                                              static_cast<std::size_t>(job->localCount()), gpuEach));
    else
        workers = std::make_unique<LocalWorkers>(workersHere(line, gpuEach));
    tellPlan(sweep, log, line.out, workers->count(), console);
    WINNOW_TRY(const SweepEnd end, runSweep(sweep, steps, log, *workers, console));
    workers->settle();
    std::vector<CellResult> results;
    for (const auto& result : log.results())
        if (result)
            results.push_back(*result);
    console.say("");
    tellCells(results, console);
    if (!line.table.empty())
        WINNOW_TRY_VOID(writeTables(cellTables(results), {{"plan", line.plan}, {"winnow", WINNOW_VERSION}}, line.table));
    console.say(fmt::format("{} {} in {}{}", counted(results.size(), "result", "results"), results.size() == 1 ? "is" : "are",
                            line.out, line.table.empty() ? "" : fmt::format("; wrote {}", line.table)));
    if (end.failures.empty())
        return {};
    return fail(ErrorCode::BadInput, "{} of {} cells failed, {} among them: {}; the same line tries them again",
                end.failures.size(), sweep.cells.size(), sweep.cells[end.failures.begin()->first].name,
                end.failures.begin()->second);
}

/// Rank 0's.
Result<void> handOut(const SweepLine& line, MpiJob& job, Console& console)
{
    const Pulse pulse(job);
    if (endsWithARank())
        console.warn("mpirun ends all ranks when one of them is killed; with mpirun --enable-recovery the others go on");
    auto done = plan(line, &job, console);
    if (console.stopRequested())
        job.leave();
    return done;
}

Result<void> sweep(const SweepLine& line, Console& console)
{
    if (line.plan == "-")
        return fail(ErrorCode::Usage, "a plan is a file, which every process of the sweep reads; '-' is none");
    if (std::getenv(kWorker) != nullptr) {
        WINNOW_TRY(const PlannedSweep planned, readSweep(line.plan, console));
        return workOnCells(planned, console);
    }
    if (ranksAround() < 2)
        return plan(line, nullptr, console);
    if (line.workers > 1)
        return fail(ErrorCode::Usage,
                    "--workers {} is for one process, and this is one of {} ranks of an MPI job, each with a "
                    "worker of its own; leave it out",
                    line.workers, ranksAround());
    std::optional<MpiLauncher> again;
    {
        WINNOW_TRY(MpiJob job, MpiJob::join());
        if (job.rank() > 0)
            return relay(
                job, workerOf(line, static_cast<std::size_t>(job.localIndex()), static_cast<std::size_t>(job.localCount()), true),
                console);
        if (job.localCount() == job.size())
            again = launcherHere();
        if (!again)
            return tellEnd(handOut(line, job, console));
    } // the other ranks go home
    return startAgain(std::move(*again), line.out, console);
}

} // namespace

void addSweep(CLI::App& app, Chosen& chosen)
{
    auto line = std::make_shared<SweepLine>();
    CLI::App* command = app.add_subcommand(
        "sweep",
        "Measure models × texts or tasks × policies × budgets × seeds by a plan, on any number of processes (closed loop)");
    command->footer(
        "The plan is JSON: {\"models\": [\"models/demo\"], \"texts\": [\"book.txt\"], \"tasks\": [\"needle\"], "
        "\"policies\": [\"full\", \"h2o\"],\n\"budgets\": [64, 128], \"seeds\": [1]}; docs/sweeps.md lists its members. "
        "Results are appended cell by cell: the same command goes on where it was stopped.\nmpirun -n 64 winnow sweep "
        "plan.json spreads the cells over processes and machines.");
    chosen.files.reads(command->add_option("plan", line->plan, "what is to be measured"))->required()->type_name("PLAN.json");
    chosen.files
        .writes(command->add_option("--out", line->out, "S.jsonl, a line for each cell (the plan's name with .jsonl)"),
                {{"jsonl", WrittenKind::Cells}})
        ->type_name("FILE");
    chosen.files
        .writes(command->add_option("--table", line->table, "X.csv, X.npz or X.h5: all cells with their protocol, in the end"),
                {{"csv", WrittenKind::Numbers}, {"npz", WrittenKind::Numbers}, {"h5", WrittenKind::Numbers}})
        ->type_name("FILE");
    command->add_option("--workers", line->workers, "processes that measure on this machine, which share its cores and GPUs")
        ->type_name("N")
        ->check(CLI::Range(1, 1024))
        ->capture_default_str();
    command->callback([line, &chosen] {
        if (line->out.empty())
            line->out = std::filesystem::path(line->plan).replace_extension(".jsonl").string();
        chosen.usageIsWrongLine = true;
        chosen.work = [line](Console& console) { return sweep(*line, console); };
    });
}

} // namespace winnow::cli
