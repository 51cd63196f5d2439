// SPDX-License-Identifier: GPL-3.0-or-later
// The title row of the text: "Text", what its shading shows, and the buttons for bars and find.
#pragma once

#include "views/style/theme.h"

#include <QWidget>

namespace winnow::views {

class IconButton;

class TextHeader : public QWidget {
    Q_OBJECT
public:
    explicit TextHeader(QWidget* parent);
    void setTheme(const Theme& theme);
    void setSubtitle(const QString& subtitle);
    void setBars(bool on);

signals:
    void barsToggled(bool on);
    void findClicked();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    Theme m_theme;
    QString m_subtitle;
    IconButton *m_barsButton, *m_find;
};

} // namespace winnow::views
