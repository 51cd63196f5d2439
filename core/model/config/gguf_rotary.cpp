// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/config/gguf_rotary.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace winnow {
namespace {

using nlohmann::json;

std::int64_t turnedDims(GgufReader& reader, std::int64_t headDim)
{
    return reader.whole("rope.dimension_count").value_or(headDim);
}

json longRope(GgufReader& reader, json& config)
{
    json settings = {{"rope_type", "longrope"},
                     {"long_factor", reader.factors("rope_factors_long.weight")},
                     {"short_factor", reader.factors("rope_factors_short.weight")}};
    if (const auto scale = reader.real("rope.scaling.attn_factor"))
        settings["attention_factor"] = *scale;
    config["original_max_position_embeddings"] = reader.needed("rope.scaling.original_context_length");
    return settings;
}

/// Llama 3.1 to 3.3 are stored with what every frequency is divided by, and not with the four numbers that it comes from.
json frequencyFactors(GgufReader& reader, std::int64_t dims, double theta)
{
    const std::vector<double> divisors = reader.factors("rope_freqs.weight");
    if (divisors.empty() || static_cast<std::int64_t>(divisors.size()) != dims / 2) {
        reader.note("'rope_freqs.weight' holds {} numbers, {} frequencies turn", divisors.size(), dims / 2);
        return nullptr;
    }
    const double factor = *std::ranges::max_element(divisors);
    constexpr double kLow = 1, kHigh = 4, kTrained = 8192; // of every model that was published
    const auto published = [&](std::size_t i) {
        const double frequency = std::pow(theta, -2.0 * static_cast<double>(i) / static_cast<double>(dims));
        const double smooth = (kTrained * frequency / (2 * std::numbers::pi) - kLow) / (kHigh - kLow);
        return smooth >= 1 ? 1.0 : smooth <= 0 ? factor : 1 / ((1 - smooth) / factor + smooth);
    };
    bool same = factor > 1;
    for (std::size_t i = 0; i < divisors.size(); ++i)
        same = same && std::abs(divisors[i] / published(i) - 1) < 1e-4;
    if (same)
        return {{"rope_type", "llama3"},
                {"factor", asWritten(factor)},
                {"low_freq_factor", kLow},
                {"high_freq_factor", kHigh},
                {"original_max_position_embeddings", kTrained}};
    // As longrope can say it: a divisor for every frequency, whatever the length, and nothing else.
    return {
        {"rope_type", "longrope"}, {"factor", 1}, {"attention_factor", 1}, {"long_factor", divisors}, {"short_factor", divisors}};
}

json scaling(GgufReader& reader)
{
    const auto* type = reader.table().get<std::string_view>(reader.key("rope.scaling.type"));
    const auto old = reader.real("rope.scale_linear"); // of files from 2023
    if (type == nullptr && (!old || *old == 1))
        return nullptr;
    const std::string name(type == nullptr ? "linear" : type->substr(0, 40));
    const auto factor = type == nullptr ? old : reader.real("rope.scaling.factor");
    if (name == "none" || (name == "linear" && factor.value_or(1) == 1))
        return nullptr;
    if (name != "linear" && name != "yarn")
        reader.note("the rotary scaling '{}' is not read; linear and yarn are", name);
    else if (!factor)
        reader.note("its metadata lack '{}'", reader.key("rope.scaling.factor"));
    json settings = {{"rope_type", name}, {"factor", factor.value_or(1)}};
    if (name == "yarn") {
        settings["original_max_position_embeddings"] = reader.needed("rope.scaling.original_context_length");
        settings["beta_fast"] = reader.real("rope.scaling.yarn_beta_fast").value_or(32);
        settings["beta_slow"] = reader.real("rope.scaling.yarn_beta_slow").value_or(1);
        if (const auto scale = reader.real("rope.scaling.attn_factor"); scale && *scale != 1)
            settings["attention_factor"] = *scale * (1 + 0.1 * std::log(factor.value_or(1)));
        // llama.cpp takes mscale as 1 beside it
        if (const auto all = reader.real("rope.scaling.yarn_log_multiplier"); all && *all != 0) {
            settings["mscale"] = 1;
            settings["mscale_all_dim"] = *all;
        }
    }
    return settings;
}

} // namespace

double ggufRotaryShare(GgufReader& reader, std::int64_t headDim)
{
    const std::int64_t dims = turnedDims(reader, headDim);
    if (dims < 1 || dims > headDim) {
        reader.note("'{}' is {}, heads have {} numbers", reader.key("rope.dimension_count"), dims, headDim);
        return 1;
    }
    const double part = static_cast<double>(dims) / static_cast<double>(headDim);
    return static_cast<std::int64_t>(part * static_cast<double>(headDim)) < dims ? std::nextafter(part, 2.0) : part;
}

json ggufRotaryScaling(GgufReader& reader, std::int64_t headDim, double theta, json& config)
{
    if (reader.has("rope_factors_long.weight") || reader.has("rope_factors_short.weight"))
        return longRope(reader, config);
    if (reader.has("rope_freqs.weight"))
        return frequencyFactors(reader, turnedDims(reader, headDim), theta);
    return scaling(reader);
}

} // namespace winnow
