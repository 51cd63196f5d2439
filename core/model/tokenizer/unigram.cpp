// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/tokenizer/unigram.h"

#include "core/io/json.h"
#include "core/model/tokenizer/byte_level.h"

#include <algorithm>
#include <cmath>

namespace winnow {
namespace {

using nlohmann::json;

constexpr double kUnknownPenalty = 10; // as SentencePiece and tokenizers have it

} // namespace

Result<std::unique_ptr<const TokenModel>> Unigram::parse(const json& model, const std::string& where)
{
    if (!model.contains("vocab") || !model["vocab"].is_array() || model["vocab"].empty())
        return fail(ErrorCode::BadInput, "{}: its model has no vocabulary ('vocab', a list of pairs of text and score)", where);
    const json& list = model["vocab"];
    if (list.size() > kMaxTokenId)
        return fail(ErrorCode::BadInput, "{}: its vocabulary has {} entries, more than {}", where, list.size(), kMaxTokenId);
    Vocabulary vocabulary;
    std::vector<double> scores;
    for (const json& each : list) {
        if (!each.is_array() || each.size() != 2 || !each[0].is_string() || !each[1].is_number() ||
            !std::isfinite(each[1].get<double>()))
            return fail(ErrorCode::BadInput, "{}: entry {} of its vocabulary is no pair of text and score", where, scores.size());
        vocabulary.add(each[0].get<std::string>());
        scores.push_back(each[1].get<double>());
    }
    Options options;
    if (model.contains("unk_id") && !model["unk_id"].is_null()) {
        const auto unknown = wholeNumber(model["unk_id"], list.size() - 1);
        if (!unknown)
            return fail(ErrorCode::BadInput, "{}: its 'unk_id' is no entry of its vocabulary", where);
        options.unknown = static_cast<std::int32_t>(*unknown);
    }
    options.byteFallback = model.contains("byte_fallback") && model["byte_fallback"] == true;
    return make(std::move(vocabulary), std::move(scores), std::move(options));
}

std::unique_ptr<const TokenModel> Unigram::make(Vocabulary vocabulary, std::vector<double> scores, Options options)
{
    auto result = std::make_unique<Unigram>();
    result->m_vocabulary = std::move(vocabulary);
    result->m_scores = std::move(scores);
    result->m_options = std::move(options);
    result->m_entry.push_back(-1);
    double least = std::numeric_limits<double>::infinity();
    for (std::int32_t id = 0; id < static_cast<std::int32_t>(result->m_scores.size()); ++id) {
        const auto at = static_cast<std::size_t>(id);
        if (at < result->m_options.skipped.size() && result->m_options.skipped[at])
            continue;
        least = std::min(least, result->m_scores[at]);
        std::int32_t node = 0;
        for (const char byte : result->m_vocabulary.token(id)) {
            const auto value = static_cast<unsigned char>(byte);
            const std::int32_t* next = result->m_tree.find(node, value);
            if (next == nullptr) {
                const auto fresh = static_cast<std::int32_t>(result->m_entry.size());
                result->m_tree.insert(node, value, fresh);
                result->m_entry.push_back(-1);
                node = fresh;
            } else {
                node = *next;
            }
        }
        if (node != 0)
            result->m_entry[static_cast<std::size_t>(node)] = id; // of equal texts the last
    }
    result->m_unknownScore = (std::isfinite(least) ? least : 0) - kUnknownPenalty;
    for (int byte = 0; byte < 256; ++byte)
        result->m_byteIds.push_back(result->m_vocabulary.byteId(static_cast<std::uint8_t>(byte)));
    return result;
}

void Unigram::encode(std::string_view word, std::vector<Piece>& out) const
{
    struct Best {
        double score = 0;
        std::uint32_t begin = 0;
        std::int32_t id = -2; // −2: nothing ends here; −1: an unknown character
    };
    std::vector<Best> best(word.size() + 1);
    const auto offer = [&](std::size_t begin, std::size_t end, double score, std::int32_t id) {
        if (best[end].id == -2 || score > best[end].score)
            best[end] = {score, static_cast<std::uint32_t>(begin), id};
    };
    for (std::size_t at = 0; at < word.size();) {
        const double here = best[at].score;
        const std::size_t next = std::min(at + codePointAt(word, at).bytes, word.size());
        bool single = false;
        std::int32_t node = 0;
        for (std::size_t end = at; end < word.size();) {
            const std::int32_t* child = m_tree.find(node, static_cast<unsigned char>(word[end]));
            if (child == nullptr)
                break;
            node = *child;
            ++end;
            if (const std::int32_t id = m_entry[static_cast<std::size_t>(node)]; id >= 0) {
                offer(at, end, m_scores[static_cast<std::size_t>(id)] + here, id);
                single = single || end == next;
            }
        }
        if (!single)
            offer(at, next, m_unknownScore + here, -1);
        at = next;
    }

    std::vector<Piece> reversed;
    for (std::size_t end = word.size(); end > 0; end = best[end].begin) {
        // The unknown token's own text counts as unknown too, as in the reference.
        const std::int32_t id = best[end].id == m_options.unknown ? -1 : best[end].id;
        if (id == -1 && !reversed.empty() && reversed.back().id == -1)
            reversed.back().begin = best[end].begin;
        else
            reversed.push_back({id, best[end].begin, static_cast<std::uint32_t>(end)});
    }
    for (auto piece = reversed.rbegin(); piece != reversed.rend(); ++piece) {
        const std::string_view text = word.substr(piece->begin, piece->end - piece->begin);
        if (piece->id >= 0) {
            out.push_back(*piece);
        } else if (const auto known = m_vocabulary.id(text)) {
            out.push_back({*known, piece->begin, piece->end}); // unknown characters that together are an entry
        } else if (m_options.byteFallback &&
                   std::ranges::all_of(text, [&](char byte) { return m_byteIds[static_cast<unsigned char>(byte)] >= 0; })) {
            for (const char byte : text)
                out.push_back({m_byteIds[static_cast<unsigned char>(byte)], piece->begin, piece->end});
        } else if (m_options.unknown >= 0) {
            out.push_back({m_options.unknown, piece->begin, piece->end});
        }
    }
}

} // namespace winnow
