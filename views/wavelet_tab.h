// Lower tab "Wavelet": how much every position contributes to the step, by scale, with the maps' x axis; energies beside it.
// Computed in the background, 150 ms after scrubbing pauses. GUI thread.
#pragma once

#include "core/analysis/figures.h"
#include "views/chart_tab.h"
#include "views/latest_job.h"

#include <QPushButton>
#include <QSpinBox>
#include <QTimer>

namespace winnow::views {

class WaveletTab : public ChartTab {
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
    const Contribution* shown() const { return m_shown.get(); }

private:
    using Answer = std::shared_ptr<const Contribution>;
    struct Wanted {
        ContributionOptions options;
        bool paper = false;
    };
    static Result<Answer> compute(const Trace& trace, const Wanted& wanted, const JobContext& job);
    Wanted wanted() const;
    void start() override;
    bool hasPicture() const override { return m_shown != nullptr; }
    void later();
    void arrived(Result<Answer> answer);
    void showBands();
    QString readout(QPointF at) const;

    QComboBox* m_waveletBox;
    QSpinBox* m_levelsBox;
    QComboBox* m_modeBox;
    QPushButton* m_paperButton;
    QCPAxisRect *m_bandRect, *m_energyRect;
    BandChart m_chart;
    QTimer m_pause;
    Answer m_shown;
    LatestJob<Answer> m_job;
};

} // namespace winnow::views
