// SPDX-License-Identifier: GPL-3.0-or-later
// Porter's stemmer for English.
#pragma once

#include <string>
#include <string_view>

namespace winnow::tasks {

/// The stem of a word in lower-case letters a to z (and digits). Source: M. F. Porter, "An algorithm for suffix stripping"
/// (1980), with the departures that NLTK's PorterStemmer takes by default, which `rouge_score` uses.
std::string porterStem(std::string_view word);

} // namespace winnow::tasks
