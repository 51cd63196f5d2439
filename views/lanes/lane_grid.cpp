// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/lanes/lane_grid.h"

#include "views/plot/color_scale.h"
#include "views/state/lane_choice.h"
#include "views/style/dock_style.h"
#include "views/wavelet/wavelet_picture.h"

#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QScrollBar>
#include <QToolButton>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <limits>

namespace winnow::views {

namespace {

constexpr int kLeast = 5, kMost = 22, kTop = 4, kRight = 12;

constexpr const char* kSlopeName = QT_TRANSLATE_NOOP("winnow::views::LaneGrid", "wavelet slope");
constexpr const char* kSlopeHelp = QT_TRANSLATE_NOOP(
    "winnow::views::LaneGrid",
    "Levels that the dominant scale rises by per doubling of the distance: 1 looks like a tree, 0 does not care");

QString text(std::string_view words) { return QString::fromUtf8(words.data(), qsizetype(words.size())); }
QString nameOf(LaneMeasure measure) { return measure ? text(measure->name) : LaneGrid::tr(kSlopeName); }
QString helpOf(LaneMeasure measure) { return measure ? text(measure->summary) : LaneGrid::tr(kSlopeHelp); }

QString valueWords(LaneMeasure measure, double value)
{
    if (!measure)
        return QString::number(value, 'f', 2).replace(QLatin1Char('-'), QChar(0x2212));
    return measure->whole ? QString::number(value, 'f', value < 100 && value != std::floor(value) ? 1 : 0)
                          : QString::number(value, 'f', 3);
}

} // namespace

LaneGrid::LaneGrid(Selection* selection, QWidget* parent)
    : QAbstractScrollArea(parent), m_selection(selection), m_slopeJob([this](Result<Slopes> answer) {
          if (answer)
              m_slopes = std::move(*answer);
          else
              m_slopeProblem = QString::fromStdString(answer.error().message);
          selectionChanged(Selection::All);
      }),
      m_header(new QWidget(this)), m_measureButton(new QToolButton(m_header))
{
    setAccessibleName(tr("Lanes"));
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::StrongFocus);
    setMinimumSize(200, 120);
    viewport()->setMouseTracking(true);
    m_header->installEventFilter(this);
    m_measureButton->setAccessibleName(tr("Measure"));
    m_measureButton->setFont(uiFont(12));
    m_measureButton->setPopupMode(QToolButton::InstantPopup);
    m_measureButton->setAutoRaise(true);
    auto* menu = new QMenu(m_measureButton);
    menu->setToolTipsVisible(true);
    std::vector<LaneMeasure> measures;
    for (const Metric& metric : metricCatalog())
        measures.push_back(&metric);
    measures.push_back(kWaveletSlope);
    for (const LaneMeasure measure : measures) {
        QAction* action = menu->addAction(nameOf(measure));
        action->setToolTip(helpOf(measure));
        connect(action, &QAction::triggered, this, [this, measure] { setMeasure(measure); });
    }
    m_measureButton->setMenu(menu);
    connect(selection, &Selection::changed, this, &LaneGrid::selectionChanged);
    connect(selection, &Selection::left, this, [this] {
        m_pressed.reset();
        m_rubber = {};
        m_cursor = {};
        m_hoverLayer = -1;
        QToolTip::hideText();
    });
    setTheme(Theme::darkTheme());
    setMeasure(m_measure);
}

void LaneGrid::setData(const ViewData& data)
{
    if (m_data.trace != data.trace) {
        m_slopeJob.stop();
        m_slopes.reset();
        m_slopeProblem.clear();
    }
    m_data = data;
    askForSlopes();
    selectionChanged(Selection::All);
}

void LaneGrid::setTheme(const Theme& theme)
{
    m_theme = theme;
    QPalette palette = theme.palette();
    palette.setColor(QPalette::ButtonText, theme.muted);
    setPalette(theme.palette());
    m_measureButton->setPalette(palette);
    verticalScrollBar()->setStyleSheet(slimScrollBar(theme));
    m_header->update();
    viewport()->update();
}

void LaneGrid::setMeasure(LaneMeasure measure)
{
    m_measure = measure;
    m_measureButton->setText(nameOf(measure));
    m_measureButton->setToolTip(helpOf(measure));
    askForSlopes();
    selectionChanged(Selection::All);
}

FigureRequest LaneGrid::currentFigure() const
{
    if (m_measure == kWaveletSlope)
        return {"scale-slope", {.steps = slopeSteps(m_data.trace ? m_data.trace->tokenCount() : 0)}};
    FigureRequest request{"lanes", {.metric = std::string(m_measure->name), .policies = {m_selection->state().focus + 1}}};
    if (focused()) {
        const StepSpan steps = meanSteps(m_data, *m_selection);
        request.options.stepRange = IntRange{steps.begin, std::max(steps.begin, steps.end - 1)};
    }
    return request;
}

int LaneGrid::layers() const
{
    return m_data.replay ? static_cast<int>(m_data.replay->layers.size())
           : m_data.info ? static_cast<int>(m_data.info->layers.size())
                         : 0;
}

const PolicyReplay* LaneGrid::focused() const
{
    const int focus = m_selection->state().focus;
    return m_data.replay && focus < static_cast<int>(m_data.replay->policies.size())
               ? m_data.replay->policies[static_cast<std::size_t>(focus)].get()
               : nullptr;
}

int LaneGrid::kvHeads() const { return std::max(1, kvHeadCount(m_data)); }
int LaneGrid::columns() const
{
    if (m_measure == kWaveletSlope && m_data.info && !m_data.info->layerInfo.empty() && layers() > 0)
        return m_data.info->layerInfo.front().queryHeads;
    const PolicyReplay* policy = focused();
    return policy ? policy->lanes : layers() > 0 ? kvHeads() : 0;
}

Lane LaneGrid::kvLane(Lane cell) const { return {cell.layer, cell.head / std::max(1, columns() / kvHeads())}; }

bool LaneGrid::isChosen(Lane cell) const
{
    const auto& lanes = m_selection->state().lanes;
    return lanes.empty() || std::binary_search(lanes.begin(), lanes.end(), kvLane(cell));
}

std::vector<Lane> LaneGrid::allLaneIds() const
{
    std::vector<Lane> all;
    for (int layer = 0; layer < layers(); ++layer)
        for (int head = 0; head < kvHeads(); ++head)
            all.push_back({layer, head});
    return all;
}

void LaneGrid::selectionChanged(Selection::Fields fields)
{
    if (fields & (Selection::Focus | Selection::StepRange | Selection::Hidden)) {
        updateValues();
        updateCells();
    }
    if (fields & (Selection::Focus | Selection::StepRange | Selection::Hidden | Selection::Lanes)) {
        updateSentence();
        viewport()->update();
    }
}

void LaneGrid::updateValues()
{
    const PolicyReplay* policy = focused();
    m_values.assign(static_cast<std::size_t>(layers()) * columns(), std::numeric_limits<float>::quiet_NaN());
    m_least = 0;
    m_most = 0;
    m_over.clear();
    if (m_measure == kWaveletSlope)
        return updateSlopes();
    if (!policy)
        return;
    const StepSpan steps = meanSteps(m_data, *m_selection);
    m_over = tr("steps %1\u2013%2").arg(grouped(steps.begin), grouped(std::max(steps.begin, steps.end - 1)));
    bool any = false;
    for (int lane = 0; lane < static_cast<int>(m_values.size()) && lane < policy->layers * policy->lanes; ++lane) {
        const auto mean = meanMetric(*policy, *m_measure, std::span(&lane, 1), steps);
        if (!mean)
            continue;
        const float value = static_cast<float>(*mean);
        m_values[static_cast<std::size_t>(lane)] = value;
        m_least = any ? std::min(m_least, value) : value;
        m_most = any ? std::max(m_most, value) : value;
        any = true;
    }
}

void LaneGrid::updateCells()
{
    const int header = scaled(34), key = scaled(26);
    setViewportMargins(0, header, 0, key);
    m_header->setGeometry(0, 0, viewport()->width(), header);
    const QSize button = m_measureButton->sizeHint().expandedTo({scaled(24), scaled(24)});
    m_measureButton->setGeometry(m_header->width() - button.width() - scaled(8), (header - button.height()) / 2, button.width(),
                                 button.height());
    m_labelWidth = scaled(12) + QFontMetrics(uiFont(11)).horizontalAdvance(QStringLiteral("88")) + scaled(6);
    const int across = std::max(1, columns()), down = std::max(1, layers());
    m_cellWidth = std::clamp((viewport()->width() - m_labelWidth - kRight) / across, kLeast, kMost);
    m_cellHeight = std::clamp((viewport()->height() - 2 * kTop) / down, kLeast, kMost);
    const int needed = down * m_cellHeight + 2 * kTop;
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(m_cellHeight);
    verticalScrollBar()->setRange(0, std::max(0, needed - viewport()->height()));
}

QRect LaneGrid::cellRect(Lane cell) const
{
    if (cell.layer < 0 || cell.layer >= layers() || cell.head < 0 || cell.head >= columns())
        return {};
    return {m_labelWidth + cell.head * m_cellWidth, kTop + cell.layer * m_cellHeight - verticalScrollBar()->value(),
            m_cellWidth - 1, m_cellHeight - 1};
}

int LaneGrid::layerAt(int y) const
{
    const int layer = (y + verticalScrollBar()->value() - kTop) / m_cellHeight;
    return y + verticalScrollBar()->value() >= kTop && layer < layers() ? layer : -1;
}

std::optional<Lane> LaneGrid::laneAt(const QPoint& position) const
{
    const int layer = layerAt(position.y()), column = (position.x() - m_labelWidth) / m_cellWidth;
    if (layer < 0 || position.x() < m_labelWidth || column >= columns())
        return {};
    return Lane{layer, column};
}

QColor LaneGrid::cellColor(double value) const { return QColor::fromRgb(laneColor(m_theme, value, m_least, m_most)); }

QString LaneGrid::valueText(Lane cell) const
{
    const auto at = static_cast<std::size_t>(cell.layer) * columns() + cell.head;
    const bool queryHeads = columns() > kvHeads();
    const int layer = m_data.replay ? raw(m_data.replay->layers[static_cast<std::size_t>(cell.layer)])
                      : m_data.info ? raw(m_data.info->layers[static_cast<std::size_t>(cell.layer)])
                                    : cell.layer;
    QString text = (queryHeads ? tr("Layer %1, query head %2") : tr("Layer %1, KV head %2")).arg(layer).arg(cell.head);
    if (m_measure == kWaveletSlope) {
        const ScaleFit* fit = m_slopes ? m_slopes->find({recordedLayer(cell.layer), cell.head}) : nullptr;
        text += fit ? tr("\n%1%2\nfull cache, mean of %3")
                          .arg(slopeWords(*fit), fit->growing() ? tr(": scales grow with distance") : QString(), m_over)
                    : QStringLiteral("\n") + (m_slopeProblem.isEmpty() ? tr("wavelet slope: not computed yet") : m_slopeProblem);
    } else if (at < m_values.size() && !std::isnan(m_values[at]))
        text += tr("\n%1 %2, mean of %3").arg(nameOf(m_measure), valueWords(m_measure, m_values[at]), m_over);
    if (!isChosen(cell))
        text += tr("\nnot chosen");
    return text;
}

void LaneGrid::updateSentence()
{
    const auto& lanes = m_selection->state().lanes;
    const auto all = static_cast<int>(allLaneIds().size());
    QString sentence =
        lanes.empty() ? tr("All %1 lanes are chosen").arg(all) : tr("%1 of %2 lanes are chosen").arg(lanes.size()).arg(all);
    if (layers() > 0 && m_cursor.layer < layers())
        sentence += QStringLiteral(". ") + valueText(m_cursor).replace(QLatin1Char('\n'), QStringLiteral(", "));
    setAccessibleDescription(sentence);
}

void LaneGrid::paintEvent(QPaintEvent*)
{
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), m_theme.panel);
    if (layers() == 0) {
        drawText(painter, viewport()->rect(), uiFont(12), m_theme.muted, tr("No layers yet"), Qt::AlignHCenter);
    }
    const QFont tick = uiFont(11);
    const int every = std::max(1, static_cast<int>(std::ceil(QFontMetrics(tick).height() / static_cast<double>(m_cellHeight))));
    const int stride = every <= 1 ? 1 : every <= 2 ? 2 : every <= 4 ? 4 : 8;
    for (int layer = 0; layer < layers(); ++layer) {
        const QRect first = cellRect({layer, 0});
        if (first.bottom() < 0 || first.top() > viewport()->height())
            continue;
        if (layer % stride == 0) {
            const int number = m_data.replay ? raw(m_data.replay->layers[static_cast<std::size_t>(layer)])
                                             : raw(m_data.info->layers[static_cast<std::size_t>(layer)]);
            const bool lit = layer == m_hoverLayer;
            drawText(painter, QRect(0, first.center().y() - scaled(8), m_labelWidth - scaled(6), scaled(17)), tick,
                     lit ? m_theme.ink : m_theme.muted, QString::number(number), Qt::AlignRight);
        }
        for (int head = 0; head < columns(); ++head) {
            const Lane cell{layer, head};
            const auto at = static_cast<std::size_t>(layer) * columns() + head;
            painter.setOpacity(isChosen(cell) ? 1 : 0.35);
            if (at < m_values.size() && !std::isnan(m_values[at]))
                painter.fillRect(cellRect(cell), cellColor(m_values[at]));
            else // not computed yet: hatched, never zero
                painter.fillRect(cellRect(cell), QBrush(m_theme.muted, Qt::BDiagPattern));
        }
        painter.setOpacity(1);
    }
    if (hasFocus() && !cellRect(m_cursor).isNull())
        drawFocusRing(painter, cellRect(m_cursor).adjusted(-2, -2, 2, 2), m_theme);
    if (!m_rubber.isNull()) {
        painter.setPen(QPen(m_theme.ink, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(m_rubber.adjusted(0, 0, -1, -1));
    }
    if (hasFocus())
        drawFocusRing(painter, viewport()->rect(), m_theme);
}

bool LaneGrid::event(QEvent* event)
{
    if (event->type() == QEvent::Paint && layers() > 0) { // the color key, in the margin below the cells
        QPainter painter(this);
        painter.fillRect(rect(), m_theme.panel);
        const QRect row(scaled(12), height() - scaled(26), viewport()->width() - scaled(12) - kRight, scaled(24));
        const QFont tick = uiFont(11);
        if (m_most >= m_least && !m_over.isEmpty()) {
            const int left = drawText(painter, row, tick, m_theme.muted, valueWords(m_measure, m_least)) + scaled(6);
            const int ramp = scaled(32);
            for (int x = 0; x < ramp; ++x)
                painter.fillRect(row.left() + left + x, row.center().y() - 4, 1, 9,
                                 cellColor(m_least + (m_most - m_least) * x / (ramp - 1.0)));
            const int more = left + ramp + scaled(6);
            const int right = drawText(painter, row.adjusted(more, 0, 0, 0), tick, m_theme.muted, valueWords(m_measure, m_most));
            drawText(painter, row.adjusted(more + right + scaled(8), 0, 0, 0), tick, m_theme.muted, m_over, Qt::AlignRight);
        }
        return true;
    }
    if (event->type() == QEvent::ShortcutOverride && isMove(static_cast<QKeyEvent*>(event)->key())) {
        event->accept();
        return true;
    }
    return QAbstractScrollArea::event(event);
}

bool LaneGrid::eventFilter(QObject* watched, QEvent* event)
{
    if (watched != m_header || event->type() != QEvent::Paint)
        return QAbstractScrollArea::eventFilter(watched, event);
    QPainter painter(m_header);
    painter.fillRect(m_header->rect(), m_theme.panel);
    painter.fillRect(QRect(0, 0, width(), 1), m_theme.line);
    drawText(painter, m_header->rect().adjusted(scaled(12), 0, 0, 0), uiFont(13, true), m_theme.ink, tr("Lanes"));
    return true;
}

} // namespace winnow::views
