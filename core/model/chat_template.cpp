#include "core/model/chat_template.h"

#include "core/io/gguf.h"
#include "core/io/json.h"
#include "core/io/mapped_file.h"
#include "core/model/byte_level.h"
#include "core/model/json_members.h"

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

/// A template, or of a list of named ones the default.
std::string sourceIn(const json& config)
{
    const json& given = member(config, "chat_template");
    if (given.is_string())
        return given.get<std::string>();
    std::string first;
    if (given.is_array())
        for (const json& each : given) {
            if (textOf(each, "name") == "default")
                return textOf(each, "template");
            if (first.empty())
                first = textOf(each, "template");
        }
    return first;
}

/// A mark is a text, or an object with its "content".
std::string markIn(const json& config, const char* key)
{
    const json& mark = member(config, key);
    return mark.is_object() ? textOf(mark, "content") : textOf(config, key);
}

Result<ChatTemplate> checked(ChatTemplate found, const fs::path& path)
{
    if (found.source.size() > kMaxTemplate)
        return fail(ErrorCode::BadInput, "'{}': its chat template has {} bytes, more than any model's ({})", path.string(),
                    found.source.size(), kMaxTemplate);
    if (const auto at = firstInvalidUtf8(found.source))
        return fail(ErrorCode::BadInput, "'{}': its chat template is not UTF-8 (byte {})", path.string(), *at);
    return found;
}

Result<ChatTemplate> inGguf(const fs::path& path)
{
    WINNOW_TRY(const auto file, GgufFile::open(path));
    const GgufTable& table = file->table();
    ChatTemplate found;
    if (const auto* source = table.get<std::string_view>("tokenizer.chat_template")) {
        found.source = *source;
        found.from = path.filename().string();
    }
    const auto* tokens = table.get<std::vector<std::string_view>>("tokenizer.ggml.tokens");
    const auto mark = [&](const char* key) {
        const auto* id = table.get<std::int64_t>(key);
        const bool known = tokens != nullptr && id != nullptr && *id >= 0 && *id < static_cast<std::int64_t>(tokens->size());
        return known ? std::string((*tokens)[static_cast<std::size_t>(*id)]) : std::string();
    };
    found.begin = mark("tokenizer.ggml.bos_token_id");
    found.end = mark("tokenizer.ggml.eos_token_id");
    return checked(std::move(found), path);
}

} // namespace

Result<ChatTemplate> readChatTemplate(const fs::path& model)
{
    if (isGguf(model))
        return inGguf(model);
    ChatTemplate found;
    fs::path from;
    if (const fs::path path = model / "chat_template.jinja"; isThere(path)) {
        WINNOW_TRY(const MappedFile file, MappedFile::open(path));
        found.source = file.text();
        from = path;
    }
    for (const char* name : {"chat_template.json", "tokenizer_config.json"})
        if (const fs::path path = model / name; isThere(path)) {
            WINNOW_TRY(const json config, readJson(path));
            found.begin = markIn(config, "bos_token");
            found.end = markIn(config, "eos_token");
            if (from.empty() && !(found.source = sourceIn(config)).empty())
                from = path;
        }
    found.from = from.filename().string();
    return checked(std::move(found), from);
}

} // namespace winnow
