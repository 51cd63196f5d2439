// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/sweep/sweep_cells.h"

#include "core/evaluate/perplexity.h"
#include "core/model/config/model_folder.h"

#include <algorithm>
#include <set>

namespace winnow {

namespace {

namespace fs = std::filesystem;

bool isTyped(const PolicySpec& spec, std::string_view key) { return std::ranges::find(spec.typed, key) != spec.typed.end(); }

/// Whether the policy draws, and leaves open from which seed.
bool takesSeed(const PolicySpec& spec) { return !spec.value("seed").empty() && !isTyped(spec, "seed"); }

std::vector<fs::path> filesOf(const PolicySpec& spec)
{
    std::vector<fs::path> files;
    for (const ParameterSpec& parameter : findPolicy(spec.name)->parameters)
        if (parameter.kind == ParameterKind::File && !spec.value(parameter.id).empty())
            files.emplace_back(spec.value(parameter.id));
    return files;
}

std::string hashOf(const fs::path& file, const PlanHashes& hashes) { return file.empty() ? "" : hashes.files.at(file); }

std::string inputLines(const SweepPlan& plan, std::size_t input, const PlanHashes& hashes)
{
    if (plan.isText(input)) {
        const PlanText& text = plan.texts[input];
        return fmt::format("text {} tokens {} window {} stride {}\n", hashOf(text.path, hashes), text.tokens, text.window,
                           text.stride > 0 ? text.stride : text.window);
    }
    const PlanTask& task = plan.task(input);
    return fmt::format("task {} data {} profile {} compress {} cut {} chat {}\nhay {} words {} length {} samples {} depths {}\n",
                       task.task, hashOf(task.data, hashes), task.profile, task.compress, task.cutTo, plan.chat,
                       hashOf(task.hay, hashes), hashOf(task.words, hashes), task.length, task.samples, task.depths);
}

/// Paths stand for what the files hold.
std::string policyLine(const PolicySpec& spec, const PlanHashes& hashes)
{
    std::string line = spec.canonical();
    for (const fs::path& file : filesOf(spec))
        if (const std::size_t at = line.find(file.string()); at != std::string::npos)
            line.replace(at, file.string().size(), hashOf(file, hashes));
    return line;
}

} // namespace

std::vector<fs::path> filesOf(const SweepPlan& plan)
{
    std::set<fs::path> files;
    for (const PlanText& text : plan.texts)
        files.insert(text.path);
    for (const PlanTask& task : plan.tasks)
        files.insert({task.data, task.hay, task.words});
    for (const PolicySpec& spec : plan.policies)
        for (const fs::path& file : filesOf(spec))
            files.insert(file);
    files.erase(fs::path());
    return {files.begin(), files.end()};
}

Result<std::vector<SweepCell>> cellsOf(const SweepPlan& plan, const PlanHashes& hashes, std::string_view where)
{
    std::vector<SweepCell> cells;
    std::set<std::string> names;
    std::size_t group = 0;
    const auto add = [&](SweepCell cell, bool seeded) -> Result<void> {
        const PlanModel& model = plan.models[cell.model];
        cell.name =
            fmt::format("{} / {} / {} / seed {}", model.name, plan.inputName(cell.input), cell.policy.canonical(), cell.seed);
        if (!names.insert(cell.name).second)
            return fail(ErrorCode::BadInput, "{}: two cells have the name '{}'; name the policy, budget or seed once", where,
                        cell.name);
        cell.hash =
            contentHash(fmt::format("winnow cell 1\nmodel {} {} chunk {}\n{}policy {}\nseed {}\n", hashes.models[cell.model],
                                    dtypeName(model.dtype), plan.chunk, inputLines(plan, cell.input, hashes),
                                    policyLine(cell.policy, hashes), seeded ? std::to_string(cell.seed) : ""));
        cells.push_back(std::move(cell));
        return {};
    };
    for (std::size_t model = 0; model < plan.models.size(); ++model)
        for (std::size_t input = 0; input < plan.inputs(); ++input, ++group) {
            const bool drawn = !plan.isText(input) && plan.task(input).data.empty();
            for (const std::int64_t seed : plan.seeds) {
                const bool first = seed == plan.seeds.front();
                for (const PolicySpec& spec : plan.policies) {
                    if (!drawn && !first && !takesSeed(spec))
                        continue;
                    SweepCell cell{.model = model, .input = input, .policy = spec, .seed = seed, .group = group};
                    if (takesSeed(spec)) {
                        WINNOW_TRY(cell.policy, spec.with("seed", std::to_string(seed)));
                    }
                    if (plan.isText(input)) {
                        WINNOW_TRY(cell.policy, atPositions(cell.policy, plan.texts[input].positions));
                    }
                    WINNOW_TRY_VOID(add(std::move(cell), drawn));
                }
                if (drawn && seed != plan.seeds.back())
                    ++group;
            }
        }
    return cells;
}

std::vector<std::vector<std::size_t>> unitsOf(const std::vector<SweepCell>& cells, const std::vector<std::size_t>& todo,
                                              std::size_t most)
{
    std::vector<std::vector<std::size_t>> units;
    for (const std::size_t cell : todo) {
        if (units.empty() || units.back().size() == most || cells[units.back().front()].group != cells[cell].group)
            units.emplace_back();
        units.back().push_back(cell);
    }
    return units;
}

std::size_t cellsTogether(std::size_t todo, std::size_t workers)
{
    return std::clamp<std::size_t>(todo / (2 * std::max<std::size_t>(workers, 1)), 1, kMostTogether);
}

} // namespace winnow
