// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/session/record.h"

#include "core/base/check.h"
#include "core/model/config/model_folder.h"
#include "core/model/run/device.h"
#include "core/model/run/unread_tensors.h"
#include "core/model/run/value_output_norm.h"
#include "core/model/session/loaded_model.h"
#include "core/model/session/tokenize_text.h"
#include "core/model/tokenizer/tokenizer_fit.h"
#include "core/trace/trace_writer.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>

namespace winnow {

namespace {

/// Without what only the loaded model knows.
LayerInfo shapeOf(const ModelConfig& config, int layer)
{
    const LayerConfig& sizes = config.perLayer[static_cast<std::size_t>(layer)];
    return {.queryHeads = config.queryHeads, .keyHeads = sizes.keyHeads, .headDim = sizes.headDim, .hasValueOutputNorm = true};
}

/// The layers to store, without what only the loaded model knows (rotary frequencies, scale).
Result<void> chooseLayers(const RecordOptions& options, const ModelConfig& config, TraceInfo& info)
{
    const auto [first, last] = options.layers.value_or(std::pair(0, config.layers - 1));
    if (first < 0 || first > last || last >= config.layers)
        return fail(ErrorCode::Usage, "the layers {} to {} were asked for; the model has 0 to {}", first, last,
                    config.layers - 1);
    for (int layer = first; layer <= last; ++layer) {
        info.layers.push_back(Layer(layer));
        info.layerInfo.push_back(shapeOf(config, layer));
    }
    return {};
}

/// Balanced, so that the last chunk of the file is not mostly padding: 260 tokens at 256 go as two chunks of 130.
int balancedChunk(std::size_t tokens, int most)
{
    const std::size_t chunks = (tokens + most - 1) / most;
    return static_cast<int>((tokens + chunks - 1) / chunks);
}

/// Takes what a forward pass computes into a trace.
class Recorder final : public ForwardObserver {
public:
    Recorder(TraceWriter& writer, const TraceInfo& info, const Transformer& model, const RecordHooks& hooks)
        : m_writer(writer), m_info(info), m_model(model), m_hooks(hooks)
    {
    }

    Result<void> layerRows(Layer layer, Position, const LayerRows& rows) override
    {
        const auto found = std::ranges::find(m_info.layers, layer);
        if (found == m_info.layers.end())
            return {};
        const int index = static_cast<int>(found - m_info.layers.begin());
        WINNOW_TRY_VOID(append(index, Rows::Query, rows.q));
        WINNOW_TRY_VOID(append(index, Rows::Key, rows.k));
        WINNOW_TRY_VOID(append(index, Rows::Value, rows.v));
        WINNOW_TRY_VOID(append(index, Rows::Output, rows.o));
        WINNOW_TRY_VOID(append(index, Rows::LogSumExp, rows.lse));
        WINNOW_TRY(const at::Tensor projection, m_model.outputProjection(layer));
        return append(index, Rows::ValueOutputNorm, valueOutputNorm(rows.v, projection));
    }

    Result<void> logits(Position begin, const at::Tensor& logits) override
    {
        const std::int64_t first = raw(begin), n = logits.size(0), total = static_cast<std::int64_t>(m_info.tokens.size());
        // Row r predicts the token after its own, so the chunk's first token was predicted by the chunk before.
        const std::int64_t predicted = std::min(n, total - first - 1);
        std::vector<float> logprob{m_carried};
        if (predicted > 0) {
            const at::Tensor next = at::empty({predicted}, at::kLong);
            std::copy_n(m_info.tokens.begin() + first + 1, predicted, next.mutable_data_ptr<std::int64_t>());
            const at::Tensor rows = logits.slice(0, 0, predicted);
            const at::Tensor chosen = rows.gather(1, next.to(rows.device()).unsqueeze(1)).squeeze(1);
            const at::Tensor values = (chosen - rows.logsumexp(1)).to(at::kCPU).contiguous();
            logprob.insert(logprob.end(), values.const_data_ptr<float>(), values.const_data_ptr<float>() + predicted);
        }
        if (static_cast<std::int64_t>(logprob.size()) > n) {
            m_carried = logprob.back();
            logprob.pop_back();
        }
        WINNOW_TRY_VOID(noted(m_writer.commit(logprob)));
        if (m_hooks.advanced)
            m_hooks.advanced(m_writer.committed());
        return {};
    }

    /// The writer met a number that no trace may hold.
    bool metBadNumber() const { return m_metBadNumber; }

private:
    Result<void> append(int index, Rows what, const at::Tensor& rows)
    {
        const at::Tensor floats = rows.to(at::kCPU, at::kFloat).contiguous();
        const std::span<const float> numbers(floats.const_data_ptr<float>(), static_cast<std::size_t>(floats.numel()));
        WINNOW_TRY_VOID(noted(m_writer.append(index, what, numbers)));
        if (m_hooks.rows)
            m_hooks.rows(index, what, numbers);
        return {};
    }

    Result<void> noted(Result<void> written)
    {
        m_metBadNumber |= !written && written.error().code == ErrorCode::BadInput;
        return written;
    }

    TraceWriter& m_writer;
    const TraceInfo& m_info;
    const Transformer& m_model;
    const RecordHooks& m_hooks;
    float m_carried = std::numeric_limits<float>::quiet_NaN(); ///< log-probability of the next chunk's first token
    bool m_metBadNumber = false;
};

/// `info` holds text and tokens, and what its manifest is to say in place of the usual; `out` is claimed.
Result<RecordPlan> recordRun(const RecordOptions& options, LoadedModel& loaded, TraceInfo info, AtomicFile out,
                             const RecordHooks& hooks, const JobContext& job)
{
    WINNOW_CHECK(options.chunk > 0, "chunk {}", options.chunk);
    const ModelConfig& config = loaded.config();
    info.config = config.json;
    WINNOW_TRY_VOID(chooseLayers(options, config, info));
    WINNOW_TRY_VOID(config.checkLength(static_cast<int>(info.tokens.size())));

    TraceWriterOptions writing{.out = options.out,
                               .info = info,
                               .half = options.dtype != Dtype::Float32,
                               .chunkRows = balancedChunk(info.tokens.size(), options.chunk),
                               .freeBytes = hooks.freeBytes};
    RecordPlan plan{.tokens = static_cast<int>(info.tokens.size()), .bytes = traceBytes(writing)};
    WINNOW_TRY(plan.freeBytes, hooks.freeBytes(options.out));
    if (config.maxPositions > 0 && plan.tokens > config.maxPositions)
        plan.warnings.push_back(
            fmt::format("the text has {} tokens and the model was made for {}; what comes after is less reliable", plan.tokens,
                        config.maxPositions));
    if (const auto unread = unreadTensors(loaded.place(), config); unread && !unread->empty())
        plan.warnings.push_back(unreadWarning(*unread)); // an error will come again when the weights are loaded
    WINNOW_TRY_VOID(loaded.chooseMemory(plan.tokens, writing.chunkRows, hooks.memory, plan.warnings));
    plan.streamed = loaded.streamed();
    if (std::string unfinished = unfinishedRecording(out); !unfinished.empty())
        plan.warnings.push_back(unfinished +
                                "; this one takes its place as soon as the model is loaded (stop, and rename it, to keep it)");
    if (hooks.planned)
        hooks.planned(plan);
    WINNOW_TRY_VOID(checkSpace(options.out, plan.bytes, plan.freeBytes));

    loaded.beginHash();
    WINNOW_TRY_VOID(loaded.load(job));
    const Transformer& model = loaded.transformer();
    for (std::size_t i = 0; i < info.layers.size(); ++i) {
        info.layerInfo[i] = model.layerInfo(info.layers[i], plan.tokens);
        info.layerInfo[i].hasValueOutputNorm = true;
    }
    WINNOW_TRY(auto manifest, loaded.manifest());
    info.manifest.merge(manifest);
    info.manifest.emplace("text", options.textName);
    info.manifest.emplace("seed", "none: nothing is sampled");
    info.manifest.emplace("winnow", WINNOW_VERSION);
    writing.info = info;
    WINNOW_TRY(const auto writer, TraceWriter::create(writing, std::move(out)));
    if (hooks.begun)
        hooks.begun(info);
    Recorder recorder(*writer, info, model, hooks);
    const auto ran = model.forward(info.tokens, writing.chunkRows, recorder, job);
    if (!ran && recorder.metBadNumber())
        return fail(ErrorCode::BadInput, "the recording was stopped: {}; {}", ran.error().message, loaded.whyNotFinite(job));
    WINNOW_TRY_VOID(ran);
    WINNOW_TRY_VOID(job.check("recording"));
    WINNOW_TRY_VOID(writer->finish());
    return plan;
}

} // namespace

struct TextRecorder::Kept {
    RecordOptions first; ///< without its text
    LoadedModel model;
    std::shared_ptr<const Tokenizer> tokenizer;
};

TextRecorder::TextRecorder() = default;
TextRecorder::~TextRecorder() = default;
TextRecorder::TextRecorder(TextRecorder&&) noexcept = default;

Result<RecordPlan> TextRecorder::record(const RecordOptions& options, const RecordHooks& hooks, const JobContext& job)
{
    try {
        WINNOW_TRY(AtomicFile out, AtomicFile::claim(options.out));
        if (!m_kept) {
            WINNOW_TRY(auto model, LoadedModel::open(options.model, options.dtype, options.device));
            model.beginHash();
            WINNOW_TRY(auto tokenizer, Tokenizer::load(model.place()));
            WINNOW_TRY_VOID(checkFit(*tokenizer, model.config()));
            m_kept = std::make_unique<Kept>(options, std::move(model), std::move(tokenizer));
            m_kept->first.text.clear();
        }
        const RecordOptions& first = m_kept->first;
        WINNOW_CHECK(options.model == first.model && options.dtype == first.dtype && options.device == first.device,
                     "'{}' after '{}', or another dtype or device", options.model.string(), first.model.string());
        job.report("reading the text", 0);
        TraceInfo info;
        WINNOW_TRY_VOID(tokenizeText(options, *m_kept->tokenizer, info));
        info.manifest["text_hash"] = contentHash(options.text);
        info.prompt = static_cast<int>(info.tokens.size());
        return recordRun(options, m_kept->model, std::move(info), std::move(out), hooks, job);
    } catch (...) {
        return fail(currentTorchError("recording"));
    }
}

Result<RecordPlan> record(const RecordOptions& options, const RecordHooks& hooks, const JobContext& job)
{
    return TextRecorder().record(options, hooks, job);
}

Result<RecordPlan> recordTokens(const RecordOptions& options, LoadedModel& model, TokenizedText text, AtomicFile out,
                                const RecordHooks& hooks, const JobContext& job)
{
    WINNOW_CHECK(text.tokens.size() == text.offsets.size() && text.prompt <= static_cast<int>(text.tokens.size()),
                 "{} tokens, {} offsets, a prompt of {}", text.tokens.size(), text.offsets.size(), text.prompt);
    if (text.tokens.size() < 2)
        return fail(ErrorCode::BadInput, "the text is only {} token long; attention needs two or more", text.tokens.size());
    try {
        TraceInfo info;
        info.manifest = std::move(text.manifest);
        info.manifest["text_hash"] = contentHash(text.text);
        info.text = std::move(text.text);
        info.tokens = std::move(text.tokens);
        info.offsets = std::move(text.offsets);
        info.prompt = text.prompt;
        return recordRun(options, model, std::move(info), std::move(out), hooks, job);
    } catch (...) {
        return fail(currentTorchError("recording"));
    }
}

std::uint64_t traceBytesOf(const ModelConfig& config, int tokens, Dtype dtype)
{
    TraceInfo info;
    info.tokens.resize(static_cast<std::size_t>(tokens));
    for (int layer = 0; layer < config.layers; ++layer)
        info.layerInfo.push_back(shapeOf(config, layer));
    return traceBytes({.info = std::move(info),
                       .half = dtype != Dtype::Float32,
                       .chunkRows = balancedChunk(static_cast<std::size_t>(tokens), RecordOptions{}.chunk)});
}

} // namespace winnow
