// SPDX-License-Identifier: GPL-3.0-or-later
// The dock under the maps: Quality, Token, Attention and Wavelet in tabs, in a narrow window the text before them. Each tab
// remembers its height.
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

class AttentionTab;
class QualityTab;
class Selection;
class TokenTab;
class WaveletTab;

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
    void showTab(int tab);  ///< 0 to 3: Quality, Token, Attention, Wavelet
    int currentTab() const; ///< likewise; the last of them while the text is shown
    /// The height that the current tab wants: 212 for Quality and Token, 390 for Attention and Wavelet, or what the user last
    /// gave it.
    int heightHint() const;
    /// Called by the splitter's owner when the user has dragged it.
    void rememberHeight(int height);
    std::array<int, 4> heights() const { return m_heights; } ///< of the tabs, for settings and session
    void setHeights(const std::array<int, 4>& heights);      ///< 0 = the specification's
    int textHeight() const { return m_textHeight; }          ///< of the text, where it is a tab
    void setTextHeight(int height);                          ///< likewise
    void resetHeights();                                     ///< to the specification's, at the size of the font
    int closedHeight() const;                                ///< the height of the tab bar alone

    /// What is chosen in the tabs, by their names and those of their controls, for a session.
    std::map<std::string, std::map<std::string, std::string>> controls() const;
    void takeControls(const std::map<std::string, std::map<std::string, std::string>>& controls);
    struct Chart {
        std::string name; ///< "quality", "token", "attention", "wavelet"
        QWidget* tab;
        std::function<std::optional<FigureRequest>()> figure; ///< what it shows; nothing while it is empty
    };
    std::vector<Chart> charts() const;
    /// What the current tab shows, for Export and "copy as command"; nothing while it is empty.
    std::optional<FigureRequest> currentFigure() const;
    /// Ctrl+T: shows the Quality tab as a table, and back.
    void toggleTable();
    bool showsTable() const;

signals:
    void textReleased(QWidget* text);   ///< it is no tab any more and wants another parent
    void heightHintChanged(int height); ///< another tab was chosen

private:
    QWidget* m_text = nullptr;
    QualityTab* m_quality = nullptr;
    TokenTab* m_token = nullptr;
    AttentionTab* m_attention = nullptr;
    WaveletTab* m_wavelet = nullptr;
    std::array<int, 4> m_heights{};
    int m_textHeight = 0, m_tab = 0;
};

} // namespace winnow::views
