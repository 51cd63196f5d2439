// SPDX-License-Identifier: GPL-3.0-or-later
// Lower tab "Attention": the attention of one query head with the axes and the zoom of the maps; blue where the focused policy
// still has the token, orange where it has lost it. Beside it the row of the step as a list. Follows the chosen lane where there
// is one. Tiles and rows are computed in the background. GUI thread.
#pragma once

#include "core/analysis/figures/figure_catalog.h"
#include "views/attention/attended_list.h"
#include "views/attention/head_grid.h"
#include "views/attention/lost_tile.h"
#include "views/plot/chart_tab.h"
#include "views/state/latest_job.h"

#include <QCheckBox>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>

namespace winnow::views {

class AttentionTab : public ChartTab {
    Q_OBJECT
public:
    explicit AttentionTab(Selection* selection, QWidget* parent = nullptr);

    void setData(const ViewData& data);
    void setTheme(const Theme& theme);
    /// `layerIndex` into TraceInfo::layers.
    void setHead(int layerIndex, int queryHead);
    std::optional<FigureRequest> currentFigure() const;

    /// Waits for the tile and shows it; for pictures and tests.
    void finish();
    const LostTile* shown() const { return m_shown.get(); }
    AttendedList* row() const { return m_row; }
    /// All heads as small pictures, to choose one from.
    void showHeads(bool on);
    HeadGrid* heads() const { return m_heads; }

private:
    void start() override;
    bool hasPicture() const override { return m_shown != nullptr; }
    LostTileQuery query() const;
    void followLane();
    void askRow();
    void askHeads();
    void rowArrived(Result<AttendedTokens> row);
    void arrived(Result<std::shared_ptr<const LostTile>> tile);
    void recolor();
    void showRanges();
    void fillHeads();
    void describe();
    QString readout(QPointF at) const;
    void drawTile(QCPPainter* painter);
    void drawKey(QCPPainter* painter);

    QComboBox *m_layerBox, *m_headBox, *m_scaleBox;
    QCheckBox* m_sinksBox;
    QCPAxisRect* m_rect;
    std::shared_ptr<const LostTile> m_shown;
    LostTileQuery m_shownQuery, m_wanted;
    QImage m_image;
    QSplitter* m_body;
    AttendedList* m_row;
    QStackedWidget* m_pages;
    HeadGrid* m_heads;
    QToolButton* m_headsButton;
    std::shared_ptr<const Trace> m_headsOf; ///< the recording that the small pictures are of, or are asked for
    LatestJob<std::shared_ptr<const LostTile>> m_job;
    LatestJob<AttendedTokens> m_rowJob;
    LatestJob<std::shared_ptr<const HeadThumbs>> m_headsJob;
};

} // namespace winnow::views
