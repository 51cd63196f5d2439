// SPDX-License-Identifier: GPL-3.0-or-later
// Levels against octaves of distance, now at the right: at which distance a level is stronger than elsewhere, what a policy lost
// there, or how two pictures differ; the slope below. A click on a cell, or Enter, chooses its tokens. GUI thread.
#pragma once

#include "views/style/access_table.h"
#include "views/style/theme.h"
#include "views/wavelet/wavelet_picture.h"

#include <QWidget>

namespace winnow::views {

class Selection;

class ScaleMatrixView : public QWidget, public AccessTable {
    Q_OBJECT
public:
    explicit ScaleMatrixView(Selection* selection, QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    /// `against` as in WaveletContent. Null or without bands: empty.
    void setPicture(WaveletPicturePtr picture, WaveletPicturePtr against = {});
    /// Where level 1 begins and how high a level is, so that rows stand beside those of the bands.
    void alignTo(double top, double rowHeight);

    struct Cell {
        int level = 0, octave = 0; ///< indices into the matrix
        friend bool operator==(const Cell&, const Cell&) = default;
    };
    std::optional<Cell> cellAt(const QPointF& position) const;
    QRectF cellRect(Cell cell) const;
    /// Octaves with a cell that is not masked, farthest first, as they stand from left to right.
    const std::vector<int>& octaves() const { return m_octaves; }
    QString cellWords(Cell cell) const;
    /// What the cell prints; "" where it is hatched.
    QString cellText(Cell cell) const;
    void chooseCell(Cell cell);

    /// Rows are levels, columns octaves of distance as they stand from left to right.
    int accessRows() const override { return m_picture && !m_octaves.empty() ? m_picture->matrix.levels + 1 : 0; }
    int accessColumns() const override { return static_cast<int>(m_octaves.size()); }
    QString accessRow(int row) const override;
    QString accessColumn(int column) const override { return tr("octave %1").arg(m_octaves[static_cast<std::size_t>(column)]); }
    QString accessCell(int row, int column) const override { return cellWords(cellOf(row, column)); }
    QRect accessRect(int row, int column) const override { return cellRect(cellOf(row, column)).toRect(); }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {120, 60}; }

signals:
    void cellChosen(int level); ///< the tokens of the cell are the Selection's token range already

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    enum class Shows { Ratio, Lost, Difference };
    Cell cellOf(int row, int column) const { return {row, m_octaves[static_cast<std::size_t>(column)]}; }
    Shows shows() const;
    bool comparesLost() const;     ///< two policies are compared by what they lost
    double value(Cell cell) const; ///< NaN where hatched
    QColor color(double value) const;
    void paintCell(QPainter& painter, Cell cell) const;
    void paintAxes(QPainter& painter) const;

    Selection* m_selection;
    Theme m_theme;
    WaveletPicturePtr m_picture, m_against;
    std::vector<int> m_octaves;
    double m_top = 40, m_rowHeight = 30;
    Cell m_cursor;
    std::optional<Cell> m_hover;
};

} // namespace winnow::views
