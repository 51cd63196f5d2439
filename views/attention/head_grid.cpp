// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/attention/head_grid.h"

#include "views/plot/charts.h"
#include "views/style/dock_style.h"
#include "views/style/plain_key.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>
#include <optional>

namespace winnow::views {

namespace {

constexpr int kLeast = 28, kMost = 72, kGap = 4, kTop = 20; ///< logical pixels

} // namespace

HeadGrid::HeadGrid(QWidget* parent) : QAbstractScrollArea(parent)
{
    setAccessibleName(tr("All heads"));
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setTheme(Theme::darkTheme());
}

void HeadGrid::setTheme(const Theme& theme)
{
    m_theme = theme;
    setPalette(theme.palette());
    verticalScrollBar()->setStyleSheet(slimScrollBar(theme));
    recolor();
}

void HeadGrid::show(std::shared_ptr<const HeadThumbs> thumbs, std::vector<Layer> layers)
{
    m_thumbs = std::move(thumbs);
    m_layers = std::move(layers);
    recolor();
    layOut();
}

void HeadGrid::recolor()
{
    m_images.clear();
    for (std::size_t layer = 0; m_thumbs && layer < m_thumbs->layers.size(); ++layer) {
        auto& row = m_images.emplace_back();
        for (const AttentionTile& tile : m_thumbs->layers[layer])
            row.push_back(attentionImage(tile, {}, true, 1, m_theme));
    }
    viewport()->update();
}

void HeadGrid::layOut()
{
    const int across = m_thumbs ? std::max(1, m_thumbs->heads) : 1, down = static_cast<int>(m_images.size());
    m_left = scaled(12) + QFontMetrics(uiFont(11)).horizontalAdvance(QStringLiteral("888")) + scaled(6);
    const int wide = (viewport()->width() - m_left - scaled(12)) / across - scaled(kGap);
    const int high = (viewport()->height() - scaled(kTop)) / std::max(1, down) - scaled(kGap);
    m_cell = std::clamp(std::min(wide, std::max(high, scaled(kLeast))), scaled(kLeast), scaled(kMost));
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(m_cell);
    verticalScrollBar()->setRange(0, std::max(0, scaled(kTop) + down * (m_cell + scaled(kGap)) - viewport()->height()));
    horizontalScrollBar()->setPageStep(viewport()->width());
    horizontalScrollBar()->setRange(0, std::max(0, m_left + across * (m_cell + scaled(kGap)) - viewport()->width()));
    viewport()->update();
}

QRect HeadGrid::cellRect(QueryHead head) const
{
    if (head.layerIndex < 0 || head.layerIndex >= static_cast<int>(m_images.size()) || head.head < 0 ||
        head.head >= static_cast<int>(m_images[static_cast<std::size_t>(head.layerIndex)].size()))
        return {};
    const int pitch = m_cell + scaled(kGap);
    return {m_left + head.head * pitch - horizontalScrollBar()->value(),
            scaled(kTop) + head.layerIndex * pitch - verticalScrollBar()->value(), m_cell, m_cell};
}

std::optional<QueryHead> HeadGrid::headAt(const QPoint& position) const
{
    const int pitch = m_cell + scaled(kGap), x = position.x() - m_left + horizontalScrollBar()->value(),
              y = position.y() - scaled(kTop) + verticalScrollBar()->value();
    const QueryHead head{y / pitch, x / pitch};
    return x >= 0 && y >= 0 && cellRect(head).contains(position) ? std::optional(head) : std::nullopt;
}

QString HeadGrid::words(QueryHead head) const
{
    const auto at = static_cast<std::size_t>(head.layerIndex);
    return at < m_layers.size() ? tr("Layer %1, query head %2").arg(raw(m_layers[at])).arg(head.head) : QString();
}

QString HeadGrid::accessRow(int row) const { return tr("layer %1").arg(raw(m_layers[static_cast<std::size_t>(row)])); }

void HeadGrid::setCurrent(QueryHead head)
{
    m_current = m_cursor = head;
    setAccessibleDescription(words(head));
    viewport()->update();
}

void HeadGrid::moveTo(QueryHead head)
{
    const QRect cell = cellRect(head);
    if (cell.isNull())
        return;
    m_cursor = head;
    setAccessibleDescription(words(head));
    if (cell.top() < scaled(kTop))
        verticalScrollBar()->setValue(verticalScrollBar()->value() + cell.top() - scaled(kTop));
    else if (cell.bottom() > viewport()->height())
        verticalScrollBar()->setValue(verticalScrollBar()->value() + cell.bottom() - viewport()->height() + scaled(kGap));
    viewport()->update();
}

void HeadGrid::paintEvent(QPaintEvent*)
{
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), m_theme.panel);
    if (m_images.empty()) {
        drawText(painter, viewport()->rect(), uiFont(13), m_theme.muted, tr("Looking at all heads …"), Qt::AlignHCenter);
        return;
    }
    const QFont tick = uiFont(11);
    for (int layer = 0; layer < static_cast<int>(m_images.size()); ++layer) {
        for (int head = 0; head < static_cast<int>(m_images[static_cast<std::size_t>(layer)].size()); ++head) {
            const QRect cell = cellRect({layer, head});
            if (!cell.intersects(viewport()->rect()))
                continue;
            painter.drawImage(cell, m_images[static_cast<std::size_t>(layer)][static_cast<std::size_t>(head)]);
            if (QueryHead{layer, head} == m_current)
                drawFocusRing(painter, cell.adjusted(-2, -2, 2, 2), m_theme);
            else if (hasFocus() && QueryHead{layer, head} == m_cursor) {
                painter.setPen(QPen(m_theme.ink, 1));
                painter.drawRect(cell.adjusted(-1, -1, 0, 0));
            }
        }
        const QRect first = cellRect({layer, 0});
        drawText(painter, QRect(0, first.center().y() - scaled(8), m_left - scaled(6), scaled(17)), tick, m_theme.muted,
                 QString::number(raw(m_layers[static_cast<std::size_t>(layer)])), Qt::AlignRight);
    }
    painter.fillRect(0, 0, viewport()->width(), scaled(kTop) - 2, m_theme.panel);
    drawText(painter, QRect(0, 0, m_left - scaled(6), scaled(kTop) - 2), tick, m_theme.muted, tr("layer"), Qt::AlignRight);
    for (int head = 0; head < m_thumbs->heads; ++head) {
        const QRect cell = cellRect({0, head});
        drawText(painter, QRect(cell.left(), 0, cell.width(), scaled(kTop) - 2), tick, m_theme.muted,
                 head == 0 ? tr("head 0") : QString::number(head), head == 0 ? Qt::AlignLeft : Qt::AlignHCenter);
    }
}

void HeadGrid::resizeEvent(QResizeEvent* event)
{
    QAbstractScrollArea::resizeEvent(event);
    layOut();
}

void HeadGrid::mousePressEvent(QMouseEvent* event)
{
    if (const auto head = headAt(event->position().toPoint()); head && event->button() == Qt::LeftButton)
        emit headChosen(head->layerIndex, head->head);
}

bool HeadGrid::event(QEvent* event)
{
    if (event->type() == QEvent::ShortcutOverride) {
        const auto& pressed = *static_cast<QKeyEvent*>(event);
        const int key = pressed.key();
        const bool moves = key >= Qt::Key_Left && key <= Qt::Key_Down;
        if (isPlainKey(pressed) && (moves || key == Qt::Key_Return || key == Qt::Key_Enter || key == Qt::Key_Space)) {
            event->accept();
            return true;
        }
    }
    return QAbstractScrollArea::event(event);
}

void HeadGrid::keyPressEvent(QKeyEvent* event)
{
    QueryHead to = m_cursor;
    switch (event->key()) {
    case Qt::Key_Left:
        --to.head;
        break;
    case Qt::Key_Right:
        ++to.head;
        break;
    case Qt::Key_Up:
        --to.layerIndex;
        break;
    case Qt::Key_Down:
        ++to.layerIndex;
        break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
        if (!cellRect(m_cursor).isNull())
            emit headChosen(m_cursor.layerIndex, m_cursor.head);
        return;
    default:
        QAbstractScrollArea::keyPressEvent(event);
        return;
    }
    moveTo(to);
}

bool HeadGrid::viewportEvent(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        auto* help = static_cast<QHelpEvent*>(event);
        const auto head = headAt(help->pos());
        QToolTip::showText(help->globalPos(), head ? words(*head) : QString(), viewport());
        return true;
    }
    return QAbstractScrollArea::viewportEvent(event);
}

} // namespace winnow::views
