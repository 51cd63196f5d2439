// SPDX-License-Identifier: GPL-3.0-or-later
// The attention of one lane's query heads over the slots that a step attends to, from the recording: softmax rows, masses, output
// errors.
#pragma once

#include "core/replay/attention_block.h"
#include "core/replay/merged_rows.h"
#include "core/replay/moved_keys.h"
#include "core/replay/replay_plan.h"

#include <span>
#include <vector>

namespace winnow {

/// One step of one layer, as its lanes see it. Everything referred to must outlive the step.
struct RecordedStep {
    const LayerKeys& keys;
    const QueryBlock& block;
    int step = 0;
};

/// ‖output − full‖ / ‖full‖, of one head [d].
float outputError(const float* output, const float* full, std::size_t d);

/// Keys of some tokens of one KV head, channel by channel: column_kernels::dotColumns. Keeps its memory.
class KeyColumns {
public:
    void layOut(const LayerKeys& keys, int kvHead, std::span<const std::int32_t> tokens);
    const float* data() const { return m_numbers.data(); } ///< [d, pitch()]
    std::size_t pitch() const { return m_pitch; }          ///< at least as many as there are tokens; behind them are zeros

private:
    std::size_t m_pitch = 0;
    std::vector<float> m_numbers;
};

/// Query heads that read the same KV head read the same rows, so they are worked on together: `sharing()` heads, beginning with
/// `head`. Their rows and results are valid until the next call. Not thread-safe.
class LaneRows {
public:
    /// `unit`: of a layer of the plan; both plans must outlive this.
    LaneRows(const ReplayPlan& plan, const PolicyPlan& policy, int unit);

    int firstHead() const { return m_unit * m_policy.headsPerUnit; }
    int firstKeyHead() const { return firstHead() / m_plan.group(); }
    int keyHeads() const { return std::max(1, m_policy.headsPerUnit / m_plan.group()); }
    int sharing() const { return std::min(m_plan.group(), m_policy.headsPerUnit); }

    /// Softmax over `tokens` at their recorded positions, and the share of the full row that falls on them. Where this share is
    /// too small to divide by, the softmax is taken over the logits themselves.
    void recorded(const RecordedStep& at, int head, std::span<const std::int32_t> tokens);
    /// Replaces the softmax where keys lie at other positions than recorded. The masses stay.
    void moved(const RecordedStep& at, int head, const LaneCache& cache, const MovedKeys& keys);
    /// Replaces the softmax where slots were merged. The masses stay.
    void merged(const RecordedStep& at, int head, const LaneCache& cache, const MergedRows& rows);
    /// Computes the attention outputs of the rows and their relative error against the recorded outputs. `merged`: the slots'
    /// values where some were merged, else null.
    void outputs(const RecordedStep& at, int head, std::span<const std::int32_t> tokens, const MergedRows* merged);

    /// Of the i-th head of those that share: its row [slots]; its share of the full row, which may exceed 1 by rounding; ‖o_S −
    /// o‖ / ‖o‖.
    std::span<float> row(int i) { return std::span(m_rows).subspan(static_cast<std::size_t>(i) * m_slots, m_slots); }
    float mass(int i) const { return m_masses[static_cast<std::size_t>(i)]; }
    float error(int i) const { return m_errors[static_cast<std::size_t>(i)]; }

    /// Steps that `together` takes at most.
    static constexpr int kTogether = 16;
    /// As `recorded` and `outputs`, for `count` steps from `first` on under which nothing leaves: each attends to one token more
    /// than the one before it, the last to `tokens`. `columns`: keys of all these tokens. The block has no tile. Then masses and
    /// errors are valid, the rows are not.
    void together(const RecordedStep& first, int count, int head, std::span<const std::int32_t> tokens,
                  const KeyColumns& columns);
    /// Of the i-th head of those that share, at the n-th of the steps.
    float mass(int i, int n) const { return m_masses[static_cast<std::size_t>(i * kTogether + n)]; }
    float error(int i, int n) const { return m_errors[static_cast<std::size_t>(i * kTogether + n)]; }

private:
    void logits(const RecordedStep& at, int head, int count, std::span<const std::int32_t> tokens, float* to) const;

    const ReplayPlan& m_plan;
    const PolicyPlan& m_policy;
    int m_unit;
    std::size_t m_slots = 0;
    std::vector<float> m_rows, m_masses, m_errors, m_queries,
        m_outputs;               ///< of the heads that share: [heads, slots], [heads], [heads, d]
    std::vector<float> m_logits; ///< of `together`: [steps, pitch]
};

} // namespace winnow
