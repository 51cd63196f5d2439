#include "core/model/weights.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace winnow {

Result<at::Tensor> SafetensorsWeights::get(const std::string& name, std::initializer_list<std::int64_t> shape) const
{
    WINNOW_TRY(const MappedTensor stored, m_files.tensor(name));
    if (!std::ranges::equal(stored.shape, shape))
        return fail(ErrorCode::BadInput, "the tensor '{}' has the shape {}, but config.json asks for {}", name,
                    shapeText(stored.shape), shapeText(std::vector<std::int64_t>(shape)));
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

    const bool aligned = reinterpret_cast<std::uintptr_t>(stored.bytes.data()) % tensorTypeBytes(stored.type) == 0;
    at::Tensor tensor;
    if (aligned && !stored.bytes.empty()) {
        void* data = const_cast<std::byte*>(stored.bytes.data()); // read-only memory; nothing here writes to weights
        tensor = at::from_blob(
            data, at::IntArrayRef(stored.shape), [file = stored.file](void*) {}, at::TensorOptions(type));
    } else {
        tensor = at::empty(at::IntArrayRef(stored.shape), at::TensorOptions(type));
        std::memcpy(tensor.data_ptr(), stored.bytes.data(), stored.bytes.size());
    }
    return tensor.to(m_device, m_dtype);
}

} // namespace winnow
