// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/wavelet/wavelet_pane.h"

#include "views/state/lane_choice.h"
#include "views/state/map_zoom.h"
#include "views/style/dock_style.h"

#include <QFocusEvent>
#include <QKeyEvent>

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr Margins kMargins{.left = 64, .top = 20, .right = 8, .bottom = 38};
constexpr double kEnergyWidth = 92, kRoomForEnergies = 340, kLabelledToken = 14;
constexpr int kHidden = kHiddenPositions;

bool isMove(const QKeyEvent& key)
{
    const bool plain = !(key.modifiers() & ~(Qt::ShiftModifier | Qt::KeypadModifier));
    return plain &&
           (key.key() == Qt::Key_Left || key.key() == Qt::Key_Right || key.key() == Qt::Key_Up || key.key() == Qt::Key_Down);
}

} // namespace

WaveletPane::WaveletPane(Selection* selection, QWidget* parent)
    : ChartPlot(selection, parent), m_state(selection), m_rect(addChart(0, 0, AxisRole::Token, AxisRole::None, kMargins))
{
    setAccessibleName(QObject::tr("Wavelet picture"));
    setFocusPolicy(Qt::TabFocus);
    setMinimumSize(160, 90);
    setCells(m_rect, true);
    for (const auto type : {QCPAxis::atBottom, QCPAxis::atLeft}) { // drawn by hand, as those of the maps
        m_rect->axis(type)->setTicks(false);
        m_rect->axis(type)->setTickLabels(false);
    }
    new PlotPainter(this, QStringLiteral("grid"), m_rect, [this](QCPPainter* painter) { drawPicture(painter); });
    new PlotPainter(this, QStringLiteral("axes"), nullptr, [this](QCPPainter* painter) { drawFrame(painter); });
    new PlotPainter(this, QStringLiteral("overlay"), nullptr, [this](QCPPainter* painter) { drawMarksOfRange(painter); });
    setReadout(m_rect, [this](QPointF at) { return readout(at); });
    connect(selection, &Selection::left, this, [this] {
        m_regionFrom.reset();
        m_periods.reset();
        for (std::optional<int>* of : {&m_anchor, &m_scale, &m_scaleAnchor, &m_markedRow})
            of->reset();
    });
}

int WaveletPane::hidden(const WaveletPicture& picture)
{
    return picture.scalogram || picture.positions() <= 2 * kHidden + 1 ? 0 : kHidden;
}

int WaveletPane::tokens() const { return m_data.trace ? m_data.trace->tokenCount() : 0; }

void WaveletPane::setContent(Content content, const ViewData& data)
{
    m_content = std::move(content);
    m_data = data;
    m_carriersOf.reset();
    if (!m_content.picture || !m_content.picture->scalogram)
        m_periods.reset();
    m_rows = m_content.picture ? bandRows(*m_content.picture) : std::vector<BandRow>();
    m_rowsAgainst = m_content.against ? bandRows(*m_content.against) : std::vector<BandRow>();
    if (m_content.against)
        for (std::vector<BandRow>* rows : {&m_rows, &m_rowsAgainst}) // of two policies what they lost is compared
            for (BandRow& row : *rows)
                if (!row.lost.empty()) {
                    row.values = std::exchange(row.lost, {});
                    row.energy.reset();
                }
    if (m_markedRow && *m_markedRow >= static_cast<int>(m_rows.size()))
        m_markedRow.reset();
    relayout();
    setAccessibleDescription(sentence());
}

void WaveletPane::clear() { setContent({}, {}); }

void WaveletPane::relayout()
{
    placeMargins();
    layOut();
    setRanges();
    renderScalogram();
    replot(QCustomPlot::rpQueuedReplot);
}

/// Room for token labels where tokens are wide, as in the maps; for a title; for energies.
void WaveletPane::placeMargins()
{
    const PlotStyle& look = style();
    const QFontMetricsF metrics(look.tick);
    const double line = metrics.height();
    const Zoom zoom = fullZoom(m_state->state().zoom, tokens());
    m_energies = width() >= look.px(kRoomForEnergies);
    const int right = m_energies && m_content.picture ? look.px(kEnergyWidth) : look.px(kMargins.right);
    double bottom = std::max<double>(look.px(kMargins.bottom), 2 * line + 8);
    const double across = width() - look.px(kMargins.left) - right;
    if (zoom.tokenEnd > zoom.tokenBegin && across / (zoom.tokenEnd - zoom.tokenBegin) >= kLabelledToken) {
        double longest = 0;
        for (int token = static_cast<int>(zoom.tokenBegin); token < std::min<double>(tokens(), zoom.tokenEnd); ++token)
            longest = std::max(longest, metrics.horizontalAdvance(tokenLabel(m_data, token)));
        bottom += longest + 4;
    }
    const double top = line + 6 + (m_content.title.isEmpty() ? 0 : QFontMetricsF(look.label).height() + 2);
    m_rect->setMargins(QMargins(look.px(kMargins.left), qCeil(top), right, qCeil(bottom)));
}

void WaveletPane::setRanges()
{
    if (!m_content.picture)
        return;
    const WaveletPicture& picture = *m_content.picture;
    const Zoom& zoom = m_state->state().zoom;
    std::pair<double, double> across{0, tokens()};
    if (!zoom.isEmpty())
        across = {zoom.tokenBegin, zoom.tokenEnd};
    else if (picture.choice.paper)
        across = {picture.firstPosition(), picture.firstPosition() + picture.positions()};
    m_rect->axis(QCPAxis::atBottom)->setRange(across.first, across.second);
    QCPAxis* y = m_rect->axis(QCPAxis::atLeft);
    y->setRangeReversed(true);
    if (picture.scalogram) {
        const ScalogramGeometry down = scalogramGeometry(*picture.scalogram, area(), 0, 1);
        y->setRange(std::log2(down.shortest), std::log2(down.longest));
    } else {
        y->setRange(0, std::max<double>(1, static_cast<double>(m_rows.size())));
    }
}

StackGeometry WaveletPane::stack() const
{
    const QCPRange across = m_rect->axis(QCPAxis::atBottom)->range();
    return {area(), across.lower, across.upper, std::max(1, static_cast<int>(m_rows.size()))};
}

ScalogramGeometry WaveletPane::scalogram() const
{
    const QCPRange across = m_rect->axis(QCPAxis::atBottom)->range();
    return scalogramGeometry(*m_content.picture->scalogram, area(), across.lower, across.upper);
}

void WaveletPane::renderScalogram()
{
    m_image = {};
    if (!m_content.picture || !m_content.picture->scalogram || area().isEmpty())
        return;
    const TokenScalogram& power = *m_content.picture->scalogram;
    if (m_content.against && m_content.against->scalogram) {
        m_image = scalogramDifference(power, *m_content.against->scalogram, scalogram(), style().theme, devicePixelRatioF());
        return;
    }
    const PowerScale scale = m_content.scale == RowScale::Log      ? PowerScale::Log
                             : m_content.scale == RowScale::Linear ? PowerScale::Linear
                                                                   : PowerScale::Own;
    m_image = scalogramImage(power, scalogram(), scale, m_content.largestPower, style().theme, devicePixelRatioF());
}

void WaveletPane::setMarkedRow(std::optional<int> row)
{
    if (row && (*row < 0 || *row >= static_cast<int>(m_rows.size())))
        row.reset();
    if (row == m_markedRow)
        return;
    m_markedRow = row;
    setAccessibleDescription(sentence());
    replotOverlay();
}

void WaveletPane::setWorking(double fraction)
{
    if (fraction == m_working)
        return;
    m_working = fraction;
    replotOverlay();
}

// --- input

bool WaveletPane::event(QEvent* event)
{
    if (event->type() == QEvent::ShortcutOverride && isShown() && isMove(*static_cast<QKeyEvent*>(event))) {
        event->accept();
        return true;
    }
    return ChartPlot::event(event);
}

void WaveletPane::keyPressEvent(QKeyEvent* event)
{
    if (!isShown() || !isMove(*event)) {
        ChartPlot::keyPressEvent(event);
        return;
    }
    const bool down = event->key() == Qt::Key_Down;
    if (down || event->key() == Qt::Key_Up) {
        if (m_rows.empty()) {
            movePeriods(down ? 1 : -1, event->modifiers() & Qt::ShiftModifier);
            return;
        }
        const int last = static_cast<int>(m_rows.size()) - 1;
        setMarkedRow(m_markedRow ? std::clamp(*m_markedRow + (down ? 1 : -1), 0, last) : down ? 0 : last);
        if (m_chosen)
            m_chosen();
        return;
    }
    moveCursor(event->key() == Qt::Key_Right ? 1 : -1, event->modifiers() & Qt::ShiftModifier);
}

/// The cursor is the chosen token; with Shift the brush from where it was.
void WaveletPane::moveCursor(int by, bool extend)
{
    const SelectionState& state = m_state->state();
    const int from = state.token.value_or(std::min(state.step, m_content.picture->step()));
    const int to = std::clamp(state.token ? from + by : from, 0, std::max(0, tokens() - 1));
    if (!extend)
        m_anchor.reset();
    else if (!m_anchor)
        m_anchor = from;
    m_state->setToken(to);
    if (m_anchor)
        m_state->setTokenRange(Range{std::min(*m_anchor, to), std::max(*m_anchor, to) + 1});
    setAccessibleDescription(sentence());
}

void WaveletPane::focusInEvent(QFocusEvent* event)
{
    ChartPlot::focusInEvent(event);
    m_byKeyboard = event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason ||
                   event->reason() == Qt::ShortcutFocusReason;
    replotOverlay();
}

void WaveletPane::focusOutEvent(QFocusEvent* event)
{
    ChartPlot::focusOutEvent(event);
    m_byKeyboard = false;
    replotOverlay();
}

// --- words

QString WaveletPane::readout(QPointF at) const
{
    if (!isShown())
        return {};
    const WaveletPicture& picture = *m_content.picture;
    const int token = static_cast<int>(std::floor(at.x())), i = token - picture.firstPosition();
    if (i < 0 || i >= picture.positions())
        return {};
    const auto index = static_cast<std::size_t>(i);
    QString text = QObject::tr("token %1 %2 · %3 before now")
                       .arg(grouped(token), tokenLabel(m_data, token), grouped(picture.step() - token));
    if (picture.scalogram) {
        const TokenScalogram& power = *picture.scalogram;
        const int scale = scaleOfPeriod(power, std::exp2(at.y()));
        if (scale < 0)
            return text;
        text += QObject::tr("\n%1 tokens per cycle: power %2")
                    .arg(periodWords(power.period[static_cast<std::size_t>(scale)]))
                    .arg(power.at(scale, i), 0, 'g', 3);
        if (!power.insideCone(scale, i))
            text += QObject::tr("\nan end of the text reaches here");
        else if (power.significant(scale, i))
            text += QObject::tr("\nmore than %1 noise explains, %2 %")
                        .arg(QString::fromUtf8(noiseName(power.noise).data()))
                        .arg(100 * power.confidence);
        return text;
    }
    const int row = static_cast<int>(std::floor(at.y()));
    if (row < 0 || row >= static_cast<int>(m_rows.size()))
        return {};
    const BandRow& one = m_rows[static_cast<std::size_t>(row)];
    const QString name = one.scale.isEmpty() ? one.name
                                             : QObject::tr("%1 (%2 tokens per cycle)")
                                                   .arg(row + 1 == static_cast<int>(m_rows.size()) || picture.packets
                                                            ? one.name
                                                            : QObject::tr("level %1").arg(one.name),
                                                        one.scale);
    text += QObject::tr("\n%1: mean magnitude %2").arg(name).arg(one.values[index], 0, 'g', 3);
    if (!one.lost.empty())
        text += QObject::tr(", lost %1").arg(one.lost[index], 0, 'g', 3);
    if (const auto other =
            static_cast<std::ptrdiff_t>(i) - picture.positions() + (m_content.against ? m_content.against->positions() : 0);
        m_content.against && other >= 0 && row < static_cast<int>(m_rowsAgainst.size()))
        text += QObject::tr("\nthe other: %1")
                    .arg(m_rowsAgainst[static_cast<std::size_t>(row)].values[static_cast<std::size_t>(other)], 0, 'g', 3);
    return text;
}

QString WaveletPane::sentence() const
{
    if (!isShown())
        return {};
    QStringList parts;
    if (!m_content.title.isEmpty())
        parts << m_content.title;
    const SelectionState& state = m_state->state();
    if (m_markedRow) {
        const BandRow& row = m_rows[static_cast<std::size_t>(*m_markedRow)];
        QString words = row.scale.isEmpty() ? row.name : QObject::tr("level %1, %2 tokens per cycle").arg(row.name, row.scale);
        if (row.energy)
            words += QObject::tr(", %1 % of the energy").arg(100 * *row.energy, 0, 'f', 1);
        parts << words;
    }
    if (state.token)
        parts << QObject::tr("token %1 %2").arg(grouped(*state.token), tokenLabel(m_data, *state.token));
    if (state.tokenRange && m_markedRow) {
        const std::vector<double> shares =
            energyInRange(*m_content.picture, m_rows, state.tokenRange->begin, state.tokenRange->end);
        if (!shares.empty() && !std::isnan(shares[static_cast<std::size_t>(*m_markedRow)]))
            parts << QObject::tr("%1 % of the energy of tokens %2 to %3")
                         .arg(100 * shares[static_cast<std::size_t>(*m_markedRow)], 0, 'f', 1)
                         .arg(grouped(state.tokenRange->begin), grouped(state.tokenRange->end - 1));
    }
    if (m_content.picture->scalogram && state.tokenRange)
        if (const Periods marked = markedPeriods())
            parts << QObject::tr("%1 to %2 tokens per cycle, tokens %3 to %4")
                         .arg(periodWords(marked->first), periodWords(marked->second))
                         .arg(grouped(state.tokenRange->begin), grouped(state.tokenRange->end - 1));
    return parts.join(QStringLiteral(". "));
}

} // namespace winnow::views
