// SPDX-License-Identifier: GPL-3.0-or-later
// SentencePiece's tokenizers: a tokenizer.model, and what a GGUF file holds of a tokenizer.
#pragma once

#include "core/io/gguf.h"
#include "core/model/tokenizer/tokenizer.h"

#include <memory>
#include <span>
#include <string>

namespace winnow {

struct MarkOptions {
    bool begin = true; ///< the begin mark in front of every text
    bool end = false;  ///< the end mark behind it
};

/// Pure: the bytes of a tokenizer.model (a protobuf, unigram or BPE) in. Ids are those of the library sentencepiece. Its control
/// tokens ("<s>") and user-defined ones are found in the text as they stand. `where` opens every error sentence.
Result<std::shared_ptr<const Tokenizer>> parseSentencePiece(std::span<const std::byte> file, MarkOptions marks,
                                                            const std::string& where);

/// From the metadata "tokenizer.ggml.…": kinds "llama" (SentencePiece, merged by score) and "gpt2" (byte-level BPE, whose "pre"
/// says how words are split). Others are refused by name.
Result<std::shared_ptr<const Tokenizer>> ggufTokenizer(const GgufTable& table, const std::string& where);

} // namespace winnow
