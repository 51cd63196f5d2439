// CaM: values of all tokens seep into those that follow, before the least attended leave.
// Zhang et al. 2024, ICML, openreview LCTmppB165; the port in Zefan-Cai/KVCache-Factory.
#pragma once

#include "core/policy/prompt_layer.h"

namespace winnow {

struct SeepingValues {
    int window = 32;         ///< last queries, whose mean attention decides; so many followers share a value
    double first = 0.1;      ///< share of the prompt that the attention of a token is compared with, beside its followers'
    bool drawn = false;      ///< draw whether a value goes, by its probability; else that share of it goes: the expectation
    std::uint64_t seed = 0;
};

/// Probability that the value of token t − w goes into the w tokens behind it, for t = first + w … n − 1: its attention over the
/// largest among the first tokens and its followers, at most 1. `attention`: of n tokens. Entry i belongs to t = first + w + i.
std::vector<double> seepProbabilities(std::span<const double> attention, int first, int window);

/// Scores: attention summed over the window's queries; merges: the values that go.
std::shared_ptr<const PromptScorer> seepingValues(const SeepingValues& options);

const Preset& camPreset();

} // namespace winnow
