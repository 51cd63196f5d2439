// Scorer of the SnapKV family: attention received from the last `window` queries of the prompt, pooled over neighbors.
// Li et al. 2024, arXiv 2404.14469, section 4; FasterDecoding/SnapKV. Pooling has stride 1 and torch's edge rules: `avg` counts
// padding zeros in its divisor, padding never wins `max`. The window's own tokens take no part and are protected.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

enum class Pooling { Max, Average };

struct ObservationWindow {
    int window = 32;
    int kernel = 7; ///< odd
    Pooling pooling = Pooling::Max;
};
std::shared_ptr<const Scorer> observationWindow(const ObservationWindow& options);

/// One-dimensional pooling as described above; `out` has as many entries as `in`.
void poolScores(std::span<const double> in, int kernel, Pooling pooling, std::span<double> out);

} // namespace winnow
