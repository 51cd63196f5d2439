// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/generators/ruler.h"

#include "core/tasks/generators/ruler_parts.h"
#include "core/tasks/generators/word_lists.h"
#include "core/tasks/ruler_wording.h"

#include <algorithm>

namespace winnow::tasks {

namespace {

using MakeText = std::function<RulerText(std::size_t units, Draws& draws)>;

constexpr std::size_t kLong = 4096;           // from which on steps and lists are larger
constexpr std::size_t kExampleTokens = 500;   // of the example before a chain
constexpr std::uint64_t kSearch = 1ULL << 40; // the stream of draws that looks for a size

struct Maker {
    MakeText make;
    std::size_t least = 1; ///< the fewest units of an example, and the step by which one that came out too long shrinks
    std::size_t most = std::size_t{1} << 32; ///< more units make no longer text
};

Result<std::size_t> tokensOf(const RulerText& text, const TokenCount& count)
{
    return count(text.context + text.question + text.lead);
}

/// The most units with which a text has at most `tokens` tokens, no fewer than `least`; nothing where not even those fit.
Result<std::optional<std::size_t>> mostUnits(const Maker& maker, std::size_t tokens, std::uint64_t seed, const TokenCount& count)
{
    const auto fits = [&](std::size_t units) -> Result<bool> {
        Draws draws(seed, kSearch + units);
        WINNOW_TRY(const std::size_t found, tokensOf(maker.make(units, draws), count));
        return found <= tokens;
    };
    WINNOW_TRY(const bool any, fits(maker.least));
    if (!any)
        return std::optional<std::size_t>();
    std::size_t low = maker.least, high = maker.most + 1; // fits, does not fit (or is too many)
    for (std::size_t units = 2 * low; units < high; units *= 2) {
        WINNOW_TRY(const bool more, fits(units));
        (more ? low : high) = units;
    }
    while (high - low > 1) {
        const std::size_t middle = low + (high - low) / 2;
        WINNOW_TRY(const bool more, fits(middle));
        (more ? low : high) = middle;
    }
    return std::optional(low);
}

Result<Maker> makerOf(const TaskInfo& task, const RulerOptions& options, std::size_t tokens, const TokenCount& count)
{
    const bool small = options.length < kLong;
    if (task.name.starts_with("niah")) {
        const bool among = task.name != "niah_single_1", uuids = task.name == "niah_multikey_3";
        return Maker{[wording = task.wording, among, uuids](std::size_t units, Draws& draws) {
                         return needleText(wording, units, among, uuids, draws);
                     },
                     small ? std::size_t{5} : 25};
    }
    if (task.name == "vt") {
        Draws draws(options.seed, kSearch);
        const MakeText shown = [](std::size_t units, Draws& own) { return RulerText{chainExample(units, own).text, {}, {}, {}}; };
        WINNOW_TRY(const auto sentences, mostUnits({shown, 5}, kExampleTokens, options.seed, count));
        return Maker{[example = chainExample(sentences.value_or(5), draws)](std::size_t units, Draws& own) {
                         return chainText(units, example, own);
                     },
                     small ? std::size_t{5} : 10};
    }
    if (task.name == "cwe") {
        // As many words as could be listed, so that pairs of words come in only where plain ones do not suffice.
        auto vocabulary = options.words.empty() ? wordsForLists(tokens / (small ? 4 : 12)) : options.words;
        if (vocabulary.size() < 40)
            return fail(ErrorCode::BadInput, "cwe needs 40 different words, {} were given", vocabulary.size());
        const std::size_t most = vocabulary.size();
        return Maker{[small, vocabulary = std::move(vocabulary)](std::size_t units, Draws& draws) {
                         return commonWordsText(units, small, vocabulary, draws);
                     },
                     10, most};
    }
    const std::size_t vocabulary = std::max<std::size_t>(4, tokens / 50);
    return Maker{[vocabulary](std::size_t units, Draws& draws) { return codedText(units, vocabulary, draws); },
                 std::max<std::size_t>(30, tokens / 32)};
}

} // namespace

Result<std::vector<Example>> makeRuler(std::string_view name, const RulerOptions& options, const TokenCount& count,
                                       const JobContext& job)
{
    const TaskInfo* const task = findTask(name);
    if (task == nullptr || task->family != TaskFamily::Ruler || !task->generated)
        return fail(ErrorCode::BadInput, "'{}' is no task of RULER's that is made here", name);
    const auto room = static_cast<std::size_t>(task->newTokens);
    const std::size_t tokens = options.length > room ? options.length - room : 0;
    WINNOW_TRY(const Maker maker, makerOf(*task, options, tokens, count));
    WINNOW_TRY(const auto units, mostUnits(maker, tokens, options.seed, count));
    if (!units)
        return fail(ErrorCode::BadInput,
                    "{} does not fit into {} tokens, {} of which are for the answer; choose a greater --length", name,
                    options.length, room);
    std::vector<Example> examples;
    for (std::size_t i = 0; i < options.samples; ++i) {
        WINNOW_TRY_VOID(job.check("making examples"));
        job.report(name, static_cast<double>(i) / static_cast<double>(options.samples));
        for (std::size_t size = *units;; size = std::max(maker.least, size - std::min(size, maker.least))) {
            Draws draws(options.seed, i);
            RulerText text = maker.make(size, draws);
            WINNOW_TRY(const std::size_t found, tokensOf(text, count));
            if (found > tokens && size > maker.least)
                continue;
            if (found > tokens)
                return fail(ErrorCode::BadInput, "example {} of {} does not fit into {} tokens; choose a greater --length", i,
                            name, options.length);
            Example& example = examples.emplace_back();
            example.task = name;
            example.index = i;
            example.context = std::move(text.context);
            example.question = std::move(text.question);
            example.lead = std::move(text.lead);
            example.references = std::move(text.references);
            example.length = found + room;
            example.room = options.length;
            example.newTokens = task->newTokens;
            example.seed = options.seed;
            break;
        }
    }
    return examples;
}

} // namespace winnow::tasks
