// SPDX-License-Identifier: GPL-3.0-or-later
// What the fuzzers of the model's files call with arbitrary bytes, and tests/model/config/mutation_test.cpp with mutated seeds.
// Each returns normally for any input, or stops at a broken promise.
#pragma once

#include "core/base/check.h"
#include "core/io/gguf.h"
#include "core/io/json.h"
#include "core/io/safetensors.h"
#include "core/model/chat/conversation.h"
#include "core/model/chat/jinja/program.h"
#include "core/model/config/gguf_config.h"
#include "core/model/config/model_config.h"
#include "core/model/families/read_config.h"
#include "core/model/tokenizer/byte_level.h"
#include "core/model/tokenizer/sentencepiece_tokenizer.h"
#include "core/model/tokenizer/tokenizer.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace winnow {

inline std::string_view asText(const std::uint8_t* data, std::size_t size) { return {reinterpret_cast<const char*>(data), size}; }

/// Any bytes: a document, or an error. What is accepted is accepted again when it is written out.
inline void fuzzJson(const std::uint8_t* data, std::size_t size)
{
    const JsonLimits limits{.maxBytes = 1 << 20, .maxValues = 100'000, .maxDepth = 32};
    const auto parsed = parseJson(asText(data, size), "input", limits);
    if (parsed)
        WINNOW_CHECK(parseJson(parsed->dump(), "output", {}).has_value(), "not read back");
    else
        WINNOW_CHECK(!parsed.error().message.empty(), "an error without a sentence");
}

/// A config.json: a model whose numbers fit together, or an error.
inline void fuzzConfig(const std::uint8_t* data, std::size_t size)
{
    const auto config = parseModelConfig(asText(data, size), "input");
    if (!config) {
        WINNOW_CHECK(!config.error().message.empty(), "an error without a sentence");
        return;
    }
    WINNOW_CHECK(config->family != nullptr && config->layers > 0 && config->vocabulary > 0 && config->headDim > 0, "no model");
    WINNOW_CHECK(config->keyHeads > 0 && config->queryHeads % config->keyHeads == 0, "{} of {} heads", config->keyHeads,
                 config->queryHeads);
    WINNOW_CHECK(config->perLayer.size() == static_cast<std::size_t>(config->layers), "{} layers", config->perLayer.size());
    for (const LayerConfig& layer : config->perLayer)
        WINNOW_CHECK(layer.rotary >= -1 && layer.rotary < static_cast<int>(config->rotaries.size()) && layer.window >= 0,
                     "rotary {}", layer.rotary);
    WINNOW_CHECK(config->cacheBytesPerToken(4) > 0, "{} bytes", config->cacheBytesPerToken(4));
    (void)config->checkLength(1 << 30);
}

/// A chat template, a NUL byte, and a conversation.
inline void fuzzChat(const std::uint8_t* data, std::size_t size)
{
    const std::string_view all = asText(data, size);
    const std::size_t middle = std::min(all.find('\0'), size);
    if (firstInvalidUtf8(all.substr(0, middle)))
        return; // refused where templates are read
    const auto program = jinja::Program::read(all.substr(0, middle), "input");
    if (!program) {
        WINNOW_CHECK(!program.error().message.empty(), "an error without a sentence");
        return;
    }
    const std::string_view rest = all.substr(std::min(middle + 1, size));
    const auto conversation = conversationIn(firstInvalidUtf8(rest) ? "" : rest);
    nlohmann::ordered_json variables{{"bos_token", "<s>"}, {"add_generation_prompt", true}};
    if (conversation) {
        WINNOW_CHECK(!conversation->messages.empty(), "no message");
        variables["messages"] = conversation->messages;
        variables["tools"] = conversation->tools;
        variables.update(conversation->variables);
    }
    const jinja::Limits limits{.steps = 200'000, .bytes = 16 << 20, .output = 1 << 20};
    const auto text = program->render(variables, std::tm{.tm_mday = 1, .tm_year = 126}, limits);
    if (text)
        WINNOW_CHECK(text->size() <= limits.output && !firstInvalidUtf8(*text), "{} bytes, or no UTF-8", text->size());
    else
        WINNOW_CHECK(!text.error().message.empty(), "an error without a sentence");
}

/// The bytes of a whole file: tensors that cover the data exactly once, or an error.
inline void fuzzSafetensors(const std::uint8_t* data, std::size_t size)
{
    const auto table = parseSafetensors(std::as_bytes(std::span(data, size)), "input");
    if (!table)
        return;
    std::size_t covered = 0;
    for (const auto& [name, entry] : table->tensors) {
        WINNOW_CHECK(entry.begin <= entry.end && entry.end <= size, "{} lies outside", name);
        std::size_t bytes = tensorTypeBytes(entry.type);
        for (const std::int64_t dimension : entry.shape)
            bytes *= static_cast<std::size_t>(dimension);
        WINNOW_CHECK(bytes == entry.end - entry.begin, "{} has {} bytes for {}", name, entry.end - entry.begin, bytes);
        covered += bytes;
    }
    WINNOW_CHECK(covered <= size, "{} bytes of tensors in {}", covered, size);
}

/// Encodes and decodes `text`: every token lies inside it.
inline void tryTokenizer(const Tokenizer& tokenizer, std::string_view text)
{
    const auto encoding = tokenizer.encode(text);
    if (!encoding)
        return;
    WINNOW_CHECK(encoding->ids.size() == encoding->offsets.size(), "{} ids", encoding->ids.size());
    for (const auto& [begin, end] : encoding->offsets)
        WINNOW_CHECK(0 <= begin && begin <= end && static_cast<std::size_t>(end) <= text.size(), "{} to {} of {}", begin, end,
                     text.size());
    (void)tokenizer.decode(encoding->ids, true);
}

/// A tokenizer.json, a NUL byte, and a text.
inline void fuzzTokenizer(const std::uint8_t* data, std::size_t size)
{
    const std::string_view all = asText(data, size);
    const std::size_t middle = std::min(all.find('\0'), size);
    const auto tokenizer = Tokenizer::parse(all.substr(0, middle), "input");
    if (!tokenizer)
        return;
    tryTokenizer(**tokenizer, all.substr(std::min(middle + 1, size)));
}

/// The bytes of a whole GGUF file: tensors inside it and apart from each other, or an error; and its tokenizer, if it has one.
inline void fuzzGguf(const std::uint8_t* data, std::size_t size)
{
    const auto file = std::as_bytes(std::span(data, size));
    const auto table = parseGguf(file, "input");
    if (!table) {
        WINNOW_CHECK(!table.error().message.empty(), "an error without a sentence");
        return;
    }
    std::size_t covered = 0;
    for (const auto& [name, entry] : table->tensors) {
        WINNOW_CHECK(entry.begin <= entry.end && entry.end <= size, "{} lies outside", name);
        std::size_t numbers = 1;
        for (const std::int64_t dimension : entry.shape)
            numbers *= static_cast<std::size_t>(dimension);
        std::vector<float> out(numbers);
        dequantize(entry.type, file.subspan(entry.begin, entry.end - entry.begin), out);
        covered += entry.end - entry.begin;
    }
    WINNOW_CHECK(covered <= size, "{} bytes of tensors in {}", covered, size);
    if (const auto tokenizer = ggufTokenizer(*table, "input"))
        tryTokenizer(**tokenizer, "ab \xE2\x96\x81 caf\xC3\xA9 12\n <s>");
    if (const auto config = ggufConfig(
            *table, [&](const GgufTensorEntry& entry) { return file.subspan(entry.begin, entry.end - entry.begin); }, "input"))
        fuzzConfig(reinterpret_cast<const std::uint8_t*>(config->data()), config->size());
    (void)ggufEndTokens(*table);
    (void)ggufKinds(*table);
    (void)ggufChatTemplate(*table, "input");
}

/// What else lies in a model's folder: an index of shards, the ids that end an answer, a chat template with its marks.
inline void fuzzFolder(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text = asText(data, size);
    if (const auto shards = parseWeightIndex(text, "input"))
        for (const std::string& shard : *shards)
            WINNOW_CHECK(!shard.empty() && shard.find('/') == std::string::npos, "'{}' is no file beside the index", shard);
    if (const auto ids = endTokensIn(text))
        WINNOW_CHECK(std::ranges::all_of(*ids, [](std::int32_t id) { return id >= 0; }), "a negative id");
    if (const auto chat = parseChatTemplate(text, "input"))
        (void)chatHabits(*chat);
}

/// The bytes of a tokenizer.model.
inline void fuzzSentencePiece(const std::uint8_t* data, std::size_t size)
{
    if (const auto tokenizer = parseSentencePiece(std::as_bytes(std::span(data, size)), {}, "input"))
        tryTokenizer(**tokenizer, "ab \xE2\x96\x81 caf\xC3\xA9 12\n <s>");
}

} // namespace winnow
