// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/step_queries.h"

namespace winnow {

namespace {

void copyScaled(const at::Tensor& rows, float scale, std::vector<float>& to)
{
    const at::Tensor floats = rows.to(at::kCPU, at::kFloat).contiguous();
    const float* from = floats.const_data_ptr<float>();
    to.resize(static_cast<std::size_t>(floats.numel()));
    for (std::size_t i = 0; i < to.size(); ++i)
        to[i] = from[i] * scale;
}

} // namespace

void StepQueries::show(const LayerInfo& info, const at::Tensor& plain, const at::Tensor& turned)
{
    m_count = static_cast<int>(plain.size(1));
    m_headDim = info.headDim;
    m_softcap = info.softcap;
    copyScaled(plain, info.scale, m_plain);
    copyScaled(turned, info.scale, m_turned);
    m_tile.reset();
}

void StepQueries::makeTile(const at::Tensor& keys)
{
    const std::int64_t lanes = keys.size(0), rows = static_cast<std::int64_t>(m_turned.size()) / m_headDim;
    const at::Tensor queries = at::from_blob(m_turned.data(), {lanes, rows / lanes, m_headDim}, at::TensorOptions(at::kFloat));
    m_tile = at::matmul(queries, keys.to(at::kCPU, at::kFloat).transpose(1, 2));
    if (m_softcap > 0)
        m_tile.div_(m_softcap).tanh_().mul_(m_softcap);
}

float* StepQueries::tileRow(int head, int index) const
{
    return m_tile.data_ptr<float>() + (static_cast<std::int64_t>(head) * m_count + index) * m_tile.size(2);
}

} // namespace winnow
