// Lower tab "Attention": the attention of one query head with the axes and the zoom of the maps; blue where the focused policy
// still has the token, orange where it has lost it. Tiles are computed in the background. GUI thread.
#pragma once

#include "core/analysis/figures.h"
#include "views/figures_plot.h"
#include "views/latest_job.h"
#include "views/view_data.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>

namespace winnow::views {

/// Attention with, per cell, whether the largest value in it belongs to a token that the policy had lost by then.
struct LostTile {
    AttentionTile tile;     ///< cells wholly in the future are NaN
    std::vector<bool> lost; ///< empty = no policy to compare with
    float largest = 0;      ///< of all cells
    int queriesPerRow = 1, keysPerColumn = 1;
};

struct LostTileQuery {
    AttentionQuery attention;                   ///< rows and columns: at most so many cells
    std::shared_ptr<const ReplayResult> replay; ///< may be null
    int policy = 0, layer = 0, lane = 0;        ///< of the replay: whose lifetimes decide
    bool maskSinks = false;                     ///< the first four keys are left out
};

/// Derives every pair once, block by block, and keeps the largest per cell. Any thread.
Result<LostTile> lostTile(const Trace& trace, const LostTileQuery& query, const JobContext& job);

class AttentionTab : public QWidget {
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
    ChartPlot* plot() const { return m_plot; }
    const LostTile* shown() const { return m_shown.get(); }

protected:
    void showEvent(QShowEvent* event) override;

private:
    LostTileQuery query() const;
    void request();
    void arrived(Result<std::shared_ptr<const LostTile>> tile);
    void recolor();
    void showRanges();
    void fillHeads();
    void describe();
    QString readout(QPointF at) const;
    void drawTile(QCPPainter* painter);
    void drawKey(QCPPainter* painter);

    Selection* m_selection;
    ViewData m_data;
    Theme m_theme;
    QComboBox *m_layerBox, *m_headBox, *m_scaleBox;
    QCheckBox* m_sinksBox;
    QLabel* m_note;
    ChartPlot* m_plot;
    QCPAxisRect* m_rect;
    std::shared_ptr<const LostTile> m_shown;
    LostTileQuery m_shownQuery, m_wanted;
    QImage m_image;
    bool m_stale = true;
    LatestJob<std::shared_ptr<const LostTile>> m_job;
};

} // namespace winnow::views
