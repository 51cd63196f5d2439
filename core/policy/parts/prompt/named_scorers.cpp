// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/prompt/named_scorers.h"

#include "core/base/check.h"
#include "core/policy/parts/prompt/expected_attention.h"
#include "core/policy/parts/prompt/key_scores.h"
#include "core/policy/parts/prompt/vector_scores.h"
#include "core/policy/parts/step/received_attention.h"
#include "core/policy/recipe_options.h"

namespace winnow {

ObservationWindow observationOf(const PolicySpec& spec)
{
    return {.window = spec.whole("window"),
            .kernel = spec.whole("kernel"),
            .pooling = spec.value("pool") == "max" ? Pooling::Max : Pooling::Average,
            .reduceFirst = spec.value("reduce") != "after"};
}

std::shared_ptr<const PromptScorer> scorerNamed(std::string_view name, const PolicySpec& spec)
{
    if (name == "window") {
        ObservationWindow options = observationOf(spec);
        options.mean = true;
        return observationWindow(options);
    }
    if (name == "received")
        return receivedAttention(ReceivedAttention::Sum);
    if (name == "observed")
        return receivedAttention(ReceivedAttention::Mean);
    if (name == "last")
        return receivedAttention(ReceivedAttention::LastRow);
    if (name == "knorm")
        return keyNorm();
    if (name == "keydiff")
        return keyDifference();
    if (name == "lagkv")
        return lagRelative(4, 128);
    if (name == "qfilter")
        return queryFilter();
    if (name == "cur")
        return curLeverage({});
    WINNOW_CHECK(name == "expected", "no scorer '{}'", name);
    return expectedAttention({.sinks = 0});
}

ParameterSpec scorerParameter(std::string_view id, std::string_view title)
{
    return choiceParameter(id, title,
                           "window: votes of the prompt's last queries; received: attention received in all; observed: its mean; "
                           "last: of the newest query; knorm: short "
                           "keys; keydiff: keys unlike the others; lagkv: keys and values unlike those that follow; qfilter: "
                           "keys against the queries' direction; cur: "
                           "lengths of key and value; expected: attention expected of queries to come.",
                           {"window", "received", "observed", "last", "knorm", "keydiff", "lagkv", "qfilter", "cur", "expected"});
}

} // namespace winnow
