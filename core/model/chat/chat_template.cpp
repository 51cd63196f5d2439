#include "core/model/chat/chat_template.h"

#include "core/io/gguf.h"
#include "core/io/json.h"
#include "core/io/mapped_file.h"
#include "core/model/tokenizer/byte_level.h"
#include "core/io/json_members.h"

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

Result<void> check(std::string_view source, std::string_view where)
{
    if (source.size() > kMaxTemplate)
        return fail(ErrorCode::BadInput, "{}: its chat template has {} bytes, more than any model's ({})", where, source.size(), kMaxTemplate);
    if (const auto at = firstInvalidUtf8(source))
        return fail(ErrorCode::BadInput, "{}: its chat template is not UTF-8 (byte {})", where, *at);
    return {};
}

} // namespace

Result<ChatTemplate> parseChatTemplate(std::string_view config, std::string_view where)
{
    WINNOW_TRY(const json root, parseJson(config, where));
    ChatTemplate found{.source = sourceIn(root), .from = {}, .begin = markIn(root, "bos_token"), .end = markIn(root, "eos_token")};
    WINNOW_TRY_VOID(check(found.source, where));
    return found;
}

Result<ChatTemplate> ggufChatTemplate(const GgufTable& table, std::string_view where)
{
    const auto* tokens = table.get<std::vector<std::string_view>>("tokenizer.ggml.tokens");
    const auto mark = [&](const char* key) {
        const auto* id = table.get<std::int64_t>(key);
        const bool known = tokens != nullptr && id != nullptr && *id >= 0 && *id < static_cast<std::int64_t>(tokens->size());
        return known ? std::string((*tokens)[static_cast<std::size_t>(*id)]) : std::string();
    };
    const auto* source = table.get<std::string_view>("tokenizer.chat_template");
    ChatTemplate found{.source = source ? std::string(*source) : std::string(), .from = {}, .begin = mark("tokenizer.ggml.bos_token_id"),
                       .end = mark("tokenizer.ggml.eos_token_id")};
    WINNOW_TRY_VOID(check(found.source, where));
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
    if (const fs::path path = model / "chat_template.jinja"; isThere(path)) {
        WINNOW_TRY(const MappedFile file, MappedFile::open(path));
        WINNOW_TRY_VOID(check(file.text(), sentence(path)));
        found.source = file.text();
        found.from = path.filename().string();
    }
    for (const char* name : {"chat_template.json", "tokenizer_config.json"})
        if (const fs::path path = model / name; isThere(path)) {
            WINNOW_TRY(const MappedFile file, MappedFile::open(path));
            WINNOW_TRY(ChatTemplate here, parseChatTemplate(file.text(), sentence(path)));
            found.begin = std::move(here.begin);
            found.end = std::move(here.end);
            if (found.from.empty() && !here.empty()) {
                found.source = std::move(here.source);
                found.from = name;
            }
        }
    return found;
}

} // namespace winnow
