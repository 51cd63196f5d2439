// SPDX-License-Identifier: GPL-3.0-or-later
// What the sources of core/io/hdf5.h share: types of numbers, and the values of strings and attributes. Hold an Hdf5Lock.
#pragma once

#include "core/io/hdf5.h"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace winnow {

hid_t halfType(); ///< IEEE float16, which HDF5 1.10 has no name for
/// Whole numbers and IEEE-like floats of 1 to 8 bytes. HDF5 can describe others, with any bits anywhere, which are not read.
bool isUsualNumber(hid_t type);
hid_t memoryType(NumberType type);
hid_t fileType(NumberType type);

std::string shapeText(std::span<const hsize_t> shape); ///< "[4, 12, 8]"

/// `count` strings of the object behind `type` and `space`, which `read` copies into the memory of a given type.
std::optional<std::vector<std::string>> collectStrings(hid_t type, hid_t space, std::size_t count,
                                                       const std::function<bool(hid_t memory, void* out)>& read);

/// A number of any width, or HDF5's boolean (an enumeration), as `target`. False where it is neither.
bool readNumberAttribute(hid_t attribute, hid_t target, void* out);
/// Nothing where it is no text. The attribute holds one value.
std::optional<std::string> readTextAttribute(hid_t attribute);

} // namespace winnow
