// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/wavelet/lane_signal.h"

#include "core/base/nearest.h"
#include "core/base/parallel.h"
#include "core/trace/attention_source.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <random>

namespace winnow {

namespace {

constexpr std::array<SignalInfo, 5> kSignals{{
    {SignalKind::Contribution, "contribution", "Contribution a·v",
     "Attention times value, a vector per token: what the token adds to the output (TreeKV)"},
    {SignalKind::Attention, "attention", "Attention", "The attention weight alone"},
    {SignalKind::ValueNorm, "value-norm", "Value norm", "The length of the value vector, whatever attention it gets"},
    {SignalKind::LeaveOneOut, "leave-one-out", "Output change without it",
     "How far the output moves when the token alone is removed and the softmax runs over the rest"},
    {SignalKind::Accumulated, "accumulated", "Accumulated attention", "Attention summed over all steps so far: what H2O goes by"},
}};

constexpr std::size_t kBytesAtOnce = std::size_t{64} << 20; // of signals
constexpr int kRowsAtOnce = 64;                             // of attention, when they are summed

/// What is read once per layer: the rows of values and of attention of the KV heads that some chosen head reads.
class LayerSignals {
public:
    static Result<LayerSignals> open(const Trace& trace, int layerIndex, const std::vector<int>& heads, int end)
    {
        const LayerInfo& layer = trace.info().layerInfo[static_cast<std::size_t>(layerIndex)];
        const int first = heads.front() / layer.group(), count = heads.back() / layer.group() - first + 1;
        WINNOW_TRY(AttentionRows attention, AttentionRows::open(trace, layerIndex, Head{first}, count, Position{end}));
        LayerSignals signals(layer, layerIndex, first, count, end, std::move(attention));
        signals.m_values.resize(static_cast<std::size_t>(count) * end * layer.headDim);
        WINNOW_TRY_VOID(
            trace.readHeads(layerIndex, Rows::Value, Head{first}, count, Position{}, Position{end}, signals.m_values));
        return signals;
    }

    /// Attention rows at `step`, or their sums so far; steps ascend from call to call.
    Result<void> goTo(int step, SignalKind kind, const JobContext& job)
    {
        if (kind == SignalKind::ValueNorm)
            return {};
        if (kind != SignalKind::Accumulated) {
            WINNOW_TRY(m_rows, m_attention.rows(Step{step}, Step{step + 1}));
            return {};
        }
        const auto heads = static_cast<std::size_t>(m_count * m_layer->group());
        m_sums.resize(heads * m_end);
        for (int begin = m_summed; begin <= step;) {
            WINNOW_TRY_VOID(job.check("the wavelet analysis"));
            const int stop = std::min(begin + kRowsAtOnce, step + 1);
            WINNOW_TRY(const std::vector<float> rows, m_attention.rows(Step{begin}, Step{stop}));
            const auto n = static_cast<std::size_t>(stop - begin), width = static_cast<std::size_t>(stop);
            parallelFor(heads, [&](std::size_t head) {
                double* sums = m_sums.data() + head * m_end;
                for (std::size_t row = 0; row < n; ++row)
                    for (std::size_t i = 0; i < width; ++i)
                        sums[i] += rows[(head * n + row) * width + i];
            });
            begin = stop;
        }
        m_summed = step + 1;
        return {};
    }

    int channels(SignalKind kind) const { return kind == SignalKind::Contribution ? m_layer->headDim : 1; }

    /// The signal of a head at the step gone to, from position `first` on: [length, channels]. What stands at position i is taken
    /// from order[i], for i = 0…step.
    std::vector<double> signal(int head, int step, int first, SignalKind kind, const std::vector<std::size_t>& order) const
    {
        const auto d = static_cast<std::size_t>(m_layer->headDim);
        const int local = head - m_first * m_layer->group();
        const float* values = m_values.data() + static_cast<std::size_t>(head / m_layer->group() - m_first) * m_end * d;
        const float* row = m_rows.data() + static_cast<std::size_t>(local) * (step + 1);
        const std::size_t length = static_cast<std::size_t>(step + 1 - first);
        std::vector<double> signal(length * static_cast<std::size_t>(channels(kind)));
        switch (kind) {
        case SignalKind::Contribution:
            for (std::size_t i = 0; i < length; ++i) {
                const double weight = row[first + i];
                const float* value = values + order[first + i] * d;
                for (std::size_t c = 0; c < d; ++c)
                    signal[i * d + c] = weight * value[c];
            }
            break;
        case SignalKind::Attention:
            for (std::size_t i = 0; i < length; ++i)
                signal[i] = row[order[first + i]];
            break;
        case SignalKind::ValueNorm:
            for (std::size_t i = 0; i < length; ++i)
                signal[i] = norm(values + order[first + i] * d, d);
            break;
        case SignalKind::LeaveOneOut:
            leaveOneOut(row, values, step, first, order, signal);
            break;
        case SignalKind::Accumulated:
            for (std::size_t i = 0; i < length; ++i)
                signal[i] = m_sums[static_cast<std::size_t>(local) * m_end + order[first + i]];
            break;
        }
        return signal;
    }

private:
    LayerSignals(const LayerInfo& layer, int layerIndex, int first, int count, int end, AttentionRows attention)
        : m_layer(&layer), m_layerIndex(layerIndex), m_first(first), m_count(count), m_end(static_cast<std::size_t>(end)),
          m_attention(std::move(attention))
    {
    }

    static double norm(const float* vector, std::size_t size)
    {
        double sum = 0;
        for (std::size_t c = 0; c < size; ++c)
            sum += static_cast<double>(vector[c]) * vector[c];
        return std::sqrt(sum);
    }

    /// o = sum a v / sum a. Without i: (o − a_i v_i) / (1 − a_i), so the difference is a_i (v_i − o) / (1 − a_i).
    void leaveOneOut(const float* row, const float* values, int step, int first, const std::vector<std::size_t>& order,
                     std::vector<double>& signal) const
    {
        const auto d = static_cast<std::size_t>(m_layer->headDim);
        std::vector<double> output(d);
        double total = 0;
        for (std::size_t i = 0; i <= static_cast<std::size_t>(step); ++i) {
            total += row[i];
            for (std::size_t c = 0; c < d; ++c)
                output[c] += static_cast<double>(row[i]) * values[order[i] * d + c];
        }
        double length = 0;
        for (double& value : output) {
            value /= total > 0 ? total : 1;
            length += value * value;
        }
        for (std::size_t i = 0; i < signal.size(); ++i) {
            const double weight = total > 0 ? row[first + i] / total : 0, rest = 1 - weight;
            const float* value = values + order[first + i] * d;
            double distance = 0;
            for (std::size_t c = 0; c < d; ++c)
                distance += (value[c] - output[c]) * (value[c] - output[c]);
            signal[i] = rest > 0 ? weight * std::sqrt(distance) / rest : std::sqrt(length);
        }
    }

    const LayerInfo* m_layer;
    int m_layerIndex, m_first, m_count; ///< KV heads
    std::size_t m_end;
    AttentionRows m_attention;
    std::vector<float> m_values; ///< [KV heads, end, d]
    std::vector<float> m_rows;   ///< [query heads of them, step + 1]
    std::vector<double> m_sums;  ///< [query heads of them, end]
    int m_summed = 0;            ///< steps in m_sums
};

/// The positions 0…step in their order, or from `first` on in one that the seed draws.
std::vector<std::size_t> orderOf(int first, int step, std::optional<unsigned> seed)
{
    std::vector<std::size_t> order(static_cast<std::size_t>(step) + 1);
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (!seed)
        return order;
    std::mt19937_64 random(*seed); // its numbers are the same everywhere, those of std::shuffle are not
    for (std::size_t end = order.size(); end > static_cast<std::size_t>(first) + 1; --end) {
        const std::size_t count = end - static_cast<std::size_t>(first);
        std::swap(order[end - 1], order[static_cast<std::size_t>(first) + random() % count]);
    }
    return order;
}

Result<void> checkFinite(const Trace& trace, const LaneSignal& signal)
{
    const auto bad = std::find_if(signal.values.begin(), signal.values.end(), [](double value) { return !std::isfinite(value); });
    if (bad == signal.values.end())
        return {};
    const auto place = static_cast<int>(bad - signal.values.begin()) / signal.channels;
    return fail(ErrorCode::BadInput,
                "'{}' holds a number that is {} at position {} of layer {}, query head {}, step {}; record it again, in float32 "
                "if it was "
                "half precision",
                trace.path().string(), std::isnan(*bad) ? "not a number (NaN)" : "infinite", signal.first + place,
                raw(trace.info().layers[static_cast<std::size_t>(signal.head.layerIndex)]), signal.head.head, signal.step);
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
            return fail(ErrorCode::Usage, "step {} does not exist: '{}' has the steps 0 to {}", step, trace.path().string(),
                        tokens - 1);
    return steps;
}

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
            return fail(ErrorCode::Usage, "layer number {} does not exist: '{}' holds {} layers", one.layerIndex,
                        trace.path().string(), trace.layerCount());
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

} // namespace

std::span<const SignalInfo> signalCatalog() { return kSignals; }

const SignalInfo& signalInfo(SignalKind kind) { return kSignals[static_cast<std::size_t>(kind)]; }

Result<SignalKind> findSignal(std::string_view name)
{
    std::array<std::string_view, kSignals.size()> names;
    std::transform(kSignals.begin(), kSignals.end(), names.begin(), [](const SignalInfo& info) { return info.name; });
    for (const SignalInfo& info : kSignals)
        if (info.name == name)
            return info.kind;
    return fail(ErrorCode::Usage, "there is no signal '{}'; the nearest is '{}'", name, nearest(name, names));
}

int SignalPlan::shortest() const
{
    int least = lengthAt(steps.front());
    for (const int step : steps)
        least = std::min(least, lengthAt(step));
    return least;
}

int SignalPlan::headCount() const
{
    std::size_t count = 0;
    for (const auto& [layer, heads] : byLayer)
        count += heads.size();
    return static_cast<int>(count);
}

Result<SignalPlan> planSignals(const Trace& trace, const SignalRequest& request)
{
    SignalPlan plan{.window = request.window, .kind = request.kind, .shuffle = request.shuffle};
    WINNOW_TRY(plan.steps, checkSteps(trace, request.steps));
    WINNOW_TRY(plan.byLayer, checkHeads(trace, request.heads));
    return plan;
}

Result<void> visitSignals(const Trace& trace, const SignalPlan& plan, int most, const JobContext& job,
                          const std::function<void(std::span<const LaneSignal>)>& visit)
{
    std::vector<int> steps = plan.steps;
    std::sort(steps.begin(), steps.end());
    const double total = static_cast<double>(steps.size()) * plan.headCount();
    std::size_t done = 0;
    for (const auto& [layerIndex, heads] : plan.byLayer) {
        WINNOW_TRY_VOID(job.check("the wavelet analysis"));
        WINNOW_TRY(LayerSignals layer, LayerSignals::open(trace, layerIndex, heads, steps.back() + 1));
        const int channels = layer.channels(plan.kind);
        for (const int step : steps) {
            WINNOW_TRY_VOID(layer.goTo(step, plan.kind, job));
            const int length = plan.lengthAt(step), first = step + 1 - length;
            const std::vector<std::size_t> order = orderOf(first, step, plan.shuffle);
            const std::size_t bytes = sizeof(double) * static_cast<std::size_t>(length) * channels;
            const std::size_t atOnce = std::clamp<std::size_t>(kBytesAtOnce / bytes, 2, std::max(most, 2));
            for (std::size_t begin = 0; begin < heads.size(); begin += atOnce) {
                WINNOW_TRY_VOID(job.check("the wavelet analysis"));
                const std::size_t count = std::min(atOnce, heads.size() - begin);
                std::vector<std::vector<double>> values(count);
                parallelFor(count, [&, &heads = heads](std::size_t i) {
                    values[i] = layer.signal(heads[begin + i], step, first, plan.kind, order);
                });
                std::vector<LaneSignal> signals;
                for (std::size_t i = 0; i < count; ++i) {
                    signals.push_back({.head = {layerIndex, heads[begin + i]},
                                       .step = step,
                                       .first = first,
                                       .length = length,
                                       .channels = channels,
                                       .values = values[i]});
                    WINNOW_TRY_VOID(checkFinite(trace, signals.back()));
                }
                visit(signals);
                done += count;
                job.report("wavelets", static_cast<double>(done) / total);
            }
        }
    }
    return {};
}

} // namespace winnow
