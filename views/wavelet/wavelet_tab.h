// SPDX-License-Identifier: GPL-3.0-or-later
// Lower tab "Wavelet": how much every token contributes to the step, by scale: bands, scalogram or packets on the maps' x axis,
// levels against distance, settings at the left; one picture, or two beside one another, or their difference. Computed in the
// background: a setting stops the older computation, a step waits for it, so that playing shows pictures all the time. GUI
// thread.
#pragma once

#include "core/analysis/figures/figure_catalog.h"
#include "views/plot/chart_tab.h"
#include "views/state/latest_job.h"
#include "views/wavelet/scale_matrix_view.h"
#include "views/wavelet/wavelet_controls.h"
#include "views/wavelet/wavelet_pane.h"

#include <QPushButton>
#include <QTimer>
#include <QToolButton>

namespace winnow::views {

class WaveletTab : public ChartTab {
    Q_OBJECT
public:
    explicit WaveletTab(Selection* selection, QWidget* parent = nullptr);

    void setData(const ViewData& data);
    void setTheme(const Theme& theme);
    /// "TreeKV Figure 2": Haar, five levels, step 511 or the last, all lanes; off: the selection's step and lanes.
    void setPaperFigure(bool on);
    /// Keeps what is shown, to compare other pictures with it.
    void hold();
    std::optional<FigureRequest> currentFigure() const;

    /// Waits for the numbers and shows them; for pictures and tests.
    void finish();
    const WaveletPicture* shown() const { return m_shown.picture.get(); }
    const WaveletPicture* other() const { return m_shown.against.get(); }
    WaveletControls* controls() const { return m_controls; }
    WaveletPane* pane() const { return m_first; }
    WaveletPane* otherPane() const { return m_second; }
    ScaleMatrixView* matrix() const { return m_matrix; }

protected:
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    struct Pair {
        WaveletPicturePtr picture, against;
    };
    struct Wanted {
        WaveletChoice picture;
        std::optional<WaveletChoice> against;
        bool difference = false; ///< of the two; packets are then split alike
    };
    /// `known`: pictures that need not be computed again.
    static Result<Pair> compute(const Trace& trace, const ReplayResult* replay, const Wanted& wanted, const Pair& known,
                                const JobContext& job);
    Wanted wanted() const;
    void start() override;
    bool hasPicture() const override { return m_shown.picture != nullptr; }
    std::vector<PanelBand::Choice> remedies(const Error& error) override;
    void stepped();
    void arrived(Result<Pair> answer);
    void showPictures();
    void arrangeBody();
    void alignMatrix();
    void compareChanged();
    void markCarriers();
    void selectionChanged(Selection::Fields fields);
    std::vector<QueryHead> chosenHeads() const;
    QStringList titleParts(const WaveletPicture& picture) const;
    QString titleOf(const WaveletPicture& picture) const;
    QString titleOfDifference(const WaveletPicture& picture, const WaveletPicture& other) const;
    QString noteOf(const WaveletPicture& picture) const;

    WaveletPane *m_first, *m_second;
    ScaleMatrixView* m_matrix;
    WaveletControls* m_controls;
    QToolButton* m_settingsButton;
    QPushButton* m_paperButton;
    QTimer m_pause;
    Pair m_shown;
    std::optional<WaveletChoice> m_held;
    bool m_beside = false; ///< two pictures stand side by side
    bool m_behind = false; ///< the step went on while numbers were being computed
    LatestJob<Pair> m_job;
};

} // namespace winnow::views
