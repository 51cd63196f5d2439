// SPDX-License-Identifier: GPL-3.0-or-later
// Strings and attributes of core/io/hdf5.h.
#include "core/base/check.h"
#include "core/io/hdf5.h"
#include "core/io/hdf5_error.h"
#include "core/io/hdf5_values.h"

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
        return fail(ErrorCode::BadInput, "'{}' holds {} strings; at most {} characters were expected", where(object), count,
                    limit);
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

Result<std::optional<std::int64_t>> Hdf5File::intAttribute(const std::string& object, const std::string& name) const
{
    WINNOW_TRY(const std::optional<double> number, numberAttribute(object, name));
    if (!number)
        return std::optional<std::int64_t>();
    const Hdf5Lock lock;
    WINNOW_TRY(const Hdf5Id attribute, openAttribute(object, name));
    std::int64_t value = 0;
    if (!readNumberAttribute(attribute.get(), H5T_NATIVE_INT64, &value) || static_cast<double>(value) != *number)
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
    if (!readNumberAttribute(attribute.get(), H5T_NATIVE_DOUBLE, &value))
        return fail(ErrorCode::BadInput, "attribute '{}' of '{}' is not a number", name, where(object));
    return std::optional(value);
}

Result<std::optional<std::string>> Hdf5File::stringAttribute(const std::string& object, const std::string& name) const
{
    const Hdf5Lock lock;
    WINNOW_TRY(const Hdf5Id attribute, openAttribute(object, name));
    if (!attribute)
        return std::optional<std::string>();
    auto text = readTextAttribute(attribute.get());
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
        if (auto text = readTextAttribute(attribute->get()))
            values.emplace_back(name, *std::move(text));
        else if (!readNumberAttribute(attribute->get(), H5T_NATIVE_DOUBLE, &number))
            continue;
        else if (readNumberAttribute(attribute->get(), H5T_NATIVE_INT64, &whole) && static_cast<double>(whole) == number)
            values.emplace_back(name, std::to_string(whole));
        else
            values.emplace_back(name, fmt::format("{}", number));
    }
    return values;
}

} // namespace winnow
