// SPDX-License-Identifier: GPL-3.0-or-later
// The guide: resources/guide.md in a window of its own, which stays open while one follows it.
#pragma once

#include <QDialog>

class QTextBrowser;

namespace winnow::app {

class GuideDialog : public QDialog {
    Q_OBJECT
public:
    /// Deletes itself when it is closed. Where the file cannot be read, says so in its place.
    explicit GuideDialog(QWidget* parent);
    QTextBrowser* text() const { return m_text; }

private:
    QTextBrowser* m_text;
};

} // namespace winnow::app
