// SPDX-License-Identifier: GPL-3.0-or-later
// What kernel text stands on. Kernel text is the rule of a policy's step part (core/policy/kernels), written once: plain C++
// without the standard library, exceptions and virtual functions, over plain arrays. A host compiler compiles it for the CPU, and
// a device compiler can compile the same text. It is a template on a team of workers, which all run it together
// (core/kernels/team.h says what a team offers).
#pragma once

namespace winnow::kernel {

using Byte = unsigned char;
using Word = unsigned long long;
static_assert(sizeof(int) == 4 && sizeof(Word) == 8 && sizeof(float) == 4 && sizeof(double) == 8);

/// Which of equal values counts as the smallest.
enum class Tie { First, Last };

} // namespace winnow::kernel
