// The one kind of tokenizer there is so far; what model/tokenizer.h promises, made of its parts.
#pragma once

#include "core/model/added_tokens.h"
#include "core/model/bpe.h"
#include "core/model/pre_tokenizer.h"
#include "core/model/tokenizer.h"

#include <nlohmann/json_fwd.hpp>

#include <unordered_map>

namespace winnow {

class ByteLevelTokenizer final : public Tokenizer {
public:
    static Result<std::shared_ptr<const Tokenizer>> parse(const nlohmann::json& root, const std::string& where);

    Result<Encoding> encode(std::string_view text, bool addSpecial) const override;
    std::string decode(std::span<const std::int32_t> ids, bool skipSpecial) const override;
    const std::string& token(std::int32_t id) const override;
    std::optional<std::int32_t> id(std::string_view token) const override;
    bool isSpecial(std::int32_t id) const override;
    int size() const override;
    int addedByEncode() const override { return static_cast<int>(m_before.size() + m_after.size()); }

private:
    class Run; // one call of encode
    explicit ByteLevelTokenizer(Bpe bpe) : m_bpe(std::move(bpe)) {}
    Result<void> readNormalizer(const nlohmann::json& object, const std::string& where);
    Result<void> readAddedTokens(const nlohmann::json& root, const std::string& where);
    Result<void> readPostProcessor(const nlohmann::json& object, const std::string& where);
    Result<void> readTemplate(const nlohmann::json& object, const std::string& where);

    Bpe m_bpe;
    PreTokenizer m_preTokenizer;
    bool m_compose = false; // NFC
    AddedTokenFinder m_rawFinder, m_normalizedFinder;
    std::unordered_map<std::int32_t, AddedToken> m_added;
    std::vector<std::int32_t> m_before, m_after; // what the post-processor adds
    bool m_trim = false, m_trimKeepsFirstSpace = false;
};

} // namespace winnow
