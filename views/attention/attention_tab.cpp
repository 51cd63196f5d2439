// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/attention/attention_tab.h"

#include "core/analysis/figures/figure_inputs.h"
#include "views/attention/attention_key.h"
#include "views/plot/charts.h"
#include "views/plot/token_ticker.h"
#include "views/state/lane_choice.h"
#include "views/state/map_zoom.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr Margins kMargins{.left = 64, .top = 10, .right = 96, .bottom = 42};
constexpr std::size_t kListed = 128; ///< tokens of the row
constexpr int kNarrow = 640;         ///< below it there is no room for the row

Result<AttendedTokens> rowOf(const Trace& trace, const LostTileQuery& query, int step, const JobContext& job)
{
    return attendedTokens(trace, query.attention.layerIndex, query.attention.queryHead, query.by, step, kListed, job);
}

} // namespace

AttentionTab::AttentionTab(Selection* selection, QWidget* parent)
    : ChartTab(selection, tr("Attention"), parent), m_layerBox(addBox(tr("Layer"))), m_headBox(addBox(tr("Query head"))),
      m_scaleBox(addBox(tr("Scale"), {tr("linear"), tr("log")})), m_sinksBox(new QCheckBox(tr("Mask sinks"), this)),
      m_rect(m_plot->addChart(0, 0, AxisRole::Token, AxisRole::Step, kMargins)), m_body(new QSplitter(this)),
      m_row(new AttendedList(this)), m_pages(new QStackedWidget(this)), m_heads(new HeadGrid(this)),
      m_headsButton(new QToolButton(this)),
      m_job([this](Result<std::shared_ptr<const LostTile>> tile) { arrived(std::move(tile)); }),
      m_rowJob([this](Result<AttendedTokens> row) { rowArrived(std::move(row)); }),
      m_headsJob([this](Result<std::shared_ptr<const HeadThumbs>> heads) {
          if (heads)
              m_heads->show(std::move(*heads), m_headsOf->info().layers);
          else if (heads.error().code != ErrorCode::Cancelled)
              m_band->tell(QString::fromStdString(heads.error().message));
      })
{
    m_layerBox->setObjectName(QStringLiteral("layer"));
    m_headBox->setObjectName(QStringLiteral("head"));
    m_scaleBox->setObjectName(QStringLiteral("scale"));
    m_sinksBox->setObjectName(QStringLiteral("mask-sinks"));
    m_headsButton->setObjectName(QStringLiteral("all-heads"));
    m_scaleBox->setCurrentIndex(1);
    m_sinksBox->setToolTip(tr("Leaves the first four keys out: they take most of the attention of many heads"));
    m_plot->setCells(m_rect, true);
    m_bar->addWidget(m_sinksBox);
    m_bar->addWidget(m_note, 1);
    m_body->addWidget(m_plot);
    m_body->addWidget(m_row);
    m_body->setStretchFactor(0, 7);
    m_body->setStretchFactor(1, 3);
    m_body->setChildrenCollapsible(false);
    m_pages->addWidget(m_body);
    m_pages->addWidget(m_heads);
    m_headsButton->setText(tr("All heads"));
    m_headsButton->setCheckable(true);
    m_headsButton->setToolTip(tr("Every head as a small picture; a click shows it large"));
    m_bar->addWidget(m_headsButton);
    layOut(m_pages, {400, 140});

    new PlotPainter(m_plot, QStringLiteral("grid"), m_rect, [this](QCPPainter* painter) { drawTile(painter); });
    new PlotPainter(m_plot, QStringLiteral("main"), nullptr, [this](QCPPainter* painter) { drawKey(painter); });
    m_plot->setReadout(
        m_rect, [this](QPointF at) { return readout(at); }, true);
    m_plot->setResized([this] {
        showRanges();
        ask();
    });
    connect(m_row, &AttendedList::tokenChosen, selection, [selection](int token) { selection->setToken(token); });
    connect(m_headsButton, &QToolButton::toggled, this, [this](bool on) {
        m_pages->setCurrentIndex(on ? 1 : 0);
        setFocusProxy(on ? static_cast<QWidget*>(m_heads) : m_plot);
        askHeads();
    });
    connect(m_heads, &HeadGrid::headChosen, this, [this](int layer, int head) {
        setHead(layer, head);
        showHeads(false);
    });
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
        if (fields & Selection::Lanes)
            followLane();
        if (fields & (Selection::ZoomField | Selection::Focus))
            ask();
        else if (fields & Selection::StepField)
            askRow();
    });
    setTheme(m_theme);
    setData({});
}

void AttentionTab::setTheme(const Theme& theme)
{
    styleBar(theme);
    m_row->setTheme(theme);
    m_heads->setTheme(theme);
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
        m_rowJob.stop();
        m_headsJob.stop();
        m_headsOf.reset();
        m_row->clear();
        m_heads->show(nullptr, {});
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
    m_headsButton->setEnabled(m_isThere);
    for (QWidget* widget : {static_cast<QWidget*>(m_layerBox), static_cast<QWidget*>(m_headBox),
                            static_cast<QWidget*>(m_scaleBox), static_cast<QWidget*>(m_sinksBox)})
        widget->setEnabled(m_isThere);
    m_row->setVisible(m_isThere);
    followLane();
    showRanges();
    ask();
    askHeads();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

/// Shows the first query head of the one chosen lane, unless one of its heads is shown already.
void AttentionTab::followLane()
{
    const auto& lanes = m_selection->state().lanes;
    if (!m_data.trace || lanes.size() != 1)
        return;
    int index = lanes.front().layer;
    const TraceInfo& info = m_data.trace->info();
    if (m_data.replay && index < static_cast<int>(m_data.replay->layers.size()))
        index = static_cast<int>(
            std::find(info.layers.begin(), info.layers.end(), m_data.replay->layers[static_cast<std::size_t>(index)]) -
            info.layers.begin());
    if (index < 0 || index >= static_cast<int>(info.layers.size()))
        return;
    const int group = info.layerInfo[static_cast<std::size_t>(index)].group(), first = lanes.front().head * group;
    const int head = m_headBox->currentIndex();
    const bool inside = m_layerBox->currentIndex() == index && head >= first && head < first + group;
    if (!inside)
        setHead(index, first);
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
    wanted.by =
        losingLane(m_data.replay, m_selection->state().focus, m_data.trace->info(), attention.layerIndex, attention.queryHead);
    return wanted;
}

void AttentionTab::showHeads(bool on) { m_headsButton->setChecked(on); }

void AttentionTab::askHeads()
{
    if (!m_headsButton->isChecked() || !m_isThere)
        return;
    m_heads->setCurrent({m_layerBox->currentIndex(), m_headBox->currentIndex()});
    if (m_headsOf == m_data.trace)
        return;
    m_headsOf = m_data.trace;
    m_headsJob.start([trace = m_headsOf](const JobContext& job) -> Result<std::shared_ptr<const HeadThumbs>> {
        WINNOW_TRY(const std::vector<int> all, layerIndicesOf(*trace, {}));
        WINNOW_TRY(HeadThumbs heads, headThumbs(*trace, all, kHeadSide, job));
        return std::make_shared<const HeadThumbs>(std::move(heads));
    });
}

void AttentionTab::askRow()
{
    const bool room = width() >= m_plot->style().px(kNarrow);
    m_row->setVisible(m_isThere && room);
    const int step = m_selection->state().step;
    if (!m_isThere || !room || !isVisible() || step >= m_data.trace->tokenCount())
        return;
    m_rowJob.start(
        [trace = m_data.trace, wanted = query(), step](const JobContext& job) { return rowOf(*trace, wanted, step, job); });
}

void AttentionTab::rowArrived(Result<AttendedTokens> row)
{
    if (!row) {
        m_row->clear();
        if (row.error().code != ErrorCode::Cancelled)
            m_band->tell(QString::fromStdString(row.error().message));
        return;
    }
    const int focus = m_selection->state().focus;
    m_row->show(*row, row->compared ? policyTitle(*m_data.replay->policies[static_cast<std::size_t>(focus)]) : QString(), m_data);
}

void AttentionTab::start()
{
    askRow();
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
    m_rowJob.stop();
    m_plot->layOut();
    m_wanted = query();
    rowArrived(rowOf(*m_data.trace, m_wanted, m_selection->state().step, {}));
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
                    .arg(policyTitle(*m_shownQuery.by.replay->policies[static_cast<std::size_t>(m_shownQuery.by.policy)]));
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
        axis->setTicker(QSharedPointer<TokenTicker>::create());
    x->setRange(zoom.tokenBegin, zoom.tokenEnd);
    y->setRangeReversed(true);
    y->setRange(zoom.stepBegin, zoom.stepEnd);
    x->setLabel(tr("Key: token i"));
    y->setLabel(fitting({tr("Query: step t"), tr("Step t")}, m_plot->style().label, roomBeside(m_rect)));
    setTickCount(y, m_rect->height(), {}, m_plot->style());
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
    if (m_shown && m_rect->visible())
        drawAttentionKey(painter, m_rect, m_plot->style(), !m_shown->lost.empty(),
                         m_scaleBox->currentIndex() == 1 ? std::nullopt : std::optional(double(m_shown->largest)));
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
    if (m_headsButton->isChecked())
        return FigureRequest{.name = "heads"};
    const AttentionQuery& q = m_shownQuery.attention;
    FigureRequest request{.name = "attention"};
    request.options.layer = raw(m_data.trace->info().layers[static_cast<std::size_t>(q.layerIndex)]);
    request.options.head = raw(q.queryHead);
    request.options.queries = IntRange{raw(q.queryBegin), raw(q.queryEnd) - 1};
    request.options.keys = IntRange{raw(q.keyBegin), raw(q.keyEnd) - 1};
    request.options.steps = {m_selection->state().step};
    if (m_shownQuery.by.replay)
        request.options.lostBy = m_shownQuery.by.policy + 1;
    request.options.scale = m_scaleBox->currentIndex() == 1 ? "log" : "linear";
    request.options.maskSinks = m_sinksBox->isChecked();
    return request;
}

} // namespace winnow::views
