// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/run/weights.h"

#include "core/model/config/refused_models.h"
#include "core/model/run/gguf_weights.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace winnow {

Result<void> checkShape(const std::string& name, std::span<const std::int64_t> found, std::span<const std::int64_t> expected,
                        std::string_view who)
{
    if (std::ranges::equal(found, expected))
        return {};
    return fail(ErrorCode::BadInput, "the tensor '{}' has the shape {}, but {} for {}", name, shapeText(found), who,
                shapeText(expected));
}

at::Tensor mappedTensor(std::span<const std::byte> bytes, std::span<const std::int64_t> shape, at::ScalarType type,
                        std::shared_ptr<const void> owner)
{
    const at::IntArrayRef sizes(shape.data(), shape.size());
    if (!bytes.empty() && reinterpret_cast<std::uintptr_t>(bytes.data()) % c10::elementSize(type) == 0) {
        void* data = const_cast<std::byte*>(bytes.data()); // read-only memory; nothing here writes to weights
        return at::from_blob(
            data, sizes, [owner = std::move(owner)](void*) {}, at::TensorOptions(type));
    }
    at::Tensor copy = at::empty(sizes, at::TensorOptions(type));
    std::memcpy(copy.data_ptr(), bytes.data(), bytes.size());
    return copy;
}

StoredForm SafetensorsWeights::form(const Family& family) const
{
    return {.names = family.names, .projections = family.projections, .transposed = family.storedTransposed};
}

Result<at::Tensor> SafetensorsWeights::get(const std::string& name, std::initializer_list<std::int64_t> shape,
                                           at::Device device) const
{
    WINNOW_TRY(const MappedTensor stored, m_files.tensor(name));
    WINNOW_TRY_VOID(checkShape(name, stored.shape, shape, "config.json asks"));
    at::ScalarType type{};
    switch (stored.type) {
    case TensorType::F32:
        type = at::kFloat;
        break;
    case TensorType::F16:
        type = at::kHalf;
        break;
    case TensorType::BF16:
        type = at::kBFloat16;
        break;
    default:
        return fail(ErrorCode::BadInput, "the tensor '{}' has the dtype {}; weights in F32, F16 and BF16 are read", name,
                    tensorTypeName(stored.type));
    }

    return mappedTensor(stored.bytes, stored.shape, type, stored.file).to(device, m_dtype);
}

Result<std::shared_ptr<const Weights>> openWeights(const std::filesystem::path& place, const ModelConfig& config,
                                                   at::ScalarType dtype)
{
    if (isGguf(place)) {
        WINNOW_TRY(auto file, GgufFile::open(place));
        return std::make_shared<GgufWeights>(std::move(file), config, dtype);
    }
    WINNOW_TRY_VOID(checkWeightFormat(place));
    WINNOW_TRY(SafetensorsFolder files, SafetensorsFolder::open(place));
    return std::make_shared<SafetensorsWeights>(std::move(files), dtype);
}

} // namespace winnow
