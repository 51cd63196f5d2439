// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/hdf5_values.h"

#include "core/base/check.h"

#include <algorithm>

namespace winnow {

hid_t halfType()
{
    static const hid_t type = [] {
        const hid_t half = H5Tcopy(H5T_IEEE_F32LE);
        H5Tset_fields(half, 15, 10, 5, 0, 10);
        H5Tset_size(half, 2);
        H5Tset_ebias(half, 15);
        return half;
    }();
    return type;
}

hid_t memoryType(NumberType type)
{
    switch (type) {
    case NumberType::UInt8:
        return H5T_NATIVE_UINT8;
    case NumberType::Int32:
        return H5T_NATIVE_INT32;
    case NumberType::Int64:
        return H5T_NATIVE_INT64;
    case NumberType::Float16:
        return halfType();
    case NumberType::Float32:
        return H5T_NATIVE_FLOAT;
    case NumberType::Float64:
        return H5T_NATIVE_DOUBLE;
    }
    WINNOW_CHECK(false, "number type {}", static_cast<int>(type));
}

hid_t fileType(NumberType type)
{
    switch (type) {
    case NumberType::UInt8:
        return H5T_STD_U8LE;
    case NumberType::Int32:
        return H5T_STD_I32LE;
    case NumberType::Int64:
        return H5T_STD_I64LE;
    case NumberType::Float16:
        return halfType();
    case NumberType::Float32:
        return H5T_IEEE_F32LE;
    case NumberType::Float64:
        return H5T_IEEE_F64LE;
    }
    WINNOW_CHECK(false, "number type {}", static_cast<int>(type));
}

bool isUsualNumber(hid_t type)
{
    const H5T_class_t kind = H5Tget_class(type);
    if (kind != H5T_INTEGER && kind != H5T_FLOAT)
        return false;
    const std::size_t size = H5Tget_size(type), bits = 8 * size;
    if (size != 1 && size != 2 && size != 4 && size != 8)
        return false;
    if (H5Tget_precision(type) != bits || H5Tget_offset(type) != 0)
        return false;
    const H5T_order_t order = H5Tget_order(type);
    if (order != H5T_ORDER_LE && order != H5T_ORDER_BE)
        return false;
    if (kind == H5T_INTEGER)
        return true;
    std::size_t sign = 0, exponent = 0, exponentBits = 0, mantissa = 0, mantissaBits = 0;
    return H5Tget_fields(type, &sign, &exponent, &exponentBits, &mantissa, &mantissaBits) >= 0 && size > 1 && mantissa == 0 &&
           exponent == mantissaBits && exponentBits >= 2 && exponentBits <= 11 && sign == exponent + exponentBits &&
           sign + 1 == bits;
}

std::string shapeText(std::span<const hsize_t> shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

namespace {

/// Text up to the first NUL, or all of a fixed-width field, without the padding that its type names.
std::string fixedText(const char* field, std::size_t width, hid_t type)
{
    std::string text(field, width);
    text.resize(std::min(text.size(), text.find('\0')));
    if (H5Tget_strpad(type) == H5T_STR_SPACEPAD)
        text.resize(text.find_last_not_of(' ') + 1);
    return text;
}

} // namespace

std::optional<std::vector<std::string>> collectStrings(hid_t type, hid_t space, std::size_t count,
                                                       const std::function<bool(hid_t memory, void* out)>& read)
{
    std::vector<std::string> values(count);
    if (H5Tis_variable_str(type) > 0) {
        std::vector<char*> pointers(count, nullptr);
        const Hdf5Id memory(H5Tcopy(type), H5Tclose);
        if (!read(memory.get(), pointers.data()))
            return std::nullopt;
        for (std::size_t i = 0; i < count; ++i)
            values[i] = pointers[i] ? pointers[i] : "";
        H5Dvlen_reclaim(memory.get(), space, H5P_DEFAULT, pointers.data());
        return values;
    }
    const std::size_t width = H5Tget_size(type);
    std::vector<char> bytes(width * count);
    if (!read(type, bytes.data()))
        return std::nullopt;
    for (std::size_t i = 0; i < count; ++i)
        values[i] = fixedText(bytes.data() + i * width, width, type);
    return values;
}

bool readNumberAttribute(hid_t attribute, hid_t target, void* out)
{
    const Hdf5Id type(H5Aget_type(attribute), H5Tclose);
    const H5T_class_t kind = H5Tget_class(type.get());
    if (isUsualNumber(type.get()))
        return H5Aread(attribute, target, out) >= 0;
    if (kind != H5T_ENUM)
        return false;
    const Hdf5Id base(H5Tget_super(type.get()), H5Tclose);
    if (!isUsualNumber(base.get()))
        return false;
    std::vector<std::uint8_t> bytes(std::max<std::size_t>(H5Tget_size(type.get()), 8));
    if (H5Aread(attribute, type.get(), bytes.data()) < 0 ||
        H5Tconvert(base.get(), target, 1, bytes.data(), nullptr, H5P_DEFAULT) < 0)
        return false;
    std::copy_n(bytes.data(), 8, static_cast<std::uint8_t*>(out));
    return true;
}

std::optional<std::string> readTextAttribute(hid_t attribute)
{
    const Hdf5Id type(H5Aget_type(attribute), H5Tclose);
    if (H5Tget_class(type.get()) != H5T_STRING)
        return std::nullopt;
    const Hdf5Id space(H5Aget_space(attribute), H5Sclose);
    const auto values =
        collectStrings(type.get(), space.get(), 1, [&](hid_t memory, void* out) { return H5Aread(attribute, memory, out) >= 0; });
    return values ? std::optional(values->front()) : std::nullopt;
}

} // namespace winnow
