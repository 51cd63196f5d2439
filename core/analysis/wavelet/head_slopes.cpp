// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/wavelet/head_slopes.h"

#include "core/base/check.h"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

namespace winnow {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr int kSamples = 1000;

using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Divides the cells of each octave by their sum, so that every head says how its power is spread over the levels and no more.
void makeShares(std::vector<double>& energy, const ScaleGrid& grid)
{
    for (int octave = 0; octave < grid.octaves; ++octave) {
        double sum = 0;
        for (int level = 0; level <= grid.levels; ++level)
            if (const double value = energy[grid.at(level, octave)]; !std::isnan(value))
                sum += value;
        for (int level = 0; level <= grid.levels; ++level)
            energy[grid.at(level, octave)] /= sum > 0 ? sum : 1;
    }
}

ScaleCells shares(ScaleCells cells, const ScaleGrid& grid)
{
    makeShares(cells.energy, grid);
    makeShares(cells.shared, grid);
    const double sum = std::accumulate(cells.overall.begin(), cells.overall.end(), 0.0);
    for (double& value : cells.overall)
        value /= sum > 0 ? sum : 1;
    return cells;
}

void addTo(ScaleCells& sum, const ScaleCells& part, double factor)
{
    for (const auto member : {&ScaleCells::energy, &ScaleCells::shared, &ScaleCells::overall}) {
        std::vector<double>& to = sum.*member;
        to.resize((part.*member).size());
        for (std::size_t i = 0; i < to.size(); ++i)
            to[i] += factor * (part.*member)[i];
    }
}

/// Numbers below `count`, drawn with replacement: how often each came.
Eigen::VectorXd drawn(std::size_t count, std::mt19937_64& random)
{
    Eigen::VectorXd times = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(count));
    for (std::size_t i = 0; i < count; ++i)
        times(static_cast<Eigen::Index>(random() % count)) += 1;
    return times;
}

/// The interval about `slope` from samples of it; `units` that were drawn from, of which a sample's variance knows (n − 1) / n.
SlopeInterval intervalOf(double slope, const std::vector<double>& samples, std::size_t units)
{
    if (units < 2 || std::isnan(slope))
        return {kNaN, kNaN};
    const Eigen::Map<const Eigen::ArrayXd> all(samples.data(), static_cast<Eigen::Index>(samples.size()));
    const double n = static_cast<double>(units);
    const double error = std::sqrt((all - all.mean()).square().mean() * n / (n - 1));
    const double half = studentQuantile(static_cast<int>(units) - 1) * error;
    return {slope - half, slope + half};
}

/// The slope of one head or of all from cells [levels + 1, octaves]; `levels` [octaves] gets the mean level of each octave.
double slopeOf(const double* energy, const ScaleGrid& grid, const std::vector<double>& weights)
{
    double slope = 0;
    for (int octave = 0; octave < grid.octaves; ++octave) {
        if (weights[static_cast<std::size_t>(octave)] == 0)
            continue;
        double sum = 0, weighted = 0;
        for (int level = 0; level <= grid.levels; ++level) {
            sum += energy[grid.at(level, octave)];
            weighted += energy[grid.at(level, octave)] * (level + 1);
        }
        slope += sum > 0 ? weights[static_cast<std::size_t>(octave)] * weighted / sum : 0;
    }
    return slope;
}

} // namespace

struct HeadSlopeSum::State {
    int hide = kHiddenPositions;
    ScaleGrid grid;
    std::vector<Layer> layers;
    std::map<std::string, std::string> manifest;
    std::vector<QueryHead> heads;
    std::vector<std::vector<ScaleCells>> cells; ///< [recordings][heads]
    ContributionMean mean;
    std::vector<int> steps;

    /// [heads] summed over the recordings.
    std::vector<ScaleCells> perHead() const
    {
        std::vector<ScaleCells> sums(heads.size());
        for (const auto& recording : cells)
            for (std::size_t head = 0; head < heads.size(); ++head)
                addTo(sums[head], recording[head], 1.0 / static_cast<double>(cells.size()));
        return sums;
    }
    void fillIntervals(HeadSlopes& slopes) const;
};

/// Texts are drawn, and heads: of each sample every head's slope is that of the texts drawn, and all heads' that of the heads
/// drawn. A line fitted to means is the mean of lines, so that heads that count alike need no more than their own slopes.
void HeadSlopeSum::State::fillIntervals(HeadSlopes& slopes) const
{
    const std::vector<double> alike = slopeWeights(slopes.matrix), weighted = slopeWeights(slopes.byEnergy);
    const std::size_t texts = cells.size(), size = grid.masked.size();
    RowMatrix all(texts, heads.size() * size); // octaves that are not clear are NaN and of weight 0
    for (std::size_t text = 0; text < texts; ++text)
        for (std::size_t head = 0; head < heads.size(); ++head)
            for (std::size_t i = 0; i < size; ++i)
                all(static_cast<Eigen::Index>(text), static_cast<Eigen::Index>(head * size + i)) = cells[text][head].shared[i];
    std::vector<std::vector<double>> perHead(heads.size());
    std::vector<std::vector<double>> ownWeights;
    const std::vector<ScaleCells> sums = this->perHead();
    for (const ScaleCells& own : sums)
        ownWeights.push_back(slopeWeights(scaleMatrix(grid, own)));
    std::vector<double> alikeSlopes, weightedSlopes, sum(size);
    std::mt19937_64 random(1);
    for (int sample = 0; sample < kSamples; ++sample) {
        const Eigen::RowVectorXd energies = drawn(texts, random).transpose() * all;
        const Eigen::VectorXd times = drawn(heads.size(), random);
        double slope = 0;
        std::fill(sum.begin(), sum.end(), 0.0);
        for (std::size_t head = 0; head < heads.size(); ++head) {
            const double* own = energies.data() + head * size;
            const double count = times(static_cast<Eigen::Index>(head));
            if (texts > 1 && !ownWeights[head].empty())
                perHead[head].push_back(slopeOf(own, grid, ownWeights[head]));
            if (count == 0)
                continue;
            slope += alike.empty() ? 0 : count / static_cast<double>(heads.size()) * slopeOf(own, grid, alike);
            for (std::size_t i = 0; i < size; ++i)
                sum[i] += count * own[i];
        }
        alikeSlopes.push_back(slope);
        weightedSlopes.push_back(weighted.empty() ? 0 : slopeOf(sum.data(), grid, weighted));
    }
    const std::size_t units = texts == 1 ? heads.size() : heads.size() == 1 ? texts : std::min(texts, heads.size());
    slopes.interval = intervalOf(slopes.matrix.fit.slope, alikeSlopes, units);
    slopes.energyInterval = intervalOf(slopes.byEnergy.fit.slope, weightedSlopes, units);
    for (std::size_t head = 0; head < heads.size(); ++head)
        slopes.heads[head].interval =
            perHead[head].empty() ? SlopeInterval{kNaN, kNaN} : intervalOf(slopes.heads[head].fit.slope, perHead[head], texts);
}

const ScaleFit* HeadSlopes::find(QueryHead head) const
{
    const auto found = std::lower_bound(heads.begin(), heads.end(), head,
                                        [](const HeadSlope& one, QueryHead wanted) { return one.head < wanted; });
    return found != heads.end() && found->head == head ? &found->fit : nullptr;
}

ContributionOptions slopeOptions() { return {.levels = 0, .transform = BandTransform::MaximalOverlap}; }

HeadSlopeSum::HeadSlopeSum(int hide) : m_state(std::make_unique<State>()) { m_state->hide = hide; }

HeadSlopeSum::~HeadSlopeSum() = default;

Result<void> HeadSlopeSum::add(const Trace& trace, const ContributionOptions& options, const JobContext& job)
{
    State& state = *m_state;
    ContributionOptions what = options;
    WINNOW_TRY(const SignalPlan plan, planSignals(trace, {what.heads, what.steps, what.window, what.signal, what.shuffle}));
    if (!state.cells.empty() && plan.shortest() != state.grid.positions)
        return fail(ErrorCode::BadInput,
                    "'{}' gives {} positions and the recordings before it {}; give recordings of one length, or name a step "
                    "that all of them have",
                    trace.path().string(), plan.shortest(), state.grid.positions);
    if (state.cells.empty()) {
        WINNOW_TRY(const WaveletFacts facts, waveletFacts(what.wavelet));
        if (what.levels == 0)
            what.levels = levelsForSlope(plan.shortest(), facts.filterLength, state.hide);
        state.grid = scaleGrid(what.levels, plan.shortest(), facts.filterLength, state.hide);
        state.layers = trace.info().layers;
        state.manifest = trace.info().manifest;
    }
    what.levels = state.grid.levels;
    std::vector<QueryHead> heads;
    std::vector<ScaleCells> cells;
    WINNOW_TRY_VOID(forEachHead(trace, what, job, [&](const HeadContribution& one) {
        heads.push_back(one.head);
        cells.push_back(scaleCells(one.contribution, state.grid));
        state.mean.add(one.contribution);
    }));
    WINNOW_CHECK(state.cells.empty() || heads == state.heads, "recordings with other heads");
    state.heads = std::move(heads);
    state.cells.push_back(std::move(cells));
    state.steps.insert(state.steps.end(), plan.steps.begin(), plan.steps.end());
    return {};
}

HeadSlopes HeadSlopeSum::finish() const
{
    const State& state = *m_state;
    WINNOW_CHECK(!state.cells.empty(), "slopes of no recordings");
    HeadSlopes slopes{.layers = state.layers, .hide = state.hide, .all = state.mean.mean()};
    slopes.all.steps = state.steps;
    slopes.all.recordings = static_cast<int>(state.cells.size());
    slopes.all.manifest = state.manifest;
    ScaleCells alike, summed;
    const std::vector<ScaleCells> perHead = state.perHead();
    for (std::size_t head = 0; head < perHead.size(); ++head) {
        slopes.heads.push_back({state.heads[head], scaleMatrix(state.grid, perHead[head]).fit, {}});
        addTo(alike, shares(perHead[head], state.grid), 1.0 / static_cast<double>(perHead.size()));
        addTo(summed, perHead[head], 1.0 / static_cast<double>(perHead.size()));
    }
    slopes.matrix = scaleMatrix(state.grid, alike);
    slopes.byEnergy = scaleMatrix(state.grid, summed);
    state.fillIntervals(slopes);
    return slopes;
}

Result<HeadSlopes> headSlopes(const Trace& trace, const ContributionOptions& options, int hide, const JobContext& job)
{
    HeadSlopeSum sum(hide);
    WINNOW_TRY_VOID(sum.add(trace, options, job));
    return sum.finish();
}

} // namespace winnow
