// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/file_trace.h"

#include "core/base/check.h"
#include "core/trace/half.h"
#include "core/trace/normalizers.h"
#include "core/trace/trace_values.h"

namespace winnow {

using namespace trace_layout;

Result<void> FileTrace::readHeads(int layerIndex, Rows what, Head first, int count, Position begin, Position end,
                                  std::span<float> out) const
{
    WINNOW_TRY_VOID(readRows(layerIndex, what, first, count, begin, end, out));
    return what == Rows::LogSumExp && m_checked ? checkNormalizers(layerIndex) : Result<void>();
}

Result<void> FileTrace::readRows(int layerIndex, Rows what, Head first, int count, Position begin, Position end,
                                 std::span<float> out) const
{
    const int heads = Trace::heads(layerIndex, what);
    WINNOW_CHECK(raw(begin) >= 0 && raw(begin) <= raw(end) && raw(end) <= tokenCount(), "rows {} to {} of {}", raw(begin),
                 raw(end), tokenCount());
    WINNOW_CHECK(raw(first) >= 0 && count >= 0 && raw(first) + count <= heads, "heads {} + {} of {}", raw(first), count, heads);
    const auto& data = m_layers[layerIndex][static_cast<std::size_t>(what)];
    WINNOW_CHECK(data.has_value(), "layer index {} has no {}", layerIndex, rowsName(what));
    Hdf5Shape corner(data->shape().size(), 0), box = data->shape();
    corner[0] = static_cast<hsize_t>(raw(first));
    corner[1] = static_cast<hsize_t>(raw(begin));
    box[0] = static_cast<hsize_t>(count);
    box[1] = static_cast<hsize_t>(raw(end) - raw(begin));
    std::size_t floats = 1;
    for (const hsize_t extent : box)
        floats *= extent;
    WINNOW_CHECK(out.size() == floats, "{} floats for {}", out.size(), floats);
    const int rows = raw(end) - raw(begin);
    if (data->isHalf()) {
        // HDF5 converts float16 bit by bit, about a hundred times slower than this.
        std::vector<std::uint16_t> halves(floats);
        WINNOW_TRY_VOID(data->read(corner, box, NumberType::Float16, halves.data()));
        halfToFloat(halves, out);
        if (isVector(what) && areFinite(halves))
            return {};
    } else {
        WINNOW_TRY_VOID(data->read(corner, box, NumberType::Float32, out.data()));
    }
    if (const auto bad = firstBadNumber(what, out, count, rows))
        return fail(ErrorCode::BadInput, "'{}' {}; record it again", data->name(), describe(*bad, what, first, begin));
    return {};
}

Result<void> FileTrace::checkNormalizers(int layerIndex) const
{
    Looked& looked = m_looked[static_cast<std::size_t>(layerIndex)];
    const std::lock_guard lock(looked.mutex);
    if (!looked.done) {
        const ReadRows read = [&](Rows what, Head first, int count, Position begin, Position end, std::span<float> out) {
            return readRows(layerIndex, what, first, count, begin, end, out);
        };
        WINNOW_TRY(looked.wrong, wrongNormalizers(m_info, layerIndex, read));
        looked.done = true;
    }
    if (looked.wrong.empty())
        return {};
    return fail(ErrorCode::BadInput, "'{}: {}' {}; record it again", m_path.string(),
                rowsPath(m_info.layers[static_cast<std::size_t>(layerIndex)], Rows::LogSumExp), looked.wrong);
}
} // namespace winnow
