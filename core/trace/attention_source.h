// SPDX-License-Identifier: GPL-3.0-or-later
// Attention tiles, derived from a trace's queries, keys and row normalizers: exp(q_t · k_i · scale − lse_t), lossless, at any
// zoom.
#pragma once

#include "core/base/job_context.h"
#include "core/trace/trace.h"

namespace winnow {

enum class Reduction { Max, Mean };

struct AttentionQuery {
    int layerIndex = 0; ///< into TraceInfo::layers
    Head queryHead{};
    Position queryBegin{}, queryEnd{}; ///< rows, half-open
    Position keyBegin{}, keyEnd{};     ///< columns, half-open
    int rows = 0, columns = 0;         ///< size of the result; 0 or more than the range = one cell per pair
    Reduction reduction = Reduction::Max;
};

/// Row-major values in 0…1; cells above the diagonal or beyond a sliding window are 0.
struct AttentionTile {
    int rows = 0, columns = 0;
    std::vector<float> values;
};

/// Cell (r, c) reduces queries [begin + r·n/rows, begin + (r+1)·n/rows) and keys likewise. Reads only the rows it needs.
/// 1,024 × 1,024 of one head: under 50 ms on one core. Thread-safe.
Result<AttentionTile> attentionTile(const Trace& trace, const AttentionQuery& query, const JobContext& job);

/// The rows of attention of several query heads at one step: [queryHeads, step + 1].
Result<std::vector<float>> attentionRow(const Trace& trace, int layerIndex, Step step);

/// The attention rows of a layer at many steps: the keys are read and rotated once, [KV heads, end, d] floats are held. Not
/// thread-safe; the trace outlives it.
class AttentionRows {
public:
    /// Of the KV heads [first, first + count), for steps < end.
    static Result<AttentionRows> open(const Trace& trace, int layerIndex, Head first, int count, Position end);
    AttentionRows(AttentionRows&&) noexcept;
    AttentionRows& operator=(AttentionRows&&) noexcept;
    ~AttentionRows();

    /// The rows of the steps [begin, stop) for the query heads that read those KV heads: [query heads, stop − begin, stop]; 0
    /// where a step does not attend to a token.
    Result<std::vector<float>> rows(Step begin, Step stop) const;

private:
    struct Impl;
    explicit AttentionRows(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace winnow
