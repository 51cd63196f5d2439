// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/run/bad_weight.h"

#include "core/model/run/decoder_weights.h"
#include "core/model/run/device.h"
#include "core/trace/torch_work.h"

#include <cmath>

namespace winnow {
namespace {

/// Hands out another's weights and remembers the first that is not finite.
class WatchedWeights final : public Weights {
public:
    explicit WatchedWeights(std::shared_ptr<const Weights> weights) : m_weights(std::move(weights)) {}
    StoredForm form(const Family& family) const override { return m_weights->form(family); }
    bool contains(const std::string& name) const override { return m_weights->contains(name); }
    std::vector<std::string> names() const override { return m_weights->names(); }
    Result<at::Tensor> get(const std::string& name, std::initializer_list<std::int64_t> shape, at::Device device) const override
    {
        auto tensor = m_weights->get(name, shape, device);
        if (tensor && !m_bad && tensor->numel() > 0) {
            const auto [least, most] = at::aminmax(*tensor); // nan where there is one
            if (!std::isfinite(least.item<float>()) || !std::isfinite(most.item<float>()))
                m_bad = name;
        }
        return tensor;
    }
    const std::optional<std::string>& bad() const { return m_bad; }

private:
    std::shared_ptr<const Weights> m_weights;
    mutable std::optional<std::string> m_bad;
};

} // namespace

Result<std::optional<std::string>> findBadWeight(const std::filesystem::path& place, const ModelConfig& config,
                                                 at::ScalarType dtype, const JobContext& job)
try {
    const TorchWork torch;
    // bfloat16 reaches as far as float32: what float16 cannot hold is no fault of the weight.
    const at::ScalarType wide = dtype == at::kFloat ? at::kFloat : at::kBFloat16;
    WINNOW_TRY(auto opened, openWeights(place, config, wide));
    const auto watched = std::make_shared<WatchedWeights>(std::move(opened));
    WINNOW_TRY(const DecoderWeights weights, DecoderWeights::load(config, watched, {.dtype = wide, .streamed = true}, job));
    for (int layer = 0; layer < config.layers && !watched->bad(); ++layer) {
        WINNOW_TRY_VOID(job.check("looking through the weights"));
        job.report("looking through the weights", static_cast<double>(layer) / config.layers);
        WINNOW_TRY_VOID(weights.layer(layer));
    }
    return watched->bad();
} catch (...) {
    return fail(currentTorchError("looking through the weights"));
}

} // namespace winnow
