// SPDX-License-Identifier: GPL-3.0-or-later
// Decisions at the end of the prompt, made before any step is walked: budgets that depend on the prompt's scores, and the choices
// of prompt-time policies. Nothing has been evicted by then, so they follow from the recording alone.
#pragma once

#include "core/policy/recipe.h"
#include "core/replay/replay_plan.h"

#include <memory>

namespace winnow {

class ReceivedByGpu;
class RotaryTables;
struct ColumnsGpu;

/// Where prompts are scored: the device of the tensors, as LibTorch names it ("cpu", "cuda", "cuda:n"), and the GPU that adds up
/// the attention that tokens received (device_columns.h); null: the tensors' device does that too.
struct PromptDevice {
    std::string tensors = "cpu";
    ColumnsGpu* columns = nullptr;
    std::uint64_t together = 64 << 20; ///< bytes of scores that lie on the tensors' device before they are waited for
};

/// The same for a prompt that is still being read, a layer at a time: once a layer is scored, its rows may go. One thread.
class PromptStage {
public:
    /// `plan`, and the GPU of `device`, must outlive this.
    PromptStage(ReplayPlan& plan, PromptDevice device);
    ~PromptStage();

    /// Whether some policy of the plan has a prompt scorer.
    bool isWanted() const;
    /// Scores the next layer of the plan, from 0 on, for every policy; does not wait for the scores. `byGpu`: where the attention
    /// comes from that tokens received; null: from the tensors' device. Errors as decidePrompts, of this layer or one before.
    Result<void> score(const Trace& trace, const JobContext& job, ReceivedByGpu* byGpu = nullptr);
    /// After the last layer: what decidePrompts does.
    Result<void> decide();

private:
    struct Asked;
    Result<void> scoreNow(const Trace& trace, const JobContext& job, ReceivedByGpu* byGpu);
    /// Waits for the scores that were asked for.
    Result<void> fetch();

    ReplayPlan& m_plan;
    PromptDevice m_device;
    std::size_t m_layer = 0;                                            ///< the next one
    std::vector<Asked> m_asked;                                         ///< scores that are still to be fetched
    std::uint64_t m_askedBytes = 0;                                     ///< of these
    std::vector<std::vector<PromptScores>> m_scores;                    ///< [policy][layer]
    std::vector<std::vector<std::vector<std::vector<Merge>>>> m_merges; ///< what goes into what, [policy][layer][unit]
    std::unique_ptr<RotaryTables> m_tables;
};

/// Fills `slots`, `budgets` and `decision` of every policy of the plan whose recipe has a prompt scorer. One pass over the
/// layers; what several policies need of a layer is computed once. Memory: one layer's rows, and the scores of all.
Result<void> decidePrompts(const Trace& trace, ReplayPlan& plan, const PromptDevice& device, const JobContext& job);

/// Fills `foreseen` of every policy whose recipe has `foresees` set. Cost: one more pass over all rows of all layers. Errors of
/// both functions: reading the trace, cancelled.
Result<void> foresee(const Trace& trace, ReplayPlan& plan, const PromptDevice& device, const JobContext& job);

} // namespace winnow
