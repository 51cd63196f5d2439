// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/config/model_config.h"

#include "core/io/json.h"
#include "core/io/json_members.h"
#include "core/model/config/refused_models.h"
#include "core/model/families/family.h"

#include <algorithm>
#include <limits>

namespace winnow {
namespace {

using nlohmann::json;

/// What holds for every model that can be run.
void checkSizes(ConfigReader& reader, const ModelConfig& config)
{
    if (reader.error())
        return;
    if (config.queryHeads % config.keyHeads != 0)
        reader.note("{} query heads cannot share {} key heads evenly", config.queryHeads, config.keyHeads);
    if (!config.rotaries.empty() && config.headDim % 2 != 0)
        reader.note("the head size {} is odd; the rotary embedding needs an even one", config.headDim);
    if (static_cast<std::int64_t>(config.queryHeads) * config.headDim > kMaxModelSize)
        reader.note("{} heads of {} are more than any model has", config.queryHeads, config.headDim);
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
    return fail(ErrorCode::BadInput, "{}: the model type '{}' is not supported; supported are: {}", where, type.substr(0, 60),
                supportedModelTypes());
}

} // namespace

std::int64_t ModelConfig::cacheBytesPerToken(int bytesPerNumber) const
{
    return std::int64_t{2} * layers * keyHeads * headDim * bytesPerNumber;
}

Result<void> ModelConfig::checkLength(int tokens) const
{
    if (family->names.positions.empty() || tokens <= maxPositions)
        return {};
    return fail(
        ErrorCode::BadInput,
        "the text has {} tokens, but the model has learned positions for {} and knows no others; use a shorter text, or only its "
        "first {} tokens",
        tokens, maxPositions, maxPositions);
}

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
    family->configure(reader, config);
    config.storedDtype = reader.text("dtype", reader.text("torch_dtype", ""));
    checkSizes(reader, config);
    if (reader.error())
        return fail(*reader.error());
    config.json = std::string(text);
    return config;
}

std::optional<std::vector<std::int32_t>> endTokensIn(std::string_view text)
{
    const auto config = parseJson(text, "the config", {.maxBytes = 4 << 20, .maxDepth = 32});
    if (!config)
        return std::nullopt;
    const nlohmann::json& found = member(*config, "eos_token_id");
    if (found.is_null())
        return std::nullopt;
    std::vector<std::int32_t> ids;
    for (const nlohmann::json& value : found.is_array() ? found : nlohmann::json::array({found}))
        if (const auto id = wholeNumber(value, std::numeric_limits<std::int32_t>::max()))
            ids.push_back(static_cast<std::int32_t>(*id));
    return ids;
}

} // namespace winnow
