// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/deck/deck_strips.h"

#include "core/base/parallel.h"
#include "views/notes/note_flags.h"
#include "views/state/lane_choice.h"
#include "views/state/map_zoom.h"
#include "views/style/dock_style.h"

#include <QFocusEvent>
#include <QFontMetricsF>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr double kCountNow = 40e6; ///< compares above which survivors are counted in the background, a frame behind

/// The picture of one strip: every column shows the strongest of its tokens.
template <class Plane, class Cell, class Strongest, class Table>
QImage stripImage(const RetentionRaster& raster, const std::vector<Cell>& tokens, Strongest strongest, const Table& table,
                  const Theme& theme)
{
    std::vector<Cell> cells(static_cast<std::size_t>(raster.columns));
    for (int column = 0; column < raster.columns; ++column) {
        const int first = raster.firstToken(column), end = raster.endToken(column, static_cast<int>(tokens.size()));
        cells[static_cast<std::size_t>(column)] =
            strongest(std::span(tokens).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(end - first)));
    }
    return renderPlane(Plane{raster, std::move(cells)}, table, theme);
}

} // namespace

DeckStrips::Rows DeckStrips::count(const std::vector<CountRequest>& requests, int step)
{
    Rows rows(requests.size());
    parallelFor(requests.size(), [&](std::size_t i) {
        const CountRequest& request = requests[i];
        Row& row = rows[i];
        if (step >= request.policy->stepsDone || (request.reference && step >= request.reference->stepsDone))
            return;
        row.quiet = step < std::min(request.policy->choosesFrom,
                                    request.reference ? request.reference->choosesFrom : request.policy->choosesFrom);
        if (request.reference) {
            row.cells = differenceCells(*request.policy, *request.reference, request.pairs, step, 0, request.policy->tokens);
        } else {
            row.bytes.resize(static_cast<std::size_t>(request.policy->tokens));
            keptBytes(*request.policy, request.lanes, step, 0, row.bytes);
        }
    });
    return rows;
}

DeckStrips::DeckStrips(Selection* selection, QWidget* parent)
    : QWidget(parent), m_selection(selection), m_count([this](Result<Rows> rows) {
          if (rows && rows->size() == m_policies.size()) {
              m_rows = std::move(*rows);
              renderRows();
              update();
          }
      })
{
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setAccessibleName(tr("Deck: the whole text, kept tokens per policy, and the step"));
    connect(selection, &Selection::changed, this, &DeckStrips::onSelectionChanged);
    connect(selection, &Selection::left, this, [this] { m_drag = Drag::None; });
}

void DeckStrips::setData(const ViewData& data)
{
    m_data = data;
    const int before = m_tokens;
    m_tokens = 0;
    if (data.replay && !data.replay->policies.empty())
        m_tokens = data.replay->policies.front()->tokens;
    else if (data.info)
        m_tokens = static_cast<int>(data.info->tokens.size());
    choosePolicies(m_tokens != before);
    countRows();
}

/// Rows that were counted for other policies or tokens go: they cannot be drawn here.
void DeckStrips::choosePolicies(bool otherTokens)
{
    std::vector<int> policies = visiblePolicies(m_data, *m_selection);
    if (otherTokens || policies != m_policies) {
        m_count.stop();
        m_rows.clear();
        m_images.clear();
    }
    m_policies = std::move(policies);
    measureNames();
    emit heightChanged();
}

void DeckStrips::setTheme(const Theme& theme)
{
    m_theme = theme;
    m_difference = differenceTable(theme);
    measureNames();
    renderRows();
    update();
}

void DeckStrips::setColorScale(const ColorScale& scale)
{
    m_scale = scale;
    renderRows();
    update();
}

void DeckStrips::setSearchHits(std::vector<int> tokens)
{
    m_hits = std::move(tokens);
    update();
}

void DeckStrips::setNotes(std::vector<Note> notes)
{
    m_notes = std::move(notes);
    update();
}

void DeckStrips::setCompact(bool compact)
{
    m_compact = compact;
    measureNames();
    emit heightChanged();
    renderRows();
    update();
}

void DeckStrips::onSelectionChanged(Selection::Fields fields)
{
    if (fields & Selection::Hidden)
        choosePolicies(false);
    if (fields & Selection::StepField)
        setAccessibleDescription(tr("Step %1").arg(grouped(m_selection->state().step)));
    const bool compares = m_selection->state().difference;
    if ((fields & (Selection::StepField | Selection::Lanes | Selection::Hidden | Selection::Difference)) ||
        ((fields & Selection::Reference) && compares))
        countRows();
    else
        update();
}

void DeckStrips::countRows()
{
    std::vector<CountRequest> requests;
    double compares = 0;
    for (const int policy : m_policies) {
        const SelectionState& state = m_selection->state();
        CountRequest& request = requests.emplace_back();
        request.policy = m_data.replay->policies[static_cast<std::size_t>(policy)];
        request.lanes = lanesOf(m_data, state, policy);
        if (const auto reference = state.comparedWith(policy);
            reference && *reference < static_cast<int>(m_data.replay->policies.size())) {
            request.reference = m_data.replay->policies[static_cast<std::size_t>(*reference)];
            request.pairs = pairsOf(m_data, state, policy, *reference);
        }
        compares += static_cast<double>(request.lanes.lanes.size()) * m_tokens * (request.reference ? 4 : 1);
    }
    if (m_selection->state().rows == MapRows::Lanes)
        compares *= 2; // the maps count as much for their rows
    const int step = m_selection->state().step;
    if (compares > kCountNow) {
        m_count.start(
            [requests = std::move(requests), step](const JobContext&) -> Result<Rows> { return count(requests, step); });
    } else {
        m_count.stop();
        m_rows = count(requests, step);
        renderRows();
    }
    update();
}

void DeckStrips::renderRows()
{
    m_images.clear();
    const int columns = static_cast<int>(std::lround((right() - left()) * devicePixelRatioF()));
    if (columns < 1 || m_tokens == 0)
        return;
    const ColorTable table = colorTable(m_theme, m_scale);
    const RetentionRaster raster{0, static_cast<double>(m_tokens), 0, 1, columns, 1};
    for (const Row& row : m_rows) {
        if (!row.cells.empty())
            m_images.push_back(stripImage<DifferencePlane>(raster, row.cells, strongestCell, m_difference, m_theme));
        else if (!row.bytes.empty())
            m_images.push_back(stripImage<RetentionPlane>(raster, row.bytes, strongestByte, table, m_theme));
        else
            m_images.emplace_back();
    }
}

/// Measured once per change of the names and not per frame: every mark of the deck asks where the strips begin.
void DeckStrips::measureNames()
{
    m_namesWidth = 0;
    if (nameColumns() == 0)
        return;
    const QFontMetricsF metrics(uiFont(11));
    double widest = 0;
    for (const int policy : m_policies)
        widest =
            std::max(widest, metrics.horizontalAdvance(QStringLiteral("00 ") +
                                                       policyTitle(*m_data.replay->policies[static_cast<std::size_t>(policy)])));
    m_namesWidth = nameColumns() * (static_cast<int>(std::ceil(widest)) + 10) + 12;
}

int DeckStrips::stripHeight() const { return m_compact ? 6 : scaled(hasLowStrips() ? 6 : 12); }

int DeckStrips::left() const { return m_namesWidth == 0 ? 16 : std::clamp(m_namesWidth, 110, std::max(110, width() / 4)); }

double DeckStrips::xOf(double token) const { return left() + token / std::max(1, m_tokens) * (right() - left()); }
double DeckStrips::tokenAt(double x) const { return (x - left()) * std::max(1, m_tokens) / std::max(1, right() - left()); }
int DeckStrips::wholeToken(double x) const
{
    return std::clamp(static_cast<int>(std::floor(tokenAt(x))), 0, std::max(0, m_tokens - 1));
}

QRectF DeckStrips::stripRect(int strip) const
{
    const double gap = stripHeight() >= 12 ? 1 : 0;
    return {double(left()), double(pad() + strip * stripHeight()), double(right() - left()), stripHeight() - gap};
}

QRectF DeckStrips::rulerRect() const
{
    const double top = pad() + stripHeight() * static_cast<double>(m_policies.size());
    return {double(left()), top, double(right() - left()), height() - top};
}

int DeckStrips::neededHeight() const
{
    const int ruler = std::max(m_compact ? 18 : 20, static_cast<int>(QFontMetricsF(uiFont(11)).height()) + 5);
    return pad() + stripHeight() * static_cast<int>(m_policies.size()) + ruler;
}

int DeckStrips::rowAt(double y) const
{
    if (y >= rulerRect().top())
        return stripCount();
    const int row = static_cast<int>(std::floor((y - pad()) / stripHeight()));
    return row >= 0 && row < stripCount() ? row : -1;
}

void DeckStrips::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme.panel);
    painter.fillRect(QRect(0, 0, width(), 1), m_theme.line);
    if (m_tokens == 0)
        return;
    for (int strip = 0; strip < stripCount(); ++strip) {
        const auto at = static_cast<std::size_t>(strip);
        if (at < m_images.size() && !m_images[at].isNull()) {
            painter.drawImage(stripRect(strip), m_images[at]);
            if (m_rows[at].quiet)
                paintQuiet(painter, stripRect(strip));
            continue;
        }
        painter.fillRect(stripRect(strip), m_theme.page); // not computed: hatched, never kept
        painter.fillRect(stripRect(strip), QBrush(m_theme.line, Qt::BDiagPattern));
    }
    if (nameColumns() > 0)
        paintNames(painter);
    paintRuler(painter);
    paintMarks(painter);
    if (m_keyboardFocus) {
        painter.setPen(QPen(QColor::fromRgb(m_theme.differenceThis), 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(QRectF(rect()).adjusted(1, 1, -1, -1));
    }
}

/// As in the maps: where nothing had to go yet, the ground of what is evicted with dots, never a solid field.
void DeckStrips::paintQuiet(QPainter& painter, QRectF strip) const
{
    constexpr int kDotPitch = 6;
    strip.setRight(xOf(m_selection->state().step + 1));
    painter.fillRect(strip, QColor::fromRgb(m_theme.none));
    for (double x = strip.left() + 2; x < strip.right() - 1; x += kDotPitch)
        painter.fillRect(QRectF(std::floor(x), std::floor(strip.center().y()), 1, 1), QColor::fromRgb(m_theme.rule[80]));
}

void DeckStrips::paintNames(QPainter& painter) const
{
    painter.setFont(uiFont(11));
    const QFontMetricsF metrics(painter.font());
    const int columns = nameColumns();
    const double width = (left() - 12.0) / columns;
    for (int strip = 0; strip < stripCount(); ++strip) {
        const int policy = m_policies[static_cast<std::size_t>(strip)];
        const bool focused = policy == m_selection->state().focus;
        painter.setPen(focused ? m_theme.ink : m_theme.muted);
        const QRectF row = stripRect(strip);
        if (focused)
            painter.fillRect(QRectF(0, row.top(), 3, row.height()), QColor::fromRgb(m_theme.differenceThis));
        if (m_selection->state().difference && policy == m_selection->state().reference)
            painter.fillRect(QRectF(focused ? 3 : 0, row.top(), 3, row.height()), QColor::fromRgb(m_theme.differenceReference));
        const QString name =
            QStringLiteral("%1 %2").arg(policy + 1).arg(policyTitle(*m_data.replay->policies[static_cast<std::size_t>(policy)]));
        const int line = strip / columns * columns, column = strip - line;
        const double middle = (stripRect(line).top() + stripRect(line + columns - 1).bottom()) / 2;
        painter.drawText(QRectF(12 + column * width, middle - metrics.height() / 2, width - 8, metrics.height()),
                         Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                         metrics.elidedText(name, Qt::ElideRight, width - 8));
    }
}

void DeckStrips::paintRuler(QPainter& painter) const
{
    const QRectF ruler = rulerRect();
    painter.setFont(uiFont(11));
    const QFontMetricsF metrics(painter.font());
    const double labelTop = ruler.bottom() - metrics.height();
    painter.setPen(m_theme.muted);
    const double spacing = metrics.horizontalAdvance(grouped(m_tokens)) + 48;
    const std::vector<int> ticks = axisTicks(0, m_tokens, ruler.width(), spacing);
    const int minor = ticks.size() > 1 ? std::max(1, (ticks[1] - ticks[0]) / 2) : m_tokens;
    for (int tick = 0; tick <= m_tokens; tick += minor)
        painter.fillRect(QRectF(std::min(xOf(tick), ruler.right() - 1), ruler.top() + 1, 1, tick % (2 * minor) == 0 ? 5 : 3),
                         m_theme.muted);
    for (const int tick : ticks) {
        const QString text = grouped(tick);
        const double width = metrics.horizontalAdvance(text) + 1;
        const double x = std::clamp(xOf(tick) - width / 2, 0.0, this->width() - width - 2);
        painter.drawText(QRectF(x, labelTop, width, metrics.height()), Qt::AlignCenter | Qt::TextSingleLine, text);
    }
    for (const int hit : m_hits)
        painter.fillRect(QRectF(std::floor(xOf(hit + 0.5)), ruler.top() - 2, 2, 6), m_theme.ink);
    drawNoteFlags(
        painter, m_notes, [this](double token) { return xOf(token); }, ruler.top() + 9, m_theme);
    const Zoom& zoom = m_selection->state().zoom;
    if (!zoom.isEmpty()) {
        const double from = xOf(zoom.tokenBegin), to = std::max(xOf(zoom.tokenEnd), from + 3), y = ruler.top() + 1;
        const QColor blue = QColor::fromRgb(m_theme.differenceThis);
        painter.fillRect(QRectF(from, y + 4, to - from, 2), blue);
        painter.fillRect(QRectF(from, y, 2, 6), blue);
        painter.fillRect(QRectF(to - 2, y, 2, 6), blue);
    }
}

void DeckStrips::paintMarks(QPainter& painter) const
{
    const SelectionState& state = m_selection->state();
    const double top = pad() - 2, bottom = rulerRect().top();
    if (state.tokenRange) {
        const QRectF band(QPointF(xOf(state.tokenRange->begin), top), QPointF(xOf(state.tokenRange->end), bottom));
        QColor ink = m_theme.ink;
        ink.setAlphaF(0.06f);
        painter.fillRect(band, ink);
        painter.fillRect(QRectF(std::round(band.left()), top, 1, band.height()), m_theme.ink);
        painter.fillRect(QRectF(std::max(std::round(band.left()) + 2, std::round(band.right())), top, 1, band.height()),
                         m_theme.ink);
    }
    for (const Span& span : state.spans) {
        const double middle = (xOf(span.tokens.begin) + xOf(span.tokens.end)) / 2;
        const double half = std::max(1.5, (xOf(span.tokens.end) - xOf(span.tokens.begin)) / 2);
        painter.fillRect(QRectF(middle - half, 1, 2 * half, 1.5), m_theme.ink);
        painter.fillRect(QRectF(middle - half, 1, 1, pad()), m_theme.ink);
        painter.fillRect(QRectF(middle + half - 1, 1, 1, pad()), m_theme.ink);
    }
    if (state.token) {
        QPen pen(m_theme.ink, 1);
        pen.setDashPattern({3, 3});
        painter.setPen(pen);
        const double x = std::floor(xOf(*state.token + 0.5)) + 0.5;
        painter.drawLine(QLineF(x, top, x, bottom));
    }
    const double x = std::round(xOf(state.step + 1));
    painter.setRenderHint(QPainter::Antialiasing, true);
    painter.fillRect(QRectF(x - 0.75, 2, 1.5, bottom - 2), m_theme.ink);
    QPainterPath triangle(QPointF(x, bottom));
    triangle.lineTo(x + 6, bottom + 10);
    triangle.lineTo(x - 6, bottom + 10);
    triangle.closeSubpath();
    painter.fillPath(triangle, m_theme.ink);
    painter.setRenderHint(QPainter::Antialiasing, false);
}

void DeckStrips::resizeEvent(QResizeEvent*) { renderRows(); }

void DeckStrips::focusInEvent(QFocusEvent* event)
{
    m_keyboardFocus = event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason ||
                      event->reason() == Qt::ShortcutFocusReason;
    update();
}

void DeckStrips::focusOutEvent(QFocusEvent*)
{
    m_keyboardFocus = false;
    update();
}

} // namespace winnow::views
