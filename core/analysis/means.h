// Means of a replay's metrics over steps and chosen lanes: the numbers on plates, in the policy list and in tables.
// Pure, any thread, free of Torch and Qt.
#pragma once

#include "core/replay/replay_result.h"

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace winnow {

enum class Metric { Mass, Error, Regret, Slots };

/// "mass", "error", "regret", "slots".
std::string_view metricName(Metric metric);

/// Steps that a mean runs over, half-open.
struct StepSpan {
    int begin = 0, end = 0;
    friend bool operator==(const StepSpan&, const StepSpan&) = default;
};

/// The steps all means of one picture run over, alike for all policies: `chosen` where there is one, else those at which a policy
/// can have lost something: from the step of the largest budget among `visible` on (budgets that the text never fills do not
/// count) and from the end of the prompt; in both cases no further than the policy that has come least far.
StepSpan meanSteps(std::span<const std::shared_ptr<const PolicyReplay>> visible, int prompt, std::optional<StepSpan> chosen = {});

/// One lane's value after one step; NaN where it is not computed. `lane`: index into [layers × lanes].
double metricAt(const PolicyReplay& policy, Metric metric, int lane, int step);

/// Mean over chosen lanes (indices into [layers × lanes]) and steps, NaN entries left out; nothing if none is left.
/// Cost: lanes × steps reads.
std::optional<double> meanMetric(const PolicyReplay& policy, Metric metric, std::span<const int> lanes, StepSpan steps);

} // namespace winnow
