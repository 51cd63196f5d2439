// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/work/preview.h"

#include "core/model/config/model_folder.h"
#include "core/model/families/read_config.h"
#include "core/model/tokenizer/tokenizer.h"

#include <algorithm>

namespace winnow::app {

Result<std::shared_ptr<const TraceInfo>> previewTrace(const RecordOptions& options)
{
    WINNOW_TRY(const std::filesystem::path folder, resolveModel(options.model));
    WINNOW_TRY(const ModelConfig config, readModelConfig(folder));
    WINNOW_TRY(const std::shared_ptr<const Tokenizer> tokenizer, Tokenizer::load(folder));
    WINNOW_TRY(Encoding encoding, tokenizer->encode(options.text));
    if (options.maxTokens > 0 && encoding.ids.size() > static_cast<std::size_t>(options.maxTokens)) {
        encoding.ids.resize(static_cast<std::size_t>(options.maxTokens));
        encoding.offsets.resize(encoding.ids.size());
    }
    auto info = std::make_shared<TraceInfo>();
    info->config = config.json;
    info->text = options.text;
    info->tokens = std::move(encoding.ids);
    info->offsets = std::move(encoding.offsets);
    info->prompt = static_cast<int>(info->tokens.size());
    info->manifest = {{"model", modelName(folder)}, {"text", options.textName}, {"dtype", std::string(dtypeName(options.dtype))}};
    const auto [first, last] = options.layers.value_or(std::pair(0, config.layers - 1));
    for (int layer = std::max(0, first); layer <= std::min(last, config.layers - 1); ++layer) {
        info->layers.push_back(Layer(layer));
        LayerInfo shape;
        shape.queryHeads = config.queryHeads;
        shape.keyHeads = config.perLayer[static_cast<std::size_t>(layer)].keyHeads;
        shape.headDim = config.perLayer[static_cast<std::size_t>(layer)].headDim;
        info->layerInfo.push_back(shape);
    }
    return info;
}

} // namespace winnow::app
