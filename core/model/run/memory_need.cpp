// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/run/memory_need.h"

#include "core/io/disk.h"
#include "core/model/families/family.h"

#include <algorithm>

namespace winnow {
namespace {

std::uint64_t size(std::int64_t number) { return static_cast<std::uint64_t>(number); }

int widest(const ModelConfig& c)
{
    int most = c.intermediate;
    for (const LayerConfig& layer : c.perLayer)
        most = std::max(most, layer.intermediate);
    return most;
}

/// Of all layers, or of one.
std::uint64_t weightCount(const ModelConfig& c, bool streamed)
{
    const std::uint64_t hidden = size(c.hidden), embedding = size(c.vocabulary) * hidden;
    const std::uint64_t positions = c.learnedPositions ? size(c.maxPositions) * hidden : 0;
    const std::uint64_t inputs = size(c.tokenInputs) * size(c.layers) * (size(c.tokenInputRows) + hidden);
    std::uint64_t all = 0, largest = 0;
    for (const LayerConfig& layer : c.perLayer) {
        const std::uint64_t queries = size(c.queryHeads) * size(layer.headDim);
        const std::uint64_t keys = layer.keysOf < 0 ? size(layer.keyHeads) * size(layer.headDim) : 0;
        const std::uint64_t mlp = (c.family->names.gate.empty() && !c.family->gateInUp ? 2 : 3) * size(layer.intermediate);
        const std::uint64_t own = hidden * (2 * queries + (layer.valuesFromKeys ? 1 : 2) * keys + mlp + 2 * size(c.tokenInputs));
        all += own;
        largest = std::max(largest, own);
    }
    return embedding * (c.tiedOutput ? 1 : 2) + positions + inputs + (streamed ? largest : all);
}

} // namespace

MemoryNeed memoryNeed(const ModelConfig& c, int tokens, Dtype dtype, int chunk, bool streamed)
{
    const int bytes = dtypeBytes(dtype);
    MemoryNeed need;
    (c.storedDtype == dtypeName(dtype) ? need.mapped : need.weights) = weightCount(c, streamed) * size(bytes);
    need.cache = size(c.cacheBytesPerToken(bytes)) * size(tokens);
    // The logits of a chunk, as they come, in float32 and with what their logarithms take; the attention of some heads; an MLP.
    const std::uint64_t rows = size(std::min(chunk, tokens));
    need.work = rows * (size(c.vocabulary) * size(bytes + 8) + size(tokens) * size(c.queryHeads) * 4 + size(widest(c)) * 12);
    return need;
}

Result<void> checkMemory(const MemoryNeed& need, std::optional<std::uint64_t> available)
{
    if (!available || need.total() <= *available)
        return {};
    return fail(
        ErrorCode::OutOfMemory,
        "running the model takes about {} ({} the cache of keys and values), and {} can be had; close other programs, run it in "
        "bfloat16 or over a shorter text, or take a smaller model",
        memoryText(need), sizeText(need.cache), sizeText(*available));
}

Result<bool> mustStream(const ModelConfig& config, int tokens, Dtype dtype, int chunk, std::optional<std::uint64_t> available)
{
    const MemoryNeed whole = memoryNeed(config, tokens, dtype, chunk);
    const auto fits = checkMemory(whole, available);
    if (fits)
        return false;
    if (whole.weights > 0 && checkMemory(memoryNeed(config, tokens, dtype, chunk, true), available))
        return true;
    return fail(fits.error());
}

std::string memoryText(const MemoryNeed& need)
{
    if (need.weights == 0)
        return fmt::format("{} of memory, beside {} of weights that stay in their file", sizeText(need.total()),
                           sizeText(need.mapped));
    return fmt::format("{} of memory, {} of them weights", sizeText(need.total()), sizeText(need.weights));
}

} // namespace winnow
