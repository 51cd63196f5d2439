// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/attention/attention_tab.h"

#include "views/plot/charts.h"
#include "views/state/lane_choice.h"
#include "views/state/map_zoom.h"

#include <cmath>

namespace winnow::views {

namespace {

constexpr Margins kMargins{.left = 64, .top = 10, .right = 96, .bottom = 38};

/// The replay's layer number for a recorded layer; −1 if that layer was not replayed.
int replayedLayer(const ViewData& data, int layerIndex)
{
    if (!data.replay || !data.info || layerIndex < 0 || layerIndex >= static_cast<int>(data.info->layers.size()))
        return -1;
    const auto& layers = data.replay->layers;
    const auto found = std::find(layers.begin(), layers.end(), data.info->layers[static_cast<std::size_t>(layerIndex)]);
    return found == layers.end() ? -1 : static_cast<int>(found - layers.begin());
}

} // namespace

AttentionTab::AttentionTab(Selection* selection, QWidget* parent)
    : ChartTab(selection, tr("Attention"), parent), m_layerBox(addBox(tr("Layer"))), m_headBox(addBox(tr("Query head"))),
      m_scaleBox(addBox(tr("Scale"), {tr("linear"), tr("log")})), m_sinksBox(new QCheckBox(tr("Mask sinks"), this)),
      m_rect(m_plot->addChart(0, 0, AxisRole::Token, AxisRole::Step, kMargins)),
      m_job([this](Result<std::shared_ptr<const LostTile>> tile) { arrived(std::move(tile)); })
{
    m_scaleBox->setCurrentIndex(1);
    m_sinksBox->setToolTip(tr("Leaves the first four keys out: they take most of the attention of many heads"));
    m_plot->setCells(m_rect, true);
    m_bar->addWidget(m_sinksBox);
    m_bar->addWidget(m_note, 1);
    layOut(m_plot);

    new PlotPainter(m_plot, QStringLiteral("grid"), m_rect, [this](QCPPainter* painter) { drawTile(painter); });
    new PlotPainter(m_plot, QStringLiteral("main"), nullptr, [this](QCPPainter* painter) { drawKey(painter); });
    m_plot->setReadout(m_rect, [this](QPointF at) { return readout(at); });
    m_plot->setResized([this] { ask(); });
    connect(m_layerBox, &QComboBox::currentIndexChanged, this, [this] {
        fillHeads();
        ask();
    });
    connect(m_headBox, &QComboBox::currentIndexChanged, this, &AttentionTab::ask);
    connect(m_sinksBox, &QCheckBox::toggled, this, &AttentionTab::ask);
    connect(m_scaleBox, &QComboBox::currentIndexChanged, this, [this] {
        recolor();
        m_plot->replot(QCustomPlot::rpQueuedReplot);
    });
    connect(selection, &Selection::changed, this, [this](Selection::Fields fields) {
        if (fields & Selection::ZoomField)
            showRanges();
        if (fields & (Selection::ZoomField | Selection::Focus))
            ask();
    });
    setTheme(m_theme);
    setData({});
}

void AttentionTab::setTheme(const Theme& theme)
{
    styleBar(theme);
    showRanges();
    recolor();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void AttentionTab::setData(const ViewData& data)
{
    const bool sameTrace = m_data.trace == data.trace;
    m_data = data;
    if (!sameTrace) {
        m_job.stop();
        m_shown.reset();
        m_image = {};
        const QSignalBlocker layers(m_layerBox);
        const int layer = std::max(0, m_layerBox->currentIndex());
        m_layerBox->clear();
        if (data.trace) {
            for (const Layer number : data.trace->info().layers)
                m_layerBox->addItem(tr("Layer %1").arg(raw(number)));
            m_layerBox->setCurrentIndex(std::min(layer, m_layerBox->count() - 1));
        }
        fillHeads();
    }
    showWhatIsThere(tr("Attention can be seen when the recording is finished"), {});
    for (QWidget* widget : {static_cast<QWidget*>(m_layerBox), static_cast<QWidget*>(m_headBox),
                            static_cast<QWidget*>(m_scaleBox), static_cast<QWidget*>(m_sinksBox)})
        widget->setEnabled(m_isThere);
    showRanges();
    ask();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void AttentionTab::fillHeads()
{
    const QSignalBlocker heads(m_headBox);
    const int head = std::max(0, m_headBox->currentIndex());
    m_headBox->clear();
    const int layer = m_layerBox->currentIndex();
    if (!m_data.trace || layer < 0)
        return;
    const int count = m_data.trace->info().layerInfo[static_cast<std::size_t>(layer)].queryHeads;
    for (int i = 0; i < count; ++i)
        m_headBox->addItem(tr("Query head %1").arg(i));
    m_headBox->setCurrentIndex(std::min(head, count - 1));
}

void AttentionTab::setHead(int layerIndex, int queryHead)
{
    m_layerBox->setCurrentIndex(layerIndex);
    m_headBox->setCurrentIndex(queryHead);
}

LostTileQuery AttentionTab::query() const
{
    LostTileQuery wanted;
    const int tokens = m_data.trace->tokenCount();
    const Zoom zoom = fullZoom(m_selection->state().zoom, tokens);
    const auto whole = [tokens](double value) { return Position{std::clamp(static_cast<int>(value), 0, tokens)}; };
    AttentionQuery& attention = wanted.attention;
    attention.layerIndex = std::max(0, m_layerBox->currentIndex());
    attention.queryHead = Head{std::max(0, m_headBox->currentIndex())};
    attention.queryBegin = whole(std::floor(zoom.stepBegin));
    attention.queryEnd = whole(std::ceil(zoom.stepEnd));
    attention.keyBegin = whole(std::floor(zoom.tokenBegin));
    attention.keyEnd = whole(std::ceil(zoom.tokenEnd));
    const double ratio = m_plot->devicePixelRatioF();
    attention.rows = std::max(16, qRound(m_rect->height() * ratio));
    attention.columns = std::max(16, qRound(m_rect->width() * ratio));
    wanted.maskSinks = m_sinksBox->isChecked();
    const int layer = replayedLayer(m_data, attention.layerIndex), focus = m_selection->state().focus;
    if (layer >= 0 && focus < static_cast<int>(m_data.replay->policies.size())) {
        const PolicyReplay& policy = *m_data.replay->policies[static_cast<std::size_t>(focus)];
        const LayerInfo& info = m_data.trace->info().layerInfo[static_cast<std::size_t>(attention.layerIndex)];
        wanted.replay = m_data.replay;
        wanted.policy = focus;
        wanted.layer = layer;
        wanted.lane = raw(attention.queryHead) / std::max(1, info.queryHeads / std::max(1, policy.lanes));
    }
    return wanted;
}

void AttentionTab::start()
{
    m_wanted = query();
    m_job.start([trace = m_data.trace, wanted = m_wanted](const JobContext& job) -> Result<std::shared_ptr<const LostTile>> {
        WINNOW_TRY(LostTile tile, lostTile(*trace, wanted, job));
        return std::make_shared<const LostTile>(std::move(tile));
    });
}

void AttentionTab::finish()
{
    if (!m_isThere)
        return;
    m_job.stop();
    m_plot->layOut();
    m_wanted = query();
    Result<LostTile> tile = lostTile(*m_data.trace, m_wanted, {});
    if (tile)
        arrived(std::make_shared<const LostTile>(std::move(*tile)));
    else
        arrived(fail(tile.error()));
}

void AttentionTab::arrived(Result<std::shared_ptr<const LostTile>> tile)
{
    if (!tookAnswer(tile))
        return;
    m_shown = std::move(*tile);
    m_shownQuery = m_wanted;
    recolor();
    describe();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void AttentionTab::describe()
{
    QString text = m_shown->queriesPerRow * m_shown->keysPerColumn > 1
                       ? tr("max of %1 × %2 pairs").arg(m_shown->keysPerColumn).arg(m_shown->queriesPerRow)
                       : tr("one cell per pair");
    if (!m_shown->lost.empty())
        text += tr(" · orange: lost by %1")
                    .arg(policyTitle(*m_shownQuery.replay->policies[static_cast<std::size_t>(m_shownQuery.policy)]));
    else
        text += tr(" · full cache");
    say(text);
}

void AttentionTab::recolor()
{
    if (m_shown)
        m_image = attentionImage(m_shown->tile, m_shown->lost, m_scaleBox->currentIndex() == 1, m_shown->largest, m_theme);
}

void AttentionTab::showRanges()
{
    if (!m_data.trace)
        return;
    const Zoom zoom = fullZoom(m_selection->state().zoom, m_data.trace->tokenCount());
    QCPAxis* x = m_rect->axis(QCPAxis::atBottom);
    QCPAxis* y = m_rect->axis(QCPAxis::atLeft);
    for (QCPAxis* axis : {x, y})
        axis->setTicker(QSharedPointer<GroupedTicker>::create());
    x->setRange(zoom.tokenBegin, zoom.tokenEnd);
    y->setRangeReversed(true);
    y->setRange(zoom.stepBegin, zoom.stepEnd);
    x->setLabel(tr("Key: token i"));
    y->setLabel(tr("Query: step t"));
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void AttentionTab::drawTile(QCPPainter* painter)
{
    if (m_image.isNull() || !m_rect->visible())
        return;
    const AttentionQuery& q = m_shownQuery.attention;
    const QCPAxis* x = m_rect->axis(QCPAxis::atBottom);
    const QCPAxis* y = m_rect->axis(QCPAxis::atLeft);
    const QRectF target(QPointF(x->coordToPixel(raw(q.keyBegin)), y->coordToPixel(raw(q.queryBegin))),
                        QPointF(x->coordToPixel(raw(q.keyEnd)), y->coordToPixel(raw(q.queryEnd))));
    drawCells(painter, target, m_image, false);
}

void AttentionTab::drawKey(QCPPainter* painter)
{
    if (!m_shown || !m_rect->visible())
        return;
    const bool compared = !m_shown->lost.empty(), logScale = m_scaleBox->currentIndex() == 1;
    const PlotStyle& style = m_plot->style();
    const QFontMetricsF metrics(style.tick);
    const double top = m_rect->top() + metrics.height() + 4, height = std::max(20.0, m_rect->height() - metrics.height() - 4);
    const double left = m_rect->right() + style.px(12), bar = style.px(14), pitch = style.px(32);
    painter->setFont(style.tick);
    for (int which = 0; which < (compared ? 2 : 1); ++which) {
        QImage ramp(1, 127, QImage::Format_RGB32);
        for (int i = 0; i < 127; ++i)
            ramp.setPixel(0, 126 - i, (which == 0 ? style.theme.choice : style.theme.lost)[static_cast<std::size_t>(i)]);
        drawCells(painter, QRectF(left + which * pitch, top, bar, height), ramp, false);
        painter->setPen(style.theme.muted);
        painter->drawText(QPointF(left + which * pitch, m_rect->top() + metrics.ascent()), !compared    ? tr("attention")
                                                                                           : which == 0 ? tr("kept")
                                                                                                        : tr("lost"));
    }
    const double textLeft = left + (compared ? pitch : 0) + bar + style.px(4);
    const QStringList texts = logScale ? QStringList{QStringLiteral("1e-4"), QStringLiteral("0.01"), QStringLiteral("1")}
                                       : QStringList{QStringLiteral("0"), QString::number(m_shown->largest / 2, 'g', 2),
                                                     QString::number(m_shown->largest, 'g', 2)};
    for (int i = 0; i < 3; ++i)
        painter->drawText(QPointF(textLeft, top + height - (height - metrics.capHeight()) * i / 2), texts[i]);
}

QString AttentionTab::readout(QPointF at) const
{
    if (!m_shown)
        return {};
    const AttentionQuery& q = m_shownQuery.attention;
    const int keys = raw(q.keyEnd) - raw(q.keyBegin), queries = raw(q.queryEnd) - raw(q.queryBegin);
    const int token = static_cast<int>(std::floor(at.x())), step = static_cast<int>(std::floor(at.y()));
    if (token < raw(q.keyBegin) || token >= raw(q.keyEnd) || step < raw(q.queryBegin) || step >= raw(q.queryEnd))
        return {};
    const AttentionTile& tile = m_shown->tile;
    const auto cell = static_cast<std::size_t>(std::int64_t(step - raw(q.queryBegin)) * tile.rows / queries) * tile.columns +
                      static_cast<std::size_t>(std::int64_t(token - raw(q.keyBegin)) * tile.columns / keys);
    QString text = tr("step %1, token %2 %3").arg(grouped(step), grouped(token), tokenLabel(m_data, token));
    if (std::isnan(tile.values[cell]))
        return text + (token > step ? tr("\nnot read yet") : tr("\nmasked"));
    const bool one = m_shown->queriesPerRow * m_shown->keysPerColumn == 1;
    text += QStringLiteral("\n") +
            (one ? tr("attention %1") : tr("largest attention here %1")).arg(double(tile.values[cell]), 0, 'g', 3);
    if (!m_shown->lost.empty())
        text += m_shown->lost[cell] ? tr(", lost") : tr(", still there");
    return text;
}

std::optional<FigureRequest> AttentionTab::currentFigure() const
{
    if (!m_shown || !m_data.trace)
        return {};
    const AttentionQuery& q = m_shownQuery.attention;
    FigureRequest request{.name = "attention"};
    request.options.layer = raw(m_data.trace->info().layers[static_cast<std::size_t>(q.layerIndex)]);
    request.options.head = raw(q.queryHead);
    request.options.queries = IntRange{raw(q.queryBegin), raw(q.queryEnd) - 1};
    request.options.keys = IntRange{raw(q.keyBegin), raw(q.keyEnd) - 1};
    request.options.logScale = m_scaleBox->currentIndex() == 1;
    request.options.maskSinks = m_sinksBox->isChecked();
    return request;
}

} // namespace winnow::views
