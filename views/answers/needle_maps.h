// SPDX-License-Identifier: GPL-3.0-or-later
// Answers to needles as their heat map shows them: a map per policy, lengths across, depths down. A cell is chosen with the
// pointer or the arrow keys and opened by a double click or Enter. GUI thread.
#pragma once

#include "core/analysis/score_grid.h"
#include "views/style/access_table.h"
#include "views/style/theme.h"

#include <QString>
#include <QWidget>

#include <optional>
#include <vector>

namespace winnow::views {

/// Indices into the grids, their depths and their lengths.
struct NeedlePlace {
    std::size_t grid = 0, depth = 0, length = 0;
    friend bool operator==(const NeedlePlace&, const NeedlePlace&) = default;
};

class NeedleMaps : public QWidget, public AccessTable {
    Q_OBJECT
public:
    explicit NeedleMaps(QWidget* parent = nullptr);

    /// All of the same lengths and depths; `names` of the panels.
    void setGrids(std::vector<ScoreGrid> grids, QStringList names);
    void setScore(std::size_t score); ///< of kGridScores
    void setTheme(const Theme& theme);
    const std::optional<NeedlePlace>& chosen() const { return m_chosen; }
    void choose(const NeedlePlace& place);
    QRectF cellRect(const NeedlePlace& place) const;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

    /// A row per policy and depth, a column per length.
    int accessRows() const override;
    int accessColumns() const override;
    QString accessRow(int row) const override;
    QString accessColumn(int column) const override;
    QString accessCell(int row, int column) const override;
    QRect accessRect(int row, int column) const override;

signals:
    void cellChosen(const winnow::views::NeedlePlace& place);
    void cellOpened(const winnow::views::NeedlePlace& place);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    int columns() const; ///< of panels
    QRectF mapRect(std::size_t grid) const;
    std::optional<NeedlePlace> placeAt(const QPointF& at) const;
    QString words(const NeedlePlace& place) const;
    void drawPanel(QPainter& painter, std::size_t grid) const;
    void drawKey(QPainter& painter) const;

    std::vector<ScoreGrid> m_grids;
    QStringList m_names;
    std::size_t m_score = 0;
    Theme m_theme;
    std::optional<NeedlePlace> m_chosen;
};

} // namespace winnow::views
