// SPDX-License-Identifier: GPL-3.0-or-later
// The text of one step on paper.
#include "core/analysis/kept_share.h"
#include "core/analysis/step_pictures.h"
#include "views/paper/drawings.h"
#include "views/paper/page.h"
#include "views/plot/color_scale.h"
#include "views/style/dock_style.h"
#include "views/text/text_view_flow.h"

#include <algorithm>

namespace winnow::views {

namespace {

constexpr double kKey = 28; ///< logical pixels

/// The policies whose bars stand under the tokens, in lines that are no wider than the page: what the colors of the bars mean.
class BarKey {
public:
    BarKey(const std::vector<KeptPicture::Row>& rows, double width, const PlotStyle& style)
        : m_rows(rows), m_style(style), m_metrics(style.tick)
    {
        double x = 0, line = 0;
        for (const KeptPicture::Row& row : rows) {
            const double advance = style.px(12 + 16) + m_metrics.horizontalAdvance(name(row));
            if (x > 0 && x + advance > width) {
                x = 0;
                ++line;
            }
            m_places.emplace_back(x, line * pitch());
            x += advance;
        }
        m_height = (line + 1) * pitch() + style.px(4);
    }
    double height() const { return m_height; }
    void draw(QCPPainter* painter, QPointF at) const
    {
        painter->setFont(m_style.tick);
        painter->setPen(m_style.theme.ink);
        for (std::size_t i = 0; i < m_rows.size(); ++i) {
            const QPointF place = at + m_places[i];
            painter->fillRect(QRectF(place.x(), place.y() + pitch() / 2 - m_style.px(1), m_style.px(8), m_style.px(2)),
                              m_style.theme.policyColor(m_rows[i].policy));
            painter->drawText(QPointF(place.x() + m_style.px(12), place.y() + m_metrics.ascent()), name(m_rows[i]));
        }
    }

private:
    double pitch() const { return m_metrics.height() * 1.2; }
    static QString name(const KeptPicture::Row& row)
    {
        return QStringLiteral("%1 %2").arg(row.policy + 1).arg(QString::fromStdString(row.label));
    }

    const std::vector<KeptPicture::Row>& m_rows;
    const PlotStyle& m_style;
    QFontMetricsF m_metrics;
    std::vector<QPointF> m_places;
    double m_height = 0;
};

/// The words of one step, as the text view shows them.
class TextPicture {
public:
    TextPicture(const KeptPicture& picture, const FigureOptions& options, const PlotStyle& style)
        : m_picture(picture), m_options(options), m_style(style), m_metrics(style.label), m_flow(*picture.info),
          m_grounds(textGrounds(style.theme)), m_differences(textDifferenceGrounds(style.theme))
    {
        m_flow.layOut(style.label, options.width * kUnitsPerInch - 2 * side());
        m_first = m_flow.firstLineOf(picture.tokens.first);
        m_last = m_flow.lastLineOf(picture.tokens.second);
    }
    double side() const { return m_style.px(8); }
    double height() const { return m_flow.lineTop(m_last, pitch()) + pitch() - m_flow.lineTop(m_first, pitch()); }
    /// The tokens shaded for `row`; with bars one below each for every policy.
    void draw(QCPPainter* painter, const KeptPicture::Row& row, double top) const
    {
        painter->setFont(m_style.label);
        const double up = m_flow.lineTop(m_first, pitch());
        const auto each = [&](const auto& act) {
            for (int line = m_first; line <= m_last; ++line)
                for (const TextFlow::Piece& piece : m_flow.pieces(line)) {
                    const TokenBox& box = m_flow.display().boxes[static_cast<std::size_t>(piece.box)];
                    const IntRange tokens{std::max(box.firstToken, m_picture.tokens.first),
                                          std::min(box.lastToken, m_picture.tokens.second)};
                    if (tokens.first <= tokens.second)
                        act(line, box, tokens,
                            QRectF(side() + piece.left, top + m_flow.lineTop(line, pitch()) - up, piece.right - piece.left,
                                   textPitch()));
                }
        };
        each([&](int line, const TokenBox& box, IntRange tokens, const QRectF& place) {
            drawToken(painter, row, line, box, tokens, place);
        });
        each([&](int, const TokenBox&, IntRange tokens, const QRectF& place) { drawMarks(painter, tokens, place); });
    }

private:
    double textPitch() const { return m_metrics.height() * 1.25; }
    double barHeight() const { return m_style.px(2); }
    double pitch() const
    {
        return textPitch() + (m_options.bars ? barHeight() * double(m_picture.rows.size()) + m_style.px(3) : 0);
    }
    std::size_t indexOf(int token) const { return static_cast<std::size_t>(token - m_picture.tokens.first); }
    template <class Cells>
    auto those(const Cells& cells, IntRange tokens) const
    {
        return std::span(cells).subspan(indexOf(tokens.first), static_cast<std::size_t>(tokens.second - tokens.first + 1));
    }

    void drawToken(QCPPainter* painter, const KeptPicture::Row& row, int line, const TokenBox& box, IntRange tokens,
                   const QRectF& place) const
    {
        const std::uint8_t byte = strongestByte(those(row.bytes, tokens));
        const QRgb ground = row.cells.empty() ? m_grounds[byte] : m_differences[strongestCell(those(row.cells, tokens))];
        if (ground != 0)
            painter->fillRect(place.adjusted(0, m_style.px(0.5), -m_style.px(0.5), -m_style.px(0.5)), QColor::fromRgb(ground));
        const Extent whole = m_flow.lineExtent(line);
        const Extent seen{std::max(box.extent.begin, whole.begin), std::min(box.extent.end, whole.end)};
        painter->setPen(byte == kUnborn || box.special ? m_style.theme.muted : m_style.theme.ink);
        painter->drawText(QPointF(place.left(), place.top() + (textPitch() - m_metrics.height()) / 2 + m_metrics.ascent()),
                          m_flow.display().text.mid(seen.begin, seen.end - seen.begin));
        for (std::size_t bar = 0; m_options.bars && byte != kUnborn && bar < m_picture.rows.size(); ++bar) {
            const KeptPicture::Row& one = m_picture.rows[bar];
            const double width = one.share[indexOf(tokens.first)] * (place.width() - m_style.px(0.5));
            painter->fillRect(QRectF(place.left(), place.bottom() + barHeight() * double(bar), width, barHeight()),
                              m_style.theme.policyColor(one.policy));
        }
    }

    /// Spans, the step and the token.
    void drawMarks(QCPPainter* painter, IntRange tokens, const QRectF& place) const
    {
        const auto holds = [&](int token) { return token >= tokens.first && token <= tokens.second; };
        const auto frame = [&](const QColor& color, double inset) {
            painter->setBrush(Qt::NoBrush);
            painter->setPen(QPen(color, m_style.line));
            painter->drawRect(place.adjusted(inset, inset, -m_style.px(0.5) - inset, -inset));
        };
        for (const FigureSpan& span : m_options.spans)
            if (span.tokens.first <= tokens.second && span.tokens.second >= tokens.first)
                painter->fillRect(QRectF(place.left(), place.bottom() - m_style.line, place.width(), m_style.line),
                                  m_style.theme.ink);
        const bool atStep = holds(m_picture.step);
        if (atStep)
            frame(m_style.theme.ink, 0);
        if (m_options.token && holds(*m_options.token))
            frame(accentOf(m_style.theme), atStep ? m_style.line : 0);
    }

    const KeptPicture& m_picture;
    const FigureOptions& m_options;
    const PlotStyle& m_style;
    QFontMetricsF m_metrics;
    TextFlow m_flow;
    ColorTable m_grounds;
    DifferenceTable m_differences;
    int m_first = 0, m_last = 0; ///< lines
};

} // namespace

Result<void> drawText(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const auto& picture = figure.numbers.as<KeptPicture>();
    PlotStyle style = PlotStyle::onPaper();
    style.theme.inks = figure.inks;
    const TextPicture text(picture, options, style);
    const double width = options.width * kUnitsPerInch - 2 * text.side();
    const BarKey bars(picture.rows, width, style);
    std::vector<const KeptPicture::Row*> shaded;
    for (const KeptPicture::Row& row : picture.rows)
        if (!options.bars || row.policy == focusOf(options, picture.rows.front().policy))
            shaded.push_back(&row);
    const QFontMetricsF metrics(style.label);
    const double nameHeight = shaded.size() > 1 ? metrics.height() * 1.6 : 0;
    const double block = nameHeight + text.height() + style.px(12);
    const double key = style.px(kKey), barKey = options.bars ? bars.height() : 0;
    FigurePage page(figure, options, (key + barKey + block * double(shaded.size())) / kUnitsPerInch);
    page.layOut();
    new PlotPainter(&page.plot, QStringLiteral("main"), nullptr, [&](QCPPainter* painter) {
        drawMapKey(painter, style, text.side(), style.px(6), text.side() + width, picture.reference >= 0);
        if (options.bars)
            bars.draw(painter, {text.side(), key});
        for (std::size_t i = 0; i < shaded.size(); ++i) {
            const double top = key + barKey + block * double(i);
            if (nameHeight > 0) {
                painter->setFont(style.letter);
                painter->setPen(style.theme.ink);
                painter->drawText(QPointF(text.side(), top + metrics.ascent()),
                                  QStringLiteral("(%1) %2")
                                      .arg(QChar('a' + static_cast<int>(i)))
                                      .arg(QString::fromStdString(shaded[i]->label)));
            }
            text.draw(painter, *shaded[i], top + nameHeight);
        }
    });
    return exportPlot(page.plot, page.options, out);
}

} // namespace winnow::views
