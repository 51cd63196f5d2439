// SPDX-License-Identifier: GPL-3.0-or-later
// CaM (cache merging): before the least attended tokens leave, values are merged into the values of the tokens that follow; once
// at the prompt's end, or at every step. Zhang et al. 2024, ICML, openreview LCTmppB165. At the prompt's end it works as in
// Zefan-Cai/KVCache-Factory, which merges all values. At every step it works as in the paper and NVIDIA kvpress, which merge only
// the values of tokens that leave.
#pragma once

#include "core/policy/prompt_layer.h"

namespace winnow {

struct SeepingValues {
    int window = 32;    ///< last queries, whose mean attention decides; a value is shared by the `window` tokens behind it
    double first = 0.1; ///< share of the prompt that the attention of a token is compared with, beside its followers'
    bool drawn = false; ///< draw whether a value goes, by its probability; else that share of it goes: the expectation
    std::uint64_t seed = 0;
};

/// Probability that the value of token t − w goes into the w tokens behind it, for t = first + w … n − 1: its attention over the
/// largest among the first tokens and its followers, at most 1. `attention`: of n tokens. Entry i belongs to t = first + w + i.
std::vector<double> seepProbabilities(std::span<const double> attention, int first, int window);

/// Scores: attention summed over the window's queries; merges: the values that go.
std::shared_ptr<const PromptScorer> seepingValues(const SeepingValues& options);

struct LeavingValues {
    int spread = 32;           ///< slots behind it that a value goes into, at most
    bool oldestLeaves = false; ///< the oldest slot leaves, else the one with the lowest score
    bool drawn = false;        ///< as in SeepingValues
    std::uint64_t seed = 0;
};

/// The share of the value of slot `victim` that goes into the slots behind it: its score over the mean score of these, at most 1;
/// 0 where there are none. `targets` receives these slots: the next `spread` that stay. `victims` ascend.
double leavingShare(std::span<const double> scores, std::span<const int> victims, int victim, int spread,
                    std::vector<int>& targets);

/// The slot with the lowest score (accumulated attention) leaves, and its value is merged into those of the slots behind it.
std::shared_ptr<const Selector> leavingValues(const LeavingValues& options);

const Preset& camPreset();
const Preset& camDecodePreset();

} // namespace winnow
