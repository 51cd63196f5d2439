// SPDX-License-Identifier: GPL-3.0-or-later
// Means of a replay's metrics over steps and chosen lanes: the numbers on plates, in the policy list and in tables.
// Pure, any thread, free of Torch and Qt.
#pragma once

#include "core/analysis/metrics.h"

#include <memory>
#include <optional>
#include <span>

namespace winnow {

/// A range of steps: `begin` belongs to it, `end` does not.
struct StepSpan {
    int begin = 0, end = 0;
    friend bool operator==(const StepSpan&, const StepSpan&) = default;
};

/// The steps that the means of one picture run over, the same for all its policies. `chosen` where there is one. Otherwise the
/// means begin where policies start to lose something: at the largest budget among `visible` (a budget that the text never fills
/// does not count), and not before the end of the prompt. They never go further than the policy that has come least far.
StepSpan meanSteps(std::span<const std::shared_ptr<const PolicyReplay>> visible, int prompt, std::optional<StepSpan> chosen = {});

/// Mean over lanes and steps. Values that are NaN are left out; without any value there is no mean. `lanes` are indices into
/// [layers × lanes]. Cost: lanes × steps reads.
std::optional<double> meanMetric(const PolicyReplay& policy, const Metric& metric, std::span<const int> lanes, StepSpan steps);

} // namespace winnow
