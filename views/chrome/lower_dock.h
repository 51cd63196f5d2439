// SPDX-License-Identifier: GPL-3.0-or-later
// The dock under the maps. Its tabs are Quality, Token, Attention, Wavelet, Drift and Answers. In a narrow window the text is one
// more tab, before them. Each tab remembers its height. GUI thread.
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

    /// Makes `text` the first tab; its owner still owns it. Null takes the tab away and emits textReleased.
    void setTextTab(QWidget* text);
    bool showsText() const { return m_text && currentWidget() == m_text; }
    void showText(); ///< does nothing where the text is no tab
    /// Tabs are numbered 0 to 5: Quality, Token, Attention, Wavelet, Drift, Answers. The text has no number.
    void showTab(int tab);
    int currentTab() const; ///< while the text is shown: the tab that was shown before it
    /// The height that the current tab asks for, in pixels. It is the height that the user gave the tab last. At first it is 212
    /// for Quality, Token and Drift and 390 for Attention, Wavelet and Answers, times the font's size over its usual size.
    int heightHint() const;
    bool hasFirstHeight() const; ///< the current tab still asks for the height that it had at first
    /// Keeps `height` as that of the current tab. The owner of the splitter calls it after the user has dragged it.
    void rememberHeight(int height);
    TabHeights heights() const { return m_heights; } ///< by tab number; for settings and session
    void setHeights(const TabHeights& heights);      ///< 0 = the first height of that tab
    int textHeight() const { return m_textHeight; }  ///< height of the text where it is a tab
    void setTextHeight(int height);                  ///< 0 = its first height
    void resetHeights();                             ///< gives every tab its first height
    int closedHeight() const;                        ///< of the tab bar alone

    /// The values of the controls in the tabs, for a session: name of the tab → name of the control → value.
    std::map<std::string, std::map<std::string, std::string>> controls() const;
    void takeControls(const std::map<std::string, std::map<std::string, std::string>>& controls);
    struct Chart {
        std::string name; ///< "quality", "token", "attention", "wavelet", "drift"
        QWidget* tab;
        std::function<std::optional<FigureRequest>()> figure; ///< the figure that the tab shows; nothing while it is empty
    };
    std::vector<Chart> charts() const; ///< the tabs that can be exported
    /// The figure of the current tab, for "Export" and "Copy as command"; nothing while it is empty.
    std::optional<FigureRequest> currentFigure() const;
    /// The words that Ctrl+C copies from a tab without a picture (Answers); "" for the others.
    QString copyableText() const;
    /// Switches the Quality tab between chart and table (Ctrl+T).
    void toggleTable();
    bool showsTable() const;
    AnswersTab* answers() const { return m_answers; }
    DriftTab* drift() const { return m_drift; }

signals:
    void textReleased(QWidget* text);   ///< the text is no tab any more; the receiver gives it another parent
    void heightHintChanged(int height); ///< another tab was chosen; it asks for this height

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
