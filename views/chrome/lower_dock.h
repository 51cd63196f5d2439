// SPDX-License-Identifier: GPL-3.0-or-later
// The dock under the maps: Quality, Token, Attention, Wavelet, Drift and Answers in tabs, in a narrow window the text before
// them. Each tab remembers its height.
#pragma once

#include "core/analysis/figures/figure_catalog.h"
#include "views/state/view_data.h"
#include "views/style/theme.h"

#include <QTabWidget>

#include <array>
#include <functional>
#include <map>
#include <string>
#include <vector>

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

    /// Makes `text` the first tab (it stays its owner's), or gives it back: null = no tab.
    void setTextTab(QWidget* text);
    bool showsText() const { return m_text && currentWidget() == m_text; }
    void showText();        ///< where it is a tab
    void showTab(int tab);  ///< 0 to 5: Quality, Token, Attention, Wavelet, Drift, Answers
    int currentTab() const; ///< likewise; the last of them while the text is shown
    /// The height that the current tab wants: 212 for Quality, Token and Drift, 390 for Attention, Wavelet and Answers, or what
    /// the user last gave it.
    int heightHint() const;
    /// Called by the splitter's owner when the user has dragged it.
    void rememberHeight(int height);
    TabHeights heights() const { return m_heights; } ///< of the tabs, for settings and session
    void setHeights(const TabHeights& heights);      ///< 0 = the specification's
    int textHeight() const { return m_textHeight; }  ///< of the text, where it is a tab
    void setTextHeight(int height);                  ///< likewise
    void resetHeights();                             ///< to the specification's, at the size of the font
    int closedHeight() const;                        ///< the height of the tab bar alone

    /// What is chosen in the tabs, by their names and those of their controls, for a session.
    std::map<std::string, std::map<std::string, std::string>> controls() const;
    void takeControls(const std::map<std::string, std::map<std::string, std::string>>& controls);
    struct Chart {
        std::string name; ///< "quality", "token", "attention", "wavelet", "drift"
        QWidget* tab;
        std::function<std::optional<FigureRequest>()> figure; ///< what it shows; nothing while it is empty
    };
    std::vector<Chart> charts() const;
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
    void textReleased(QWidget* text);   ///< it is no tab any more and wants another parent
    void heightHintChanged(int height); ///< another tab was chosen

private:
    QWidget* m_text = nullptr;
    QualityTab* m_quality = nullptr;
    TokenTab* m_token = nullptr;
    AttentionTab* m_attention = nullptr;
    WaveletTab* m_wavelet = nullptr;
    DriftTab* m_drift = nullptr;
    AnswersTab* m_answers = nullptr;
    TabHeights m_heights{};
    int m_textHeight = 0, m_tab = 0;
};

} // namespace winnow::views
