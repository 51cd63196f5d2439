// SPDX-License-Identifier: GPL-3.0-or-later
// A band inside the panel concerned: the engine's sentence and one or two buttons; no dialog. Hidden while all is well. GUI
// thread.
#pragma once

#include "views/style/theme.h"

#include <QWidget>

#include <functional>
#include <vector>

class QBoxLayout;
class QHBoxLayout;
class QLabel;

namespace winnow::views {

class PanelBand : public QWidget {
    Q_OBJECT
public:
    explicit PanelBand(QWidget* parent = nullptr);

    struct Choice {
        QString text;
        std::function<void()> act; ///< the band hides before it is called
    };
    void setTheme(const Theme& theme);
    /// Buttons under the sentence instead of beside it, small: in a map.
    void setStacked(bool on);
    /// An empty sentence hides the band.
    void tell(const QString& sentence, const std::vector<Choice>& choices = {});
    QString sentence() const;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Theme m_theme;
    QLabel* m_label;
    QBoxLayout* m_row;
    QHBoxLayout* m_buttons;
    bool m_stacked = false;
};

} // namespace winnow::views
