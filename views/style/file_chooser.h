// SPDX-License-Identifier: GPL-3.0-or-later
// Asks for a file that exists, beside whatever goes on: the window's event loop is not nested.
#pragma once

#include <QString>
#include <functional>

class QWidget;

namespace winnow::views {

/// Opens a dialog over `parent` and calls `take` when a file was chosen; never, when the dialog was closed. It goes with
/// `parent`.
void chooseFile(QWidget* parent, const QString& title, const QString& filter, std::function<void(const QString& path)> take);

} // namespace winnow::views
