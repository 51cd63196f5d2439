// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/answers/needle_maps.h"

#include "views/style/dock_style.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr double kLeft = 56, kTop = 24, kRight = 12, kBottom = 40, kKey = 28;
constexpr int kMostAcross = 3;

QString number(double value) { return grouped(std::llround(value)); }

} // namespace

NeedleMaps::NeedleMaps(QWidget* parent) : QWidget(parent), m_theme(Theme::darkTheme())
{
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Needles by length and depth"));
    setAccessibleDescription(tr("No cell is chosen"));
}

void NeedleMaps::setGrids(std::vector<ScoreGrid> grids, QStringList names)
{
    m_grids = std::move(grids);
    m_names = std::move(names);
    m_chosen.reset();
    updateGeometry();
    update();
}

void NeedleMaps::setScore(std::size_t score)
{
    m_score = score;
    update();
}

void NeedleMaps::setTheme(const Theme& theme)
{
    m_theme = theme;
    update();
}

void NeedleMaps::choose(const NeedlePlace& place)
{
    if (m_grids.empty() || place == m_chosen)
        return;
    m_chosen = place;
    setAccessibleDescription(words(place));
    update();
    emit cellChosen(place);
}

int NeedleMaps::columns() const { return std::clamp(static_cast<int>(m_grids.size()), 1, kMostAcross); }

QSize NeedleMaps::sizeHint() const { return {scaled(300 * columns()), minimumSizeHint().height() + scaled(60)}; }

QSize NeedleMaps::minimumSizeHint() const
{
    const int rows = (static_cast<int>(m_grids.size()) + columns() - 1) / columns();
    return {scaled(190 * columns()), scaled(kKey) + std::max(1, rows) * scaled(150)};
}

QRectF NeedleMaps::mapRect(std::size_t grid) const
{
    const int across = columns(), rows = (static_cast<int>(m_grids.size()) + across - 1) / across;
    const double w = double(width()) / across, h = (height() - scaled(kKey)) / double(std::max(1, rows));
    const QRectF panel(static_cast<double>(grid % across) * w, scaled(kKey) + static_cast<double>(grid / across) * h, w, h);
    return panel.adjusted(scaled(kLeft), scaled(kTop), -scaled(kRight), -scaled(kBottom));
}

QRectF NeedleMaps::cellRect(const NeedlePlace& place) const
{
    const QRectF map = mapRect(place.grid);
    const ScoreGrid& grid = m_grids[place.grid];
    const double w = map.width() / static_cast<double>(grid.lengths.size()),
                 h = map.height() / static_cast<double>(grid.depths.size());
    return {map.left() + w * static_cast<double>(place.length), map.top() + h * static_cast<double>(place.depth), w, h};
}

std::optional<NeedlePlace> NeedleMaps::placeAt(const QPointF& at) const
{
    for (std::size_t g = 0; g < m_grids.size(); ++g) {
        const QRectF map = mapRect(g);
        if (!map.contains(at))
            continue;
        const auto part = [](double offset, double length, std::size_t count) {
            return std::min(count - 1, static_cast<std::size_t>(offset / length * static_cast<double>(count)));
        };
        return NeedlePlace{g, part(at.y() - map.top(), map.height(), m_grids[g].depths.size()),
                           part(at.x() - map.left(), map.width(), m_grids[g].lengths.size())};
    }
    return std::nullopt;
}

/// "TOVA, 2,048 tokens, depth 50 %: exact 0.40 of 10 answers".
QString NeedleMaps::words(const NeedlePlace& place) const
{
    const ScoreGrid& grid = m_grids[place.grid];
    const int answers = grid.counts[grid.cell(place.depth, place.length)];
    const QString where = tr("%1, %2 tokens, depth %3 %")
                              .arg(m_names.value(static_cast<qsizetype>(place.grid)), number(grid.lengths[place.length]),
                                   number(grid.depths[place.depth]));
    if (answers == 0)
        return tr("%1: nobody answered").arg(where);
    const std::string_view title = kGridScoreTitles[m_score];
    return tr("%1: %2 %3 of %4")
        .arg(where, QString::fromUtf8(title), QString::number(grid.value(m_score, place.depth, place.length), 'f', 2),
             answers == 1 ? tr("1 answer") : tr("%1 answers").arg(answers));
}

// --- drawing

void NeedleMaps::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme.page);
    drawKey(painter);
    for (std::size_t g = 0; g < m_grids.size(); ++g)
        drawPanel(painter, g);
    if (m_chosen) {
        painter.setPen(QPen(m_theme.ink, 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(cellRect(*m_chosen).adjusted(1, 1, -1, -1));
    }
    if (hasFocus())
        drawFocusRing(painter, rect(), m_theme);
}

void NeedleMaps::drawKey(QPainter& painter) const
{
    const QFontMetricsF metrics(uiFont(11));
    painter.setFont(uiFont(11));
    painter.setPen(m_theme.muted);
    double x = scaled(kLeft);
    const double middle = scaled(kKey) / 2.0, baseline = middle + metrics.capHeight() / 2;
    const auto say = [&](const QString& text) {
        painter.drawText(QPointF(x, baseline), text);
        x += metrics.horizontalAdvance(text) + scaled(6);
    };
    const std::string_view title = kGridScoreTitles[m_score];
    say(tr("%1, mean of a cell's answers:").arg(QString::fromUtf8(title)));
    say(QStringLiteral("0"));
    QImage ramp(127, 1, QImage::Format_RGB32);
    std::copy(m_theme.choice.begin(), m_theme.choice.end(), reinterpret_cast<QRgb*>(ramp.scanLine(0)));
    painter.drawImage(QRectF(x, middle - scaled(4), scaled(60), scaled(8)), ramp);
    x += scaled(66);
    say(QStringLiteral("1"));
}

void NeedleMaps::drawPanel(QPainter& painter, std::size_t g) const
{
    const ScoreGrid& grid = m_grids[g];
    const QRectF map = mapRect(g);
    const QFont small = uiFont(11);
    const QFontMetricsF metrics(small);
    painter.setFont(uiFont(13, true));
    painter.setPen(m_theme.ink);
    const QFontMetricsF bold(painter.font());
    painter.drawText(QPointF(map.left(), map.top() - scaled(6)),
                     bold.elidedText(m_names.value(static_cast<qsizetype>(g)), Qt::ElideRight, map.width()));
    painter.setFont(small);
    const double w = map.width() / static_cast<double>(grid.lengths.size()),
                 h = map.height() / static_cast<double>(grid.depths.size());
    for (std::size_t depth = 0; depth < grid.depths.size(); ++depth)
        for (std::size_t length = 0; length < grid.lengths.size(); ++length) {
            const QRectF cell = cellRect({g, depth, length}).adjusted(0, 0, w > 4 ? -1 : 0, h > 4 ? -1 : 0);
            const double value = grid.value(m_score, depth, length);
            if (std::isnan(value)) {
                painter.fillRect(cell, QBrush(m_theme.line, Qt::BDiagPattern)); // nobody answered
                continue;
            }
            const auto shade = static_cast<std::size_t>(std::lround(std::clamp(value, 0.0, 1.0) * 126));
            painter.fillRect(cell, QColor::fromRgb(m_theme.choice[shade]));
        }
    painter.setPen(m_theme.muted);
    painter.drawText(QRectF(map.left() - scaled(kLeft), map.top() - scaled(kTop), scaled(kLeft) - scaled(6), scaled(kTop)),
                     Qt::AlignRight | Qt::AlignVCenter | Qt::TextDontClip, tr("depth"));
    const auto everyDepth = static_cast<std::size_t>(std::max(1.0, std::ceil((metrics.height() + 2) / h)));
    for (std::size_t depth = 0; depth < grid.depths.size(); depth += everyDepth)
        painter.drawText(
            QRectF(map.left() - scaled(kLeft), map.top() + h * static_cast<double>(depth), scaled(kLeft) - scaled(6), h),
            Qt::AlignRight | Qt::AlignVCenter | Qt::TextDontClip, tr("%1 %").arg(number(grid.depths[depth])));
    const double widest = metrics.horizontalAdvance(number(grid.lengths.back())) + scaled(8);
    const auto everyLength = static_cast<std::size_t>(std::max(1.0, std::ceil(widest / w)));
    for (std::size_t length = 0; length < grid.lengths.size(); length += everyLength)
        painter.drawText(QRectF(map.left() + w * static_cast<double>(length), map.bottom() + scaled(3), w, metrics.height()),
                         Qt::AlignHCenter | Qt::AlignTop | Qt::TextDontClip, number(grid.lengths[length]));
    painter.drawText(QRectF(map.left(), map.bottom() + scaled(3) + metrics.height(), map.width(), metrics.height()),
                     Qt::AlignHCenter | Qt::AlignTop | Qt::TextDontClip, tr("length (tokens)"));
}

// --- input

void NeedleMaps::mousePressEvent(QMouseEvent* event)
{
    if (const auto place = placeAt(event->position()); place && event->button() == Qt::LeftButton)
        choose(*place);
}

void NeedleMaps::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (const auto place = placeAt(event->position())) {
        choose(*place);
        emit cellOpened(*place);
    }
}

void NeedleMaps::keyPressEvent(QKeyEvent* event)
{
    if (m_grids.empty())
        return QWidget::keyPressEvent(event);
    NeedlePlace place = m_chosen.value_or(NeedlePlace());
    const ScoreGrid& grid = m_grids[place.grid];
    const auto moved = [](std::size_t at, int by, std::size_t count) {
        return static_cast<std::size_t>(std::clamp(static_cast<int>(at) + by, 0, static_cast<int>(count) - 1));
    };
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Right:
        place.length = moved(place.length, event->key() == Qt::Key_Right ? 1 : -1, grid.lengths.size());
        break;
    case Qt::Key_Up:
    case Qt::Key_Down:
        place.depth = moved(place.depth, event->key() == Qt::Key_Down ? 1 : -1, grid.depths.size());
        break;
    case Qt::Key_PageUp:
    case Qt::Key_PageDown:
        place.grid = moved(place.grid, event->key() == Qt::Key_PageDown ? 1 : -1, m_grids.size());
        break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m_chosen)
            emit cellOpened(*m_chosen);
        return;
    default:
        return QWidget::keyPressEvent(event);
    }
    choose(m_chosen ? place : NeedlePlace());
}

bool NeedleMaps::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const auto place = placeAt(help->pos());
        QToolTip::showText(help->globalPos(), place ? words(*place) : QString(), this);
        return true;
    }
    return QWidget::event(event);
}

// --- for screen readers

int NeedleMaps::accessRows() const
{
    return m_grids.empty() ? 0 : static_cast<int>(m_grids.size() * m_grids.front().depths.size());
}
int NeedleMaps::accessColumns() const { return m_grids.empty() ? 0 : static_cast<int>(m_grids.front().lengths.size()); }

QString NeedleMaps::accessRow(int row) const
{
    const auto depths = static_cast<int>(m_grids.front().depths.size());
    return tr("%1, depth %2 %")
        .arg(m_names.value(row / depths), number(m_grids.front().depths[static_cast<std::size_t>(row % depths)]));
}

QString NeedleMaps::accessColumn(int column) const
{
    return tr("%1 tokens").arg(number(m_grids.front().lengths[static_cast<std::size_t>(column)]));
}

QString NeedleMaps::accessCell(int row, int column) const
{
    const auto depths = m_grids.front().depths.size();
    return words(
        {static_cast<std::size_t>(row) / depths, static_cast<std::size_t>(row) % depths, static_cast<std::size_t>(column)});
}

QRect NeedleMaps::accessRect(int row, int column) const
{
    const auto depths = m_grids.front().depths.size();
    return cellRect(
               {static_cast<std::size_t>(row) / depths, static_cast<std::size_t>(row) % depths, static_cast<std::size_t>(column)})
        .toAlignedRect();
}

} // namespace winnow::views
