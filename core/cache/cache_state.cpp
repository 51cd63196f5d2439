// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cache/cache_state.h"

#include "core/base/check.h"

namespace winnow {

CacheState::CacheState(int units, at::Device device)
    : m_positions(at::empty({units, 0}, at::TensorOptions(at::kLong).device(device))),
      m_lengths(at::zeros({units}, at::TensorOptions(at::kLong).device(device)))
{
    WINNOW_CHECK(units > 0, "units {}", units);
}

void CacheState::append(int position)
{
    m_positions = at::constant_pad_nd(m_positions, {0, 1}, -1);
    m_positions.scatter_(1, m_lengths.unsqueeze(1), position);
    m_lengths = m_lengths + 1;
}

void CacheState::remove(const at::Tensor& leaving, const std::vector<at::Tensor*>& states)
{
    const auto width = m_positions.size(1);
    const auto goes = leaving.logical_or(m_positions < 0);
    const auto order = std::get<1>(goes.to(at::kByte).sort(true, 1, false)); // those that stay first, in their order
    m_lengths = goes.logical_not().sum(1);
    const auto longest = m_lengths.max().item<std::int64_t>();
    const auto beyond = at::arange(width, m_positions.options()).unsqueeze(0) >= m_lengths.unsqueeze(1);
    const auto compacted = [&](const at::Tensor& values, double padding) {
        return values.gather(1, order).masked_fill(beyond, padding).slice(1, 0, longest);
    };
    m_positions = compacted(m_positions, -1);
    for (at::Tensor* state : states)
        if (state->defined())
            *state = compacted(state->size(1) < width ? at::constant_pad_nd(*state, {0, width - state->size(1)}) : *state, 0);
}

} // namespace winnow
