// SPDX-License-Identifier: GPL-3.0-or-later
// The dock under the maps: Quality, Token, Attention, Wavelet, Drift and Answers in tabs. Each tab remembers its height.
#pragma once

#include "core/analysis/figures/figure_catalog.h"
#include "views/state/view_data.h"
#include "views/style/theme.h"

#include <QTabWidget>

#include <array>

namespace winnow::views {

class AnswersTab;
class AttentionTab;
class DriftTab;
class QualityTab;
class Selection;
class TokenTab;
class WaveletTab;

using TabHeights = std::array<int, 6>;

class LowerDock : public QTabWidget {
    Q_OBJECT
public:
    explicit LowerDock(Selection* selection, QWidget* parent = nullptr);

    void setData(const ViewData& data);
    void setTheme(const Theme& theme);

    /// The height that the current tab wants: 212 for Quality, Token and Drift, 390 for Attention, Wavelet and Answers, or what
    /// the user last gave it.
    int heightHint() const;
    /// Called by the splitter's owner when the user has dragged it.
    void rememberHeight(int height);
    TabHeights heights() const { return m_heights; } ///< of the tabs, for settings and session
    void setHeights(const TabHeights& heights);      ///< 0 = the specification's
    void resetHeights();                             ///< to the specification's, at the size of the font
    int closedHeight() const;                        ///< the height of the tab bar alone

    /// What the current tab shows, for Export and "copy as command"; nothing while it is empty.
    std::optional<FigureRequest> currentFigure() const;
    /// What the current tab says in words, where it has no picture to copy; else "".
    QString copyableText() const;
    /// Ctrl+T: shows the Quality tab as a table, and back.
    void toggleTable();
    bool showsTable() const;
    AnswersTab* answers() const { return m_answers; }
    DriftTab* drift() const { return m_drift; }

signals:
    void heightHintChanged(int height); ///< another tab was chosen

private:
    QualityTab* m_quality = nullptr;
    TokenTab* m_token = nullptr;
    AttentionTab* m_attention = nullptr;
    WaveletTab* m_wavelet = nullptr;
    DriftTab* m_drift = nullptr;
    AnswersTab* m_answers = nullptr;
    TabHeights m_heights{};
};

} // namespace winnow::views
