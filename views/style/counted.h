// SPDX-License-Identifier: GPL-3.0-or-later
// How many of a thing, as people say it. Pure; any thread.
#pragma once

#include <QString>

namespace winnow::views {

/// "1 lane", "1,024 lanes". `many`: the plural where it is not `one` and an s.
QString counted(qint64 count, const QString& one, const QString& many = {});

} // namespace winnow::views
