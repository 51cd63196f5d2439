// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/config/model_config.h"

#include "core/io/json.h"
#include "core/io/json_members.h"

#include <limits>

namespace winnow {

std::int64_t ModelConfig::cacheBytesPerToken(int bytesPerNumber) const
{
    std::int64_t numbers = 0;
    for (const LayerConfig& layer : perLayer)
        numbers += std::int64_t{2} * layer.keyHeads * layer.headDim;
    return numbers * bytesPerNumber;
}

Result<void> ModelConfig::checkLength(int tokens) const
{
    if (!learnedPositions || tokens <= maxPositions)
        return {};
    return fail(
        ErrorCode::BadInput,
        "the text has {} tokens, but the model has learned positions for {} and knows no others; use a shorter text, or only its "
        "first {} tokens",
        tokens, maxPositions, maxPositions);
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
