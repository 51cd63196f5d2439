// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/guide_dialog.h"

#include "app/cli/resources.h"
#include "views/style/theme.h"

#include <QFile>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace winnow::app {

GuideDialog::GuideDialog(QWidget* parent) : QDialog(parent), m_text(new QTextBrowser)
{
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Guide"));
    resize(620, 640);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_text);
    m_text->setFrameShape(QFrame::NoFrame);
    m_text->setFont(views::uiFont(14));
    m_text->document()->setDocumentMargin(16);
    m_text->setOpenExternalLinks(false);
    m_text->setAccessibleName(tr("Guide"));
    QFile file(QString::fromStdString((resourcesFolder() / "guide.md").string()));
    m_text->setMarkdown(file.open(QIODevice::ReadOnly)
                            ? QString::fromUtf8(file.readAll())
                            : tr("The guide '%1' cannot be read; install Winnow again.").arg(file.fileName()));
}

} // namespace winnow::app
