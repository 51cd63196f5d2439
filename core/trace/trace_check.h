// SPDX-License-Identifier: GPL-3.0-or-later
// Whether the rows of a trace belong together: attention is rebuilt from queries, keys, rotary embedding and lse, and compared
// with the stored output. A recorder that mistook the layout of a rotary embedding, a window or the order of heads is found so.
#pragma once

#include "core/base/job_context.h"
#include "core/trace/trace.h"

#include <span>
#include <string>
#include <vector>

namespace winnow {

struct TraceCheckOptions {
    /// Steps at which the rows of all heads are looked at, in runs spread evenly over the text, the first and the last included.
    /// 0 = all of them.
    int steps = 0;
    bool oneThread = false; ///< on the calling thread alone, so that a window beside it keeps its cores
};

/// What was found in one layer.
struct LayerCheck {
    Layer layer{};
    bool sound = false;
    int steps = 0; ///< that were looked at, for every query head
    /// The largest differences, in units of what rounding in the run can explain; sound means that both are 1 or less.
    double sum = 0;       ///< of the logarithm of a row's sum, from 0
    double output = 0;    ///< of a number of attention times value, from that of o
    std::string sentence; ///< "rows add up to 1 …": what was found, without the layer's name
};

/// Default number of steps to check: 0 (all) where that takes about a minute on one core, else 512.
int usualCheckSteps(const TraceInfo& info);

/// Looks at one recorded layer (an index into TraceInfo::layers). With q, k rotated as the trace says, and keys up to the query's
/// position within its window, log Σ exp(logit) must be lse, and Σ exp(logit − lse) · v must be o. Where they are not, the
/// sentence says which part is wrong, or what would make it right, if one of these does: the other layout, no rotary embedding,
/// no window, no softcap, the scale 1/√d, KV heads dealt out in turn, attention to later tokens.
///
/// What rounding explains: a rotated number carries u = 2^-21 (float32 on the CPU), 2^-10 (float16, or float32 elsewhere) or 2^-8
/// (bfloat16, or not told) of its size. These errors are independent, so a logit carries scale · u · √Σ (q·k)² times 8 for eight
/// standard deviations, and half of u of itself; the mean of that over a row bounds lse, and its sum over |v| the output. A trace
/// stored in float16 carries at least 2^-11 and 2^-25.
///
/// Errors: of reading, and Cancelled. Any thread. Memory: keys and values of one KV head, and blocks of 4 MB. Cost: four products
/// of the size of q · kᵀ.
Result<LayerCheck> checkLayer(const Trace& trace, int layerIndex, const TraceCheckOptions& options, const JobContext& job);

/// All layers, one after the other. A layer with a number that no trace may hold is unsound, with the reader's sentence. `trace`:
/// opened with Trace::openUnchecked, so that wrong rows are judged and not refused.
Result<std::vector<LayerCheck>> checkTrace(const Trace& trace, const TraceCheckOptions& options, const JobContext& job);

/// What the layers say together, in one sentence.
struct TraceVerdict {
    bool sound = false;
    std::string sentence;
};
/// Of the trace called `name`; one without layers is not sound.
TraceVerdict verdictOf(std::span<const LayerCheck> checks, const std::string& name);

} // namespace winnow
