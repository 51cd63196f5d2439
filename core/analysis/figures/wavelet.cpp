// SPDX-License-Identifier: GPL-3.0-or-later
// The figure "wavelet": a signal along the positions, split into scales by the transform that is asked for.
#include "core/analysis/figures/wavelet_bands.h"
#include "core/analysis/figures/wavelet_inputs.h"
#include "core/analysis/figures/wavelet_pair.h"
#include "core/analysis/number_text.h"
#include "core/analysis/wavelet/wavelet_tables.h"

namespace winnow {

namespace {

Result<Figure> scalogramFigure(const FigureInputs& inputs, const FigureOptions& options, const JobContext& job)
{
    WINNOW_TRY(const Trace* trace, onlyTrace("a scalogram", inputs));
    WINNOW_TRY(const ScalogramOptions what, scalogramOptions(*trace, options));
    WINNOW_TRY(TokenScalogram numbers, scalogram(*trace, what, job));
    Figure figure;
    figure.title = "Contribution by scale and position";
    figure.caption = fmt::format(
        "full cache, step {}, mean power of {}, {} wavelet{}{}{}; color: power, by its root; hatched: the ends are felt{}",
        numbers.step, headCountText(numbers.heads), numbers.wavelet, signalText(numbers.signalKind),
        options.trim > 0 ? fmt::format(", without the first and last {} positions", options.trim) : std::string(),
        removedText(numbers.detrend, numbers.shuffle), significanceText(numbers));
    figure.manifest = numbers.manifest;
    figure.numbers = {std::move(numbers), scalogramTables};
    return figure;
}

Result<Figure> packetFigure(const FigureInputs& inputs, const FigureOptions& options, const JobContext& job)
{
    WINNOW_TRY(const Trace* trace, onlyTrace("a packet basis", inputs));
    WINNOW_TRY(const ContributionOptions what, contributionOptions(*trace, options));
    WINNOW_TRY(PacketBands numbers, packetBands(*trace, what, job));
    WINNOW_TRY_VOID(checkHidden(options, numbers.positions));
    Figure figure;
    figure.title = "Contribution by wavelet packets";
    figure.caption =
        fmt::format("full cache, step {}, {}, {} wavelet, boundary {}{}; best basis: {} band{}, entropy {} (dwt {})",
                    numbers.step, headCountText(numbers.heads), numbers.wavelet, numbers.mode,
                    signalText(numbers.signalKind) + removedText(numbers.detrend, numbers.shuffle), numbers.nodes.size(),
                    numbers.nodes.size() == 1 ? "" : "s", numberText(numbers.entropy, 3), numberText(numbers.entropyOfLevels, 3));
    std::vector<double> energy, edge;
    for (const PacketBands::Node& node : numbers.nodes) {
        energy.push_back(node.energy);
        edge.push_back(node.edge);
    }
    figure.caption += edgeText(energy, edge);
    if (!numbers.note.empty())
        figure.caption += ". " + numbers.note;
    figure.manifest = numbers.manifest;
    figure.numbers = {std::move(numbers), packetTables};
    return figure;
}

Result<Figure> makeWavelet(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options,
                           const JobContext& job)
{
    WINNOW_TRY(const BandTransform transform, findTransform(*options.transform));
    const bool pair = options.against.any();
    if (transform == BandTransform::Continuous)
        return pair ? scalogramPair(kind, inputs, options, job) : scalogramFigure(inputs, options, job);
    if (transform == BandTransform::Packets)
        return pair ? packetPair(kind, inputs, options, job) : packetFigure(inputs, options, job);
    return pair ? bandPair(kind, inputs, options, contribution, job) : bandFigure(kind, inputs, options, contribution, job);
}

} // namespace

FigureKind figureWavelet()
{
    return {.name = "wavelet",
            .title = "Contribution by scale",
            .summary = "Wavelet bands of every position's contribution, any wavelet, step and number of levels",
            .needs = FigureNeeds::Trace,
            .averages = true,
            .reads = joinedReads({readsOfSignals(), readsOfBands(), readsOfScalograms(), readsOfPairs()}),
            .check = checkWavelet,
            .make = makeWavelet};
}

} // namespace winnow
