// SPDX-License-Identifier: GPL-3.0-or-later
// Lower tab "Token": the autopsy of the selected token, of a marked span or of the brush. How long every visible policy holds it,
// under the attention that the full cache pays to it; beside that the lanes of the focused policy, or how long it holds its
// tokens at all. Lifetimes come at once, attention and verdicts from the background. GUI thread.
#pragma once

#include "core/analysis/figures/figure_catalog.h"
#include "core/analysis/lifetimes.h"
#include "views/plot/chart_tab.h"
#include "views/plot/survival_chart.h"
#include "views/state/latest_job.h"
#include "views/token/fate_table.h"
#include "views/token/lifetime_chart.h"
#include "views/token/look_target.h"

#include <QSplitter>
#include <QStackedWidget>

namespace winnow::views {

class TokenTab : public ChartTab {
    Q_OBJECT
public:
    explicit TokenTab(Selection* selection, QWidget* parent = nullptr);

    void setData(const ViewData& data);
    void setTheme(const Theme& theme);
    /// Beside the curves: the histogram of lifetimes, or the table of lanes.
    void showLifetimes(bool on);
    std::optional<FigureRequest> currentFigure() const;

    /// Waits for everything and shows it; for pictures and tests.
    void finish();
    FateTable* table() const { return m_table; }
    const Autopsy* shown() const { return m_numbers ? &m_numbers->autopsy : nullptr; }
    /// The tokens that are looked at; nothing while none are selected.
    std::optional<Range> tokens() const;

private:
    struct Numbers {
        std::shared_ptr<const ReplayResult> of; ///< the policy numbers are its
        Autopsy autopsy;
        bool attention = false; ///< whether it is among them
    };
    using Shared = std::shared_ptr<const Numbers>;
    struct Beside {
        Autopsy::Line line; ///< of the focused policy, with its verdicts
        LifetimeHistogram lifetimes;
    };

    void start() override;
    bool hasPicture() const override { return m_numbers != nullptr; }
    void selectionChanged(Selection::Fields fields);
    void listTargets(Selection::Fields changed);
    void look();
    AutopsyOptions options() const;
    void arrived(Result<Shared> numbers);
    void besideArrived(Result<Beside> beside);
    void startBeside();
    void showCurves();
    void showBeside();
    void describe();
    const Autopsy::Line* focusedLine() const;
    QString readout(QPointF at, bool onRows) const;
    void chooseLane(int layer, int lane);

    QComboBox *m_targetBox, *m_besideBox;
    QSplitter* m_body;
    QStackedWidget* m_stack;
    FateTable* m_table;
    ChartPlot* m_lifetimesPlot;
    QCPAxisRect *m_attentionRect, *m_rowsRect, *m_lifetimesRect;
    SurvivalChart m_chart;
    LifetimeChart m_lifetimes;
    std::vector<LookTarget> m_targets;
    std::size_t m_spans = 0; ///< marked when targets were listed last
    Shared m_numbers;
    std::optional<Beside> m_beside;
    LatestJob<Shared> m_first; ///< lifetimes alone
    LatestJob<Shared> m_job;   ///< with attention
    LatestJob<Beside> m_besideJob;
};

} // namespace winnow::views
