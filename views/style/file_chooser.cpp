// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/style/file_chooser.h"

#include <QDir>
#include <QFileDialog>

namespace winnow::views {

namespace {

/// Qt's own refuses a folder that is not there yet.
class FolderDialog : public QFileDialog {
public:
    using QFileDialog::QFileDialog;

protected:
    void accept() override
    {
        for (const QString& path : selectedFiles())
            if (const QFileInfo info(path); !info.exists() && info.dir().exists())
                QDir().mkdir(path);
        QFileDialog::accept();
    }
};

} // namespace

void chooseFile(QWidget* parent, const QString& title, const QString& filter, std::function<void(const QString& path)> take)
{
    auto* dialog = new QFileDialog(parent, title, QString(), filter);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    QObject::connect(dialog, &QFileDialog::fileSelected, parent, std::move(take));
    dialog->open();
}

QFileDialog* folderDialog(QWidget* parent, const QString& title)
{
    auto* dialog = new FolderDialog(parent, title);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    return dialog;
}

} // namespace winnow::views
