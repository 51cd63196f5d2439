// SPDX-License-Identifier: GPL-3.0-or-later
// The plan of a sweep, read from JSON: models × (texts | tasks) × policies × budgets × seeds. Pure; any thread; free of Torch.
//
//   {
//     "models":   ["../models/demo", {"name": "half", "path": "../models/demo", "dtype": "bfloat16"}],
//     "texts":    ["book.txt", {"name": "strided", "path": "book.txt", "tokens": 4096, "window": 1024, "stride": 512,
//                               "positions": "slot"}],
//     "tasks":    ["needle", {"name": "vt", "task": "vt", "length": 1024, "samples": 20}, {"data": "qasper.jsonl"}],
//     "policies": ["full", "h2o", "treekv:sinks=4"],
//     "budgets":  [64, 128, "25%"],
//     "seeds":    [1, 2],
//     "dtype": "float32", "device": "auto", "chunk": 256, "chat": false
//   }
//
// "models" and "policies" are needed, and "texts" or "tasks". Files are those of the plan's folder unless their path is whole.
// A text's perplexity is measured as `winnow perplexity` does, a task asked as `winnow ask` does; their members are those
// commands' options. Budgets go to the policies whose line names none; a policy that has none is one cell. Seeds draw the
// examples that are made here, and go to policies whose line leaves their seed open; what no seed changes is one cell.
#pragma once

#include "core/base/dtype.h"
#include "core/policy/policy_spec.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace winnow {

struct PlanModel {
    std::string name; ///< as results call it: that of the folder or file unless said
    std::filesystem::path path;
    Dtype dtype = Dtype::Float32;
};

struct PlanText {
    std::string name; ///< that of the file unless said
    std::filesystem::path path;
    int tokens = 0, window = 0, stride = 0; ///< 0: all; one pass; the window
    std::string positions;                  ///< "text" or "slot", for policies whose line does not say it; "": as they are
};

struct PlanTask {
    std::string name;                       ///< that of the task, or of the file of data, unless said
    std::string task;                       ///< "" where the data say it
    std::string profile, compress;          ///< "": the task's own
    std::filesystem::path data, hay, words; ///< empty: the examples are made here; a sample text; none
    int length = 1024, samples = 10, depths = 0, cutTo = 0;
};

struct SweepPlan {
    std::vector<PlanModel> models;
    std::vector<PlanText> texts;
    std::vector<PlanTask> tasks;
    std::vector<PolicySpec> policies; ///< at their budgets
    std::vector<std::int64_t> seeds{42};
    std::string device = "auto";
    int chunk = 256;
    bool chat = false;

    /// Texts first, then tasks.
    std::size_t inputs() const { return texts.size() + tasks.size(); }
    bool isText(std::size_t input) const { return input < texts.size(); }
    const PlanTask& task(std::size_t input) const { return tasks[input - texts.size()]; }
    const std::string& inputName(std::size_t input) const { return isText(input) ? texts[input].name : task(input).name; }
};

/// `where` names the plan in error sentences ("'plan.json'"), `folder` is where its files are. Errors, one sentence each with the
/// place: no JSON, a member that is not known (with the nearest one), missing or of another type, a policy line that parsing
/// refuses, two models or inputs of one name. Whether files are there, and policies can act on them, is not looked at.
Result<SweepPlan> parsePlan(std::string_view text, std::string_view where, const std::filesystem::path& folder);

} // namespace winnow
