// SPDX-License-Identifier: GPL-3.0-or-later
// Bands, scalograms and packets on paper.
#include "core/analysis/figures/wavelet_pair.h"
#include "views/paper/drawings.h"
#include "views/paper/wavelet_pair.h"
#include "views/paper/wavelet_panels.h"
#include "views/plot/charts.h"
#include "views/wavelet/scalogram_plot.h"

#include <algorithm>

namespace winnow::views {

namespace {

Result<void> drawBandChart(const Contribution& contribution, const Figure& figure, const FigureOptions& options,
                           const std::filesystem::path& out)
{
    FigurePage page(figure, options, options.width * 0.3 + 0.2 * (contribution.levels + 2));
    QCPAxisRect* bands = page.addRect(0, 0, {.left = 58, .top = 22, .right = 8, .bottom = 40});
    QCPAxisRect* energies = page.addRect(0, 1, {.left = 18, .top = 22, .right = 12, .bottom = 40});
    page.plot.plotLayout()->setColumnStretchFactors({3.2, 1});
    page.layOut();
    BandChart chart(bands, energies);
    const int hide = contribution.positions > 2 * options.hidden() + 1 ? options.hidden() : 0;
    const double first = contribution.firstPosition;
    chart.show(contribution, options.hidden(), {first + hide, first + contribution.positions - hide}, page.style);
    page.letters({bands, energies});
    return exportPlot(page.plot, page.options, out);
}

Result<void> drawScalogram(const TokenScalogram& s, const Figure& figure, const FigureOptions& options,
                           const std::filesystem::path& out)
{
    FigurePage page(figure, options, options.width * 0.5);
    QCPAxisRect* rect = page.addRect(0, 0, {.left = 58, .top = 22, .right = kKeyRoom, .bottom = 40});
    page.layOut();
    addScalogram(rect, s, largestPower(s), page.style);
    addPowerKey(rect, largestPower(s), page.style);
    return exportPlot(page.plot, page.options, out);
}

Result<void> drawPackets(const PacketBands& p, const Figure& figure, const FigureOptions& options,
                         const std::filesystem::path& out)
{
    FigurePage page(figure, options, options.width * 0.5);
    QCPAxisRect* rect = page.addRect(0, 0, {.left = 58, .top = 22, .right = kKeyRoom, .bottom = 40});
    page.layOut();
    const PacketScale scale = packetScale({&p}, options.hidden());
    addPackets(rect, p, scale, options.hidden(), page.style);
    addMagnitudeKey(rect, scale, page.style);
    return exportPlot(page.plot, page.options, out);
}

} // namespace

Result<void> drawWavelet(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    if (const auto* bands = figure.numbers.find<Contribution>())
        return drawBandChart(*bands, figure, options, out);
    if (const auto* scalogram = figure.numbers.find<TokenScalogram>())
        return drawScalogram(*scalogram, figure, options, out);
    if (const auto* packets = figure.numbers.find<PacketBands>())
        return drawPackets(*packets, figure, options, out);
    return drawPair(figure, options, out);
}

Result<void> drawTreeKv2(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    return drawWavelet(figure, options, out);
}

} // namespace winnow::views
