// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/tokenizer/tokenizer.h"

#include "core/io/json.h"
#include "core/io/json_members.h"
#include "core/io/mapped_file.h"
#include "core/model/tokenizer/composed_tokenizer.h"
#include "core/model/tokenizer/sentencepiece_tokenizer.h"

#include <system_error>

namespace winnow {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> noTokenizer(const fs::path& folder)
{
    std::error_code ignored;
    if (fs::exists(folder / "vocab.json", ignored))
        return fail(ErrorCode::NotFound,
                    "'{}' has vocab.json, but no tokenizer.json; make one with transformers: "
                    "AutoTokenizer.from_pretrained(…).save_pretrained(…)",
                    folder.string());
    return fail(ErrorCode::NotFound, "'{}' has neither tokenizer.json nor tokenizer.model", folder.string());
}

/// Which marks the tokenizer_config.json beside a tokenizer.model asks for.
Result<MarkOptions> marksBeside(const fs::path& model)
{
    std::error_code ignored;
    const fs::path path = model.parent_path() / "tokenizer_config.json";
    if (!fs::exists(path, ignored))
        return MarkOptions{};
    WINNOW_TRY(const nlohmann::json config, readJson(path));
    return MarkOptions{.begin = member(config, "add_bos_token") != false, .end = isTrue(config, "add_eos_token")};
}

} // namespace

Result<std::shared_ptr<const Tokenizer>> Tokenizer::load(const fs::path& path)
{
    std::error_code ignored;
    fs::path filePath = path;
    if (fs::is_directory(path, ignored)) {
        filePath = path / "tokenizer.json";
        if (!fs::exists(filePath, ignored))
            filePath = path / "tokenizer.model";
        if (!fs::exists(filePath, ignored))
            return noTokenizer(path);
    }
    const std::string where = fmt::format("'{}'", filePath.string());
    if (isGguf(filePath)) {
        WINNOW_TRY(const auto file, GgufFile::open(filePath));
        return ggufTokenizer(file->table(), where);
    }
    WINNOW_TRY(const MappedFile file, MappedFile::open(filePath));
    if (filePath.extension() != ".model")
        return parse(file.text(), where);
    WINNOW_TRY(const MarkOptions marks, marksBeside(filePath));
    return parseSentencePiece(file.bytes(), marks, where);
}

Result<std::shared_ptr<const Tokenizer>> Tokenizer::parse(std::string_view text, std::string_view where)
{
    const std::string place(where);
    WINNOW_TRY(const nlohmann::json root, parseJson(text, where, {.maxDepth = 32}));
    if (!root.is_object() || !root.contains("model") || !root["model"].is_object())
        return fail(ErrorCode::BadInput, "{} is no tokenizer: it has no object 'model'", place);
    return ComposedTokenizer::parse(root, place);
}

} // namespace winnow
