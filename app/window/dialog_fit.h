// SPDX-License-Identifier: GPL-3.0-or-later
// Dialogs fit into the screen, whatever the size of the font: one that is too large is made smaller and moved when it is shown,
// and what it holds scrolls.
#pragma once

#include <QObject>
#include <QScrollArea>

namespace winnow::app {

/// Installed on the application: fits every dialog that is shown. GUI thread.
class DialogFit : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;
    bool eventFilter(QObject* watched, QEvent* event) override;
};

/// Holds the part of a dialog that may be larger than the screen: as large as that part where there is room. Where that part
/// grows while the dialog is shown, the dialog grows with it.
class ScrollBody : public QScrollArea {
    Q_OBJECT
public:
    explicit ScrollBody(QWidget* content, QWidget* parent = nullptr);
    QSize sizeHint() const override;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    int m_height = 0; ///< that the content wanted last
};

} // namespace winnow::app
