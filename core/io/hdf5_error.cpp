// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/hdf5_error.h"

#include <hdf5.h>

#include <vector>

namespace winnow {

namespace {

herr_t collect(unsigned, const H5E_error2_t* error, void* out)
{
    if (error->desc && *error->desc)
        static_cast<std::vector<std::string>*>(out)->emplace_back(error->desc);
    return 0;
}

} // namespace

std::string hdf5Reasons()
{
    std::vector<std::string> reasons;
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, collect, &reasons);
    std::string text;
    for (const std::string& reason : reasons)
        text += (text.empty() ? "" : "; ") + reason;
    return text;
}

Error hdf5Error(std::string_view doing, std::string_view where)
{
    const std::string reasons = hdf5Reasons();
    const auto says = [&](std::string_view part) { return reasons.find(part) != std::string::npos; };
    // ENOSPC, EDQUOT, and EFBIG where a limit on file sizes is set.
    if (says("errno = 28") || says("errno = 122") || says("errno = 27"))
        return {ErrorCode::NoSpace,
                fmt::format("{} '{}': the disk is full; free some space or choose another place", doing, where)};
    const std::size_t last = reasons.rfind("; ");
    const std::string innermost = last == std::string::npos ? reasons : reasons.substr(last + 2);
    return {ErrorCode::Io,
            fmt::format("{} '{}' failed: {}", doing, where, innermost.empty() ? "HDF5 gives no reason" : innermost)};
}

} // namespace winnow
