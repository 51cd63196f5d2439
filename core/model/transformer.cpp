#include "core/model/transformer.h"

#include "core/model/decoder.h"
#include "core/model/device.h"
#include "core/model/gguf_weights.h"
#include "core/model/model_folder.h"
#include "core/model/refused_models.h"

namespace winnow {
namespace {

Result<std::unique_ptr<Transformer>> loadFrom(const std::filesystem::path& place, ModelConfig config, const LoadOptions& options,
                                              const JobContext& job)
{
    const auto decoder = [&](const Weights& weights) -> Result<std::unique_ptr<Transformer>> {
        auto model = Decoder::load(std::move(config), weights, options, job);
        if (!model)
            return fail(model.error().code, "the model in '{}': {}", place.string(), model.error().message);
        return model;
    };
    if (isGguf(place)) {
        WINNOW_TRY(auto file, GgufFile::open(place));
        const GgufWeights weights(std::move(file), config, options.dtype, options.device);
        return decoder(weights);
    }
    WINNOW_TRY_VOID(checkWeightFormat(place));
    WINNOW_TRY(const SafetensorsFolder files, SafetensorsFolder::open(place));
    const SafetensorsWeights weights(files, options.dtype, options.device);
    return decoder(weights);
}

} // namespace

Result<std::unique_ptr<Transformer>> Transformer::load(const std::filesystem::path& path, const LoadOptions& options,
                                                       const JobContext& job)
{
    const bool narrow = options.dtype == at::kHalf;
    if (options.dtype != at::kFloat && options.dtype != at::kBFloat16 && !narrow)
        return fail(ErrorCode::Usage, "a model runs in float32, bfloat16 or (on CUDA) float16, not in {}",
                    c10::toString(options.dtype));
    if (narrow && options.device.is_cpu())
        return fail(ErrorCode::Usage, "float16 runs on CUDA only; on the CPU use float32 or bfloat16");
    try {
        WINNOW_TRY_VOID(checkDevice(options.device));
        WINNOW_TRY(const std::filesystem::path place, resolveModel(path));
        WINNOW_TRY(ModelConfig config, readModelConfig(place));
        return loadFrom(place, std::move(config), options, job);
    } catch (...) {
        return fail(currentTorchError("loading the model"));
    }
}

Result<void> Transformer::forward(std::span<const std::int32_t> tokens, int chunk, ForwardObserver& observer,
                                  const JobContext& job) const
{
    WINNOW_TRY(const auto text, begin(static_cast<int>(tokens.size())));
    return text->advance(tokens, chunk, observer, job);
}

} // namespace winnow
