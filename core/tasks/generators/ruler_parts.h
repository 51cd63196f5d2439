// SPDX-License-Identifier: GPL-3.0-or-later
// The texts of RULER's tasks by size: `units` are the sentences or words that a longer example has more of.
#pragma once

#include "core/base/draws.h"
#include "core/tasks/task_catalog.h"

#include <string>
#include <vector>

namespace winnow::tasks {

struct RulerText {
    std::string context, question, lead;
    std::vector<std::string> references;
};

/// Puts the fields into a wording: {context} into its context, {query} and {count} everywhere.
RulerText worded(const Wording& wording, const std::string& context, const std::string& query, const std::string& count = {});

/// One needle among sentences that say nothing (`uuids` and `needlesOnly` false), or among other needles.
RulerText needleText(const Wording& wording, std::size_t sentences, bool needlesOnly, bool uuids, Draws& draws);

/// The example that stands before a chain, made once for all, and the chain itself: one chain of four hops among sentences.
struct ChainExample {
    std::string text;                   ///< with its answer and a line end
    std::vector<std::string> variables; ///< those that randomize() renames
};
ChainExample chainExample(std::size_t sentences, Draws& draws);
RulerText chainText(std::size_t sentences, const ChainExample& example, Draws& draws);

/// `words` different words, the first ten of which come more often than the others; before it a short example of the same.
/// `small`: below 4,096 tokens (6 and 1 times instead of 30 and 3).
RulerText commonWordsText(std::size_t words, bool small, const std::vector<std::string>& vocabulary, Draws& draws);

/// `words` coded words by a zeta distribution of exponent 2 over a vocabulary of this size; the likeliest one is "...".
RulerText codedText(std::size_t words, std::size_t vocabulary, Draws& draws);

} // namespace winnow::tasks
