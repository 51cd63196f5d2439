// SPDX-License-Identifier: GPL-3.0-or-later
// The find row of the text: a field, "3 of 12", previous, next, close. Knows nothing of the text.
#pragma once

#include "views/style/theme.h"

#include <QWidget>

class QLabel;
class QLineEdit;

namespace winnow::views {

class IconButton;

class SearchBar : public QWidget {
    Q_OBJECT
public:
    explicit SearchBar(QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    /// `current` from 0; total 0 with a query says "not found".
    void setCount(int current, int total);
    QString query() const;
    /// Gives the field the focus and selects what is in it.
    void activate();

signals:
    void queryChanged(const QString& query);
    void nextWanted();
    void previousWanted();
    void closeWanted();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    Theme m_theme;
    QLineEdit* m_field;
    QLabel* m_count;
    IconButton *m_previous, *m_next, *m_close;
};

} // namespace winnow::views
