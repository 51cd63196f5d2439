// SPDX-License-Identifier: GPL-3.0-or-later
// Byte-pair merges against the loop that looks at all pairs before every merge.
#include "core/model/tokenizer/bpe.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace winnow {
namespace {

using Texts = std::vector<std::string>;

/// Merges the pair with the highest score, of equals the leftmost, until none is an entry.
Texts obvious(const std::string& word, const std::map<std::string, float>& scores)
{
    Texts pieces;
    for (const char c : word)
        pieces.emplace_back(1, c);
    for (;;) {
        std::size_t best = pieces.size();
        for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
            const auto joined = scores.find(pieces[i] + pieces[i + 1]);
            if (joined != scores.end() && (best == pieces.size() || joined->second > scores.at(pieces[best] + pieces[best + 1])))
                best = i;
        }
        if (best == pieces.size())
            return pieces;
        pieces[best] += pieces[best + 1];
        pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(best) + 1);
    }
}

TEST(Bpe, mergesWordsOfAnyLengthAsTheObviousLoopDoes)
{
    std::mt19937 random(7);
    const auto below = [&](std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random); };
    for (int round = 0; round < 30; ++round) {
        std::map<std::string, float> scores;
        Texts entries{"a", "b", "c"};
        for (int i = 0; i < 40; ++i)
            entries.push_back(entries[below(entries.size())] + entries[below(entries.size())]);
        Vocabulary vocabulary;
        std::vector<float> all;
        for (const std::string& entry : entries) {
            const float score = scores.try_emplace(entry, -static_cast<float>(below(6))).first->second; // many are equal
            vocabulary.add(entry);
            all.push_back(score);
        }
        const auto bpe = Bpe::byScore(std::move(vocabulary), all, std::vector<bool>(all.size(), true), -1);
        for (const std::size_t length : {1, 2, 3, 7, 31, 32, 33, 34, 70, 300}) {
            std::string word;
            while (word.size() < length)
                word += below(4) == 0 ? entries[below(entries.size())] : std::string(1 + below(9), "abc"[below(3)]);
            word.resize(length);
            std::vector<TokenModel::Piece> pieces;
            bpe->encode(word, pieces);
            Texts texts;
            for (const TokenModel::Piece& piece : pieces) {
                texts.push_back(word.substr(piece.begin, piece.end - piece.begin));
                EXPECT_EQ(bpe->vocabulary().token(piece.id), texts.back());
            }
            EXPECT_EQ(texts, obvious(word, scores)) << word;
        }
    }
}

TEST(PairTable, findsWhatWasPutIn)
{
    PairTable<int> table;
    std::map<std::pair<std::int32_t, std::int32_t>, int> all;
    std::mt19937 random(8);
    for (int i = 0; i < 5000; ++i) {
        const auto first = static_cast<std::int32_t>(random() % 300), second = static_cast<std::int32_t>(random() >> 1);
        table.insert(first, i % 2 ? second : second % 40, i);
        all[{first, i % 2 ? second : second % 40}] = i;
    }
    for (const auto& [key, value] : all) {
        ASSERT_NE(table.find(key.first, key.second), nullptr);
        EXPECT_EQ(*table.find(key.first, key.second), value);
    }
    EXPECT_EQ(table.find(300, 1), nullptr);
}

} // namespace
} // namespace winnow
