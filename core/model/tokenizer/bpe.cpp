// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/tokenizer/bpe.h"

#include "core/io/json.h"
#include "core/model/tokenizer/byte_level.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <utility>

namespace winnow {
namespace {

using nlohmann::json;

constexpr std::size_t kFew = 32;                    // pieces that are looked through faster than put in order
constexpr std::string_view kSpace = "\xE2\x96\x81"; // "▁", SentencePiece's stand-in for a space

/// One merge rule as it stands in the file: ["a", "b"] or "a b".
std::optional<std::pair<std::string, std::string>> mergeRule(const json& rule)
{
    if (rule.is_array() && rule.size() == 2 && rule[0].is_string() && rule[1].is_string())
        return std::pair(rule[0].get<std::string>(), rule[1].get<std::string>());
    if (!rule.is_string())
        return std::nullopt;
    const auto& text = rule.get_ref<const std::string&>();
    const auto space = text.find(' ');
    if (space == std::string::npos || text.find(' ', space + 1) != std::string::npos)
        return std::nullopt;
    return std::pair(text.substr(0, space), text.substr(space + 1));
}

/// Where pairs can be merged: the lowest rank first, of equals the leftmost. Places of one rank come nearly always from left to
/// right, so they are a list that grows at its end, beside a heap for those that come late; that makes long words nearly linear.
class MergeQueue {
public:
    void push(std::uint32_t rank, std::uint32_t place)
    {
        const std::uint32_t* known = m_index.find(static_cast<std::int32_t>(rank), 0);
        const auto index = known != nullptr ? *known : static_cast<std::uint32_t>(m_places.size());
        if (known == nullptr) {
            m_index.insert(static_cast<std::int32_t>(rank), 0, index);
            m_places.emplace_back();
        }
        Places& places = m_places[index];
        if (places.empty())
            m_ranks.emplace(rank, index);
        if (places.inOrder.empty() || places.inOrder.back() <= place)
            places.inOrder.push_back(place);
        else
            places.late.push(place);
    }

    /// Rank and place; nothing when all are taken.
    std::optional<std::pair<std::uint32_t, std::uint32_t>> pop()
    {
        if (m_ranks.empty())
            return std::nullopt;
        const auto [rank, index] = m_ranks.top();
        Places& places = m_places[index];
        const bool late =
            !places.late.empty() && (places.taken == places.inOrder.size() || places.late.top() < places.inOrder[places.taken]);
        const std::uint32_t place = late ? places.late.top() : places.inOrder[places.taken];
        if (late) {
            places.late.pop();
        } else if (++places.taken == places.inOrder.size()) {
            places.inOrder.clear();
            places.taken = 0;
        }
        if (places.empty())
            m_ranks.pop();
        return std::pair(rank, place);
    }

private:
    template <class Value>
    using LeastFirst = std::priority_queue<Value, std::vector<Value>, std::greater<>>;
    struct Places {
        std::vector<std::uint32_t> inOrder;
        std::size_t taken = 0;
        LeastFirst<std::uint32_t> late;
        bool empty() const { return taken == inOrder.size() && late.empty(); }
    };
    PairTable<std::uint32_t> m_index; // (rank, 0) → place in m_places
    std::vector<Places> m_places;
    LeastFirst<std::pair<std::uint32_t, std::uint32_t>> m_ranks; // those that have places, with their index
};

char32_t lastCharacter(std::string_view text)
{
    std::size_t at = text.size() - 1;
    while (at > 0 && isContinuation(text[at]))
        --at;
    return codePointAt(text, at).value;
}

} // namespace

Result<std::unique_ptr<const TokenModel>> Bpe::parse(const json& model, Unit unit, const std::string& where)
{
    if (!model.is_object())
        return fail(ErrorCode::BadInput, "{} has no object 'model'", where);
    const auto given = [&](const char* key) {
        return model.contains(key) && !model[key].is_null() && model[key] != "" && model[key] != false && model[key] != 0;
    };
    for (const char* key : {"dropout", "continuing_subword_prefix", "end_of_word_suffix"})
        if (given(key))
            return fail(ErrorCode::BadInput, "{}: the BPE option '{}' is not supported", where, key);
    auto bpe = std::make_unique<Bpe>();
    WINNOW_TRY(bpe->m_vocabulary, Vocabulary::parse(model.contains("vocab") ? model["vocab"] : json(), where));
    WINNOW_TRY_VOID(bpe->readMerges(model, where));
    bpe->m_fuseUnknown = given("fuse_unk");
    bpe->m_ignoreMerges = given("ignore_merges");
    if (given("unk_token")) {
        const auto unknown =
            model["unk_token"].is_string() ? bpe->m_vocabulary.id(model["unk_token"].get<std::string>()) : std::nullopt;
        if (!unknown)
            return fail(ErrorCode::BadInput, "{}: its 'unk_token' is not in its vocabulary", where);
        bpe->m_unknown = *unknown;
    }
    bpe->finish(unit, given("byte_fallback"));
    return bpe;
}

std::unique_ptr<const TokenModel> Bpe::byScore(Vocabulary vocabulary, std::span<const float> scores,
                                               const std::vector<bool>& takesPart, std::int32_t unknown)
{
    auto bpe = std::make_unique<Bpe>();
    bpe->m_vocabulary = std::move(vocabulary);
    bpe->m_unknown = unknown;
    bpe->m_fuseUnknown = true;
    std::vector<float> order; // a rank per score, so that equal scores stay equal
    for (std::size_t id = 0; id < scores.size(); ++id)
        if (takesPart[id])
            order.push_back(scores[id]);
    std::ranges::sort(order, std::greater<>());
    order.erase(std::unique(order.begin(), order.end()), order.end());
    for (std::size_t id = 0; id < scores.size(); ++id) {
        const std::string& whole = bpe->m_vocabulary.token(static_cast<std::int32_t>(id));
        if (!takesPart[id] || bpe->m_vocabulary.id(whole) != static_cast<std::int32_t>(id))
            continue;
        const auto rank =
            static_cast<std::uint32_t>(std::ranges::lower_bound(order, scores[id], std::greater<>()) - order.begin());
        for (std::size_t at = 1; at < whole.size(); ++at) {
            if (isContinuation(whole[at]))
                continue;
            const auto left = std::string_view(whole).substr(0, at), right = std::string_view(whole).substr(at);
            const auto leftId = bpe->m_vocabulary.id(left), rightId = bpe->m_vocabulary.id(right);
            if (leftId && rightId && takesPart[static_cast<std::size_t>(*leftId)] &&
                takesPart[static_cast<std::size_t>(*rightId)])
                bpe->addMerge(left, right, *leftId, *rightId, {rank, static_cast<std::int32_t>(id)});
        }
    }
    bpe->finish(Unit::Character, true);
    return bpe;
}

Result<void> Bpe::readMerges(const json& model, const std::string& where)
{
    if (!model.contains("merges") || !model["merges"].is_array())
        return fail(ErrorCode::BadInput, "{}: its model has no list 'merges'", where);
    std::uint32_t rank = 0;
    for (const json& each : model["merges"]) {
        const auto rule = mergeRule(each);
        if (!rule)
            return fail(ErrorCode::BadInput, "{}: merge {} is no pair of texts", where, rank);
        const auto& [first, second] = *rule;
        const auto left = m_vocabulary.id(first), right = m_vocabulary.id(second), merged = m_vocabulary.id(first + second);
        if (!left || !right || !merged || first.empty() || second.empty())
            return fail(ErrorCode::BadInput, "{}: merge {} ('{}' and '{}') uses text that is not in the vocabulary", where, rank,
                        first.substr(0, 60), second.substr(0, 60));
        addMerge(first, second, *left, *right, {rank++, *merged});
    }
    return {};
}

void Bpe::addMerge(std::string_view left, std::string_view right, std::int32_t leftId, std::int32_t rightId, Merge merge)
{
    m_merges.insert(leftId, rightId, merge);
    if (right.starts_with(kSpace))
        m_beforeSpace.push_back(lastCharacter(left));
}

void Bpe::finish(Unit unit, bool byteFallback)
{
    m_unit = unit;
    for (int byte = 0; byte < 256; ++byte) {
        const auto value = static_cast<std::uint8_t>(byte);
        m_byteIds[value] = unit == Unit::Byte ? m_vocabulary.id(byteSymbol(value)).value_or(-1) : m_vocabulary.byteId(value);
    }
    m_byteFallback = byteFallback;
    m_spaceKnown = m_vocabulary.id(kSpace).has_value();
    std::ranges::sort(m_beforeSpace);
    m_beforeSpace.erase(std::unique(m_beforeSpace.begin(), m_beforeSpace.end()), m_beforeSpace.end());
}

std::size_t Bpe::independentPrefix(std::string_view word) const
{
    if (m_unit == Unit::Byte || m_ignoreMerges || !m_spaceKnown)
        return word.size();
    // No merge reaches across the start of a run of "▁", unless there is a rule for the character before it.
    for (std::size_t at = word.find(kSpace, 1); at < word.size(); at = word.find(kSpace, at + kSpace.size())) {
        const std::string_view before = word.substr(0, at);
        if (!before.ends_with(kSpace) && !std::ranges::binary_search(m_beforeSpace, lastCharacter(before)))
            return at;
    }
    return word.size();
}

void Bpe::startBytes(std::string_view word, std::vector<Piece>& pieces) const
{
    bool lastUnknown = false;
    for (std::uint32_t at = 0; at < word.size(); ++at) {
        const std::int32_t known = m_byteIds[static_cast<unsigned char>(word[at])];
        if (known >= 0) {
            pieces.push_back({known, at, at + 1});
        } else if (m_unknown >= 0) {
            if (lastUnknown && m_fuseUnknown)
                pieces.back().end = at + 1;
            else
                pieces.push_back({m_unknown, at, at + 1});
        }
        lastUnknown = known < 0;
    }
}

void Bpe::startCharacters(std::string_view word, std::vector<Piece>& pieces) const
{
    bool lastUnknown = false;
    for (std::uint32_t at = 0; at < word.size();) {
        const auto end =
            std::min(at + static_cast<std::uint32_t>(codePointAt(word, at).bytes), static_cast<std::uint32_t>(word.size()));
        const auto bytes = [&](auto&& each) {
            for (std::uint32_t i = at; i < end; ++i)
                if (!each(i, m_byteIds[static_cast<unsigned char>(word[i])]))
                    return false;
            return true;
        };
        bool unknown = false;
        if (const auto known = m_vocabulary.id(word.substr(at, end - at))) {
            pieces.push_back({*known, at, end});
        } else if (m_byteFallback && bytes([](std::uint32_t, std::int32_t id) { return id >= 0; })) {
            bytes([&](std::uint32_t i, std::int32_t id) {
                pieces.push_back({id, i, i + 1});
                return true;
            });
        } else if (m_unknown >= 0) {
            unknown = true;
            if (lastUnknown && m_fuseUnknown)
                pieces.back().end = end;
            else
                pieces.push_back({m_unknown, at, end});
        }
        lastUnknown = unknown;
        at = end;
    }
}

void Bpe::encode(std::string_view word, std::vector<Piece>& out) const
{
    if (m_ignoreMerges)
        if (const auto whole = m_vocabulary.id(m_unit == Unit::Byte ? symbolsOfBytes(word) : std::string(word))) {
            out.push_back({*whole, 0, static_cast<std::uint32_t>(word.size())});
            return;
        }
    std::vector<Piece> pieces;
    pieces.reserve(word.size());
    if (m_unit == Unit::Byte)
        startBytes(word, pieces);
    else
        startCharacters(word, pieces);
    if (pieces.size() <= kFew)
        mergeFew(pieces);
    else
        mergeMany(pieces);
    out.insert(out.end(), pieces.begin(), pieces.end());
}

void Bpe::mergeFew(std::vector<Piece>& pieces) const
{
    std::array<const Merge*, kFew> next{}; // of each piece with the one behind it
    const auto look = [&](std::size_t left) {
        next[left] = left + 1 < pieces.size() ? m_merges.find(pieces[left].id, pieces[left + 1].id) : nullptr;
    };
    for (std::size_t i = 0; i < pieces.size(); ++i)
        look(i);
    for (;;) {
        std::size_t best = kFew;
        for (std::size_t i = 0; i < pieces.size(); ++i)
            if (next[i] != nullptr && (best == kFew || next[i]->rank < next[best]->rank))
                best = i;
        if (best == kFew)
            return;
        pieces[best] = {next[best]->id, pieces[best].begin, pieces[best + 1].end};
        pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(best) + 1);
        std::copy(next.begin() + best + 2, next.end(), next.begin() + best + 1);
        look(best);
        if (best > 0)
            look(best - 1);
    }
}

void Bpe::mergeMany(std::vector<Piece>& pieces) const
{
    const auto count = static_cast<std::uint32_t>(pieces.size());
    constexpr std::uint32_t kNone = ~std::uint32_t{0};
    std::vector<std::uint32_t> before(count), after(count); // pieces keep their place, merged ones are skipped over
    std::vector<const Merge*> next(count);                  // of each piece with the one behind it
    MergeQueue queue;
    const auto look = [&](std::uint32_t left) {
        next[left] = after[left] < count ? m_merges.find(pieces[left].id, pieces[after[left]].id) : nullptr;
        if (next[left] != nullptr)
            queue.push(next[left]->rank, left);
    };
    for (std::uint32_t i = 0; i < count; ++i) {
        before[i] = i - 1; // kNone for the first
        after[i] = i + 1;
    }
    for (std::uint32_t i = 0; i < count; ++i)
        look(i);
    while (const auto best = queue.pop()) {
        const auto [rank, left] = *best;
        if (next[left] == nullptr || next[left]->rank != rank)
            continue; // one of the two was merged otherwise since
        const std::uint32_t right = after[left];
        pieces[left] = {next[left]->id, pieces[left].begin, pieces[right].end};
        next[right] = nullptr;
        after[left] = after[right];
        if (after[left] < count)
            before[after[left]] = left;
        if (before[left] != kNone)
            look(before[left]);
        look(left);
    }
    std::uint32_t kept = 0;
    for (std::uint32_t i = 0; i < count; i = after[i])
        pieces[kept++] = pieces[i];
    pieces.resize(kept);
}

} // namespace winnow
