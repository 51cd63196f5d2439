// SPDX-License-Identifier: GPL-3.0-or-later
// The demo session: what it records and which policies it replays. The window's first run and `winnow demo` show the same.
#pragma once

#include "core/model/session/record.h"
#include "core/policy/policy_spec.h"

#include <filesystem>
#include <vector>

namespace winnow {

/// The text of the demo: the first sample text.
Result<std::filesystem::path> demoText();
/// The demo model over the first 1,024 tokens of it, to `out`.
Result<RecordOptions> demoRecording(const std::filesystem::path& out);
/// streaming, h2o, tova, snapkv, pyramidkv, treekv at budget 128.
Result<std::vector<PolicySpec>> demoPolicies();
/// The first half of the text.
inline int demoPrompt(int tokens) { return tokens / 2; }

inline constexpr int kDemoReference = 1; ///< H2O
inline constexpr int kDemoFocus = 5;     ///< TreeKV

} // namespace winnow
