// SPDX-License-Identifier: GPL-3.0-or-later
// The picture inside a panel: the retention plane as one image, the sink gutter, the rug of the last step, the birth diagonal,
// the hatch over steps that are not computed yet and, for one lane seen closely, a cap at every eviction.
#pragma once

#include "core/analysis/means.h"
#include "views/plot/color_scale.h"
#include "views/state/selection.h"

#include <qcustomplot.h>

#include <memory>
#include <optional>

namespace winnow::views {

struct MapPanel;
struct MapScene;

/// What the background computes for a panel. Immutable.
struct PanelPlanes {
    std::shared_ptr<const PolicyReplay> policy;
    LaneChoice lanes;
    RetentionPlane map, gutter, rug, gutterRug;
    ShareHistogram shown{};     ///< of `map`
    std::optional<double> mass; ///< mean, for the plate
};

struct PlaneRequest {
    std::shared_ptr<const PolicyReplay> policy;
    LaneChoice lanes;
    Zoom zoom; ///< never empty
    int columns = 0, rows = 0, sinks = 0;
    StepSpan meanSteps;
    bool sameAs(const PlaneRequest& other) const;
};
/// Computes the planes. Any thread. An error of code Cancelled where `job` is asked to stop.
Result<std::shared_ptr<const PanelPlanes>> computePlanes(const PlaneRequest& request, const JobContext& job);

class RetentionPlottable : public QCPAbstractPlottable {
public:
    RetentionPlottable(QCPAxis* x, QCPAxis* y, const MapScene& scene, const MapPanel& panel);

    /// Looks the panel's planes up in the table; call after planes, theme or scale changed.
    void render(const ColorTable& table);

    double selectTest(const QPointF&, bool, QVariant*) const override { return -1; }
    QCPRange getKeyRange(bool& found, QCP::SignDomain) const override;
    QCPRange getValueRange(bool& found, QCP::SignDomain, const QCPRange&) const override;

protected:
    QRect clipRect() const override;
    void draw(QCPPainter* painter) override;
    void drawLegendIcon(QCPPainter*, const QRectF&) const override {}

private:
    void drawHatch(QCPPainter* painter) const;
    void drawDiagonal(QCPPainter* painter) const;
    void drawCaps(QCPPainter* painter) const;

    const MapScene& m_scene;
    const MapPanel& m_panel;
    QImage m_map, m_gutter, m_rug, m_gutterRug;
};

} // namespace winnow::views
