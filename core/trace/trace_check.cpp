// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/trace_check.h"

#include "core/base/check.h"
#include "core/base/library_error.h"
#include "core/trace/rotary.h"
#include "core/trace/torch_parallel.h"
#include "core/trace/torch_work.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>
#include <optional>

namespace winnow {
namespace {

constexpr std::int64_t kBlockCells = 1 << 20; // logits held at a time: 4 MB
constexpr int kRun = 16;                      // steps that are looked at together in a sample
constexpr int kSuspectSteps = 64;             // at which an explanation is tried
constexpr double kMinute = 1e12;              // multiplications
constexpr double kDeviations = 8;

/// Half-open ranges of steps.
using Runs = std::vector<std::pair<int, int>>;

Runs spreadRuns(int tokens, int steps)
{
    if (steps <= 0 || steps >= tokens)
        return {{0, tokens}};
    const int length = std::min(kRun, steps), count = (steps + length - 1) / length;
    Runs runs;
    for (int i = 0; i < count; ++i) {
        const int last = tokens - length;
        const int begin = count == 1 ? last : static_cast<int>(static_cast<std::int64_t>(i) * last / (count - 1));
        const int from = runs.empty() ? begin : std::max(begin, runs.back().second);
        if (from < begin + length)
            runs.emplace_back(from, begin + length);
    }
    return runs;
}

/// How attention is rebuilt: as the trace says, or otherwise to find out what is wrong.
struct Reading {
    LayerInfo layer;
    bool later = false;  ///< attends to later tokens too
    bool inTurn = false; ///< query head h reads KV head h mod Hkv
};

/// What rounding does to the numbers of a trace.
struct Rounding {
    double vector = 0;   ///< of a rotated number, relative
    double absolute = 0; ///< of a stored one
    double weight = 0;   ///< of an attention weight, and of o, relative
};

/// Largest differences in units of what is allowed, and where.
struct Difference {
    double most = 0;
    int head = 0, step = 0, number = 0;
    double found = 0, expected = 0;
};

struct Differences {
    Difference sum;    ///< of a row under lse
    Difference output; ///< attention under lse times value
    Difference own;    ///< attention under its own sum times value
    void add(const Differences& other)
    {
        for (auto part : {&Differences::sum, &Differences::output, &Differences::own})
            if (!((this->*part).most >= (other.*part).most))
                this->*part = other.*part;
    }
};

/// The largest cell of `away` / `allowed`, [heads, steps] or [heads, steps, d].
Difference largest(const at::Tensor& away, const at::Tensor& allowed, const at::Tensor& found, const at::Tensor& expected,
                   int firstHead, int headStep, int firstStep)
{
    const at::Tensor ratio = (away.abs() / allowed).contiguous();
    const std::int64_t cell = ratio.argmax().item<std::int64_t>(), numbers = ratio.dim() == 3 ? ratio.size(2) : 1;
    const std::int64_t row = cell / numbers;
    return {.most = ratio.flatten()[cell].item<double>(),
            .head = firstHead + headStep * static_cast<int>(row / ratio.size(1)),
            .step = firstStep + static_cast<int>(row % ratio.size(1)),
            .number = static_cast<int>(cell % numbers),
            .found = found.flatten()[cell].item<double>(),
            .expected = expected.flatten()[cell].item<double>()};
}

class Checker {
public:
    Checker(const Trace& trace, int layerIndex, const JobContext& job)
        : m_trace(trace), m_index(layerIndex), m_layer(trace.info().layerInfo[static_cast<std::size_t>(layerIndex)]), m_job(job)
    {
    }

    Result<LayerCheck> run(int steps)
    {
        WINNOW_TRY_VOID(readRounding());
        const Runs runs = spreadRuns(m_trace.tokenCount(), steps);
        WINNOW_TRY(const Differences found, compare({.layer = m_layer}, runs));
        LayerCheck check{.layer = m_trace.info().layers[static_cast<std::size_t>(m_index)],
                         .sound = found.sum.most <= 1 && found.output.most <= 1,
                         .sum = found.sum.most,
                         .output = found.output.most};
        for (const auto& [begin, end] : runs)
            check.steps += end - begin;
        if (check.sound) {
            check.sentence =
                fmt::format("its rows add up to 1, and attention times value is o, at {} of {} steps (at most {:.2f} of "
                            "what rounding explains)",
                            check.steps, m_trace.tokenCount(), std::max(check.sum, check.output));
            return check;
        }
        WINNOW_TRY(check.sentence, explain(found));
        return check;
    }

private:
    Result<at::Tensor> rows(Rows what, int head, int begin, int end) const
    {
        const bool vectors = what != Rows::LogSumExp;
        at::Tensor rows = vectors ? at::empty({end - begin, m_layer.headDim}, at::kFloat) : at::empty({end - begin}, at::kFloat);
        WINNOW_TRY_VOID(m_trace.readHeads(m_index, what, Head(head), 1, Position(begin), Position(end),
                                          {rows.data_ptr<float>(), static_cast<std::size_t>(rows.numel())}));
        return rows;
    }

    Result<at::Tensor> rotated(const Reading& reading, Rows what, int head, int begin, int end) const
    {
        WINNOW_TRY(const at::Tensor vectors, rows(what, head, begin, end));
        rotate(reading.layer, {vectors.data_ptr<float>(), static_cast<std::size_t>(vectors.numel())}, 1, Position(begin));
        return vectors;
    }

    Result<void> readRounding()
    {
        const auto& manifest = m_trace.info().manifest;
        const auto said = [&](const char* key) { return manifest.contains(key) ? manifest.at(key) : std::string(); };
        const std::string dtype = said("dtype");
        const bool onCpu = said("device").starts_with("cpu");
        m_rounding = dtype == "float32" && onCpu ? Rounding{.vector = 0x1p-21, .weight = 0x1p-17}
                     : dtype == "float32"        ? Rounding{.vector = 0x1p-10, .weight = 0x1p-10}
                     : dtype == "float16"        ? Rounding{.vector = 0x1p-10, .weight = 0x1p-9}
                                                 : Rounding{.vector = 0x1p-8, .weight = 0x1p-7};
        const int some = std::min(m_trace.tokenCount(), 64);
        WINNOW_TRY(const at::Tensor keys, rows(Rows::Key, 0, 0, some));
        if (keys.to(at::kHalf).to(at::kFloat).equal(keys)) { // as far as can be seen, stored in float16
            m_rounding.vector = std::max(m_rounding.vector, 0x1p-11);
            m_rounding.weight = std::max(m_rounding.weight, 0x1p-11);
            m_rounding.absolute = 0x1p-25;
        }
        return {};
    }

    /// The query heads that read a KV head: their number, the first, and from one to the next.
    struct Readers {
        int count, first, step;
    };
    Readers readers(const Reading& reading, int keyHead) const
    {
        return reading.inTurn ? Readers{m_layer.group(), keyHead, m_layer.keyHeads}
                              : Readers{m_layer.group(), keyHead * m_layer.group(), 1};
    }

    Result<Differences> compare(const Reading& reading, const Runs& runs) const
    {
        Differences all;
        const int tokens = m_trace.tokenCount(), last = reading.later ? tokens : runs.back().second;
        for (int keyHead = 0; keyHead < m_layer.keyHeads; ++keyHead) {
            WINNOW_TRY(const at::Tensor keys, rotated(reading, Rows::Key, keyHead, 0, last));
            WINNOW_TRY(const at::Tensor values, rows(Rows::Value, keyHead, 0, last));
            const int most =
                static_cast<int>(std::clamp<std::int64_t>(kBlockCells / (std::int64_t{m_layer.group()} * last), 1, tokens));
            for (const auto& [first, stop] : runs)
                for (int begin = first; begin < stop; begin += most) {
                    WINNOW_TRY_VOID(m_job.check("the check of the trace"));
                    const int end = std::min(begin + most, stop);
                    WINNOW_TRY(const Differences found, block(reading, readers(reading, keyHead), keys, values, begin, end));
                    all.add(found);
                }
        }
        return all;
    }

    /// The steps [begin, end) of the query heads that read one KV head.
    Result<Differences> block(const Reading& reading, const Readers& heads, const at::Tensor& allKeys,
                              const at::Tensor& allValues, int begin, int end) const
    {
        const int n = end - begin, window = reading.layer.window;
        const int from = window > 0 ? std::max(0, begin - window + 1) : 0,
                  to = reading.later ? static_cast<int>(allKeys.size(0)) : end;
        const at::Tensor keys = allKeys.slice(0, from, to), values = allValues.slice(0, from, to);
        std::vector<at::Tensor> queryRows, outputRows, sums;
        for (int i = 0; i < heads.count; ++i) {
            const int head = heads.first + i * heads.step;
            WINNOW_TRY(queryRows.emplace_back(), rotated(reading, Rows::Query, head, begin, end));
            WINNOW_TRY(outputRows.emplace_back(), rows(Rows::Output, head, begin, end));
            WINNOW_TRY(sums.emplace_back(), rows(Rows::LogSumExp, head, begin, end));
        }
        const at::Tensor queries = at::stack(queryRows), outputs = at::stack(outputRows), lse = at::stack(sums);
        const at::Tensor age = at::arange(begin, end).unsqueeze(1) - at::arange(from, to); // [n, keys]
        at::Tensor hidden = window > 0 ? age >= window : at::zeros_like(age, at::kBool);
        if (!reading.later)
            hidden = hidden.logical_or(age < 0);

        at::Tensor logits = at::matmul(queries, keys.t()).mul_(reading.layer.scale); // [heads, n, keys]
        const at::Tensor plain = logits.abs();
        if (reading.layer.softcap > 0)
            logits.div_(reading.layer.softcap).tanh_().mul_(reading.layer.softcap);
        logits.masked_fill_(hidden, -std::numeric_limits<float>::infinity());
        const at::Tensor own = at::logsumexp(logits, -1);
        const at::Tensor weights = (logits - own.unsqueeze(-1)).exp_();
        // What rounding does to a logit: independent errors of its products, one of itself, and those of tiny stored numbers.
        const double scale = reading.layer.scale;
        at::Tensor error = at::matmul(queries.square(), keys.square().t()).sqrt_().mul_(kDeviations * m_rounding.vector * scale);
        error.add_(plain, m_rounding.vector / 2);
        if (m_rounding.absolute > 0)
            error.add_(m_rounding.absolute * scale * (queries.norm(1, {2}, true) + keys.norm(1, {1}).unsqueeze(0)));
        const at::Tensor rowError = (weights * error).sum(-1).add_(lse.abs(), 0x1p-21).add_(0x1p-18); // [heads, n]
        const at::Tensor sizes = values.abs(), reach = at::matmul(weights, sizes);
        const at::Tensor allowed = at::matmul(weights * error, sizes) + reach * (rowError.unsqueeze(-1) + m_rounding.weight) +
                                   (m_rounding.absolute + 1e-30);
        const at::Tensor ownOutput = at::matmul(weights, values), known = ownOutput * (own - lse).exp().unsqueeze(-1);
        const auto at = [&](const at::Tensor& away, const at::Tensor& most, const at::Tensor& found, const at::Tensor& expected) {
            return largest(away, most, found, expected, heads.first, heads.step, begin);
        };
        WINNOW_CHECK(n == outputs.size(1), "{} steps", n);
        return Differences{.sum = at(own - lse, rowError, own, lse),
                           .output = at(known - outputs, allowed, known, outputs),
                           .own = at(ownOutput - outputs, allowed, ownOutput, outputs)};
    }

    struct Suspect {
        Reading reading;
        std::string sentence; ///< to follow "its rows fit"
    };
    std::vector<Suspect> suspects() const
    {
        std::vector<Suspect> all;
        const auto add = [&](std::string sentence, auto change) {
            Reading reading{.layer = m_layer};
            change(reading);
            all.push_back({std::move(reading), std::move(sentence)});
        };
        if (!m_layer.invFreq.empty()) {
            const bool half = m_layer.layout == RotaryLayout::Half;
            add(half ? "the layout 'interleaved', and the trace says 'half'"
                     : "the layout 'half', and the trace says 'interleaved'",
                [&](Reading& r) { r.layer.layout = half ? RotaryLayout::Interleaved : RotaryLayout::Half; });
            add("no rotary embedding, so inv_freq should be empty", [](Reading& r) { r.layer.invFreq.clear(); });
        }
        if (m_layer.window > 0)
            add(fmt::format("no window, and the trace says {}", m_layer.window), [](Reading& r) { r.layer.window = 0; });
        if (m_layer.softcap > 0)
            add(fmt::format("no softcap, and the trace says {:g}", m_layer.softcap), [](Reading& r) { r.layer.softcap = 0; });
        const float usual = 1 / std::sqrt(static_cast<float>(m_layer.headDim));
        if (std::abs(m_layer.scale / usual - 1) > 1e-4)
            add(fmt::format("the scale 1/√{}, and the trace says {:g}", m_layer.headDim, m_layer.scale),
                [&](Reading& r) { r.layer.scale = usual; });
        if (m_layer.group() > 1 && m_layer.keyHeads > 1)
            add("KV heads that query heads take in turn (head h reads h mod the number of KV heads), where h · KV heads / query "
                "heads "
                "is meant",
                [](Reading& r) { r.inTurn = true; });
        add("attention to later tokens, which is not causal", [](Reading& r) { r.later = true; });
        return all;
    }

    Result<std::string> explain(const Differences& found) const
    {
        const auto row = [](const Difference& where) { return fmt::format("head {} at token {}", where.head, where.step); };
        if (found.own.most <= 1)
            return fmt::format(
                "attention times value is o, but lse is not that of its rows: {} has {:.6g}, where {:.6g} was expected",
                row(found.sum), found.sum.expected, found.sum.found);
        if (found.sum.most <= 1)
            return fmt::format(
                "its rows add up to 1, but attention times value is not o: {} has {:.6g} at number {}, where {:.6g} was "
                "expected, so v or o is wrong",
                row(found.output), found.output.expected, found.output.number, found.output.found);
        const Runs runs = spreadRuns(m_trace.tokenCount(), kSuspectSteps);
        for (const Suspect& suspect : suspects()) {
            WINNOW_TRY(const Differences with, compare(suspect.reading, runs));
            if (with.own.most <= 1)
                return fmt::format("its rows fit {}", suspect.sentence);
        }
        return fmt::format(
            "the attention of {} adds up to {:.3g} and times value is not o: q, k, scale, window, softcap, layout, inv_freq "
            "and lse do not belong together",
            row(found.sum), std::exp(found.sum.found - found.sum.expected));
    }

    const Trace& m_trace;
    int m_index;
    LayerInfo m_layer;
    const JobContext& m_job;
    Rounding m_rounding;
};

} // namespace

int usualCheckSteps(const TraceInfo& info)
{
    double work = 0;
    const auto tokens = static_cast<double>(info.tokens.size());
    for (const LayerInfo& layer : info.layerInfo)
        work += 4 * tokens * (layer.window > 0 ? std::min<double>(layer.window, tokens) : tokens / 2) * layer.queryHeads *
                layer.headDim;
    return work <= kMinute ? 0 : 512;
}

Result<LayerCheck> checkLayer(const Trace& trace, int layerIndex, const TraceCheckOptions& options, const JobContext& job)
{
    WINNOW_CHECK(layerIndex >= 0 && layerIndex < trace.layerCount(), "layer index {} of {}", layerIndex, trace.layerCount());
    try {
        const TorchWork torch;
        std::optional<OneTorchThread> alone;
        if (options.oneThread)
            alone.emplace();
        return Checker(trace, layerIndex, job).run(options.steps);
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::OutOfMemory, "checking '{}': memory ran out", trace.path().string());
    } catch (const c10::Error& error) {
        return fail(libraryError(fmt::format("checking '{}'", trace.path().string()), error.what_without_backtrace()));
    }
}

Result<std::vector<LayerCheck>> checkTrace(const Trace& trace, const TraceCheckOptions& options, const JobContext& job)
{
    std::vector<LayerCheck> checks;
    for (int layer = 0; layer < trace.layerCount(); ++layer) {
        job.report("checking", static_cast<double>(layer) / trace.layerCount());
        auto check = checkLayer(trace, layer, options, job);
        if (!check && check.error().code != ErrorCode::BadInput)
            return fail(check.error());
        if (!check) // a number that no trace may hold
            check = LayerCheck{.layer = trace.info().layers[static_cast<std::size_t>(layer)], .sentence = check.error().message};
        checks.push_back(std::move(*check));
    }
    return checks;
}

TraceVerdict verdictOf(std::span<const LayerCheck> checks, const std::string& name)
{
    if (checks.empty())
        return {false, fmt::format("'{}' holds no layers, so there is nothing to check", name)};
    const auto red = std::count_if(checks.begin(), checks.end(), [](const LayerCheck& check) { return !check.sound; });
    if (red > 0)
        return {false,
                fmt::format("the attention of {} of {} layers of '{}' is not that of the model that made it; record it again, "
                            "with a recorder that knows its attention",
                            red, checks.size(), name)};
    return {true,
            fmt::format("the attention of all {} layers, rebuilt from what was recorded, gives the output that was recorded",
                        checks.size())};
}

} // namespace winnow
