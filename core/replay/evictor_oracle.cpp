// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/evictor_oracle.h"

#include "core/base/check.h"
#include "core/kernels/row_kernels.h"
#include "core/replay/attention_block.h"
#include "core/replay/evictor_prices.h"
#include "core/replay/replay_plan.h"
#include "core/trace/torch_parallel.h"
#include "core/trace/torch_work.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <numeric>
#include <set>
#include <thread>

namespace winnow {

namespace {

constexpr int kRows = 256; ///< query rows computed at a time

/// The evictor that gives up what is attended to least from here on; of equals the newer.
std::vector<float> greedyMass(const LaneAttention& attention, std::span<const std::int32_t> stored)
{
    const int tokens = attention.tokens();
    std::vector<double> left(static_cast<std::size_t>(tokens), 0.0); // attention still to come
    for (int t = 0; t < tokens; ++t)
        for (std::size_t i = 0; const float share : attention.row(t))
            left[i++] += static_cast<double>(share);
    std::vector<float> mass(static_cast<std::size_t>(tokens));
    std::vector<int> live;
    for (int t = 0; t < tokens; ++t) {
        live.push_back(t);
        const auto row = attention.row(t);
        double sum = 0;
        for (const int i : live) {
            sum += static_cast<double>(row[static_cast<std::size_t>(i)]);
            left[static_cast<std::size_t>(i)] -= static_cast<double>(row[static_cast<std::size_t>(i)]);
        }
        mass[static_cast<std::size_t>(t)] = static_cast<float>(std::min(sum, 1.0));
        const auto keep = static_cast<std::size_t>(std::max(0, stored[static_cast<std::size_t>(t)]));
        if (live.size() == keep + 1) {
            auto least = live.begin();
            for (auto slot = live.begin(); slot != live.end(); ++slot)
                if (left[static_cast<std::size_t>(*slot)] <= left[static_cast<std::size_t>(*least)])
                    least = slot;
            live.erase(least);
        } else if (live.size() > keep) {
            std::nth_element(live.begin(), live.begin() + static_cast<std::ptrdiff_t>(keep), live.end(), [&](int a, int b) {
                const double x = left[static_cast<std::size_t>(a)], y = left[static_cast<std::size_t>(b)];
                return x > y || (x == y && a < b);
            });
            live.resize(keep);
            std::sort(live.begin(), live.end());
        }
    }
    return mass;
}

/// The relaxed problem at given prices: every token for itself.
struct Relaxed {
    std::vector<float> worth, best; ///< of every token so far, and at its best last step, its own step aside
    std::vector<std::int32_t> last; ///< the step after which it leaves

    void solve(const LaneAttention& attention, std::span<const float> prices)
    {
        const int tokens = attention.tokens();
        worth.assign(static_cast<std::size_t>(tokens), 0.0F);
        best = worth;
        last.resize(static_cast<std::size_t>(tokens));
        std::iota(last.begin(), last.end(), 0);
        for (int t = 1; t < tokens; ++t)
            priceStep(attention.row(t).data(), static_cast<std::size_t>(t), prices[static_cast<std::size_t>(t) - 1], t,
                      worth.data(), best.data(), last.data());
    }
    /// The bound: what every token is worth at its best, and what the slots are paid for.
    double sum(const LaneAttention& attention, std::span<const std::int32_t> stored, std::span<const float> prices) const
    {
        double sum = std::accumulate(best.begin(), best.end(), 0.0);
        for (int t = 0; t < attention.tokens(); ++t)
            sum += static_cast<double>(attention.row(t)[static_cast<std::size_t>(t)]);
        for (std::size_t t = 0; t + 1 < stored.size(); ++t)
            sum += static_cast<double>(prices[t]) * stored[t];
        return sum;
    }
    /// Slots held after every step: token i after the steps i … last[i] − 1.
    std::vector<int> held() const
    {
        std::vector<int> held(last.size() + 1, 0);
        for (std::size_t i = 0; i < last.size(); ++i) {
            ++held[i];
            --held[static_cast<std::size_t>(last[i])];
        }
        std::partial_sum(held.begin(), held.end(), held.begin());
        held.pop_back();
        return held;
    }
};

/// What the relaxed choice keeps at every step, what is given back included; the sum is the bound. In double, exactly as defined.
std::vector<double> boundAt(const LaneAttention& attention, std::span<const std::int32_t> stored, std::span<const float> prices,
                            const Relaxed& relaxed)
{
    const std::vector<int> held = relaxed.held();
    std::vector<double> bound(held.size(), 0.0);
    for (int t = 0; t < attention.tokens(); ++t) {
        const auto row = attention.row(t);
        double sum = static_cast<double>(row[static_cast<std::size_t>(t)]);
        for (int i = 0; i < t; ++i)
            if (relaxed.last[static_cast<std::size_t>(i)] >= t)
                sum += static_cast<double>(row[static_cast<std::size_t>(i)]);
        if (t > 0)
            sum += static_cast<double>(prices[static_cast<std::size_t>(t) - 1]) *
                   (stored[static_cast<std::size_t>(t) - 1] - held[static_cast<std::size_t>(t) - 1]);
        bound[static_cast<std::size_t>(t)] = sum;
    }
    return bound;
}

/// What a slot after step t is worth to the top-k of step t + 1: the largest share among those that find no place.
std::vector<float> firstPrices(const LaneAttention& attention, std::span<const std::int32_t> stored)
{
    std::vector<float> prices(stored.size(), 0.0F), row;
    for (std::size_t t = 0; t + 1 < stored.size(); ++t) {
        const auto next = attention.row(static_cast<int>(t) + 1).first(t + 1);
        const auto places = static_cast<std::size_t>(std::max(0, stored[t]));
        if (places >= next.size())
            continue;
        row.assign(next.begin(), next.end());
        std::nth_element(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(places), row.end(), std::greater<>());
        prices[t] = row[places];
    }
    return prices;
}

/// One lane's attention, mean over the query heads [first, last).
void fill(const LayerKeys& keys, const QueryBlock& queries, int first, int last, LaneAttention& attention)
{
    const TorchWork torch;
    const LayerInfo& info = keys.info;
    const auto d = static_cast<std::int64_t>(info.headDim);
    const auto options = at::TensorOptions(at::kFloat);
    const float share = 1.0F / static_cast<float>(last - first);
    for (int begin = 0; begin < keys.tokens; begin += kRows) {
        const int end = std::min(keys.tokens, begin + kRows);
        for (int t = begin; t < end; ++t)
            std::fill(attention.row(t).begin(), attention.row(t).end(), 0.0F);
        const auto k = at::from_blob(const_cast<float*>(keys.key(first / info.group(), 0)), {end, d}, options);
        for (int head = first; head < last; ++head) {
            const auto q =
                at::from_blob(const_cast<float*>(&queries.queries[queries.row(head, begin) * static_cast<std::size_t>(d)]),
                              {end - begin, d}, options);
            auto logits = at::mm(q, k.t());
            for (int t = begin; t < end; ++t) {
                float* row = logits.data_ptr<float>() + static_cast<std::int64_t>(t - begin) * end;
                const std::size_t from = info.window > 0 ? static_cast<std::size_t>(std::max(0, t - info.window + 1)) : 0,
                                  count = static_cast<std::size_t>(t) + 1 - from;
                if (info.softcap > 0)
                    for (std::size_t i = from; i < from + count; ++i)
                        row[i] = capped(row[i], info.softcap);
                row_kernels::expShifted(row + from, count, queries.lse[queries.row(head, t)]);
                row_kernels::addScaled(row + from, count, share, attention.row(t).data() + from);
            }
        }
    }
}

/// How far lanes that are worked on side by side have come, told from the thread that made it.
class LaneProgress {
public:
    LaneProgress(const JobContext& job, int lanes, double begin, double end)
        : m_job(job), m_lanes(lanes), m_begin(begin), m_end(end)
    {
    }
    /// `share` of the present lane is done; returns false once a stop was requested.
    bool goesOn(double share)
    {
        if (!m_job.stopRequested() && std::this_thread::get_id() == m_caller)
            m_job.report("oracles of evictors", m_begin + (m_end - m_begin) * std::min(1.0, (m_done + share) / m_lanes));
        return !m_job.stopRequested();
    }
    void laneDone() { ++m_done; }

private:
    const JobContext& m_job;
    int m_lanes;
    double m_begin, m_end; ///< of the whole job
    std::atomic<int> m_done = 0;
    std::thread::id m_caller = std::this_thread::get_id();
};

/// Every lane of one kind (KV or query heads) of one layer.
void layerMass(const LayerKeys& keys, const QueryBlock& queries, int layer, int lanes, std::vector<PolicyReplay>& results,
               LaneProgress& progress)
{
    const int perLane = keys.info.queryHeads / lanes, tokens = keys.tokens;
    const std::size_t together = std::max<std::size_t>(1, kAttentionTogether / (LaneAttention::cells(tokens) * sizeof(float)));
    const auto work = [&](int lane) {
        if (!progress.goesOn(0))
            return;
        LaneAttention attention(tokens);
        fill(keys, queries, lane * perLane, (lane + 1) * perLane, attention);
        const auto cellOf = [&](const PolicyReplay& result) { return static_cast<std::ptrdiff_t>(result.index(layer, lane, 0)); };
        std::map<std::vector<std::int32_t>, std::vector<PolicyReplay*>> alike; // by what they stored
        for (PolicyReplay& result : results)
            if (result.lanes == lanes)
                alike[{result.occupancy.begin() + cellOf(result), result.occupancy.begin() + cellOf(result) + tokens}].push_back(
                    &result);
        for (double done = 0; const auto& [stored, policies] : alike) {
            const auto goesOn = [&](double share) { return progress.goesOn((done + share) / static_cast<double>(alike.size())); };
            const EvictorMass mass = evictorMass(attention, stored, 60, goesOn);
            if (!goesOn(1))
                return;
            for (PolicyReplay* result : policies) {
                std::copy(mass.greedy.begin(), mass.greedy.end(), result->futureMass.begin() + cellOf(*result));
                std::copy(mass.bound.begin(), mass.bound.end(), result->boundMass.begin() + cellOf(*result));
            }
            ++done;
        }
        progress.laneDone();
    };
    for (int first = 0; first < lanes && progress.goesOn(0); first += static_cast<int>(together)) {
        const int last = std::min<int>(lanes, first + static_cast<int>(together));
        torchParallelFor(static_cast<std::size_t>(last - first), [&](std::size_t lane) { work(first + static_cast<int>(lane)); });
    }
}

} // namespace

EvictorMass evictorMass(const LaneAttention& attention, std::span<const std::int32_t> stored, int rounds,
                        const std::function<bool(double)>& goesOn)
{
    const int tokens = attention.tokens();
    WINNOW_CHECK(stored.size() == static_cast<std::size_t>(tokens), "{} steps for {} tokens", stored.size(), tokens);
    EvictorMass mass{.greedy = greedyMass(attention, stored), .bound = {}};
    bool ample = true;
    for (int t = 0; t < tokens; ++t)
        ample = ample && stored[static_cast<std::size_t>(t)] > t;
    if (ample) {
        mass.bound = mass.greedy;
        return mass;
    }
    const double reached = std::accumulate(mass.greedy.begin(), mass.greedy.end(), 0.0);
    std::vector<float> prices = firstPrices(attention, stored), best;
    double least = 0, stride = 1;
    Relaxed relaxed;
    for (int round = 0, stale = 0; round <= rounds; ++round) {
        if (goesOn && !goesOn(static_cast<double>(round) / rounds))
            return mass;
        relaxed.solve(attention, prices);
        const std::vector<int> held = relaxed.held();
        const double sum = relaxed.sum(attention, stored, prices);
        if (best.empty() || sum < least) {
            least = sum;
            best = prices;
            stale = 0;
        } else if (++stale == 5) {
            stride /= 2;
            stale = 0;
        }
        double length = 0; // of the subgradient: how many slots too many or too few each step holds
        for (std::size_t t = 0; t < held.size(); ++t) {
            const double over = prices[t] > 0 || held[t] > stored[t] ? held[t] - stored[t] : 0;
            length += over * over;
        }
        if (length == 0 || sum - reached < 1e-6 * tokens)
            break;
        const double step = stride * (sum - reached) / length; // Polyak's
        for (std::size_t t = 0; t < held.size(); ++t)
            prices[t] = static_cast<float>(std::max(0.0, static_cast<double>(prices[t]) + step * (held[t] - stored[t])));
    }
    relaxed.solve(attention, best);
    const std::vector<double> bound = boundAt(attention, stored, best, relaxed);
    mass.bound.assign(bound.begin(), bound.end());
    return mass;
}

Result<void> addEvictorMass(const Trace& trace, const ReplayPlan& plan, std::vector<PolicyReplay>& results, const JobContext& job)
{
    for (PolicyReplay& result : results) {
        result.futureMass.assign(result.mass.size(), 0.0F, result.mass.place());
        result.boundMass.assign(result.mass.size(), 0.0F, result.mass.place());
    }
    for (std::size_t layer = 0; layer < plan.layers.size(); ++layer) {
        WINNOW_TRY_VOID(job.check("the oracles of evictors"));
        WINNOW_TRY(const LayerKeys keys, LayerKeys::read(trace, plan.layerIndices[layer], false));
        QueryBlock queries;
        WINNOW_TRY_VOID(queries.load(trace, plan.layerIndices[layer], keys, Position{0}, Position{plan.tokens}, false));
        std::set<int> kinds; // of lanes: KV heads, query heads
        for (const PolicyReplay& result : results)
            kinds.insert(result.lanes);
        for (double part = 0; const int lanes : kinds) {
            const auto share = [&](double parts) {
                return (static_cast<double>(layer) + parts / static_cast<double>(kinds.size())) /
                       static_cast<double>(plan.layers.size());
            };
            LaneProgress progress(job, lanes, share(part), share(part + 1));
            layerMass(keys, queries, static_cast<int>(layer), lanes, results, progress);
            ++part;
        }
    }
    return job.check("the oracles of evictors");
}

} // namespace winnow
