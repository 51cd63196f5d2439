// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/plot/number_words.h"

#include "core/analysis/running_mean.h"
#include "core/io/disk.h"
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

QString smoothingNote(int window)
{
    const std::string words = smoothingWords(window);
    return words.empty() ? QString() : QStringLiteral(" · ") + QString::fromStdString(words);
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

QString bytesWords(std::uint64_t bytes) { return QString::fromStdString(sizeText(bytes)); }

QString bytesTick(double bytes)
{
    static const char* const kUnits[] = {"B", "kB", "MB", "GB", "TB"};
    std::size_t unit = 0;
    for (; bytes >= 999.5 && unit + 1 < std::size(kUnits); ++unit)
        bytes /= 1000;
    return QStringLiteral("%1 %2").arg(bytes, 0, 'g', bytes >= 99.5 ? 3 : 2).arg(QLatin1String(kUnits[unit]));
}

} // namespace winnow::views
