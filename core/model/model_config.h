// What config.json says about a model, in our words. Free of Torch.
#pragma once

#include "core/base/result.h"

#include <string>
#include <string_view>

namespace winnow {

/// How rotary frequencies come from the base: "default", or "llama3" with the four numbers below it.
struct RotaryConfig {
    std::string type = "default";
    double theta = 10'000;
    double factor = 1;
    double lowFrequencyFactor = 1;
    double highFrequencyFactor = 4;
    double originalPositions = 8192;
};

struct ModelConfig {
    std::string json;      ///< config.json, as read
    std::string modelType; ///< "llama"
    int vocabulary = 0;    ///< rows of the embedding matrix; the tokenizer may know fewer
    int hidden = 0;
    int intermediate = 0;
    int layers = 0;
    int queryHeads = 0;
    int keyHeads = 0;     ///< KV heads; queryHeads is a multiple of it
    int headDim = 0;      ///< even; need not be hidden / queryHeads
    int maxPositions = 0; ///< the longest text the model was made for; longer ones run, and get worse
    double rmsNormEps = 1e-6;
    bool tiedOutput = false;    ///< the output matrix is the embedding
    bool attentionBias = false; ///< q, k, v and o projections have a bias
    bool mlpBias = false;
    RotaryConfig rotary;
    std::string storedDtype; ///< "float16", …; "" when config.json does not say
};

/// Reads both dialects: rope_theta, rope_scaling, torch_dtype; and rope_parameters (also nested by layer type), dtype.
/// `where` opens every error sentence. What would change the numbers and is not known here is refused by name, never ignored.
Result<ModelConfig> parseModelConfig(std::string_view json, std::string_view where);

/// "llama": what `model_type` may be, comma-separated, for sentences.
std::string supportedModelTypes();

} // namespace winnow
