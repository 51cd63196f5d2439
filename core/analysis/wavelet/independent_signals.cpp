// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/wavelet/independent_signals.h"

#include <algorithm>

namespace winnow {

namespace {

constexpr std::size_t kMostPositions = 256;

using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

} // namespace

IndependentSignals::IndependentSignals(std::size_t length)
    : m_step((length + kMostPositions - 1) / kMostPositions),
      m_products((length + m_step - 1) / m_step, (length + m_step - 1) / m_step)
{
    m_products.setZero();
}

void IndependentSignals::add(std::span<const double> values, int channels)
{
    const Eigen::Map<const RowMatrix, 0, Eigen::OuterStride<>> some(
        values.data(), m_products.rows(), channels, Eigen::OuterStride<>(static_cast<Eigen::Index>(m_step) * channels));
    m_products.selfadjointView<Eigen::Lower>().rankUpdate(some);
    m_added += channels;
}

double IndependentSignals::count() const
{
    const double positions = static_cast<double>(m_products.rows()), own = m_products.diagonal().mean();
    if (positions < 2 || !(own > 0))
        return 1;
    const double others = m_products.triangularView<Eigen::StrictlyLower>().toDenseMatrix().squaredNorm();
    const double mean = others / (positions * (positions - 1) / 2);
    return mean > 0 ? std::clamp(own * own / mean, 1.0, std::max(1.0, m_added)) : std::max(1.0, m_added);
}

} // namespace winnow
