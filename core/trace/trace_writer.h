// SPDX-License-Identifier: GPL-3.0-or-later
// Writes a trace chunk by chunk while a model runs. Layout: docs/trace.md.
#pragma once

#include "core/io/atomic_file.h"
#include "core/io/disk.h"
#include "core/trace/trace.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace winnow {

struct TraceWriterOptions {
    std::filesystem::path out; ///< replaced by finish(); until then everything goes to `out`.part
    TraceInfo info;            ///< tokens, offsets and text in full; `logprob` and `complete` are not looked at
    /// Store q, k, v and o as float16: for runs in float16 or bfloat16. At the first value beyond float16's range the rows
    /// written so far are copied once into a float32 file and recording goes on there.
    bool half = false;
    int chunkRows = 256; ///< tokens per chunk of the datasets; best is the number that append() gets at a time
    FreeBytes freeBytes = winnow::freeBytes;
};

/// Bytes of the finished trace, to within a per cent.
std::uint64_t traceBytes(const TraceWriterOptions& options);

/// A warning for the user if `out` claimed the part file of an earlier recording, which create() would replace: "'T.h5.part'
/// holds the first 512 tokens of a recording that was cut short". Else empty.
std::string unfinishedRecording(const AtomicFile& out);

/// One writer, one thread at a time. Every layer gets the same rows in the same order: append() for each layer and each of q, k,
/// v, o, lse (and the value output norm where the layer has one), then commit(). What was committed survives a kill.
class TraceWriter {
public:
    /// Makes `out`.part with everything but the rows. Before that: NoSpace for too small a disk, BadInput for attributes no layer
    /// may have.
    static Result<std::unique_ptr<TraceWriter>> create(TraceWriterOptions options);
    /// The same for an `out` that was claimed before, by callers that want to be refused before long work.
    static Result<std::unique_ptr<TraceWriter>> create(TraceWriterOptions options, AtomicFile out);

    /// Removes the part file unless finish() succeeded.
    virtual ~TraceWriter() = default;

    /// The next rows of one kind: [heads, n, d], or [queryHeads, n] of a number per row. BadInput names the first number that a
    /// trace may not hold (trace_values.h).
    virtual Result<void> append(int layerIndex, Rows what, std::span<const float> rows) = 0;
    /// Ends a chunk: `logprob` [n] of its tokens, checked likewise. Everything appended so far is then on its way to the disk and
    /// readable.
    virtual Result<void> commit(std::span<const float> logprob) = 0;
    /// After the last commit: marks the trace complete and renames it to `out`.
    virtual Result<void> finish() = 0;

    virtual int committed() const = 0; ///< tokens
};

} // namespace winnow
