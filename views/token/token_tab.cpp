// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/token/token_tab.h"

#include "views/state/lane_choice.h"
#include "views/state/map_zoom.h"
#include "views/style/counted.h"

#include <algorithm>
#include <numeric>

namespace winnow::views {

namespace {

constexpr int kNarrow = 400; ///< a plot below has short names
constexpr double kNames = 146, kShortNames = 84;
constexpr Margins kAttentionMargins{.left = kNames, .top = 6, .right = 92, .bottom = 2};
constexpr Margins kRowMargins{.left = kNames, .top = 2, .right = 92, .bottom = 22};
constexpr Margins kLifetimeMargins{.left = 60, .top = 8, .right = 12, .bottom = 40};

QString percent(double share) { return QStringLiteral("%1 %").arg(qRound(100 * share)); }

} // namespace

TokenTab::TokenTab(Selection* selection, QWidget* parent)
    : ChartTab(selection, tr("Token"), parent), m_targetBox(addBox(tr("What is looked at"))),
      m_besideBox(addBox(tr("Beside the curves"), {tr("lanes"), tr("lifetimes")})), m_body(new QSplitter(this)),
      m_stack(new QStackedWidget(this)), m_table(new FateTable(this)), m_lifetimesPlot(new ChartPlot(selection, this)),
      m_attentionRect(m_plot->addChart(0, 0, AxisRole::Step, AxisRole::None, kAttentionMargins)),
      m_rowsRect(m_plot->addChart(1, 0, AxisRole::Step, AxisRole::None, kRowMargins)),
      m_lifetimesRect(m_lifetimesPlot->addChart(0, 0, AxisRole::None, AxisRole::None, kLifetimeMargins)),
      m_chart(m_attentionRect, m_rowsRect), m_lifetimes(m_lifetimesRect), m_first([this](Result<Shared> numbers) {
          // Of the same tokens more is shown already.
          if (numbers && !(m_numbers && m_numbers->attention && m_numbers->autopsy.tokens == (*numbers)->autopsy.tokens))
              arrived(std::move(numbers));
      }),
      m_job([this](Result<Shared> numbers) {
          m_first.stop();
          arrived(std::move(numbers));
      }),
      m_besideJob([this](Result<Beside> beside) { besideArrived(std::move(beside)); })
{
    m_plot->plotLayout()->setRowStretchFactors({0.36, 1});
    m_stack->addWidget(m_table);
    m_stack->addWidget(m_lifetimesPlot);
    m_body->addWidget(m_plot);
    m_body->addWidget(m_stack);
    m_body->setStretchFactor(0, 1);
    m_body->setStretchFactor(1, 1);
    m_body->setSizes({1000, 1080});
    m_body->setChildrenCollapsible(false);
    m_bar->insertWidget(1, m_note, 1);
    layOut(m_body, {580, 132});
    m_targetBox->setSizeAdjustPolicy(QComboBox::AdjustToContents);

    m_plot->setReadout(m_attentionRect, [this](QPointF at) { return readout(at, false); });
    m_plot->setReadout(
        m_rowsRect, [this](QPointF at) { return readout(at, true); }, true);
    m_lifetimesPlot->setReadout(m_lifetimesRect, [this](QPointF at) { return m_lifetimes.words(at.x()); });
    m_plot->setResized([this] {
        const double names = m_plot->width() < m_plot->style().px(kNarrow) ? kShortNames : kNames;
        for (auto [rect, margins] : {std::pair(m_attentionRect, kAttentionMargins), std::pair(m_rowsRect, kRowMargins)}) {
            margins.left = names;
            m_plot->setMargins(rect, margins);
        }
        m_plot->layOut();
        showCurves();
    });
    m_lifetimesPlot->setResized([this] {
        m_lifetimesPlot->layOut();
        showBeside();
    });
    connect(m_targetBox, &QComboBox::currentIndexChanged, this, &TokenTab::look);
    connect(m_besideBox, &QComboBox::currentIndexChanged, this, [this](int index) { m_stack->setCurrentIndex(index); });
    connect(m_table, &FateTable::laneChosen, this, &TokenTab::chooseLane);
    connect(m_table, &FateTable::stepChosen, this, [this](int layer, int lane, int step) {
        chooseLane(layer, lane);
        m_selection->setStep(step);
    });
    connect(selection, &Selection::changed, this, &TokenTab::selectionChanged);
    setTheme(m_theme);
    setData({});
}

void TokenTab::setTheme(const Theme& theme)
{
    styleBar(theme);
    m_lifetimesPlot->setTheme(theme);
    m_table->setTheme(theme);
    showCurves();
    showBeside();
}

void TokenTab::showLifetimes(bool on) { m_besideBox->setCurrentIndex(on ? 1 : 0); }

void TokenTab::setData(const ViewData& data)
{
    const bool other = m_data.info != data.info;
    m_data = data;
    if (other) {
        m_numbers.reset();
        m_beside.reset();
    }
    m_plot->setReplay(data.replay);
    listTargets({});
    look();
}

std::optional<Range> TokenTab::tokens() const
{
    const int index = m_targetBox->currentIndex();
    return index >= 0 && index < static_cast<int>(m_targets.size())
               ? std::optional(m_targets[static_cast<std::size_t>(index)].tokens)
               : std::nullopt;
}

/// What the user chose last stays, unless `changed` says that something newer is there.
void TokenTab::listTargets(Selection::Fields changed)
{
    const SelectionState& state = m_selection->state();
    const auto old = tokens();
    std::vector<LookTarget> targets = lookTargets(state, m_data);
    const auto newest = newestKind(changed, state, m_spans);
    int current = targets.empty() ? -1 : 0;
    for (std::size_t i = 0; i < targets.size(); ++i)
        if (newest ? targets[i].kind == *newest : old && targets[i].tokens == *old)
            current = static_cast<int>(i);
    m_spans = state.spans.size();
    if (targets == m_targets && current == m_targetBox->currentIndex())
        return;
    m_targets = std::move(targets);
    const QSignalBlocker quiet(m_targetBox);
    m_targetBox->clear();
    for (const LookTarget& target : m_targets)
        m_targetBox->addItem(target.name);
    m_targetBox->setCurrentIndex(current);
}

void TokenTab::selectionChanged(Selection::Fields fields)
{
    if (fields & (Selection::Token | Selection::Spans | Selection::TokenRange)) {
        const auto before = tokens();
        listTargets(fields);
        if (tokens() != before || !m_numbers)
            look();
    }
    if (fields & (Selection::Lanes | Selection::Hidden))
        look();
    if (fields & (Selection::ZoomField | Selection::Focus))
        showCurves();
    if ((fields & Selection::Focus) && isVisible())
        startBeside();
}

/// Begins anew, or says what is missing.
void TokenTab::look()
{
    const bool replayed = m_data.replay && !m_data.replay->policies.empty();
    const auto looked = tokens();
    m_isThere = replayed && looked && looked->end <= static_cast<int>(m_data.replay->tokenIds.size()) &&
                !visiblePolicies(m_data, *m_selection).empty();
    m_targetBox->setVisible(!m_targets.empty());
    m_besideBox->setVisible(m_isThere);
    m_stack->setVisible(m_isThere);
    if (m_isThere) {
        if (!m_numbers)
            m_plot->setEmptyText(tr("Looking at %1 …").arg(rangeWords(*looked)));
        ask();
        m_plot->replot(QCustomPlot::rpQueuedReplot);
        return;
    }
    m_first.stop();
    m_job.stop();
    m_besideJob.stop();
    m_numbers.reset();
    m_beside.reset();
    m_chart.clear();
    m_table->clearRows();
    m_band->tell({});
    say({});
    m_plot->setUpdating(false);
    m_plot->setEmptyText(!m_data.info && !replayed ? tr("Nothing is open yet: open a model, a recording or the demo")
                         : !replayed               ? tr("Replay a policy over this recording to see when a token leaves it")
                         : !looked ? tr("Click a token in the text or in a map, or mark a range of them with M, to see how long "
                                        "every policy holds it and who asks for it later")
                                   : tr("All policies are hidden: click an eye in the policy list"));
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

AutopsyOptions TokenTab::options() const
{
    const Range looked = *tokens();
    return {.tokens = {looked.begin, looked.end - 1},
            .policies = visiblePolicies(m_data, *m_selection),
            .lanes = m_selection->state().lanes,
            .kvHeads = kvHeadCount(m_data),
            .windows = layerWindows(m_data)};
}

void TokenTab::start()
{
    m_besideJob.stop();
    m_first.start([replay = m_data.replay, wanted = options()](const JobContext&) -> Result<Shared> {
        WINNOW_TRY(Autopsy found, lifetimesAutopsy(*replay, wanted));
        return std::make_shared<const Numbers>(Numbers{replay, std::move(found), false});
    });
    const PolicyReplay& policy = *m_data.replay->policies.front();
    if (!m_data.trace || m_data.trace->layerCount() == 0 || policy.stepsDone < policy.tokens) // which grows ten times a second
        return m_job.stop();
    m_job.start([replay = m_data.replay, trace = m_data.trace, wanted = options()](const JobContext& job) -> Result<Shared> {
        WINNOW_TRY(Autopsy found, autopsy(*trace, *replay, wanted, job));
        return std::make_shared<const Numbers>(Numbers{replay, std::move(found), true});
    });
}

void TokenTab::finish()
{
    if (!m_isThere)
        return;
    m_first.stop();
    m_job.stop();
    const bool attention = m_data.trace && m_data.trace->layerCount() > 0;
    auto found = attention ? autopsy(*m_data.trace, *m_data.replay, options(), {}) : lifetimesAutopsy(*m_data.replay, options());
    if (!found)
        return arrived(fail(found.error()));
    m_stale = false;
    arrived(std::make_shared<const Numbers>(Numbers{m_data.replay, std::move(*found), attention}));
}

void TokenTab::arrived(Result<Shared> numbers)
{
    const bool more = numbers && !(*numbers)->attention && m_job.isRunning();
    if (!tookAnswer(numbers))
        return;
    m_numbers = std::move(*numbers);
    m_plot->setEmptyText({});
    const PolicyReplay& first = *m_numbers->of->policies.front();
    m_plot->setComputedSteps(first.stepsDone < first.tokens ? first.stepsDone : -1);
    m_plot->setUpdating(more);
    showCurves();
    startBeside();
}

const Autopsy::Line* TokenTab::focusedLine() const
{
    if (!m_numbers)
        return nullptr;
    const auto& lines = m_numbers->autopsy.lines;
    const auto found = std::find_if(lines.begin(), lines.end(),
                                    [&](const Autopsy::Line& line) { return line.policy == m_selection->state().focus; });
    return found == lines.end() ? nullptr : &*found;
}

/// The table with what is known, and the work for the rest.
void TokenTab::startBeside()
{
    const Autopsy::Line* line = focusedLine();
    if (!line) {
        m_besideJob.stop();
        m_beside.reset();
        showBeside();
        return;
    }
    const auto replay = m_numbers->of;
    const PolicyReplay& policy = *replay->policies[static_cast<std::size_t>(line->policy)];
    const bool explains = m_numbers->attention && policy.stepsDone == policy.tokens && checkExplains(*replay, line->policy);
    m_beside = Beside{*line, {}};
    m_besideJob.start([replay, trace = explains ? m_data.trace : nullptr, beside = *m_beside,
                       lanes = lanesOf(m_data, m_selection->state(), line->policy).lanes,
                       tokens = m_numbers->autopsy.tokens](const JobContext& job) mutable -> Result<Beside> {
        beside.lifetimes =
            lifetimesOf(*replay->policies[static_cast<std::size_t>(beside.line.policy)], lanes, tokens, kLifetimeBins);
        std::vector<std::size_t> rows(beside.line.fates.size());
        std::iota(rows.begin(), rows.end(), std::size_t{0});
        if (trace)
            WINNOW_TRY_VOID(addVerdicts(*trace, *replay, beside.line, rows, job));
        return beside;
    });
    showBeside();
}

void TokenTab::besideArrived(Result<Beside> beside)
{
    if (!beside) {
        if (beside.error().code != ErrorCode::Cancelled)
            m_band->tell(QString::fromStdString(beside.error().message));
        return;
    }
    m_beside = std::move(*beside);
    showBeside();
}

void TokenTab::showBeside()
{
    if (!m_numbers || !m_beside) {
        m_table->clearRows();
        m_lifetimes.clear();
        m_lifetimesPlot->setEmptyText(tr("The focused policy is hidden"));
        m_lifetimesPlot->replot(QCustomPlot::rpQueuedReplot);
        return;
    }
    m_table->show(m_numbers->autopsy, m_beside->line, m_data, m_besideJob.isRunning());
    m_lifetimesPlot->setEmptyText(m_beside->lifetimes.count() > 0 ? QString() : tr("Counting lifetimes …"));
    if (m_beside->lifetimes.count() > 0)
        m_lifetimes.show(m_beside->lifetimes, m_lifetimesPlot->style());
    m_lifetimesPlot->replot(QCustomPlot::rpQueuedReplot);
}

void TokenTab::showCurves()
{
    if (!m_numbers)
        return;
    m_plot->layOut();
    const Zoom zoom = fullZoom(m_selection->state().zoom, static_cast<int>(m_numbers->of->tokenIds.size()));
    m_chart.show(m_numbers->autopsy, m_selection->state().focus, {zoom.stepBegin, zoom.stepEnd - 1}, m_plot->style());
    describe();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

/// "Left TreeKV by 900, asked for at 2,010."
void TokenTab::describe()
{
    const Autopsy& autopsy = m_numbers->autopsy;
    const bool all = m_selection->state().lanes.empty() && autopsy.lanes.size() != 1;
    QString sentence = QString::fromLatin1(m_data.replay ? m_data.replay->loopName() : "open loop") +
                       (all ? tr(" · all ") : tr(" · ")) + counted(qint64(autopsy.lanes.size()), tr("lane"));
    const Autopsy::Line* line = focusedLine();
    const bool gone = line && line->goneBy >= 0;
    if (line)
        sentence += QStringLiteral(" · ") + QString::fromStdString(line->label) + QStringLiteral(": ") + fateWords(*line);
    if (line && m_numbers->of->policies[static_cast<std::size_t>(line->policy)]->isRun())
        sentence += tr(" · scores and ranks: of the replay");
    const std::vector<int> asking = gone || autopsy.largest.empty() ? std::vector<int>() : SurvivalChart::askingSteps(autopsy);
    if (const int step = asking.empty() ? autopsy.mostAskedAt(gone ? line->goneBy : -1) : asking.front(); step >= 0) {
        const auto t = static_cast<std::size_t>(step);
        const QueryHead head = autopsy.largestHead[t];
        sentence += (gone ? tr(" · after that asked for most at %1: %2 of layer %3, query head %4")
                          : tr(" · asked for most at %1: %2 of layer %3, query head %4"))
                        .arg(grouped(step))
                        .arg(autopsy.largest[t], 0, 'g', 3)
                        .arg(autopsy.layers[static_cast<std::size_t>(head.layerIndex)])
                        .arg(head.head);
    } else if (!m_numbers->attention) {
        sentence += m_data.trace ? tr(" · attention is on its way") : tr(" · attention needs the recording");
    }
    say(sentence);
}

QString TokenTab::readout(QPointF at, bool onRows) const
{
    if (!m_numbers)
        return {};
    const Autopsy& autopsy = m_numbers->autopsy;
    const int step = qRound(at.x());
    if (step < 0 || step >= static_cast<int>(m_numbers->of->tokenIds.size()))
        return {};
    const auto t = static_cast<std::size_t>(step);
    QString text = tr("step %1").arg(grouped(step));
    if (step < autopsy.tokens.first)
        return text + tr("\nnot read yet");
    if (!autopsy.largest.empty() && !std::isnan(autopsy.largest[t]))
        text += tr("\nlargest head %1, mean %2").arg(autopsy.largest[t], 0, 'g', 3).arg(autopsy.mean[t], 0, 'g', 3);
    const int row = onRows ? m_chart.rowAt(at.y()) : -1;
    for (std::size_t i = 0; i < autopsy.lines.size(); ++i)
        if ((row < 0 || row == static_cast<int>(i)) && !std::isnan(autopsy.lines[i].survival[t]))
            text += QStringLiteral("\n%1 %2: %3")
                        .arg(autopsy.lines[i].policy + 1)
                        .arg(QString::fromStdString(autopsy.lines[i].label), percent(autopsy.lines[i].survival[t]));
    return text;
}

void TokenTab::chooseLane(int layer, int lane)
{
    const Autopsy::Line* line = focusedLine();
    if (!line)
        return;
    const PolicyReplay& policy = *m_numbers->of->policies[static_cast<std::size_t>(line->policy)];
    m_selection->setLanes({Lane{layer, lane * std::max(1, kvHeadCount(m_data)) / std::max(1, policy.lanes)}});
}

std::optional<FigureRequest> TokenTab::currentFigure() const
{
    const auto looked = tokens();
    if (!m_numbers || !looked || !m_data.trace)
        return {};
    const SelectionState& state = m_selection->state();
    FigureRequest request{.name = "autopsy"};
    request.options.tokenRange = IntRange{looked->begin, looked->end - 1};
    for (const int policy : visiblePolicies(m_data, *m_selection))
        request.options.policies.push_back(policy + 1);
    if (request.options.policies.size() == m_data.replay->policies.size())
        request.options.policies.clear();
    request.options.lanes = state.lanes;
    request.options.focus = state.focus + 1;
    if (!state.zoom.isEmpty())
        request.options.stepRange = shownSteps(state.zoom);
    return request;
}

} // namespace winnow::views
