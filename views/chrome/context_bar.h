// SPDX-License-Identifier: GPL-3.0-or-later
// The row of chips under the menu: what is looked at. Every filter is a chip with ×, which removes it.
#pragma once

#include "views/state/selection.h"
#include "views/state/view_data.h"
#include "views/style/theme.h"

#include <QWidget>

#include <optional>
#include <vector>

class QLabel;

namespace winnow::views {

class Chip;

/// 34 px high. Chips elide when it gets narrow: the text's first, then the model's. GUI thread.
class ContextBar : public QWidget {
    Q_OBJECT
public:
    explicit ContextBar(Selection* selection, QWidget* parent = nullptr);

    void setData(const ViewData& data);
    void setTheme(const Theme& theme);

    /// Names on the first two chips; empty = from the trace's manifest.
    void setNames(const QString& model, const QString& text);
    /// "CPU 1.2 GB", at the right, and behind it the keys that open the palette, as a click on them does; empty = nothing.
    void setMemory(const QString& words, const QString& paletteKeys = {});
    /// "checked: sound" on a chip, with the sentence behind it; a dot tells it in green or red, too,
    /// and in gray while it is not judged. "" = no chip.
    void setCheck(const QString& words, const QString& sentence, std::optional<bool> sound);
    /// A chip "Policies: 6", for windows too narrow for the list itself.
    void setPoliciesShown(bool shown);
    QWidget* policiesChip() const; ///< under which they drop down
    QWidget* lanesChip() const;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    void modelClicked();
    void textClicked();
    void policiesClicked();
    void lanesClicked();
    void tokenClicked();
    void tokenRangeClicked();
    void stepRangeClicked();
    void paletteClicked();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void refresh();
    void arrange();
    void writeMemory();

    Selection* m_selection;
    ViewData m_data;
    Theme m_theme;
    QString m_modelName, m_textName, m_memoryWords, m_paletteKeys;
    bool m_policiesShown = false;
    std::optional<bool> m_sound; ///< the verdict on the recording
    Chip *m_model, *m_text, *m_policies, *m_lanes, *m_token, *m_tokens, *m_steps, *m_spans, *m_difference, *m_loop, *m_check;
    QLabel* m_memory;
};

} // namespace winnow::views
