// SPDX-License-Identifier: GPL-3.0-or-later
// What `winnow perplexity` found, as tables on the terminal and as files.
#pragma once

#include "app/cli/console.h"
#include "core/evaluate/perplexity.h"

#include <filesystem>
#include <map>
#include <string>

namespace winnow::cli {

struct PerplexityReport {
    const PerplexityResult& result;
    std::string protocol;
    int bucket = 256;                         ///< positions
    std::map<std::string, std::string> facts; ///< model, text, dtype … by name
};

/// Two tables: every policy over all tokens, and the perplexity of every bucket, in it and up to its end.
void tellPerplexity(const PerplexityReport& report, Console& console);

/// .csv or .npz (a row a policy and bucket), or .json (the same, with every policy's own numbers).
Result<void> writePerplexity(const PerplexityReport& report, const std::filesystem::path& out);

} // namespace winnow::cli
