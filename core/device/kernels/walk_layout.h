// SPDX-License-Identifier: GPL-3.0-or-later
// Kernel text: what a walk over a recording reads and writes, as flat arrays. A walk is the replay of many lanes, each under a
// policy; all lanes of one walk have the same kind of scorer and of selector. The host fills these structs and copies them as
// they are; pointers lead to the memory of whoever runs the text.
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
    int pairs = 0;            ///< of channels that rotate; 0 = there is no rotary embedding
    bool interleaved = false; ///< a pair are channels 2 j and 2 j + 1, not j and j + pairs
    int reach = 0;            ///< of the sliding window, in tokens; 0 = there is none
    float softcap = 0;        ///< 0 = there is none
};

/// What all layers of a walk have in common.
struct Shape {
    int tokens = 0; ///< T
    int prompt = 0; ///< tokens of the prompt
    int queryHeads = 0, keyHeads = 0;
};

/// How the rows of a unit's query heads become the one that its scorer sees.
enum class RowsOfHeads { Mean, Max, Sum };
/// When slots go.
enum class Chooses { Never, EveryStep, AtPromptEnd };
/// What happens to rotary positions; see PositionMode in core/cache/lane_cache.h.
enum class Moves { Never, BySlot, Once };

/// What a lane's walk found that must not be. It stops there.
enum class Fault {
    None,
    TooFewCandidates, ///< fewer slots may go than must
    WrongChoice,      ///< the selector named too few slots, or one that may not go
    OverBudget,       ///< more slots are stored than the budget allows
    OutOfRoom,        ///< more slots are held than were planned for
};

constexpr int kNever = 0x7fffffff;

/// What is reported of a unit: T entries for each of its lanes, one lane after the other. Arrays of scores are null where the
/// policy has none.
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

/// How a lane stands after a step.
struct LaneState {
    int slots = 0;
    bool evicted = false;       ///< whether the policy has let something go
    bool renumbered = false;    ///< Moves::Once: whether slots have positions of their own
    int nextPosition = 0;       ///< then: of the token to come
    int firstEviction = kNever; ///< the step of it
    Fault fault = Fault::None;
    int faultStep = 0;
};

/// One unit of one layer under one policy: query heads that share a list of slots.
struct WalkLane {
    int layer = 0;                ///< among those of the walk
    int firstHead = 0, heads = 0; ///< its query heads
    int headsPerLane = 0;         ///< of those that are reported together
    RowsOfHeads group = RowsOfHeads::Mean;
    Chooses chooses = Chooses::Never;
    int every = 1; ///< steps from one choice to the next
    Moves moves = Moves::Never;
    int budget = 0;               ///< slots
    int sinks = 0;                ///< tokens below it may not go
    int recent = 0;               ///< nor the last so many slots
    int capacity = 0;             ///< slots that it may come to hold
    bool decided = false;         ///< whether it was decided beforehand who leaves at the prompt's end
    int leavingCount = 0;         ///< then: how many
    const int* leaving = nullptr; ///< and which slots, ascending
    Byte* memory = nullptr;       ///< for its arrays (LaneArrays and those of its parts)
    WalkResults results;
    LaneState state; ///< after the last launch
};

/// What the host and its kernels tell each other meanwhile.
struct Signals {
    int progress = 0; ///< steps that some lane has finished; a kernel writes it
    int stop = 0;     ///< not 0: launches that have not begun shall do nothing; the host writes it
};

/// A launch walks the steps [begin, end), which follow those of the launch before, through all lanes: a block of workers for
/// each.
struct Walk {
    const WalkLayer* layers = nullptr;
    WalkLane* lanes = nullptr;
    void* scorers = nullptr; ///< the states of the lanes' scorers, of the type that the text was put together for
    void* selectors = nullptr;
    volatile Signals* signals = nullptr;
    Shape shape;
    int begin = 0, end = 0;
};

/// The top-k oracle (core/replay/oracle.h) for policies with equally many lanes, after their walk: a block of workers for each
/// stripe of each lane, a stripe being every so many steps.
struct Oracle {
    const WalkLayer* layers = nullptr;
    const WalkResults* results = nullptr; ///< of each policy: those of all its lanes in the order of the layers
    const volatile Signals* signals = nullptr;
    Shape shape;
    int lanes = 0;   ///< of a layer
    int stripes = 0; ///< of a lane
    int policies = 0;
    const int* tokens = nullptr; ///< 0 … T − 1
    float* rows = nullptr;       ///< room, [blocks, T]
    double* means = nullptr;     ///< room, [blocks, T]
};

} // namespace winnow::kernel
