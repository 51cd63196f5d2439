// SPDX-License-Identifier: GPL-3.0-or-later
// Small seeded traces for tests: random queries, keys and values with outputs and row normalizers that are right, of any shape.
// Everything is computed the slow obvious way, in double, from the definition in docs/trace.md: also the oracle for tiles.
#pragma once

#include "core/trace/trace_writer.h"
#include "tests/support/temporary_folder.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace winnow::testing_support {

struct SyntheticOptions {
    int layers = 2;
    int queryHeads = 4, keyHeads = 2, headDim = 8;
    int tokens = 24;
    int rotaryDims = 8; ///< 0 = no rotary embedding; at most headDim
    RotaryLayout layout = RotaryLayout::Half;
    float rotaryScale = 1;
    int window = 0;
    float softcap = 0;
    float sharpness = 1; ///< standard deviation of queries and keys; more = spikier attention
    int prompt = 0;
    unsigned seed = 0;
    bool valueOutputNorm = false;
};

/// A trace in memory, all layers alike. Vectors are [layers] of row-major arrays as the trace stores them.
struct SyntheticTrace {
    TraceInfo info;
    std::vector<std::vector<float>> q, k, v, o;      ///< [heads, T, d]
    std::vector<std::vector<float>> lse;             ///< [Hq, T]
    std::vector<std::vector<float>> valueOutputNorm; ///< [Hq, T], made up; empty unless asked for
    std::vector<std::vector<double>> attention;      ///< [Hq, T, T], zero where a query does not attend
};

/// `row` [d] at `position`, rotated, in double.
inline std::vector<double> rotatedRow(const LayerInfo& layer, const float* row, int position)
{
    std::vector<double> out(row, row + layer.headDim);
    const int pairs = static_cast<int>(layer.invFreq.size());
    for (int j = 0; j < pairs; ++j) {
        const int a = layer.layout == RotaryLayout::Half ? j : 2 * j;
        const int b = layer.layout == RotaryLayout::Half ? j + pairs : 2 * j + 1;
        const double angle = static_cast<double>(static_cast<float>(position) * layer.invFreq[j]);
        const double cosine = std::cos(angle) * layer.rotaryScale, sine = std::sin(angle) * layer.rotaryScale;
        out[a] = row[a] * cosine - row[b] * sine;
        out[b] = row[b] * cosine + row[a] * sine;
    }
    return out;
}

/// Scaled, capped logit of query `row` at position t against key `row` at position i.
inline double logitOf(const LayerInfo& layer, const std::vector<double>& query, const std::vector<double>& key)
{
    double logit = 0;
    for (int c = 0; c < layer.headDim; ++c)
        logit += query[c] * key[c];
    logit *= layer.scale;
    return layer.softcap > 0 ? layer.softcap * std::tanh(logit / layer.softcap) : logit;
}

/// Attention, outputs and normalizers of one layer from its q, k, v.
inline void attend(SyntheticTrace& trace, std::size_t index)
{
    const LayerInfo& layer = trace.info.layerInfo[index];
    const int tokens = static_cast<int>(trace.info.tokens.size()), d = layer.headDim;
    const auto row = [&](const std::vector<float>& rows, int head, int t) {
        return rows.data() + (static_cast<std::size_t>(head) * tokens + t) * d;
    };
    trace.o[index].assign(static_cast<std::size_t>(layer.queryHeads) * tokens * d, 0);
    trace.lse[index].assign(static_cast<std::size_t>(layer.queryHeads) * tokens, 0);
    trace.attention[index].assign(static_cast<std::size_t>(layer.queryHeads) * tokens * tokens, 0);
    for (int head = 0; head < layer.queryHeads; ++head) {
        const int keyHead = head / layer.group();
        std::vector<std::vector<double>> keys;
        for (int t = 0; t < tokens; ++t)
            keys.push_back(rotatedRow(layer, row(trace.k[index], keyHead, t), t));
        for (int t = 0; t < tokens; ++t) {
            const std::vector<double> query = rotatedRow(layer, row(trace.q[index], head, t), t);
            const int first = layer.window > 0 ? std::max(0, t - layer.window + 1) : 0;
            double* cells = trace.attention[index].data() + (static_cast<std::size_t>(head) * tokens + t) * tokens;
            double largest = -std::numeric_limits<double>::infinity(), sum = 0;
            for (int i = first; i <= t; ++i)
                largest = std::max(largest, cells[i] = logitOf(layer, query, keys[i]));
            for (int i = first; i <= t; ++i)
                sum += cells[i] = std::exp(cells[i] - largest);
            std::vector<double> output(d);
            for (int i = first; i <= t; ++i) {
                cells[i] /= sum;
                for (int c = 0; c < d; ++c)
                    output[c] += cells[i] * row(trace.v[index], keyHead, i)[c];
            }
            std::copy(output.begin(), output.end(), trace.o[index].begin() + (static_cast<std::size_t>(head) * tokens + t) * d);
            trace.lse[index][static_cast<std::size_t>(head) * tokens + t] = static_cast<float>(largest + std::log(sum));
        }
    }
}

/// Random numbers, the same on every machine (std::normal_distribution is not).
inline std::vector<float> randomFloats(std::mt19937& random, std::size_t count, double deviation)
{
    std::vector<float> values(count);
    for (float& value : values) {
        const double u = (random() + 1.0) / 4294967297.0, w = (random() + 1.0) / 4294967297.0;
        value = static_cast<float>(deviation * std::sqrt(-2 * std::log(u)) * std::cos(6.283185307179586 * w));
    }
    return values;
}

inline SyntheticTrace makeSynthetic(const SyntheticOptions& options)
{
    SyntheticTrace trace;
    std::mt19937 random(options.seed);
    trace.info.config = R"({"model_type": "synthetic"})";
    trace.info.manifest = {{"model", "synthetic"}, {"seed", std::to_string(options.seed)}};
    trace.info.prompt = options.prompt;
    for (int t = 0; t < options.tokens; ++t) {
        const auto begin = static_cast<std::int32_t>(trace.info.text.size());
        trace.info.text += fmt::format("w{} ", t);
        trace.info.tokens.push_back(static_cast<std::int32_t>(random() % 1000));
        trace.info.offsets.push_back({begin, static_cast<std::int32_t>(trace.info.text.size())});
        trace.info.logprob.push_back(t == 0 ? std::numeric_limits<float>::quiet_NaN() : -1 - t * 0.01f);
    }
    for (int number = 0; number < options.layers; ++number) {
        LayerInfo layer{.queryHeads = options.queryHeads, .keyHeads = options.keyHeads, .headDim = options.headDim};
        layer.scale = static_cast<float>(1 / std::sqrt(options.headDim));
        layer.window = options.window;
        layer.softcap = options.softcap;
        layer.layout = options.layout;
        layer.rotaryScale = options.rotaryScale;
        layer.hasValueOutputNorm = options.valueOutputNorm;
        for (int j = 0; j < options.rotaryDims / 2; ++j)
            layer.invFreq.push_back(static_cast<float>(std::pow(10000.0, -2.0 * j / options.rotaryDims)));
        trace.info.layers.push_back(Layer(number));
        trace.info.layerInfo.push_back(layer);
        const std::size_t perHead = static_cast<std::size_t>(options.tokens) * options.headDim;
        trace.q.push_back(randomFloats(random, options.queryHeads * perHead, options.sharpness));
        trace.k.push_back(randomFloats(random, options.keyHeads * perHead, options.sharpness));
        trace.v.push_back(randomFloats(random, options.keyHeads * perHead, 1));
        if (options.valueOutputNorm) {
            auto& norms = trace.valueOutputNorm.emplace_back(
                randomFloats(random, static_cast<std::size_t>(options.queryHeads) * options.tokens, 1));
            for (float& norm : norms)
                norm = std::abs(norm);
        }
    }
    trace.o.resize(options.layers);
    trace.lse.resize(options.layers);
    trace.attention.resize(options.layers);
    for (std::size_t index = 0; index < trace.info.layers.size(); ++index)
        attend(trace, index);
    return trace;
}

/// Rows [begin, end) of `rows` [heads, T, width] as [heads, end - begin, width].
inline std::vector<float> sliceRows(const std::vector<float>& rows, int heads, int tokens, int begin, int end)
{
    const std::size_t width = rows.size() / (static_cast<std::size_t>(heads) * tokens);
    std::vector<float> out;
    for (int head = 0; head < heads; ++head) {
        const auto first = rows.begin() + static_cast<std::ptrdiff_t>((static_cast<std::size_t>(head) * tokens + begin) * width);
        out.insert(out.end(), first, first + static_cast<std::ptrdiff_t>((end - begin) * width));
    }
    return out;
}

/// Appends the tokens [begin, end) to a writer and commits them.
inline Result<void> appendSynthetic(TraceWriter& writer, const SyntheticTrace& trace, int begin, int end)
{
    const int tokens = static_cast<int>(trace.info.tokens.size());
    for (std::size_t i = 0; i < trace.info.layers.size(); ++i) {
        const LayerInfo& layer = trace.info.layerInfo[i];
        const int index = static_cast<int>(i);
        WINNOW_TRY_VOID(writer.append(index, Rows::Query, sliceRows(trace.q[i], layer.queryHeads, tokens, begin, end)));
        WINNOW_TRY_VOID(writer.append(index, Rows::Key, sliceRows(trace.k[i], layer.keyHeads, tokens, begin, end)));
        WINNOW_TRY_VOID(writer.append(index, Rows::Value, sliceRows(trace.v[i], layer.keyHeads, tokens, begin, end)));
        WINNOW_TRY_VOID(writer.append(index, Rows::Output, sliceRows(trace.o[i], layer.queryHeads, tokens, begin, end)));
        WINNOW_TRY_VOID(writer.append(index, Rows::LogSumExp, sliceRows(trace.lse[i], layer.queryHeads, tokens, begin, end)));
        if (layer.hasValueOutputNorm)
            WINNOW_TRY_VOID(writer.append(index, Rows::ValueOutputNorm,
                                          sliceRows(trace.valueOutputNorm[i], layer.queryHeads, tokens, begin, end)));
    }
    return writer.commit(std::span(trace.info.logprob).subspan(begin, end - begin));
}

struct WriteOptions {
    int chunk = 7; ///< tokens per append; does not divide most lengths, on purpose
    bool half = false;
};

inline Result<void> writeSynthetic(const SyntheticTrace& trace, const std::filesystem::path& out,
                                   const WriteOptions& options = {})
{
    WINNOW_TRY(auto writer,
               TraceWriter::create({.out = out, .info = trace.info, .half = options.half, .chunkRows = options.chunk}));
    const int tokens = static_cast<int>(trace.info.tokens.size());
    for (int begin = 0; begin < tokens; begin += options.chunk)
        WINNOW_TRY_VOID(appendSynthetic(*writer, trace, begin, std::min(tokens, begin + options.chunk)));
    return writer->finish();
}

/// Writes a synthetic trace into `folder` and opens it; the test fails, with the sentence, where that does not work.
inline std::shared_ptr<const Trace> openSynthetic(const SyntheticTrace& trace, const TemporaryFolder& folder,
                                                  std::string_view name = "t.h5")
{
    const auto written = writeSynthetic(trace, folder / name);
    EXPECT_TRUE(written) << (written ? "" : written.error().message);
    auto opened = Trace::open(folder / name);
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
    return opened ? *opened : nullptr;
}

} // namespace winnow::testing_support
