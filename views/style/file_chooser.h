// SPDX-License-Identifier: GPL-3.0-or-later
// Asks for a file that exists, or for a folder to write into. Returns at once: the window goes on meanwhile.
#pragma once

#include <QString>
#include <functional>

class QFileDialog;
class QWidget;

namespace winnow::views {

/// Opens a dialog over `parent`, which owns it. Calls `take` if a file is chosen, and not at all if the dialog is closed.
void chooseFile(QWidget* parent, const QString& title, const QString& filter, std::function<void(const QString& path)> take);

/// A dialog for a folder, which is made if it is typed and not there. Its owner connects it and opens it; it deletes itself.
QFileDialog* folderDialog(QWidget* parent, const QString& title);

} // namespace winnow::views
