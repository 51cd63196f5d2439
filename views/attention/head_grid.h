// SPDX-License-Identifier: GPL-3.0-or-later
// Layers down, query heads across, a small picture of the attention of each; a click or Enter chooses one. GUI thread.
#pragma once

#include "core/analysis/head_thumbs.h"
#include "views/style/access_table.h"
#include "views/style/theme.h"

#include <QAbstractScrollArea>
#include <QImage>

#include <memory>
#include <optional>

namespace winnow::views {

class HeadGrid : public QAbstractScrollArea, public AccessTable {
    Q_OBJECT
public:
    explicit HeadGrid(QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    /// `layers`: numbers of the model. Null: they are on their way.
    void show(std::shared_ptr<const HeadThumbs> thumbs, std::vector<Layer> layers);
    /// The head that is shown large, and the cursor's place.
    void setCurrent(QueryHead head);
    QRect cellRect(QueryHead head) const; ///< in the viewport; null where there is none
    std::optional<QueryHead> headAt(const QPoint& position) const;

    /// Rows are layers, columns query heads.
    int accessRows() const override { return m_thumbs ? static_cast<int>(m_thumbs->layers.size()) : 0; }
    int accessColumns() const override { return m_thumbs ? m_thumbs->heads : 0; }
    QString accessRow(int row) const override;
    QString accessColumn(int column) const override { return tr("query head %1").arg(column); }
    QString accessCell(int row, int column) const override { return words({row, column}); }
    QRect accessRect(int row, int column) const override
    {
        return cellRect({row, column}).translated(viewport()->geometry().topLeft());
    }

signals:
    void headChosen(int layerIndex, int head);

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    bool viewportEvent(QEvent* event) override;

private:
    void recolor();
    void layOut();
    QString words(QueryHead head) const;
    void moveTo(QueryHead head);

    Theme m_theme;
    std::shared_ptr<const HeadThumbs> m_thumbs;
    std::vector<Layer> m_layers;
    std::vector<std::vector<QImage>> m_images;
    QueryHead m_current, m_cursor;
    int m_cell = 32, m_left = 32;
};

} // namespace winnow::views
