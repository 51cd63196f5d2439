// SPDX-License-Identifier: GPL-3.0-or-later
// From a recording's bytes and token offsets to boxes of text on lines: what the text view paints, without a widget.
#pragma once

#include "core/trace/trace.h"
#include "views/state/selection.h"

#include <QFont>
#include <QGlyphRun>
#include <QPainter>
#include <QString>
#include <QTextLayout>

#include <memory>
#include <optional>
#include <vector>

namespace winnow::views {

/// Half-open range of UTF-16 units of the display text.
struct Extent {
    int begin = 0, end = 0;
    friend bool operator==(const Extent&, const Extent&) = default;
};

/// Tokens that share a grapheme (or a split character) share one box.
struct TokenBox {
    Extent extent;
    int firstToken = 0, lastToken = 0;
    bool special = false; ///< drawn as a chip
};

/// The text as it is shown: a newline is ↵, bytes that form no character are ‹E2 96›, special tokens are chips.
/// A lone newline at the end of a long line (50 characters or more) is taken for a hard wrap: the prose runs on behind it.
struct DisplayText {
    QString text;
    std::vector<TokenBox> boxes; ///< ascending, disjoint
    std::vector<int> boxOfToken; ///< [T]
    std::vector<Extent> paragraphs;
    std::vector<bool> gapBefore; ///< per paragraph: a blank line stood before it
    std::vector<Extent> signs;   ///< what stands for something else (↵, ‹…›, chip names): always muted; ascending
    QString haystack;            ///< for searching: newlines as spaces, signs left out
    std::vector<int> haystackAt; ///< per unit of haystack: its unit in `text`
};
DisplayText displayText(const TraceInfo& info);

/// The text in lines of one width. Boxes and glyphs of a line are made when first asked for and kept until the next layOut.
class TextFlow {
public:
    explicit TextFlow(const TraceInfo& info);

    /// Cost: shaping once (about 20 ms for 8,192 tokens), then breaking lines.
    void layOut(const QFont& font, double width);

    const DisplayText& display() const { return m_display; }
    int tokenCount() const { return static_cast<int>(m_display.boxOfToken.size()); }
    int lineCount() const { return static_cast<int>(m_lines.size()); }
    double lineTop(int line, double pitch) const { return line * pitch + m_lines[static_cast<std::size_t>(line)].gaps * m_gap; }
    double height(double pitch) const;
    /// The line whose pitch holds y, clamped to the lines there are; −1 if there is none.
    int lineAt(double y, double pitch) const;
    int firstLineOf(int token) const;
    int lastLineOf(int token) const;

    /// Horizontal pieces of boxes on a line, from the left edge of the text.
    struct Piece {
        int box = 0;
        double left = 0, right = 0;
    };
    const std::vector<Piece>& pieces(int line) const;

    /// Draws the line's glyphs with its baseline at `baseline`: up to `unreadFrom` with `ink`, then muted, nothing from
    /// `hiddenFrom` on (both in units of the display text).
    void draw(QPainter& painter, int line, const QPointF& baseline, int unreadFrom, int hiddenFrom, const QColor& ink,
              const QColor& muted) const;

    const TokenBox& boxOf(int token) const
    {
        return m_display.boxes[static_cast<std::size_t>(m_display.boxOfToken[static_cast<std::size_t>(token)])];
    }
    /// Where the display text of `token` begins; one past the last token: the end.
    int unitOf(int token) const;
    /// The tokens that have a box on the lines first…last; half-open.
    Range tokensOf(int firstLine, int lastLine) const;
    Extent lineExtent(int line) const { return m_lines[static_cast<std::size_t>(line)].extent; }

private:
    struct Line {
        int paragraph = 0, number = 0; ///< of the paragraph's layout
        Extent extent;
        int gaps = 0; ///< paragraph gaps above
    };
    struct Ink {
        std::vector<Piece> pieces;
        QList<QGlyphRun> letters, signs;
    };
    const Ink& ink(int line) const;
    int lineOfUnit(int unit) const;
    QTextLine textLine(int line) const;
    QList<QGlyphRun> glyphs(int line, Extent extent) const;
    void splitSigns(Extent extent, QList<QGlyphRun>& letters, QList<QGlyphRun>& signs, int line) const;

    DisplayText m_display;
    std::vector<std::unique_ptr<QTextLayout>> m_layouts;
    std::vector<Line> m_lines;
    QFont m_font;
    double m_width = -1, m_gap = 8;
    mutable std::vector<std::optional<Ink>> m_inks;
};

} // namespace winnow::views
