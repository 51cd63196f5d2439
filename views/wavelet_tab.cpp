#include "views/wavelet_tab.h"

#include "views/lane_choice.h"
#include "wavelet/boundary.h"
#include "wavelet/wavelet.h"

#include <cmath>

namespace winnow::views {

namespace {

constexpr Margins kBandMargins{.left = 64, .top = 10, .right = 8, .bottom = 38};
constexpr Margins kEnergyMargins{.left = 24, .top = 10, .right = 12, .bottom = 38};
constexpr int kHidden = 32; // positions at both ends: the sink and the newest token fake a strong trend
constexpr int kPauseMilliseconds = 150;

template <class Names>
QStringList listOf(const Names& names)
{
    QStringList list;
    for (const std::string_view name : names)
        list.append(QString::fromUtf8(name.data(), qsizetype(name.size())));
    return list;
}

/// The recorded layer's index for the replay's layer number.
int recordedLayer(const ViewData& data, int layer)
{
    if (!data.replay || layer >= static_cast<int>(data.replay->layers.size()))
        return layer;
    const auto& layers = data.trace->info().layers;
    const auto found = std::find(layers.begin(), layers.end(), data.replay->layers[static_cast<std::size_t>(layer)]);
    return static_cast<int>(found - layers.begin());
}

} // namespace

WaveletTab::WaveletTab(Selection* selection, QWidget* parent)
    : ChartTab(selection, tr("Wavelet"), parent), m_waveletBox(addBox(tr("Wavelet"), listOf(wavelet::waveletNames()))),
      m_levelsBox(new QSpinBox(this)), m_modeBox(nullptr), m_paperButton(new QPushButton(tr("TreeKV Figure 2"), this)),
      m_bandRect(m_plot->addChart(0, 0, AxisRole::Token, AxisRole::None, kBandMargins)),
      m_energyRect(m_plot->addChart(0, 1, AxisRole::None, AxisRole::None, kEnergyMargins)), m_chart(m_bandRect, m_energyRect),
      m_job([this](Result<Answer> answer) { arrived(std::move(answer)); })
{
    m_bar->addWidget(m_levelsBox);
    m_modeBox = addBox(tr("Boundary mode"), listOf(wavelet::boundaryNames()));
    m_bar->addWidget(m_note, 1);
    m_bar->addWidget(m_paperButton);
    m_waveletBox->setCurrentText(QStringLiteral("haar"));
    m_modeBox->setCurrentText(QStringLiteral("symmetric"));
    m_modeBox->setToolTip(tr("What is assumed beyond the ends of the text"));
    m_levelsBox->setRange(1, 12);
    m_levelsBox->setValue(5);
    m_levelsBox->setSuffix(tr(" levels"));
    m_levelsBox->setAccessibleName(tr("Levels"));
    m_paperButton->setCheckable(true);
    m_paperButton->setToolTip(tr("Haar, five levels, step 511 (or the last), all lanes, as in the paper"));
    m_plot->setCells(m_bandRect, true);
    m_plot->plotLayout()->setColumnStretchFactors({3.2, 1});
    m_pause.setSingleShot(true);
    m_pause.setInterval(kPauseMilliseconds);
    layOut(m_plot);

    m_plot->setReadout(m_bandRect, [this](QPointF at) { return readout(at); });
    m_plot->setResized([this] { showBands(); });
    connect(&m_pause, &QTimer::timeout, this, &WaveletTab::ask);
    for (QComboBox* box : {m_waveletBox, m_modeBox})
        connect(box, &QComboBox::currentIndexChanged, this, &WaveletTab::ask);
    connect(m_levelsBox, &QSpinBox::valueChanged, this, &WaveletTab::ask);
    connect(m_paperButton, &QPushButton::toggled, this, [this](bool on) {
        for (QWidget* widget : {static_cast<QWidget*>(m_waveletBox), static_cast<QWidget*>(m_levelsBox)})
            widget->setEnabled(!on);
        ask();
    });
    connect(selection, &Selection::changed, this, [this](Selection::Fields fields) {
        if ((fields & (Selection::StepField | Selection::Lanes)) && !m_paperButton->isChecked())
            later();
        if (fields & Selection::ZoomField)
            showBands();
    });
    setTheme(m_theme);
    setData({});
}

void WaveletTab::setTheme(const Theme& theme)
{
    styleBar(theme);
    showBands();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void WaveletTab::setData(const ViewData& data)
{
    const bool sameTrace = m_data.trace == data.trace;
    m_data = data;
    if (sameTrace && m_shown)
        return; // lifetimes do not matter here
    m_job.stop();
    m_shown.reset();
    m_chart.clear();
    say({});
    m_plot->setUpdating(false);
    m_plot->setProblem({});
    showWhatIsThere(tr("The analysis needs the finished recording"), tr("Computing the bands"));
    m_plot->replot(QCustomPlot::rpQueuedReplot);
    ask();
}

void WaveletTab::setPaperFigure(bool on) { m_paperButton->setChecked(on); }

WaveletTab::Wanted WaveletTab::wanted() const
{
    Wanted wanted;
    wanted.paper = m_paperButton->isChecked();
    wanted.options.mode = m_modeBox->currentText().toStdString();
    if (wanted.paper)
        return wanted;
    wanted.options.wavelet = m_waveletBox->currentText().toStdString();
    wanted.options.levels = m_levelsBox->value();
    wanted.options.steps = {m_selection->state().step};
    const int kvHeads = std::max(1, kvHeadCount(m_data));
    for (const LaneId& lane : m_selection->state().lanes) {
        const int index = recordedLayer(m_data, lane.layer);
        if (index >= m_data.trace->layerCount())
            continue;
        const int group = std::max(1, m_data.trace->info().layerInfo[static_cast<std::size_t>(index)].queryHeads / kvHeads);
        for (int member = 0; member < group; ++member)
            wanted.options.heads.push_back({index, lane.head * group + member});
    }
    return wanted;
}

Result<WaveletTab::Answer> WaveletTab::compute(const Trace& trace, const Wanted& wanted, const JobContext& job)
{
    WINNOW_TRY(Contribution result, wanted.paper ? treekvFigure2(trace, wanted.options, job) : contribution(trace, wanted.options, job));
    return std::make_shared<const Contribution>(std::move(result));
}

void WaveletTab::later()
{
    m_stale = true;
    if (isVisible())
        m_pause.start(); // every further step starts the pause again
}

void WaveletTab::start()
{
    m_job.start([trace = m_data.trace, what = wanted()](const JobContext& job) { return compute(*trace, what, job); });
}

void WaveletTab::finish()
{
    if (!m_isThere)
        return;
    m_pause.stop();
    m_job.stop();
    m_stale = false;
    arrived(compute(*m_data.trace, wanted(), {}));
}

void WaveletTab::arrived(Result<Answer> answer)
{
    if (!tookAnswer(answer))
        return;
    m_shown = std::move(*answer);
    m_plot->setEmptyText({});
    showBands();
}

void WaveletTab::showBands()
{
    if (!m_shown)
        return;
    m_plot->layOut();
    const Zoom& zoom = m_selection->state().zoom;
    std::pair<double, double> positions{0, m_data.trace->tokenCount()};
    if (!zoom.isEmpty())
        positions = {zoom.tokenBegin, zoom.tokenEnd};
    else if (m_paperButton->isChecked())
        positions = {m_shown->firstPosition, m_shown->firstPosition + m_shown->positions};
    m_chart.show(*m_shown, kHidden, positions, m_plot->style());
    const QString note = QString::fromStdString(m_shown->note);
    say(note.isEmpty() ? tr("full cache · step %1 · mean of %2 query heads · first and last 32 hidden")
                                         .arg(grouped(m_shown->steps.back()), grouped(m_shown->heads))
                                   : note);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

QString WaveletTab::readout(QPointF at) const
{
    if (!m_shown)
        return {};
    const int token = static_cast<int>(std::floor(at.x())), i = token - m_shown->firstPosition;
    const int row = static_cast<int>(std::floor(at.y()));
    if (i < 0 || i >= m_shown->positions || row < 0 || row >= m_chart.rows())
        return {};
    const auto index = static_cast<std::size_t>(i);
    const bool signal = row == 0, rest = row > m_shown->levels;
    const double value = signal ? m_shown->signal[index] : rest ? m_shown->approximation[index] : m_shown->band(row - 1)[index];
    const QString what = signal ? tr("signal")
                         : rest ? tr("rest (slower than 2^%1 tokens)").arg(m_shown->levels)
                                : tr("level %1 (about %2 tokens)").arg(row).arg(1 << row);
    return tr("token %1 %2\n%3: mean magnitude %4").arg(grouped(token), tokenLabel(m_data, token), what).arg(value, 0, 'g', 3);
}

std::optional<FigureRequest> WaveletTab::currentFigure() const
{
    if (!m_shown || !m_data.trace)
        return {};
    FigureRequest request{.name = m_paperButton->isChecked() ? "treekv-2" : "wavelet"};
    request.options.mode = m_shown->mode;
    if (m_paperButton->isChecked())
        return request;
    for (const LaneId& lane : m_selection->state().lanes)
        request.options.lanes.emplace_back(recordedLayer(m_data, lane.layer), lane.head);
    request.options.steps = m_shown->steps;
    request.options.wavelet = m_shown->wavelet;
    request.options.levels = m_shown->levels;
    return request;
}

} // namespace winnow::views
