// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/resources.h"

#include "core/io/folder_entries.h"
#include "core/model/config/model_folder.h"

#include <algorithm>
#include <cstdlib>

namespace winnow {

namespace fs = std::filesystem;

fs::path resourcesFolder()
{
    std::error_code error;
    const fs::path program = fs::read_symlink("/proc/self/exe", error);
    const fs::path installed = (program.parent_path() / WINNOW_TO_RESOURCES).lexically_normal();
    if (!error && fs::is_directory(installed / "models", error))
        return installed;
    return WINNOW_SOURCE_RESOURCES;
}

Result<fs::path> demoModel()
{
    std::error_code error;
    const fs::path folder = resourcesFolder() / "models" / "demo";
    if (!fs::exists(folder / "config.json", error))
        return fail(ErrorCode::NotFound, "the demo model is not in '{}'; install Winnow again or run it from its source tree",
                    folder.string());
    return folder;
}

fs::path userModelsFolder()
{
    const char *data = std::getenv("XDG_DATA_HOME"), *home = std::getenv("HOME");
    const fs::path folder =
        data != nullptr && *data != '\0' ? fs::path(data) : fs::path(home != nullptr ? home : "") / ".local" / "share";
    return folder / "winnow" / "models";
}

std::vector<fs::path> userModels()
{
    std::vector<fs::path> models;
    for (const fs::path& entry : folderEntries(userModelsFolder()))
        if (entry.filename().string().front() != '.')
            if (auto model = resolveModel(entry))
                models.push_back(std::move(*model));
    std::ranges::sort(models);
    return models;
}

Result<std::vector<fs::path>> sampleTexts()
{
    std::vector<fs::path> texts;
    const fs::path folder = resourcesFolder() / "texts";
    for (const fs::path& entry : folderEntries(folder))
        if (entry.extension() == ".txt")
            texts.push_back(entry);
    if (texts.empty())
        return fail(ErrorCode::NotFound, "there are no sample texts in '{}'; install Winnow again or run it from its source tree",
                    folder.string());
    std::sort(texts.begin(), texts.end(), [](const fs::path& a, const fs::path& b) {
        const auto rank = [](const fs::path& path) { return path.stem() == "house-of-the-seven-gables" ? 0 : 1; };
        return std::pair(rank(a), a) < std::pair(rank(b), b);
    });
    return texts;
}

} // namespace winnow
