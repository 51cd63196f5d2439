// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/answers/answers_tab.h"

#include "views/plot/number_words.h"
#include "views/style/counted.h"
#include "views/style/dock_style.h"
#include "views/style/focus_ring.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTextBrowser>
#include <QTextFrame>
#include <QVBoxLayout>

#include <algorithm>

namespace winnow::views {

namespace {

QString shown(const QString& text) { return text.toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("\u21B5<br>")); }

} // namespace

AnswersTab::AnswersTab(Selection* selection, QWidget* parent)
    : QWidget(parent), m_selection(selection), m_theme(Theme::darkTheme()), m_from(new QComboBox(this)),
      m_prompt(new QLineEdit(this)), m_tokens(new QSpinBox(this)), m_ask(new QPushButton(this)), m_note(new ElidedLabel(this)),
      m_band(new PanelBand(this)), m_browser(new QTextBrowser(this))
{
    setAccessibleName(tr("Answers"));
    for (const auto& [name, from] :
         {std::pair{tr("text up to the step"), Step}, {tr("text up to the mark"), Span}, {tr("prompt"), Typed}})
        m_from->addItem(name, from);
    m_from->setAccessibleName(tr("What is answered"));
    m_from->setToolTip(
        tr("The recorded tokens up to the step, or to the end of the newest marked span, or a prompt of your own"));
    m_prompt->setPlaceholderText(tr("Type a prompt"));
    m_prompt->setAccessibleName(tr("Prompt"));
    m_prompt->setMinimumWidth(scaled(160));
    m_tokens->setRange(1, 4096);
    m_tokens->setValue(64);
    m_tokens->setSuffix(tr(" tokens"));
    m_tokens->setAccessibleName(tr("Tokens of an answer, at most"));
    m_browser->setFrameShape(QFrame::NoFrame);
    m_browser->setAccessibleName(tr("Answers side by side"));
    setFocusProxy(m_browser);
    new FocusRing(m_browser, m_browser);
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(12, 2, 12, 0);
    bar->setSpacing(8);
    bar->addWidget(m_from);
    bar->addWidget(m_prompt, 2);
    bar->addWidget(m_tokens);
    bar->addWidget(m_ask);
    bar->addWidget(m_note, 3);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(bar);
    column->addWidget(m_band);
    column->addWidget(m_browser, 1);
    connect(m_from, &QComboBox::currentIndexChanged, this, &AnswersTab::showChoice);
    connect(m_prompt, &QLineEdit::textChanged, this, &AnswersTab::showChoice);
    connect(m_prompt, &QLineEdit::returnPressed, m_ask, &QPushButton::click);
    connect(m_ask, &QPushButton::clicked, this, [this] { emit wanted(wish()); });
    connect(selection, &Selection::changed, this, [this](Selection::Fields fields) {
        if (fields & (Selection::StepField | Selection::Spans))
            showChoice();
    });
    setBusy(false);
    setTheme(m_theme);
    fill();
}

int AnswersTab::spanEnd() const
{
    const auto& spans = m_selection->state().spans;
    return spans.empty() ? 0 : spans.back().tokens.end;
}

AnswerWish AnswersTab::wish() const
{
    AnswerWish wish{.recorded = 0, .typed = m_prompt->text(), .tokens = m_tokens->value()};
    if (m_from->currentData().toInt() == Step)
        wish.recorded = m_selection->state().step + 1;
    else if (m_from->currentData().toInt() == Span)
        wish.recorded = spanEnd();
    return wish;
}

void AnswersTab::showChoice()
{
    const auto from = static_cast<From>(m_from->currentData().toInt());
    m_prompt->setVisible(from == Typed);
    const bool ready = from == Typed ? !m_prompt->text().isEmpty() : m_data.info && (from == Step || spanEnd() > 0);
    m_ask->setEnabled(ready && !m_busy);
    m_ask->setToolTip(from == Span && spanEnd() == 0 ? tr("No span is marked: brush tokens and press M")
                                                     : tr("The model answers once for every visible policy"));
    if (!m_answers.empty())
        return;
    const AnswerWish now = wish();
    m_note->setText(from == Typed || !m_data.info ? QString()
                                                  : tr("%1, then the answer").arg(counted(now.recorded, tr("recorded token"))));
}

void AnswersTab::setData(const ViewData& data)
{
    if (m_data.info != data.info) {
        m_answers.clear();
        m_note->setText({});
        m_band->tell({});
        fill();
    }
    m_data = data;
    showChoice();
    if (m_answers.empty())
        fill();
}

void AnswersTab::setTheme(const Theme& theme)
{
    m_theme = theme;
    m_band->setTheme(theme);
    QPalette palette = theme.palette();
    palette.setColor(QPalette::Base, theme.page);
    palette.setColor(QPalette::Text, theme.ink);
    m_browser->setPalette(palette);
    m_browser->setFont(uiFont(14));
    QPalette muted = m_note->palette();
    muted.setColor(QPalette::WindowText, theme.muted);
    m_note->setPalette(muted);
    m_note->setFont(uiFont(12));
    fill();
}

void AnswersTab::setBusy(bool busy)
{
    m_busy = busy;
    m_ask->setText(busy ? tr("Answering…") : tr("Answer"));
    showChoice();
}

void AnswersTab::setAnswers(std::vector<ShownAnswer> answers, const QString& sentence)
{
    m_answers = std::move(answers);
    m_note->setText(sentence);
    m_band->tell({});
    setAccessibleDescription(sentence);
    fill();
}

void AnswersTab::resizeEvent(QResizeEvent*)
{
    if (m_answers.empty())
        fill();
}

void AnswersTab::fill()
{
    const QString muted = m_theme.muted.name(), lost = referenceAccentOf(m_theme).name();
    if (m_answers.empty()) {
        const int above = m_browser->height() / 2 - 2 * m_browser->fontMetrics().height(); // in the middle, as in other tabs
        showFrom(std::max(0, above),
                 QStringLiteral("<p align=center style='color:%1'>%2<br>%3</p>")
                     .arg(muted,
                          m_data.info ? tr("The model itself answers, with each visible policy evicting from its "
                                           "real cache. Press Answer.")
                                      : tr("Type a prompt, or open a recording, and press Answer."),
                          tr("Drop answers of winnow ask, a .jsonl file, onto the window: they open as maps.")));
        return;
    }
    QString html = QStringLiteral("<table width='100%' cellspacing=0 cellpadding=6>");
    for (const ShownAnswer& answer : m_answers) {
        const QString own = answer.own.isEmpty()
                                ? QString()
                                : QStringLiteral("<span style='color:%1'>\u25B8</span><b>%2</b>").arg(lost, shown(answer.own));
        html += QStringLiteral("<tr><td width='190' style='color:%1'><span style='color:%2'>\u25A0</span> %3<br>"
                               "<small style='color:%1'>%4</small></td><td>%5%6</td></tr>")
                    .arg(muted, m_theme.policyPen(answer.policy, 1).color().name(), answer.name.toHtmlEscaped(),
                         answer.note.toHtmlEscaped(), shown(answer.same), own);
    }
    showFrom(m_browser->document()->documentMargin(), html + QStringLiteral("</table>"));
}

/// The frame's margin, for Qt leaves out that of a first paragraph.
void AnswersTab::showFrom(double top, const QString& html)
{
    m_browser->setHtml(html);
    QTextFrameFormat frame = m_browser->document()->rootFrame()->frameFormat();
    frame.setTopMargin(top);
    m_browser->document()->rootFrame()->setFrameFormat(frame);
}

QString AnswersTab::copyableText() const
{
    QString text;
    for (const ShownAnswer& answer : m_answers)
        text += QStringLiteral("%1 (%2)\n%3%4\n\n")
                    .arg(answer.name, answer.note, answer.same,
                         answer.own.isEmpty() ? QString() : QStringLiteral(" >>> ") + answer.own);
    return text.trimmed();
}

} // namespace winnow::views
