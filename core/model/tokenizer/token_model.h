// SPDX-License-Identifier: GPL-3.0-or-later
// What turns one word into tokens, after the normalizer and the pre-tokenizer: the object "model" of tokenizer.json.
#pragma once

#include "core/model/tokenizer/vocabulary.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace winnow {

/// Immutable; any thread may use it.
class TokenModel {
public:
    /// One piece of a word: its id and its byte range in the word.
    struct Piece {
        std::int32_t id = 0;
        std::uint32_t begin = 0, end = 0;
    };

    virtual ~TokenModel() = default;

    /// Appends the pieces of `word`, which is not empty and, unless words are bytes to the model, valid UTF-8.
    virtual void encode(std::string_view word, std::vector<Piece>& out) const = 0;

    /// How many bytes from the start of `word` can be encoded apart from the rest without changing a token; at least 1. Lets long
    /// words be cut into short ones, which repeat.
    virtual std::size_t independentPrefix(std::string_view word) const { return word.size(); }

    virtual const Vocabulary& vocabulary() const = 0;
};

} // namespace winnow
