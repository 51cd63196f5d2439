// SPDX-License-Identifier: GPL-3.0-or-later
// A line across a panel: a sentence and a button or two. Errors, "Stopped at step 812", the hint of the first run.
#pragma once

#include "views/style/theme.h"

#include <QWidget>

#include <functional>

class QHBoxLayout;
class QLabel;

namespace winnow::app {

class Band : public QWidget {
    Q_OBJECT
public:
    enum class Kind { Hint, Warning, Error };
    struct Choice {
        QString text;
        std::function<void()> act;
    };

    explicit Band(QWidget* parent = nullptr);
    void setTheme(const views::Theme& theme);
    /// Shows itself; every choice hides it before it acts. A × is always there.
    void show(Kind kind, const QString& sentence, const std::vector<Choice>& choices = {});
    QString sentence() const;
    Kind kind() const { return m_kind; }
    bool hasChoices() const; ///< the first of which has the focus when the band gets it

signals:
    void dismissed();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    views::Theme m_theme;
    Kind m_kind = Kind::Hint;
    QLabel* m_label;
    QHBoxLayout* m_buttons;
};

} // namespace winnow::app
