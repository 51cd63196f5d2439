// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/chrome/context_bar.h"

#include "views/state/lane_choice.h"
#include "views/style/chip.h"
#include "views/style/counted.h"
#include "views/style/dock_style.h"

#include <QFileInfo>
#include <QLabel>
#include <QPainter>

#include <algorithm>
#include <array>

namespace winnow::views {

namespace {

QString fromManifest(const ViewData& data, const std::string& key)
{
    if (!data.info)
        return {};
    const auto found = data.info->manifest.find(key);
    return found == data.info->manifest.end() ? QString() : QString::fromStdString(found->second);
}

/// "940–1,010": ranges are shown inclusive.
QString words(const Range& range)
{
    return range.size() == 1 ? grouped(range.begin)
                             : QStringLiteral("%1\u2013%2").arg(grouped(range.begin), grouped(range.end - 1));
}

/// Green or red, which only go with words.
QColor verdictColor(std::optional<bool> sound, const Theme& theme)
{
    if (!sound)
        return theme.muted;
    return *sound ? QColor(theme.dark ? 0x4CC38A : 0x18794E) : QColor(theme.dark ? 0xFF6369 : 0xCD2B31);
}

} // namespace

ContextBar::ContextBar(Selection* selection, QWidget* parent)
    : QWidget(parent), m_selection(selection), m_model(new Chip(this)), m_text(new Chip(this)), m_policies(new Chip(this)),
      m_lanes(new Chip(this)), m_token(new Chip(this, true)), m_tokens(new Chip(this, true)), m_steps(new Chip(this, true)),
      m_spans(new Chip(this, true)), m_difference(new Chip(this, true)), m_loop(new Chip(this)), m_check(new Chip(this)),
      m_memory(new QLabel(this))
{
    setAccessibleName(tr("Context"));
    m_memory->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_memory->setFont(uiFont(12));
    m_memory->setTextFormat(Qt::RichText);
    connect(m_memory, &QLabel::linkActivated, this, &ContextBar::paletteClicked);
    connect(m_model, &Chip::clicked, this, &ContextBar::modelClicked);
    connect(m_text, &Chip::clicked, this, &ContextBar::textClicked);
    connect(m_policies, &Chip::clicked, this, &ContextBar::policiesClicked);
    connect(m_lanes, &Chip::clicked, this, &ContextBar::lanesClicked);
    connect(m_token, &Chip::clicked, this, &ContextBar::tokenClicked);
    connect(m_tokens, &Chip::clicked, this, &ContextBar::tokenRangeClicked);
    connect(m_steps, &Chip::clicked, this, &ContextBar::stepRangeClicked);
    m_loop->setStatic(true); // it says how to read everything, and there is nothing to choose
    m_check->setStatic(true);
    m_check->hide();
    connect(m_lanes, &Chip::closeClicked, selection, [selection] { selection->setLanes({}); });
    connect(m_token, &Chip::closeClicked, selection, [selection] { selection->setToken({}); });
    connect(m_tokens, &Chip::closeClicked, selection, [selection] { selection->setTokenRange({}); });
    connect(m_steps, &Chip::closeClicked, selection, [selection] { selection->setStepRange({}); });
    connect(m_spans, &Chip::clicked, selection,
            [selection] { selection->setTokenRange(selection->state().spans.back().tokens); });
    connect(m_spans, &Chip::closeClicked, selection, [selection] { selection->setSpans({}); });
    connect(m_difference, &Chip::clicked, selection, // the two change places
            [selection] {
                const int focus = selection->state().focus;
                selection->setFocus(selection->state().reference);
                selection->setReference(focus);
            });
    connect(m_difference, &Chip::closeClicked, selection, [selection] { selection->setDifference(false); });
    connect(selection, &Selection::changed, this, [this](Selection::Fields fields) {
        if (fields & (Selection::Difference | Selection::Reference | Selection::Lanes | Selection::Token | Selection::Spans |
                      Selection::TokenRange | Selection::StepRange | Selection::Focus))
            refresh();
    });
    setTheme(Theme::darkTheme());
    refresh();
}

void ContextBar::setData(const ViewData& data)
{
    m_data = data;
    refresh();
}

void ContextBar::setTheme(const Theme& theme)
{
    m_theme = theme;
    for (Chip* chip : {m_model, m_text, m_policies, m_lanes, m_token, m_tokens, m_steps, m_spans, m_difference, m_loop, m_check})
        chip->setTheme(theme);
    m_check->setDot(verdictColor(m_sound, theme));
    QPalette palette = m_memory->palette();
    palette.setColor(QPalette::WindowText, theme.muted);
    m_memory->setPalette(palette);
    writeMemory(); // a link has its own color
    update();
}

void ContextBar::setNames(const QString& model, const QString& text)
{
    m_modelName = model;
    m_textName = text;
    refresh();
}

void ContextBar::setMemory(const QString& words, const QString& paletteKeys)
{
    m_memoryWords = words;
    m_paletteKeys = paletteKeys;
    writeMemory();
    arrange();
}

void ContextBar::writeMemory()
{
    QString text = m_memoryWords.toHtmlEscaped();
    if (!m_paletteKeys.isEmpty())
        text += QStringLiteral("&nbsp;&nbsp;<a href=\"palette\" style=\"color:%1; text-decoration:none\">%2</a>")
                    .arg(m_theme.muted.name(), m_paletteKeys.toHtmlEscaped());
    m_memory->setText(text);
}

void ContextBar::setCheck(const QString& words, const QString& sentence, std::optional<bool> sound)
{
    m_sound = sound;
    m_check->setLabel(words, sentence);
    m_check->setDot(verdictColor(sound, m_theme));
    arrange();
}

void ContextBar::setPoliciesShown(bool shown)
{
    m_policiesShown = shown;
    refresh();
}

QWidget* ContextBar::policiesChip() const { return m_policies; }
QWidget* ContextBar::lanesChip() const { return m_lanes; }

QSize ContextBar::sizeHint() const { return {scaled(900), scaled(34)}; }
QSize ContextBar::minimumSizeHint() const { return {scaled(320), scaled(34)}; }

void ContextBar::refresh()
{
    const SelectionState& state = m_selection->state();
    QString model = m_modelName.isEmpty() ? QFileInfo(fromManifest(m_data, "model")).fileName() : m_modelName;
    m_model->setLabel(model.isEmpty() ? tr("No model") : model, tr("The model that was recorded; click to record another text"));
    const int tokens = m_data.info ? static_cast<int>(m_data.info->tokens.size()) : 0;
    QString count = counted(tokens, tr("token"));
    if (tokens > 0 && m_data.tokensRecorded < tokens)
        count = tr("%1 of %2").arg(grouped(m_data.tokensRecorded), counted(tokens, tr("token")));
    const QString name = m_textName.isEmpty() ? tr("Text") : m_textName;
    m_text->setLabel(tokens > 0 ? QStringLiteral("%1 \u00B7 %2").arg(name, count) : tr("No text"),
                     tr("The text, and how many tokens of it are recorded"));

    const int layers = m_data.replay ? static_cast<int>(m_data.replay->layers.size())
                       : m_data.info ? static_cast<int>(m_data.info->layers.size())
                                     : 0;
    const int all = layers * kvHeadCount(m_data);
    const int policies = m_data.replay ? static_cast<int>(m_data.replay->policies.size()) : 0;
    m_policies->setVisible(m_policiesShown && policies > 0);
    m_policies->setLabel(tr("Policies: %1").arg(policies), tr("Shows and hides the policies and lanes"));
    const auto& chosen = state.lanes;
    QString lanes = chosen.empty() ? tr("Lanes: all %1").arg(grouped(all))
                                   : tr("Lanes: %1 of %2").arg(grouped(static_cast<qint64>(chosen.size())), grouped(all));
    if (chosen.size() == 1)
        lanes = tr("Layer %1, head %2").arg(chosen.front().layer).arg(chosen.front().head);
    if (m_data.replay && chosen.size() == 1 && chosen.front().layer < layers)
        lanes = tr("Layer %1, head %2")
                    .arg(raw(m_data.replay->layers[static_cast<std::size_t>(chosen.front().layer)]))
                    .arg(chosen.front().head);
    m_lanes->setVisible(all > 0);
    m_lanes->setClosable(!chosen.empty());
    m_lanes->setLabel(lanes, tr("The lanes (KV heads) that every picture and number is about"));

    m_token->setVisible(state.token.has_value());
    if (state.token)
        m_token->setLabel(tr("Token %1").arg(grouped(*state.token)),
                          tr("The selected token, %1").arg(tokenLabel(m_data, *state.token, 24)));
    m_tokens->setVisible(state.tokenRange.has_value());
    if (state.tokenRange)
        m_tokens->setLabel(tr("Tokens %1").arg(words(*state.tokenRange)),
                           tr("The brushed tokens: marked everywhere, nothing is hidden; click to zoom to them"));
    m_steps->setVisible(state.stepRange.has_value());
    if (state.stepRange)
        m_steps->setLabel(tr("Steps %1").arg(words(*state.stepRange)),
                          tr("All means run over these steps; click to zoom to them"));
    m_spans->setVisible(!state.spans.empty());
    if (!state.spans.empty())
        m_spans->setLabel(state.spans.size() == 1 ? tr("Marked: %1").arg(state.spans.front().name)
                                                  : tr("Marked: %1 spans").arg(state.spans.size()),
                          tr("Marked spans, bracketed in every view; click to brush the newest"));
    const auto policyName = [&](int policy) {
        return policy < policies ? policyTitle(*m_data.replay->policies[static_cast<std::size_t>(policy)]) : QString();
    };
    m_difference->setVisible(state.difference && policies > 0);
    m_difference->setLabel(
        tr("Difference from %1").arg(policyName(state.reference)),
        state.focus == state.reference
            ? tr("%1 is the reference itself; press 1 to 9 for a policy to set against it").arg(policyName(state.focus))
            : tr("%1 against %2: kept by both, by one only, by neither; click to change places")
                  .arg(policyName(state.focus), policyName(state.reference)));
    const bool closed = m_data.replay && m_data.replay->closedLoop(), both = m_data.replay && m_data.replay->bothLoops();
    m_loop->setFilled(closed || both);
    m_loop->setLabel(
        both     ? tr("open and closed loop")
        : closed ? tr("closed loop")
                 : tr("open loop"),
        both ? tr("Runs are the model itself with the policy evicting from its real cache; the other policies are replayed over "
                  "the "
                  "recording of one full-cache run")
        : closed ? tr("The model itself ran with the policy evicting from its real cache")
                 : tr("Policies are replayed over the recording of one full-cache run: drift from the layers below is left out"));
    arrange();
}

void ContextBar::arrange()
{
    const int gap = scaled(8), edge = scaled(10);
    const std::array<Chip*, 11> chips{m_model, m_text,  m_policies,   m_lanes, m_token, m_tokens,
                                      m_steps, m_spans, m_difference, m_loop,  m_check};
    m_loop->setVisible(m_data.replay || (m_data.info && !m_data.info->tokens.empty()));
    m_check->setVisible(!m_check->text().isEmpty());
    int wanted = 0;
    std::array<int, 11> widths{};
    for (std::size_t i = 0; i < chips.size(); ++i)
        if (!chips[i]->isHidden())
            wanted += (widths[i] = chips[i]->sizeHint().width()) + gap;
    const int memoryWidth = m_memory->text().isEmpty() ? 0 : m_memory->sizeHint().width() + gap;
    int room = width() - 2 * edge - memoryWidth;
    const bool showMemory = memoryWidth > 0 && wanted - gap <= room; // chips are not shortened for it
    if (!showMemory)
        room += memoryWidth;
    int over = wanted - gap - room;
    const auto shrink = [&](std::initializer_list<std::size_t> which) {
        for (const std::size_t i : which) {
            const int give = widths[i] > 0 ? std::clamp(over, 0, widths[i] - chips[i]->leastWidth()) : 0;
            widths[i] -= give;
            over -= give;
        }
    };
    shrink({1, 0}); // the names give way first
    // What is as usual says so last: the plates and the charts name the loop, too, and a sound verdict is a dot.
    if (over > 0 && !m_loop->isHidden() && !m_loop->isFilled()) {
        m_loop->hide();
        over -= widths[9] + gap;
    }
    if (over > 0 && !m_check->isHidden() && m_sound != false) {
        over -= widths[10] - m_check->dotWidth();
        widths[10] = m_check->dotWidth();
    }
    shrink({3, 7, 5, 6, 4, 8, 2, 9});
    if (m_sound == false)
        shrink({10});
    int x = edge;
    for (std::size_t i = 0; i < chips.size(); ++i) {
        if (chips[i]->isHidden())
            continue;
        const int height = chips[i]->sizeHint().height();
        chips[i]->setGeometry(x, (this->height() - height) / 2, widths[i], height);
        x += widths[i] + gap;
    }
    m_memory->setVisible(showMemory);
    m_memory->setGeometry(width() - edge - memoryWidth, 0, memoryWidth, height());
}

void ContextBar::resizeEvent(QResizeEvent*) { arrange(); }

void ContextBar::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme.panel);
    painter.fillRect(QRect(0, height() - 1, width(), 1), m_theme.line);
}

} // namespace winnow::views
