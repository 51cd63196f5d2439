// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/chat/chat_template.h"

#include "core/io/gguf.h"
#include "core/io/json.h"
#include "core/io/json_members.h"
#include "core/io/mapped_file.h"
#include "core/io/mistaken_file.h"
#include "core/model/tokenizer/byte_level.h"

#include <array>
#include <cstdint>
#include <system_error>
#include <vector>

namespace winnow {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t kMaxTemplate = 1 << 20;

bool isThere(const fs::path& path)
{
    std::error_code ignored;
    return fs::exists(path, ignored);
}

/// A template, or of a list of named ones the default and the one for tools.
void takeSources(const json& config, ChatTemplate& found)
{
    const json& given = member(config, "chat_template");
    if (given.is_string())
        found.source = given.get<std::string>();
    if (!given.is_array())
        return;
    std::string byDefault;
    for (const json& each : given) {
        const std::string name = textOf(each, "name"), source = textOf(each, "template");
        if (name == "tool_use")
            found.toolSource = source;
        if (name == "default")
            byDefault = source;
        if (found.source.empty())
            found.source = source;
    }
    if (!byDefault.empty())
        found.source = byDefault;
}

/// A mark is a text, or an object with its "content".
std::string markIn(const json& config, const char* key)
{
    const json& mark = member(config, key);
    return mark.is_object() ? textOf(mark, "content") : textOf(config, key);
}

Result<void> check(std::string_view source, std::string_view where)
{
    if (source.size() > kMaxTemplate)
        return fail(ErrorCode::BadInput, "{}: its chat template has {} bytes, more than any model's ({})", where, source.size(),
                    kMaxTemplate);
    if (const auto at = firstInvalidUtf8(source))
        return fail(ErrorCode::BadInput, "{}: its chat template is not UTF-8 (byte {})", where, *at);
    return {};
}

} // namespace

Result<ChatTemplate> parseChatTemplate(std::string_view config, std::string_view where)
{
    WINNOW_TRY(const json root, parseJson(config, where));
    ChatTemplate found;
    takeSources(root, found);
    for (const char* name : {"bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"})
        if (std::string mark = markIn(root, name); !mark.empty())
            found.marks.emplace(name, std::move(mark));
    WINNOW_TRY_VOID(check(found.source, where));
    WINNOW_TRY_VOID(check(found.toolSource, where));
    return found;
}

Result<ChatTemplate> ggufChatTemplate(const GgufTable& table, std::string_view where)
{
    const auto* tokens = table.get<std::vector<std::string_view>>("tokenizer.ggml.tokens");
    static constexpr std::array<std::pair<const char*, const char*>, 4> kMarks{
        {{"bos_token", "tokenizer.ggml.bos_token_id"},
         {"eos_token", "tokenizer.ggml.eos_token_id"},
         {"unk_token", "tokenizer.ggml.unknown_token_id"},
         {"pad_token", "tokenizer.ggml.padding_token_id"}}};
    const auto text = [&](const char* key) {
        const auto* value = table.get<std::string_view>(key);
        return value != nullptr ? std::string(*value) : std::string();
    };
    ChatTemplate found;
    found.source = text("tokenizer.chat_template");
    found.toolSource = text("tokenizer.chat_template.tool_use");
    for (const auto& [name, key] : kMarks) {
        const auto* id = table.get<std::int64_t>(key);
        if (tokens != nullptr && id != nullptr && *id >= 0 && *id < static_cast<std::int64_t>(tokens->size()))
            found.marks.emplace(name, (*tokens)[static_cast<std::size_t>(*id)]);
    }
    WINNOW_TRY_VOID(check(found.source, where));
    WINNOW_TRY_VOID(check(found.toolSource, where));
    return found;
}

Result<ChatTemplate> readChatTemplate(const fs::path& model)
{
    const auto sentence = [](const fs::path& path) { return fmt::format("'{}'", path.string()); };
    if (isGguf(model)) {
        WINNOW_TRY(const auto file, GgufFile::open(model));
        WINNOW_TRY(ChatTemplate found, ggufChatTemplate(file->table(), sentence(model)));
        found.from = found.empty() ? "" : model.filename().string();
        return found;
    }
    ChatTemplate found;
    const std::array<std::pair<fs::path, std::string*>, 2> files{
        {{"chat_template.jinja", &found.source}, {"additional_chat_templates/tool_use.jinja", &found.toolSource}}};
    for (const auto& [name, source] : files)
        if (const fs::path path = model / name; isThere(path)) {
            WINNOW_TRY(const MappedFile file, MappedFile::open(path));
            if (const std::string_view mistaken = mistakenFor(file.text()); !mistaken.empty())
                return fail(ErrorCode::BadInput, "{} {}", sentence(path), mistaken);
            WINNOW_TRY_VOID(check(file.text(), sentence(path)));
            *source = file.text();
        }
    if (!found.empty())
        found.from = "chat_template.jinja";
    for (const char* name : {"chat_template.json", "tokenizer_config.json", "special_tokens_map.json"})
        if (const fs::path path = model / name; isThere(path)) {
            WINNOW_TRY(const MappedFile file, MappedFile::open(path));
            WINNOW_TRY(ChatTemplate here, parseChatTemplate(file.text(), sentence(path)));
            found.marks.merge(here.marks);
            if (found.from.empty() && !here.empty()) {
                found.source = std::move(here.source);
                found.toolSource = std::move(here.toolSource);
                found.from = name;
            }
        }
    return found;
}

} // namespace winnow
