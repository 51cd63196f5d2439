#include "core/model/tokenizer.h"

#include "core/io/json.h"
#include "core/io/mapped_file.h"
#include "core/model/composed_tokenizer.h"

#include <system_error>

namespace winnow {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> noTokenizer(const fs::path& folder)
{
    std::error_code ignored;
    if (fs::exists(folder / "tokenizer.model", ignored))
        return fail(ErrorCode::NotFound,
                    "'{}' has a SentencePiece tokenizer.model, but no tokenizer.json, which is needed so far",
                    folder.string());
    if (fs::exists(folder / "vocab.json", ignored))
        return fail(ErrorCode::NotFound,
                    "'{}' has vocab.json, but no tokenizer.json; make one with transformers: "
                    "AutoTokenizer.from_pretrained(…).save_pretrained(…)",
                    folder.string());
    return fail(ErrorCode::NotFound, "'{}' has no tokenizer.json", folder.string());
}

} // namespace

Result<std::shared_ptr<const Tokenizer>> Tokenizer::load(const fs::path& path)
{
    std::error_code ignored;
    const bool folder = fs::is_directory(path, ignored);
    const fs::path filePath = folder ? path / "tokenizer.json" : path;
    if (folder && !fs::exists(filePath, ignored))
        return noTokenizer(path);
    WINNOW_TRY(const MappedFile file, MappedFile::open(filePath));
    return parse(file.text(), fmt::format("'{}'", filePath.string()));
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
