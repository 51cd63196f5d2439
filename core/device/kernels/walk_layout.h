// SPDX-License-Identifier: GPL-3.0-or-later
// Kernel text: what a walk over a recording reads and writes, as flat arrays. A walk is the replay of many lanes, each under a
// policy; all lanes of one walk have the same type of scorer and of selector. The host fills these structs and copies them to the
// device as they are. Pointers are those of the memory of whoever runs the text.
//
// A unit is the query heads that share one list of slots: those of one KV head, or each alone, or all of a layer. Results are
// told for each of its lanes: for each KV head of it, or for the query head that is alone.
#pragma once

#include "core/kernels/prelude.h"

namespace winnow::kernel {

/// One layer of the recording, single precision, all T tokens.
struct WalkLayer {
    const float* keys = nullptr;         ///< rotated at their recorded positions, [KV heads, T, d]
    const float* values = nullptr;       ///< [KV heads, T, d]
    const float* queries = nullptr;      ///< rotated likewise, times the scale, [query heads, T, d]
    const float* outputs = nullptr;      ///< of the full attention, [query heads, T, d]
    const float* lse = nullptr;          ///< log of the sum of each row's exponentials, [query heads, T]
    const float* plainKeys = nullptr;    ///< before the rotary embedding; null where no lane moves positions
    const float* plainQueries = nullptr; ///< likewise, times the scale
    const float* cosines = nullptr;      ///< of the rotary embedding, [T, pairs]
    const float* sines = nullptr;
    int headDim = 0;          ///< d
    int pairs = 0;            ///< pairs of channels that rotate; 0 = there is no rotary embedding
    bool interleaved = false; ///< pair j are the channels 2 j and 2 j + 1, not j and j + pairs
    int reach = 0;            ///< tokens of the sliding window; 0 = there is none
    float softcap = 0;        ///< 0 = there is none
};

/// What all layers of a walk have in common.
struct Shape {
    int tokens = 0; ///< T
    int prompt = 0; ///< tokens of the prompt
    int queryHeads = 0, keyHeads = 0;
};

/// How the attention rows of a unit's query heads become the one row that its scorer sees.
enum class RowsOfHeads { Mean, Max, Sum };
/// When slots go.
enum class Chooses { Never, EveryStep, AtPromptEnd };
/// What happens to rotary positions; see PositionMode in core/cache/lane_cache.h.
enum class Moves { Never, BySlot, Once };

/// What stopped a unit's walk: an error of the program.
enum class Fault {
    None,
    TooFewCandidates, ///< fewer slots may go than must
    WrongChoice,      ///< the selector named too few slots, or one that may not go
    OverBudget,       ///< more slots are stored than the budget allows
    OutOfRoom,        ///< more slots are held than were planned for
};

constexpr int kNever = 0x7fffffff; ///< a step that does not come

/// What is told of a unit: T entries for each of its lanes, one lane after the other. Arrays of scores are null where the policy
/// has none.
struct WalkResults {
    // By token.
    int* evictStep = nullptr;         ///< the step at whose end it left
    float* scoreAtEviction = nullptr; ///< its score then
    float* lowestKept = nullptr;      ///< the lowest score of those that stayed though they could have gone
    // By step.
    float* mass = nullptr;       ///< share of the full attention, mean over the lane's query heads
    float* error = nullptr;      ///< distance of the outputs, likewise
    int* occupancy = nullptr;    ///< slots stored after it
    float* oracleMass = nullptr; ///< mass of the best set of as many slots; null where nobody asks
};

/// How a unit stands after a step.
struct LaneState {
    int slots = 0;
    bool evicted = false;       ///< whether the policy has let something go; what a sliding window hides does not count
    bool renumbered = false;    ///< Moves::Once: whether slots have positions of their own
    int nextPosition = 0;       ///< then: of the token to come
    int firstEviction = kNever; ///< the step at which the policy first let something go
    Fault fault = Fault::None;
    int faultStep = 0;
};

/// One unit of one layer under one policy.
struct WalkLane {
    int layer = 0;                ///< among those of the walk
    int firstHead = 0, heads = 0; ///< its query heads
    int headsPerLane = 0;         ///< query heads of each of its lanes
    RowsOfHeads group = RowsOfHeads::Mean;
    Chooses chooses = Chooses::Never;
    int every = 1; ///< steps from one choice to the next
    Moves moves = Moves::Never;
    int budget = 0;               ///< slots
    int sinks = 0;                ///< tokens below it may not go
    int recent = 0;               ///< nor the last so many slots
    int capacity = 0;             ///< slots that it may come to hold
    bool decided = false;         ///< whether the host has decided who leaves at the prompt's end
    int leavingCount = 0;         ///< then: how many
    const int* leaving = nullptr; ///< and which slots, ascending
    Byte* memory = nullptr;       ///< for its arrays (LaneArrays and those of its parts)
    WalkResults results;
    LaneState state; ///< after the last launch
};

/// What the host and its kernels tell each other while kernels run.
struct Signals {
    int progress = 0; ///< steps that some unit has finished; kernels write it
    int stop = 0;     ///< the host sets it to 1: blocks of a walk that begin later do nothing, those of the oracle go no further
};

/// A launch walks all units through the steps [begin, end), a block of workers for each unit. The next launch goes on at `end`.
struct Walk {
    const WalkLayer* layers = nullptr;
    WalkLane* lanes = nullptr;
    void* scorers = nullptr;   ///< a state for each unit; of the scorer's type, which the program was compiled for
    void* selectors = nullptr; ///< likewise
    volatile Signals* signals = nullptr;
    Shape shape;
    int begin = 0, end = 0;
};

/// The top-k oracle (core/replay/oracle.h), after the walk of policies with equally many lanes. A lane has n stripes, and a block
/// of workers for each: stripe s takes the steps s, s + n, s + 2 n, …
struct Oracle {
    const WalkLayer* layers = nullptr;
    const WalkResults* results = nullptr; ///< of each policy: those of all its lanes, in the order of the layers
    const volatile Signals* signals = nullptr;
    Shape shape;
    int lanes = 0;   ///< of a layer
    int stripes = 0; ///< of a lane
    int policies = 0;
    const int* tokens = nullptr; ///< 0 … T − 1
    float* rows = nullptr;       ///< scratch, [blocks, T]
    double* means = nullptr;     ///< scratch, [blocks, T]
};

} // namespace winnow::kernel
