// SPDX-License-Identifier: GPL-3.0-or-later
// The catalog of tasks: how each is worded and scored by those who made it. Pure data; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace winnow::tasks {

enum class TaskFamily { LongBench, LongBench2, Ruler, ScBench, Needle, Demo };

/// A prompt in three parts, which stand one behind the other: what a cache may be compressed after, what is asked, and what the
/// answer begins with. Fields of the data stand in braces: {context}, {input}, {question}, {query} …
struct Wording {
    std::string_view context, question, lead;
};

/// The three parts as one text.
std::string wholePrompt(const Wording& wording);

struct TaskInfo {
    std::string_view name; ///< as its files are called
    TaskFamily family;
    std::string_view summary;
    int newTokens;                   ///< the most that are generated
    std::string_view score;          ///< of scoreKinds(); of code similarity and needles the first of several
    Wording wording = {};            ///< empty where the data bring it
    bool chat = true;                ///< put into the model's chat template, where it has one
    bool firstLine = false;          ///< only the first line of an answer counts
    std::string_view movedLead = {}; ///< the end of {input} that kvpress moves behind the question
    bool generated = false;          ///< `winnow tasks NAME --out` makes its examples, no data are needed
};

std::span<const TaskInfo> taskCatalog();

/// Null for an unknown name. Names of LongBench-E ("qasper_e", "qasper-e") are found as the tasks that they shorten.
const TaskInfo* findTask(std::string_view name);
/// Whether the name is one of LongBench-E.
bool isShortened(std::string_view name);
/// The known name that is nearest to a misspelled one.
std::string_view nearestTask(std::string_view name);

std::string_view familyTitle(TaskFamily family);
/// What a file of answers to such a task must hold, and where the data come from.
std::string_view familyNeeds(TaskFamily family);
/// Repository and commit that the rules were read in.
std::string_view familySource(TaskFamily family);

} // namespace winnow::tasks
