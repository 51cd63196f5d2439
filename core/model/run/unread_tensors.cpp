// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/run/unread_tensors.h"

#include "core/model/run/decoder_weights.h"
#include "core/model/run/device.h"
#include "core/trace/torch_work.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

namespace winnow {
namespace {

/// Hands out tensors without numbers and remembers which were asked for.
class AskedWeights final : public Weights {
public:
    explicit AskedWeights(std::shared_ptr<const Weights> weights) : m_weights(std::move(weights)) {}
    StoredForm form(const Family& family) const override { return m_weights->form(family); }
    bool contains(const std::string& name) const override { return m_weights->contains(name); }
    std::vector<std::string> names() const override { return m_weights->names(); }
    Result<at::Tensor> get(const std::string& name, std::initializer_list<std::int64_t> shape, at::Device) const override
    {
        if (!m_weights->contains(name))
            return fail(ErrorCode::NotFound, "the tensor '{}' is missing", name);
        m_asked.insert(name);
        return at::empty(at::IntArrayRef(shape), at::TensorOptions(at::kFloat).device(at::kMeta));
    }
    bool asked(const std::string& name) const { return m_asked.contains(name); }

private:
    std::shared_ptr<const Weights> m_weights;
    mutable std::set<std::string> m_asked;
};

/// What old versions of transformers and of llama.cpp stored beside the weights. The factors of rotary frequencies in a GGUF file
/// are read with its metadata.
bool changesNothing(std::string_view name)
{
    constexpr std::array<std::string_view, 8> kEnds{
        "rotary_emb.inv_freq",    ".attn.bias",    ".attn.masked_bias", ".attention.bias",
        ".attention.masked_bias", ".position_ids", "rope_freqs.weight", ".attn_rot_embd.weight"};
    return std::ranges::any_of(kEnds, [&](std::string_view end) { return name.ends_with(end); }) ||
           name.starts_with("rope_factors_");
}

/// Of a layer that takes its keys and values from another: files of Gemma 4 hold unused ones.
bool isUnusedKey(const std::string& name, const ModelConfig& config)
{
    for (std::size_t layer = 0; layer < config.perLayer.size(); ++layer) {
        if (config.perLayer[layer].keysOf < 0)
            continue;
        for (const char* part : {"layers.{}.self_attn.k_", "layers.{}.self_attn.v_", "blk.{}.attn_k", "blk.{}.attn_v"})
            if (name.find(fmt::format(fmt::runtime(part), layer)) != std::string::npos)
                return true;
    }
    return false;
}

bool seesOrHears(std::string_view name)
{
    constexpr std::array<std::string_view, 9> kParts{"vision_tower.", "visual.",       "multi_modal_projector.",
                                                     "vision_model.", "audio_tower.",  "embed_vision.",
                                                     "embed_audio.",  "patch_merger.", "vision_embedder."};
    if (name.starts_with("model."))
        name.remove_prefix(6);
    return std::ranges::any_of(kParts, [&](std::string_view part) { return name.starts_with(part); });
}

} // namespace

Result<std::vector<std::string>> unreadTensors(const std::filesystem::path& place, const ModelConfig& config)
try {
    const TorchWork torch;
    WINNOW_TRY(auto opened, openWeights(place, config, at::kFloat));
    const auto weights = std::make_shared<AskedWeights>(std::move(opened));
    WINNOW_TRY_VOID(DecoderWeights::load(config, weights, {.devices = {at::kMeta}}, {}));
    std::vector<std::string> unread;
    for (const std::string& name : weights->names())
        if (!weights->asked(name) && !changesNothing(name) && !seesOrHears(name) && !isUnusedKey(name, config))
            unread.push_back(name);
    return unread;
} catch (...) {
    return fail(currentTorchError("looking through the weights"));
}

std::string unreadWarning(const std::vector<std::string>& names)
{
    constexpr std::size_t kNamed = 3;
    if (names.empty())
        return {};
    const std::vector<std::string> first(names.begin(),
                                         names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kNamed)));
    return fmt::format(
        "its files hold {} tensor{} that nothing reads: '{}'{}; if the model uses {}, what is computed here is not "
        "what the model computes",
        names.size(), names.size() == 1 ? "" : "s", fmt::join(first, "', '"), names.size() > kNamed ? ", …" : "",
        names.size() == 1 ? "it" : "them");
}

} // namespace winnow
