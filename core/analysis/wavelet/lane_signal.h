// SPDX-License-Identifier: GPL-3.0-or-later
// Signals along the tokens of a text, one per query head and step: what the wavelet analysis transforms. Free of Torch.
#pragma once

#include "core/base/job_context.h"
#include "core/trace/trace.h"

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace winnow {

/// With a the head's attention row at step t, v the values of its KV head, and o = sum of a[i] v[i]:
enum class SignalKind {
    Contribution, ///< a[i] · v[i], a vector of the head's dimension (TreeKV, section 3.3)
    Attention,    ///< a[i]
    ValueNorm,    ///< ‖v[i]‖, alike for the query heads of a group and for every step
    LeaveOneOut, ///< ‖o − o without i‖ with the softmax over the rest: a[i] ‖v[i] − o‖ / (1 − a[i]), exactly; ‖o‖ if a[i] = 1
    Accumulated, ///< sum over the steps 0…t of the attention that i got
};

struct SignalInfo {
    SignalKind kind = SignalKind::Contribution;
    std::string_view name;    ///< "contribution", "attention", "value-norm", "leave-one-out", "accumulated"
    std::string_view title;   ///< "Contribution a·v" …
    std::string_view summary; ///< one sentence
};
std::span<const SignalInfo> signalCatalog();
const SignalInfo& signalInfo(SignalKind kind);
/// The kind of that name, or an error that names the nearest.
Result<SignalKind> findSignal(std::string_view name);

/// One head's signal at one step, borrowed during the call.
struct LaneSignal {
    QueryHead head;
    int step = 0;
    int first = 0;                  ///< position of the first sample; the last is `step`
    int length = 0, channels = 1;   ///< channels: the head's dimension for Contribution, else 1
    std::span<const double> values; ///< [length, channels]
};

struct SignalRequest {
    std::vector<QueryHead> heads; ///< empty = every query head of every recorded layer
    std::vector<int> steps;       ///< empty = the last step
    int window = 0;               ///< only the latest `window` positions of each step; 0 = all, 0…t
    SignalKind kind = SignalKind::Contribution;
    /// If set, the seed of a random order of the tokens, the same for all heads of a step: a null model for what depends on the
    /// order. Signals that contain values get the values of other tokens (attention stays in place); other signals are permuted
    /// themselves. Positions before the window stay.
    std::optional<unsigned> shuffle = {};
};

/// A request that was checked against a trace.
struct SignalPlan {
    std::map<int, std::vector<int>> byLayer; ///< heads by layer, both ascending, each once
    std::vector<int> steps;                  ///< as asked for
    int window = 0;
    SignalKind kind = SignalKind::Contribution;
    std::optional<unsigned> shuffle = {};

    int lengthAt(int step) const { return window > 0 && window <= step ? window : step + 1; }
    int shortest() const; ///< of the lengths of all steps
    int headCount() const;
};
/// Errors: no such head or step, a trace without tokens or layers; each sentence tells what there is.
Result<SignalPlan> planSignals(const Trace& trace, const SignalRequest& request);

/// Goes through all signals of the plan: layer by layer, in it step by step, in it head by head. `visit` gets at most `most` of
/// them at a time, on the calling thread. Keys and values of a layer are read once, however many steps there are; Accumulated
/// computes the attention rows of all earlier steps as well. Errors: reading, samples that are not finite (the first one is
/// named), cancelled (asked for before every call of `visit`).
Result<void> visitSignals(const Trace& trace, const SignalPlan& plan, int most, const JobContext& job,
                          const std::function<void(std::span<const LaneSignal>)>& visit);

} // namespace winnow
