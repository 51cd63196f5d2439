// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/chrome/view_bar.h"

#include "views/chrome/view_bar_key.h"
#include "views/plot/over_words.h"
#include "views/state/lane_choice.h"
#include "views/style/dock_style.h"

#include <QActionGroup>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QToolButton>

#include <algorithm>
#include <functional>

namespace winnow::views {

ViewBar::ViewBar(Selection* selection, QWidget* parent)
    : QWidget(parent), m_selection(selection), m_scaleButton(new QToolButton), m_scales(new QActionGroup(this)),
      m_key(new ColorKey)
{
    m_steps = segment(tr("Steps"), tr("Rows are steps: the history of every token (V)"));
    m_lanes = segment(tr("Lanes"), tr("Rows are lanes at the current step; beside them the slots that they store (V)"));
    m_token = segment(tr("Token"), tr("Across: the tokens of the text (G)"));
    m_distance = segment(tr("Distance"), tr("Across: the distance from the step, now at the right (G)"));
    m_difference = segment(tr("Difference"), {});
    const auto act = [this](QToolButton* button, const std::function<void()>& set) {
        connect(button, &QToolButton::clicked, this, [this, set] {
            set();
            refresh(); // a click on the one that is on has switched it off
        });
    };
    act(m_steps, [selection] { selection->setRows(MapRows::Steps); });
    act(m_lanes, [selection] { selection->setRows(MapRows::Lanes); });
    act(m_token, [selection] { selection->setAxis(MapAxis::Token); });
    act(m_distance, [selection] { selection->setAxis(MapAxis::Distance); });
    act(m_difference, [selection] { selection->setDifference(!selection->state().difference); });
    connect(selection, &Selection::changed, this, [this](Selection::Fields fields) {
        if (fields & (Selection::MapView | Selection::Difference | Selection::Focus | Selection::Reference | Selection::Lanes |
                      Selection::StepRange | Selection::Hidden))
            refresh();
    });
    setAutoFillBackground(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(8, 3, 12, 3);
    row->setSpacing(8);
    m_scaleButton->setAutoRaise(true);
    m_scaleButton->setPopupMode(QToolButton::InstantPopup);
    m_scaleButton->setToolButtonStyle(Qt::ToolButtonTextOnly);
    m_scaleButton->setAccessibleName(tr("Color scale"));
    m_scaleButton->setToolTip(tr("How color follows the share of lanes; one scale for all panels"));
    auto* menu = new QMenu(m_scaleButton);
    const std::pair<ScaleKind, QString> kinds[] = {{ScaleKind::Linear, tr("Linear")},
                                                   {ScaleKind::Log, tr("Log, from 1/64 to 1")},
                                                   {ScaleKind::Rank, tr("Rank among what is kept")},
                                                   {ScaleKind::Clipped, tr("Clipped at the 99th percentile")}};
    for (const auto& [kind, title] : kinds) {
        QAction* action = m_scales->addAction(menu->addAction(title));
        action->setCheckable(true);
        action->setData(static_cast<int>(kind));
    }
    m_scaleButton->setMenu(menu);
    const auto group = [&](const QString& title, std::initializer_list<QToolButton*> buttons) {
        auto* label = new QLabel(title);
        m_titles << label;
        auto* segments = new QHBoxLayout;
        segments->setSpacing(0);
        segments->addWidget(label);
        segments->addSpacing(4);
        for (QToolButton* button : buttons)
            segments->addWidget(button);
        row->addLayout(segments);
    };
    group(tr("Rows"), {m_steps, m_lanes});
    group(tr("Axis"), {m_token, m_distance});
    row->addWidget(m_difference);
    row->addWidget(m_scaleButton);
    row->addWidget(m_key, 1);
    connect(m_scales, &QActionGroup::triggered, this, [this](const QAction* action) {
        const auto kind = static_cast<ScaleKind>(action->data().toInt());
        if (kind == m_scale)
            return;
        setScale(kind);
        emit scaleChosen(kind);
    });
    setScale(ScaleKind::Linear);
    setTheme(Theme::darkTheme());
    refresh();
}

QToolButton* ViewBar::segment(const QString& word, const QString& tip)
{
    auto* button = new QToolButton(this);
    button->setText(word);
    button->setToolTip(tip);
    button->setAccessibleName(word);
    button->setCheckable(true);
    button->setAutoRaise(true);
    button->setFocusPolicy(Qt::TabFocus);
    return button;
}

void ViewBar::setData(const ViewData& data)
{
    m_data = data;
    m_key->setVisible(data.replay != nullptr);
    refresh();
}

void ViewBar::refresh()
{
    const SelectionState& state = m_selection->state();
    m_steps->setChecked(state.rows == MapRows::Steps);
    m_lanes->setChecked(state.rows == MapRows::Lanes);
    m_token->setChecked(state.axis == MapAxis::Token);
    m_distance->setChecked(state.axis == MapAxis::Distance);
    m_difference->setChecked(state.difference);
    const int policies = m_data.replay ? static_cast<int>(m_data.replay->policies.size()) : 0;
    m_difference->setEnabled(policies > 1);
    const auto title = [&](int policy) {
        return policy < policies ? policyTitle(*m_data.replay->policies[static_cast<std::size_t>(policy)]) : QString();
    };
    m_difference->setToolTip(
        tr("Every map against the reference, %1: kept by both, only here, only there (D). Another reference: "
           "Alt+1 to Alt+9.")
            .arg(title(state.reference)));
    QString over;
    if (policies > 0) {
        const StepSpan steps = meanSteps(m_data, *m_selection);
        if (steps.begin < steps.end)
            over = tr("Mass and Jaccard on the maps are means over %1, %2.")
                       .arg(stepWords(Range{steps.begin, steps.end}), laneWords(m_data, state));
    }
    m_key->setComparison(state.difference ? title(state.reference) : QString());
    m_key->setDistances(state.axis == MapAxis::Distance);
    const std::vector<int> windows = lanesOf(m_data, state, 0).windows;
    m_key->setWindows(std::ranges::any_of(windows, [](int window) { return window > 0; }));
    m_key->setOver(over);
    m_key->setLoop(QString::fromLatin1(m_data.replay ? m_data.replay->loopName() : "open loop"));
    m_scaleButton->setEnabled(!state.difference && state.axis == MapAxis::Token); // both have scales of their own
    arrange();
}

void ViewBar::resizeEvent(QResizeEvent*) { arrange(); }

int ViewBar::wordsWidth() const
{
    const QFontMetrics metrics(uiFont(12));
    int width = 0;
    for (const QToolButton* button : {m_steps, m_lanes, m_token, m_distance, m_difference})
        width += metrics.horizontalAdvance(button->text()) + scaled(16);
    return width + metrics.horizontalAdvance(tr("Scale %1").arg(scaleName(m_scale))) + scaled(32) +
           (m_key->isHidden() ? 0 : m_key->shortWidth()) + 6 * layout()->spacing();
}

/// The words of the color key have precedence. Where they do not fit, the titles before the segments go first, for the words on
/// the segments say it too, then the segments show icons.
void ViewBar::arrange()
{
    int titles = 0;
    for (const QLabel* label : m_titles)
        titles += label->sizeHint().width() + 4;
    for (QLabel* label : m_titles)
        label->setVisible(width() >= wordsWidth() + titles);
    const bool words = width() >= wordsWidth();
    const std::pair<QToolButton*, Icon> buttons[] = {{m_steps, Icon::Steps},
                                                     {m_lanes, Icon::Lanes},
                                                     {m_token, Icon::Tokens},
                                                     {m_distance, Icon::Distance},
                                                     {m_difference, Icon::Difference}};
    const int side = scaled(16);
    for (const auto& [button, icon] : buttons) {
        if (!words) {
            QPixmap picture(QSize(side, side) * devicePixelRatioF());
            picture.setDevicePixelRatio(devicePixelRatioF());
            picture.fill(Qt::transparent);
            QPainter painter(&picture);
            drawIcon(painter, QRectF(0, 0, side, side), icon, m_theme.ink);
            painter.end();
            button->setIcon(picture);
            button->setIconSize({side, side});
        }
        button->setToolButtonStyle(words ? Qt::ToolButtonTextOnly : Qt::ToolButtonIconOnly);
    }
    m_scaleButton->setText(words ? tr("Scale %1").arg(scaleName(m_scale)) : scaleName(m_scale));
}

void ViewBar::setTheme(const Theme& theme)
{
    m_theme = theme;
    setPalette(theme.palette());
    for (QToolButton* button : {m_steps, m_lanes, m_token, m_distance, m_difference})
        button->setFont(uiFont(12));
    QPalette quiet = theme.palette();
    quiet.setColor(QPalette::WindowText, theme.muted);
    for (QLabel* label : m_titles) {
        label->setFont(uiFont(12));
        label->setPalette(quiet);
    }
    m_scaleButton->setFont(uiFont(12));
    m_key->setTheme(theme);
    setFixedHeight(std::max(34, static_cast<int>(QFontMetricsF(uiFont(13)).height()) + 14));
    arrange();
}

void ViewBar::setScale(ScaleKind scale)
{
    m_scale = scale;
    arrange();
    for (QAction* action : m_scales->actions())
        action->setChecked(action->data().toInt() == static_cast<int>(scale));
    m_key->setColorScale(ColorScale::make(scale)); // until the maps say what rank and clipping mean here
}

void ViewBar::setColorScale(const ColorScale& scale) { m_key->setColorScale(scale); }
void ViewBar::setReduction(int tokensPerPixel) { m_key->setReduction(tokensPerPixel); }

} // namespace winnow::views
