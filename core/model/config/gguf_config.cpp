// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/config/gguf_config.h"

#include "core/io/json.h"
#include "core/model/config/gguf_architectures.h"
#include "core/model/config/gguf_rotary.h"
#include "core/model/config/refused_models.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace winnow {
namespace {

using nlohmann::json;

Result<std::string> architectureOf(const GgufTable& table, std::string_view where)
{
    if (const auto* kind = table.get<std::string_view>("general.type"); kind != nullptr && *kind != "model")
        return fail(ErrorCode::BadInput,
                    "{} holds no model but a part for one (its 'general.type' is '{}'); open the model's own file", where,
                    kind->substr(0, 40));
    const auto* name = table.get<std::string_view>("general.architecture");
    if (name == nullptr)
        return fail(ErrorCode::BadInput, "{} does not say what it holds: its metadata lack 'general.architecture'", where);
    const std::string architecture(name->substr(0, 60));
    if (architecture == "clip" || architecture == "mmproj")
        return fail(ErrorCode::BadInput, "{} holds the part of a model that sees pictures; open the file of its text part",
                    where);
    if (!modelTypeOf(architecture).empty())
        return architecture;
    if (const std::string why = whyArchitectureRefused(architecture); !why.empty())
        return fail(ErrorCode::BadInput, "{}: the architecture '{}' is not supported: {}", where, architecture, why);
    return fail(ErrorCode::BadInput, "{}: the architecture '{}' is not supported; supported are: {}", where, architecture,
                supportedArchitectures());
}

/// Turns metadata into members of a config.json.
class Converter {
public:
    explicit Converter(GgufReader reader) : m_reader(std::move(reader)), m_type(modelTypeOf(m_reader.architecture())) {}

    Result<std::string> all()
    {
        sizes();
        norms();
        switches();
        multipliers();
        rotary();
        if (m_type == "gemma4_text")
            gemma4();
        else if (m_type.starts_with("gemma"))
            gemma();
        if (m_type == "falcon")
            falcon();
        if (m_type == "gpt2")
            renameForGpt2();
        if (m_reader.error())
            return fail(*m_reader.error());
        return m_config.dump(1);
    }

private:
    bool has(std::string_view tensor) const { return m_reader.has(tensor); }
    bool isPlain() const
    {
        return m_type == "gpt2" || m_type == "gpt_neox" || m_type == "phi" || m_type == "stablelm" || m_type == "falcon";
    }

    void sizes()
    {
        const auto embedding = m_reader.table().tensors.find(std::string_view("token_embd.weight"));
        if (embedding == m_reader.table().tensors.end() || embedding->second.shape.size() != 2) {
            m_reader.note(
                "it has no tensor 'token_embd.weight' of two dimensions, so it holds no weights; fetch the file with them");
            return;
        }
        m_hidden = m_reader.needed("embedding_length");
        m_queryHeads = m_reader.needed("attention.head_count");
        m_layers = m_reader.needed("block_count");
        m_config = {{"model_type", m_type},
                    {"vocab_size", embedding->second.shape[0]},
                    {"hidden_size", m_hidden},
                    {"intermediate_size",
                     m_type == "gemma4_text" ? eachLayer("feed_forward_length").front() : m_reader.needed("feed_forward_length")},
                    {"num_hidden_layers", m_layers},
                    {"num_attention_heads", m_queryHeads},
                    {"num_key_value_heads", m_type == "gemma4_text"
                                                ? eachLayer("attention.head_count_kv").front()
                                                : m_reader.whole("attention.head_count_kv").value_or(m_queryHeads)},
                    {"max_position_embeddings", m_reader.needed("context_length")},
                    {"tie_word_embeddings", !has("output.weight")}};
        for (const auto& [kind, dtype] : {std::pair("F32", "float32"), {"F16", "float16"}, {"BF16", "bfloat16"}})
            if (ggufKinds(m_reader.table()).substr(0, ggufKinds(m_reader.table()).find(',')) == kind)
                m_config["dtype"] = dtype;
        m_headDim = m_reader.whole("attention.key_length").value_or(m_queryHeads > 0 ? m_hidden / m_queryHeads : 1);
        m_config["head_dim"] = m_headDim;
        if (const auto values = m_reader.whole("attention.value_length"); values && *values != m_headDim)
            m_reader.note("keys have {} numbers and values {}; models where these differ are not read", m_headDim, *values);
        if (m_reader.whole("expert_count").value_or(0) > 1)
            m_reader.note("'{}' is {}: {}", m_reader.key("expert_count"), *m_reader.whole("expert_count"), whyRefused("mixtral"));
        if (const auto window = m_reader.whole("attention.sliding_window"); window && *window > 0) {
            m_config["sliding_window"] = *window;
            if (m_type == "llama")
                m_config["model_type"] = m_type = "mistral";
            if (m_type == "olmo2")
                m_config["model_type"] = m_type = "olmo3";
        } else if (m_type == "phi3") {
            m_config["sliding_window"] = nullptr;
        }
    }

    void norms()
    {
        const bool plain = isPlain();
        const std::string_view name = plain ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon";
        const auto epsilon = m_reader.real(name);
        if (!epsilon)
            m_reader.note("its metadata lack '{}', which a model of this architecture has", m_reader.key(name));
        m_config[plain ? "layer_norm_eps" : "rms_norm_eps"] = epsilon.value_or(1e-6);
    }

    /// Biases are where tensors say so; what would change the numbers and is not of these families is refused.
    void switches()
    {
        if (m_type != "qwen2") // always has them
            m_config["attention_bias"] = has("blk.0.attn_q.bias") || has("blk.0.attn_qkv.bias");
        m_config["mlp_bias"] = has("blk.0.ffn_up.bias");
        m_config["use_qkv_bias"] = has("blk.0.attn_q.bias");
        if (const auto* parallel = m_reader.table().get<bool>(m_reader.key("use_parallel_residual")))
            m_config["use_parallel_residual"] = *parallel;
        if (m_type == "stablelm" || m_type == "phi")
            m_config["qk_layernorm"] = has("blk.0.attn_q_norm.weight");
        if (m_type == "stablelm")
            m_config["use_parallel_residual"] = !has("blk.0.ffn_norm.weight");
        if (const auto* causal = m_reader.table().get<bool>(m_reader.key("attention.causal")); causal != nullptr && !*causal)
            m_reader.note("'{}' is false: {}", m_reader.key("attention.causal"), whyRefused("bert"));
    }

    /// Granite's four, and how a Ministral's queries grow. Of any other model they would change the numbers.
    void multipliers()
    {
        std::map<std::string_view, const char*> known;
        if (m_type == "granite")
            known = {{"logit_scale", "logits_scaling"},
                     {"residual_scale", "residual_multiplier"},
                     {"embedding_scale", "embedding_multiplier"},
                     {"attention.scale", "attention_multiplier"}};
        for (const char* name : {"logit_scale", "residual_scale", "embedding_scale", "attention.scale", "attention.clamp_kqv",
                                 "attention.max_alibi_bias", "attention.output_scale", "attention.temperature_scale"}) {
            const auto value = m_reader.real(name);
            if (!value || *value == 0 || (m_type == "ministral3" && std::string_view(name) == "attention.temperature_scale"))
                continue;
            if (known.contains(name))
                m_config[known[name]] = *value;
            else if (*value != 1)
                m_reader.note("'{}' is {}, which no {} that is known here has", m_reader.key(name), *value,
                              m_reader.architecture());
        }
    }

    /// [layers]: a list, or one number for all of them.
    std::vector<std::int64_t> eachLayer(std::string_view name)
    {
        const auto count = static_cast<std::size_t>(std::clamp<std::int64_t>(m_layers, 1, kMaxLayers));
        const auto* list = m_reader.table().get<std::vector<std::int64_t>>(m_reader.key(name));
        if (list == nullptr)
            return std::vector(count, m_reader.needed(name));
        if (list->size() == count)
            return *list;
        m_reader.note("'{}' holds {} numbers, one for each of its {} layers was expected", m_reader.key(name), list->size(),
                      count);
        return std::vector<std::int64_t>(count, 1);
    }

    void rotary()
    {
        if (m_type == "gpt2" || m_type == "gemma4_text")
            return;
        const bool neox = m_type == "gpt_neox";
        const double theta = m_reader.real("rope.freq_base").value_or(10'000), share = ggufRotaryShare(m_reader, m_headDim);
        json settings = ggufRotaryScaling(m_reader, m_headDim, theta, m_config);
        if (m_type == "olmo3" || m_type == "ministral3") { // which have more than one embedding, or more to say of it
            settings = settings.is_null() ? json{{"rope_type", "default"}} : settings;
            settings["rope_theta"] = theta;
            if (const auto growth = m_reader.real("attention.temperature_scale"); growth && *growth != 0)
                settings["llama_4_scaling_beta"] = *growth;
            m_config["rope_parameters"] =
                m_type == "ministral3" ? settings
                                       : json{{"full_attention", settings}, {"sliding_attention", {{"rope_theta", theta}}}};
            if (m_type == "olmo3")
                listSlidingLayers();
            return;
        }
        m_config[neox ? "rotary_emb_base" : "rope_theta"] = theta;
        if (share != 1 || neox || m_type == "phi" || m_type == "stablelm")
            m_config[neox ? "rotary_pct" : "partial_rotary_factor"] = share;
        if (!settings.is_null())
            m_config["rope_scaling"] = settings;
    }

    /// "sliding_window_pattern": a truth value for each layer, or every which layer sees everything.
    void listSlidingLayers()
    {
        const std::string pattern = m_reader.key("attention.sliding_window_pattern");
        if (const auto* every = m_reader.table().get<std::int64_t>(pattern)) {
            m_config["sliding_window_pattern"] = *every;
        } else if (const auto* each = m_reader.table().get<std::vector<std::int64_t>>(pattern)) {
            for (const std::int64_t slides : *each)
                m_config["layer_types"].push_back(slides != 0 ? "sliding_attention" : "full_attention");
        }
    }

    /// llama.cpp runs those whose attention and MLP read the layer's input side by side.
    void falcon()
    {
        const bool two = has("blk.0.attn_norm_2.weight");
        const std::int64_t keys = m_reader.whole("attention.head_count_kv").value_or(1);
        m_config["new_decoder_architecture"] = two || keys > 1;
        m_config["num_ln_in_parallel_attn"] = two ? 2 : 1;
        m_config["num_kv_heads"] = keys;
        m_config["ffn_hidden_size"] = m_config["intermediate_size"];
        m_config["layer_norm_epsilon"] = m_config["layer_norm_eps"];
        m_config["bias"] = has("blk.0.attn_qkv.bias");
    }

    void gemma()
    {
        // Not in the metadata: those with 27 billion weights divide by another number than the size of a head.
        const bool largest = m_layers == (m_type == "gemma2" ? 46 : 62);
        m_config["query_pre_attn_scalar"] = largest && m_queryHeads > 0 ? m_hidden / m_queryHeads : m_headDim;
        for (const char* name : {"attn_logit_softcapping", "final_logit_softcapping"})
            if (const auto value = m_reader.real(name))
                m_config[name] = *value == 0 ? json(nullptr) : json(*value);
        if (m_type == "gemma2")
            return;
        m_config["rope_local_base_freq"] = m_reader.real("rope.freq_base_swa").value_or(10'000);
        listSlidingLayers();
    }

    /// The share of a head that turns where all is seen: what does not is divided by 1e30.
    double turnedShare(std::int64_t headDim)
    {
        const std::vector<double> divisors = m_reader.factors("rope_freqs.weight");
        const auto turned = std::ranges::count(divisors, 1.0),
                   still = std::ranges::count_if(divisors, [](double d) { return d >= 1e20; });
        if (static_cast<std::int64_t>(divisors.size()) != headDim / 2 || turned + still != headDim / 2 ||
            !std::all_of(divisors.begin(), divisors.begin() + turned, [](double d) { return d == 1; }))
            m_reader.note(
                "'rope_freqs.weight' holds no {} factors, of which the first are 1 and the others stop their pair from turning",
                headDim / 2);
        return static_cast<double>(turned) / std::max(1.0, static_cast<double>(headDim / 2));
    }

    void gemma4()
    {
        listSlidingLayers();
        const std::int64_t sliding = m_reader.whole("attention.key_length_swa").value_or(m_headDim);
        const std::int64_t shared = m_reader.whole("attention.shared_kv_layers").value_or(0);
        const std::vector<std::int64_t> inner = eachLayer("feed_forward_length"), keys = eachLayer("attention.head_count_kv");
        if (!m_config.contains("layer_types") || m_config["layer_types"].size() != inner.size()) {
            m_reader.note("'{}' does not say for each of its {} layers whether it slides",
                          m_reader.key("attention.sliding_window_pattern"), m_layers);
            return;
        }
        json& layers = m_config["per_layer_config"] = json::object();
        bool ownValues = true;
        for (std::size_t i = 0; i < inner.size(); ++i) {
            const bool full = m_config["layer_types"][i] == "full_attention";
            layers[std::to_string(i)] = {{"head_dim", full ? m_headDim : sliding}, {"num_key_value_heads", keys[i]}};
            if (full && static_cast<std::int64_t>(i) < m_layers - shared)
                ownValues = ownValues && has(fmt::format("blk.{}.attn_v.weight", i));
        }
        m_config["head_dim"] = sliding;
        m_config["attention_k_eq_v"] = !ownValues;
        m_config["num_kv_shared_layers"] = shared;
        m_config["use_double_wide_mlp"] = inner.back() != inner.front();
        const std::int64_t inputs = m_reader.whole("embedding_length_per_layer_input").value_or(0);
        m_config["hidden_size_per_layer_input"] = inputs;
        m_config["vocab_size_per_layer_input"] = m_config["vocab_size"];
        if (const auto cap = m_reader.real("final_logit_softcapping"); cap && *cap != 0)
            m_config["final_logit_softcapping"] = *cap;
        m_config["rope_parameters"] = {
            {"full_attention",
             {{"rope_type", "proportional"},
              {"partial_rotary_factor", turnedShare(m_headDim)},
              {"rope_theta", m_reader.real("rope.freq_base").value_or(1e6)}}},
            {"sliding_attention", {{"rope_type", "default"}, {"rope_theta", m_reader.real("rope.freq_base_swa").value_or(1e4)}}}};
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

    GgufReader m_reader;
    std::string m_type; ///< of config.json
    std::int64_t m_hidden = 1, m_queryHeads = 1, m_headDim = 1, m_layers = 1;
    json m_config = json::object();
};

} // namespace

Result<std::string> ggufConfig(const GgufTable& table, const GgufBytes& bytes, std::string_view where)
{
    WINNOW_TRY(std::string architecture, architectureOf(table, where));
    return Converter(GgufReader(table, bytes, where, std::move(architecture))).all();
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
