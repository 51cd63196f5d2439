// SPDX-License-Identifier: GPL-3.0-or-later
// What the window shows while nothing is open: one card with the ways to begin, and the recent files.
#pragma once

#include "views/style/theme.h"

#include <QStringList>
#include <QWidget>

class QLabel;
class QVBoxLayout;

namespace winnow::app {

class EmptyCard : public QWidget {
    Q_OBJECT
public:
    explicit EmptyCard(QWidget* parent = nullptr);
    void setTheme(const views::Theme& theme);
    void setRecent(const QStringList& paths);
    /// What a drop would do, while something is dragged over the window; "" = nothing is.
    void setDropText(const QString& text);

signals:
    void modelWanted();
    void recordingWanted();
    void demoWanted();
    void fileWanted(const QString& path);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void fit();

    views::Theme m_theme;
    QWidget* m_card;
    QLabel* m_drop;
    QLabel* m_recentTitle;
    QVBoxLayout* m_recent;
};

} // namespace winnow::app
