// SPDX-License-Identifier: GPL-3.0-or-later
// Recording: model folder + text → trace file. Free of Torch, so that the window may call it.
#pragma once

#include "core/base/dtype.h"
#include "core/base/job_context.h"
#include "core/io/atomic_file.h"
#include "core/io/disk.h"
#include "core/model/config/model_config.h"
#include "core/model/run/memory_need.h"
#include "core/trace/trace.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace winnow {

struct RecordOptions {
    std::filesystem::path model; ///< a Hugging Face folder, any file of it, or a GGUF file
    std::string text;            ///< UTF-8
    std::string textName;        ///< for the manifest: the file's name
    bool marks =
        true; ///< whether the tokenizer puts its special tokens ("<s>") around the text; off where a chat template wrote them
    std::filesystem::path out;                 ///< replaced only once the new trace is complete
    int maxTokens = 0;                         ///< 0 = all of the text
    std::optional<std::pair<int, int>> layers; ///< first and last layer to store, inclusive; all if not set
    Dtype dtype = Dtype::Float32;
    std::string device = "auto"; ///< as loadOptions reads it: auto, cpu, cuda, cuda:n, cuda:0,cuda:1
    int chunk = kUsualChunk;     ///< tokens per forward chunk and per flush
};

/// What a recording will need, told before anything is written.
struct RecordPlan {
    int tokens = 0;
    std::uint64_t bytes = 0;           ///< size of the finished trace
    std::uint64_t freeBytes = 0;       ///< on the disk that takes it
    bool streamed = false;             ///< memory is short: layers are read from disk one by one
    std::vector<std::string> warnings; ///< e.g. the text is longer than the model's positions
};

struct RecordHooks {
    std::function<void(const RecordPlan&)> planned; ///< once, before the first write
    /// After every chunk: the tokens recorded so far. For the live first picture.
    std::function<void(int tokensDone)> advanced;
    /// For who looks at the rows while they are recorded, on the recording thread. `begun`: once, with the layers' attributes,
    /// before the first rows. `rows`: what is stored of a layer (Rows as TraceWriter::append takes them), before `advanced`.
    std::function<void(const TraceInfo& info)> begun;
    std::function<void(int layerIndex, Rows what, std::span<const float> rows)> rows;
    FreeBytes freeBytes = winnow::freeBytes; ///< stands for the disk in tests
    std::optional<std::uint64_t> memory;     ///< available bytes, for tests; unset: asked of the system
};

/// Stores everything that a trace can hold, the value output norms included. A text must give two tokens or more, not counting
/// those that the tokenizer adds. A text longer than the model's positions goes on with a warning in the plan. float16 and
/// bfloat16 runs are stored as float16 while every value fits. Runs on the calling thread; memory: the model, its cache for the
/// text, and one chunk of one layer. Stops at the first NaN or infinity and says where it comes from. Claims
/// partPath(options.out) before anything else, writes there while the model runs, renames it at the end. A cancelled recording
/// removes its part file; a killed one leaves it readable up to its last flushed chunk, and a later one to the same name takes
/// its place, with a warning in the plan.
Result<RecordPlan> record(const RecordOptions& options, const RecordHooks& hooks, const JobContext& job);

/// Records text after text with one model, which is loaded for the first of them and kept: memory does not grow with the number
/// of texts. One call at a time.
class TextRecorder {
public:
    TextRecorder();
    ~TextRecorder();
    TextRecorder(TextRecorder&&) noexcept;
    /// As record(). Model, dtype and device are those of the first call; others stop the program.
    Result<RecordPlan> record(const RecordOptions& options, const RecordHooks& hooks, const JobContext& job);

private:
    struct Kept;
    std::unique_ptr<Kept> m_kept;
};

/// Tokens that are there already, such as a prompt and what a model made of it.
struct TokenizedText {
    std::string text;                                 ///< UTF-8
    std::vector<std::int32_t> tokens;                 ///< [T]
    std::vector<std::array<std::int32_t, 2>> offsets; ///< [T], byte range in `text`
    int prompt = 0;                                   ///< tokens that were given, not generated
    std::map<std::string, std::string> manifest;      ///< further entries of the trace's, or in place of the usual ones
};

class LoadedModel;

/// As record(), for tokens that are already there and a model that is already open. Writes to `out`, which the caller has
/// claimed. `options.dtype` must be the model's; text, maxTokens, model, device and out of `options` are ignored.
Result<RecordPlan> recordTokens(const RecordOptions& options, LoadedModel& model, TokenizedText text, AtomicFile out,
                                const RecordHooks& hooks, const JobContext& job);

/// Bytes of a trace of all layers of a model, to within a per cent, its text not counted.
std::uint64_t traceBytesOf(const ModelConfig& config, int tokens, Dtype dtype);

} // namespace winnow
