// SPDX-License-Identifier: GPL-3.0-or-later
// The upper part of the deck: a strip per visible policy over the whole text, and the ruler with the playhead.
#pragma once

#include "core/analysis/difference.h"
#include "views/notes/notes.h"
#include "views/plot/color_scale.h"
#include "views/state/latest_job.h"
#include "views/state/selection.h"
#include "views/state/view_data.h"
#include "views/style/access_table.h"

#include <QImage>
#include <QWidget>

#include <memory>
#include <optional>
#include <vector>

namespace winnow::views {

class DeckStrips : public QWidget, public AccessTable {
    Q_OBJECT
public:
    explicit DeckStrips(Selection* selection, QWidget* parent = nullptr);

    void setData(const ViewData& data);
    void setTheme(const Theme& theme);
    void setColorScale(const ColorScale& scale);
    void setSearchHits(std::vector<int> tokens);
    void setNotes(std::vector<Note> notes);
    void setCompact(bool compact);

    /// Pixel ↔ token, fractional; a token is [token, token + 1).
    double xOf(double token) const;
    double tokenAt(double x) const;
    int stripCount() const { return static_cast<int>(m_policies.size()); }
    /// Index among the strips; stripCount() = the ruler; −1 = neither.
    int rowAt(double y) const;
    QRectF stripRect(int strip) const;
    QRectF rulerRect() const;
    int neededHeight() const;

    /// A row for each strip: the token that is looked at, and the tokens that any chosen lane stores at the step.
    int accessRows() const override { return stripCount(); }
    int accessColumns() const override { return 2; }
    QString accessRow(int row) const override;
    QString accessColumn(int column) const override;
    QString accessCell(int row, int column) const override;
    QRect accessRect(int row, int column) const override;

signals:
    void heightChanged();

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    enum class Drag { None, Scrub, Undecided, Brush, Pan };
    /// What a strip shows of every token: plane bytes, or cells where its policy is set against the reference. Both are empty
    /// where a replay has not come to the step.
    struct Row {
        std::vector<std::uint8_t> bytes;
        std::vector<DifferenceCell> cells;
        bool quiet = false; ///< nothing had to go yet
    };
    using Rows = std::vector<Row>; ///< per strip
    struct CountRequest {
        std::shared_ptr<const PolicyReplay> policy, reference; ///< reference: null = the policy alone
        LaneChoice lanes;
        LanePairs pairs; ///< with a reference
    };
    static Rows count(const std::vector<CountRequest>& requests, int step);

    void onSelectionChanged(Selection::Fields fields);
    void choosePolicies(bool otherTokens);
    void countRows();
    void renderRows();
    void paintQuiet(QPainter& painter, QRectF strip) const;
    void paintNames(QPainter& painter) const;
    void paintRuler(QPainter& painter) const;
    void paintMarks(QPainter& painter) const;
    bool onBrushEdge(const QPointF& point, bool* atBegin) const;
    int wholeToken(double x) const;
    void measureNames();
    int left() const;
    int right() const { return width() - 16; }
    int pad() const { return m_compact ? 4 : 6; }
    int stripHeight() const;
    /// Columns that the names stand in: of many low strips two share a line. 0 = there is no room for names.
    int nameColumns() const { return m_compact || m_policies.empty() ? 0 : hasLowStrips() ? 2 : 1; }
    bool hasLowStrips() const { return m_policies.size() > 8; }

    Selection* m_selection;
    ViewData m_data;
    Theme m_theme = Theme::darkTheme();
    ColorScale m_scale = ColorScale::make(ScaleKind::Linear);
    DifferenceTable m_difference = differenceTable(m_theme);
    std::vector<int> m_policies, m_hits;
    std::vector<Note> m_notes;
    Rows m_rows;
    std::vector<QImage> m_images; ///< one device pixel high
    LatestJob<Rows> m_count;
    int m_tokens = 0, m_namesWidth = 0;
    bool m_compact = false, m_keyboardFocus = false;
    Drag m_drag = Drag::None;
    QPointF m_pressed;
    int m_anchor = 0;
    Zoom m_zoomAtPress;
};

} // namespace winnow::views
