// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/replay_head.h"

#include "core/replay/replay_layout.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <limits>
#include <optional>

namespace winnow {

namespace {

/// The whole number that `text` begins with, and what is left after the comma behind it; nothing where there is none.
std::optional<std::int32_t> takeNumber(std::string_view& text)
{
    std::int32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc())
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (!text.empty() && text.front() != ',')
        return std::nullopt;
    text.remove_prefix(text.empty() ? 0 : 1);
    return number;
}

} // namespace

Result<void> checkNumbers(std::span<const std::int32_t> values, std::int32_t least, std::int32_t most, std::string_view key,
                          const std::string& where)
{
    const auto wrong = std::ranges::find_if(values, [=](std::int32_t value) { return value < least || value > most; });
    if (wrong != values.end())
        return fail(ErrorCode::BadInput, "{}: {} holds {}, expected {} to {}", where, key, *wrong, least, most);
    return {};
}

Result<void> takeHead(ReplayResult& result, std::vector<std::int32_t> tokens, const std::vector<std::int32_t>& layers,
                      const std::string& where)
{
    constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max();
    if (tokens.empty() || layers.empty() || tokens.size() > kMostTokens || layers.size() > kMostLayers)
        return fail(ErrorCode::BadInput, "'{}' has {} tokens and {} layers; expected 1 to {} and 1 to {}", where, tokens.size(),
                    layers.size(), kMostTokens, kMostLayers);
    WINNOW_TRY_VOID(checkNumbers(tokens, 0, kMost, "tokens", where));
    WINNOW_TRY_VOID(checkNumbers(layers, 0, kMost, "layers", where));
    if (std::ranges::adjacent_find(layers, std::greater_equal()) != layers.end())
        return fail(ErrorCode::BadInput, "'{}': its layers do not ascend", where);
    result.tokenIds = std::move(tokens);
    for (const std::int32_t layer : layers)
        result.layers.push_back(Layer{layer});
    return {};
}

Result<void> applyManifest(ReplayResult& result, const std::string& where)
{
    const auto take = [&](const std::string& key) {
        const auto found = result.manifest.extract(key);
        return found.empty() ? std::string() : found.mapped();
    };
    if (take("format") != "winnow-replay")
        return fail(ErrorCode::BadInput,
                    "'{}' is not a replay: its manifest does not say format=winnow-replay; make one with `winnow replay`", where);
    if (const std::string version = take("version"); version != std::to_string(replay_layout::kVersion))
        return fail(ErrorCode::BadInput, "'{}' is a replay of version {}, this Winnow reads version {}; update Winnow", where,
                    version.substr(0, 20), replay_layout::kVersion);
    const std::string prompt = take("prompt"), bytes = take("slot_bytes");
    std::string_view text = prompt;
    const auto number = takeNumber(text);
    if (!number || !text.empty() || *number < 0 || static_cast<std::size_t>(*number) > result.tokenIds.size())
        return fail(ErrorCode::BadInput, "'{}': its prompt is '{}', expected 0 to {} tokens", where, prompt.substr(0, 20),
                    result.tokenIds.size());
    result.prompt = *number;
    result.slotBytes.clear();
    for (text = bytes; !text.empty();) {
        const auto size = takeNumber(text);
        if (!size || *size < 0)
            return fail(ErrorCode::BadInput, "'{}': slot_bytes is '{}', expected a number for each layer", where,
                        bytes.substr(0, 60));
        result.slotBytes.push_back(*size);
    }
    if (result.slotBytes.size() != result.layers.size())
        return fail(ErrorCode::BadInput, "'{}': slot_bytes names {} layers, expected {}", where, result.slotBytes.size(),
                    result.layers.size());
    return {};
}

Result<void> takeLogprob(ReplayResult& result, std::vector<float> values, const std::string& where)
{
    if (values.size() != result.tokenIds.size())
        return fail(ErrorCode::BadInput, "'{}': logprob holds {} numbers, expected {}", where, values.size(),
                    result.tokenIds.size());
    result.logprob = std::move(values);
    return {};
}

} // namespace winnow
