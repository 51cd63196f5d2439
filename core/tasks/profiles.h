// SPDX-License-Identifier: GPL-3.0-or-later
// Profiles: how one evaluation of a benchmark asks and scores, where published ones differ. The same answers get different
// numbers under different profiles, so the profile stands beside every number. Pure data; any thread.
#pragma once

#include "core/tasks/score_kinds.h"
#include "core/tasks/task_catalog.h"

#include <optional>
#include <string>
#include <vector>

namespace winnow::tasks {

/// What is cut out of a prompt that is too long.
enum class Cut {
    None,         ///< nothing: it is refused, or the engine cuts as it likes
    Middle,       ///< the middle of the whole prompt; both halves are decoded and tokenized again, before the chat template
    EndOfContext, ///< of the context what does not fit, the question stays
};

enum class ChatUse { Yes, No, AsAsked };

/// Where the question stands while a cache is compressed.
enum class QuestionPlace {
    InPrompt,      ///< in the prompt: policies see it (query-aware)
    BehindContext, ///< behind the compressed context: policies do not see it
};

/// What is done to an answer before it is scored.
enum class Cleaning {
    AsItIs,
    FirstLine,         ///< line feeds at its begin go; then its first line
    FirstLineStripped, ///< blanks at its begin go; then its first line
    StrippedLeft,      ///< blanks at its begin go
    UpToLineEnd,       ///< what stands before its first line feed, where generation stops; blanks at both ends go
    Stripped,          ///< blanks at both ends go
    ControlToLines,    ///< blanks at both ends go, control characters become line feeds, blanks at both ends go
    ControlAway,       ///< the same, but control characters go
};

struct Profile {
    std::string_view name, title, source;
    std::string_view asks;   ///< in words: prompt, cut, place of the question
    std::string_view scores; ///< in words: what differs from the benchmark's own
    std::string_view note;   ///< what to know before its numbers are compared; may be empty
};

/// How one profile asks and scores one task.
struct TaskRule {
    Wording wording;
    bool cutPromptEnd = false;       ///< blanks at the end of the prompt go
    std::string_view movedLead = {}; ///< the end of {input} that moves behind the question
    int newTokens = 0;
    ChatUse chat = ChatUse::Yes;
    Cut cut = Cut::None;
    QuestionPlace question = QuestionPlace::InPrompt;
    std::string_view stop = {}; ///< generation ends where this is said; empty: at the model's own end
    Cleaning cleaning = Cleaning::AsItIs;
    std::vector<const ScoreKind*> scores;
};

std::span<const Profile> profiles();
const Profile* findProfile(std::string_view name); ///< null for an unknown name
std::string_view nearestProfile(std::string_view name);

/// Nothing where the profile has no such task. `shortened`: the task is one of LongBench-E.
std::optional<TaskRule> ruleOf(const Profile& profile, const TaskInfo& task, bool shortened = false);

Characters cleaned(CharactersView answer, Cleaning cleaning);

std::string_view cutTitle(Cut cut);
std::string_view chatTitle(ChatUse chat);
std::string_view questionTitle(QuestionPlace place);
std::string_view cleaningTitle(Cleaning cleaning);

/// How many tokens stay at the begin and at the end of `count` tokens of which `most` may stay.
struct KeptTokens {
    std::size_t head = 0, tail = 0;
};
/// For Cut::Middle of LongBench an odd `most` loses a token; `second`: LongBench v2, where it goes to the end. `count` and `most`
/// are those of the context for Cut::EndOfContext.
KeptTokens keptTokens(Cut cut, std::size_t count, std::size_t most, bool second = false);

} // namespace winnow::tasks
