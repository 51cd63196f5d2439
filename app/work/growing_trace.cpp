// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/work/growing_trace.h"

#include "core/trace/half.h"

#include <algorithm>

namespace winnow::app {

namespace {

constexpr std::size_t kKinds = 6; ///< of Rows

} // namespace

GrowingTrace::GrowingTrace(TraceInfo info, std::filesystem::path path, bool half)
    : m_info(std::move(info)), m_path(std::move(path)), m_half(half), m_pieces(m_info.layers.size() * kKinds)
{
}

std::uint64_t GrowingTrace::bytes(const TraceInfo& info)
{
    std::uint64_t floats = 0;
    for (const LayerInfo& layer : info.layerInfo)
        floats += 2ULL * layer.headDim * (layer.queryHeads + layer.keyHeads) + 2ULL * layer.queryHeads;
    return floats * sizeof(float) * info.tokens.size();
}

std::vector<GrowingTrace::Piece>& GrowingTrace::pieces(int layerIndex, Rows what)
{
    return m_pieces[static_cast<std::size_t>(layerIndex) * kKinds + static_cast<std::size_t>(what)];
}

int GrowingTrace::width(int layerIndex, Rows what) const
{
    return what == Rows::LogSumExp || what == Rows::ValueOutputNorm
               ? 1
               : m_info.layerInfo[static_cast<std::size_t>(layerIndex)].headDim;
}

void GrowingTrace::append(int layerIndex, Rows what, std::span<const float> rows)
{
    Piece piece{.rows = {rows.begin(), rows.end()}};
    piece.count = static_cast<int>(rows.size()) / (heads(layerIndex, what) * width(layerIndex, what));
    bool fits = true;
    if (m_half && what != Rows::LogSumExp && what != Rows::ValueOutputNorm) {
        std::vector<std::uint16_t> halves(rows.size());
        fits = floatToHalf(rows, halves);
        halfToFloat(halves, piece.rows);
    }
    const std::lock_guard lock(m_mutex);
    auto& all = pieces(layerIndex, what);
    piece.begin = all.empty() ? 0 : all.back().begin + all.back().count;
    all.push_back(std::move(piece));
    m_ended = m_ended || !fits;
}

void GrowingTrace::advance(int tokens)
{
    {
        const std::lock_guard lock(m_mutex);
        m_tokens = tokens;
    }
    m_more.notify_all();
}

void GrowingTrace::end()
{
    {
        const std::lock_guard lock(m_mutex);
        m_ended = true;
    }
    m_more.notify_all();
}

Result<void> GrowingTrace::read(int layerIndex, Rows what, Position begin, Position end, std::span<float> out) const
{
    const int first = raw(begin), last = raw(end), length = last - first;
    const auto d = static_cast<std::ptrdiff_t>(width(layerIndex, what));
    std::unique_lock lock(m_mutex);
    m_more.wait(lock, [&] { return m_ended || m_tokens >= last; });
    if (m_tokens < last || m_ended)
        return fail(ErrorCode::Cancelled, "the recording of '{}' does not go on", m_path.filename().string());
    const auto& all = m_pieces[static_cast<std::size_t>(layerIndex) * kKinds + static_cast<std::size_t>(what)];
    for (const Piece& piece : all) {
        const int from = std::max(first, piece.begin), to = std::min(last, piece.begin + piece.count);
        for (int head = 0; from < to && head < heads(layerIndex, what); ++head)
            std::copy_n(piece.rows.begin() + (static_cast<std::ptrdiff_t>(head) * piece.count + from - piece.begin) * d,
                        (to - from) * d, out.begin() + (static_cast<std::ptrdiff_t>(head) * length + from - first) * d);
    }
    return {};
}

} // namespace winnow::app
