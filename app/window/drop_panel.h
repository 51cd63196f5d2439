// SPDX-License-Identifier: GPL-3.0-or-later
// A pane that drops down from a button of the window, for which a narrow window has no place of its own. GUI thread.
#pragma once

#include <QPointer>
#include <QWidget>

namespace winnow::app {

/// A child over the other panes of its parent. A press anywhere else in the window closes it; menus and dialogs of what it holds
/// do not.
class DropPanel : public QWidget {
    Q_OBJECT
public:
    explicit DropPanel(QWidget* window);

    /// Takes `content` and shows it under `button`, as large as it wants to be and the window allows. What was shown goes first.
    void drop(QWidget* content, QWidget* button);
    void close(); ///< does nothing where nothing is shown
    QWidget* content() const { return m_content; }

signals:
    void released(QWidget* content); ///< it is closed, and the content wants another parent

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void place();

    QPointer<QWidget> m_content, m_button, m_before; ///< m_before had the focus
};

} // namespace winnow::app
