// SPDX-License-Identifier: GPL-3.0-or-later
// What every thread makes first that computes with Torch.
#pragma once

#include <c10/core/InferenceMode.h>

namespace winnow {

/// While it lives, the calling thread computes with Torch, without gradients. Before the first one is there, MKL has chosen the
/// code of its vector functions (exp, log, sqrt, tanh, sin, cos) on one thread. Else it chooses at the first call of each; where
/// Torch's threads make that call together, one of them may get code of 11 to 13 bits for its part (issue 188792 of
/// pytorch/pytorch). On a busy machine the attention of half a head was wrong in its fourth digit so, in one run of twenty.
/// The first costs about a tenth of a second, as the first exp would.
class TorchWork {
public:
    TorchWork();

private:
    c10::InferenceMode m_noGradients;
};

} // namespace winnow
