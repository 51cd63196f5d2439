// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/wavelet/scale_matrix_view.h"

#include "views/plot/number_words.h"
#include "views/state/selection.h"
#include "views/style/dock_style.h"
#include "views/style/plain_key.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr int kLeft = 8;
constexpr double kMostRatio = 2, kMostDifference = 2; ///< log2 at the ramp's end

bool isCellKey(const QKeyEvent& pressed)
{
    const int key = pressed.key();
    return isPlainKey(pressed) && (key == Qt::Key_Left || key == Qt::Key_Right || key == Qt::Key_Up || key == Qt::Key_Down ||
                                   key == Qt::Key_Space || key == Qt::Key_Return || key == Qt::Key_Enter);
}

/// Half of a distance stands beyond the last column.
int rightRoom() { return scaled(16); }

QString signedWords(double value)
{
    const QString digits = QString::number(std::abs(value), 'f', 1);
    return digits == QStringLiteral("0.0") ? QStringLiteral("0")
                                           : (value < 0 ? QStringLiteral("−") : QStringLiteral("+")) + digits;
}

} // namespace

ScaleMatrixView::ScaleMatrixView(Selection* selection, QWidget* parent)
    : QWidget(parent), m_selection(selection), m_theme(Theme::darkTheme())
{
    setAccessibleName(tr("Levels against distance"));
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    connect(selection, &Selection::changed, this, [this](Selection::Fields fields) {
        if (fields & Selection::TokenRange)
            update();
    });
}

void ScaleMatrixView::setTheme(const Theme& theme)
{
    m_theme = theme;
    update();
}

QSize ScaleMatrixView::sizeHint() const { return {scaled(240), scaled(300)}; }

void ScaleMatrixView::setPicture(WaveletPicturePtr picture, WaveletPicturePtr against)
{
    m_picture = picture && picture->bands ? std::move(picture) : nullptr;
    m_against = against && against->bands ? std::move(against) : nullptr;
    m_octaves.clear();
    if (m_picture) {
        const ScaleMatrix& matrix = m_picture->matrix;
        for (int octave = matrix.octaves - 1; octave >= 0; --octave) {
            bool any = false;
            for (int level = 0; level <= matrix.levels; ++level)
                any = any || !matrix.masked[matrix.at(level, octave)];
            if (any)
                m_octaves.push_back(octave);
        }
    }
    if (!m_octaves.empty() && (std::find(m_octaves.begin(), m_octaves.end(), m_cursor.octave) == m_octaves.end() ||
                               m_cursor.level > m_picture->matrix.levels))
        m_cursor = {0, m_octaves.back()};
    setAccessibleDescription(m_octaves.empty() ? tr("nothing to compare: the text is too short")
                                               : slopeWords(m_picture->matrix.fit));
    update();
}

void ScaleMatrixView::alignTo(double top, double rowHeight)
{
    m_top = top;
    m_rowHeight = rowHeight;
    update();
}

ScaleMatrixView::Shows ScaleMatrixView::shows() const
{
    return m_against ? Shows::Difference : m_picture && m_picture->lostBy() ? Shows::Lost : Shows::Ratio;
}

double ScaleMatrixView::value(Cell cell) const
{
    const ScaleMatrix& matrix = m_picture->matrix;
    const std::size_t at = matrix.at(cell.level, cell.octave);
    if (matrix.masked[at])
        return NAN;
    if (shows() == Shows::Lost)
        return m_picture->lostBy()->lost[at];
    if (shows() == Shows::Ratio)
        return matrix.ratio[at];
    const ScaleMatrix& other = m_against->matrix;
    if (comparesLost())
        return cell.level <= other.levels && cell.octave < other.octaves
                   ? m_picture->lostBy()->lost[at] - m_against->lostBy()->lost[other.at(cell.level, cell.octave)]
                   : NAN;
    return cell.level <= other.levels && cell.octave < other.octaves
               ? matrix.ratio[at] - other.ratio[other.at(cell.level, cell.octave)]
               : NAN;
}

bool ScaleMatrixView::comparesLost() const { return m_against && m_picture->lostBy() && m_against->lostBy(); }

QString ScaleMatrixView::cellText(Cell cell) const
{
    const double number = value(cell);
    if (std::isnan(number))
        return {};
    if (comparesLost())
        return QStringLiteral("%1%2")
            .arg(number < -0.005  ? QStringLiteral("−")
                 : number < 0.005 ? QString()
                                  : QStringLiteral("+"))
            .arg(std::abs(100 * number), 0, 'f', 0);
    return shows() == Shows::Lost ? QString::number(100 * number, 'f', 0) : signedWords(number);
}

QColor ScaleMatrixView::color(double value) const
{
    const auto at = [](const std::array<QRgb, 127>& ramp, double share) {
        return QColor::fromRgb(ramp[static_cast<std::size_t>(std::lround(126 * std::clamp(share, 0.0, 1.0)))]);
    };
    switch (shows()) {
    case Shows::Lost:
        return at(m_theme.lost, value);
    case Shows::Difference:
        return QColor::fromRgb(mixOkLab(m_theme.none, value > 0 ? m_theme.differenceThis : m_theme.differenceReference,
                                        std::min(1.0, std::abs(value) / (comparesLost() ? 0.5 : kMostDifference))));
    default:
        return value > 0 ? at(m_theme.rule, value / kMostRatio) : m_theme.page;
    }
}

QRectF ScaleMatrixView::cellRect(Cell cell) const
{
    const auto place = std::find(m_octaves.begin(), m_octaves.end(), cell.octave);
    if (place == m_octaves.end() || !m_picture || cell.level < 0 || cell.level > m_picture->matrix.levels)
        return {};
    const double pitch = (width() - kLeft - rightRoom()) / static_cast<double>(m_octaves.size());
    return {kLeft + pitch * static_cast<double>(place - m_octaves.begin()), m_top + cell.level * m_rowHeight, pitch - 1,
            m_rowHeight - 1};
}

std::optional<ScaleMatrixView::Cell> ScaleMatrixView::cellAt(const QPointF& position) const
{
    if (m_octaves.empty() || position.x() < kLeft || position.y() < m_top)
        return {};
    const double pitch = (width() - kLeft - rightRoom()) / static_cast<double>(m_octaves.size());
    const auto column = static_cast<std::size_t>((position.x() - kLeft) / pitch);
    const int level = static_cast<int>((position.y() - m_top) / m_rowHeight);
    if (column >= m_octaves.size() || level > m_picture->matrix.levels)
        return {};
    return Cell{level, m_octaves[column]};
}

QString ScaleMatrixView::cellWords(Cell cell) const
{
    const ScaleMatrix& matrix = m_picture->matrix;
    const int near = matrix.edges[static_cast<std::size_t>(cell.octave)],
              far = matrix.edges[static_cast<std::size_t>(cell.octave) + 1] - 1;
    QString text = cell.level < matrix.levels ? tr("level %1").arg(cell.level + 1) : tr("rest");
    text += tr(", %1 to %2 tokens before now\n").arg(grouped(near), grouped(far));
    const double number = value(cell);
    if (std::isnan(number))
        return text + (matrix.masked[matrix.at(cell.level, cell.octave)]
                           ? tr("hatched: the wavelet reaches sinks or the newest tokens here")
                           : tr("nothing here"));
    switch (shows()) {
    case Shows::Lost:
        return text + tr("%1 % of the energy lost").arg(100 * number, 0, 'f', 1);
    case Shows::Difference:
        if (comparesLost())
            return text + tr("%1 percentage points of the energy lost against the other").arg(cellText(cell));
        return text + tr("log2 ratio %1 against the other").arg(signedWords(number));
    default:
        return text + tr("log2 of the part here against the part over all: %1").arg(signedWords(number));
    }
}

void ScaleMatrixView::chooseCell(Cell cell)
{
    m_cursor = cell;
    const auto [begin, end] = tokensOfOctave(m_picture->matrix, cell.octave, m_picture->step());
    m_selection->setTokenRange(Range{begin, end});
    setAccessibleDescription(cellWords(cell));
    update();
    emit cellChosen(cell.level);
}

// --- input

void ScaleMatrixView::mousePressEvent(QMouseEvent* event)
{
    if (const auto cell = cellAt(event->position()); cell && event->button() == Qt::LeftButton)
        chooseCell(*cell);
}

void ScaleMatrixView::mouseMoveEvent(QMouseEvent* event)
{
    const auto cell = cellAt(event->position());
    if (cell == m_hover)
        return;
    m_hover = cell;
    setCursor(cell ? Qt::PointingHandCursor : Qt::ArrowCursor);
    if (cell)
        QToolTip::showText(event->globalPosition().toPoint(), cellWords(*cell), this, cellRect(*cell).toRect());
    else
        QToolTip::hideText();
    update();
}

void ScaleMatrixView::leaveEvent(QEvent*)
{
    m_hover.reset();
    update();
}

QString ScaleMatrixView::accessRow(int row) const
{
    return row < m_picture->matrix.levels ? tr("level %1").arg(row + 1) : tr("rest");
}

bool ScaleMatrixView::event(QEvent* event)
{
    if (event->type() == QEvent::ShortcutOverride && !m_octaves.empty() && isCellKey(*static_cast<QKeyEvent*>(event))) {
        event->accept();
        return true;
    }
    return QWidget::event(event);
}

void ScaleMatrixView::keyPressEvent(QKeyEvent* event)
{
    if (m_octaves.empty() || !isCellKey(*event)) {
        QWidget::keyPressEvent(event);
        return;
    }
    if (event->key() == Qt::Key_Space || event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
        chooseCell(m_cursor);
        return;
    }
    auto column = std::find(m_octaves.begin(), m_octaves.end(), m_cursor.octave) - m_octaves.begin();
    column += event->key() == Qt::Key_Right ? 1 : event->key() == Qt::Key_Left ? -1 : 0;
    m_cursor.octave = m_octaves[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(column, 0, std::ssize(m_octaves) - 1))];
    m_cursor.level = std::clamp(m_cursor.level + (event->key() == Qt::Key_Down ? 1
                                                  : event->key() == Qt::Key_Up ? -1
                                                                               : 0),
                                0, m_picture->matrix.levels);
    setAccessibleDescription(cellWords(m_cursor));
    update();
}

void ScaleMatrixView::focusInEvent(QFocusEvent*) { update(); }
void ScaleMatrixView::focusOutEvent(QFocusEvent*) { update(); }

// --- painting

void ScaleMatrixView::paintCell(QPainter& painter, Cell cell) const
{
    const QRectF place = cellRect(cell);
    const double number = value(cell);
    if (std::isnan(number)) {
        painter.save();
        painter.setClipRect(place);
        painter.setPen(QPen(m_theme.line, 1));
        for (double x = place.left() - place.height(); x < place.right(); x += 6)
            painter.drawLine(QLineF(x, place.bottom(), x + place.height(), place.top()));
        painter.restore();
        return;
    }
    const QColor ground = color(number);
    painter.fillRect(place, ground);
    const QFont font = uiFont(11);
    const QString text = cellText(cell);
    const QFontMetricsF metrics(font);
    if (metrics.horizontalAdvance(text) > place.width() - 2 || metrics.ascent() > place.height())
        return;
    const bool light = toOkLab(ground.rgb()).L > 0.62;
    const bool blank = shows() == Shows::Ratio && number <= 0;
    painter.setFont(font);
    painter.setPen(blank ? m_theme.muted : light ? QColor(0x14, 0x18, 0x1F) : QColor(0xF4, 0xF5, 0xF7));
    painter.drawText(place, Qt::AlignCenter | Qt::TextSingleLine, text);
}

/// Distances at the edges of the columns, what the cells tell above, the slope below.
void ScaleMatrixView::paintAxes(QPainter& painter) const
{
    const ScaleMatrix& matrix = m_picture->matrix;
    const QFont font = uiFont(11);
    const QFontMetricsF metrics(font);
    const double bottom = m_top + m_rowHeight * (matrix.levels + 1);
    painter.setFont(font);
    painter.setPen(m_theme.muted);
    double taken = -1e9;
    for (std::size_t i = 0; i <= m_octaves.size(); ++i) {
        const bool last = i == m_octaves.size();
        const int distance = last ? matrix.edges[static_cast<std::size_t>(m_octaves.back())]
                                  : matrix.edges[static_cast<std::size_t>(m_octaves[i]) + 1];
        const double x = last ? cellRect({0, m_octaves.back()}).right() : cellRect({0, m_octaves[i]}).left();
        const QString text = grouped(distance);
        const double wide = metrics.horizontalAdvance(text) + 1;
        const double left = std::clamp<double>(x - wide / 2, kLeft / 2, std::max(kLeft / 2.0, width() - wide - scaled(4)));
        if (left < taken)
            continue;
        painter.drawText(QRectF(left, bottom + 2, wide, metrics.height()), Qt::AlignCenter | Qt::TextSingleLine, text);
        taken = left + wide + 5;
    }
    QStringList titles{tr("stronger than elsewhere, log2"), tr("than elsewhere, log2"), tr("log2 ratio")};
    if (comparesLost())
        titles = {tr("% lost, against the other"), tr("% lost")};
    else if (shows() == Shows::Difference)
        titles = {tr("this against the other, log2"), tr("difference, log2")};
    else if (shows() == Shows::Lost)
        titles = {tr("% of energy lost, by distance"), tr("% lost by distance"), tr("% lost")};
    const auto fits = std::find_if(titles.begin(), titles.end(),
                                   [&](const QString& title) { return metrics.horizontalAdvance(title) <= width() - kLeft; });
    const QString title = fits == titles.end() ? titles.back() : *fits;
    painter.drawText(QRectF(kLeft, m_top - metrics.height() - 4, width() - kLeft, metrics.height()),
                     Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, title);
    const QString slope = slopeWords(matrix.fit), axis = tr("distance");
    const double second = std::max(bottom + 2 + metrics.height(), height() - metrics.height() - 2.0);
    if (metrics.horizontalAdvance(slope) + metrics.horizontalAdvance(axis) + scaled(8) <= width() - kLeft - scaled(4))
        painter.drawText(QRectF(kLeft, second, width() - kLeft - scaled(4), metrics.height()),
                         Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine, axis);
    painter.setPen(m_theme.ink);
    painter.drawText(QRectF(kLeft, second, width() - kLeft, metrics.height()),
                     Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                     metrics.elidedText(slope, Qt::ElideRight, width() - kLeft));
}

void ScaleMatrixView::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme.panel);
    if (!m_picture)
        return;
    if (m_octaves.empty()) {
        painter.setFont(uiFont(12));
        painter.setPen(m_theme.muted);
        painter.drawText(
            rect().adjusted(kLeft, 8, -rightRoom(), -8), Qt::AlignCenter | Qt::TextWordWrap,
            tr("Too short to compare distances: the first and last %1 positions do not count.").arg(kHiddenPositions));
        return;
    }
    const int levels = m_picture->matrix.levels;
    for (int level = 0; level <= levels; ++level)
        for (const int octave : m_octaves)
            paintCell(painter, {level, octave});
    paintAxes(painter);
    painter.setBrush(Qt::NoBrush);
    if (const auto& range = m_selection->state().tokenRange)
        for (const int octave : m_octaves) { // the columns that the brush touches
            const auto [begin, end] = tokensOfOctave(m_picture->matrix, octave, m_picture->step());
            if (begin >= range->end || end <= range->begin)
                continue;
            const QRectF first = cellRect({0, octave}), last = cellRect({levels, octave});
            painter.fillRect(QRectF(first.left(), first.top() - 3, first.width(), 2), m_theme.ink);
            painter.fillRect(QRectF(first.left(), last.bottom(), first.width(), 2), m_theme.ink);
        }
    if (m_hover) {
        painter.setPen(QPen(m_theme.ink, 1));
        painter.drawRect(cellRect(*m_hover).adjusted(0.5, 0.5, -0.5, -0.5));
    }
    if (hasFocus())
        drawFocusRing(painter, cellRect(m_cursor).toRect().adjusted(-1, -1, 1, 1), m_theme);
}

} // namespace winnow::views
