// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/run/transformer.h"

#include "core/base/check.h"
#include "core/model/config/model_folder.h"
#include "core/model/families/read_config.h"
#include "core/model/run/decoder.h"
#include "core/model/run/device.h"
#include "core/model/run/weights.h"

namespace winnow {
namespace {

Result<std::unique_ptr<Transformer>> loadFrom(const std::filesystem::path& place, const ModelConfig& config,
                                              const LoadOptions& options, const JobContext& job)
{
    WINNOW_TRY(auto weights, openWeights(place, config, options.dtype));
    auto model = Decoder::load(config, std::move(weights), options, job);
    if (!model)
        return fail(model.error().code, "the model in '{}': {}", place.string(), model.error().message);
    return model;
}

Result<std::unique_ptr<Transformer>> loadOnce(const std::filesystem::path& place, const ModelConfig& config,
                                              const LoadOptions& options, const JobContext& job)
{
    try {
        return loadFrom(place, config, options, job);
    } catch (...) {
        return fail(currentTorchError("loading the model"));
    }
}

} // namespace

Result<std::unique_ptr<Transformer>> Transformer::load(const std::filesystem::path& path, const LoadOptions& options,
                                                       const JobContext& job)
{
    const bool narrow = options.dtype == at::kHalf;
    if (options.dtype != at::kFloat && options.dtype != at::kBFloat16 && !narrow)
        return fail(ErrorCode::Usage, "a model runs in float32, bfloat16 or (on CUDA) float16, not in {}",
                    c10::toString(options.dtype));
    WINNOW_CHECK(!options.devices.empty(), "no device");
    for (const at::Device device : options.devices) {
        if (narrow && device.is_cpu())
            return fail(ErrorCode::Usage, "float16 runs on CUDA only; on the CPU use float32 or bfloat16");
        WINNOW_TRY_VOID(checkDevice(device));
    }
    WINNOW_TRY(const std::filesystem::path place, resolveModel(path));
    WINNOW_TRY(const ModelConfig config, readModelConfig(place));
    auto model = loadOnce(place, config, options, job);
    if (model || model.error().code != ErrorCode::OutOfMemory || options.spare.empty())
        return model;
    LoadOptions wider = options;
    wider.devices.insert(wider.devices.end(), options.spare.begin(), options.spare.end());
    return loadOnce(place, config, wider, job);
}

Result<void> Transformer::forward(std::span<const std::int32_t> tokens, int chunk, ForwardObserver& observer,
                                  const JobContext& job) const
{
    WINNOW_TRY(const auto text, begin(static_cast<int>(tokens.size())));
    return text->advance(tokens, chunk, observer, job);
}

} // namespace winnow
