// SPDX-License-Identifier: GPL-3.0-or-later
// The tokens of a text before its recording: what the window shows while the model reads.
#pragma once

#include "core/model/session/record.h"
#include "core/trace/trace.h"

#include <memory>

namespace winnow::app {

/// Tokens, offsets, text and layers as the finished trace will have them; no rows, no log-probabilities. Reads the tokenizer
/// (milliseconds), not the weights. Any thread.
Result<std::shared_ptr<const TraceInfo>> previewTrace(const RecordOptions& options);

} // namespace winnow::app
