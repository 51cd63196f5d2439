// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/profiles.h"

#include "core/base/nearest.h"

#include <algorithm>

namespace winnow::tasks {

namespace {

constexpr int kGenerous = 20;      // kvpress adds so many new tokens to LongBench's
constexpr int kFactoryTokens = 64; // KVCache-Factory generates so many for every task of RULER

constexpr Profile kProfiles[] = {
    {"longbench", "LongBench itself", "THUDM/LongBench 2e00731 (2025-01-15)",
     "prompts of config/dataset2prompt.json; above the limit of a model (3,500 tokens for 4k, 7,500 for 8k, 15,500 for 16k, "
     "31,500 for 32k) the "
     "middle is cut out, before the chat template; no chat template for examples and code; greedy; samsum also stops at a line "
     "feed",
     "the benchmark's own; its requirements do not name python-Levenshtein (nor do kvpress's and lm-eval's), so difflib counts "
     "where nobody installed that",
     ""},
    {"ruler", "RULER itself", "NVIDIA/RULER c3f5e3b (2026-07-22)",
     "prompt and answer's lead as one text, made so long that it fits with what is generated; 500 examples a task, seed 42",
     "the benchmark's own; control characters become line feeds; qa counts any reference", ""},
    {"kvpress", "NVIDIA kvpress's evaluation", "NVIDIA/kvpress 8bb29b9 (2026-08-06)",
     "of the context what does not fit is cut off its end; always the chat template; LongBench's new tokens and 20 more; the "
     "question stands "
     "behind the compressed context unless query_aware is asked for",
     "blanks at the begin of an answer go, a code line's indent with them; RULER's control characters vanish; LongBench v2 takes "
     "a letter that "
     "is named anywhere; needles by ROUGE of pltrdy/rouge",
     "the first token is never held against the end of text; its leaderboard is RULER at 4,096 only"},
    {"kvcf", "KVCache-Factory (PyramidKV's code)", "Zefan-Cai/KVCache-Factory c97f9d7 (2026-07-02)",
     "LongBench's prompts and new tokens, 64 for every task of RULER; the middle is cut out above 3,950, 7,500 or 31,500 tokens; "
     "no "
     "chat template for examples, code and RULER; the question is in the prompt",
     "LongBench's, and code by python-Levenshtein, which its requirements install; RULER without any cleaning, no qa; needles by "
     "ten times a stemmed ROUGE-1, drawn by shares of words",
     "its results.csv names two rows the other way round: CAM's scores stand under L2Norm, L2Norm's under CAM"},
    {"lm-eval", "lm-evaluation-harness", "EleutherAI/lm-evaluation-harness 4e7e0d4 (2026-08-21)",
     "no cut in the tasks: the engine keeps the last tokens (vLLM's: left, right or middle); chat template as asked; prompts "
     "lose blanks at their "
     "end; tasks by examples stop at a line feed",
     "blanks at both ends of an answer go, but not of code; code skips blank lines (since version 6, 2026-08-10); RULER's qa is "
     "the mean over "
     "references, so lower; scores from 0 to 1, here times 100",
     "its LongBench scores changed from version 2 to 6 in 2025 and 2026"},
    {"scbench", "SCBench itself", "microsoft/MInference fb56c91 (2025-08-11)",
     "several questions about one context, each by itself behind the same compressed context (its SCDQ mode)",
     "the benchmark's own, by task and turn", "repoqa needs parsers of the code that is asked for, and is not scored here"},
    {"winnow", "Winnow's own", "Winnow", "needles, facts, lists and passages as `winnow tasks NAME` makes them",
     "needles by whether the answer is held; facts and lists by whether it opens what is said; passages by words at their own "
     "place",
     ""},
};

bool byExamples(const TaskInfo& task) { return task.firstLine; }
bool isCode(const TaskInfo& task) { return task.score == "code-difflib"; }

std::vector<const ScoreKind*> kinds(std::initializer_list<std::string_view> names)
{
    std::vector<const ScoreKind*> list;
    for (const std::string_view name : names)
        list.push_back(&scoreKind(name));
    return list;
}

/// The rule of those who made the task.
TaskRule ownRule(const TaskInfo& task)
{
    TaskRule rule{.wording = task.wording, .newTokens = task.newTokens, .chat = task.chat ? ChatUse::Yes : ChatUse::No};
    rule.scores = isCode(task) ? kinds({"code-difflib", "code-levenshtein"}) : kinds({task.score});
    switch (task.family) {
    case TaskFamily::LongBench:
        rule.cut = Cut::Middle;
        rule.cleaning = byExamples(task) ? Cleaning::FirstLine : Cleaning::AsItIs;
        rule.stop = task.name == "samsum" ? "\n" : std::string_view();
        break;
    case TaskFamily::LongBench2:
        rule.cut = Cut::Middle;
        break;
    case TaskFamily::Ruler:
        rule.chat = ChatUse::AsAsked; // its model_template_type
        rule.cleaning = Cleaning::ControlToLines;
        break;
    case TaskFamily::ScBench:
        rule.chat = ChatUse::AsAsked; // its use_chat_template
        rule.question = QuestionPlace::BehindContext;
        break;
    case TaskFamily::Needle:
    case TaskFamily::Demo:
        break;
    }
    return rule;
}

std::optional<TaskRule> ofKvpress(const TaskInfo& task, bool shortened)
{
    TaskRule rule = ownRule(task);
    rule.chat = ChatUse::Yes;
    rule.cut = Cut::EndOfContext;
    rule.question = QuestionPlace::BehindContext;
    rule.stop = {};
    switch (task.family) {
    case TaskFamily::LongBench:
        rule.newTokens += kGenerous;
        rule.movedLead = task.movedLead;
        if (!shortened) // of LongBench-E its answers are cleaned as LongBench does
            rule.cleaning = byExamples(task) ? Cleaning::FirstLineStripped : Cleaning::StrippedLeft;
        return rule;
    case TaskFamily::LongBench2:
        rule.newTokens = 16;
        rule.scores = kinds({"choice-any"});
        return rule;
    case TaskFamily::Ruler:
        rule.cleaning = Cleaning::ControlAway;
        return rule;
    case TaskFamily::Needle:
        rule.scores = kinds({"needle-rouge-1", "needle-rouge-2", "needle-rouge-l"});
        return rule;
    case TaskFamily::ScBench:
    case TaskFamily::Demo:
        break;
    }
    return std::nullopt;
}

std::optional<TaskRule> ofFactory(const TaskInfo& task)
{
    TaskRule rule = ownRule(task);
    switch (task.family) {
    case TaskFamily::LongBench:
        rule.stop = {};
        if (isCode(task)) // its requirements install python-Levenshtein
            rule.scores = kinds({"code-levenshtein", "code-difflib"});
        return rule;
    case TaskFamily::Ruler:
        rule.newTokens = kFactoryTokens;
        rule.chat = ChatUse::No;
        rule.cut = Cut::Middle;
        rule.cleaning = Cleaning::AsItIs;
        return task.score == "match-any" ? std::nullopt : std::optional(rule);
    case TaskFamily::Needle:
        rule.stop = "\n";
        rule.chat = ChatUse::No;
        rule.scores = kinds({"needle-stemmed", "needle-words"});
        return rule;
    case TaskFamily::LongBench2:
    case TaskFamily::ScBench:
    case TaskFamily::Demo:
        break;
    }
    return std::nullopt;
}

std::optional<TaskRule> ofHarness(const TaskInfo& task)
{
    TaskRule rule = ownRule(task);
    rule.chat = ChatUse::AsAsked;
    rule.cut = Cut::None;
    rule.stop = {};
    if (task.family == TaskFamily::Ruler) {
        rule.scores = kinds({"match-all"});
        return rule;
    }
    if (task.family != TaskFamily::LongBench)
        return std::nullopt;
    rule.cutPromptEnd = true;
    rule.stop = byExamples(task) ? "\n" : std::string_view();
    rule.cleaning = byExamples(task) ? Cleaning::UpToLineEnd : isCode(task) ? Cleaning::AsItIs : Cleaning::Stripped;
    if (isCode(task))
        rule.scores = kinds({"code-line-difflib", "code-line-levenshtein"});
    return rule;
}

} // namespace

std::span<const Profile> profiles() { return kProfiles; }

const Profile* findProfile(std::string_view name)
{
    const auto* const found = std::ranges::find(kProfiles, name, &Profile::name);
    return found == std::end(kProfiles) ? nullptr : found;
}

std::string_view nearestProfile(std::string_view name)
{
    std::vector<std::string_view> names;
    for (const Profile& profile : kProfiles)
        names.push_back(profile.name);
    return nearest(name, names);
}

std::optional<TaskRule> ruleOf(const Profile& profile, const TaskInfo& task, bool shortened)
{
    const auto own = [&](std::initializer_list<TaskFamily> families) {
        return std::ranges::find(families, task.family) == families.end() ? std::nullopt : std::optional(ownRule(task));
    };
    if (profile.name == "longbench")
        return own({TaskFamily::LongBench, TaskFamily::LongBench2});
    if (profile.name == "ruler")
        return own({TaskFamily::Ruler});
    if (profile.name == "scbench")
        return own({TaskFamily::ScBench});
    if (profile.name == "winnow")
        return own({TaskFamily::Needle, TaskFamily::Demo});
    if (profile.name == "kvpress")
        return ofKvpress(task, shortened);
    return profile.name == "kvcf" ? ofFactory(task) : ofHarness(task);
}

Characters cleaned(CharactersView answer, Cleaning cleaning)
{
    switch (cleaning) {
    case Cleaning::AsItIs:
        break;
    case Cleaning::FirstLine:
        return Characters(firstLine(withoutLeadingLines(answer)));
    case Cleaning::FirstLineStripped:
        return Characters(firstLine(strippedLeft(answer)));
    case Cleaning::StrippedLeft:
        return Characters(strippedLeft(answer));
    case Cleaning::UpToLineEnd:
        return Characters(stripped(firstLine(answer)));
    case Cleaning::Stripped:
        return Characters(stripped(answer));
    case Cleaning::ControlToLines:
    case Cleaning::ControlAway: {
        Characters text(stripped(answer));
        const auto isControl = [](char32_t character) { return character < 0x20; };
        if (cleaning == Cleaning::ControlAway)
            std::erase_if(text, isControl);
        else
            std::ranges::replace_if(text, isControl, U'\n');
        return Characters(stripped(text));
    }
    }
    return Characters(answer);
}

std::string_view cutTitle(Cut cut)
{
    constexpr std::string_view kTitles[] = {"none", "middle of the prompt", "end of the context"};
    return kTitles[static_cast<std::size_t>(cut)];
}

std::string_view chatTitle(ChatUse chat)
{
    constexpr std::string_view kTitles[] = {"yes", "no", "as asked"};
    return kTitles[static_cast<std::size_t>(chat)];
}

std::string_view questionTitle(QuestionPlace place)
{
    constexpr std::string_view kTitles[] = {"in the prompt (query-aware)", "behind the compressed context"};
    return kTitles[static_cast<std::size_t>(place)];
}

std::string_view cleaningTitle(Cleaning cleaning)
{
    constexpr std::string_view kTitles[] = {"as it is",
                                            "without line feeds at its begin, its first line",
                                            "without blanks at its begin, its first line",
                                            "without blanks at its begin",
                                            "up to its first line feed, where generation stops; without blanks at both ends",
                                            "without blanks at both ends",
                                            "without blanks at both ends, control characters made line feeds",
                                            "without blanks at both ends, without control characters"};
    return kTitles[static_cast<std::size_t>(cleaning)];
}

KeptTokens keptTokens(Cut cut, std::size_t count, std::size_t most, bool second)
{
    if (count <= most || cut == Cut::None)
        return {count, 0};
    if (cut == Cut::EndOfContext)
        return {most, 0};
    return {most / 2, second ? most - most / 2 : most / 2};
}

} // namespace winnow::tasks
