// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/plot/short_number.h"

#include "views/style/theme.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

QString shortNumber(double value, int digits)
{
    const double size = std::abs(value);
    const QString sign = value < 0 ? QStringLiteral("−") : QString();
    if (size == 0)
        return QStringLiteral("0");
    const int exponent = static_cast<int>(std::floor(std::log10(size) + 1e-9));
    if (exponent >= 6 || exponent < -3) {
        QString power = QString::number(exponent);
        const QString from = QStringLiteral("-0123456789"), to = QStringLiteral("⁻⁰¹²³⁴⁵⁶⁷⁸⁹");
        for (QChar& c : power)
            c = to[from.indexOf(c)];
        return sign + QStringLiteral("%1·10%2").arg(size / std::pow(10.0, exponent), 0, 'f', digits - 1).arg(power);
    }
    if (exponent >= digits - 1)
        return sign + grouped(std::llround(size));
    return sign + QString::number(size, 'f', std::min(digits + 2, digits - 1 - exponent));
}

} // namespace winnow::views
