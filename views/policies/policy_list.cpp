// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/policies/policy_list.h"

#include "core/analysis/run_costs.h"
#include "core/replay/ran_on.h"
#include "views/policies/policy_chooser.h"
#include "views/policies/policy_list_row.h"
#include "views/state/lane_choice.h"
#include "views/style/dock_style.h"

#include <QCoreApplication>
#include <QFrame>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>

namespace winnow::views {

namespace {

/// "Ran on NVIDIA H200"; "Ran on CPU, not on the GPU: it selects pages to read"; "" where no GPU was used.
QString deviceWords(const ReplayResult& result, const PolicyReplay& policy)
{
    const RanOn place = ranOn(result, policy);
    if (policy.isRun() || (place.why.empty() && place.device == "CPU"))
        return {};
    const QString device = PolicyList::tr("Ran on %1").arg(QString::fromStdString(place.device));
    return place.why.empty() ? device : PolicyList::tr("%1, not on the GPU: %2").arg(device, QString::fromStdString(place.why));
}

constexpr int kHeader = 34, kAdd = 30, kAnnounceAfter = 80;

} // namespace

PolicyList::PolicyList(Selection* selection, QWidget* parent)
    : QWidget(parent), m_selection(selection), m_meanJob([this](Result<std::vector<LaneMeans>> means) {
          if (means)
              takeMeans(std::move(*means));
      }),
      m_scroll(new QScrollArea(this)), m_content(new QWidget), m_layout(new QVBoxLayout(m_content)),
      m_add(new QPushButton(tr("+ Add policy"), this)), m_chooser(new PolicyChooser(this)), m_dropLine(new QFrame(m_content)),
      m_announce(new QTimer(this))
{
    setAccessibleName(tr("Policies"));
    setMinimumWidth(200);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, scaled(kHeader), 0, 0);
    column->setSpacing(0);
    column->addWidget(m_scroll, 1);
    column->addWidget(m_add);
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(0);
    m_layout->addStretch(1);
    m_scroll->setWidget(m_content);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    m_add->setFlat(true);
    m_add->setFont(uiFont(13));
    m_add->setFixedHeight(scaled(kAdd));
    m_add->setStyleSheet(QStringLiteral("text-align: left; padding-left: %1px;").arg(scaled(12)));
    m_add->setToolTip(tr("Add a policy of the catalog, with the budget of the focused one"));
    connect(m_add, &QPushButton::clicked, this, &PolicyList::openAddMenu);
    connect(m_chooser, &PolicyChooser::chosen, this, &PolicyList::addPolicy);
    m_dropLine->hide();
    m_announce->setSingleShot(true);
    m_announce->setInterval(kAnnounceAfter);
    connect(m_announce, &QTimer::timeout, this, [this] { emit specsEdited(m_edits.specs()); });
    connect(selection, &Selection::changed, this, &PolicyList::selectionChanged);
    connect(selection, &Selection::left, this, [this] {
        m_means.clear();
        dropEdits();
    });
    setTheme(Theme::darkTheme());
}

QSize PolicyList::sizeHint() const
{
    return {scaled(236), scaled(kHeader) + scaled(40) * std::max(1, m_edits.count() + runCount()) + scaled(kAdd)};
}

void PolicyList::setData(const ViewData& data)
{
    m_data = data;
    m_edits.setData(data);
    selectionChanged(Selection::All);
}

void PolicyList::setSpecs(std::vector<PolicySpec> specs)
{
    m_edits.setSpecs(std::move(specs));
    selectionChanged(Selection::All);
}

void PolicyList::setTheme(const Theme& theme)
{
    m_theme = theme;
    QPalette palette = theme.palette();
    setPalette(palette);
    m_content->setPalette(palette);
    palette.setColor(QPalette::Button, theme.panel);
    palette.setColor(QPalette::ButtonText, accentOf(theme));
    m_add->setPalette(palette);
    palette.setColor(QPalette::Window, accentOf(theme));
    m_dropLine->setPalette(palette);
    m_dropLine->setAutoFillBackground(true);
    m_scroll->verticalScrollBar()->setStyleSheet(slimScrollBar(theme));
    m_chooser->setTheme(theme);
    for (PolicyRow* row : m_rows)
        row->setTheme(theme);
    update();
}

void PolicyList::setRowState(int policy, const QString& state, double fraction)
{
    if (!m_edits.has(policy))
        return;
    m_edits.note(policy).state = state;
    m_edits.note(policy).fraction = fraction;
    updateRows({});
}

void PolicyList::setRowError(int policy, const QString& sentence)
{
    if (!m_edits.has(policy))
        return;
    m_edits.note(policy).error = sentence;
    updateRows({});
}

int PolicyList::indexOf(const PolicyRow* row) const
{
    return static_cast<int>(std::find(m_rows.begin(), m_rows.end(), row) - m_rows.begin());
}

PolicyRow* PolicyList::makeRow()
{
    auto* row = new PolicyRow(m_content);
    row->setTheme(m_theme);
    connect(row, &PolicyRow::focusWanted, this, [this, row] { m_selection->setFocus(indexOf(row)); });
    connect(row, &PolicyRow::referenceWanted, this, [this, row] { m_selection->setReference(indexOf(row)); });
    connect(row, &PolicyRow::hiddenWanted, this, [this, row](bool hidden) { m_selection->setHidden(indexOf(row), hidden); });
    connect(row, &PolicyRow::edited, this,
            [this, row](const QString& key, const QString& value, bool dragging) { edit(indexOf(row), key, value, dragging); });
    connect(row, &PolicyRow::defaultsWanted, this, [this, row] {
        const int policy = indexOf(row);
        if (auto fresh = m_edits.withDefaults(policy))
            store(policy, *fresh, false);
        else
            refuse(policy, fresh.error());
    });
    connect(row, &PolicyRow::menuWanted, this, [this, row](const QPoint& global) { openRowMenu(indexOf(row), global); });
    connect(row, &PolicyRow::removeWanted, this, [this, row] { removePolicy(indexOf(row)); });
    connect(row, &PolicyRow::moveWanted, this, [this, row](int by) {
        const int to = indexOf(row) + by;
        if (!m_edits.has(indexOf(row)) || !m_edits.has(to))
            return;
        movePolicy(indexOf(row), to);
        m_rows[static_cast<std::size_t>(to)]->setFocus();
    });
    connect(row, &PolicyRow::stepWanted, this, [this, row](int by) {
        const int to = std::clamp(indexOf(row) + by, 0, static_cast<int>(m_rows.size()) - 1);
        m_rows[static_cast<std::size_t>(to)]->setFocus();
        m_selection->setFocus(to);
        m_scroll->ensureWidgetVisible(m_rows[static_cast<std::size_t>(to)], 0, 0);
    });
    connect(row, &PolicyRow::grown, this, [this, row] { bringIntoSight(row); });
    connect(row, &PolicyRow::dragged, this, [this, row](int globalY, bool dropped) { rowDragged(row, globalY, dropped); });
    return row;
}

/// The whole row, or its upper end where it is too high; once it is laid out.
void PolicyList::bringIntoSight(QWidget* row)
{
    QTimer::singleShot(0, row, [this, row] {
        QCoreApplication::sendPostedEvents(nullptr, QEvent::LayoutRequest);
        if (row->height() > m_scroll->viewport()->height())
            m_scroll->verticalScrollBar()->setValue(row->y());
        else
            m_scroll->ensureWidgetVisible(row, 0, 0);
    });
}

void PolicyList::selectionChanged(Selection::Fields fields)
{
    constexpr Selection::Fields shown = Selection::Lanes | Selection::Focus | Selection::Reference | Selection::StepField |
                                        Selection::TokenRange | Selection::StepRange | Selection::Hidden;
    if (fields & shown)
        updateRows(fields);
}

void PolicyList::updateRows(Selection::Fields fields)
{
    const auto count = static_cast<std::size_t>(m_edits.count() + runCount());
    while (m_rows.size() > count) {
        m_rows.back()->hide();
        m_rows.back()->deleteLater();
        m_rows.pop_back();
    }
    while (m_rows.size() < count) {
        m_rows.push_back(makeRow());
        m_layout->insertWidget(m_layout->count() - 1, m_rows.back());
        m_rows.back()->show();
        fields = Selection::All;
        updateGeometry();
    }
    m_means.resize(count);
    m_wishes.resize(count);
    for (int policy = 0; policy < static_cast<int>(count); ++policy)
        m_rows[static_cast<std::size_t>(policy)]->setState(rowState(policy, fields));
    askForMeans();
    update();
}

int PolicyList::runCount() const
{
    return m_data.replay ? static_cast<int>(std::ranges::count_if(m_data.replay->policies, &PolicyReplay::isRun)) : 0;
}

PolicyRowState PolicyList::rowState(int policy, Selection::Fields fields)
{
    const SelectionState& state = m_selection->state();
    const bool means = bool(fields & (Selection::Lanes | Selection::StepRange | Selection::Hidden));
    const StepSpan span = meanSteps(m_data, *m_selection);
    const auto at = static_cast<std::size_t>(policy);
    PolicyRowState next = m_rows[at]->state();
    const std::string spec = next.spec.canonical();
    next.number = policy;
    next.focus = policy == state.focus;
    next.reference = policy == state.reference;
    next.hidden = !m_selection->isVisible(policy);
    next.ranged = state.tokenRange.has_value();
    next.meanHelp = tr("Mean mass of steps %1 to %2, %3, mean of the chosen lanes")
                        .arg(grouped(span.begin), grouped(std::max(span.begin, span.end - 1)),
                             state.stepRange ? tr("the brushed range") : tr("from the largest visible budget on"));
    next.stale = false;
    next.now.reset();
    next.inRange.reset();
    std::shared_ptr<const PolicyReplay> replay;
    if (m_edits.has(policy)) {
        const PolicyEdits::Note& note = m_edits.note(policy);
        next.spec = m_edits.spec(policy);
        next.state = note.state;
        next.error = note.refused.isEmpty() ? note.error : note.refused;
        next.fraction = note.fraction;
        next.run.clear();
        next.ink = {policy, false};
        if (m_edits.replayOf(policy, next.stale))
            replay = m_data.replay->policies[static_cast<std::size_t>(policy)];
    } else {
        const auto& policies = m_data.replay->policies;
        replay = policies[policies.size() - static_cast<std::size_t>(runCount() - (policy - m_edits.count()))];
        const bool runs = replay->stepsDone < replay->tokens;
        next.spec = replay->spec;
        next.ink = {policy, true};
        for (int other = m_edits.count() - 1; other >= 0; --other)
            if (m_edits.spec(other).canonical() == next.spec.canonical())
                next.ink.color = other;
        next.state = runs ? tr("running") : QString();
        next.error.clear();
        next.fraction = runs ? static_cast<double>(replay->stepsDone) / replay->tokens : -1;
        const auto loss = runs ? std::nullopt : meanLoss(replay->run.logprob, firstJudged(*m_data.replay));
        next.run = tr("%1 · loss %2")
                       .arg(replay->spec.value("budget").empty() ? tr("all") : grouped(replay->budget),
                            loss ? QString::number(*loss, 'f', 3) : QStringLiteral("\u2014"));
    }
    if (!replay) {
        next.mean.reset();
        m_means[at].reset();
        m_wishes[at] = {};
        return next;
    }
    const LaneChoice choice = lanesOf(m_data, state, policy);
    // The mean of an older replay stands as it was: over the new steps it would be neither the one nor the other.
    if (means && !next.stale) {
        const bool known = m_means[at] && m_means[at]->areOf(replay, span), there = replay->stepsDone >= span.end;
        m_wishes[at] = there && !known ? MeanWish{replay, span} : MeanWish{};
        if (known)
            next.mean = m_means[at]->over(choice.lanes);
        else if (!there || !m_means[at] || next.spec.canonical() != spec)
            next.mean.reset(); // else the older number of this policy stands for the moment that the new one takes
    }
    if (means)
        next.device = next.stale || !m_data.replay ? QString() : deviceWords(*m_data.replay, *replay);
    const bool computed = state.step < replay->stepsDone;
    if (computed)
        next.now = meanMetric(*replay, Metric::Mass, choice.lanes, {state.step, state.step + 1});
    if (state.tokenRange && computed) {
        next.inRange = keptInRange(*replay, choice.lanes, state.step, state.tokenRange->begin, state.tokenRange->end);
        next.rangeHelp =
            tr("Share of the %1 brushed tokens still stored at step %2 (of those read by then), mean of the chosen lanes")
                .arg(grouped(state.tokenRange->size()), grouped(state.step));
    }
    return next;
}

/// What was summed up stays as long as the replay and the steps do: other lanes have their means at once. What is being summed
/// up is awaited, so that a replay which goes on has means now and then.
void PolicyList::askForMeans()
{
    std::vector<MeanWish> wishes;
    std::ranges::copy_if(m_wishes, std::back_inserter(wishes), [](const MeanWish& wish) { return wish.replay != nullptr; });
    if (wishes.empty() || m_meanJob.isRunning())
        return;
    m_meanJob.start([wishes = std::move(wishes)](const JobContext& job) -> Result<std::vector<LaneMeans>> {
        std::vector<LaneMeans> means;
        for (const MeanWish& wish : wishes) {
            WINNOW_TRY_VOID(job.check("the means of the policies"));
            means.emplace_back(wish.replay, Metric::Mass, wish.steps);
        }
        return means;
    });
}

void PolicyList::takeMeans(std::vector<LaneMeans> means)
{
    for (LaneMeans& mean : means)
        for (std::size_t row = 0; row < m_wishes.size(); ++row)
            if (m_wishes[row].replay && mean.areOf(m_wishes[row].replay, m_wishes[row].steps)) {
                m_means[row] = std::move(mean);
                m_wishes[row] = {};
                break;
            }
    updateRows(Selection::Lanes);
}

void PolicyList::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme.panel);
    const int header = scaled(kHeader),
              bar = m_scroll->verticalScrollBar()->isVisible() ? m_scroll->verticalScrollBar()->width() : 0;
    const int mass = width() - bar - PolicyRow::eyeWidth() - PolicyRow::numberWidth();
    drawText(painter, QRect(scaled(12), 0, mass - scaled(12), header), uiFont(13, true), m_theme.ink, tr("Policies"));
    drawText(painter, QRect(mass, 0, PolicyRow::numberWidth(), header), uiFont(12), m_theme.muted, tr("mass"), Qt::AlignRight);
    if (m_selection->state().tokenRange)
        drawText(painter, QRect(mass - PolicyRow::numberWidth(), 0, PolicyRow::numberWidth() - 2, header), uiFont(12),
                 m_theme.muted, tr("range"), Qt::AlignRight);
}

} // namespace winnow::views
