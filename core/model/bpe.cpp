#include "core/model/bpe.h"

#include "core/io/json.h"
#include "core/model/byte_level.h"

#include <algorithm>
#include <bit>
#include <queue>

namespace winnow {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMaxId = (1 << 21) - 1; // eight times the largest vocabulary there is

std::uint64_t pairKey(std::int32_t left, std::int32_t right)
{
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32 | static_cast<std::uint32_t>(right);
}

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

} // namespace

void Bpe::MergeTable::reserve(std::size_t count) { m_slots.assign(std::bit_ceil(std::max<std::size_t>(16, count * 2)), Slot{}); }

std::size_t Bpe::MergeTable::slotOf(std::uint64_t key) const
{
    std::size_t slot = key * 0x9E3779B97F4A7C15ULL >> 20 & (m_slots.size() - 1);
    while (m_slots[slot].key != key && m_slots[slot].key != kEmpty)
        slot = (slot + 1) & (m_slots.size() - 1);
    return slot;
}

void Bpe::MergeTable::insert(std::int32_t left, std::int32_t right, Merge merge)
{
    const std::uint64_t key = pairKey(left, right);
    m_slots[slotOf(key)] = {key, merge};
}

const Bpe::Merge* Bpe::MergeTable::find(std::int32_t left, std::int32_t right) const
{
    const Slot& slot = m_slots[slotOf(pairKey(left, right))];
    return slot.key == kEmpty ? nullptr : &slot.merge;
}

Result<Bpe> Bpe::parse(const json& model, const std::string& where)
{
    if (!model.is_object())
        return fail(ErrorCode::BadInput, "{} has no object 'model'", where);
    const auto given = [&](const char* key) {
        return model.contains(key) && !model[key].is_null() && model[key] != "" && model[key] != false && model[key] != 0;
    };
    for (const char* key : {"dropout", "continuing_subword_prefix", "end_of_word_suffix"})
        if (given(key))
            return fail(ErrorCode::BadInput, "{}: the BPE option '{}' is not supported", where, key);
    if (given("byte_fallback"))
        return fail(
            ErrorCode::BadInput,
            "{} is a SentencePiece-style BPE ('byte_fallback'); only byte-level BPE (GPT-2, Llama 3, Qwen) is supported so far",
            where);
    Bpe bpe;
    WINNOW_TRY_VOID(bpe.readVocabulary(model, where));
    WINNOW_TRY_VOID(bpe.readMerges(model, where));
    bpe.m_fuseUnknown = given("fuse_unk");
    bpe.m_ignoreMerges = given("ignore_merges");
    if (given("unk_token")) {
        const auto unknown = model["unk_token"].is_string() ? bpe.id(model["unk_token"].get<std::string>()) : std::nullopt;
        if (!unknown)
            return fail(ErrorCode::BadInput, "{}: its 'unk_token' is not in its vocabulary", where);
        bpe.m_unknown = *unknown;
    }
    return bpe;
}

Result<void> Bpe::readVocabulary(const json& model, const std::string& where)
{
    if (!model.contains("vocab") || !model["vocab"].is_object() || model["vocab"].empty())
        return fail(ErrorCode::BadInput, "{}: its model has no vocabulary ('vocab', text to number)", where);
    const json& vocabulary = model["vocab"];
    std::uint64_t largest = 0;
    for (const auto& [token, id] : vocabulary.items()) {
        const auto number = wholeNumber(id, kMaxId);
        if (!number)
            return fail(ErrorCode::BadInput, "{}: the id of '{}' is no whole number from 0 to {}", where, token.substr(0, 60),
                        kMaxId);
        largest = std::max(largest, *number);
    }
    m_tokens.resize(static_cast<std::size_t>(largest) + 1);
    m_ids.reserve(vocabulary.size());
    std::vector<bool> taken(m_tokens.size());
    for (const auto& [token, value] : vocabulary.items()) {
        const auto id = value.get<std::int32_t>();
        if (taken[static_cast<std::size_t>(id)])
            return fail(ErrorCode::BadInput, "{}: two entries have the id {}", where, id);
        taken[static_cast<std::size_t>(id)] = true;
        m_tokens[static_cast<std::size_t>(id)] = token;
        m_ids.emplace(token, id);
    }
    for (int byte = 0; byte < 256; ++byte)
        m_byteIds[static_cast<std::size_t>(byte)] = id(byteSymbol(static_cast<std::uint8_t>(byte))).value_or(-1);
    return {};
}

Result<void> Bpe::readMerges(const json& model, const std::string& where)
{
    if (!model.contains("merges") || !model["merges"].is_array())
        return fail(ErrorCode::BadInput, "{}: its model has no list 'merges'", where);
    const json& merges = model["merges"];
    m_merges.reserve(merges.size());
    std::uint32_t rank = 0;
    for (const json& each : merges) {
        const auto rule = mergeRule(each);
        if (!rule)
            return fail(ErrorCode::BadInput, "{}: merge {} is no pair of texts", where, rank);
        const auto left = id(rule->first), right = id(rule->second), merged = id(rule->first + rule->second);
        if (!left || !right || !merged)
            return fail(ErrorCode::BadInput, "{}: merge {} ('{}' and '{}') uses text that is not in the vocabulary", where, rank,
                        rule->first.substr(0, 60), rule->second.substr(0, 60));
        m_merges.insert(*left, *right, {rank++, *merged});
    }
    return {};
}

std::optional<std::int32_t> Bpe::id(std::string_view token) const
{
    const auto found = m_ids.find(token);
    return found == m_ids.end() ? std::nullopt : std::optional(found->second);
}

const std::string& Bpe::token(std::int32_t id) const
{
    static const std::string none;
    return id >= 0 && static_cast<std::size_t>(id) < m_tokens.size() ? m_tokens[static_cast<std::size_t>(id)] : none;
}

void Bpe::start(std::string_view word, std::vector<Piece>& pieces) const
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

void Bpe::encode(std::string_view word, std::vector<Piece>& out) const
{
    if (m_ignoreMerges)
        if (const auto whole = id(symbolsOfBytes(word))) {
            out.push_back({*whole, 0, static_cast<std::uint32_t>(word.size())});
            return;
        }
    std::vector<Piece> pieces;
    pieces.reserve(word.size());
    start(word, pieces);

    struct Candidate {
        std::uint32_t rank;
        std::int32_t left; // index of the left piece; pieces keep their index, merged ones are skipped over
        std::int32_t right;
        std::int32_t leftId, rightId; // as they were when the candidate was found: it is stale if they changed
        std::int32_t id;
        bool operator>(const Candidate& other) const { return std::pair(rank, left) > std::pair(other.rank, other.left); }
    };
    const auto count = static_cast<std::int32_t>(pieces.size());
    std::vector<std::int32_t> before(pieces.size()), after(pieces.size());
    for (std::int32_t i = 0; i < count; ++i) {
        before[static_cast<std::size_t>(i)] = i - 1;
        after[static_cast<std::size_t>(i)] = i + 1;
    }
    std::vector<Candidate> storage;
    storage.reserve(pieces.size());
    std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue(std::greater<>{}, std::move(storage));
    const auto piece = [&](std::int32_t i) -> Piece& { return pieces[static_cast<std::size_t>(i)]; };
    const auto offer = [&](std::int32_t left, std::int32_t right) {
        if (left < 0 || right >= count)
            return;
        if (const Merge* merge = m_merges.find(piece(left).id, piece(right).id))
            queue.push({merge->rank, left, right, piece(left).id, piece(right).id, merge->id});
    };
    for (std::int32_t i = 0; i + 1 < count; ++i)
        offer(i, i + 1);
    while (!queue.empty()) {
        const Candidate best = queue.top();
        queue.pop();
        if (piece(best.left).id != best.leftId || piece(best.right).id != best.rightId ||
            after[static_cast<std::size_t>(best.left)] != best.right)
            continue;
        piece(best.left).id = best.id;
        piece(best.left).end = piece(best.right).end;
        piece(best.right).id = -1;
        const std::int32_t next = after[static_cast<std::size_t>(best.right)];
        after[static_cast<std::size_t>(best.left)] = next;
        if (next < count)
            before[static_cast<std::size_t>(next)] = best.left;
        offer(before[static_cast<std::size_t>(best.left)], best.left);
        offer(best.left, next);
    }
    for (std::int32_t i = 0; i < count; i = after[static_cast<std::size_t>(i)])
        out.push_back(piece(i));
}

} // namespace winnow
