// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/file_drop.h"

#include "core/io/mapped_file.h"
#include "core/io/output_file.h"
#include "core/model/config/model_folder.h"
#include "core/tasks/answer_reader.h"

namespace winnow::app {

namespace fs = std::filesystem;

namespace {

/// Whether the first line of a .jsonl is an answer, as `winnow ask` and others write them.
bool isOfAnswers(const fs::path& path)
{
    if (extensionOf(path) != "jsonl")
        return false;
    const auto bytes = MappedFile::open(path);
    if (!bytes)
        return false;
    const std::string_view text = bytes->text();
    return tasks::parseAnswer(text.substr(0, text.find('\n')), tasks::sourceOf(path)).has_value();
}

} // namespace

Result<SortedFiles> sortFiles(const std::vector<fs::path>& paths, const JobContext& job)
{
    SortedFiles sorted;
    Error first;
    for (const fs::path& path : paths) {
        WINNOW_TRY_VOID(job.check("opening"));
        const auto kind = fileKind(path);
        if (!kind) {
            if (first.message.empty())
                first = kind.error();
            continue;
        }
        switch (*kind) {
        case FileKind::Model:
            sorted.models.push_back(modelFolder(path));
            break;
        case FileKind::Text:
            (isOfAnswers(path) ? sorted.answers : sorted.texts).push_back(path);
            break;
        case FileKind::Trace:
            sorted.traces.push_back(path);
            break;
        case FileKind::Replay:
            sorted.replays.push_back(path);
            break;
        case FileKind::Session:
            sorted.sessions.push_back(path);
            break;
        case FileKind::Lifetimes:
            sorted.lifetimes.push_back(fs::absolute(path));
            break;
        case FileKind::Folder:
            if (first.message.empty())
                first = resolveModel(path).error();
            break;
        }
    }
    if (sorted.count() == 0 && !first.message.empty())
        return fail(first);
    sorted.remark = first.message;
    const auto onlyFirst = [&sorted](std::vector<fs::path>& many, std::string_view what) {
        if (many.size() > 1 && sorted.remark.empty())
            sorted.remark =
                fmt::format("{} {}s were given; the first, '{}', is opened", many.size(), what, many.front().filename().string());
        if (many.size() > 1)
            many.resize(1);
    };
    onlyFirst(sorted.sessions, "session");
    onlyFirst(sorted.models, "model");
    onlyFirst(sorted.texts, "text");
    return sorted;
}

std::string dropSentence(const std::vector<fs::path>& paths)
{
    if (paths.empty())
        return {};
    if (paths.size() > 1)
        return fmt::format("Open these {} together", paths.size());
    const fs::path& path = paths.front();
    const std::string name = path.filename().string(), extension = path.extension().string();
    std::error_code error;
    if (fs::is_directory(path, error) || extension == ".safetensors" || extension == ".gguf" || name == "config.json")
        return fmt::format("Record a text with the model '{}'", modelName(modelFolder(path)));
    if (extension == ".winnow")
        return fmt::format("Open the session '{}'", name);
    if (extension == ".npz")
        return fmt::format("Open the replay '{}', or take its lifetimes as a policy", name);
    if (extension == ".h5" || extension == ".hdf5")
        return fmt::format("Open the recording or replay '{}'", name);
    if (extension == ".jsonl")
        return fmt::format("Open the answers '{}', or record the text", name);
    return fmt::format("Record the text '{}'", name);
}

} // namespace winnow::app
