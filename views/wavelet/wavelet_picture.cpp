// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/wavelet/wavelet_picture.h"

#include "views/plot/number_words.h"
#include "views/style/theme.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace winnow::views {

namespace {

ContributionOptions optionsOf(const WaveletChoice& choice)
{
    return {.heads = choice.heads,
            .steps = choice.paper ? std::vector<int>() : std::vector<int>{choice.step},
            .wavelet = choice.wavelet,
            .mode = choice.mode,
            .levels = choice.levels,
            .signal = choice.signal,
            .transform = choice.transform};
}

Result<std::shared_ptr<WaveletPicture>> computeBands(const Trace& trace, const ReplayResult* replay, const WaveletChoice& choice,
                                                     const JobContext& job)
{
    auto picture = std::make_shared<WaveletPicture>(WaveletPicture{.choice = choice});
    if (replay && choice.policy >= 0 && !choice.paper) {
        WINNOW_TRY(LostBands lost, lostBands(trace, *replay, {.what = optionsOf(choice), .policies = {choice.policy}}, job));
        picture->bands = std::make_shared<const Contribution>(lost.whole);
        picture->lost = std::make_shared<const LostBands>(std::move(lost));
    } else {
        WINNOW_TRY(Contribution bands, choice.paper ? treekvFigure2(trace, {.heads = choice.heads, .mode = choice.mode}, job)
                                                    : contribution(trace, optionsOf(choice), job));
        picture->bands = std::make_shared<const Contribution>(std::move(bands));
    }
    picture->brush.emplace(picture->bands);
    picture->matrix = picture->lost ? picture->lost->matrix : scaleMatrix(*picture->bands);
    return picture;
}

} // namespace

int WaveletPicture::firstPosition() const
{
    return bands ? bands->firstPosition : packets ? packets->firstPosition : scalogram ? scalogram->firstPosition : 0;
}

int WaveletPicture::positions() const
{
    return bands ? bands->positions : packets ? packets->positions : scalogram ? scalogram->positions : 0;
}
int WaveletPicture::step() const { return scalogram ? scalogram->step : firstPosition() + positions() - 1; }

std::span<const double> WaveletPicture::signal() const
{
    if (bands)
        return bands->signal;
    if (packets)
        return packets->signal;
    return scalogram ? std::span<const double>(scalogram->signal) : std::span<const double>();
}

int scalogramTrim(const WaveletChoice& choice) { return choice.step + 1 > 4 * kHiddenPositions ? kHiddenPositions : 0; }

Result<WaveletPicturePtr> computeWavelet(const Trace& trace, const ReplayResult* replay, const WaveletChoice& choice,
                                         const JobContext& job, const PacketBands* like)
{
    if (choice.hasLevels())
        return computeBands(trace, replay, choice, job);
    auto picture = std::make_shared<WaveletPicture>(WaveletPicture{.choice = choice});
    if (choice.transform == BandTransform::Packets) {
        WINNOW_TRY(PacketBands packets, packetBands(trace, optionsOf(choice), job, like));
        picture->packets = std::make_shared<const PacketBands>(std::move(packets));
    } else {
        const int trim = scalogramTrim(choice);
        WINNOW_TRY(TokenScalogram power, scalogram(trace,
                                                   {.heads = choice.heads,
                                                    .step = choice.step,
                                                    .signal = choice.signal,
                                                    .trimFirst = trim,
                                                    .trimLast = trim,
                                                    .wavelet = choice.continuous,
                                                    .ridges = true},
                                                   job));
        picture->scalogram = std::make_shared<const TokenScalogram>(std::move(power));
    }
    return picture;
}

std::vector<BandRow> bandRows(const WaveletPicture& picture)
{
    std::vector<BandRow> rows;
    if (picture.packets) {
        const PacketBands& packets = *picture.packets;
        const double total = std::accumulate(packets.nodes.begin(), packets.nodes.end(), 0.0,
                                             [](double sum, const PacketBands::Node& node) { return sum + node.energy; });
        rows.push_back({QStringLiteral("signal"), {}, packets.signal, {}, {}, -1});
        for (std::size_t i = packets.nodes.size(); i-- > 0;) { // lowest frequency last, as the rest
            const PacketBands::Node& node = packets.nodes[i];
            rows.push_back({node.path.empty() ? QStringLiteral("all") : QString::fromStdString(node.path),
                            node.low > 0 ? QStringLiteral("%1–%2").arg(periodWords(1 / node.high), periodWords(1 / node.low))
                                         : QStringLiteral("≥ %1").arg(periodWords(1 / node.high)),
                            node.magnitude,
                            {},
                            total > 0 ? node.energy / total : 0,
                            static_cast<int>(i)});
        }
        return rows;
    }
    if (!picture.bands)
        return rows;
    const Contribution& c = *picture.bands;
    const double total = std::accumulate(c.energy.begin(), c.energy.end(), 0.0);
    const LostBands::Policy* lost = picture.lostBy();
    for (int row = 0; row < c.levels + 2; ++row) {
        BandRow one{.band = row - 1};
        one.name = row == 0 ? QStringLiteral("signal") : row <= c.levels ? QString::number(row) : QStringLiteral("rest");
        if (row > 0)
            one.scale = row <= c.levels ? QStringLiteral("%1–%2").arg(grouped(qint64(1) << row), grouped(qint64(2) << row))
                                        : QStringLiteral("≥ %1").arg(grouped(qint64(2) << c.levels));
        one.values = row == 0          ? std::span<const double>(c.signal)
                     : row <= c.levels ? c.band(row - 1)
                                       : std::span<const double>(c.approximation);
        if (lost)
            one.lost = std::span(lost->lostBands)
                           .subspan(static_cast<std::size_t>(row) * c.positions, static_cast<std::size_t>(c.positions));
        if (row > 0)
            one.energy = total > 0 ? c.energy[static_cast<std::size_t>(row) - 1] / total : 0;
        rows.push_back(one);
    }
    return rows;
}

std::vector<double> energyInRange(const WaveletPicture& picture, const std::vector<BandRow>& rows, int begin, int end)
{
    begin = std::max(begin, picture.firstPosition());
    end = std::min(end, picture.firstPosition() + picture.positions());
    if (begin >= end || rows.empty())
        return {};
    std::vector<double> shares(rows.size(), NAN);
    if (picture.brush) {
        const BandBrush::Range range = picture.brush->range(begin, end);
        for (std::size_t row = 0; row < rows.size(); ++row)
            if (rows[row].band >= 0)
                shares[row] = range.level[static_cast<std::size_t>(rows[row].band)];
        return shares;
    }
    double total = 0;
    const auto from = static_cast<std::size_t>(begin - picture.firstPosition()), count = static_cast<std::size_t>(end - begin);
    for (std::size_t row = 0; row < rows.size(); ++row) {
        if (rows[row].band < 0)
            continue;
        shares[row] = 0;
        for (const double value : rows[row].values.subspan(from, count))
            shares[row] += value * value;
        total += shares[row];
    }
    for (double& share : shares)
        share = total > 0 ? share / total : share;
    return shares;
}

std::pair<int, int> tokensOfOctave(const ScaleMatrix& matrix, int octave, int step)
{
    const int nearest = matrix.edges[static_cast<std::size_t>(octave)],
              farthest = matrix.edges[static_cast<std::size_t>(octave) + 1];
    return {std::max(0, step - farthest + 1), std::max(0, step - nearest + 1)};
}

} // namespace winnow::views
