// SPDX-License-Identifier: GPL-3.0-or-later
// Checks that an HDF5 file is well formed before anything in it is used.
#pragma once

#include "core/base/result.h"

#include <hdf5.h>

#include <cstdint>
#include <filesystem>

namespace winnow {

/// Visits every link, object and attribute of an open file, reads its strings and single numbers, and counts the chunks of its
/// arrays; the numbers in the arrays are not read. Refuses, naming the object:
///  - links that lead elsewhere: external ones, those of other programs' kinds, soft links that lead nowhere;
///  - arrays that lie elsewhere: in external files, or as views of other arrays (virtual datasets);
///  - arrays packed by filters other than deflate, shuffle and fletcher32, which would need a plug-in or an old decoder;
///  - groups that contain themselves;
///  - more or larger objects than the file can hold. All arrays together may take kHdf5Plain bytes, or kHdf5Ratio times the
/// file; an array under two names counts twice.
/// A damaged file can crash libhdf5 here, so a child process does it first (hdf5_check.h). `path` is for the sentences.
Result<void> walkHdf5(hid_t file, const std::filesystem::path& path, std::uint64_t fileBytes);

/// Bytes that any file may claim. A replay of 8,192 tokens, 256 lanes and five policies that never evict packs to less than 1 MB.
inline constexpr std::uint64_t kHdf5Plain = std::uint64_t{512} << 20;
/// Larger files may claim this many times their size. Recorded numbers do not pack to a tenth; the rest is for what never
/// changes.
inline constexpr std::uint64_t kHdf5Ratio = 64;

} // namespace winnow
