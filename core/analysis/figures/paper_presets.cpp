// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/figures/paper_presets.h"

#include <array>

namespace winnow {

namespace {

constexpr auto kPresets = std::to_array<PaperPreset>({
    {"TreeKV, Figure 1", "Which tokens every policy keeps", "retention", "R.h5",
     "the share of all lanes after every step; the paper averages over 32 heads of its model"},
    {"TreeKV, Figure 2", "The bands of every position's contribution to one step", "treekv-2", "T.h5",
     "your model and text; --texts FILE.jsonl averages over as many as you have, the paper over 2,000"},
    {"TreeKV, Figure 3",
     "The order in which a cache of four slots evicts: `winnow replay` of some 32 tokens, treekv:budget=4,sinks=0,recent=0, then",
     "retention", "R.h5", "a replay, in which scores decide within a pair; the paper's is a scheme"},
    {"TreeKV, Figures 4 and 5", "Loss against the length of the text: `winnow sweep` over texts of rising \"tokens\", then",
     "sweep", "S.jsonl",
     "lengths that your model was made for; the paper reads up to 10 million tokens, and a variant that keeps the left one"},
    {"TreeKV, Tables 1 to 3", "Perplexity and LongBench under policies, beside the paper's", "paper-vs-yours", "S.jsonl",
     "what differs is told under every row"},
    {"PyramidKV, attention by layer", "The attention of a head, layer after layer", "attention --layer 0 --head 0 --scale log",
     "T.h5", "one head of one layer a picture; the paper averages heads"},
    {"PyramidKV, budgets", "The slots that every layer gets", "layers --metric slots", "R.h5",
     "slots as they are stored, mean over steps, not the formula's"},
    {"DynamicKV, budgets by layer", "The slots that every layer gets", "layers --metric slots", "R.h5",
     "of one text; the paper shows a curve for every task: replay a text of each"},
    {"StreamingLLM, Figure 2", "Attention sinks: the first tokens draw most attention",
     "attention --layer 0 --head 0 --scale log", "T.h5", "one text; the paper averages 256 sentences of 16 tokens"},
    {"StreamingLLM, Table 2", "How many sinks are needed: `winnow sweep` over streaming:sinks=1, 2, 4, 8 and window, then",
     "paper-vs-yours --paper streamingllm-2", "S.jsonl", "what differs is told under every row"},
});

} // namespace

std::span<const PaperPreset> paperPresets() { return kPresets; }

} // namespace winnow
