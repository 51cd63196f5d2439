// SPDX-License-Identifier: GPL-3.0-or-later
// Where things stand in the text view, and how they look; what it does is in text_view.cpp.
#include "views/state/kept_words.h"
#include "views/state/lane_choice.h"
#include "views/text/text_view.h"

#include "core/analysis/kept_share.h"
#include "views/style/chip.h"
#include "views/style/dock_style.h"
#include "views/text/search_bar.h"
#include "views/text/text_view_flow.h"
#include "views/text/text_view_header.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QScrollBar>

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr int kTextPixels = 14, kPitch = 22, kLeft = 16, kRight = 12;

} // namespace

double TextView::pitch() const
{
    const int bars = m_shares.policies() - 1;
    return scaled(kPitch) + (m_bars ? 2 + 2 * std::max(6, bars) : 0);
}

void TextView::relayout()
{
    if (m_flow)
        m_flow->layOut(uiFont(kTextPixels), std::max(40, viewport()->width() - kLeft - kRight));
}

void TextView::placeChildren()
{
    const int header = scaled(34);
    const bool searching = !m_searchBar->isHidden();
    const bool pill = !m_follow && m_flow && m_flow->tokenCount() > 0;
    const int below = pill ? m_pill->sizeHint().height() + scaled(12) : 0; // a place of its own: it covers no text
    const QMargins margins(0, searching ? 2 * header : header, 0, below);
    if (viewportMargins() != margins)
        setViewportMargins(margins);
    m_header->setGeometry(0, 0, viewport()->width(), header);
    m_searchBar->setGeometry(0, header, viewport()->width(), header);
    if (pill) {
        const QRect step = tokenRect(m_selection->state().step);
        m_pill->setLabel(step.top() < viewport()->height() / 2 ? tr("\u2191 Follow the step") : tr("\u2193 Follow the step"));
        const QSize size = m_pill->sizeHint().grownBy({6, 2, 6, 2});
        m_pill->setGeometry(
            QRect(QPoint((viewport()->width() - size.width()) / 2, height() - (below + size.height()) / 2), size));
        m_pill->raise();
    }
    m_pill->setVisible(pill);
}

double TextView::lineY(int line) const { return m_flow->lineTop(line, pitch()) - verticalScrollBar()->value(); }

QRect TextView::pieceRect(int line, double left, double right) const
{
    const int x = static_cast<int>(std::lround(left)), end = static_cast<int>(std::lround(right)) - 1; // 1 px between tokens
    return {kLeft + x, static_cast<int>(std::lround(lineY(line))) + 1, std::max(1, end - x), scaled(kPitch) - 2};
}

QRect TextView::tokenRect(int token) const
{
    if (!m_flow || token < 0 || token >= m_flow->tokenCount())
        return {};
    const int box = m_flow->display().boxOfToken[static_cast<std::size_t>(token)];
    for (int line = m_flow->firstLineOf(token); line <= m_flow->lastLineOf(token); ++line)
        for (const TextFlow::Piece& piece : m_flow->pieces(line))
            if (piece.box == box)
                return pieceRect(line, piece.left, piece.right);
    return {};
}

int TextView::tokenAt(const QPoint& position) const
{
    if (!m_flow)
        return -1;
    const int line = m_flow->lineAt(position.y() + verticalScrollBar()->value(), pitch());
    if (line < 0 || position.y() >= lineY(line) + pitch())
        return -1;
    for (const TextFlow::Piece& piece : m_flow->pieces(line)) {
        const double x = position.x() - kLeft;
        const int token = m_flow->display().boxes[static_cast<std::size_t>(piece.box)].firstToken;
        if (x >= piece.left && x < piece.right && token < shownTokens())
            return token;
    }
    return -1;
}

int TextView::nearestToken(const QPoint& position) const
{
    if (!m_flow || m_flow->lineCount() == 0)
        return -1;
    const int line = m_flow->lineAt(position.y() + verticalScrollBar()->value(), pitch());
    int nearest = -1;
    double least = 1e9;
    for (const TextFlow::Piece& piece : m_flow->pieces(line)) {
        const double x = position.x() - kLeft, distance = std::max({piece.left - x, x - piece.right, 0.0});
        if (distance < least) {
            least = distance;
            nearest = m_flow->display().boxes[static_cast<std::size_t>(piece.box)].firstToken;
        }
    }
    return std::min(nearest, shownTokens() - 1);
}

int TextView::brushEdgeAt(const QPoint& position) const
{
    const auto& range = m_selection->state().tokenRange;
    if (!range || range->end > shownTokens())
        return -1;
    const QRect first = tokenRect(range->begin), last = tokenRect(range->end - 1);
    constexpr int reach = 4;
    if (position.y() >= first.top() && position.y() <= first.bottom() && std::abs(position.x() - first.left()) <= reach)
        return range->end - 1;
    if (position.y() >= last.top() && position.y() <= last.bottom() && std::abs(position.x() - last.right()) <= reach)
        return range->begin;
    return -1;
}

void TextView::paintEvent(QPaintEvent*)
{
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), m_theme.panel);
    if (!m_flow || m_flow->lineCount() == 0) {
        drawText(painter, viewport()->rect(), uiFont(13), m_theme.muted, tr("No text yet"), Qt::AlignHCenter);
    } else {
        const double scroll = verticalScrollBar()->value();
        const int first = m_flow->lineAt(scroll, pitch()), last = m_flow->lineAt(scroll + viewport()->height(), pitch());
        const int unread = m_flow->unitOf(std::min(m_selection->state().step + 1, m_flow->tokenCount()));
        const int hidden = m_flow->unitOf(shownTokens());
        const QFontMetricsF metrics(uiFont(kTextPixels));
        const double baseline = std::round((scaled(kPitch) - metrics.height()) / 2 + metrics.ascent());
        for (int line = first; line <= last; ++line)
            paintBoxes(painter, line);
        for (int line = first; line <= last; ++line)
            m_flow->draw(painter, line, {kLeft, std::round(lineY(line)) + baseline}, unread, hidden, m_theme.ink, m_theme.muted);
        for (int line = first; line <= last; ++line)
            paintMarks(painter, line);
        paintMargin(painter, first, last);
    }
    if (hasFocus())
        drawFocusRing(painter, viewport()->rect(), m_theme);
}

void TextView::paintBoxes(QPainter& painter, int line) const
{
    const DisplayText& display = m_flow->display();
    for (const TextFlow::Piece& piece : m_flow->pieces(line)) {
        const TokenBox& box = display.boxes[static_cast<std::size_t>(piece.box)];
        if (box.firstToken >= shownTokens())
            return;
        const QRect rect = pieceRect(line, piece.left, piece.right);
        const bool read = box.firstToken <= m_selection->state().step;
        if (m_shares.policies() > 0 && read) {
            if (const auto ground = groundOf(box.firstToken, box.lastToken); !ground)
                painter.fillRect(rect, QBrush(m_theme.line, Qt::BDiagPattern));
            else if (*ground != 0)
                painter.fillRect(rect, QColor::fromRgb(*ground));
            if (m_bars)
                paintBars(painter, rect, box.firstToken);
        }
        if (box.special) {
            painter.setRenderHint(QPainter::Antialiasing);
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(m_theme.muted, 1));
            painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 2.5, -0.5, -2.5), 5, 5);
            painter.setRenderHint(QPainter::Antialiasing, false);
        }
        const TextSearch::Mark hit = m_search.mark(box.firstToken, box.lastToken);
        if (hit == TextSearch::Mark::Current) {
            QColor wash = m_theme.ink;
            wash.setAlphaF(m_theme.dark ? 0.28F : 0.18F);
            painter.fillRect(rect, wash);
        }
        if (hit != TextSearch::Mark::None)
            painter.fillRect(QRect(rect.left(), rect.bottom() - 1, rect.width() + 1, 2), m_theme.ink);
    }
}

/// The background of the tokens: 0 = none; nothing where they are not computed or out of reach, which is hatched.
std::optional<QRgb> TextView::groundOf(int firstToken, int lastToken) const
{
    if (!m_shares.isComputed(0))
        return std::nullopt;
    if (m_shares.isDifference()) {
        const DifferenceCell cell = m_shares.cellOf(firstToken, lastToken);
        return cell == kDifferenceOutOfReach ? std::nullopt : std::optional(m_differenceGrounds[cell]);
    }
    const int byte = m_shares.byteOf(0, firstToken, lastToken);
    return byte == kOutOfReach ? std::nullopt : std::optional(m_grounds[static_cast<std::size_t>(byte)]);
}

void TextView::paintBars(QPainter& painter, const QRect& box, int token) const
{
    for (int k = 1; k < m_shares.policies(); ++k) {
        const int byte = m_shares.byteOf(k, token, token);
        if (byte == kUnborn || byte == kOutOfReach)
            continue;
        const double share = (byte >= kByRule ? byte - kByRule : byte) / 126.0;
        const int width = share > 0 ? std::max(1, static_cast<int>(std::lround(share * box.width()))) : 0;
        painter.fillRect(box.left(), box.bottom() + 2 + 2 * (k - 1), width, 2, m_theme.policyColor(m_shares.policy(k)));
    }
}

void TextView::paintMarks(QPainter& painter, int line) const
{
    const SelectionState& state = m_selection->state();
    const DisplayText& display = m_flow->display();
    const auto frame = [&](QRect rect, const QColor& color, int width, int inset) {
        for (int i = inset; i < inset + width; ++i) {
            painter.setPen(color);
            painter.drawRect(rect.adjusted(i, i, -1 - i, -1 - i));
        }
    };
    painter.setBrush(Qt::NoBrush);
    for (const TextFlow::Piece& piece : m_flow->pieces(line)) {
        const TokenBox& box = display.boxes[static_cast<std::size_t>(piece.box)];
        if (box.firstToken >= shownTokens())
            return;
        const QRect rect = pieceRect(line, piece.left, piece.right);
        const auto holds = [&](int token) { return token >= box.firstToken && token <= box.lastToken; };
        for (const Span& span : state.spans)
            if (span.tokens.begin <= box.lastToken && span.tokens.end > box.firstToken)
                painter.fillRect(rect.left(), rect.bottom(), rect.width() + 1, 1, m_theme.ink);
        const auto carrier = std::lower_bound(m_selection->carriers().begin(), m_selection->carriers().end(), box.firstToken);
        if (carrier != m_selection->carriers().end() && *carrier <= box.lastToken)
            painter.fillRect(rect.left(), rect.bottom() - 1, rect.width() + 1, 2, accentOf(m_theme));
        const QRect around = rect.adjusted(-1, -1, 2, 1); // 2 px inside would cut the last letter
        if (m_shares.diverges(box.firstToken, box.lastToken))
            frame(rect, referenceAccentOf(m_theme), 1, 0);
        const bool atStep = holds(state.step), selected = state.token && holds(*state.token);
        if (m_selection->hoverToken() && holds(*m_selection->hoverToken()) && !atStep && !selected)
            frame(rect, m_theme.ink, 1, 0);
        if (atStep)
            frame(around, m_theme.ink, 2, 0);
        if (selected)
            frame(around, accentOf(m_theme), 2, atStep ? 2 : 0);
    }
}

/// The brush: a bar beside its lines and a hairline at either end.
void TextView::paintMargin(QPainter& painter, int first, int last) const
{
    const auto& range = m_selection->state().tokenRange;
    if (!range || range->begin >= m_flow->tokenCount())
        return;
    const int from = m_flow->firstLineOf(range->begin), to = m_flow->lastLineOf(std::min(range->end, m_flow->tokenCount()) - 1);
    for (int line = std::max(first, from); line <= std::min(last, to); ++line) {
        const int top = static_cast<int>(std::lround(lineY(line)));
        const int bottom = line == to ? top + scaled(kPitch) : static_cast<int>(std::lround(lineY(line + 1)));
        painter.fillRect(5, top, 3, bottom - top, m_theme.ink);
    }
    const QRect begin = tokenRect(range->begin), end = tokenRect(range->end - 1);
    painter.fillRect(begin.left() - 1, begin.top() - 1, 1, begin.height() + 2, m_theme.ink);
    painter.fillRect(end.right() + 1, end.top() - 1, 1, end.height() + 2, m_theme.ink);
}

QString TextView::accessRow(int row) const { return tr("token %1").arg(grouped(row)); }
QString TextView::accessColumn(int column) const { return column == 0 ? tr("text") : tr("kept by the focused policy"); }
QString TextView::accessCell(int row, int column) const
{
    return column == 0 ? tokenLabel(m_data, row, 40) : keptWords(m_data, m_selection->state(), m_selection->state().focus, row);
}
QRect TextView::accessRect(int row, int) const { return tokenRect(row).translated(viewport()->geometry().topLeft()); }

} // namespace winnow::views
