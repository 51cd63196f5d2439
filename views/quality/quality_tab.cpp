// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/quality/quality_tab.h"

#include "core/analysis/running_mean.h"
#include "views/plot/number_words.h"
#include "views/quality/quality_table.h"
#include "views/state/lane_choice.h"
#include "views/state/map_zoom.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr Margins kQualityMargins{.left = 64, .top = 10, .right = 84, .bottom = 38};
constexpr Margins kDistanceMargins{.left = 58, .top = 10, .right = 12, .bottom = 38};
constexpr Margins kOverlapMargins{.left = 96, .top = 10, .right = 12, .bottom = 38};
constexpr Margins kNarrowOverlapMargins{.left = 24, .top = 10, .right = 12, .bottom = 38}; ///< numbers in place of names
constexpr int kNarrow = 720;

} // namespace

QualityTab::QualityTab(Selection* selection, QWidget* parent)
    : ChartTab(selection, tr("Quality"), parent), m_metricBox(addBox(tr("Metric"))),
      m_againstBox(addBox(tr("Against"), {tr("by step"), tr("by layer"), tr("against loss of runs"), tr("against KL of runs")})),
      m_smoothBox(addBox(tr("Smoothing"))), m_tableButton(new QToolButton(this)), m_stack(new QStackedWidget(this)),
      m_table(new QTableWidget(this)), m_qualityRect(m_plot->addChart(0, 0, AxisRole::Step, AxisRole::None, kQualityMargins)),
      m_distanceRect(m_plot->addChart(0, 1, AxisRole::None, AxisRole::None, kDistanceMargins)), m_quality(m_qualityRect),
      m_layers(m_qualityRect), m_prediction(selection, m_qualityRect), m_distance(m_distanceRect),
      m_overlap(new OverlapPanel(selection, m_plot, m_plot->addChart(0, 2, AxisRole::None, AxisRole::None, kOverlapMargins))),
      m_job([this](Result<std::shared_ptr<const Numbers>> numbers) { arrived(std::move(numbers)); }, {}, chartPool())
{
    m_metricBox->setObjectName(QStringLiteral("metric"));
    m_againstBox->setObjectName(QStringLiteral("against"));
    m_smoothBox->setObjectName(QStringLiteral("smoothing"));
    m_tableButton->setObjectName(QStringLiteral("table"));
    for (const Metric& metric : metricCatalog())
        m_metricBox->addItem(QString::fromUtf8(metric.title));
    m_smoothBox->addItem(tr("smooth"), 0);
    m_smoothBox->addItem(tr("every step"), 1);
    for (const int steps : {8, 32, 128})
        m_smoothBox->addItem(tr("%1 steps").arg(steps), steps);
    m_smoothBox->addItem(tr("mean so far"), kMeanSoFar);
    m_smoothBox->setToolTip(
        tr("Lines are running means over so many steps; smooth: over the steps that four pixels show. The values "
           "of the focus stay behind its line."));
    m_tableButton->setText(tr("Table"));
    m_tableButton->setCheckable(true);
    m_tableButton->setToolTip(tr("Every policy as a row, with its worst step and its bytes (Ctrl+T)"));
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->verticalHeader()->hide();
    m_table->setShowGrid(false);
    m_table->setAlternatingRowColors(true);
    m_table->setAccessibleName(tr("Quality of every policy"));
    m_stack->addWidget(m_plot);
    m_stack->addWidget(m_table);
    m_plot->plotLayout()->setColumnStretchFactors({1.25, 0.85, 1});

    m_bar->addWidget(m_note, 1);
    m_bar->addWidget(m_tableButton);
    layOut(m_stack, {580, 124});

    m_plot->setReadout(m_qualityRect, [this](QPointF at) {
        return againstRuns() ? m_prediction.readout(at) : m_against == Against::Layer ? layerReadout(at) : readout(at);
    });
    m_plot->setClicked(m_qualityRect, [this](QPointF at) { againstRuns() ? m_prediction.clicked(at) : chooseLayer(at); });
    m_plot->setReadout(m_distanceRect, [this](QPointF at) { return distanceReadout(at); });
    m_plot->setResized([this] {
        m_plot->setMargins(m_overlap->rect(),
                           m_plot->width() < m_plot->style().px(kNarrow) ? kNarrowOverlapMargins : kOverlapMargins);
        m_plot->layOut();
        showCurves();
        m_overlap->restyle();
    });
    connect(m_metricBox, &QComboBox::currentIndexChanged, this,
            [this](int index) { setMetric(metricCatalog()[static_cast<std::size_t>(index)]); });
    connect(m_againstBox, &QComboBox::currentIndexChanged, this, [this](int index) { setAgainst(static_cast<Against>(index)); });
    connect(m_smoothBox, &QComboBox::currentIndexChanged, this, &QualityTab::showCurves);
    connect(m_tableButton, &QToolButton::toggled, this, [this](bool on) {
        m_stack->setCurrentIndex(on ? 1 : 0);
        setFocusProxy(m_stack->currentWidget());
        askForVisible();
    });
    connect(m_table, &QTableWidget::cellClicked, this, [this](int row, int) {
        if (m_numbers && row < static_cast<int>(m_numbers->distance.lines.size()))
            m_selection->setFocus(m_numbers->distance.lines[static_cast<std::size_t>(row)].policy);
    });
    connect(selection, &Selection::changed, this, [this](Selection::Fields fields) {
        if (fields & (Selection::Lanes | Selection::StepRange | Selection::Hidden))
            askForVisible();
        if (fields & (Selection::Focus | Selection::ZoomField))
            showCurves();
        if ((fields & (Selection::StepField | Selection::Focus)) && showsTable())
            fillTable();
    });
    setTheme(m_theme);
    setData({});
}

void QualityTab::setTheme(const Theme& theme)
{
    styleBar(theme);
    m_table->verticalHeader()->setDefaultSectionSize(std::max(24, QFontMetrics(m_table->font()).height() + 8));
    showCurves();
    m_overlap->restyle();
}

void QualityTab::setMetric(const Metric& metric)
{
    const auto& all = metricCatalog();
    m_metric = static_cast<int>(std::find_if(all.begin(), all.end(), [&](const Metric& one) { return one.name == metric.name; }) -
                                all.begin());
    const QSignalBlocker block(m_metricBox);
    m_metricBox->setCurrentIndex(m_metric);
    askForVisible();
}

void QualityTab::setAgainst(Against against)
{
    m_against = against;
    const QSignalBlocker block(m_againstBox);
    m_againstBox->setCurrentIndex(static_cast<int>(against));
    m_smoothBox->setVisible(against == Against::Step);
    m_plot->setAxes(m_qualityRect, against == Against::Step ? AxisRole::Step : AxisRole::None, AxisRole::None);
    askForVisible();
}

/// As a click on the layer's number among the lanes.
void QualityTab::chooseLayer(QPointF at)
{
    const int layer = qRound(at.x());
    if (m_against != Against::Layer || !m_data.replay || layer < 0 || layer >= static_cast<int>(m_data.replay->layers.size()))
        return;
    std::vector<Lane> lanes;
    for (int head = 0; head < kvHeadCount(m_data); ++head)
        lanes.push_back({layer, head});
    m_selection->setLanes(std::move(lanes));
}

void QualityTab::setData(const ViewData& data)
{
    const bool other = m_data.info != data.info;
    m_data = data;
    if (other)
        m_numbers.reset();
    m_overlap->setData(data);
    m_plot->setReplay(data.replay);
    if (!data.replay || data.replay->policies.empty()) {
        m_isThere = false;
        m_job.stop();
        m_numbers.reset();
        clearLeft();
        m_distance.clear();
        m_table->setRowCount(0);
        say({});
        m_band->tell({});
        m_plot->setUpdating(false);
        m_plot->setEmptyText(data.info ? tr("Replay a policy over this recording to see what it keeps and what that costs")
                                       : tr("Nothing is open yet: open a model, a recording or the demo"));
        m_plot->replot();
        return;
    }
    askForVisible();
}

CurveOptions QualityTab::curveOptions() const
{
    const SelectionState& state = m_selection->state();
    CurveOptions options{visiblePolicies(m_data, *m_selection), state.lanes, {}, kvHeadCount(m_data)};
    if (state.stepRange)
        options.steps = StepSpan{state.stepRange->begin, state.stepRange->end};
    return options;
}

Result<std::shared_ptr<const QualityTab::Numbers>> QualityTab::compute(std::shared_ptr<const ReplayResult> of,
                                                                       const Wanted& wanted, const JobContext& job)
{
    const ReplayResult& replay = *of;
    auto numbers = std::make_shared<Numbers>();
    numbers->of = std::move(of);
    const auto& metrics = metricCatalog();
    numbers->metrics.resize(metrics.size());
    for (std::size_t i = 0; i < metrics.size(); ++i)
        if (wanted.allMetrics || static_cast<int>(i) == wanted.metric) {
            WINNOW_TRY(numbers->metrics[i], qualityCurves(replay, metrics[i], wanted.options, job));
        }
    if (wanted.against == Against::Loss || wanted.against == Against::Divergence) {
        const Metric& cost = wanted.against == Against::Loss ? Metric::Loss : Metric::Divergence;
        WINNOW_TRY(numbers->prediction,
                   predictionOf(replay, metrics[static_cast<std::size_t>(wanted.metric)], cost, wanted.options));
    } else if (wanted.against == Against::Layer) {
        CurveOptions everyLane = wanted.options; // the axis is all layers, whichever lanes are chosen
        everyLane.lanes.clear();
        WINNOW_TRY(numbers->layers, layerCurves(replay, metrics[static_cast<std::size_t>(wanted.metric)], everyLane, job));
    }
    WINNOW_TRY(numbers->distance, distanceCurves(replay, wanted.options, job));
    return std::shared_ptr<const Numbers>(std::move(numbers));
}

void QualityTab::askForVisible()
{
    const bool there = m_data.replay && !m_data.replay->policies.empty();
    m_isThere = there && !curveOptions().policies.empty();
    if (there && !m_isThere) {
        m_plot->setEmptyText(tr("All policies are hidden: click an eye in the policy list"));
        m_plot->replot();
    }
    ask();
}

/// While a replay grows, what it had before is not worth a tag.
bool QualityTab::hasPicture() const
{
    return m_numbers && m_data.replay->policies.front()->stepsDone == m_data.replay->policies.front()->tokens;
}

void QualityTab::start()
{
    if (m_job.isRunning()) { // while a replay grows, every new state would stop the one before and nothing would ever be shown
        m_again = true;
        return;
    }
    m_job.start([replay = m_data.replay, now = wanted()](const JobContext& job) { return compute(replay, now, job); });
}

void QualityTab::finish()
{
    if (!m_data.replay || m_data.replay->policies.empty() || curveOptions().policies.empty())
        return;
    m_job.stop();
    m_again = false;
    arrived(compute(m_data.replay, wanted(), {}));
    m_overlap->finish();
}

void QualityTab::arrived(Result<std::shared_ptr<const Numbers>> numbers)
{
    if (tookAnswer(numbers)) {
        m_numbers = std::move(*numbers);
        m_plot->setEmptyText({});
        showCurves();
        if (showsTable())
            fillTable();
    }
    if (std::exchange(m_again, false))
        askForVisible();
}

void QualityTab::showCurves()
{
    if (!m_numbers)
        return;
    const QualityCurves& curves = shownCurves();
    if (curves.lines.empty())
        return; // another metric was chosen and is on its way
    const int focus = m_selection->state().focus;
    m_plot->layOut();
    const bool byLayer = m_against == Against::Layer && m_numbers->layers.metric == curves.metric;
    clearLeft();
    m_plot->setComputedSteps(-1);
    if (againstRuns())
        m_prediction.show(m_numbers->prediction, m_plot->style());
    else if (byLayer)
        m_layers.show(m_numbers->layers, focus, m_plot->style());
    else
        showSteps(curves);
    m_distance.show(m_numbers->distance, focus, m_plot->style());
    m_plot->replot(QCustomPlot::rpQueuedReplot);
    if (againstRuns())
        return say(m_prediction.sentence());
    const bool none = !curves.metric->missing.empty() &&
                      std::ranges::all_of(curves.lines, [](const auto& line) { return std::isnan(line.average); });
    say(none ? QString::fromUtf8(curves.metric->missing)
             : (byLayer ? tr("%1 · whiskers: least and most of the layer's lanes of the focus · mean over %2steps %3–%4")
                        : tr("%1 · band: least and most of the focus's lanes · right: mean over %2steps %3–%4"))
                       .arg(QString::fromLatin1(m_data.replay->loopName()),
                            m_selection->state().stepRange ? tr("the chosen ") : QString(), grouped(curves.range.begin),
                            grouped(std::max(curves.range.begin, curves.range.end - 1))) +
                   smoothingNote(byLayer ? 1 : smoothing()));
}

void QualityTab::setSmoothing(int steps)
{
    m_smoothBox->setCurrentIndex(m_smoothBox->findData(steps));
    showCurves();
}

int QualityTab::smoothing() const
{
    if (const int chosen = m_smoothBox->currentData().toInt(); chosen != 0)
        return chosen;
    constexpr double kPixels = 4;
    const Zoom& zoom = m_selection->state().zoom;
    const double steps = zoom.isEmpty() ? static_cast<double>(m_numbers->of->tokenIds.size()) : zoom.stepEnd - zoom.stepBegin;
    return std::max(1, static_cast<int>(kPixels * steps / std::max(1, m_qualityRect->width())));
}

void QualityTab::showSteps(const QualityCurves& curves)
{
    const ReplayResult& replay = *m_numbers->of; // the newest data may have fewer policies
    const int steps = static_cast<int>(replay.tokenIds.size());
    int done = steps;
    for (const auto& line : curves.lines)
        done = std::min(done, replay.policies[static_cast<std::size_t>(line.policy)]->stepsDone);
    m_plot->setComputedSteps(done < steps ? done : -1);
    const Zoom& zoom = m_selection->state().zoom;
    m_quality.show(curves, m_selection->state().focus,
                   zoom.isEmpty() ? std::pair{0.0, 0.0} : std::pair{zoom.stepBegin, zoom.stepEnd - 1}, m_plot->style(),
                   smoothing());
}

void QualityTab::toggleTable() { m_tableButton->toggle(); }

bool QualityTab::showsTable() const { return m_tableButton->isChecked(); }

void QualityTab::fillTable()
{
    if (m_numbers)
        fillQualityTable(*m_table, m_numbers->metrics, *m_numbers->of, m_selection->state());
}

std::optional<FigureRequest> QualityTab::currentFigure() const
{
    if (!m_numbers)
        return {};
    if (!showsTable() && m_plot->lastChart() == m_overlap->rect())
        return m_overlap->figure();
    const bool distance = !showsTable() && m_plot->lastChart() == m_distanceRect;
    const bool runs = againstRuns() && !showsTable() && !metric().ofModel;
    FigureRequest request{.name = distance                                       ? "distance"
                                  : runs                                         ? "prediction"
                                  : m_against == Against::Layer && !showsTable() ? "layers"
                                                                                 : "mass"};
    request.options.cost = (m_against == Against::Divergence ? Metric::Divergence : Metric::Loss).name;
    const CurveOptions options = curveOptions();
    if (!distance)
        request.options.metric = metric().name;
    if (request.name != "layers")
        request.options.lanes = options.lanes;
    if (request.name == "mass")
        request.options.steps = {m_selection->state().step};
    request.options.focus = m_selection->state().focus + 1;
    if (options.policies.size() != m_data.replay->policies.size())
        for (const int policy : options.policies)
            request.options.policies.push_back(policy + 1);
    if (options.steps)
        request.options.stepRange = IntRange{options.steps->begin, options.steps->end - 1};
    if (request.name == "mass" && !showsTable()) {
        if (const int window = smoothing(); isSmoothed(window))
            request.options.smooth = window;
        if (const Zoom& zoom = m_selection->state().zoom; !zoom.isEmpty()) // the axis follows it, and there are no means
            request.options.stepRange = shownSteps(zoom);
    }
    return request;
}

} // namespace winnow::views
