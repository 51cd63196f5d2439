// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/paper/wavelet_pair.h"

#include "core/analysis/figures/wavelet_pair.h"
#include "views/paper/wavelet_panels.h"
#include "views/wavelet/scalogram_plot.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

struct Task {
    const WaveletPair& pair;
    const Figure& figure;
    const FigureOptions& options;
    const std::filesystem::path& out;
};

/// What a picture of the pair shows, longest first: without what both have in common, and with short words.
QStringList titlesOf(const WaveletPair& pair, std::size_t which)
{
    const auto partsOf = [&](std::size_t i) { return QString::fromStdString(pair.labels[i]).split(QStringLiteral(", ")); };
    const QStringList own = partsOf(which), other = partsOf(1 - which);
    QStringList different;
    for (const QString& part : own)
        if (!other.contains(part))
            different << part;
    if (different.isEmpty())
        different = own;
    const auto brief = [](QString words) {
        return words.replace(QStringLiteral("query head"), QStringLiteral("head"))
            .replace(QStringLiteral("aligned at the newest position"), QStringLiteral("aligned"));
    };
    QString shortest = brief(different.join(QStringLiteral(", ")));
    shortest.replace(QStringLiteral("layer "), QStringLiteral("L")).replace(QStringLiteral("head "), QStringLiteral("H"));
    return {own.join(QStringLiteral(", ")), brief(own.join(QStringLiteral(", "))), different.join(QStringLiteral(", ")),
            brief(different.join(QStringLiteral(", "))), shortest};
}

WaveletPicture pictureOf(const Contribution& bands) { return {.bands = std::make_shared<const Contribution>(bands)}; }

WaveletPicture pictureOf(const LostBands& lost)
{
    WaveletPicture picture = pictureOf(lost.whole);
    picture.lost = std::make_shared<const LostBands>(lost);
    return picture;
}

MagnitudeScale commonScale(const std::array<WaveletPicture, 2>& both, int hide)
{
    return {RowScale::Log, {bandRows(both[0]), bandRows(both[1])}, hide};
}

Result<void> draw(const std::array<Contribution, 2>& bands, const Task& task)
{
    const std::array both{pictureOf(bands[0]), pictureOf(bands[1])};
    const std::size_t panels = task.pair.difference ? 1 : 2;
    FigurePage page(task.figure, task.options, task.options.width * 0.3 + 0.2 * (bands[0].levels + 2));
    std::vector<QCPAxisRect*> rects;
    for (std::size_t i = 0; i < panels; ++i)
        rects.push_back(page.addRect(0, static_cast<int>(i), {.left = 58, .top = 22, .right = 8, .bottom = 40}));
    rects.push_back(page.addRect(0, static_cast<int>(panels), {.left = 18, .top = 22, .right = 12, .bottom = 40}));
    page.plot.plotLayout()->setColumnStretchFactors(panels == 1 ? QList<double>{3.2, 1} : QList<double>{2.2, 2.2, 1});
    page.layOut();
    if (task.pair.difference) {
        addBandDifference(rects[0], both[0], both[1], task.options.hidden(), page.style);
    } else {
        const MagnitudeScale scale = commonScale(both, task.options.hidden());
        for (std::size_t i = 0; i < 2; ++i) {
            addBands(rects[i], both[i], scale, task.options.hidden(), page.style);
            addTitle(rects[i], titlesOf(task.pair, i), {}, page.style);
        }
    }
    addEnergyBars(rects.back(), both[0], both[1],
                  task.pair.difference ? std::pair(QStringLiteral("1st"), QStringLiteral("2nd"))
                                       : std::pair(QStringLiteral("(a)"), QStringLiteral("(b)")),
                  page.style);
    page.letters(rects);
    return exportPlot(page.plot, page.options, task.out);
}

/// Whether two panels stand side by side; in a column one stands below the other.
bool isWide(const Task& task) { return task.options.width >= kWidePage; }

double heightOfMaps(const Task& task)
{
    if (task.pair.difference)
        return task.options.width * 0.5;
    return isWide(task) ? task.options.width * 0.4 : 2 * task.options.width * 0.5;
}

/// One panel of a difference, else two, the last of which has room for a key at its right.
std::vector<QCPAxisRect*> addMaps(FigurePage& page, const Task& task)
{
    const bool beside = !task.pair.difference && isWide(task);
    std::vector<QCPAxisRect*> rects;
    for (int i = 0; i < (task.pair.difference ? 1 : 2); ++i)
        rects.push_back(page.addRect(beside ? 0 : i, beside ? i : 0,
                                     {.left = 58, .top = 22, .right = beside && i == 0 ? 12 : kKeyRoom, .bottom = 40}));
    if (beside)
        page.plot.plotLayout()->setColumnStretchFactors(evenColumns({58 + 12, 58 + kKeyRoom}, task.options.width));
    page.layOut();
    return rects;
}

Result<void> draw(const std::array<TokenScalogram, 2>& both, const Task& task)
{
    FigurePage page(task.figure, task.options, heightOfMaps(task));
    const std::vector<QCPAxisRect*> rects = addMaps(page, task);
    if (task.pair.difference) {
        addScalogramDifference(rects[0], both, page.style);
        addDifferenceKey(rects[0], QStringLiteral("first / second"), QStringLiteral("1/8"), QStringLiteral("8"), page.style);
    } else {
        const double most = std::max(largestPower(both[0]), largestPower(both[1]));
        for (std::size_t i = 0; i < 2; ++i) {
            addScalogram(rects[i], both[i], most, page.style);
            addTitle(rects[i], titlesOf(task.pair, i), {}, page.style);
        }
        addPowerKey(rects[1], most, page.style);
        page.letters(rects);
    }
    return exportPlot(page.plot, page.options, task.out);
}

Result<void> draw(const std::array<PacketBands, 2>& both, const Task& task)
{
    FigurePage page(task.figure, task.options, heightOfMaps(task));
    const std::vector<QCPAxisRect*> rects = addMaps(page, task);
    if (task.pair.difference) {
        addPacketDifference(rects[0], both, task.options.hidden(), page.style);
        addDifferenceKey(rects[0], QStringLiteral("Larger in"), QStringLiteral("second"), QStringLiteral("first"), page.style);
    } else {
        const PacketScale scale = packetScale({&both[0], &both[1]}, task.options.hidden());
        for (std::size_t i = 0; i < 2; ++i) {
            addPackets(rects[i], both[i], scale, task.options.hidden(), page.style);
            addTitle(rects[i], titlesOf(task.pair, i), {}, page.style);
        }
        addMagnitudeKey(rects[1], scale, page.style);
        page.letters(rects);
    }
    return exportPlot(page.plot, page.options, task.out);
}

/// Percentage points of what was lost: blue where the first lost more.
Cells differenceCells(const std::array<LostBands, 2>& both, const ScaleMatrix& m, const Theme& theme)
{
    Cells cells{m.levels + 1, m.octaves, {}, {}};
    for (int level = 0; level <= m.levels; ++level)
        for (int octave = 0; octave < m.octaves; ++octave) {
            const auto at = [&](const LostBands& one) {
                const std::size_t i = one.matrix.at(level, octave);
                return one.matrix.masked[i] ? std::nan("") : one.policies.front().lost[i];
            };
            const double difference = at(both[0]) - at(both[1]);
            const bool shown = !std::isnan(difference);
            cells.colors.push_back(
                shown ? std::optional(mixOkLab(theme.none, difference > 0 ? theme.differenceThis : theme.differenceReference,
                                               std::min(1.0, 0.8 * std::abs(difference))))
                      : std::nullopt);
            cells.words.push_back(shown ? numberWords(difference, true) : QStringList());
        }
    return cells;
}

Result<void> draw(const std::array<LostBands, 2>& both, const Task& task)
{
    const std::array pictures{pictureOf(both[0]), pictureOf(both[1])};
    const int pairs = task.pair.difference ? 1 : 2, across = isWide(task) ? 2 : 1;
    const ScaleMatrix& m = both[0].matrix.octaves <= both[1].matrix.octaves ? both[0].matrix : both[1].matrix;
    FigurePage page(task.figure, task.options, 2 / across * pairs * (0.75 + kPerRow * (m.levels + 2)));
    std::vector<QCPAxisRect*> rects;
    for (int i = 0; i < 2 * pairs; ++i) // bands, and the table of them
        rects.push_back(page.addRect(i / across, i % across,
                                     {.left = 58, .top = 24, .right = i % across + 1 == across ? kKeyRoom : 16, .bottom = 40}));
    if (across == 2)
        page.plot.plotLayout()->setColumnStretchFactors({1.2, 1});
    page.layOut();
    const MagnitudeScale scale = commonScale(pictures, task.options.hidden());
    std::vector<std::pair<QCPAxisRect*, Cells>> tables;
    if (task.pair.difference) {
        addBandDifference(rects[0], pictures[0], pictures[1], task.options.hidden(), page.style);
        setTableAxes(rects[1], m, page.style);
        tables.emplace_back(rects[1], differenceCells(both, m, page.style.theme));
        addDifferenceKey(rects[1], QStringLiteral("1st − 2nd"), QStringLiteral("≤ −1.25"), QStringLiteral("≥ 1.25"), page.style);
    }
    for (std::size_t i = 0; i < 2 && !task.pair.difference; ++i) {
        addBands(rects[2 * i], pictures[i], scale, task.options.hidden(), page.style);
        addTitle(rects[2 * i], titlesOf(task.pair, i), QColor(QColor::fromRgb(page.style.theme.lost[78])).rgb(), page.style);
        setTableAxes(rects[2 * i + 1], both[i].matrix, page.style);
        tables.emplace_back(rects[2 * i + 1], lostCells(both[i].matrix, both[i].policies.front().lost, page.style.theme));
        addLostKey(rects[2 * i + 1], page.style);
    }
    new PlotPainter(&page.plot, QStringLiteral("main"), nullptr, [&](QCPPainter* painter) {
        for (const auto& [rect, cells] : tables)
            drawTable(painter, rect, cells, page.style);
    });
    page.letters(rects);
    return exportPlot(page.plot, page.options, task.out);
}

} // namespace

Result<void> drawPair(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const auto& pair = figure.numbers.as<WaveletPair>();
    return std::visit([&](const auto& both) { return draw(both, Task{pair, figure, options, out}); }, pair.pictures);
}

} // namespace winnow::views
