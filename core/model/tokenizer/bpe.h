// SPDX-License-Identifier: GPL-3.0-or-later
// Byte-pair merges (Sennrich et al. 2016) within one word: over its bytes, as GPT-2 and its kin have it, or over its characters,
// as SentencePiece has it.
#pragma once

#include "core/model/tokenizer/pair_table.h"
#include "core/model/tokenizer/token_model.h"

#include <array>
#include <memory>
#include <span>

namespace winnow {

class Bpe final : public TokenModel {
public:
    enum class Unit { Byte, Character };

    /// From the object "model" of tokenizer.json. `where` opens every error sentence. What would change the tokens and is not
    /// known here (dropout, prefixes, suffixes) is refused by name.
    static Result<std::unique_ptr<const TokenModel>> parse(const nlohmann::json& model, Unit unit, const std::string& where);

    /// SentencePiece's: two pieces merge when together they are an entry that takes part, the highest score first, of equals the
    /// leftmost. Unknown characters become bytes ("<0x0A>") where `vocabulary` has all 256, otherwise `unknown` (joined to one).
    static std::unique_ptr<const TokenModel> byScore(Vocabulary vocabulary, std::span<const float> scores,
                                                     const std::vector<bool>& takesPart, std::int32_t unknown);

    /// The lowest rank first, of equals the leftmost; time nearly linear in the word. What has no entry becomes its bytes'
    /// entries, the unknown token, or nothing.
    void encode(std::string_view word, std::vector<Piece>& out) const override;
    std::size_t independentPrefix(std::string_view word) const override;
    const Vocabulary& vocabulary() const override { return m_vocabulary; }

private:
    struct Merge {
        std::uint32_t rank = 0;
        std::int32_t id = 0;
    };

    Result<void> readMerges(const nlohmann::json& model, const std::string& where);
    void addMerge(std::string_view left, std::string_view right, std::int32_t leftId, std::int32_t rightId, Merge merge);
    void finish(Unit unit, bool byteFallback);
    void startBytes(std::string_view word, std::vector<Piece>& pieces) const;
    void startCharacters(std::string_view word, std::vector<Piece>& pieces) const;
    void mergeFew(std::vector<Piece>& pieces) const;
    void mergeMany(std::vector<Piece>& pieces) const;

    Vocabulary m_vocabulary;
    Unit m_unit = Unit::Byte;
    std::array<std::int32_t, 256> m_byteIds{}; // of the stand-ins, or of "<0x0A>"; −1: no entry
    PairTable<Merge> m_merges;
    std::vector<char32_t> m_beforeSpace; // last characters that a merge joins to a "▁" behind them, sorted
    bool m_spaceKnown = false;           // "▁" is an entry
    bool m_byteFallback = false;
    std::int32_t m_unknown = -1;
    bool m_fuseUnknown = false;
    bool m_ignoreMerges = false; // a word that is an entry is one token, whatever the merges say
};

} // namespace winnow
