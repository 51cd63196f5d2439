// SPDX-License-Identifier: GPL-3.0-or-later
// The numbers behind the lane grid: a measure of every lane, the mean over steps, and its range. The wavelet slope is the full
// cache's, per query head, and computed in the background when it is first asked for. Two measures are about the tokens that are
// looked at, at the step, and tell of every visible policy side by side. GUI thread.
#pragma once

#include "core/analysis/figures/figure_catalog.h"
#include "core/analysis/lane_means.h"
#include "core/analysis/metrics.h"
#include "core/analysis/wavelet/head_slopes.h"
#include "views/state/latest_job.h"
#include "views/state/selection.h"
#include "views/state/view_data.h"

#include <functional>
#include <memory>
#include <vector>

namespace winnow::views {

/// What the cells show: a metric of the catalog, the wavelet slope, or what a lane still holds of the tokens that are looked at.
using LaneMeasure = const Metric*;
inline constexpr LaneMeasure kWaveletSlope = nullptr;
extern const Metric kBrushKept; ///< share of the brushed tokens that is stored after the step; without a brush of the newest
                                ///< marked span, else of the token
extern const Metric kTokenLeft; ///< the step at which the token left; else the last of the brush, else of the newest span
/// Whether the measure is one of these two.
inline bool isOfTokens(LaneMeasure measure) { return measure == &kBrushKept || measure == &kTokenLeft; }

/// All measures, in the order of the menu.
std::vector<LaneMeasure> laneMeasures();
QString measureName(LaneMeasure measure);
QString measureHelp(LaneMeasure measure);
/// "0.712", "128", "−0.31".
QString measureWords(LaneMeasure measure, double value);

/// The steps that wavelet slopes are taken at: eight, evenly over the later half of the text, the last one among them.
std::vector<int> slopeSteps(int tokens);

class LaneValues {
public:
    /// `arrived` is called when slopes were computed.
    LaneValues(const Selection* selection, std::function<void()> arrived);

    void setData(const ViewData& data);
    void setMeasure(LaneMeasure measure);
    LaneMeasure measure() const { return m_measure; }
    /// Makes the values anew: after any of the calls above, when slopes arrived, and when focus or steps have changed. Cost:
    /// lanes × steps where the replay, the steps or the measure are others than before.
    void update();
    void finish(); ///< waits for the slopes; for pictures and tests

    int layers() const;
    int columns() const; ///< cells across: KV heads, or query heads where the policy or the measure has those
    int kvHeads() const;
    Lane kvLane(Lane cell) const;       ///< of a cell, whose `head` counts the columns
    int layerNumber(int layer) const;   ///< of the model
    std::vector<Lane> allLanes() const; ///< every KV head
    float value(Lane cell) const;       ///< NaN = not known yet
    /// Of measures about tokens: what every visible policy has there, in the order of `policies`; else empty.
    std::span<const float> stripes(Lane cell) const;
    const std::vector<int>& policies() const { return m_policies; } ///< numbers
    /// Whether a change of these parts of the selection changes the values.
    bool dependsOn(Selection::Fields fields) const;
    float least() const { return m_least; }
    float most() const { return m_most; }
    QString over() const { return m_over; } ///< the steps of the means in words; "" while nothing is known
    QString words(Lane cell) const;         ///< what the cell is and what it shows, in lines
    /// The figure "lanes" of the focused policy, by the measure; "scale-slope" of the recording.
    FigureRequest figure() const;

private:
    using Slopes = std::shared_ptr<const HeadSlopes>;
    void updateSlopes();
    void updateTokens();
    float ofTokens(const PolicyReplay& policy, Lane cell) const;
    std::optional<Range> looked() const; ///< the tokens that the measure is about
    void askForSlopes();
    void set(Lane cell, float value);
    int recordedLayer(int layer) const; ///< index into the trace's layers of the grid's row; −1 if it was not recorded
    std::shared_ptr<const PolicyReplay> focused() const;

    const Selection* m_selection;
    std::function<void()> m_arrived;
    ViewData m_data;
    LaneMeasure m_measure = &metricCatalog().front();
    std::optional<LaneMeans> m_means; ///< of the focused policy and m_summed
    LaneMeasure m_summed = nullptr;
    std::vector<float> m_values;  ///< [layers, columns]
    std::vector<float> m_stripes; ///< [layers, columns, policies]
    std::vector<int> m_policies;
    float m_least = 0, m_most = 1;
    bool m_any = false;
    QString m_over;
    Slopes m_slopes; ///< of m_data.trace
    QString m_problem;
    LatestJob<Slopes> m_job;
};

} // namespace winnow::views
