// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/config/rotary_config.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace winnow {
namespace {

constexpr std::array<std::string_view, 7> kNames{"default", "linear", "dynamic", "llama3", "yarn", "longrope", "proportional"};

RotaryScaling readScaling(ConfigReader& settings, RotaryScaling absent)
{
    std::string name = settings.text("rope_type", settings.text("type", std::string(rotaryScalingName(absent))));
    if (name == "su") // as Phi-3's first files call it
        name = "longrope";
    const auto found = std::ranges::find(kNames, name);
    if (found != kNames.end())
        return static_cast<RotaryScaling>(found - kNames.begin());
    settings.note("the rotary scaling '{}' is not supported; supported are: {}", name.substr(0, 60), fmt::join(kNames, ", "));
    return RotaryScaling::Default;
}

bool stretches(RotaryScaling scaling)
{
    return scaling == RotaryScaling::Llama3 || scaling == RotaryScaling::Yarn || scaling == RotaryScaling::LongRope;
}

void readLongRope(ConfigReader& settings, RotaryConfig& rotary)
{
    const auto frequencies = static_cast<std::size_t>(rotary.dims / 2);
    rotary.shortFactor = settings.positives("short_factor", frequencies);
    rotary.longFactor = settings.positives("long_factor", frequencies);
    if (rotary.shortFactor.empty() || rotary.longFactor.empty())
        settings.note("the rotary scaling 'longrope' needs 'short_factor' and 'long_factor', {} numbers each", frequencies);
    rotary.factor = settings.positive("factor", rotary.maxPositions / rotary.originalPositions);
}

void readYarn(ConfigReader& settings, RotaryConfig& rotary)
{
    rotary.factor = settings.positive("factor", rotary.maxPositions / rotary.originalPositions);
    rotary.betaFast = settings.positive("beta_fast", rotary.betaFast);
    rotary.betaSlow = settings.positive("beta_slow", rotary.betaSlow);
    rotary.truncate = settings.flag("truncate", true);
    rotary.mscale = settings.positive("mscale", 0);
    rotary.mscaleAllDim = settings.positive("mscale_all_dim", 0);
    if (rotary.theta == 1)
        settings.note("'rope_theta' is 1, from which yarn can compute nothing");
}

void readLlama3(ConfigReader& settings, RotaryConfig& rotary)
{
    rotary.factor = settings.positive("factor", std::nullopt);
    rotary.lowFrequencyFactor = settings.positive("low_freq_factor", std::nullopt);
    rotary.highFrequencyFactor = settings.positive("high_freq_factor", std::nullopt);
    if (rotary.highFrequencyFactor <= rotary.lowFrequencyFactor)
        settings.note("'high_freq_factor' must be larger than 'low_freq_factor'");
}

} // namespace

std::string_view rotaryScalingName(RotaryScaling scaling) { return kNames[static_cast<std::size_t>(scaling)]; }

RotaryConfig readRotary(ConfigReader& root, ConfigReader& settings, const RotaryDefaults& absent)
{
    RotaryConfig rotary;
    rotary.scaling = readScaling(settings, absent.scaling);
    rotary.theta = settings.positive("rope_theta", root.positive(absent.thetaKey, absent.theta));
    rotary.maxPositions = absent.maxPositions;
    const double partial = settings.positive("partial_rotary_factor", root.positive(absent.partialKey, absent.partial));
    if (partial != 1 && !absent.partialAllowed)
        settings.note("'partial_rotary_factor' is {}; models of this type turn whole heads", partial);
    rotary.dims = static_cast<int>(absent.headDim * std::min(partial, 1.0));
    if (rotary.scaling == RotaryScaling::Proportional) { // all pairs are there, and most of them stand still
        rotary.turned = static_cast<int>(std::floor(absent.headDim * std::min(partial, 1.0) / 2));
        rotary.dims = absent.headDim;
        rotary.factor = settings.positive("factor", 1);
    } else if (partial > 1 || (partial != 1 && (rotary.dims < 2 || rotary.dims % 2 != 0)))
        settings.note("the rotary embedding would turn {} of {} numbers of a head; a whole number of pairs is needed",
                      partial * absent.headDim, absent.headDim);
    if (stretches(rotary.scaling)) {
        const double original = settings.positive("original_max_position_embeddings", absent.maxPositions);
        rotary.originalPositions = root.positive("original_max_position_embeddings", absent.originalPositions.value_or(original));
        rotary.attentionFactor = settings.positive("attention_factor", 0);
        if (*rotary.attentionFactor == 0)
            rotary.attentionFactor.reset();
        if (rotary.originalPositions <= 1)
            settings.note("'original_max_position_embeddings' is {}, from which nothing can be stretched",
                          rotary.originalPositions);
    }
    switch (rotary.scaling) {
    case RotaryScaling::Default:
    case RotaryScaling::Proportional:
        break;
    case RotaryScaling::Linear:
        rotary.factor = settings.positive("factor", std::nullopt);
        break;
    case RotaryScaling::Dynamic:
        rotary.factor = settings.positive("factor", std::nullopt);
        if (rotary.dims <= 2)
            settings.note("the rotary scaling 'dynamic' needs more than 2 numbers of a head to turn");
        break;
    case RotaryScaling::Llama3:
        readLlama3(settings, rotary);
        break;
    case RotaryScaling::Yarn:
        readYarn(settings, rotary);
        break;
    case RotaryScaling::LongRope:
        readLongRope(settings, rotary);
        break;
    }
    return rotary;
}

RotaryConfig readRotary(ConfigReader& root, const RotaryDefaults& absent)
{
    const bool old = root.has("rope_scaling") && !root.object()["rope_scaling"].empty(); // {} says as little as null
    ConfigReader settings = root.childOrEmpty(old ? "rope_scaling" : "rope_parameters");
    const nlohmann::json& object = settings.object();
    const bool nested =
        !object.empty() && std::ranges::all_of(object, [](const nlohmann::json& value) { return value.is_object(); });
    if (!nested)
        return readRotary(root, settings, absent);
    if (root.has("layer_types"))
        settings.note("its rotary settings are told apart by layer type ('{}'), but the layers of this type of model turn alike",
                      object.begin().key().substr(0, 40));
    ConfigReader none = root.childOrEmpty(""); // without layer types, transformers looks at none of them
    return readRotary(root, none, absent);
}

} // namespace winnow
