#include "core/cache/cache_state.h"

#include "core/base/check.h"

namespace winnow {

namespace {

/// Entry j of each row becomes entry j (before the victim) or j + 1 (from it on) where the row is active.
at::Tensor withoutSlot(const at::Tensor& values, const at::Tensor& victims, const at::Tensor& active, double padding)
{
    const auto padded = at::constant_pad_nd(values, {0, 1}, padding);
    const auto slot = at::arange(values.size(1), victims.options()).unsqueeze(0);
    const auto shift = active.unsqueeze(1).logical_and(slot >= victims.unsqueeze(1));
    return padded.gather(1, slot + shift.to(at::kLong));
}

} // namespace

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

void CacheState::evict(const at::Tensor& victims, const at::Tensor& active, at::Tensor* state)
{
    const auto isLive = victims.ge(0).logical_and(victims.lt(m_lengths));
    WINNOW_CHECK(isLive.logical_or(active.logical_not()).all().item<bool>(), "a victim is not a live slot");
    if (state && state->defined()) {
        if (state->size(1) < m_positions.size(1))
            *state = at::constant_pad_nd(*state, {0, m_positions.size(1) - state->size(1)});
        *state = withoutSlot(*state, victims, active, 0);
    }
    m_positions = withoutSlot(m_positions, victims, active, -1);
    m_lengths = m_lengths - active.to(at::kLong);
    trim();
    if (state && state->defined())
        *state = state->slice(1, 0, m_positions.size(1));
}

void CacheState::trim()
{
    const auto longest = m_lengths.max().item<std::int64_t>();
    m_positions = m_positions.slice(1, 0, longest);
}

} // namespace winnow
