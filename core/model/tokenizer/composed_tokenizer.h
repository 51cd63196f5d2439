// SPDX-License-Identifier: GPL-3.0-or-later
// The implementation of core/model/tokenizer/tokenizer.h, composed of the parts that tokenizer.json names: added tokens,
// normalizer, pre-tokenizer, model, post-processor, decoder.
#pragma once

#include "core/model/tokenizer/added_tokens.h"
#include "core/model/tokenizer/normalizer.h"
#include "core/model/tokenizer/pre_tokenizer.h"
#include "core/model/tokenizer/token_decoder.h"
#include "core/model/tokenizer/token_model.h"
#include "core/model/tokenizer/tokenizer.h"

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <unordered_map>

namespace winnow {

class ComposedTokenizer final : public Tokenizer {
public:
    /// From tokenizer.json.
    static Result<std::shared_ptr<const Tokenizer>> parse(const nlohmann::json& root, const std::string& where);

    /// From parts that were made otherwise. `before` and `after` are put around every text.
    struct Parts {
        std::unique_ptr<const TokenModel> model;
        Normalizer normalizer;
        PreTokenizer preTokenizer;
        TokenDecoder decoder;
        std::vector<AddedToken> added;
        std::vector<std::int32_t> before, after;
    };
    static Result<std::shared_ptr<const Tokenizer>> make(Parts parts);

    Result<Encoding> encode(std::string_view text, bool addSpecial) const override;
    std::string decode(std::span<const std::int32_t> ids, bool skipSpecial) const override;
    const std::string& token(std::int32_t id) const override;
    std::optional<std::int32_t> id(std::string_view token) const override;
    bool isSpecial(std::int32_t id) const override;
    int size() const override { return m_size; }
    int addedByEncode() const override { return static_cast<int>(m_parts.before.size() + m_parts.after.size()); }

private:
    class Run; // one call of encode
    explicit ComposedTokenizer(Parts parts) : m_parts(std::move(parts)) {}
    Result<void> addToken(AddedToken token);
    Result<void> readAddedTokens(const nlohmann::json& root, const std::string& where);
    Result<void> readPostProcessor(const nlohmann::json& object, const std::string& where);
    Result<void> readTemplate(const nlohmann::json& object, const std::string& where);
    const Vocabulary& vocabulary() const { return m_parts.model->vocabulary(); }

    Parts m_parts;
    AddedTokenFinder m_rawFinder, m_normalizedFinder;
    std::unordered_map<std::int32_t, AddedToken> m_added;
    int m_size = 0;
    bool m_trim = false, m_trimKeepsFirstSpace = false;
};

} // namespace winnow
