// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/run/gguf_weights.h"

#include "core/model/families/family.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <vector>

namespace winnow {
namespace {

/// Types whose queries and keys llama.cpp stores in another order.
constexpr std::array<std::string_view, 5> kPermuted{"granite", "llama", "ministral3", "mistral", "smollm3"};

/// Numbers of `type`, made from blocks by all of Torch's threads; each needs room for one piece besides.
at::Tensor fromBlocks(GgufType type, std::span<const std::byte> blocks, at::IntArrayRef shape, at::ScalarType dtype)
{
    const GgufBlock block = ggufBlock(type);
    at::Tensor out = at::empty(shape, at::TensorOptions(dtype));
    constexpr std::size_t kPiece = 256; // blocks
    const std::size_t count = blocks.size() / block.bytes;
    at::parallel_for(0, static_cast<std::int64_t>((count + kPiece - 1) / kPiece), 1, [&](std::int64_t from, std::int64_t to) {
        std::vector<float> room(dtype == at::kFloat ? 0 : kPiece * block.numbers);
        for (std::int64_t piece = from; piece < to; ++piece) {
            const std::size_t begin = static_cast<std::size_t>(piece) * kPiece, size = std::min(kPiece, count - begin);
            const auto bytes = blocks.subspan(begin * block.bytes, size * block.bytes);
            const auto place = [&](auto* numbers) { return std::span(numbers + begin * block.numbers, size * block.numbers); };
            if (dtype == at::kFloat) {
                dequantize(type, bytes, place(out.data_ptr<float>()));
                continue;
            }
            const std::span<float> numbers(room.data(), size * block.numbers);
            dequantize(type, bytes, numbers);
            if (dtype == at::kHalf)
                std::ranges::copy(numbers, place(out.data_ptr<at::Half>()).begin());
            else
                std::ranges::copy(numbers, place(out.data_ptr<at::BFloat16>()).begin());
        }
    });
    return out;
}

} // namespace

GgufWeights::GgufWeights(std::shared_ptr<const GgufFile> file, const ModelConfig& config, at::ScalarType dtype)
    : m_file(std::move(file)), m_queryHeads(config.queryHeads), m_keyHeads(config.keyHeads),
      m_permuted(std::ranges::find(kPermuted, config.modelType) != kPermuted.end()),
      m_plusOne(config.family->norm == NormKind::RmsPlusOne), m_dtype(dtype)
{
}

StoredForm GgufWeights::form(const Family& family) const
{
    const bool apart = !contains("blk.0.attn_qkv.weight"), two = contains("blk.0.attn_norm_2.weight"); // the second: of a Falcon
    const auto when = [](std::string_view there, std::string_view name) { return there.empty() ? there : name; };
    const TensorNames& own = family.names;
    return {.names = {.bases = {""},
                      .embedding = "token_embd.weight",
                      .positions = when(own.positions, "position_embd.weight"),
                      .finalNorm = "output_norm",
                      .output = "output",
                      .layers = "blk.",
                      .attentionNorm = when(own.attentionNorm, two ? "attn_norm_2" : "attn_norm"),
                      .afterAttentionNorm = when(own.afterAttentionNorm, "post_attention_norm"),
                      .mlpNorm = when(own.mlpNorm, two ? "attn_norm" : "ffn_norm"),
                      .afterMlpNorm = when(own.afterMlpNorm, "post_ffw_norm"),
                      .query = apart ? "attn_q" : "attn_qkv",
                      .key = "attn_k",
                      .value = "attn_v",
                      .attentionOutput = "attn_output",
                      .queryNorm = when(own.queryNorm, "attn_q_norm"),
                      .keyNorm = when(own.keyNorm, "attn_k_norm"),
                      .gate = when(own.gate, "ffn_gate"),
                      .up = "ffn_up",
                      .down = "ffn_down",
                      .layerScale = when(own.layerScale, "layer_output_scale.weight"),
                      .tokenInputs = when(own.tokenInputs, "per_layer_token_embd.weight"),
                      .tokenInputModel = when(own.tokenInputModel, "per_layer_model_proj"),
                      .tokenInputNorm = when(own.tokenInputNorm, "per_layer_proj_norm"),
                      .tokenInputGate = when(own.tokenInputGate, "inp_gate"),
                      .tokenInputOutput = when(own.tokenInputOutput, "proj"),
                      .afterTokenInputNorm = when(own.afterTokenInputNorm, "post_norm")},
            .projections = apart ? ProjectionKind::Apart : ProjectionKind::Joined,
            .transposed = false};
}

std::vector<std::string> GgufWeights::names() const
{
    std::vector<std::string> names;
    for (const auto& [name, entry] : m_file->table().tensors)
        names.push_back(name);
    return names;
}

Result<at::Tensor> GgufWeights::get(const std::string& name, std::initializer_list<std::int64_t> shape, at::Device device) const
{
    const auto found = m_file->table().tensors.find(name);
    if (found == m_file->table().tensors.end())
        return fail(ErrorCode::NotFound, "the tensor '{}' is missing", name);
    const GgufTensorEntry& entry = found->second;
    WINNOW_TRY_VOID(checkShape(name, entry.shape, shape, "the metadata ask"));
    const auto bytes = m_file->bytes(entry);
    at::Tensor tensor;
    if (entry.type == GgufType::F32 || entry.type == GgufType::F16 || entry.type == GgufType::BF16)
        tensor = mappedTensor(bytes, entry.shape,
                              entry.type == GgufType::F32   ? at::kFloat
                              : entry.type == GgufType::F16 ? at::kHalf
                                                            : at::kBFloat16,
                              m_file);
    else
        tensor = fromBlocks(entry.type, bytes, at::IntArrayRef(entry.shape), m_dtype);
    if (m_plusOne && name.ends_with("norm.weight"))
        tensor = tensor.to(at::kFloat) - 1;
    const bool query = name.ends_with(".attn_q.weight") || name.ends_with(".attn_q.bias");
    if (m_permuted && (query || name.ends_with(".attn_k.weight") || name.ends_with(".attn_k.bias")))
        // [heads, d / 2, 2, …] there: the two numbers of a pair that turns lie side by side; here half a head apart
        tensor = tensor.unflatten(0, {query ? m_queryHeads : m_keyHeads, -1, 2}).transpose(1, 2).flatten(0, 2).contiguous();
    return tensor.to(device, m_dtype);
}

} // namespace winnow
