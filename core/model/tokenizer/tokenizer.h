// SPDX-License-Identifier: GPL-3.0-or-later
// A tokenizer, as Hugging Face's tokenizer.json, SentencePiece's tokenizer.model or a GGUF file describe it. Free of Torch.
#pragma once

#include "core/base/result.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace winnow {

struct Encoding {
    std::vector<std::int32_t> ids; ///< [T]
    /// [T], byte range of each token in the text. Tokens that share a character all carry its whole range; tokens that the
    /// post-processor added have the empty range 0, 0.
    std::vector<std::array<std::int32_t, 2>> offsets;
};

/// Immutable; any thread may use it. Gives the ids of the library `tokenizers`, and its offsets turned from characters into
/// bytes.
class Tokenizer {
public:
    /// `path`: a tokenizer.json, a SentencePiece tokenizer.model, a folder that holds one of them, or a .gguf file. Errors say
    /// what of it is not supported.
    static Result<std::shared_ptr<const Tokenizer>> load(const std::filesystem::path& path);
    /// From the contents of a tokenizer.json; `where` opens every error sentence.
    static Result<std::shared_ptr<const Tokenizer>> parse(std::string_view json, std::string_view where);

    virtual ~Tokenizer() = default;

    /// Linear in the text. BadInput for text that is not UTF-8 (names the byte) or larger than 1 GiB. `addSpecial`: with the
    /// tokens the post-processor adds, "<s>" in front of most.
    virtual Result<Encoding> encode(std::string_view text, bool addSpecial = true) const = 0;

    /// The bytes of the tokens, concatenated. They are the text again if it was encoded without special tokens. Valid UTF-8 only
    /// if the tokens end with whole characters. Unknown ids give nothing.
    virtual std::string decode(std::span<const std::int32_t> ids, bool skipSpecial = false) const = 0;

    /// As the vocabulary writes it ("Ġthe", "<s>"); "" for an unknown id.
    virtual const std::string& token(std::int32_t id) const = 0;
    virtual std::optional<std::int32_t> id(std::string_view token) const = 0;
    virtual bool isSpecial(std::int32_t id) const = 0;
    /// The largest id plus 1.
    virtual int size() const = 0;
    /// How many tokens encode adds to any text.
    virtual int addedByEncode() const = 0;
};

} // namespace winnow
