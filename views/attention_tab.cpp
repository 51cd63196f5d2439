#include "views/attention_tab.h"

#include "views/lane_choice.h"
#include "views/map_zoom.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

#include <cmath>
#include <limits>

namespace winnow::views {

namespace {

constexpr Margins kMargins{.left = 64, .top = 8, .right = 96, .bottom = 38};
constexpr int kSinks = 4;

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

Result<LostTile> lostTile(const Trace& trace, const LostTileQuery& query, const JobContext& job)
{
    constexpr int kPairsPerBlock = 1 << 20;
    const AttentionQuery& whole = query.attention;
    const int firstQuery = raw(whole.queryBegin), queries = raw(whole.queryEnd) - firstQuery;
    const int firstKey = raw(whole.keyBegin), keys = raw(whole.keyEnd) - firstKey;
    const PolicyReplay* policy = query.replay ? query.replay->policies[static_cast<std::size_t>(query.policy)].get() : nullptr;
    const std::int32_t* evicted = policy ? policy->evictStep.data() + policy->index(query.layer, query.lane, 0) : nullptr;
    LostTile result;
    AttentionTile& cells = result.tile;
    cells.rows = std::min(whole.rows, queries);
    cells.columns = std::min(whole.columns, keys);
    cells.values.assign(static_cast<std::size_t>(cells.rows) * cells.columns, std::numeric_limits<float>::quiet_NaN());
    if (evicted)
        result.lost.assign(cells.values.size(), false);
    result.queriesPerRow = (queries + cells.rows - 1) / cells.rows;
    result.keysPerColumn = (keys + cells.columns - 1) / cells.columns;
    const int block = std::max(1, kPairsPerBlock / keys);
    for (int begin = 0; begin < queries; begin += block) {
        WINNOW_TRY_VOID(job.check("drawing the attention"));
        AttentionQuery part = whole;
        part.queryBegin = Position{firstQuery + begin};
        part.queryEnd = Position{firstQuery + std::min(queries, begin + block)};
        part.rows = part.columns = 0;
        WINNOW_TRY(const AttentionTile pairs, attentionTile(trace, part, job));
        for (int r = 0; r < pairs.rows; ++r) {
            const int step = firstQuery + begin + r;
            const auto row = static_cast<std::size_t>(static_cast<std::int64_t>(begin + r) * cells.rows / queries) * cells.columns;
            for (int c = query.maskSinks ? std::max(0, kSinks - firstKey) : 0; c < keys && firstKey + c <= step; ++c) {
                const float value = pairs.values[static_cast<std::size_t>(r) * keys + c];
                const auto cell = row + static_cast<std::size_t>(static_cast<std::int64_t>(c) * cells.columns / keys);
                if (cells.values[cell] >= value) // false for a cell that is still NaN
                    continue;
                cells.values[cell] = value;
                result.largest = std::max(result.largest, value);
                if (evicted) {
                    const std::int32_t left = evicted[firstKey + c];
                    result.lost[cell] = left >= 0 && left < step;
                }
            }
        }
        job.report("attention", double(begin + pairs.rows) / queries);
    }
    return result;
}

AttentionTab::AttentionTab(Selection* selection, QWidget* parent)
    : QWidget(parent), m_selection(selection), m_theme(Theme::darkTheme()), m_layerBox(new QComboBox(this)), m_headBox(new QComboBox(this)),
      m_scaleBox(new QComboBox(this)), m_sinksBox(new QCheckBox(tr("Mask sinks"), this)), m_note(new QLabel(this)),
      m_plot(new ChartPlot(selection, this)), m_rect(m_plot->addChart(0, 0, AxisRole::Token, AxisRole::Step, kMargins)),
      m_job([this](Result<std::shared_ptr<const LostTile>> tile) { arrived(std::move(tile)); })
{
    setAccessibleName(tr("Attention"));
    m_layerBox->setAccessibleName(tr("Layer"));
    m_headBox->setAccessibleName(tr("Query head"));
    m_scaleBox->setAccessibleName(tr("Scale"));
    m_scaleBox->addItems({tr("linear"), tr("log")});
    m_scaleBox->setCurrentIndex(1);
    m_sinksBox->setToolTip(tr("Leaves the first four keys out: they take most of the attention of many heads"));
    m_plot->setCells(m_rect, true);
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(12, 2, 12, 0);
    bar->setSpacing(8);
    bar->addWidget(m_layerBox);
    bar->addWidget(m_headBox);
    bar->addWidget(m_scaleBox);
    bar->addWidget(m_sinksBox);
    bar->addWidget(m_note, 1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(bar);
    column->addWidget(m_plot, 1);

    new PlotPainter(m_plot, QStringLiteral("grid"), m_rect, [this](QCPPainter* painter) { drawTile(painter); });
    new PlotPainter(m_plot, QStringLiteral("main"), nullptr, [this](QCPPainter* painter) { drawKey(painter); });
    m_plot->setReadout(m_rect, [this](QPointF at) { return readout(at); });
    m_plot->setResized([this] { request(); });
    connect(m_layerBox, &QComboBox::currentIndexChanged, this, [this] {
        fillHeads();
        request();
    });
    connect(m_headBox, &QComboBox::currentIndexChanged, this, [this] { request(); });
    connect(m_sinksBox, &QCheckBox::toggled, this, [this] { request(); });
    connect(m_scaleBox, &QComboBox::currentIndexChanged, this, [this] {
        recolor();
        m_plot->replot(QCustomPlot::rpQueuedReplot);
    });
    connect(selection, &Selection::changed, this, [this](Selection::Fields fields) {
        if (fields & Selection::ZoomField)
            showRanges();
        if (fields & (Selection::ZoomField | Selection::Focus))
            request();
    });
    setTheme(m_theme);
    setData({});
}

void AttentionTab::setTheme(const Theme& theme)
{
    m_theme = theme;
    m_plot->setTheme(theme);
    QPalette muted = m_note->palette();
    muted.setColor(QPalette::WindowText, theme.muted);
    m_note->setPalette(muted);
    m_note->setFont(uiFont(12));
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
    const bool there = data.trace && data.trace->layerCount() > 0 && data.trace->tokenCount() > 0;
    for (QWidget* widget : {static_cast<QWidget*>(m_layerBox), static_cast<QWidget*>(m_headBox), static_cast<QWidget*>(m_scaleBox),
                            static_cast<QWidget*>(m_sinksBox)})
        widget->setEnabled(there);
    m_plot->setTokenCount(there ? data.trace->tokenCount() : 0);
    m_plot->setEmptyText(there      ? QString()
                         : data.info ? tr("Attention can be seen when the recording is finished")
                                     : tr("Nothing is open yet: open a model, a recording or the demo"));
    showRanges();
    request();
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

void AttentionTab::request()
{
    m_stale = true;
    if (!m_data.trace || m_data.trace->layerCount() == 0 || m_data.trace->tokenCount() == 0 || !isVisible())
        return;
    m_stale = false;
    m_wanted = query();
    m_plot->setUpdating(m_shown != nullptr);
    m_job.start([trace = m_data.trace, wanted = m_wanted](const JobContext& job) -> Result<std::shared_ptr<const LostTile>> {
        WINNOW_TRY(LostTile tile, lostTile(*trace, wanted, job));
        return std::make_shared<const LostTile>(std::move(tile));
    });
}

void AttentionTab::finish()
{
    if (!m_data.trace || m_data.trace->tokenCount() == 0)
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

void AttentionTab::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (m_stale)
        request();
}

void AttentionTab::arrived(Result<std::shared_ptr<const LostTile>> tile)
{
    m_plot->setUpdating(false);
    if (!tile) {
        if (tile.error().code != ErrorCode::Cancelled)
            m_plot->setProblem(QString::fromStdString(tile.error().message));
        m_plot->replot();
        return;
    }
    m_plot->setProblem({});
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
                    .arg(policyTitle(*m_data.replay->policies[static_cast<std::size_t>(m_shownQuery.policy)]));
    else
        text += tr(" · full cache");
    m_note->setText(text);
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
    const double top = m_rect->top() + metrics.height() + 4, height = std::max(20.0, m_rect->height() - metrics.height() - 8);
    const double left = m_rect->right() + 12;
    painter->setFont(style.tick);
    painter->setPen(style.theme.muted);
    painter->drawText(QPointF(left, m_rect->top() + metrics.ascent()), compared ? tr("kept lost") : tr("attention"));
    for (int which = 0; which < (compared ? 2 : 1); ++which) {
        QImage ramp(1, 127, QImage::Format_RGB32);
        for (int i = 0; i < 127; ++i)
            ramp.setPixel(0, 126 - i, (which == 0 ? style.theme.choice : style.theme.lost)[static_cast<std::size_t>(i)]);
        drawCells(painter, QRectF(left + which * 18, top, 14, height), ramp, false);
    }
    const double textLeft = left + (compared ? 36 : 18);
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
    const auto cell = static_cast<std::size_t>(std::int64_t(step - raw(q.queryBegin)) * tile.rows / queries) * tile.columns
                      + static_cast<std::size_t>(std::int64_t(token - raw(q.keyBegin)) * tile.columns / keys);
    QString text = tr("step %1, token %2 %3").arg(grouped(step), grouped(token), tokenLabel(m_data, token));
    if (std::isnan(tile.values[cell]))
        return text + (token > step ? tr("\nnot read yet") : tr("\nmasked"));
    const bool one = m_shown->queriesPerRow * m_shown->keysPerColumn == 1;
    text += QStringLiteral("\n") + (one ? tr("attention %1") : tr("largest attention here %1")).arg(double(tile.values[cell]), 0, 'g', 3);
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
