// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/wavelet/contribution.h"

#include "core/analysis/wavelet/band_parts.h"
#include "core/base/check.h"
#include "core/base/parallel.h"

#include <algorithm>
#include <memory>
#include <optional>

namespace winnow {

namespace {

constexpr int kSignalsAtOnce = 32;

struct Prepared {
    BandMethod method;
    SignalPlan plan;
    std::string warning;
};

Result<Prepared> prepare(const Trace& trace, const ContributionOptions& options)
{
    WINNOW_TRY(BandMethod method, bandMethod(options));
    WINNOW_TRY(SignalPlan plan,
               planSignals(trace, {options.heads, options.steps, options.window, options.signal, options.shuffle}));
    std::string warning = levelsWarning(options.wavelet, options.levels, plan.shortest()).value_or(std::string());
    return Prepared{std::move(method), std::move(plan), std::move(warning)};
}

/// Transforms side by side, takes in order, so that the sums do not depend on the threads.
template <class Take>
Result<void> forEachPart(const Trace& trace, const Prepared& what, const JobContext& job, Take take)
{
    return visitSignals(trace, what.plan, kSignalsAtOnce, job, [&](std::span<const LaneSignal> signals) {
        std::vector<BandPart> parts(signals.size());
        parallelFor(signals.size(),
                    [&](std::size_t i) { parts[i] = bandPart(signals[i].values, signals[i].channels, what.method); });
        for (std::size_t i = 0; i < signals.size(); ++i)
            take(signals[i], parts[i]);
    });
}

/// The latest `positions` of every row of [rows, length].
void cropRows(std::vector<double>& values, std::size_t rows, std::size_t positions)
{
    const std::size_t length = values.size() / std::max<std::size_t>(rows, 1);
    std::vector<double> cropped;
    for (std::size_t row = 0; row < rows; ++row)
        cropped.insert(cropped.end(), values.begin() + static_cast<std::ptrdiff_t>((row + 1) * length - positions),
                       values.begin() + static_cast<std::ptrdiff_t>((row + 1) * length));
    values = std::move(cropped);
}

void crop(Contribution& c, int positions)
{
    if (positions == c.positions)
        return;
    const auto levels = static_cast<std::size_t>(c.levels), kept = static_cast<std::size_t>(positions);
    cropRows(c.bands, levels, kept);
    cropRows(c.power, levels + 1, kept);
    cropRows(c.approximation, 1, kept);
    cropRows(c.signal, 1, kept);
    c.firstPosition += c.positions - positions;
    c.positions = positions;
}

/// sum[i] += factor · from[i] for all arrays, of equal shape.
void addScaled(Contribution& sum, const Contribution& from, double factor)
{
    const auto each = [factor](std::vector<double>& to, const std::vector<double>& values) {
        for (std::size_t i = 0; i < to.size(); ++i)
            to[i] += factor * values[i];
    };
    each(sum.bands, from.bands);
    each(sum.approximation, from.approximation);
    each(sum.signal, from.signal);
    each(sum.power, from.power);
    each(sum.energy, from.energy);
    each(sum.edge, from.edge);
}

} // namespace

Result<Contribution> contribution(const Trace& trace, const ContributionOptions& options, const JobContext& job)
{
    WINNOW_TRY(const Prepared what, prepare(trace, options));
    Contribution result;
    describe(result, trace, what.plan, what.method);
    result.note = what.warning;
    BandSum sum(result, options.levels, what.plan.shortest());
    WINNOW_TRY_VOID(forEachPart(trace, what, job, [&](const LaneSignal&, const BandPart& part) { sum.add(part); }));
    sum.finish();
    return result;
}

Result<void> forEachHead(const Trace& trace, const ContributionOptions& options, const JobContext& job,
                         const std::function<void(const HeadContribution&)>& take)
{
    WINNOW_TRY(const Prepared what, prepare(trace, options));
    struct Open {
        HeadContribution head;
        std::optional<BandSum> sum;
    };
    std::vector<std::unique_ptr<Open>> layer; // the heads of one layer; a sum points into its head
    const auto close = [&] {
        for (const auto& one : layer) {
            one->sum->finish();
            take(one->head);
        }
        layer.clear();
    };
    const auto add = [&](const LaneSignal& signal, const BandPart& part) {
        if (!layer.empty() && layer.front()->head.head.layerIndex != signal.head.layerIndex)
            close();
        auto found = std::find_if(layer.begin(), layer.end(), [&](const auto& one) { return one->head.head == signal.head; });
        if (found == layer.end()) {
            found = layer.insert(layer.end(), std::make_unique<Open>(Open{.head = {.head = signal.head}}));
            Contribution& own = (*found)->head.contribution;
            describe(own, trace, what.plan, what.method);
            own.heads = 1;
            own.note = what.warning;
            own.manifest.clear();
            (*found)->sum.emplace(own, options.levels, what.plan.shortest());
        }
        (*found)->sum->add(part);
    };
    WINNOW_TRY_VOID(forEachPart(trace, what, job, add));
    close();
    return {};
}

Result<Contribution> treekvFigure2(const Trace& trace, const ContributionOptions& options, const JobContext& job)
{
    ContributionOptions paper = options;
    paper.wavelet = "haar";
    paper.levels = 5;
    paper.window = kFigure2Positions;
    std::string note;
    const int tokens = trace.tokenCount();
    if (paper.steps.empty() && tokens > 0) {
        paper.steps = {std::min(kFigure2Positions, tokens) - 1};
        if (tokens < kFigure2Positions)
            note = fmt::format("The recording has {} tokens, so this is its last step, {}, and not step {}.", tokens, tokens - 1,
                               kFigure2Positions - 1);
    }
    WINNOW_TRY(Contribution result, contribution(trace, paper, job));
    if (note.empty() && result.positions < kFigure2Positions)
        note = fmt::format("The earliest step has only {} positions before it, so {} and not {} are shown.", result.positions,
                           result.positions, kFigure2Positions);
    result.note = note;
    return result;
}

void ContributionMean::add(const Contribution& one)
{
    if (m_count++ == 0) {
        m_sum = one;
        return;
    }
    WINNOW_CHECK(one.levels == m_sum.levels && one.wavelet == m_sum.wavelet && one.mode == m_sum.mode &&
                     one.signalKind == m_sum.signalKind && one.transform == m_sum.transform,
                 "different transforms");
    crop(m_sum, std::min(m_sum.positions, one.positions));
    Contribution next = one;
    crop(next, m_sum.positions);
    addScaled(m_sum, next, 1);
    m_sum.steps.insert(m_sum.steps.end(), one.steps.begin(), one.steps.end());
    m_sum.heads += one.heads;
    m_sum.recordings += one.recordings;
    if (m_sum.note.empty())
        m_sum.note = one.note;
}

Contribution ContributionMean::mean() const
{
    WINNOW_CHECK(m_count > 0, "the mean of no contributions");
    Contribution mean = m_sum;
    if (m_count == 1)
        return mean;
    addScaled(mean, m_sum, 1.0 / m_count - 1);
    mean.manifest["recordings"] = std::to_string(m_count);
    return mean;
}

Result<Contribution> differenceOf(const Contribution& a, const Contribution& b)
{
    if (a.levels != b.levels)
        return fail(ErrorCode::Usage, "{} and {} levels cannot be compared; choose the same number for both", a.levels, b.levels);
    Contribution difference = a, other = b;
    const int positions = std::min(a.positions, b.positions);
    crop(difference, positions);
    crop(other, positions);
    addScaled(difference, other, -1);
    return difference;
}

} // namespace winnow
