// SPDX-License-Identifier: GPL-3.0-or-later
// The effective number of independent signals when the power of correlated signals is averaged.
#pragma once

#include <Eigen/Core>

#include <cstddef>
#include <span>

namespace winnow {

/// With C the covariance of the signals, the mean of their powers scatters as that of n = (trace C)² / ‖C‖² independent ones: its
/// degrees of freedom are n times those of one (F. Satterthwaite, Biometrics Bulletin 2, 1946). C is not formed. With x_i the
/// numbers of all signals at position i, n = (mean of x_i · x_i)² / mean of (x_i · x_j)² over i ≠ j, which has no bias where
/// positions are independent; smooth signals give less. Up to 256 positions, equally far apart, are looked at.
class IndependentSignals {
public:
    explicit IndependentSignals(std::size_t length);

    /// `values`: [length, channels], every channel of mean zero. Costs 2^15 × channels multiply-adds.
    void add(std::span<const double> values, int channels);
    /// From 1 to how many were added.
    double count() const;

private:
    std::size_t m_step;
    Eigen::MatrixXd m_products; ///< [positions, positions] x_i · x_j, the lower half
    double m_added = 0;
};

} // namespace winnow
