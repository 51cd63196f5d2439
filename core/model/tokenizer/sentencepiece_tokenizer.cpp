// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/tokenizer/sentencepiece_tokenizer.h"

#include "core/io/json_members.h"
#include "core/io/mistaken_file.h"
#include "core/model/tokenizer/bpe.h"
#include "core/model/tokenizer/byte_level.h"
#include "core/model/tokenizer/charsmap.h"
#include "core/model/tokenizer/composed_tokenizer.h"
#include "core/model/tokenizer/unigram.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <optional>

namespace winnow {
namespace {

using nlohmann::json;

enum class Kind { Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Unused = 5, Byte = 6 };

struct Piece {
    std::string text;
    float score = 0;
    Kind kind = Kind::Normal;
};

struct Spec {
    std::vector<Piece> pieces;
    bool bpe = false;
    std::string charsmap;
    bool prepends = true, trims = true;
    std::int64_t unknown = 0, begin = 1, end = 2; ///< ids; −1: none
};

/// One field of a protobuf message: a number, or bytes.
struct Field {
    std::uint32_t number = 0;
    std::uint64_t value = 0;
    std::string_view bytes;
};

/// Calls `each` for every field of `message`; false when it is no protobuf.
template <class Each>
bool forFields(std::string_view message, Each each)
{
    std::size_t at = 0;
    const auto varint = [&]() -> std::optional<std::uint64_t> {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 64 && at < message.size(); shift += 7) {
            const auto byte = static_cast<unsigned char>(message[at++]);
            value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
            if (byte < 0x80)
                return value;
        }
        return std::nullopt;
    };
    while (at < message.size()) {
        const auto key = varint();
        if (!key || *key >> 3 == 0 || *key >> 3 > 0x1FFFFFFF)
            return false;
        Field field{static_cast<std::uint32_t>(*key >> 3)};
        const auto wire = *key & 7;
        if (wire == 0) {
            const auto value = varint();
            if (!value)
                return false;
            field.value = *value;
        } else if (wire == 2) {
            const auto length = varint();
            if (!length || *length > message.size() - at)
                return false;
            field.bytes = message.substr(at, *length);
            at += *length;
        } else if (wire == 1 || wire == 5) {
            const std::size_t length = wire == 1 ? 8 : 4;
            if (length > message.size() - at)
                return false;
            std::memcpy(&field.value, message.data() + at, length);
            at += length;
        } else {
            return false;
        }
        each(field);
    }
    return true;
}

std::optional<Spec> readSpec(std::string_view file)
{
    Spec spec;
    bool good = true;
    int model = 1;
    good = forFields(file,
                     [&](const Field& part) {
                         if (part.number == 1) {
                             Piece& piece = spec.pieces.emplace_back();
                             good = forFields(part.bytes,
                                              [&](const Field& field) {
                                                  if (field.number == 1)
                                                      piece.text = field.bytes;
                                                  else if (field.number == 2)
                                                      piece.score = std::bit_cast<float>(static_cast<std::uint32_t>(field.value));
                                                  else if (field.number == 3)
                                                      piece.kind = static_cast<Kind>(std::min<std::uint64_t>(field.value, 7));
                                              }) &&
                                    good;
                         } else if (part.number == 2) {
                             good = forFields(part.bytes,
                                              [&](const Field& field) {
                                                  const auto id = static_cast<std::int32_t>(field.value);
                                                  if (field.number == 3)
                                                      model = id;
                                                  else if (field.number == 40)
                                                      spec.unknown = id;
                                                  else if (field.number == 41)
                                                      spec.begin = id;
                                                  else if (field.number == 42)
                                                      spec.end = id;
                                              }) &&
                                    good;
                         } else if (part.number == 3) {
                             good = forFields(part.bytes,
                                              [&](const Field& field) {
                                                  if (field.number == 2)
                                                      spec.charsmap = field.bytes;
                                                  else if (field.number == 3)
                                                      spec.prepends = field.value != 0;
                                                  else if (field.number == 4)
                                                      spec.trims = field.value != 0;
                                              }) &&
                                    good;
                         }
                     }) &&
           good;
    spec.bpe = model == 2;
    return good && (model == 1 || model == 2) ? std::optional(std::move(spec)) : std::nullopt;
}

json decoderOf(bool prepends)
{
    json steps =
        json::parse(R"([{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"}])");
    if (prepends)
        steps.push_back({{"type", "Strip"}, {"content", " "}, {"start", 1U}, {"stop", 0U}});
    return {{"type", "Sequence"}, {"decoders", steps}};
}

AddedToken addedToken(std::int32_t id, const std::string& content, Kind kind)
{
    AddedToken token;
    token.id = id;
    token.content = content;
    token.special = kind != Kind::UserDefined;
    return token;
}

bool isFound(Kind kind) { return kind == Kind::Control || kind == Kind::UserDefined || kind == Kind::Unknown; }

Result<std::shared_ptr<const Tokenizer>> build(Spec spec, MarkOptions marks, const std::string& where)
{
    if (spec.pieces.empty() || spec.pieces.size() > kMaxTokenId)
        return fail(ErrorCode::BadInput, "{}: its vocabulary has {} entries; from 1 to {} are read", where, spec.pieces.size(),
                    kMaxTokenId);
    ComposedTokenizer::Parts parts;
    Vocabulary vocabulary;
    std::vector<float> scores;
    std::vector<bool> takesPart;
    for (std::size_t i = 0; i < spec.pieces.size(); ++i) {
        const Piece& piece = spec.pieces[i];
        if (piece.text.empty() || firstInvalidUtf8(piece.text) || !std::isfinite(piece.score))
            return fail(ErrorCode::BadInput, "{}: entry {} of its vocabulary is empty, no UTF-8, or has no finite score", where,
                        i);
        vocabulary.add(piece.text);
        scores.push_back(piece.score);
        takesPart.push_back(piece.kind == Kind::Normal);
        if (isFound(piece.kind))
            parts.added.push_back(addedToken(static_cast<std::int32_t>(i), piece.text, piece.kind));
    }
    const auto known = [&](std::int64_t id) { return id >= 0 && id < static_cast<std::int64_t>(spec.pieces.size()); };
    const auto unknown = static_cast<std::int32_t>(known(spec.unknown) ? spec.unknown : -1);
    if (spec.bpe) {
        parts.model = Bpe::byScore(std::move(vocabulary), scores, takesPart, unknown);
    } else {
        takesPart.flip();
        parts.model = Unigram::make(std::move(vocabulary), {scores.begin(), scores.end()},
                                    {.unknown = unknown, .byteFallback = true, .skipped = std::move(takesPart)});
    }
    std::shared_ptr<const Charsmap> map;
    if (!spec.charsmap.empty()) {
        WINNOW_TRY(Charsmap read, Charsmap::parse(spec.charsmap, where));
        map = std::make_shared<const Charsmap>(std::move(read));
    }
    parts.normalizer = Normalizer::sentencePiece(std::move(map), spec.trims, spec.prepends);
    WINNOW_TRY(parts.decoder, TokenDecoder::parse(decoderOf(spec.prepends), where));
    if (marks.begin && known(spec.begin))
        parts.before.push_back(static_cast<std::int32_t>(spec.begin));
    if (marks.end && known(spec.end))
        parts.after.push_back(static_cast<std::int32_t>(spec.end));
    return ComposedTokenizer::make(std::move(parts));
}

// --- GGUF -----------------------------------------------------------------------------------------------------------------

constexpr const char* kLlama3 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr const char* kQwen2 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

constexpr const char* kGpt4o =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|)"
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}|)"
    R"( ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr const char* kTekken = R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|)"
                                R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}|)"
                                R"( ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

/// The names that llama.cpp splits as Llama 3; their files leave a begin mark unsaid and mean one.
bool isLlama3(std::string_view name)
{
    static constexpr std::array<std::string_view, 9> kNames{"llama-bpe", "llama3",   "llama-v3", "falcon3",     "falcon-h1",
                                                            "pixtral",   "midm-2.0", "lfm2",     "jina-v5-nano"};
    return std::ranges::find(kNames, name) != kNames.end();
}

/// The pre-tokenizer that llama.cpp has for a name; null for one that is not known here.
json preTokenizer(std::string_view name)
{
    const json plain = {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", true}};
    const json last = {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}};
    const auto sequence = [](json first, json second) {
        return json{{"type", "Sequence"}, {"pretokenizers", json::array({std::move(first), std::move(second)})}};
    };
    const auto split = [&](const char* pattern) {
        return sequence({{"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Isolated"}}, last);
    };
    if (name == "gpt-2" || name == "phi-2" || name == "olmo" || name == "default" || name.empty())
        return plain;
    if (name == "smollm" || name == "refact" || name == "starcoder") // refact: Granite 3
        return sequence({{"type", "Digits"}, {"individual_digits", true}}, plain);
    if (name == "falcon")
        return {{"type", "Sequence"},
                {"pretokenizers",
                 json::array({{{"type", "Punctuation"}, {"behavior", "Contiguous"}},
                              plain,
                              {{"type", "Digits"}, {"individual_digits", false}},
                              {{"type", "Split"}, {"pattern", {{"Regex", "[0-9][0-9][0-9]"}}}, {"behavior", "Isolated"}}})}};
    if (isLlama3(name) || name == "dbrx") // dbrx: Phi-4
        return split(kLlama3);
    if (name == "gpt-4o") // Phi-4 mini
        return split(kGpt4o);
    if (name == "tekken") // Mistral Nemo
        return split(kTekken);
    if (name == "qwen2" || name == "deepseek-r1-qwen" || name == "stablelm2")
        return split(kQwen2);
    return nullptr;
}

using Texts = std::vector<std::string_view>;
using Wholes = std::vector<std::int64_t>;

/// How a kind of tokenizer with merges cuts, joins and writes out text, as tokenizer.json says it; or the sentence for a name of
/// pre-tokenizer that is not known.
Result<json> mergingParts(std::string_view kind, std::string_view name, const std::string& where)
{
    if (kind == "gemma4") // merges characters; spaces are written "▁", and characters without a token as bytes
        return json{{"normalizer", {{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", "▁"}}},
                    {"pre_tokenizer", nullptr},
                    {"decoder", decoderOf(false)},
                    {"model", {{"type", "BPE"}, {"byte_fallback", true}, {"fuse_unk", true}}}};
    json parts = {{"pre_tokenizer", preTokenizer(name)},
                  {"decoder", {{"type", "ByteLevel"}}},
                  {"model", {{"type", "BPE"}, {"ignore_merges", isLlama3(name) || name == "tekken"}}}};
    if (parts["pre_tokenizer"].is_null())
        return fail(ErrorCode::BadInput,
                    "{}: its tokenizer splits words as '{}', which is not known; known are gpt-2, llama-bpe, qwen2, smollm, "
                    "refact, dbrx, falcon, gpt-4o, stablelm2, tekken. Open the Hugging Face folder of the model instead",
                    where, name.substr(0, 60));
    if (name == "qwen2")
        parts["normalizer"] = {{"type", "NFC"}};
    return parts;
}

Result<std::shared_ptr<const Tokenizer>> merging(std::string_view kind, const GgufTable& table, const Texts& tokens,
                                                 const Wholes* kinds, MarkOptions marks, const Spec& ids,
                                                 const std::string& where)
{
    const auto* merges = table.get<Texts>("tokenizer.ggml.merges");
    const auto* pre = table.get<std::string_view>("tokenizer.ggml.pre");
    const std::string_view name = pre != nullptr ? *pre : std::string_view();
    if (merges == nullptr)
        return fail(ErrorCode::BadInput, "{} holds a tokenizer that merges, without 'tokenizer.ggml.merges'", where);
    WINNOW_TRY(json root, mergingParts(kind, name, where));
    root["added_tokens"] = json::array();
    json& model = root["model"];
    model["vocab"] = json::object();
    model["merges"] = json::array();
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (firstInvalidUtf8(tokens[i]))
            return fail(ErrorCode::BadInput, "{}: token {} is not UTF-8", where, i);
        model["vocab"][std::string(tokens[i])] = i;
        const auto kind = kinds != nullptr ? static_cast<Kind>((*kinds)[i]) : Kind::Normal;
        if (isFound(kind))
            root["added_tokens"].push_back(
                {{"id", i}, {"content", tokens[i]}, {"special", kind != Kind::UserDefined}, {"normalized", false}});
    }
    for (const std::string_view rule : *merges) {
        if (firstInvalidUtf8(rule))
            return fail(ErrorCode::BadInput, "{}: a merge is not UTF-8", where);
        model["merges"].push_back(rule);
    }
    json single = json::array(), special = json::object();
    const auto mark = [&](const char* title, std::int64_t id) {
        single.push_back({{"SpecialToken", {{"id", title}}}});
        special[title] = {{"ids", {static_cast<std::uint64_t>(id)}}};
    };
    const auto known = [&](std::int64_t id) { return id >= 0 && id < static_cast<std::int64_t>(tokens.size()); };
    if (marks.begin && known(ids.begin))
        mark("begin", ids.begin);
    single.push_back({{"Sequence", {{"id", "A"}}}});
    if (marks.end && known(ids.end))
        mark("end", ids.end);
    root["post_processor"] = {{"type", "TemplateProcessing"}, {"single", single}, {"special_tokens", special}};
    return ComposedTokenizer::parse(root, where);
}

} // namespace

Result<std::shared_ptr<const Tokenizer>> parseSentencePiece(std::span<const std::byte> file, MarkOptions marks,
                                                            const std::string& where)
{
    const std::string_view bytes(reinterpret_cast<const char*>(file.data()), file.size());
    if (const std::string_view mistaken = mistakenFor(bytes); !mistaken.empty())
        return fail(ErrorCode::BadInput, "{} {}", where, mistaken);
    auto spec = readSpec(bytes);
    if (!spec)
        return fail(ErrorCode::BadInput, "{} is no SentencePiece model of the kinds unigram and BPE, or is damaged", where);
    return build(std::move(*spec), marks, where);
}

Result<std::shared_ptr<const Tokenizer>> ggufTokenizer(const GgufTable& table, const std::string& where)
{
    const auto* kind = table.get<std::string_view>("tokenizer.ggml.model");
    const auto* tokens = table.get<Texts>("tokenizer.ggml.tokens");
    if (kind == nullptr || tokens == nullptr)
        return fail(ErrorCode::BadInput, "{} holds no tokenizer ('tokenizer.ggml.model' and 'tokenizer.ggml.tokens')", where);
    if (tokens->empty() || tokens->size() > kMaxTokenId)
        return fail(ErrorCode::BadInput, "{}: its tokenizer has {} entries; from 1 to {} are read", where, tokens->size(),
                    kMaxTokenId);
    const auto* kinds = table.get<Wholes>("tokenizer.ggml.token_type");
    const auto* scores = table.get<std::vector<double>>("tokenizer.ggml.scores");
    if ((kinds != nullptr && kinds->size() != tokens->size()) || (scores != nullptr && scores->size() != tokens->size()))
        return fail(ErrorCode::BadInput, "{}: its tokenizer has {} entries, but another number of types or scores", where,
                    tokens->size());
    const auto flag = [&](const char* key, bool absent) {
        const bool* given = table.get<bool>(key);
        return given != nullptr ? *given : absent;
    };
    const auto id = [&](const char* key, std::int64_t absent) {
        const auto* given = table.get<std::int64_t>(key);
        return given != nullptr ? *given : absent;
    };
    // What a file leaves unsaid is what llama.cpp takes for its kind.
    const bool byScore = *kind == "llama";
    const auto* pre = table.get<std::string_view>("tokenizer.ggml.pre");
    const bool begins =
        byScore || *kind == "gemma4" || (pre != nullptr && (isLlama3(*pre) || *pre == "tekken" || *pre == "chameleon"));
    Spec spec;
    spec.bpe = true;
    spec.unknown = id("tokenizer.ggml.unknown_token_id", byScore ? 0 : -1);
    spec.begin = id("tokenizer.ggml.bos_token_id", byScore ? 1 : 11);
    spec.end = id("tokenizer.ggml.eos_token_id", byScore ? 2 : 11);
    const MarkOptions marks{.begin = flag("tokenizer.ggml.add_bos_token", begins),
                            .end = flag("tokenizer.ggml.add_eos_token", false)};
    if (*kind == "gpt2" || *kind == "gemma4")
        return merging(*kind, table, *tokens, kinds, marks, spec, where);
    if (!byScore)
        return fail(ErrorCode::BadInput, "{}: the tokenizer kind '{}' is not supported; supported are: llama, gpt2, gemma4",
                    where, kind->substr(0, 60));
    if (scores == nullptr)
        return fail(ErrorCode::BadInput, "{} holds a SentencePiece tokenizer without 'tokenizer.ggml.scores'", where);
    spec.prepends = flag("tokenizer.ggml.add_space_prefix", true);
    spec.trims = flag("tokenizer.ggml.remove_extra_whitespaces", false);
    for (std::size_t i = 0; i < tokens->size(); ++i)
        spec.pieces.push_back({std::string((*tokens)[i]), static_cast<float>((*scores)[i]),
                               kinds != nullptr ? static_cast<Kind>((*kinds)[i]) : Kind::Normal});
    return build(std::move(spec), marks, where);
}

} // namespace winnow
