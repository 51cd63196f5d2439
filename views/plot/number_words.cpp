// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/plot/number_words.h"

#include "views/style/theme.h"

#include <cmath>

namespace winnow::views {

QString slopeWords(const ScaleFit& fit)
{
    if (std::isnan(fit.slope))
        return QStringLiteral("too short for a slope");
    const auto number = [](double value) {
        return (value <= -0.005 ? QStringLiteral("−") : QString()) + QString::number(std::abs(value), 'f', 2);
    };
    QString words = QStringLiteral("slope %1").arg(number(fit.slope));
    if (!std::isnan(fit.low))
        words += QStringLiteral(" (%1 to %2)").arg(number(fit.low), number(fit.high));
    return words;
}

QString percentWords(double share)
{
    return share > 0 && share < 0.001 ? QStringLiteral("< 0.1 %")
                                      : QStringLiteral("%1 %").arg(100 * share, 0, 'f', share < 0.9995 ? 1 : 0);
}

QString periodWords(double tokensPerCycle)
{
    const double whole = std::round(tokensPerCycle);
    return std::abs(tokensPerCycle - whole) < 0.05 || tokensPerCycle >= 20 ? grouped(qint64(whole))
                                                                           : QString::number(tokensPerCycle, 'f', 1);
}

QString bytesWords(std::uint64_t bytes)
{
    const auto number = static_cast<double>(bytes);
    return number < 1e6   ? QStringLiteral("%1 kB").arg(number / 1e3, 0, 'f', 1)
           : number < 1e9 ? QStringLiteral("%1 MB").arg(number / 1e6, 0, 'f', 1)
                          : QStringLiteral("%1 GB").arg(number / 1e9, 0, 'f', 2);
}

} // namespace winnow::views
