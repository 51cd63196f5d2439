// SPDX-License-Identifier: GPL-3.0-or-later
// The slow obvious replay: the rules of the specification with loops over lists, in double, straight from the definition of
// attention. It shares nothing with the engines but the trace and the policy line. For evict-at-every-step policies and for the
// end of a prompt.
#pragma once

#include "core/replay/replay.h"
#include "tests/support/synthetic_trace.h"

#include <map>
#include <numeric>

namespace winnow::testing_support {

/// What one unit of heads did. Rows are [heads][t], all in double.
struct ReferenceLane {
    std::vector<int> evictStep;
    std::vector<double> mass, error;
};

/// `heads`: the query heads that decide together. Sums are kept per token, not per slot.
inline ReferenceLane referenceReplay(const SyntheticTrace& trace, std::size_t layerIndex, const std::vector<int>& heads,
                                     const PolicySpec& spec, int slots, int prompt)
{
    const LayerInfo& layer = trace.info.layerInfo[layerIndex];
    const int tokens = static_cast<int>(trace.info.tokens.size()), d = layer.headDim;
    const auto at = [&](const std::vector<float>& rows, int head, int t) {
        return rows.data() + (static_cast<std::size_t>(head) * tokens + t) * d;
    };
    const auto number = [&](const char* key) { return spec.value(key).empty() ? 0 : spec.whole(key); };
    const int sinks = number("sinks"), recent = number("recent"), window = number("window"), kernel = number("kernel");
    const bool reassign = spec.value("positions") == "reassign", once = window > 0;
    const std::string group(spec.value("group"));

    ReferenceLane lane{std::vector<int>(tokens, -1), std::vector<double>(tokens, 1), std::vector<double>(tokens, 0)};
    std::vector<int> live;
    std::vector<double> sums(tokens, 0);
    int idx = 1;
    bool lost = false;
    for (int t = 0; t < tokens; ++t) {
        live.push_back(t);
        const int count = static_cast<int>(live.size());
        std::vector<double> row(count, 0);
        double mass = 0, error = 0;
        for (const int head : heads) {
            const int kv = head / layer.group();
            std::vector<double> p(count);
            double sum = 0;
            for (int s = 0; s < count; ++s) {
                const auto query = rotatedRow(layer, at(trace.q[layerIndex], head, t), reassign ? count - 1 : t);
                const auto key = rotatedRow(layer, at(trace.k[layerIndex], kv, live[s]), reassign ? s : live[s]);
                sum += p[s] = std::exp(logitOf(layer, query, key));
                mass += trace.attention[layerIndex][(static_cast<std::size_t>(head) * tokens + t) * tokens + live[s]];
            }
            double difference = 0, norm = 0;
            for (int c = 0; c < d; ++c) {
                double out = 0;
                for (int s = 0; s < count; ++s)
                    out += p[s] / sum * at(trace.v[layerIndex], kv, live[s])[c];
                const double full = at(trace.o[layerIndex], head, t)[c];
                difference += (out - full) * (out - full);
                norm += full * full;
            }
            error += std::sqrt(difference / norm);
            for (int s = 0; s < count; ++s)
                row[s] =
                    group == "max" ? std::max(row[s], p[s] / sum) : row[s] + p[s] / sum / (group == "mean" ? heads.size() : 1);
        }
        if (lost) {
            lane.mass[t] = mass / heads.size();
            lane.error[t] = error / heads.size();
        }
        if (!once || (t < prompt && t >= prompt - window))
            for (int s = 0; s < count; ++s)
                sums[live[s]] += row[s];
        if (layer.window > 0 && live.front() == t - layer.window + 1) {
            lane.evictStep[live.front()] = t;
            live.erase(live.begin());
            row.erase(row.begin());
        }
        if (once ? t != prompt - 1 : t < std::max(prompt - 1, 0))
            continue;
        std::map<int, double> score;
        for (std::size_t s = 0; s < live.size(); ++s)
            score[live[s]] = spec.name == "tova"     ? row[s]
                             : spec.name == "treekv" ? sums[live[s]] / (t - live[s] + 1)
                                                     : sums[live[s]];
        if (once) {
            const int old = static_cast<int>(live.size()) - window;
            const std::vector<double> before(sums);
            for (int s = 0; s < old; ++s) {
                double best = 0, total = 0;
                for (int n = std::max(0, s - kernel / 2); n <= std::min(old - 1, s + kernel / 2); ++n) {
                    best = std::max(best, before[live[n]]);
                    total += before[live[n]];
                }
                score[live[s]] = spec.value("pool") == "max" ? best : total / kernel;
            }
        }
        while (static_cast<int>(live.size()) > slots) {
            std::vector<int> candidates; // tokens
            for (int s = 0; s < static_cast<int>(live.size()) - recent - window; ++s)
                if (live[s] >= sinks)
                    candidates.push_back(live[s]);
            int victim = candidates.front();
            if (spec.name == "treekv") {
                const int c = std::max(1, slots - sinks - recent);
                const int left = candidates[std::min<std::size_t>(idx - 1, candidates.size() - 1)];
                const int right = candidates[std::min<std::size_t>(idx, candidates.size() - 1)];
                victim = spec.value("keep") == "left" || score[left] > score[right] ? right : left;
                idx = spec.value("next") == "unit" ? idx % c + 1 : (idx + 1) % c + 1;
            } else if (spec.name != "window" && spec.name != "streaming") {
                for (const int token : candidates)
                    if (score[token] <= score[victim])
                        victim = token;
            }
            lane.evictStep[victim] = t;
            live.erase(std::find(live.begin(), live.end(), victim));
            lost = true;
        }
    }
    return lane;
}

} // namespace winnow::testing_support
