// SPDX-License-Identifier: GPL-3.0-or-later
// The row of the step beside the attention map: its tokens by falling share, those that the focused policy has lost in orange
// with the step they left at. A click goes to the token. GUI thread.
#pragma once

#include "core/analysis/attended_tokens.h"
#include "views/state/view_data.h"
#include "views/style/theme.h"

#include <QLabel>
#include <QTableWidget>

namespace winnow::views {

class AttendedList : public QWidget {
    Q_OBJECT
public:
    explicit AttendedList(QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    /// `policy`: the name of the policy compared with.
    void show(const AttendedTokens& row, const QString& policy, const ViewData& data);
    void clear();
    QTableWidget* table() const { return m_table; }
    QString title() const { return m_title->text(); }

signals:
    void tokenChosen(int token);

private:
    Theme m_theme;
    QLabel* m_title;
    QTableWidget* m_table;
};

} // namespace winnow::views
