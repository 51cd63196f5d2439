// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/trace.h"

#include "core/base/check.h"
#include "core/trace/trace_layout.h"

#include <algorithm>

namespace winnow {

int Trace::heads(int layerIndex, Rows what) const
{
    WINNOW_CHECK(layerIndex >= 0 && layerIndex < layerCount(), "layer index {} of {}", layerIndex, layerCount());
    return trace_layout::headsOf(info().layerInfo[layerIndex], what);
}

std::size_t Trace::rowFloats(int layerIndex, Rows what, int rows) const
{
    const std::size_t perHead = trace_layout::isVector(what) ? info().layerInfo[layerIndex].headDim : 1;
    return static_cast<std::size_t>(heads(layerIndex, what)) * rows * perHead;
}

Result<void> Trace::readHeads(int layerIndex, Rows what, Head first, int count, Position begin, Position end,
                              std::span<float> out) const
{
    std::vector<float> all(rowFloats(layerIndex, what, raw(end) - raw(begin)));
    const std::size_t perHead = all.size() / heads(layerIndex, what);
    WINNOW_CHECK(raw(first) >= 0 && count >= 0 && raw(first) + count <= heads(layerIndex, what), "heads {} + {} of {}",
                 raw(first), count, heads(layerIndex, what));
    WINNOW_CHECK(out.size() == count * perHead, "{} floats for {}", out.size(), count * perHead);
    WINNOW_TRY_VOID(read(layerIndex, what, begin, end, all));
    std::copy_n(all.begin() + raw(first) * perHead, out.size(), out.begin());
    return {};
}

std::string_view tokenText(const TraceInfo& info, Position token)
{
    WINNOW_CHECK(raw(token) >= 0 && static_cast<std::size_t>(raw(token)) < info.offsets.size(), "token {} of {}", raw(token),
                 info.offsets.size());
    const auto [begin, end] = info.offsets[raw(token)];
    return std::string_view(info.text).substr(begin, end - begin);
}

} // namespace winnow
