// SPDX-License-Identifier: GPL-3.0-or-later
// What the lane grid does with mouse and keys.
#include "views/lanes/lane_grid.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>

namespace winnow::views {

namespace {

constexpr int kDragStarts = 4;

} // namespace

bool LaneGrid::isMove(int key)
{
    return key == Qt::Key_Left || key == Qt::Key_Right || key == Qt::Key_Up || key == Qt::Key_Down || key == Qt::Key_Space;
}

void LaneGrid::resizeEvent(QResizeEvent*) { updateCells(); }

/// `cells` may be query heads; what is chosen are their KV heads. All of them = no filter.
void LaneGrid::choose(const std::vector<Lane>& cells, bool add)
{
    std::vector<Lane> lanes;
    for (const Lane cell : cells)
        lanes.push_back(m_values.kvLane(cell));
    std::sort(lanes.begin(), lanes.end());
    lanes.erase(std::unique(lanes.begin(), lanes.end()), lanes.end());
    if (add) {
        std::vector<Lane> present = m_selection->state().lanes;
        const bool allThere = std::includes(present.begin(), present.end(), lanes.begin(), lanes.end());
        std::vector<Lane> result;
        if (allThere) // a second Shift+click takes them away again
            std::set_difference(present.begin(), present.end(), lanes.begin(), lanes.end(), std::back_inserter(result));
        else
            std::set_union(present.begin(), present.end(), lanes.begin(), lanes.end(), std::back_inserter(result));
        lanes = std::move(result);
    }
    m_selection->setLanes(lanes.size() == m_values.allLanes().size() ? std::vector<Lane>() : lanes);
}

void LaneGrid::allLanes() { m_selection->setLanes({}); }

void LaneGrid::moveLane(int by)
{
    const std::vector<Lane> all = m_values.allLanes();
    if (all.empty())
        return;
    const auto& lanes = m_selection->state().lanes;
    const int count = static_cast<int>(all.size());
    int at = by > 0 ? 0 : count - 1;
    if (!lanes.empty())
        at = static_cast<int>(std::lower_bound(all.begin(), all.end(), lanes.front()) - all.begin()) + by;
    m_cursor = all[static_cast<std::size_t>((at + count) % count)];
    m_selection->setLanes({m_cursor});
}

void LaneGrid::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton)
        return;
    m_pressed = event->pos();
    m_adding = event->modifiers() & Qt::ShiftModifier;
}

void LaneGrid::mouseMoveEvent(QMouseEvent* event)
{
    if (!m_pressed) {
        showValueCard(event->pos(), event->globalPosition().toPoint());
        return;
    }
    if (m_rubber.isNull() && (event->pos() - *m_pressed).manhattanLength() < kDragStarts)
        return;
    m_rubber = QRect(*m_pressed, event->pos()).normalized();
    viewport()->update();
}

void LaneGrid::mouseReleaseEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton || !m_pressed)
        return;
    const QPoint pressed = *m_pressed;
    m_pressed.reset();
    const QRect rubber = std::exchange(m_rubber, QRect());
    viewport()->update();
    std::vector<Lane> cells;
    if (!rubber.isNull()) {
        for (int layer = 0; layer < m_values.layers(); ++layer)
            for (int head = 0; head < m_values.columns(); ++head)
                if (rubber.intersects(cellRect({layer, head})))
                    cells.push_back({layer, head});
    } else if (const auto cell = laneAt(pressed)) {
        m_cursor = *cell;
        cells.push_back(*cell);
    } else if (const int layer = layerAt(pressed.y()); layer >= 0 && pressed.x() < m_labelWidth) {
        for (int head = 0; head < m_values.columns(); ++head)
            cells.push_back({layer, head});
    }
    if (!cells.empty())
        choose(cells, m_adding);
}

void LaneGrid::mouseDoubleClickEvent(QMouseEvent*) { allLanes(); }

void LaneGrid::showValueCard(const QPoint& position, const QPoint& global)
{
    const auto cell = laneAt(position);
    const int layer = position.x() < m_labelWidth ? layerAt(position.y()) : -1;
    if (std::exchange(m_hoverLayer, layer) != layer)
        viewport()->update();
    viewport()->setCursor(cell || layer >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
    if (cell)
        QToolTip::showText(global, valueText(*cell), viewport(), cellRect(*cell));
    else
        QToolTip::hideText();
}

bool LaneGrid::viewportEvent(QEvent* event)
{
    if (event->type() == QEvent::Leave)
        m_hoverLayer = -1;
    if (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut || event->type() == QEvent::Leave)
        viewport()->update();
    return QAbstractScrollArea::viewportEvent(event);
}

void LaneGrid::focusInEvent(QFocusEvent*) { viewport()->update(); }
void LaneGrid::focusOutEvent(QFocusEvent*) { viewport()->update(); }

void LaneGrid::keyPressEvent(QKeyEvent* event)
{
    if (m_values.layers() == 0 || !isMove(event->key())) {
        QAbstractScrollArea::keyPressEvent(event);
        return;
    }
    if (event->key() == Qt::Key_Space) {
        choose({m_cursor}, event->modifiers() & Qt::ShiftModifier);
        return;
    }
    m_cursor.layer += event->key() == Qt::Key_Down ? 1 : event->key() == Qt::Key_Up ? -1 : 0;
    m_cursor.head += event->key() == Qt::Key_Right ? 1 : event->key() == Qt::Key_Left ? -1 : 0;
    m_cursor.layer = std::clamp(m_cursor.layer, 0, m_values.layers() - 1);
    m_cursor.head = std::clamp(m_cursor.head, 0, m_values.columns() - 1);
    const QRect cell = cellRect(m_cursor);
    if (cell.top() < 0 || cell.bottom() >= viewport()->height())
        verticalScrollBar()->setValue(verticalScrollBar()->value() + cell.center().y() - viewport()->height() / 2);
    updateSentence();
    viewport()->update();
}

QString LaneGrid::accessRow(int row) const { return tr("layer %1").arg(m_values.layerNumber(row)); }
QString LaneGrid::accessColumn(int column) const { return tr("head %1").arg(column); }
QString LaneGrid::accessCell(int row, int column) const
{
    return valueText({row, column}).replace(QLatin1Char('\n'), QStringLiteral(", "));
}
QRect LaneGrid::accessRect(int row, int column) const
{
    return cellRect({row, column}).translated(viewport()->geometry().topLeft());
}

} // namespace winnow::views
