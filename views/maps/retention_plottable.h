// SPDX-License-Identifier: GPL-3.0-or-later
// The picture inside a panel: its plane as one image, the gutter with the sinks, the rug (a strip below that shows the last
// step), the diagonal on which tokens are read, the hatch over what is not computed yet and, for one lane seen closely, a cap at
// every eviction.
#pragma once

#include "views/maps/panel_planes.h"
#include "views/plot/color_scale.h"

#include <qcustomplot.h>

namespace winnow::views {

struct MapPanel;
struct MapScene;

class RetentionPlottable : public QCPAbstractPlottable {
public:
    RetentionPlottable(QCPAxis* x, QCPAxis* y, const MapScene& scene, const MapPanel& panel);

    /// Looks the panel's planes up in the tables; call after planes, theme or scale changed.
    void render(const ColorTable& shares, const DifferenceTable& difference);

    double selectTest(const QPointF&, bool, QVariant*) const override { return -1; }
    QCPRange getKeyRange(bool& found, QCP::SignDomain) const override;
    QCPRange getValueRange(bool& found, QCP::SignDomain, const QCPRange&) const override;

protected:
    QRect clipRect() const override;
    void draw(QCPPainter* painter) override;
    void drawLegendIcon(QCPPainter*, const QRectF&) const override {}

private:
    bool isOfThisView() const; ///< the planes have the rows and the axis that are asked for now
    void drawHatch(QCPPainter* painter) const;
    void drawDiagonal(QCPPainter* painter) const;
    void drawCaps(QCPPainter* painter) const;

    const MapScene& m_scene;
    const MapPanel& m_panel;
    QImage m_map, m_gutter, m_rug, m_gutterRug;
};

} // namespace winnow::views
