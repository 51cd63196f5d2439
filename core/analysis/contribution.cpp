#include "core/analysis/contribution.h"

#include "core/base/check.h"
#include "core/base/parallel.h"
#include "core/trace/attention_source.h"
#include "wavelet/multiresolution.h"

#include <algorithm>
#include <cmath>

namespace winnow {

namespace {

constexpr int kMostLevels = 24;
constexpr int kFigure2Positions = 512;

/// What one query head adds: everything already averaged over its channels.
struct HeadBands {
    std::vector<double> magnitude; ///< [levels + 1, length]
    std::vector<double> signal;    ///< [length]
    std::vector<double> energy;    ///< [levels + 1]
};

struct Method {
    wavelet::Wavelet wavelet;
    wavelet::BatchOptions batch;
};

Result<Method> checkMethod(const ContributionOptions& options)
{
    auto filters = wavelet::findWavelet(options.wavelet);
    if (!filters)
        return fail(ErrorCode::Usage, "there is no wavelet '{}'; the nearest is '{}'", options.wavelet,
                    wavelet::nearestWaveletName(options.wavelet));
    const auto boundary = wavelet::findBoundary(options.mode);
    if (!boundary)
        return fail(ErrorCode::Usage, "there is no boundary mode '{}'; the nearest is '{}'", options.mode,
                    wavelet::nearestBoundaryName(options.mode));
    if (options.levels < 1 || options.levels > kMostLevels)
        return fail(ErrorCode::Usage, "{} levels were asked for; choose 1 to {}", options.levels, kMostLevels);
    return Method{std::move(*filters), {.boundary = *boundary, .levels = options.levels, .threads = 1}};
}

Result<std::vector<int>> checkSteps(const Trace& trace, std::vector<int> steps)
{
    const int tokens = trace.tokenCount();
    if (tokens == 0)
        return fail(ErrorCode::BadInput, "'{}' holds no tokens, so there is no step to analyze", trace.path().string());
    if (steps.empty())
        steps = {tokens - 1};
    for (const int step : steps)
        if (step < 0 || step >= tokens)
            return fail(ErrorCode::Usage, "step {} does not exist: '{}' has the steps 0 to {}", step, trace.path().string(), tokens - 1);
    return steps;
}

/// Heads grouped by layer, ascending.
Result<std::map<int, std::vector<int>>> checkHeads(const Trace& trace, const std::vector<QueryHead>& chosen)
{
    std::map<int, std::vector<int>> byLayer;
    const auto& layers = trace.info().layerInfo;
    if (chosen.empty()) {
        for (int layer = 0; layer < trace.layerCount(); ++layer)
            for (int head = 0; head < layers[static_cast<std::size_t>(layer)].queryHeads; ++head)
                byLayer[layer].push_back(head);
    }
    for (const QueryHead& one : chosen) {
        if (one.layerIndex < 0 || one.layerIndex >= trace.layerCount())
            return fail(ErrorCode::Usage, "layer number {} does not exist: '{}' holds {} layers", one.layerIndex, trace.path().string(),
                        trace.layerCount());
        const int heads = layers[static_cast<std::size_t>(one.layerIndex)].queryHeads;
        if (one.head < 0 || one.head >= heads)
            return fail(ErrorCode::Usage, "query head {} does not exist: layer {} has the heads 0 to {}", one.head,
                        raw(trace.info().layers[static_cast<std::size_t>(one.layerIndex)]), heads - 1);
        byLayer[one.layerIndex].push_back(one.head);
    }
    for (auto& [layer, heads] : byLayer) {
        std::sort(heads.begin(), heads.end());
        heads.erase(std::unique(heads.begin(), heads.end()), heads.end());
    }
    if (byLayer.empty())
        return fail(ErrorCode::BadInput, "'{}' holds no layers, so there is nothing to analyze", trace.path().string());
    return byLayer;
}

/// `attention` [length] and `values` [length, channels] of one head.
HeadBands analyzeHead(std::span<const float> attention, std::span<const float> values, const Method& method)
{
    const std::size_t length = attention.size(), channels = values.size() / length;
    std::vector<double> signal(values.size());
    HeadBands result;
    result.signal.resize(length);
    for (std::size_t i = 0; i < length; ++i) {
        double sum = 0;
        for (std::size_t c = 0; c < channels; ++c) {
            const double s = static_cast<double>(attention[i]) * values[i * channels + c];
            signal[i * channels + c] = s;
            sum += std::abs(s);
        }
        result.signal[i] = sum / static_cast<double>(channels);
    }
    wavelet::BandProfile profile = wavelet::bandProfile({signal.data(), length, channels}, method.wavelet, method.batch);
    result.magnitude = std::move(profile.magnitude);
    result.energy = std::move(profile.energies);
    return result;
}

/// Adds the latest sum.size() entries of `from`.
void addLatest(std::span<double> sum, std::span<const double> from)
{
    const std::size_t skip = from.size() - sum.size();
    for (std::size_t i = 0; i < sum.size(); ++i)
        sum[i] += from[skip + i];
}

void scale(std::vector<double>& values, double factor)
{
    for (double& value : values)
        value *= factor;
}

class Sum {
public:
    Sum(Contribution& into, int positions) : m_into(into)
    {
        const auto length = static_cast<std::size_t>(positions), levels = static_cast<std::size_t>(into.levels);
        into.positions = positions;
        into.bands.assign(levels * length, 0);
        into.approximation.assign(length, 0);
        into.signal.assign(length, 0);
        into.energy.assign(levels + 1, 0);
    }
    void add(const HeadBands& head)
    {
        const std::size_t length = head.signal.size(), levels = m_into.energy.size() - 1, kept = m_into.signal.size();
        const std::span magnitude(head.magnitude);
        for (std::size_t level = 0; level < levels; ++level)
            addLatest(std::span(m_into.bands).subspan(level * kept, kept), magnitude.subspan(level * length, length));
        addLatest(m_into.approximation, magnitude.subspan(levels * length, length));
        addLatest(m_into.signal, head.signal);
        for (std::size_t level = 0; level <= levels; ++level)
            m_into.energy[level] += head.energy[level];
        ++m_count;
    }
    void finish()
    {
        const double factor = 1.0 / static_cast<double>(std::max<std::size_t>(m_count, 1));
        for (auto* values : {&m_into.bands, &m_into.approximation, &m_into.signal, &m_into.energy})
            scale(*values, factor);
    }

private:
    Contribution& m_into;
    std::size_t m_count = 0;
};

} // namespace

Result<Contribution> contribution(const Trace& trace, const ContributionOptions& options, const JobContext& job)
{
    WINNOW_TRY(const Method method, checkMethod(options));
    WINNOW_TRY(const std::vector<int> steps, checkSteps(trace, options.steps));
    WINNOW_TRY(const auto byLayer, checkHeads(trace, options.heads));

    const auto lengthAt = [&](int step) { return options.window > 0 ? std::min(options.window, step + 1) : step + 1; };
    int shortest = lengthAt(steps.front());
    for (const int step : steps)
        shortest = std::min(shortest, lengthAt(step));

    Contribution result;
    result.levels = options.levels;
    result.wavelet = method.wavelet.name;
    result.mode = options.mode;
    result.filterLength = static_cast<int>(method.wavelet.filterLength());
    result.steps = steps;
    result.firstPosition = steps.front() + 1 - shortest;
    result.manifest = trace.info().manifest;
    for (const auto& [layer, heads] : byLayer)
        result.heads += static_cast<int>(heads.size());

    Sum sum(result, shortest);
    std::size_t done = 0;
    const double total = static_cast<double>(steps.size() * byLayer.size());
    std::vector<float> values;
    for (const int step : steps) {
        const int length = lengthAt(step), first = step + 1 - length;
        for (const auto& [layerIndex, heads] : byLayer) {
            WINNOW_TRY_VOID(job.check("the wavelet analysis"));
            const LayerInfo& layer = trace.info().layerInfo[static_cast<std::size_t>(layerIndex)];
            WINNOW_TRY(const std::vector<float> rows, attentionRow(trace, layerIndex, Step{step}));
            values.resize(trace.rowFloats(layerIndex, Rows::Value, length));
            WINNOW_TRY_VOID(trace.read(layerIndex, Rows::Value, Position{first}, Position{step + 1}, values));
            const std::size_t perHead = static_cast<std::size_t>(length) * layer.headDim;
            std::vector<HeadBands> parts(heads.size());
            parallelFor(heads.size(), [&, &heads = heads](std::size_t i) {
                const int head = heads[i];
                const std::size_t row = static_cast<std::size_t>(head) * (step + 1) + first;
                parts[i] = analyzeHead(std::span(rows).subspan(row, static_cast<std::size_t>(length)),
                                       std::span<const float>(values).subspan(head / layer.group() * perHead, perHead), method);
            });
            for (const HeadBands& part : parts) // in order, so that the sum does not depend on the threads
                sum.add(part);
            job.report("wavelets", static_cast<double>(++done) / total);
        }
    }
    sum.finish();
    return result;
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

Result<Contribution> meanContribution(std::span<const Contribution> all)
{
    WINNOW_CHECK(!all.empty(), "the mean of no contributions");
    Contribution mean = all.front();
    if (all.size() == 1)
        return mean;
    int shortest = mean.positions;
    for (const Contribution& one : all) {
        WINNOW_CHECK(one.levels == mean.levels && one.wavelet == mean.wavelet && one.mode == mean.mode, "different transforms");
        shortest = std::min(shortest, one.positions);
    }
    mean.steps.clear();
    mean.heads = 0;
    Sum sum(mean, shortest);
    for (const Contribution& one : all) {
        HeadBands part{one.bands, one.signal, one.energy};
        part.magnitude.insert(part.magnitude.end(), one.approximation.begin(), one.approximation.end());
        sum.add(part);
        mean.steps.insert(mean.steps.end(), one.steps.begin(), one.steps.end());
        mean.heads += one.heads;
        if (mean.note.empty())
            mean.note = one.note;
    }
    sum.finish();
    mean.firstPosition = mean.steps.front() + 1 - shortest;
    mean.manifest["recordings"] = std::to_string(all.size());
    return mean;
}

} // namespace winnow
