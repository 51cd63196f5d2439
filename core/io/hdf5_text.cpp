// Strings and attributes of core/io/hdf5.h.
#include "core/base/check.h"
#include "core/io/hdf5.h"
#include "core/io/hdf5_error.h"

#include <algorithm>

namespace winnow {

namespace {

Hdf5Id variableString()
{
    Hdf5Id type(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(type.get(), H5T_VARIABLE);
    H5Tset_cset(type.get(), H5T_CSET_UTF8); // what h5py gives back as str
    return type;
}

/// Text up to the first NUL, or all of a fixed-width field, without the padding that its type names.
std::string fixedText(const char* field, std::size_t width, hid_t type)
{
    std::string text(field, width);
    text.resize(std::min(text.size(), text.find('\0')));
    if (H5Tget_strpad(type) == H5T_STR_SPACEPAD)
        text.resize(text.find_last_not_of(' ') + 1);
    return text;
}

/// `count` strings of the object behind `type` and `space`, which `read` copies into the memory of a given type.
template <class Read>
std::optional<std::vector<std::string>> collectStrings(hid_t type, hid_t space, std::size_t count, Read read)
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

} // namespace

Result<void> Hdf5File::writeStringData(const std::string& object, std::span<const std::string> values, bool scalar)
{
    const Hdf5Lock lock;
    const Hdf5Id type = variableString();
    const hsize_t count = values.size();
    const Hdf5Id space(scalar ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &count, nullptr), H5Sclose);
    const Hdf5Id links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
    H5Pset_create_intermediate_group(links.get(), 1);
    Hdf5Id data(H5Dcreate2(m_id.get(), object.c_str(), type.get(), space.get(), links.get(), H5P_DEFAULT, H5P_DEFAULT), H5Dclose);
    if (!data)
        return fail(hdf5Error("making", where(object)));
    std::vector<const char*> pointers;
    for (const std::string& value : values)
        pointers.push_back(value.c_str());
    if (!pointers.empty() && H5Dwrite(data.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers.data()) < 0)
        return fail(hdf5Error("writing", where(object)));
    return {};
}

Result<void> Hdf5File::writeStrings(const std::string& object, std::span<const std::string> values)
{
    return writeStringData(object, values, false);
}

Result<void> Hdf5File::writeString(const std::string& object, const std::string& value)
{
    return writeStringData(object, std::span(&value, 1), true);
}

bool Hdf5File::isString(const std::string& object) const
{
    if (!has(object))
        return false;
    const Hdf5Lock lock;
    const Hdf5Id data(H5Dopen2(m_id.get(), object.c_str(), H5P_DEFAULT), H5Dclose);
    const Hdf5Id type(data ? H5Dget_type(data.get()) : H5I_INVALID_HID, H5Tclose);
    return type && H5Tget_class(type.get()) == H5T_STRING;
}

Result<std::vector<std::string>> Hdf5File::readStrings(const std::string& object, std::uint64_t limit) const
{
    if (!isString(object))
        return fail(ErrorCode::BadInput, "'{}' {}", where(object), has(object) ? "does not hold text" : "is missing");
    const Hdf5Lock lock;
    const Hdf5Id data(H5Dopen2(m_id.get(), object.c_str(), H5P_DEFAULT), H5Dclose);
    const Hdf5Id type(H5Dget_type(data.get()), H5Tclose);
    const Hdf5Id space(H5Dget_space(data.get()), H5Sclose);
    const hssize_t count = H5Sget_simple_extent_npoints(space.get());
    if (count < 0)
        return fail(hdf5Error("reading the shape of", where(object)));
    const std::size_t width = H5Tis_variable_str(type.get()) > 0 ? 1 : H5Tget_size(type.get());
    if (count > 0 && static_cast<std::uint64_t>(count) > limit / std::max<std::size_t>(width, 1))
        return fail(ErrorCode::BadInput, "'{}' holds {} strings; at most {} characters were expected", where(object), count, limit);
    if (count == 0)
        return std::vector<std::string>();
    auto values = collectStrings(type.get(), space.get(), static_cast<std::size_t>(count), [&](hid_t memory, void* out) {
        return H5Dread(data.get(), memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) >= 0;
    });
    if (!values)
        return fail(hdf5Error("reading", where(object)));
    return *std::move(values);
}

Result<void> Hdf5File::writeAttribute(const std::string& object, const std::string& name, hid_t type, const void* value)
{
    const Hdf5Lock lock;
    // Through the open object: HDF5 1.10 cannot write what H5Aopen_by_name opened.
    const Hdf5Id owner(H5Oopen(m_id.get(), object.c_str(), H5P_DEFAULT), H5Oclose);
    const Hdf5Id space(H5Screate(H5S_SCALAR), H5Sclose);
    const bool exists = owner && H5Aexists(owner.get(), name.c_str()) > 0;
    const Hdf5Id attribute(exists ? H5Aopen(owner.get(), name.c_str(), H5P_DEFAULT)
                                  : H5Acreate2(owner.get(), name.c_str(), type, space.get(), H5P_DEFAULT, H5P_DEFAULT),
                           H5Aclose);
    if (!attribute || H5Awrite(attribute.get(), type, value) < 0)
        return fail(hdf5Error("writing attribute", where(object) + "@" + name));
    return {};
}

Result<void> Hdf5File::setAttribute(const std::string& object, const std::string& name, std::int64_t value)
{
    const Hdf5Lock lock; // before H5T_NATIVE_…, which starts the library
    return writeAttribute(object, name, H5T_NATIVE_INT64, &value);
}

Result<void> Hdf5File::setAttribute(const std::string& object, const std::string& name, double value)
{
    const Hdf5Lock lock;
    return writeAttribute(object, name, H5T_NATIVE_DOUBLE, &value);
}

Result<void> Hdf5File::setAttribute(const std::string& object, const std::string& name, const std::string& value)
{
    const Hdf5Lock lock;
    const Hdf5Id type = variableString();
    const char* text = value.c_str();
    return writeAttribute(object, name, type.get(), &text);
}

Result<Hdf5Id> Hdf5File::openAttribute(const std::string& object, const std::string& name) const
{
    const htri_t exists = H5Aexists_by_name(m_id.get(), object.c_str(), name.c_str(), H5P_DEFAULT);
    if (exists == 0)
        return Hdf5Id();
    Hdf5Id attribute(exists < 0 ? H5I_INVALID_HID
                                : H5Aopen_by_name(m_id.get(), object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT),
                     H5Aclose);
    if (!attribute)
        return fail(hdf5Error("reading attribute", where(object) + "@" + name));
    const Hdf5Id space(H5Aget_space(attribute.get()), H5Sclose);
    if (H5Sget_simple_extent_npoints(space.get()) != 1)
        return fail(ErrorCode::BadInput, "attribute '{}' of '{}' holds {} values; expected one", name, where(object),
                    H5Sget_simple_extent_npoints(space.get()));
    return attribute;
}

namespace {

/// A number of any width, or HDF5's boolean (an enumeration), as `target`. False where it is neither.
bool readNumber(hid_t attribute, hid_t target, void* out)
{
    const Hdf5Id type(H5Aget_type(attribute), H5Tclose);
    const H5T_class_t kind = H5Tget_class(type.get());
    if (kind == H5T_INTEGER || kind == H5T_FLOAT)
        return H5Aread(attribute, target, out) >= 0;
    if (kind != H5T_ENUM)
        return false;
    const Hdf5Id base(H5Tget_super(type.get()), H5Tclose);
    std::vector<std::uint8_t> bytes(std::max<std::size_t>(H5Tget_size(type.get()), 8));
    if (H5Aread(attribute, type.get(), bytes.data()) < 0 || H5Tconvert(base.get(), target, 1, bytes.data(), nullptr, H5P_DEFAULT) < 0)
        return false;
    std::copy_n(bytes.data(), 8, static_cast<std::uint8_t*>(out));
    return true;
}

std::optional<std::string> readText(hid_t attribute)
{
    const Hdf5Id type(H5Aget_type(attribute), H5Tclose);
    if (H5Tget_class(type.get()) != H5T_STRING)
        return std::nullopt;
    const Hdf5Id space(H5Aget_space(attribute), H5Sclose);
    const auto values =
        collectStrings(type.get(), space.get(), 1, [&](hid_t memory, void* out) { return H5Aread(attribute, memory, out) >= 0; });
    return values ? std::optional(values->front()) : std::nullopt;
}

} // namespace

Result<std::optional<std::int64_t>> Hdf5File::intAttribute(const std::string& object, const std::string& name) const
{
    WINNOW_TRY(const std::optional<double> number, numberAttribute(object, name));
    if (!number)
        return std::optional<std::int64_t>();
    const Hdf5Lock lock;
    WINNOW_TRY(const Hdf5Id attribute, openAttribute(object, name));
    std::int64_t value = 0;
    if (!readNumber(attribute.get(), H5T_NATIVE_INT64, &value) || static_cast<double>(value) != *number)
        return fail(ErrorCode::BadInput, "attribute '{}' of '{}' is {}; expected a whole number", name, where(object), *number);
    return std::optional(value);
}

Result<std::optional<double>> Hdf5File::numberAttribute(const std::string& object, const std::string& name) const
{
    const Hdf5Lock lock;
    WINNOW_TRY(const Hdf5Id attribute, openAttribute(object, name));
    double value = 0;
    if (!attribute)
        return std::optional<double>();
    if (!readNumber(attribute.get(), H5T_NATIVE_DOUBLE, &value))
        return fail(ErrorCode::BadInput, "attribute '{}' of '{}' is not a number", name, where(object));
    return std::optional(value);
}

Result<std::optional<std::string>> Hdf5File::stringAttribute(const std::string& object, const std::string& name) const
{
    const Hdf5Lock lock;
    WINNOW_TRY(const Hdf5Id attribute, openAttribute(object, name));
    if (!attribute)
        return std::optional<std::string>();
    auto text = readText(attribute.get());
    if (!text)
        return fail(ErrorCode::BadInput, "attribute '{}' of '{}' is not text", name, where(object));
    return text;
}

Result<std::vector<std::pair<std::string, std::string>>> Hdf5File::attributes(const std::string& object) const
{
    const Hdf5Lock lock;
    const auto add = [](hid_t, const char* name, const H5A_info_t*, void* out) -> herr_t {
        static_cast<std::vector<std::string>*>(out)->emplace_back(name);
        return 0;
    };
    std::vector<std::string> names;
    if (H5Aiterate_by_name(m_id.get(), object.c_str(), H5_INDEX_NAME, H5_ITER_INC, nullptr, add, &names, H5P_DEFAULT) < 0)
        return fail(hdf5Error("listing the attributes of", where(object)));
    std::vector<std::pair<std::string, std::string>> values;
    for (const std::string& name : names) {
        const auto attribute = openAttribute(object, name);
        if (!attribute)
            continue;
        std::int64_t whole = 0;
        double number = 0;
        if (auto text = readText(attribute->get()))
            values.emplace_back(name, *std::move(text));
        else if (!readNumber(attribute->get(), H5T_NATIVE_DOUBLE, &number))
            continue;
        else if (readNumber(attribute->get(), H5T_NATIVE_INT64, &whole) && static_cast<double>(whole) == number)
            values.emplace_back(name, std::to_string(whole));
        else
            values.emplace_back(name, fmt::format("{}", number));
    }
    return values;
}

} // namespace winnow
