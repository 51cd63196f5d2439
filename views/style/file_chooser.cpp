// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/style/file_chooser.h"

#include <QFileDialog>

namespace winnow::views {

void chooseFile(QWidget* parent, const QString& title, const QString& filter, std::function<void(const QString& path)> take)
{
    auto* dialog = new QFileDialog(parent, title, QString(), filter);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    QObject::connect(dialog, &QFileDialog::fileSelected, parent, std::move(take));
    dialog->open();
}

} // namespace winnow::views
