// SPDX-License-Identifier: GPL-3.0-or-later
// The unigram language model of SentencePiece (Kudo 2018): the most probable way to cut a word into entries.
#pragma once

#include "core/model/tokenizer/pair_table.h"
#include "core/model/tokenizer/token_model.h"

#include <memory>

namespace winnow {

class Unigram final : public TokenModel {
public:
    /// From the object "model" of tokenizer.json. `where` opens every error sentence.
    static Result<std::unique_ptr<const TokenModel>> parse(const nlohmann::json& model, const std::string& where);

    struct Options {
        std::int32_t unknown = -1; ///< −1: none; a text with an unknown character then has no tokens for it
        bool byteFallback = false; ///< unknown characters become "<0x0A>" where the vocabulary has all of their bytes
        std::vector<bool> skipped; ///< by id; entries that no text gives
    };
    /// `scores`: log probability by id.
    static std::unique_ptr<const TokenModel> make(Vocabulary vocabulary, std::vector<double> scores, Options options);

    /// Viterbi, linear in the word times the longest entry. Characters that no entry of one character covers cost 10 more than
    /// the least probable entry; neighbors of that kind become one unknown token.
    void encode(std::string_view word, std::vector<Piece>& out) const override;
    const Vocabulary& vocabulary() const override { return m_vocabulary; }

private:
    Vocabulary m_vocabulary;
    std::vector<double> m_scores;
    double m_unknownScore = 0;
    Options m_options;
    std::vector<std::int32_t> m_byteIds;
    PairTable<std::int32_t> m_tree;    // (node, byte) → node; the root is 0
    std::vector<std::int32_t> m_entry; // by node: the id that ends there; −1: none
};

} // namespace winnow
