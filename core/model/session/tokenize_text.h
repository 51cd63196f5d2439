// SPDX-License-Identifier: GPL-3.0-or-later
// The text of a recording or a run as tokens. Free of Torch.
#pragma once

#include "core/model/session/record.h"
#include "core/model/tokenizer/tokenizer.h"
#include "core/trace/trace.h"

namespace winnow {

/// Fills tokens, offsets and text of `info`; only as much of the text is kept as the tokens cover. Of `options` it reads text,
/// textName, marks and maxTokens. Errors: an empty text, one that gives fewer than two tokens of its own.
Result<void> tokenizeText(const RecordOptions& options, const Tokenizer& tokenizer, TraceInfo& info);

} // namespace winnow
