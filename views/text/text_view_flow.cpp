// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/text/text_view_flow.h"

#include <QTextOption>

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

/// The paragraph without what stands for something else: a chip named "bos" does not make it run from the left.
QString wordsOf(const DisplayText& display, const Extent& paragraph)
{
    QString words;
    int at = paragraph.begin;
    for (const Extent& sign : display.signs) {
        if (sign.end <= at || sign.begin >= paragraph.end)
            continue;
        words += display.text.mid(at, std::max(0, sign.begin - at));
        at = sign.end;
    }
    return words + display.text.mid(at, std::max(0, paragraph.end - at));
}

} // namespace

TextFlow::TextFlow(const TraceInfo& info) : m_display(displayText(info)) {}

void TextFlow::layOut(const QFont& font, double width)
{
    if (font == m_font && width == m_width)
        return;
    if (font != m_font || m_layouts.empty()) {
        QTextOption option;
        option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
        m_layouts.clear();
        for (const Extent& paragraph : m_display.paragraphs) {
            const QString text = m_display.text.mid(paragraph.begin, paragraph.end - paragraph.begin);
            auto layout = std::make_unique<QTextLayout>(text, font);
            const bool fromRight = wordsOf(m_display, paragraph).isRightToLeft();
            option.setTextDirection(fromRight ? Qt::RightToLeft : Qt::LeftToRight);
            option.setAlignment(Qt::AlignAbsolute | (fromRight ? Qt::AlignRight : Qt::AlignLeft));
            layout->setTextOption(option);
            layout->setCacheEnabled(true);
            m_layouts.push_back(std::move(layout));
        }
        m_font = font;
        m_gap = std::round(QFontMetricsF(font).height() * 0.4);
    }
    m_width = width;
    m_lines.clear();
    int gaps = 0;
    for (std::size_t p = 0; p < m_layouts.size(); ++p) {
        gaps += m_display.gapBefore[p] ? 1 : 0;
        const int origin = m_display.paragraphs[p].begin;
        m_layouts[p]->beginLayout();
        for (int number = 0;; ++number) {
            QTextLine line = m_layouts[p]->createLine();
            if (!line.isValid())
                break;
            line.setLineWidth(width);
            line.setPosition({0, -line.ascent()}); // baselines of all scripts at 0
            m_lines.push_back(
                {static_cast<int>(p), number, {origin + line.textStart(), origin + line.textStart() + line.textLength()}, gaps});
        }
        m_layouts[p]->endLayout();
    }
    m_inks.assign(m_lines.size(), std::nullopt);
}

double TextFlow::height(double pitch) const { return m_lines.empty() ? 0 : lineTop(lineCount() - 1, pitch) + pitch; }

int TextFlow::lineAt(double y, double pitch) const
{
    if (m_lines.empty())
        return -1;
    int low = 0, high = lineCount() - 1; // the last line whose top is at or above y
    while (low < high) {
        const int middle = (low + high + 1) / 2;
        if (lineTop(middle, pitch) <= y)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

int TextFlow::lineOfUnit(int unit) const
{
    const auto after =
        std::upper_bound(m_lines.begin(), m_lines.end(), unit, [](int u, const Line& line) { return u < line.extent.begin; });
    return std::max(0, static_cast<int>(after - m_lines.begin()) - 1);
}

int TextFlow::firstLineOf(int token) const
{
    // A token that begins with the space behind the last word of a line is seen on the next one.
    const Extent extent = boxOf(token).extent;
    int unit = extent.begin;
    while (unit + 1 < extent.end && m_display.text[unit].isSpace())
        ++unit;
    return lineOfUnit(unit);
}

int TextFlow::lastLineOf(int token) const { return lineOfUnit(std::max(boxOf(token).extent.begin, boxOf(token).extent.end - 1)); }

int TextFlow::unitOf(int token) const
{
    return token < tokenCount() ? boxOf(token).extent.begin : static_cast<int>(m_display.text.size());
}

Range TextFlow::tokensOf(int firstLine, int lastLine) const
{
    const auto& boxes = m_display.boxes;
    const Extent units{lineExtent(firstLine).begin, lineExtent(lastLine).end};
    const auto first = std::lower_bound(boxes.begin(), boxes.end(), units.begin,
                                        [](const TokenBox& b, int unit) { return b.extent.end <= unit; });
    const auto end =
        std::lower_bound(first, boxes.end(), units.end, [](const TokenBox& b, int unit) { return b.extent.begin < unit; });
    return first == end ? Range{} : Range{first->firstToken, std::prev(end)->lastToken + 1};
}

QTextLine TextFlow::textLine(int line) const
{
    const Line& at = m_lines[static_cast<std::size_t>(line)];
    return m_layouts[static_cast<std::size_t>(at.paragraph)]->lineAt(at.number);
}

QList<QGlyphRun> TextFlow::glyphs(int line, Extent extent) const
{
    const Line& at = m_lines[static_cast<std::size_t>(line)];
    const int origin = m_display.paragraphs[static_cast<std::size_t>(at.paragraph)].begin;
    const int begin = std::max(extent.begin, at.extent.begin), end = std::min(extent.end, at.extent.end);
    return begin < end ? textLine(line).glyphRuns(begin - origin, end - begin) : QList<QGlyphRun>();
}

void TextFlow::splitSigns(Extent extent, QList<QGlyphRun>& letters, QList<QGlyphRun>& signs, int line) const
{
    auto sign = std::lower_bound(m_display.signs.begin(), m_display.signs.end(), extent.begin,
                                 [](const Extent& s, int unit) { return s.end <= unit; });
    int at = extent.begin;
    for (; sign != m_display.signs.end() && sign->begin < extent.end; ++sign) {
        letters += glyphs(line, {at, sign->begin});
        signs += glyphs(line, {std::max(extent.begin, sign->begin), std::min(extent.end, sign->end)});
        at = sign->end;
    }
    letters += glyphs(line, {at, extent.end});
}

const TextFlow::Ink& TextFlow::ink(int number) const
{
    auto& cached = m_inks[static_cast<std::size_t>(number)];
    if (cached)
        return *cached;
    Ink& made = cached.emplace();
    const Line& at = m_lines[static_cast<std::size_t>(number)];
    splitSigns(at.extent, made.letters, made.signs, number);

    // Every unit's own edges, so that text in two directions gives its boxes several pieces.
    const QTextLine line = textLine(number);
    const int origin = m_display.paragraphs[static_cast<std::size_t>(at.paragraph)].begin;
    int inkEnd = at.extent.end;
    while (inkEnd > at.extent.begin && m_display.text[inkEnd - 1].isSpace())
        --inkEnd;
    const double rightmost = std::max(m_width, line.naturalTextWidth());
    auto box = std::lower_bound(m_display.boxes.begin(), m_display.boxes.end(), at.extent.begin,
                                [](const TokenBox& b, int unit) { return b.extent.end <= unit; });
    for (; box != m_display.boxes.end() && box->extent.begin < at.extent.end; ++box) {
        const std::size_t firstPiece = made.pieces.size();
        for (int unit = std::max(box->extent.begin, at.extent.begin); unit < std::min(box->extent.end, at.extent.end); ++unit) {
            if (unit >= inkEnd && box->extent.end > at.extent.end)
                break; // the space at the line's end belongs to a word that is on the next line
            const double leading = line.cursorToX(unit - origin, QTextLine::Leading),
                         next = line.cursorToX(unit + 1 - origin, QTextLine::Leading);
            double trailing = line.cursorToX(unit - origin, QTextLine::Trailing);
            if (std::min(leading, trailing) < next && next < std::max(leading, trailing))
                trailing = next; // a part of a ligature
            const double left = std::min(leading, trailing), right = std::min(std::max(leading, trailing), rightmost);
            if (right - left < 0.01)
                continue; // inside a grapheme, or a space that hangs over the line's end
            TextFlow::Piece* last = made.pieces.size() > firstPiece ? &made.pieces.back() : nullptr;
            if (last && left <= last->right + 0.5 && right >= last->left - 0.5) {
                last->left = std::min(last->left, left);
                last->right = std::max(last->right, right);
            } else {
                made.pieces.push_back({static_cast<int>(box - m_display.boxes.begin()), left, right});
            }
        }
    }
    return made;
}

const std::vector<TextFlow::Piece>& TextFlow::pieces(int line) const { return ink(line).pieces; }

void TextFlow::draw(QPainter& painter, int line, const QPointF& baseline, int unreadFrom, int hiddenFrom, const QColor& inkColor,
                    const QColor& muted) const
{
    const Extent extent = lineExtent(line);
    const auto drawAll = [&](const QList<QGlyphRun>& runs, const QColor& color) {
        painter.setPen(color);
        for (const QGlyphRun& run : runs)
            painter.drawGlyphRun(baseline, run);
    };
    if (hiddenFrom >= extent.end && (unreadFrom >= extent.end || unreadFrom <= extent.begin)) {
        drawAll(ink(line).letters, unreadFrom >= extent.end ? inkColor : muted);
        drawAll(ink(line).signs, muted);
        return;
    }
    QList<QGlyphRun> read, unread, signs; // a line with an edge in it, at most two a frame
    const int end = std::min(extent.end, hiddenFrom), edge = std::clamp(unreadFrom, extent.begin, std::max(extent.begin, end));
    splitSigns({extent.begin, edge}, read, signs, line);
    splitSigns({edge, std::max(edge, end)}, unread, signs, line);
    drawAll(read, inkColor);
    drawAll(unread, muted);
    drawAll(signs, muted);
}

} // namespace winnow::views
