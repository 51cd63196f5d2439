// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/figure_texts.h"

#include "app/cli/resources.h"
#include "core/io/json.h"
#include "core/model/config/model_folder.h"
#include "core/model/tokenizer/tokenizer.h"

#include <cstdlib>

namespace winnow::cli {

namespace fs = std::filesystem;

namespace {

/// A folder that is removed with everything in it.
class TemporaryFolder {
public:
    static Result<std::shared_ptr<TemporaryFolder>> make()
    {
        std::error_code error;
        const fs::path parent = fs::temp_directory_path(error);
        std::string name = (parent / "winnow-texts-XXXXXX").string();
        if (error || mkdtemp(name.data()) == nullptr)
            return fail(ErrorCode::Io,
                        "'{}' cannot be made for the recordings of texts; set TMPDIR to a folder that can be written", name);
        return std::shared_ptr<TemporaryFolder>(new TemporaryFolder(name));
    }
    ~TemporaryFolder()
    {
        std::error_code ignored;
        fs::remove_all(m_path, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const fs::path& path() const { return m_path; }

private:
    explicit TemporaryFolder(fs::path path) : m_path(std::move(path)) {}
    fs::path m_path;
};

struct Recorder {
    TextsOptions options;
    std::vector<std::string> texts;
    fs::path model;
    std::shared_ptr<const Tokenizer> tokenizer;
    std::shared_ptr<TemporaryFolder> folder;
    Console& console;
    TextRecorder recorder{}; ///< loads the model once
    int skipped = 0;

    Result<bool> isLongEnough(std::size_t i) const
    {
        auto encoding = tokenizer->encode(texts[i]);
        if (!encoding)
            return fail(encoding.error().code, "text {} of '{}': {}", i + 1, options.texts, encoding.error().message);
        return static_cast<int>(encoding->ids.size()) >= options.tokens;
    }

    Result<std::shared_ptr<const Trace>> open(std::size_t i, const JobContext& job)
    {
        WINNOW_TRY(const bool enough, isLongEnough(i));
        skipped += enough ? 0 : 1;
        if (i + 1 == texts.size() && skipped > 0)
            console.warn(
                fmt::format("{} of {} texts have fewer than {} tokens and were left out", skipped, texts.size(), options.tokens));
        if (!enough)
            return nullptr;
        RecordOptions what;
        what.model = model;
        what.text = texts[i];
        what.textName = fmt::format("text {} of {}", i + 1, fs::path(options.texts).filename().string());
        what.out = folder->path() / "text.h5";
        what.maxTokens = options.tokens;
        what.dtype = options.dtype;
        what.device = options.device;
        WINNOW_TRY_VOID(recorder.record(what, {}, job));
        WINNOW_TRY(std::shared_ptr<const Trace> trace, Trace::open(what.out));
        std::error_code ignored;
        fs::remove(what.out, ignored); // it stays readable while it is open
        return trace;
    }
};

} // namespace

Result<std::vector<std::string>> parseTexts(std::string_view lines, std::string_view where)
{
    std::vector<std::string> texts;
    int number = 0;
    while (!lines.empty()) {
        ++number;
        const std::size_t end = std::min(lines.find('\n'), lines.size());
        const std::string_view line = lines.substr(0, end);
        lines.remove_prefix(std::min(end + 1, lines.size()));
        if (line.find_first_not_of(" \t\r") == std::string_view::npos)
            continue;
        WINNOW_TRY(const nlohmann::json value, parseJson(line, fmt::format("{}, line {}", where, number)));
        const nlohmann::json* text = &value;
        if (value.is_object() && value.contains("text"))
            text = &value["text"];
        if (!text->is_string())
            return fail(ErrorCode::BadInput,
                        "{}, line {}: holds {}; each line is a JSON string or an object with a string \"text\"", where, number,
                        value.is_object() ? "an object without a string \"text\"" : value.type_name());
        texts.push_back(text->get<std::string>());
    }
    if (texts.empty())
        return fail(ErrorCode::BadInput, "{} holds no texts; each line is a JSON string or an object with a string \"text\"",
                    where);
    return texts;
}

Result<TraceSeries> recordTexts(const TextsOptions& options, Console& console)
{
    WINNOW_TRY(const std::string lines, readText(options.texts, {.most = std::uint64_t{2} << 30}, console.job()));
    auto recorder = std::make_shared<Recorder>(Recorder{.options = options, .console = console});
    WINNOW_TRY(recorder->texts, parseTexts(lines, options.texts == "-" ? "standard input" : fmt::format("'{}'", options.texts)));
    recorder->model = options.model;
    if (options.model.empty()) {
        WINNOW_TRY(recorder->model, demoModel());
    }
    WINNOW_TRY(const fs::path folder, resolveModel(recorder->model));
    WINNOW_TRY(recorder->tokenizer, Tokenizer::load(folder));
    WINNOW_TRY(recorder->folder, TemporaryFolder::make());
    console.say(fmt::format("averaging {} texts, the first {} tokens of each",
                            grouped(static_cast<std::int64_t>(recorder->texts.size())), grouped(options.tokens)));
    return TraceSeries{recorder->texts.size(),
                       [recorder](std::size_t i, const JobContext& job) { return recorder->open(i, job); }};
}

} // namespace winnow::cli
