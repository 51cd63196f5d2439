#include "core/model/transformer.h"

#include "core/base/check.h"
#include "core/model/device.h"
#include "core/model/llama.h"
#include "core/model/model_folder.h"

namespace winnow {

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
        WINNOW_TRY(const std::filesystem::path folder, resolveModelFolder(path));
        WINNOW_TRY(ModelConfig config, readModelConfig(folder));
        WINNOW_TRY(const SafetensorsFolder files, SafetensorsFolder::open(folder));
        const Weights weights(files, options.dtype, options.device);
        WINNOW_CHECK(config.modelType == "llama", "the config parser let the family '{}' through", config.modelType);
        auto model = Llama::load(std::move(config), weights, options, job);
        if (!model)
            return fail(model.error().code, "the model in '{}': {}", folder.string(), model.error().message);
        return model;
    } catch (...) {
        return fail(currentTorchError("loading the model"));
    }
}

} // namespace winnow
