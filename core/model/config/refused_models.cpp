// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/config/refused_models.h"

#include <algorithm>
#include <array>
#include <system_error>

namespace winnow {
namespace {

namespace fs = std::filesystem;

struct Kind {
    std::string_view why;
    std::span<const std::string_view> types;
};

constexpr std::array<std::string_view, 22> kEncoders{"albert",     "bart",    "bert",  "camembert",  "deberta",    "deberta-v2",
                                                     "distilbert", "electra", "ernie", "layoutlm",   "longformer", "mbart",
                                                     "modernbert", "mpnet",   "mt5",   "nomic_bert", "pegasus",    "roberta",
                                                     "t5",         "whisper", "xlm",   "xlm-roberta"};
constexpr std::array<std::string_view, 16> kExperts{
    "dbrx",    "ernie4_5_moe", "granitemoe", "grok",  "hunyuan_v1_moe", "jetmoe",   "llama4",    "llama4_text",
    "minimax", "mixtral",      "nllb-moe",   "olmoe", "phimoe",         "glm4_moe", "qwen2_moe", "qwen3_moe"};
constexpr std::array<std::string_view, 1> kSinks{"gpt_oss"};
constexpr std::array<std::string_view, 6> kLatent{"deepseek_v2", "deepseek_v3",   "glm4_moe_lite",
                                                  "kimi_k25",    "longcat_flash", "minicpm3"};
constexpr std::array<std::string_view, 2> kUneven{"gemma3n", "gemma3n_text"};
constexpr std::array<std::string_view, 13> kHybrids{
    "bamba",       "falcon_h1", "granitemoehybrid", "jamba",           "lfm2",  "lfm2_moe", "nemotron_h",
    "olmo_hybrid", "qwen3_5",   "qwen3_next",       "recurrent_gemma", "zamba", "zamba2"};
constexpr std::array<std::string_view, 6> kStates{"falcon_mamba", "mamba", "mamba2", "retnet", "rwkv", "xlstm"};

constexpr std::array kKinds{
    Kind{"it is an encoder, or has one: its tokens attend to later ones, so there is no cache to evict from; open a model that "
         "generates text from the left, such as a Llama, Qwen or Gemma",
         kEncoders},
    Kind{"it is a mixture of experts, which is not run here; docs/record_trace.py can record it in Python with transformers (it "
         "checks what it writes), or open a dense model, such as a Llama, Qwen3 or Gemma 3",
         kExperts},
    Kind{"it is a mixture of experts, and each row of its attention counts a learned sink that is no token, which a trace cannot "
         "hold; open a dense model, such as a Llama, Qwen3 or Gemma 3",
         kSinks},
    Kind{"it keeps keys and values compressed (latent attention), and the sizes of its key and value heads differ, which a trace "
         "cannot hold; open a model with plain heads, such as a Llama, Qwen3 or Gemma 3",
         kLatent},
    Kind{"its layers carry several streams side by side (AltUp), which is not run here; docs/record_trace.py can record it in "
         "Python "
         "with transformers (it checks what it writes, and writes shared keys and values for every layer that uses them), or "
         "open a "
         "Gemma 3 or a Gemma 4",
         kUneven},
    Kind{"only some of its layers have attention, the others keep a state of fixed size, which is not run here; "
         "docs/record_trace.py can record the layers with attention in Python with transformers (it checks what it writes), or "
         "open "
         "a model with attention in every layer, such as a Llama, Qwen3 or Gemma 3",
         kHybrids},
    Kind{"it keeps a state of fixed size in place of a cache of keys and values, so there is nothing to evict; open a model with "
         "attention in every layer, such as a Llama, Qwen3 or Gemma 3",
         kStates},
};

bool isFile(const fs::path& path)
{
    std::error_code ignored;
    return fs::is_regular_file(path, ignored);
}

/// The first file in `folder` with one of the extensions; "" when there is none.
std::string fileWith(const fs::path& folder, std::initializer_list<std::string_view> extensions)
{
    std::error_code ignored;
    std::string first;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
        const std::string name = entry.path().filename().string();
        if (std::ranges::any_of(extensions, [&](std::string_view each) { return name.ends_with(each); }) &&
            (first.empty() || name < first))
            first = name;
    }
    return first;
}

} // namespace

std::string whyRefused(std::string_view modelType)
{
    for (const Kind& kind : kKinds)
        if (std::ranges::find(kind.types, modelType) != kind.types.end())
            return std::string(kind.why);
    return {};
}

void noteRefused(ConfigReader& root)
{
    if (root.has("quantization_config")) {
        const nlohmann::json& settings = root.object()["quantization_config"];
        const auto method = settings.is_object() ? settings.find("quant_method") : settings.end();
        std::string name = settings.is_object() && method != settings.end() && method->is_string()
                               ? fmt::format(" with '{}'", method->get<std::string>().substr(0, 40))
                               : "";
        root.note(
            "the weights are quantized{} ('quantization_config'), which is not read; open the model that they were made from",
            name);
    }
    for (const char* key : {"num_local_experts", "num_experts", "n_routed_experts"})
        if (root.whole(key, 0, kMaxModelSize, 0) > 1)
            root.note("'{}' is {}: {}", key, root.object()[key].dump(), whyRefused("mixtral"));
}

Result<void> checkWeightFormat(const fs::path& folder)
{
    if (isFile(folder / "model.safetensors") || isFile(folder / "model.safetensors.index.json"))
        return {};
    if (isFile(folder / "adapter_config.json"))
        return fail(
            ErrorCode::BadInput,
            "'{}' holds an adapter (adapter_config.json), which is a part of a model; merge it into its model with peft's "
            "merge_and_unload() and save_pretrained(), and open that folder",
            folder.string());
    if (const std::string name = fileWith(folder, {".bin", ".pt", ".pth", ".ckpt", ".pkl"}); !name.empty())
        return fail(
            ErrorCode::BadInput,
            "'{}' holds its weights as pickle ('{}'), which can run any code when it is opened, and is not read; in Python, "
            "AutoModelForCausalLM.from_pretrained(folder).save_pretrained(new_folder) writes safetensors",
            folder.string(), name);
    if (const std::string name = fileWith(folder, {".h5", ".msgpack", ".onnx"}); !name.empty())
        return fail(ErrorCode::BadInput,
                    "'{}' holds its weights for another program ('{}'); fetch the model's safetensors as well", folder.string(),
                    name);
    return {};
}

} // namespace winnow
