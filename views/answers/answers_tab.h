// SPDX-License-Identifier: GPL-3.0-or-later
// Lower tab "Answers": a prompt, and what the model says to it under each policy, side by side, the first difference marked. The
// prompt is the recording up to the step or to the end of the marked span, or what is typed. Closed loop. The tab runs no model:
// it emits `wanted`, and the receiver gives it the answers. GUI thread.
#pragma once

#include "views/state/selection.h"
#include "views/state/view_data.h"
#include "views/style/elided_label.h"
#include "views/style/panel_band.h"
#include "views/style/theme.h"

#include <QWidget>

#include <vector>

class QComboBox;
class QLineEdit;
class QPushButton;
class QSpinBox;
class QTextBrowser;

namespace winnow::views {

/// What the model is asked.
struct AnswerWish {
    int recorded = 0; ///< the first tokens of the recording; 0 = `typed`
    QString typed;
    int tokens = 64; ///< of an answer, at most
};

struct ShownAnswer {
    int policy = 0; ///< number of its row: its color
    QString name;
    QString same, own; ///< the text in common with the first answer; the text from the first difference on
    QString note;      ///< tokens and slots
};

class AnswersTab : public QWidget {
    Q_OBJECT
public:
    explicit AnswersTab(Selection* selection, QWidget* parent = nullptr);

    void setData(const ViewData& data);
    void setTheme(const Theme& theme);
    void setBusy(bool busy);
    /// Answers, and a sentence about all of them.
    void setAnswers(std::vector<ShownAnswer> answers, const QString& sentence);
    void tell(const QString& problem) { m_band->tell(problem); }
    AnswerWish wish() const;
    QString copyableText() const;
    const PanelBand* band() const { return m_band; }
    QTextBrowser* browser() const { return m_browser; }
    QLineEdit* promptField() const { return m_prompt; }
    QPushButton* button() const { return m_ask; }

signals:
    void wanted(const winnow::views::AnswerWish& wish);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    enum From { Step, Span, Typed };
    void showChoice();
    void fill();
    void showFrom(double top, const QString& html);
    int spanEnd() const; ///< of the newest marked span; 0 = none

    Selection* m_selection;
    ViewData m_data;
    Theme m_theme;
    QComboBox* m_from;
    QLineEdit* m_prompt;
    QSpinBox* m_tokens;
    QPushButton* m_ask;
    ElidedLabel* m_note;
    PanelBand* m_band;
    QTextBrowser* m_browser;
    std::vector<ShownAnswer> m_answers;
    bool m_busy = false;
};

} // namespace winnow::views
