// SPDX-License-Identifier: GPL-3.0-or-later
// What a model is and what it takes to run, as names and values: winnow info prints them, the window shows them.
#pragma once

#include "core/base/result.h"
#include "core/trace/trace.h"

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace winnow {

struct ModelFact {
    std::string name, value;
};

/// `path`: as resolveModel takes it. Trace and memory are told for a text of `tokens` tokens. Reads no weights; a large
/// tokenizer.json takes a second.
Result<std::vector<ModelFact>> modelFacts(const std::filesystem::path& path, int tokens);

/// "8 query, 2 KV, 64 numbers each"; where layers differ, in how many each kind is.
std::string headsText(std::span<const LayerInfo> layers);

} // namespace winnow
