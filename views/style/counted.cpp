// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/style/counted.h"

#include "core/base/grouped.h"

namespace winnow::views {

QString counted(qint64 count, const QString& one, const QString& many)
{
    const QString noun = count == 1 ? one : many.isEmpty() ? one + QLatin1Char('s') : many;
    return QStringLiteral("%1 %2").arg(QString::fromStdString(winnow::grouped(count)), noun);
}

} // namespace winnow::views
