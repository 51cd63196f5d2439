#include "core/model/model_config.h"

#include "core/io/json.h"

#include <array>
#include <cmath>
#include <limits>
#include <optional>

namespace winnow {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 1> kFamilies{"llama"};
constexpr int kMaxSize = 1 << 24;   // of any single dimension
constexpr int kMaxLayers = 1 << 12; // more would be a mistake in the file

/// The members of one JSON object, with the sentences for what is not as expected. The first error stays.
class Reader {
public:
    Reader(const json& object, std::string where) : m_object(object), m_where(std::move(where)) {}

    bool has(const char* key) const { return m_object.contains(key) && !m_object[key].is_null(); }

    int whole(const char* key, std::optional<int> absent, int most = kMaxSize)
    {
        if (!has(key)) {
            if (!absent)
                note(fmt::format("{} lacks '{}'", m_where, key));
            return absent.value_or(1);
        }
        const json& value = m_object[key];
        if (!value.is_number_integer() || value < 1 || value > most) {
            note(fmt::format("{}: '{}' is {}, a whole number from 1 to {} was expected", m_where, key, value.dump().substr(0, 60),
                             most));
            return 1;
        }
        return value.get<int>();
    }

    double positive(const char* key, std::optional<double> absent)
    {
        if (!has(key)) {
            if (!absent)
                note(fmt::format("{} lacks '{}'", m_where, key));
            return absent.value_or(1);
        }
        const json& value = m_object[key];
        if (!value.is_number() || !(value.get<double>() > 0) || !std::isfinite(value.get<double>())) {
            note(fmt::format("{}: '{}' is {}, a number above 0 was expected", m_where, key, value.dump().substr(0, 60)));
            return 1;
        }
        return value.get<double>();
    }

    bool flag(const char* key, bool absent)
    {
        if (!has(key))
            return absent;
        if (!m_object[key].is_boolean()) {
            note(fmt::format("{}: '{}' is {}, true or false was expected", m_where, key, m_object[key].dump().substr(0, 60)));
            return absent;
        }
        return m_object[key].get<bool>();
    }

    std::string text(const char* key, std::string absent)
    {
        if (!has(key))
            return absent;
        if (!m_object[key].is_string()) {
            note(fmt::format("{}: '{}' is {}, text was expected", m_where, key, m_object[key].dump().substr(0, 60)));
            return absent;
        }
        return m_object[key].get<std::string>();
    }

    void note(std::string message)
    {
        if (!m_error)
            m_error = Error{ErrorCode::BadInput, std::move(message)};
    }
    const std::optional<Error>& error() const { return m_error; }

private:
    const json& m_object;
    std::string m_where;
    std::optional<Error> m_error;
};

/// The object that holds the rotary settings, in whichever dialect, or null; nested by layer type, a Llama uses "full_attention".
Result<json> rotaryObject(const json& root, const std::string& where)
{
    json found = nullptr;
    std::string key;
    for (const char* name : {"rope_scaling", "rope_parameters"})
        if (root.contains(name) && !root[name].is_null()) {
            found = root[name];
            key = name;
        }
    if (found.is_null())
        return found;
    if (!found.is_object())
        return fail(ErrorCode::BadInput, "{}: '{}' is no JSON object", where, key);
    bool nested = !found.empty();
    for (const auto& [name, value] : found.items())
        nested = nested && value.is_object();
    if (!nested)
        return found;
    if (!found.contains("full_attention"))
        return fail(ErrorCode::BadInput, "{}: '{}' is nested by layer type, but has no 'full_attention'", where, key);
    return found["full_attention"];
}

Result<RotaryConfig> parseRotary(const json& root, int maxPositions, const std::string& where)
{
    WINNOW_TRY(const json object, rotaryObject(root, where));
    Reader outer(root, where);
    RotaryConfig rotary;
    rotary.theta = outer.positive("rope_theta", rotary.theta);
    if (!object.is_null()) {
        Reader inner(object, where + ": the rotary settings");
        rotary.theta = inner.positive("rope_theta", rotary.theta);
        rotary.type = inner.text("rope_type", inner.text("type", "default"));
        if (inner.positive("partial_rotary_factor", 1.0) != 1.0)
            inner.note(where + ": 'partial_rotary_factor' is not 1; rotary embeddings of part of a head are not supported");
        if (rotary.type == "llama3") {
            rotary.factor = inner.positive("factor", std::nullopt);
            rotary.lowFrequencyFactor = inner.positive("low_freq_factor", std::nullopt);
            rotary.highFrequencyFactor = inner.positive("high_freq_factor", std::nullopt);
            rotary.originalPositions = inner.positive("original_max_position_embeddings", maxPositions);
            if (rotary.highFrequencyFactor <= rotary.lowFrequencyFactor)
                inner.note(where + ": 'high_freq_factor' must be larger than 'low_freq_factor'");
        } else if (rotary.type != "default") {
            inner.note(
                fmt::format("{}: the rotary scaling '{}' is not supported; supported are: default, llama3", where, rotary.type));
        }
        if (inner.error())
            return fail(*inner.error());
    }
    if (outer.error())
        return fail(*outer.error());
    return rotary;
}

Result<ModelConfig> parseLlama(const json& root, const std::string& where)
{
    Reader reader(root, where);
    ModelConfig config;
    config.modelType = "llama";
    config.vocabulary = reader.whole("vocab_size", std::nullopt);
    config.hidden = reader.whole("hidden_size", std::nullopt);
    config.intermediate = reader.whole("intermediate_size", std::nullopt);
    config.layers = reader.whole("num_hidden_layers", std::nullopt, kMaxLayers);
    config.queryHeads = reader.whole("num_attention_heads", std::nullopt);
    config.keyHeads = reader.whole("num_key_value_heads", config.queryHeads);
    config.headDim = reader.whole("head_dim", std::max(1, config.hidden / config.queryHeads));
    config.maxPositions = reader.whole("max_position_embeddings", 2048, std::numeric_limits<int>::max());
    config.rmsNormEps = reader.positive("rms_norm_eps", 1e-6);
    config.tiedOutput = reader.flag("tie_word_embeddings", false);
    config.attentionBias = reader.flag("attention_bias", false);
    config.mlpBias = reader.flag("mlp_bias", false);
    config.storedDtype = reader.text("dtype", reader.text("torch_dtype", ""));
    const std::string activation = reader.text("hidden_act", "silu");
    if (activation != "silu")
        reader.note(fmt::format("{}: the activation '{}' is not supported for a Llama; supported is: silu", where, activation));
    if (reader.has("quantization_config"))
        reader.note(
            where +
            ": the weights are quantized ('quantization_config'), which is not supported; use the model they were made from");
    if (reader.error())
        return fail(*reader.error());
    if (config.queryHeads % config.keyHeads != 0)
        return fail(ErrorCode::BadInput, "{}: {} query heads cannot share {} key heads evenly", where, config.queryHeads,
                    config.keyHeads);
    if (config.headDim % 2 != 0)
        return fail(ErrorCode::BadInput, "{}: the head size {} is odd; the rotary embedding needs an even one", where,
                    config.headDim);
    if (static_cast<std::int64_t>(config.queryHeads) * config.headDim > kMaxSize)
        return fail(ErrorCode::BadInput, "{}: {} heads of {} are more than any model has", where, config.queryHeads,
                    config.headDim);
    WINNOW_TRY(config.rotary, parseRotary(root, config.maxPositions, where));
    return config;
}

} // namespace

std::string supportedModelTypes()
{
    std::string list;
    for (const std::string_view family : kFamilies)
        list += (list.empty() ? "" : ", ") + std::string(family);
    return list;
}

Result<ModelConfig> parseModelConfig(std::string_view text, std::string_view where)
{
    const std::string place(where);
    WINNOW_TRY(const json root, parseJson(text, where, {.maxBytes = 4 << 20, .maxDepth = 32}));
    if (!root.is_object())
        return fail(ErrorCode::BadInput, "{} is no JSON object", place);
    Reader reader(root, place);
    const std::string type = reader.text("model_type", "");
    if (reader.error())
        return fail(*reader.error());
    if (type.empty())
        return fail(ErrorCode::BadInput, "{} lacks 'model_type'; supported are: {}", place, supportedModelTypes());
    if (type != "llama")
        return fail(ErrorCode::BadInput, "{}: the model type '{}' is not supported; supported are: {}", place, type.substr(0, 60),
                    supportedModelTypes());
    WINNOW_TRY(ModelConfig config, parseLlama(root, place));
    config.json = std::string(text);
    return config;
}

} // namespace winnow
