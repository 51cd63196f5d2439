// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/sweep/sweep_work.h"

#include "app/cli/file_kind.h"
#include "app/cli/sweep/cell_runner.h"
#include "core/evaluate/sweep/sweep_queue.h"
#include "core/io/json_members.h"

#include <algorithm>
#include <iostream>
#include <numeric>

#include <sys/prctl.h>

#include <csignal>

namespace winnow::cli {

namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPatience(200); ///< between two looks at Ctrl+C

json answerOf(const Error& error) { return {{"failed", error.message}}; }

json timeOf(CellRunner& runner, const SweepCell& cell)
{
    const auto seconds = runner.secondsPerToken(cell);
    return seconds ? json{{"seconds", *seconds}} : answerOf(seconds.error());
}

json resultsOf(CellRunner& runner, const std::vector<SweepCell>& cells)
{
    const auto results = runner.run(cells);
    if (!results)
        return answerOf(results.error());
    json lines = json::array();
    for (const CellResult& result : *results)
        lines.push_back(cellLine(result));
    return {{"results", std::move(lines)}};
}

/// A request to a worker: cells by their hashes.
std::string requestFor(const std::vector<SweepCell>& cells, const std::vector<std::size_t>& unit)
{
    json hashes = json::array();
    for (const std::size_t cell : unit)
        hashes.push_back(cells[cell].hash);
    return json{{"cells", std::move(hashes)}}.dump();
}

/// "perplexity 12.34 [12.10, 12.58]"
std::string valueText(const CellResult& result)
{
    return result.interval ? fmt::format("{} {:.4g} [{:.4g}, {:.4g}]", result.measure, result.value, result.interval->low,
                                         result.interval->high)
                           : fmt::format("{} {:.4g}", result.measure, result.value);
}

/// The sweep at work, at rank 0.
class Handing {
public:
    Handing(const PlannedSweep& sweep, const std::vector<std::int64_t>& steps, CellLog& log, Workers& workers, Console& console)
        : m_cells(sweep.cells), m_steps(steps), m_log(log), m_workers(workers), m_console(console), m_todo(missing()),
          m_queue(m_cells, m_todo, workers.count())
    {
        for (const std::size_t cell : m_todo)
            m_allSteps += static_cast<double>(m_steps[cell]);
    }

    Result<SweepEnd> run()
    {
        if (m_todo.empty())
            return SweepEnd{};
        WINNOW_TRY_VOID(estimate());
        m_begun = Clock::now();
        while (!m_queue.isOver()) {
            for (std::size_t worker = 0; worker < m_workers.count(); ++worker)
                give(worker);
            if (m_queue.isOver())
                break;
            const auto news = m_workers.next(kPatience);
            WINNOW_TRY_VOID(m_console.job().check("the sweep"));
            if (news)
                WINNOW_TRY_VOID(take(*news));
        }
        return SweepEnd{m_queue.failures()};
    }

private:
    std::vector<std::size_t> missing() const
    {
        std::vector<std::size_t> cells;
        for (std::size_t cell = 0; cell < m_cells.size(); ++cell)
            if (!m_log.holds(cell))
                cells.push_back(cell);
        return cells;
    }

    /// Told before the first cell: from those that are done, or else from a few tokens.
    Result<void> estimate()
    {
        double seconds = 0, steps = 0;
        for (std::size_t cell = 0; cell < m_cells.size(); ++cell)
            if (m_log.holds(cell) && m_log.results()[cell]->seconds) {
                seconds += *m_log.results()[cell]->seconds;
                steps += static_cast<double>(m_steps[cell]);
            }
        if (steps > 0) {
            tellEstimate(m_allSteps * seconds / steps, "going by the cells that are done");
            return {};
        }
        WINNOW_TRY_VOID(m_workers.give(0, json{{"time", m_cells[m_todo.front()].hash}}.dump()));
        for (;;) {
            const auto news = m_workers.next(kPatience);
            WINNOW_TRY_VOID(m_console.job().check("the sweep"));
            if (!news || news->worker != 0)
                continue;
            const json answer = news->line ? json::parse(*news->line, nullptr, false) : json();
            if (const json& found = member(answer, "seconds"); found.is_number())
                tellEstimate(
                    m_allSteps * found.get<double>(),
                    "going by 32 tokens of the first model with its full cache, sixteen tokens of a prompt counted as one: "
                    "policies and long texts take more");
            return {}; // why a model cannot run is said of its cells
        }
    }

    void tellEstimate(double seconds, std::string_view how)
    {
        const auto workers = static_cast<double>(std::min(m_workers.count(), m_todo.size()));
        m_console.say(fmt::format("about {}, {}", readableDuration(seconds / workers), how));
    }

    void give(std::size_t worker)
    {
        if (!m_queue.heldBy(worker).empty() || !m_workers.isThere(worker))
            return;
        const std::vector<std::size_t> unit = m_queue.take(worker);
        if (unit.empty())
            return;
        if (const auto given = m_workers.give(worker, requestFor(m_cells, unit)); !given)
            failed(worker, given.error().message);
    }

    /// Errors are those of the results file: without it the sweep cannot go on.
    Result<void> take(const WorkerNews& news)
    {
        const std::vector<std::size_t> unit = m_queue.heldBy(news.worker);
        if (unit.empty())
            return {}; // it ended between two units
        if (!news.line) {
            failed(news.worker, fmt::format("the process that measured it {}", news.ended));
            return {};
        }
        const json answer = json::parse(*news.line, nullptr, false);
        const json& lines = member(answer, "results");
        std::vector<CellResult> results;
        for (std::size_t i = 0; lines.is_array() && i < lines.size(); ++i)
            if (auto result = parseCell(lines[i].is_string() ? lines[i].get<std::string>() : ""))
                results.push_back(std::move(*result));
        if (results.size() != unit.size()) {
            const std::string why = textOf(answer, "failed");
            failed(news.worker, why.empty() ? "its worker gave an answer that cannot be read" : why);
            return {};
        }
        for (std::size_t i = 0; i < unit.size(); ++i)
            if (results[i].cell != m_cells[unit[i]].hash)
                return {}; // an old answer of a rank that was taken for lost
        m_queue.done(news.worker);
        for (const std::size_t cell : unit)
            m_doneSteps += static_cast<double>(m_steps[cell]);
        for (std::size_t i = 0; i < unit.size(); ++i) {
            WINNOW_TRY_VOID(m_log.append(unit[i], results[i]));
            tellResult(unit[i], results[i]);
        }
        m_console.job().report("sweeping", m_doneSteps / m_allSteps);
        return {};
    }

    void tellResult(std::size_t cell, const CellResult& result)
    {
        const double took = std::chrono::duration<double>(Clock::now() - m_begun).count();
        const bool over = m_queue.isOver();
        m_console.say(fmt::format("{:>{}}/{} {}: {}{}", ++m_told, std::to_string(m_todo.size()).size(), m_todo.size(),
                                  m_cells[cell].name, valueText(result),
                                  over ? "" : fmt::format(", {} left", readableDuration(took * (m_allSteps / m_doneSteps - 1)))));
    }

    void failed(std::size_t worker, const std::string& why)
    {
        const std::vector<std::size_t> unit = m_queue.heldBy(worker);
        m_queue.failed(worker, why);
        if (unit.size() > 1)
            return;
        m_doneSteps += static_cast<double>(m_steps[unit.front()]);
        m_console.warn(fmt::format("cell {} ({}) failed: {}; the rest goes on", m_cells[unit.front()].name,
                                   m_cells[unit.front()].hash, why));
    }

    const std::vector<SweepCell>& m_cells;
    const std::vector<std::int64_t>& m_steps;
    CellLog& m_log;
    Workers& m_workers;
    Console& m_console;
    std::vector<std::size_t> m_todo;
    SweepQueue m_queue;
    double m_allSteps = 0, m_doneSteps = 0;
    std::size_t m_told = 0;
    Clock::time_point m_begun{};
};

} // namespace

Result<PlannedSweep> readSweep(const std::string& path, Console& console)
{
    const std::filesystem::path folder = path == "-" ? std::filesystem::path() : std::filesystem::path(path).parent_path();
    const auto kind = fileKind(path); // of no file: standard input, or what readText tells of
    std::error_code none;
    if (kind && *kind != FileKind::Text && (*kind != FileKind::Model || std::filesystem::is_directory(path, none)))
        return fail(ErrorCode::BadInput, "'{}' is a {}; winnow sweep takes a plan, which is JSON (docs/sweeps.md)", path,
                    kindName(*kind));
    WINNOW_TRY(const std::string text, readText(path, {}, console.job(0, 0)));
    const std::string where = fmt::format("'{}'", path);
    WINNOW_TRY(SweepPlan plan, parsePlan(text, where, folder));
    WINNOW_TRY(const PlanHashes hashes, hashesOf(plan));
    WINNOW_TRY(auto cells, cellsOf(plan, hashes, where));
    return PlannedSweep{std::move(plan), std::move(cells)};
}

Result<std::vector<std::int64_t>> checkCells(const PlannedSweep& sweep, Console& console)
{
    CellRunner runner(sweep.plan, console);
    std::vector<std::size_t> all(sweep.cells.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    std::vector<std::int64_t> steps(sweep.cells.size());
    const SweepCell* last = nullptr;
    for (const auto& group : unitsOf(sweep.cells, all, sweep.cells.size())) {
        WINNOW_TRY_VOID(console.job().check("the sweep"));
        const SweepCell& first = sweep.cells[group.front()];
        const bool warns = last == nullptr || last->model != first.model || last->input != first.input; // seeds repeat it
        auto each = runner.check(std::span(sweep.cells).subspan(group.front(), group.size()), warns);
        if (!each && each.error().code == ErrorCode::Usage)
            each.error().code = ErrorCode::BadInput; // the plan says it, not the command line
        if (!each)
            return fail(std::move(each.error()));
        for (const std::size_t cell : group)
            steps[cell] = *each;
        last = &first;
    }
    return steps;
}

Result<void> workOnCells(const PlannedSweep& sweep, Console& console)
{
    ::prctl(PR_SET_PDEATHSIG, SIGKILL); // nobody waits for a worker whose sweep was killed
    console.silence();                  // who planned has warned
    CellRunner runner(sweep.plan, console);
    std::string line;
    while (std::getline(std::cin, line) && !console.stopRequested()) {
        const json request = json::parse(line, nullptr, false);
        std::vector<SweepCell> cells;
        const auto add = [&](const json& hash) {
            const auto found = std::ranges::find_if(sweep.cells, [&](const SweepCell& cell) { return hash == cell.hash; });
            if (found != sweep.cells.end())
                cells.push_back(*found);
        };
        const json &hashes = member(request, "cells"), &time = member(request, "time");
        for (std::size_t i = 0; hashes.is_array() && i < hashes.size(); ++i)
            add(hashes[i]);
        if (time.is_string())
            add(time);
        const std::size_t asked = time.is_string() ? 1 : hashes.size();
        const json answer = cells.empty() || cells.size() != asked
                                ? json{{"failed", "the plan or one of its files changed while the sweep ran; start it again"}}
                            : time.is_string() ? timeOf(runner, cells.front())
                                               : resultsOf(runner, cells);
        putText(answer.dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
    }
    return console.job().check("the sweep");
}

Result<SweepEnd> runSweep(const PlannedSweep& sweep, const std::vector<std::int64_t>& steps, CellLog& log, Workers& workers,
                          Console& console)
{
    return Handing(sweep, steps, log, workers, console).run();
}

} // namespace winnow::cli
