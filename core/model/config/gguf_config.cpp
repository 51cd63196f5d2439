// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/config/gguf_config.h"

#include "core/io/json.h"
#include "core/model/config/refused_models.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>

namespace winnow {
namespace {

using nlohmann::json;

struct Architecture {
    std::string_view name;      ///< `general.architecture`
    std::string_view modelType; ///< of config.json
};
constexpr std::array kArchitectures{
    Architecture{"llama", "llama"}, Architecture{"qwen2", "qwen2"},      Architecture{"qwen3", "qwen3"},
    Architecture{"phi3", "phi3"},   Architecture{"gemma2", "gemma2"},    Architecture{"gemma3", "gemma3_text"},
    Architecture{"gpt2", "gpt2"},   Architecture{"gptneox", "gpt_neox"},
};

/// Architectures that cannot be run, beside a type of config.json that is refused for the same reason.
constexpr std::array<std::pair<std::string_view, std::string_view>, 46> kRefused{{
    {"bert", "bert"},           {"modern-bert", "bert"},     {"nomic-bert", "bert"},
    {"nomic-bert-moe", "bert"}, {"neo-bert", "bert"},        {"jina-bert-v2", "bert"},
    {"jina-bert-v3", "bert"},   {"gemma-embedding", "bert"}, {"t5", "t5"},
    {"t5encoder", "t5"},        {"arctic", "mixtral"},       {"bailingmoe", "mixtral"},
    {"dbrx", "mixtral"},        {"deepseek", "mixtral"},     {"deepseek2", "deepseek_v3"},
    {"dots1", "mixtral"},       {"ernie4_5-moe", "mixtral"}, {"glm4moe", "mixtral"},
    {"gpt-oss", "gpt_oss"},     {"granitemoe", "mixtral"},   {"grok", "mixtral"},
    {"grovemoe", "mixtral"},    {"hunyuan-moe", "mixtral"},  {"llama4", "mixtral"},
    {"minimax-m2", "mixtral"},  {"olmoe", "mixtral"},        {"phimoe", "mixtral"},
    {"qwen2moe", "mixtral"},    {"qwen3moe", "mixtral"},     {"qwen3vlmoe", "mixtral"},
    {"minicpm3", "minicpm3"},   {"gemma3n", "gemma3n"},      {"gemma4", "gemma4"},
    {"falcon-h1", "lfm2"},      {"granitehybrid", "lfm2"},   {"jamba", "lfm2"},
    {"lfm2", "lfm2"},           {"lfm2moe", "lfm2"},         {"nemotron_h", "lfm2"},
    {"plamo2", "lfm2"},         {"qwen3next", "lfm2"},       {"mamba", "mamba"},
    {"mamba2", "mamba"},        {"rwkv6", "mamba"},          {"rwkv7", "mamba"},
    {"arwkv7", "mamba"},
}};

std::string supportedArchitectures()
{
    std::vector<std::string_view> names;
    for (const Architecture& each : kArchitectures)
        names.push_back(each.name);
    std::ranges::sort(names);
    return fmt::format("{}", fmt::join(names, ", "));
}

/// The file holds float32; the number that was meant has few digits: 1e-6 and not 9.99999997e-7.
double asWritten(double value) { return std::stod(fmt::format("{}", static_cast<float>(value))); }

/// Turns metadata into members of a config.json; `error` is the first mistake.
class Converter {
public:
    Converter(const GgufTable& table, const GgufBytes& bytes, std::string_view where)
        : m_table(table), m_bytes(bytes), m_where(where)
    {
    }

    Result<std::string> all()
    {
        WINNOW_TRY_VOID(checkKind());
        sizes();
        norms();
        switches();
        rotary();
        if (m_type.starts_with("gemma"))
            gemma();
        if (m_type == "gpt2")
            renameForGpt2();
        if (m_error)
            return fail(*m_error);
        return m_config.dump(1);
    }

private:
    template <class... Args>
    void note(fmt::format_string<Args...> format, Args&&... args)
    {
        if (!m_error)
            m_error =
                Error{ErrorCode::BadInput, fmt::format("{}: {}", m_where, fmt::format(format, std::forward<Args>(args)...))};
    }

    std::string key(std::string_view name) const { return fmt::format("{}.{}", m_architecture, name); }

    /// A list counts where all its numbers are equal: some files give one for each layer.
    std::optional<std::int64_t> whole(std::string_view name)
    {
        const std::string full = key(name);
        if (const auto* value = m_table.get<std::int64_t>(full))
            return *value;
        if (const auto* list = m_table.get<std::vector<std::int64_t>>(full); list != nullptr && !list->empty()) {
            if (std::ranges::all_of(*list, [&](std::int64_t each) { return each == list->front(); }))
                return list->front();
            note("'{}' differs from layer to layer, which is not read", full);
        } else if (m_table.metadata.contains(full)) {
            note("'{}' is no whole number", full);
        }
        return std::nullopt;
    }

    std::int64_t needed(std::string_view name)
    {
        const auto value = whole(name);
        if (!value)
            note("its metadata lack '{}', which a model of this architecture has", key(name));
        return value.value_or(1);
    }

    std::optional<double> real(std::string_view name)
    {
        const std::string full = key(name);
        if (const auto* value = m_table.get<double>(full))
            return asWritten(*value);
        if (const auto* value = m_table.get<std::int64_t>(full))
            return static_cast<double>(*value);
        if (m_table.metadata.contains(full))
            note("'{}' is no number", full);
        return std::nullopt;
    }

    bool has(std::string_view tensor) const { return m_table.tensors.contains(tensor); }

    Result<void> checkKind()
    {
        if (const auto* kind = m_table.get<std::string_view>("general.type"); kind != nullptr && *kind != "model")
            return fail(ErrorCode::BadInput,
                        "{} holds no model but a part for one (its 'general.type' is '{}'); open the model's own file", m_where,
                        kind->substr(0, 40));
        const auto* name = m_table.get<std::string_view>("general.architecture");
        if (name == nullptr)
            return fail(ErrorCode::BadInput, "{} does not say what it holds: its metadata lack 'general.architecture'", m_where);
        m_architecture = name->substr(0, 60);
        if (m_architecture == "clip" || m_architecture == "mmproj")
            return fail(ErrorCode::BadInput, "{} holds the part of a model that sees pictures; open the file of its text part",
                        m_where);
        const auto known = std::ranges::find(kArchitectures, m_architecture, &Architecture::name);
        if (known != kArchitectures.end()) {
            m_type = known->modelType;
            if (whole("expert_count").value_or(0) > 1)
                return fail(ErrorCode::BadInput, "{}: '{}' is {}: {}", m_where, key("expert_count"), *whole("expert_count"),
                            whyRefused("mixtral"));
            return {};
        }
        const auto refused = std::ranges::find(kRefused, m_architecture, [](const auto& each) { return each.first; });
        if (refused != kRefused.end())
            return fail(ErrorCode::BadInput, "{}: the architecture '{}' is not supported: {}", m_where, m_architecture,
                        whyRefused(refused->second));
        return fail(ErrorCode::BadInput, "{}: the architecture '{}' is not supported; supported are: {}", m_where, m_architecture,
                    supportedArchitectures());
    }

    void sizes()
    {
        const auto embedding = m_table.tensors.find(std::string_view("token_embd.weight"));
        if (embedding == m_table.tensors.end() || embedding->second.shape.size() != 2) {
            note("it has no tensor 'token_embd.weight' of two dimensions, so it holds no weights; fetch the file with them");
            return;
        }
        m_hidden = needed("embedding_length");
        m_queryHeads = needed("attention.head_count");
        m_layers = needed("block_count");
        m_config = {{"model_type", m_type},
                    {"vocab_size", embedding->second.shape[0]},
                    {"hidden_size", m_hidden},
                    {"intermediate_size", needed("feed_forward_length")},
                    {"num_hidden_layers", m_layers},
                    {"num_attention_heads", m_queryHeads},
                    {"num_key_value_heads", whole("attention.head_count_kv").value_or(m_queryHeads)},
                    {"max_position_embeddings", needed("context_length")},
                    {"tie_word_embeddings", !has("output.weight")}};
        for (const auto& [kind, dtype] : {std::pair("F32", "float32"), {"F16", "float16"}, {"BF16", "bfloat16"}})
            if (ggufKinds(m_table).substr(0, ggufKinds(m_table).find(',')) == kind)
                m_config["dtype"] = dtype;
        m_headDim = whole("attention.key_length").value_or(m_queryHeads > 0 ? m_hidden / m_queryHeads : 1);
        m_config["head_dim"] = m_headDim;
        if (const auto values = whole("attention.value_length"); values && *values != m_headDim)
            note("keys have {} numbers and values {}; models where these differ are not read", m_headDim, *values);
        if (const auto window = whole("attention.sliding_window"); window && *window > 0) {
            m_config["sliding_window"] = *window;
            if (m_type == "llama")
                m_config["model_type"] = m_type = "mistral";
        } else if (m_type == "phi3") {
            m_config["sliding_window"] = nullptr;
        }
    }

    void norms()
    {
        const bool plain = m_type == "gpt2" || m_type == "gpt_neox";
        const std::string_view name = plain ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon";
        const auto epsilon = real(name);
        if (!epsilon)
            note("its metadata lack '{}', which a model of this architecture has", key(name));
        m_config[plain ? "layer_norm_eps" : "rms_norm_eps"] = epsilon.value_or(1e-6);
    }

    /// Biases are where tensors say so; what would change the numbers and is not of these families is refused.
    void switches()
    {
        if (m_type != "qwen2") // always has them
            m_config["attention_bias"] = has("blk.0.attn_q.bias") || has("blk.0.attn_qkv.bias");
        m_config["mlp_bias"] = has("blk.0.ffn_up.bias");
        if (const auto* parallel = m_table.get<bool>(key("use_parallel_residual")))
            m_config["use_parallel_residual"] = *parallel;
        for (const char* name : {"logit_scale", "residual_scale", "embedding_scale", "attention.scale", "attention.clamp_kqv",
                                 "attention.max_alibi_bias", "attention.output_scale", "attention.temperature_scale"})
            if (const auto value = real(name); value && *value != 0 && *value != 1)
                note("'{}' is {}, which no {} that is known here has", key(name), *value, m_architecture);
        if (const auto* causal = m_table.get<bool>(key("attention.causal")); causal != nullptr && !*causal)
            note("'{}' is false: {}", key("attention.causal"), whyRefused("bert"));
    }

    void rotary()
    {
        if (m_type == "gpt2")
            return;
        const bool neox = m_type == "gpt_neox";
        m_config[neox ? "rotary_emb_base" : "rope_theta"] = real("rope.freq_base").value_or(10'000);
        const std::int64_t dims = whole("rope.dimension_count").value_or(m_headDim);
        if (dims < 1 || dims > m_headDim)
            note("'{}' is {}, heads have {} numbers", key("rope.dimension_count"), dims, m_headDim);
        else if (dims != m_headDim || neox)
            m_config[neox ? "rotary_pct" : "partial_rotary_factor"] = share(dims);
        if (has("rope_factors_long.weight") || has("rope_factors_short.weight"))
            longRope();
        else if (has("rope_freqs.weight"))
            frequencyFactors(dims);
        else
            scaling();
    }

    /// dims / headDim, such that times headDim, rounded down, it is dims again.
    double share(std::int64_t dims) const
    {
        double part = static_cast<double>(dims) / static_cast<double>(m_headDim);
        if (static_cast<std::int64_t>(part * static_cast<double>(m_headDim)) < dims)
            part = std::nextafter(part, 2.0);
        return part;
    }

    std::vector<double> factors(std::string_view tensor)
    {
        const auto found = m_table.tensors.find(tensor);
        constexpr std::int64_t kMost = 1 << 16; // numbers in half a head
        if (found == m_table.tensors.end() || found->second.type != GgufType::F32 || found->second.shape.size() != 1 ||
            found->second.shape[0] > kMost) {
            note("the rotary factors '{}' are missing, or no short list in F32", tensor);
            return {};
        }
        const GgufTensorEntry& entry = found->second;
        std::vector<float> numbers(static_cast<std::size_t>(entry.shape[0]));
        dequantize(entry.type, m_bytes(entry), numbers);
        return {numbers.begin(), numbers.end()};
    }

    void longRope()
    {
        json settings = {{"rope_type", "longrope"},
                         {"long_factor", factors("rope_factors_long.weight")},
                         {"short_factor", factors("rope_factors_short.weight")}};
        if (const auto scale = real("rope.scaling.attn_factor"))
            settings["attention_factor"] = *scale;
        m_config["original_max_position_embeddings"] = needed("rope.scaling.original_context_length");
        m_config["rope_scaling"] = std::move(settings);
    }

    /// Llama 3.1 to 3.3 are stored with what every frequency is divided by, and not with the four numbers that it comes from.
    void frequencyFactors(std::int64_t dims)
    {
        const std::vector<double> divisors = factors("rope_freqs.weight");
        if (divisors.empty() || static_cast<std::int64_t>(divisors.size()) != dims / 2)
            return note("'rope_freqs.weight' holds {} numbers, {} frequencies turn", divisors.size(), dims / 2);
        const double theta = m_config.value("rope_theta", 10'000.0), factor = *std::ranges::max_element(divisors);
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
            m_config["rope_scaling"] = {{"rope_type", "llama3"},
                                        {"factor", asWritten(factor)},
                                        {"low_freq_factor", kLow},
                                        {"high_freq_factor", kHigh},
                                        {"original_max_position_embeddings", kTrained}};
        else // as longrope can say it: a divisor for every frequency, whatever the length, and nothing else
            m_config["rope_scaling"] = {{"rope_type", "longrope"},
                                        {"factor", 1},
                                        {"attention_factor", 1},
                                        {"long_factor", divisors},
                                        {"short_factor", divisors}};
    }

    void scaling()
    {
        const auto* type = m_table.get<std::string_view>(key("rope.scaling.type"));
        const auto old = real("rope.scale_linear"); // of files from 2023
        if (type == nullptr && (!old || *old == 1))
            return;
        const std::string name(type == nullptr ? "linear" : type->substr(0, 40));
        const auto factor = type == nullptr ? old : real("rope.scaling.factor");
        if (name == "none" || (name == "linear" && factor.value_or(1) == 1))
            return;
        if (name != "linear" && name != "yarn")
            return note("the rotary scaling '{}' is not read; linear and yarn are", name);
        if (!factor)
            return note("its metadata lack '{}'", key("rope.scaling.factor"));
        json settings = {{"rope_type", name}, {"factor", *factor}};
        if (name == "yarn") {
            settings["original_max_position_embeddings"] = needed("rope.scaling.original_context_length");
            settings["beta_fast"] = real("rope.scaling.yarn_beta_fast").value_or(32);
            settings["beta_slow"] = real("rope.scaling.yarn_beta_slow").value_or(1);
            if (const auto scale = real("rope.scaling.attn_factor"); scale && *scale != 1)
                settings["attention_factor"] = *scale * (1 + 0.1 * std::log(*factor));
        }
        m_config["rope_scaling"] = std::move(settings);
    }

    void gemma()
    {
        // Not in the metadata: those with 27 billion weights divide by another number than the size of a head.
        const bool largest = m_layers == (m_type == "gemma2" ? 46 : 62);
        m_config["query_pre_attn_scalar"] = largest && m_queryHeads > 0 ? m_hidden / m_queryHeads : m_headDim;
        for (const char* name : {"attn_logit_softcapping", "final_logit_softcapping"})
            if (const auto value = real(name))
                m_config[name] = *value == 0 ? json(nullptr) : json(*value);
        if (m_type == "gemma2")
            return;
        m_config["rope_local_base_freq"] = real("rope.freq_base_swa").value_or(10'000);
        const std::string pattern = key("attention.sliding_window_pattern");
        if (const auto* every = m_table.get<std::int64_t>(pattern)) {
            m_config["sliding_window_pattern"] = *every;
        } else if (const auto* each = m_table.get<std::vector<std::int64_t>>(pattern)) {
            for (const std::int64_t slides : *each)
                m_config["layer_types"].push_back(slides != 0 ? "sliding_attention" : "full_attention");
        }
    }

    void renameForGpt2()
    {
        constexpr std::array<std::pair<const char*, const char*>, 6> kNames{{{"hidden_size", "n_embd"},
                                                                             {"intermediate_size", "n_inner"},
                                                                             {"num_hidden_layers", "n_layer"},
                                                                             {"num_attention_heads", "n_head"},
                                                                             {"max_position_embeddings", "n_positions"},
                                                                             {"layer_norm_eps", "layer_norm_epsilon"}}};
        for (const auto& [from, to] : kNames) {
            m_config[to] = m_config[from];
            m_config.erase(from);
        }
    }

    const GgufTable& m_table;
    const GgufBytes& m_bytes;
    std::string m_where, m_architecture, m_type;
    std::int64_t m_hidden = 1, m_queryHeads = 1, m_headDim = 1, m_layers = 1;
    json m_config = json::object();
    std::optional<Error> m_error;
};

} // namespace

Result<std::string> ggufConfig(const GgufTable& table, const GgufBytes& bytes, std::string_view where)
{
    return Converter(table, bytes, where).all();
}

std::vector<std::int32_t> ggufEndTokens(const GgufTable& table)
{
    std::vector<std::int32_t> ids;
    for (const char* name : {"eos", "eot", "eom"})
        if (const auto* id = table.get<std::int64_t>(fmt::format("tokenizer.ggml.{}_token_id", name));
            id != nullptr && *id >= 0 && *id <= std::numeric_limits<std::int32_t>::max())
            ids.push_back(static_cast<std::int32_t>(*id));
    return ids;
}

std::string ggufKinds(const GgufTable& table)
{
    std::map<std::string_view, std::size_t> bytes;
    for (const auto& [name, entry] : table.tensors)
        bytes[ggufTypeName(entry.type)] += entry.end - entry.begin;
    std::vector<std::pair<std::string_view, std::size_t>> order(bytes.begin(), bytes.end());
    std::ranges::stable_sort(order, std::greater(), [](const auto& each) { return each.second; });
    std::string text;
    for (const auto& [name, size] : order)
        text += fmt::format("{}{}", text.empty() ? "" : ", ", name);
    return text;
}

} // namespace winnow
