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
