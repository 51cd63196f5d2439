// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/read_config.h"

#include "core/io/json.h"
#include "core/io/mapped_file.h"
#include "core/model/config/gguf_config.h"
#include "core/model/config/refused_models.h"
#include "core/model/families/family.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace winnow {
namespace {

using nlohmann::json;

/// What holds for every model that can be run.
void checkSizes(ConfigReader& reader, const ModelConfig& config)
{
    if (reader.error())
        return;
    for (const LayerConfig& layer : config.perLayer) {
        if (config.queryHeads % layer.keyHeads != 0)
            reader.note("{} query heads cannot share {} key heads evenly", config.queryHeads, layer.keyHeads);
        if (!config.rotaries.empty() && layer.headDim % 2 != 0)
            reader.note("the head size {} is odd; the rotary embedding needs an even one", layer.headDim);
        if (static_cast<std::int64_t>(config.queryHeads) * layer.headDim > kMaxModelSize)
            reader.note("{} heads of {} are more than any model has", config.queryHeads, layer.headDim);
    }
}

Result<const Family*> findFamily(const std::string& type, const std::string& where)
{
    if (type.empty())
        return fail(ErrorCode::BadInput, "{} lacks 'model_type'; supported are: {}", where, supportedModelTypes());
    for (const Family* each : families())
        if (each->modelType == type)
            return each;
    if (const std::string why = whyRefused(type); !why.empty())
        return fail(ErrorCode::BadInput, "{}: the model type '{}' is not supported: {}", where, type, why);
    return fail(
        ErrorCode::BadInput,
        "{}: the model type '{}' is not supported; supported are: {}; docs/record_trace.py records many others in Python with "
        "transformers",
        where, type.substr(0, 60), supportedModelTypes());
}

} // namespace

std::string supportedModelTypes()
{
    std::vector<std::string_view> types;
    for (const Family* each : families())
        types.push_back(each->modelType);
    std::ranges::sort(types);
    return fmt::format("{}", fmt::join(types, ", "));
}

Result<ModelConfig> parseModelConfig(std::string_view text, std::string_view where)
{
    const std::string place(where);
    WINNOW_TRY(const json root, parseJson(text, where, {.maxBytes = 4 << 20, .maxDepth = 32}));
    if (!root.is_object())
        return fail(ErrorCode::BadInput, "{} is no JSON object", place);
    ConfigReader reader(root, place);
    const std::string type = reader.text("model_type", "");
    if (reader.error())
        return fail(*reader.error());
    WINNOW_TRY(const Family* family, findFamily(type, place));
    noteRefused(reader);
    ModelConfig config;
    config.modelType = type;
    config.family = family;
    config.learnedPositions = !family->names.positions.empty();
    family->configure(reader, config);
    config.storedDtype = reader.text("dtype", reader.text("torch_dtype", ""));
    checkSizes(reader, config);
    if (reader.error())
        return fail(*reader.error());
    config.json = std::string(text);
    return config;
}

Result<ModelConfig> readModelConfig(const std::filesystem::path& model)
{
    if (isGguf(model)) {
        WINNOW_TRY(const auto file, GgufFile::open(model));
        const std::string where = fmt::format("'{}'", model.string());
        const auto bytes = [&](const GgufTensorEntry& entry) { return file->bytes(entry); };
        WINNOW_TRY(const std::string config, ggufConfig(file->table(), bytes, where));
        return parseModelConfig(config, where);
    }
    const std::filesystem::path path = model / "config.json";
    WINNOW_TRY(const MappedFile file, MappedFile::open(path));
    return parseModelConfig(file.text(), fmt::format("'{}'", path.string()));
}

} // namespace winnow
