// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/wavelet/detrend.h"

#include "core/base/nearest.h"

#include <Eigen/Core>

#include <algorithm>
#include <array>
#include <limits>

namespace winnow {

namespace {

constexpr std::array<std::string_view, 3> kNames{"none", "mean", "line"};
constexpr std::array<std::string_view, 3> kWords{"", ", mean removed", ", straight line removed"};

} // namespace

std::span<const std::string_view> detrendNames() { return kNames; }

std::string_view detrendName(Detrend detrend) { return kNames[static_cast<std::size_t>(detrend)]; }

Result<Detrend> findDetrend(std::string_view name)
{
    const auto* found = std::find(kNames.begin(), kNames.end(), name);
    if (found == kNames.end())
        return fail(ErrorCode::Usage, "'{}' cannot be removed from a signal; the nearest is '{}'", name, nearest(name, kNames));
    return static_cast<Detrend>(found - kNames.begin());
}

std::string_view detrendWords(Detrend detrend) { return kWords[static_cast<std::size_t>(detrend)]; }

void detrend(std::span<double> values, int channels, Detrend detrend)
{
    if (detrend == Detrend::None || values.empty())
        return;
    const Eigen::Index length = static_cast<Eigen::Index>(values.size()) / channels;
    Eigen::Map<Eigen::Array<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>> rows(values.data(), length, channels);
    const Eigen::ArrayXXd largest = rows.abs().colwise().maxCoeff();
    rows.rowwise() -= rows.colwise().mean().eval();
    if (detrend == Detrend::Line && length > 1) {
        const double middle = static_cast<double>(length - 1) / 2;
        const Eigen::VectorXd x = Eigen::VectorXd::LinSpaced(length, -middle, middle);
        rows.matrix().noalias() -= x * (x.transpose() * rows.matrix() / x.squaredNorm()).eval();
    }
    const double rounding = 4 * std::numeric_limits<double>::epsilon() * static_cast<double>(length);
    for (Eigen::Index channel = 0; channel < channels; ++channel)
        if (rows.col(channel).abs().maxCoeff() <= rounding * largest(0, channel))
            rows.col(channel).setZero();
}

} // namespace winnow
