// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/generators/hay.h"

#include "core/tasks/generators/demo_wording.h"
#include "core/tasks/generators/prose.h"
#include "core/tasks/task_catalog.h"

#include <algorithm>
#include <cmath>

namespace winnow::tasks {

namespace {

constexpr std::string_view kUsualNeedle =
    "The best thing to do in San Francisco is eat a sandwich and sit in Dolores Park on a sunny day.";
constexpr std::string_view kUsualQuestion = "The best thing to do in San Francisco is: ";
constexpr std::string_view kUsualAnswer = "eat a sandwich and sit in Dolores Park on a sunny day.";
constexpr std::string_view kOtherNeedles[] = {"The best thing to do in Lisbon is ride the yellow tram up the hill at dawn.",
                                              "The best thing to do in Oslo is walk on the roof of the opera in the snow.",
                                              "The best thing to do in Kyoto is drink tea beside the pond of the silver temple.",
                                              "The best thing to do in Nairobi is watch giraffes from the train at noon.",
                                              "The best thing to do in Quito is stand on the line with one foot on each side.",
                                              "The best thing to do in Vienna is read the papers in a cafe until it closes.",
                                              "The best thing to do in Hanoi is eat noodles on a low red stool at night."};
constexpr std::size_t kLeastHay = 16;          ///< tokens of prose below which there is no hay
constexpr std::size_t kPassage = 64, kCue = 8; ///< tokens of a repeated passage, and of it those that are given again
constexpr std::size_t kListed = 8;

struct Hidden {
    std::vector<std::pair<double, std::string>> sentences; ///< place in the hay (0 to 1) and text
    Example example;                                       ///< all but its hay and length
};

std::string filled(std::string_view wording, std::string_view field, std::string_view value)
{
    std::string text(wording);
    if (const std::size_t at = text.find(field); at != std::string::npos)
        text.replace(at, field.size(), value);
    return text;
}

Hidden hiddenNeedles(const TaskInfo& task, const HayOptions& options, double depth)
{
    std::vector<std::string> needles = options.needles;
    if (needles.empty()) {
        needles.emplace_back(kUsualNeedle);
        for (std::size_t i = 0; i + 1 < options.hidden && i < std::size(kOtherNeedles); ++i)
            needles.emplace_back(kOtherNeedles[i]);
    }
    Hidden hidden;
    for (std::size_t i = 0; i < needles.size(); ++i) {
        const double place = depth / 100 + static_cast<double>(i) / static_cast<double>(needles.size());
        hidden.sentences.emplace_back(i == 0 ? depth / 100 : place - std::floor(place), needles[i]);
    }
    const bool usual = options.needles.empty() && options.question.empty();
    hidden.example.question =
        filled(task.wording.question, "{question}", usual ? kUsualQuestion : std::string_view(options.question));
    hidden.example.lead = task.wording.lead;
    const std::string answer = !options.answer.empty() ? options.answer : usual ? std::string(kUsualAnswer) : needles.front();
    hidden.example.references = {answer};
    if (answer != needles.front())
        hidden.example.references.push_back(needles.front());
    return hidden;
}

/// The asked fact of turn 0 stands at `depth`; further turns ask for the ones behind it in the order of drawing.
Hidden hiddenFacts(std::string_view task, double depth, std::size_t turn, Draws& draws)
{
    const bool list = task == "lists";
    const auto facts = drawFacts(list ? kListed : 1, list, draws);
    const std::size_t first = list ? draws.below(facts.size()) : 0, asked = (first + turn) % facts.size();
    Hidden hidden;
    for (std::size_t i = 0; i < facts.size(); ++i) {
        const double place = i == first ? depth / 100 : static_cast<double>(draws.below(950)) / 1000;
        hidden.sentences.emplace_back(std::min(place, 0.95), facts[i].statement);
    }
    hidden.example.question = "\n\n" + facts[asked].question;
    hidden.example.references = {facts[asked].answer};
    return hidden;
}

/// Later places first, so that earlier ones stay where they are.
std::string planted(std::string hay, std::vector<std::pair<double, std::string>> sentences)
{
    std::ranges::stable_sort(sentences, [](const auto& a, const auto& b) { return a.first > b.first; });
    for (const auto& [place, sentence] : sentences)
        hay = withSentence(hay, place, sentence);
    return hay;
}

class Maker {
public:
    Maker(const TaskInfo& task, const HayOptions& options, const TokenEnds& ends) : m_task(task), m_options(options), m_ends(ends)
    {
    }

    /// All questions about one context.
    Result<std::vector<Example>> make(std::size_t length, double depth, std::size_t index)
    {
        Draws draws(m_options.seed, index);
        const auto room = static_cast<std::size_t>(m_task.newTokens);
        if (length <= room)
            return tooShort(length);
        WINNOW_TRY_VOID(needProse(length));
        WINNOW_TRY(std::vector<Example> examples,
                   m_task.name == "passages" ? passage(length - room, draws) : hidden(length - room, depth, draws));
        for (std::size_t turn = 0; turn < examples.size(); ++turn) {
            Example& example = examples[turn];
            example.task = m_task.name;
            example.index = index;
            example.turn = static_cast<int>(turn);
            example.length += room;
            example.room = length;
            example.newTokens = m_task.newTokens;
            example.seed = m_options.seed;
        }
        return examples;
    }

private:
    Result<void> needProse(std::size_t tokens)
    {
        if (!m_prose || m_prose->tokens() < 2 * tokens) {
            WINNOW_TRY(m_prose, Prose::make(m_options.hay, 2 * tokens, m_ends));
        }
        return {};
    }

    tl::unexpected<Error> tooShort(std::size_t length) const
    {
        return fail(ErrorCode::BadInput,
                    "{} does not fit into {} tokens with its question and {} tokens of an answer; choose a greater --length",
                    m_task.name, length, m_task.newTokens);
    }

    Result<std::size_t> tokensOf(const Example& example) const
    {
        WINNOW_TRY(const auto found, m_ends(example.prompt()));
        return found.size();
    }

    Hidden what(double depth, std::size_t turn, Draws draws) const
    {
        return m_task.name == "needle" ? hiddenNeedles(m_task, m_options, depth) : hiddenFacts(m_task.name, depth, turn, draws);
    }

    /// As much hay as fits with the longest question.
    Result<std::vector<Example>> hidden(std::size_t tokens, double depth, Draws& draws)
    {
        const std::size_t begin = draws.below(m_prose->tokens() / 2), turns = m_task.name == "lists" ? m_options.turns : 1;
        std::vector<Example> examples;
        for (std::size_t turn = 0; turn < turns; ++turn)
            examples.push_back(what(depth, turn, draws).example);
        const auto sentences = what(depth, 0, draws).sentences;
        for (std::size_t hay = tokens; hay >= kLeastHay;) {
            const std::string context = filled(m_task.wording.context, "{context}", planted(m_prose->cut(begin, hay), sentences));
            std::size_t longest = 0;
            for (Example& example : examples) {
                example.context = context;
                example.depth = depth;
                WINNOW_TRY(example.length, tokensOf(example));
                longest = std::max(longest, example.length);
            }
            if (longest <= tokens)
                return examples;
            hay -= std::min(hay, longest - tokens);
        }
        return tooShort(tokens + static_cast<std::size_t>(m_task.newTokens));
    }

    /// A passage, other prose, and the passage's first tokens once more.
    Result<std::vector<Example>> passage(std::size_t tokens, Draws& draws)
    {
        const std::size_t begin = draws.below(m_prose->tokens() / 2);
        const std::string text = m_prose->cut(begin, kPassage);
        WINNOW_TRY(const auto ends, m_ends(text));
        if (ends.size() <= kCue)
            return tooShort(tokens + static_cast<std::size_t>(m_task.newTokens));
        Example example;
        example.question = "\n\n" + text.substr(0, ends[kCue - 1]);
        example.references = {text.substr(ends[kCue - 1])};
        for (std::size_t between = tokens; between >= kLeastHay;) {
            example.context = text + "\n\n" + m_prose->cut(begin + 2 * kPassage, between);
            WINNOW_TRY(example.length, tokensOf(example));
            if (example.length <= tokens)
                return std::vector{example};
            between -= std::min(between, example.length - tokens);
        }
        return tooShort(tokens + static_cast<std::size_t>(m_task.newTokens));
    }

    const TaskInfo& m_task;
    const HayOptions& m_options;
    const TokenEnds& m_ends;
    std::optional<Prose> m_prose; ///< at least twice as long as the longest example so far
};

} // namespace

std::vector<double> evenDepths(std::size_t count)
{
    std::vector<double> depths;
    for (std::size_t i = 0; i < count; ++i)
        depths.push_back(count == 1 ? 50 : std::nearbyint(100.0 * static_cast<double>(i) / static_cast<double>(count - 1)));
    return depths;
}

Result<std::vector<Example>> makeHidden(std::string_view name, const HayOptions& options, const TokenEnds& ends,
                                        const JobContext& job)
{
    const TaskInfo* const task = findTask(name);
    if (task == nullptr || !task->generated || task->family == TaskFamily::Ruler)
        return fail(ErrorCode::BadInput, "'{}' is no task that is hidden in prose", name);
    if (options.turns < 1 || options.turns > kListed)
        return fail(ErrorCode::Usage, "{} questions about one context were asked for; there may be 1 to {}", options.turns,
                    kListed);
    if (!options.needles.empty() && (options.question.empty() || options.answer.empty()))
        return fail(ErrorCode::Usage, "a needle of your own needs its --question and its --answer");
    // Where no depth is named, the samples themselves go from the begin to the end.
    const bool named = !options.depths.empty();
    const std::vector<double> depths = named ? options.depths : evenDepths(options.samples);
    const std::size_t repeats = named ? options.samples : 1, all = options.lengths.size() * depths.size() * repeats;
    Maker maker(*task, options, ends);
    std::vector<Example> examples;
    std::size_t contexts = 0;
    for (const std::size_t length : options.lengths)
        for (const double depth : depths)
            for (std::size_t i = 0; i < repeats; ++i) {
                WINNOW_TRY_VOID(job.check("making examples"));
                job.report(name, static_cast<double>(contexts) / static_cast<double>(all));
                WINNOW_TRY(std::vector<Example> turns, maker.make(length, depth, contexts++));
                std::ranges::move(turns, std::back_inserter(examples));
            }
    return examples;
}

Result<std::vector<Example>> makeOneHidden(std::string_view name, const HayOptions& options, std::size_t length, double depth,
                                           std::size_t index, const TokenEnds& ends)
{
    const TaskInfo* const task = findTask(name);
    if (task == nullptr || !task->generated || task->family == TaskFamily::Ruler)
        return fail(ErrorCode::BadInput, "'{}' is no task that is hidden in prose", name);
    return Maker(*task, options, ends).make(length, depth, index);
}

} // namespace winnow::tasks
