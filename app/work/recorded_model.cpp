// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/work/recorded_model.h"

#include "app/cli/resources.h"
#include "core/model/config/model_folder.h"

namespace winnow::app {

namespace fs = std::filesystem;

std::vector<fs::path> modelPlaces(std::vector<fs::path> named)
{
    std::erase(named, fs::path());
    if (const auto demo = demoModel())
        named.push_back(*demo);
    for (fs::path& place : userModels())
        named.push_back(std::move(place));
    return named;
}

Result<fs::path> recordedModel(const std::map<std::string, std::string>& manifest, const std::vector<fs::path>& places)
{
    const auto entry = [&](const char* key) {
        const auto found = manifest.find(key);
        return found == manifest.end() ? std::string() : found->second;
    };
    const std::string hash = entry("model_hash"), name = entry("model");
    for (const fs::path& place : places) {
        const auto model = resolveModel(place);
        if (!model)
            continue;
        if (hash.empty() ? name.empty() || modelName(*model) == name : weightHash(*model).value_or(std::string()) == hash)
            return *model;
    }
    return fail(
        ErrorCode::NotFound,
        "the model {} that this text was recorded from was not found on this machine; choose its folder, or its .gguf file",
        name.empty() ? std::string("(the recording does not name it)") : "'" + name + "'");
}

} // namespace winnow::app
