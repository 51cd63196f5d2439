// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/run/sampling.h"

#include "core/base/check.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace winnow {

std::int32_t Sampler::next(std::span<const float> logits)
{
    WINNOW_CHECK(!logits.empty(), "no logits");
    const auto best = std::ranges::max_element(logits);
    if (m_sampling.temperature <= 0)
        return static_cast<std::int32_t>(best - logits.begin());

    m_order.resize(logits.size());
    std::iota(m_order.begin(), m_order.end(), 0);
    if (m_sampling.topP < 1)
        std::ranges::stable_sort(m_order, [&](std::int32_t a, std::int32_t b) {
            return logits[static_cast<std::size_t>(a)] > logits[static_cast<std::size_t>(b)];
        });
    m_weights.resize(logits.size());
    const double highest = static_cast<double>(*best);
    double total = 0;
    for (std::size_t i = 0; i < m_order.size(); ++i) {
        const double logit = static_cast<double>(logits[static_cast<std::size_t>(m_order[i])]);
        total += m_weights[i] = std::exp((logit - highest) / m_sampling.temperature);
    }
    std::size_t kept = m_order.size();
    double sum = total;
    if (m_sampling.topP < 1) {
        sum = 0;
        for (kept = 0; kept < m_order.size() && (kept == 0 || sum < m_sampling.topP * total); ++kept)
            sum += m_weights[kept];
    }
    double left = static_cast<double>(m_random() >> 11) * 0x1p-53 * sum;
    for (std::size_t i = 0; i + 1 < kept; ++i) {
        left -= m_weights[i];
        if (left < 0)
            return m_order[i];
    }
    return m_order[kept - 1];
}

} // namespace winnow
