// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/lanes/lane_grid.h"

#include "views/plot/color_scale.h"
#include "views/style/dock_style.h"
#include "views/style/plain_key.h"

#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QScrollBar>
#include <QToolButton>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr int kLeast = 5, kMost = 22, kTop = 4, kRight = 12;
constexpr int kMostStriped = 66, kStripe = 2; ///< cells with a stripe per policy; below so many pixels only the focus is shown

} // namespace

LaneGrid::LaneGrid(Selection* selection, QWidget* parent)
    : QAbstractScrollArea(parent), m_selection(selection), m_values(selection, [this] { selectionChanged(Selection::All); }),
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
    for (const LaneMeasure measure : laneMeasures()) {
        QAction* action = menu->addAction(measureName(measure));
        action->setToolTip(measureHelp(measure));
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
    setMeasure(m_values.measure());
}

void LaneGrid::setData(const ViewData& data)
{
    m_values.setData(data);
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

void LaneGrid::setMeasureNamed(const QString& name)
{
    for (const LaneMeasure measure : laneMeasures())
        if (measureName(measure) == name)
            setMeasure(measure);
}

void LaneGrid::setMeasure(LaneMeasure measure)
{
    m_values.setMeasure(measure);
    m_measureButton->setText(measureName(measure));
    m_measureButton->setToolTip(measureHelp(measure));
    selectionChanged(Selection::All);
}

void LaneGrid::finishSlopes()
{
    m_values.finish();
    selectionChanged(Selection::All);
}

bool LaneGrid::isChosen(Lane cell) const
{
    const auto& lanes = m_selection->state().lanes;
    return lanes.empty() || std::binary_search(lanes.begin(), lanes.end(), m_values.kvLane(cell));
}

void LaneGrid::selectionChanged(Selection::Fields fields)
{
    const bool anew = m_values.dependsOn(fields);
    if (anew) {
        m_values.update();
        updateCells();
    }
    if (anew || (fields & Selection::Lanes)) {
        updateSentence();
        viewport()->update();
        update(); // the key below, which stands beside the viewport
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
    const int across = std::max(1, m_values.columns()), down = std::max(1, m_values.layers());
    m_cellWidth = std::clamp((viewport()->width() - m_labelWidth - kRight) / across, kLeast,
                             isOfTokens(m_values.measure()) ? kMostStriped : kMost);
    m_cellHeight = std::clamp((viewport()->height() - 2 * kTop) / down, kLeast, kMost);
    const int needed = down * m_cellHeight + 2 * kTop;
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(m_cellHeight);
    verticalScrollBar()->setRange(0, std::max(0, needed - viewport()->height()));
}

QRect LaneGrid::cellRect(Lane cell) const
{
    if (cell.layer < 0 || cell.layer >= m_values.layers() || cell.head < 0 || cell.head >= m_values.columns())
        return {};
    return {m_labelWidth + cell.head * m_cellWidth, kTop + cell.layer * m_cellHeight - verticalScrollBar()->value(),
            m_cellWidth - 1, m_cellHeight - 1};
}

int LaneGrid::layerAt(int y) const
{
    const int layer = (y + verticalScrollBar()->value() - kTop) / m_cellHeight;
    return y + verticalScrollBar()->value() >= kTop && layer < m_values.layers() ? layer : -1;
}

std::optional<Lane> LaneGrid::laneAt(const QPoint& position) const
{
    const int layer = layerAt(position.y()), column = (position.x() - m_labelWidth) / m_cellWidth;
    if (layer < 0 || position.x() < m_labelWidth || column >= m_values.columns())
        return {};
    return Lane{layer, column};
}

QColor LaneGrid::cellColor(double value) const
{
    return QColor::fromRgb(laneColor(m_theme, value, m_values.least(), m_values.most()));
}

QString LaneGrid::valueText(Lane cell) const { return m_values.words(cell) + (isChosen(cell) ? QString() : tr("\nnot chosen")); }

void LaneGrid::updateSentence()
{
    const auto& lanes = m_selection->state().lanes;
    const auto all = static_cast<int>(m_values.allLanes().size());
    QString sentence = all == 1        ? tr("There is one lane")
                       : lanes.empty() ? tr("All %1 lanes are chosen").arg(all)
                                       : tr("%1 of %2 lanes are chosen").arg(lanes.size()).arg(all);
    if (m_values.layers() > 0 && m_cursor.layer < m_values.layers())
        sentence += QStringLiteral(". ") + valueText(m_cursor).replace(QLatin1Char('\n'), QStringLiteral(", "));
    setAccessibleDescription(sentence);
}

void LaneGrid::paintEvent(QPaintEvent*)
{
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), m_theme.panel);
    if (m_values.layers() == 0) {
        drawText(painter, viewport()->rect(), uiFont(12), m_theme.muted, tr("No layers yet"), Qt::AlignHCenter);
    }
    const QFont tick = uiFont(11);
    const int every = std::max(1, static_cast<int>(std::ceil(QFontMetrics(tick).height() / static_cast<double>(m_cellHeight))));
    const int stride = every <= 1 ? 1 : every <= 2 ? 2 : every <= 4 ? 4 : 8;
    for (int layer = 0; layer < m_values.layers(); ++layer) {
        const QRect first = cellRect({layer, 0});
        if (first.bottom() < 0 || first.top() > viewport()->height())
            continue;
        if (layer % stride == 0) {
            const bool lit = layer == m_hoverLayer;
            drawText(painter, QRect(0, first.center().y() - scaled(8), m_labelWidth - scaled(6), scaled(17)), tick,
                     lit ? m_theme.ink : m_theme.muted, QString::number(m_values.layerNumber(layer)), Qt::AlignRight);
        }
        for (int head = 0; head < m_values.columns(); ++head) {
            const Lane cell{layer, head};
            painter.setOpacity(isChosen(cell) ? 1 : 0.35);
            paintCell(painter, cell);
        }
        painter.setOpacity(1);
    }
    paintNumbers(painter);
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

void LaneGrid::paintCell(QPainter& painter, Lane cell) const
{
    const auto fill = [&](const QRect& place, float value) {
        if (std::isnan(value)) // not computed yet: hatched, never zero
            painter.fillRect(place, QBrush(m_theme.muted, Qt::BDiagPattern));
        else
            painter.fillRect(place, cellColor(double(value)));
    };
    QRect place = cellRect(cell);
    const auto stripes = m_values.stripes(cell);
    const int count = static_cast<int>(stripes.size());
    if (count == 0 || place.width() < count * (kStripe + 1))
        return fill(place, m_values.value(cell));
    place.setWidth(place.width() - 2); // a wider gap between lanes than between policies
    for (int i = 0; i < count; ++i) {
        const int from = place.left() + place.width() * i / count, to = place.left() + place.width() * (i + 1) / count;
        const bool focused = m_values.policies()[static_cast<std::size_t>(i)] == m_selection->state().focus;
        fill(QRect(from, place.top(), to - from - 1, place.height()), stripes[static_cast<std::size_t>(i)]);
        if (focused && place.height() >= 8)
            painter.fillRect(QRect(from, place.bottom() - 1, to - from - 1, 2), QColor::fromRgb(m_theme.choice[100]));
    }
}

/// Under the stripes: which policy each of them is.
void LaneGrid::paintNumbers(QPainter& painter) const
{
    const QFont tick = uiFont(11);
    const QRect last = cellRect({m_values.layers() - 1, 0});
    const int count = static_cast<int>(m_values.policies().size()), height = QFontMetrics(tick).height();
    if (count == 0 || last.isNull() || last.bottom() + height > viewport()->height() ||
        (last.width() - 2) / count < QFontMetrics(tick).horizontalAdvance(QString::number(m_values.policies().back() + 1)))
        return;
    for (int head = 0; head < m_values.columns(); ++head) {
        const QRect cell = cellRect({m_values.layers() - 1, head}).adjusted(0, 0, -2, 0);
        for (int i = 0; i < count; ++i) {
            const int policy = m_values.policies()[static_cast<std::size_t>(i)];
            const int from = cell.left() + cell.width() * i / count, to = cell.left() + cell.width() * (i + 1) / count;
            drawText(painter, QRect(from, cell.bottom() + 2, to - from, height), tick,
                     policy == m_selection->state().focus ? m_theme.ink : m_theme.muted, QString::number(policy + 1),
                     Qt::AlignHCenter);
        }
    }
}

bool LaneGrid::event(QEvent* event)
{
    if (event->type() == QEvent::Paint && m_values.layers() > 0) { // the color key, in the margin below the cells
        QPainter painter(this);
        painter.fillRect(rect(), m_theme.panel);
        const QRect row(scaled(12), height() - scaled(26), viewport()->width() - scaled(12) - kRight, scaled(24));
        const QFont tick = uiFont(11);
        if (!m_values.over().isEmpty()) {
            const float least = m_values.least(), most = m_values.most();
            const int left = drawText(painter, row, tick, m_theme.muted, measureWords(m_values.measure(), least)) + scaled(6);
            const int ramp = scaled(32);
            for (int x = 0; x < ramp; ++x)
                painter.fillRect(row.left() + left + x, row.center().y() - 4, 1, 9,
                                 cellColor(least + (most - least) * x / (ramp - 1.0)));
            const int more = left + ramp + scaled(6);
            const int right = drawText(painter, row.adjusted(more, 0, 0, 0), tick, m_theme.muted,
                                       m_values.measure() == &kTokenLeft ? tr("never") : measureWords(m_values.measure(), most));
            drawText(painter, row.adjusted(more + right + scaled(8), 0, 0, 0), tick, m_theme.muted, m_values.over(),
                     Qt::AlignRight);
        }
        return true;
    }
    if (event->type() == QEvent::ShortcutOverride && isMove(static_cast<QKeyEvent*>(event)->key()) &&
        isPlainKey(*static_cast<QKeyEvent*>(event))) {
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
