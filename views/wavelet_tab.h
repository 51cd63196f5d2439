// Lower tab "Wavelet": how much every position contributes to the step, by scale, with the maps' x axis; energies beside it.
// Computed in the background, 150 ms after scrubbing pauses. GUI thread.
#pragma once

#include "core/analysis/figures.h"
#include "views/figures_plot.h"
#include "views/latest_job.h"
#include "views/view_data.h"

#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QTimer>

namespace winnow::views {

class WaveletTab : public QWidget {
    Q_OBJECT
public:
    explicit WaveletTab(Selection* selection, QWidget* parent = nullptr);

    void setData(const ViewData& data);
    void setTheme(const Theme& theme);
    /// "TreeKV Figure 2": Haar, five levels, step 511 or the last, all lanes; off: the selection's step and lanes.
    void setPaperFigure(bool on);
    std::optional<FigureRequest> currentFigure() const;

    /// Waits for the numbers and shows them; for pictures and tests.
    void finish();
    ChartPlot* plot() const { return m_plot; }
    const Contribution* shown() const { return m_shown.get(); }

protected:
    void showEvent(QShowEvent* event) override;

private:
    using Answer = std::shared_ptr<const Contribution>;
    struct Wanted {
        ContributionOptions options;
        bool paper = false;
    };
    static Result<Answer> compute(const Trace& trace, const Wanted& wanted, const JobContext& job);
    Wanted wanted() const;
    void later();
    void request();
    void arrived(Result<Answer> answer);
    void showBands();
    QString readout(QPointF at) const;

    Selection* m_selection;
    ViewData m_data;
    Theme m_theme;
    QComboBox *m_waveletBox, *m_modeBox;
    QSpinBox* m_levelsBox;
    QPushButton* m_paperButton;
    QLabel* m_note;
    ChartPlot* m_plot;
    QCPAxisRect *m_bandRect, *m_energyRect;
    BandChart m_chart;
    QTimer m_pause;
    Answer m_shown;
    bool m_stale = true;
    LatestJob<Answer> m_job;
};

} // namespace winnow::views
