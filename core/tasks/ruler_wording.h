// SPDX-License-Identifier: GPL-3.0-or-later
// RULER's wording, which is part of the benchmark: scripts/data/synthetic of NVIDIA/RULER c3f5e3b (Apache License 2.0), cut into
// context, question and lead. Braces mark what is put in: {context}, {query}, {count}.
#pragma once

#include "core/tasks/task_catalog.h"

namespace winnow::tasks {

/// One value of one key: the grammar is changed by replacing "Some" by "A" and every "are" by "is", the rest stays.
inline constexpr Wording kOneNumber{
    "A special magic number is hidden within the following text. Make sure to memorize it. I will quiz you about the number "
    "afterwards.\n{context}\n",
    "What is the special magic number for {query} mentioned in the provided text?",
    " The special magic number for {query} mentioned in the provided text is"};

inline constexpr Wording kOneUuid{
    "A special magic uuid is hidden within the following text. Make sure to memorize it. I will quiz you about the uuid "
    "afterwards.\n{context}\n",
    "What is the special magic uuid for {query} mentioned in the provided text?",
    " The special magic uuid for {query} mentioned in the provided text is"};

inline constexpr Wording kManyNumbers{"Some special magic numbers are hidden within the following text. Make sure to memorize "
                                      "it. I will quiz you about the numbers "
                                      "afterwards.\n{context}\n",
                                      "What are all the special magic numbers for {query} mentioned in the provided text?",
                                      " The special magic numbers for {query} mentioned in the provided text are"};

inline constexpr Wording kVariables{
    "Memorize and track the chain(s) of variable assignment hidden in the following text.\n\n{context}\n",
    "Question: Find all variables that are assigned the value {query} in the text above.",
    " Answer: According to the chain(s) of variable assignment in the text above, {count} variables are assigned the value "
    "{query}, "
    "they are: "};

inline constexpr Wording kCommonWords{
    "Below is a numbered list of words. In these words, some appear more often than others. Memorize the ones that appear most "
    "often.\n{context}\n",
    "Question: What are the 10 most common words in the above list?",
    " Answer: The top 10 words that appear most often in the list are:"};

inline constexpr Wording kFrequentWords{
    "Read the following coded text and track the frequency of each coded word. Find the three most frequently appeared coded "
    "words. "
    "{context}\n",
    "Question: Do not provide any explanation. Please ignore the dots '....'. What are the three most frequently appeared words "
    "in the "
    "above coded text?",
    " Answer: According to the coded text above, the three most frequently appeared words are:"};

inline constexpr Wording kDocuments{"Answer the question based on the given documents. Only give me the answer and do not output "
                                    "any other words.\n\nThe following are "
                                    "given documents.\n\n{context}\n\n",
                                    "Answer the question based on the given documents. Only give me the answer and do not output "
                                    "any other words.\n\nQuestion: {query}",
                                    " Answer:"};

inline constexpr std::string_view kNeedleSentence = "One of the special magic {type} for {key} is: {value}.";
inline constexpr std::string_view kNoiseSentence =
    "The grass is green. The sky is blue. The sun is yellow. Here we go. There and back again.";

} // namespace winnow::tasks
