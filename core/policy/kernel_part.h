// SPDX-License-Identifier: GPL-3.0-or-later
// Parts whose rule is kernel text (core/policy/kernels), as a device needs them: what to compile, and how a lane begins. A part
// without it runs on the host only. Free of Torch.
#pragma once

#include "core/policy/kernels/parts.h"
#include "core/policy/recipe.h"

#include <cstddef>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <vector>

namespace winnow {

struct KernelPart {
    std::string_view header;                                      ///< where the text lies: "core/policy/kernels/lowest.h"
    std::string_view type;                                        ///< of the state, in winnow::kernel: "LowestGoes"
    std::vector<std::byte> state;                                 ///< of one lane, as it begins: numbers, and no arrays yet
    std::size_t (*arrayBytes)(const std::byte* state, int slots); ///< that its arrays take for so many slots
};

template <class State>
KernelPart kernelPart(std::string_view header, std::string_view type, const State& state)
{
    static_assert(std::is_trivially_copyable_v<State>, "a state is copied to devices byte by byte");
    KernelPart part{.header = header, .type = type, .state = std::vector<std::byte>(sizeof(State))};
    std::memcpy(part.state.data(), &state, sizeof(State));
    part.arrayBytes = [](const std::byte* bytes, int slots) {
        State of;
        std::memcpy(&of, bytes, sizeof(State));
        kernel::Arrays counted;
        place(counted, of, slots);
        return static_cast<std::size_t>(counted.bytes);
    };
    return part;
}

/// What a Scorer is besides, where its rule is kernel text.
class KernelScorer {
public:
    virtual ~KernelScorer() = default;
    /// As Scorer::lane.
    virtual KernelPart kernel(int prompt) const = 0;
};

/// What a Selector is besides, where its rule is kernel text.
class KernelSelector {
public:
    virtual ~KernelSelector() = default;
    /// As Selector::lane.
    virtual KernelPart kernel(const LaneInModel& lane, int regionSlots) const = 0;
};

/// The text of recipes without a scorer.
inline KernelPart noKernelScorer() { return kernelPart("core/policy/kernels/parts.h", "NoScorer", kernel::NoScorer{}); }

} // namespace winnow
