// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/quality/drift_tab.h"

#include "core/analysis/running_mean.h"
#include "views/plot/number_words.h"
#include "views/quality/quality_table.h"
#include "views/state/lane_choice.h"
#include "views/state/map_zoom.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr Margins kStepMargins{.left = 68, .top = 10, .right = 84, .bottom = 38};
constexpr Margins kLayerMargins{.left = 68, .top = 10, .right = 84, .bottom = 38};

QString line(int policy, double value, const Metric& measure, const std::string& label)
{
    return QStringLiteral("\n%1  %2  %3").arg(policy + 1).arg(metricWords(measure, value), QString::fromStdString(label));
}

} // namespace

DriftTab::DriftTab(Selection* selection, QWidget* parent)
    : ChartTab(selection, tr("Drift"), parent), m_measureBox(addBox(tr("Measure"))), m_smoothBox(addBox(tr("Smoothing"))),
      m_stepRect(m_plot->addChart(0, 0, AxisRole::Step, AxisRole::None, kStepMargins)),
      m_layerRect(m_plot->addChart(0, 1, AxisRole::None, AxisRole::None, kLayerMargins)), m_steps(m_stepRect),
      m_layers(m_layerRect), m_job([this](Result<Numbers> numbers) { arrived(std::move(numbers)); }, {}, chartPool())
{
    for (const Metric& measure : driftMeasures()) {
        m_measureBox->addItem(QString::fromUtf8(measure.title));
        m_measureBox->setItemData(m_measureBox->count() - 1, QString::fromUtf8(measure.summary), Qt::ToolTipRole);
    }
    m_smoothBox->addItem(tr("every step"), 1);
    for (const int steps : {8, 32, 128})
        m_smoothBox->addItem(tr("%1 steps").arg(steps), steps);
    m_smoothBox->addItem(tr("mean so far"), kMeanSoFar);
    m_smoothBox->setCurrentIndex(2);
    m_smoothBox->setToolTip(tr("Lines are running means over so many steps. The values of the focus stay behind its line."));
    m_bar->addWidget(m_note, 1);
    layOut(m_plot, {360, 124});
    m_plot->plotLayout()->setColumnStretchFactors({1.4, 1});
    m_plot->setReadout(m_stepRect, [this](QPointF at) { return stepReadout(at); });
    m_plot->setReadout(m_layerRect, [this](QPointF at) { return layerReadout(at); });
    m_plot->setResized([this] { showCurves(); });
    connect(m_measureBox, &QComboBox::currentIndexChanged, this, [this] { ask(); });
    connect(m_smoothBox, &QComboBox::currentIndexChanged, this, &DriftTab::showCurves);
    connect(selection, &Selection::changed, this, [this](Selection::Fields fields) {
        if (fields & Selection::Hidden)
            setData(m_data);
        else if (fields & (Selection::Focus | Selection::ZoomField))
            showCurves();
    });
    setTheme(m_theme);
    setData({});
}

void DriftTab::setTheme(const Theme& theme)
{
    styleBar(theme);
    showCurves();
}

void DriftTab::setMeasure(const Metric& measure)
{
    for (std::size_t i = 0; i < driftMeasures().size(); ++i)
        if (driftMeasures()[i].name == measure.name)
            m_measureBox->setCurrentIndex(static_cast<int>(i));
}

std::vector<int> DriftTab::runs() const
{
    std::vector<int> numbers;
    for (const int policy : visiblePolicies(m_data, *m_selection))
        if (const auto& one = m_data.replay->policies[static_cast<std::size_t>(policy)];
            one->isRun() && one->stepsDone == one->tokens)
            numbers.push_back(policy);
    return numbers;
}

void DriftTab::setData(const ViewData& data)
{
    const bool other = m_data.info != data.info;
    m_data = data;
    if (other)
        m_numbers.reset();
    m_plot->setReplay(data.replay);
    m_isThere = data.replay && !runs().empty();
    decltype(m_of) of{{}, m_isThere ? runs() : std::vector<int>()};
    for (std::size_t i = 0; m_isThere && i < data.replay->policies.size(); ++i)
        if (const auto& one = data.replay->policies[i]; one->stepsDone == one->tokens)
            of.first.push_back(one);
    if (std::exchange(m_of, of) == of && m_isThere) // while another one grows
        return;
    if (m_isThere)
        return ask();
    m_job.stop();
    m_numbers.reset();
    m_steps.clear();
    m_layers.clear();
    say({});
    m_plot->setUpdating(false);
    const bool grows = data.replay && std::ranges::any_of(data.replay->policies, [](const auto& one) {
                           return one->isRun() && one->stepsDone < one->tokens;
                       });
    const QString sentence =
        grows ? tr("A run is going on; how far it goes from the replay of its policy is told when it has ended.")
        : data.replay || data.info ? tr("No run is shown. Press R to run the focused policy for real, or Shift+R to run all: "
                                        "drift is how far a run goes "
                                        "from the replay of its policy.")
                                   : tr("Nothing is open yet: open a model, a recording or the demo");
    m_plot->setEmptyText(sentence);
    setAccessibleDescription(sentence);
    m_plot->replot();
}

void DriftTab::start()
{
    m_job.start([replay = m_data.replay, measure = &measure(), numbers = runs()](const JobContext&) -> Result<Numbers> {
        return std::make_shared<const DriftCurves>(driftCurves(*replay, *measure, numbers));
    });
}

void DriftTab::finish()
{
    m_job.stop();
    if (m_isThere)
        arrived(std::make_shared<const DriftCurves>(driftCurves(*m_data.replay, measure(), runs())));
}

void DriftTab::arrived(Result<Numbers> numbers)
{
    if (!tookAnswer(numbers))
        return;
    m_numbers = std::move(*numbers);
    m_plot->setEmptyText(m_numbers->steps.lines.empty()
                             ? tr("No run has the replay of its policy beside it: add the policy with the same parameters.")
                             : QString());
    showCurves();
}

void DriftTab::showCurves()
{
    if (!m_numbers)
        return;
    const int focus = m_selection->state().focus, window = m_smoothBox->currentData().toInt();
    const Zoom& zoom = m_selection->state().zoom;
    m_plot->layOut();
    m_steps.show(m_numbers->steps, focus, zoom.isEmpty() ? std::pair{0.0, 0.0} : std::pair{zoom.stepBegin, zoom.stepEnd - 1},
                 m_plot->style(), window);
    m_layers.show(m_numbers->layers, focus, m_plot->style());
    QString all;
    for (const QualityCurves::Line& line : m_numbers->steps.lines)
        all += (all.isEmpty() ? QString() : QStringLiteral(", ")) +
               QStringLiteral("%1 %2").arg(line.policy + 1).arg(metricWords(measure(), line.average));
    say(m_numbers->steps.lines.empty()
            ? QString()
            : tr("%1 · closed against open loop, all lanes, all %2%3")
                  .arg(all, m_numbers->steps.range.begin == 0 ? tr("tokens") : tr("steps behind the prompt"),
                       smoothingNote(window)));
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

QString DriftTab::stepReadout(QPointF at) const
{
    const auto step = static_cast<std::size_t>(std::max(0.0, std::round(at.x())));
    if (!m_numbers)
        return {};
    QString text = tr("step %1").arg(grouped(static_cast<qint64>(step)));
    for (const QualityCurves::Line& one : m_numbers->steps.lines)
        if (step < one.mean.size())
            text += line(one.policy, one.mean[step], measure(), one.label);
    return text;
}

QString DriftTab::layerReadout(QPointF at) const
{
    const int layer = qRound(at.x());
    if (!m_numbers || layer < 0 || layer >= static_cast<int>(m_numbers->layers.layers.size()))
        return {};
    const auto i = static_cast<std::size_t>(layer);
    QString text = tr("layer %1").arg(m_numbers->layers.layers[i]);
    for (const LayerCurves::Line& one : m_numbers->layers.lines)
        text += line(one.policy, one.mean[i], measure(), one.label);
    return text;
}

std::optional<FigureRequest> DriftTab::currentFigure() const
{
    if (!m_numbers || m_numbers->steps.lines.empty())
        return {};
    FigureRequest request{.name = "drift"};
    request.options.drift = measure().name;
    for (const int run : runs())
        request.options.policies.push_back(run + 1);
    request.options.smooth = m_smoothBox->currentData().toInt();
    request.options.focus = m_selection->state().focus + 1;
    if (const Zoom& zoom = m_selection->state().zoom; !zoom.isEmpty())
        request.options.stepRange = shownSteps(zoom);
    return request;
}

} // namespace winnow::views
