#include "core/replay/tensor_replay.h"

#include "core/base/check.h"
#include "core/cache/cache_state.h"
#include "core/policy/tensor_parts.h"
#include "core/replay/layer_tensors.h"

#include <ATen/ATen.h>

#include <cmath>
#include <deque>
#include <limits>

namespace winnow {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// What lane workers may read of a unit, copied to the host at the first question.
class HostVectors final : public LaneVectors {
public:
    HostVectors(const ReplayPlan& plan, const PolicyPlan& policy, const LayerTensors& rows, int layer, int unit)
        : m_rows(rows), m_firstQuery(unit * policy.headsPerUnit), m_firstKey(m_firstQuery / plan.group())
    {
        if (!policy.foreseen.empty())
            m_foreseen = policy.foreseen[static_cast<std::size_t>(layer) * policy.units + unit];
        headDim = plan.headDim;
        queryHeads = policy.headsPerUnit;
        keyHeads = std::max(1, policy.headsPerUnit / plan.group());
        softcap = rows.info.softcap;
    }
    const float* key(int keyHead, std::int32_t token) const override
    {
        if (!m_keys.defined()) {
            const auto keys = m_rows.k.slice(0, m_firstKey, m_firstKey + keyHeads);
            const auto all = at::arange(keys.size(1), at::TensorOptions(at::kLong).device(keys.device()));
            m_keys = m_rows.rotated(keys, all.unsqueeze(0).expand({keyHeads, -1})).to(at::kCPU).contiguous();
        }
        return m_keys.data_ptr<float>() + (keyHead * m_keys.size(1) + token) * headDim;
    }
    const float* query(int queryHead) const override
    {
        const auto queries = m_rows.q.slice(0, m_firstQuery, m_firstQuery + queryHeads).select(1, step);
        m_query = m_rows.rotated(queries, at::full({queryHeads}, step, at::TensorOptions(at::kLong).device(queries.device())))
                      .to(at::kCPU)
                      .contiguous();
        return m_query.data_ptr<float>() + static_cast<std::ptrdiff_t>(queryHead) * headDim;
    }
    std::span<const double> foreseen() const override { return m_foreseen; }
    int step = 0; ///< the present one

private:
    const LayerTensors& m_rows;
    int m_firstQuery, m_firstKey;
    std::span<const double> m_foreseen;
    mutable at::Tensor m_keys, m_query;
};

/// All units of one policy in one layer.
class TensorWalker {
public:
    TensorWalker(const ReplayPlan& plan, const PolicyPlan& policy, PolicyReplay& result, int layer, const LayerTensors& rows)
        : m_plan(plan), m_policy(policy), m_result(result), m_layer(layer), m_rows(rows), m_cache(policy.units, rows.q.device()),
          m_lost(at::zeros({policy.units}, at::TensorOptions(at::kBool).device(rows.q.device()))),
          m_fewest(policy.slotsOf(layer, 0))
    {
        std::vector<UnitId> units;
        std::vector<int> regions;
        std::vector<std::int64_t> slots;
        for (int unit = 0; unit < policy.units; ++unit) {
            units.push_back(plan.unit(layer, unit));
            regions.push_back(policy.regionSlots(layer, unit));
            slots.push_back(policy.slotsOf(layer, unit));
            m_fewest = std::min(m_fewest, policy.slotsOf(layer, unit));
        }
        m_slots = at::tensor(slots, at::kLong).to(rows.q.device());
        if (policy.recipe.scorer) {
            m_scorer = policy.recipe.scorer->tensors(policy.units, plan.prompt);
            std::vector<const LaneVectors*> vectors;
            for (int unit = 0; unit < policy.units; ++unit)
                vectors.push_back(&m_vectors.emplace_back(plan, policy, rows, layer, unit));
            m_scorer->attach(vectors);
        }
        if (policy.recipe.selector && !(policy.decision && policy.recipe.acts == Acts::EndOfPrompt))
            m_selector = policy.recipe.selector->tensors(units, regions);
    }

    void step(int t)
    {
        const Recipe& recipe = m_policy.recipe;
        m_cache.append(t);
        for (HostVectors& vectors : m_vectors)
            vectors.step = t;
        if (m_scorer && m_scorer->wantsQuery(m_plan.prompt - 1 - t))
            m_scorer->look(t);
        const bool mayChoose = recipe.mayChoose(t, m_plan.prompt);
        const bool mayEvict = mayChoose && m_cache.width() > m_fewest;
        const bool wantsRow = m_scorer && m_scorer->wantsRow(mayEvict, m_plan.prompt - 1 - t);
        const bool anyLost = m_lost.any().item<bool>();
        TensorStep view{.step = t};
        if (wantsRow || anyLost)
            view.row = attend(t);
        writeMetrics(t, anyLost);
        view.positions = m_cache.positions();
        view.live = m_cache.live();
        if (wantsRow)
            m_scorer->observe(view);
        leaveWindow(t);
        if (mayChoose && m_policy.decision && t == m_plan.prompt - 1)
            applyDecision(t);
        else if (mayChoose)
            evict(t);
        const auto lengths = lanesOf(m_cache.lengths()).to(at::kCPU, at::kInt);
        write(m_result.occupancy, t, lengths);
    }

    std::int32_t firstEviction() const { return m_firstEviction; }

private:
    /// Values per unit → values per lane.
    at::Tensor lanesOf(const at::Tensor& units) const { return units.repeat_interleave(m_policy.lanesPerUnit(), 0); }

    template <class T>
    void write(std::vector<T>& to, int t, const at::Tensor& perLane)
    {
        for (int lane = 0; lane < m_policy.lanes; ++lane)
            to[m_result.index(m_layer, lane, t)] = perLane.data_ptr<T>()[lane];
    }

    /// The units' reduced rows [units, slots]; leaves mass and error per lane in m_mass and m_error.
    at::Tensor attend(int t)
    {
        const Recipe& recipe = m_policy.recipe;
        const int heads = m_plan.queryHeads, group = m_plan.group();
        const auto positions = m_cache.positions().repeat_interleave(m_policy.headsPerUnit, 0); // [Hq, S]
        const auto dead = positions < 0;
        const auto kvHead = at::arange(heads, positions.options()).floor_divide(group).unsqueeze(1);
        const auto keys = m_rows.k.index({kvHead, positions.clamp_min(0)}); // [Hq, S, d]
        const auto values = m_rows.v.index({kvHead, positions.clamp_min(0)});
        const auto query = m_rows.q.select(1, t); // [Hq, d]
        const auto now = at::full({heads}, t, positions.options());
        const auto logitsAt = [&](const at::Tensor& queryPositions, const at::Tensor& keyPositions) {
            auto logits = (m_rows.rotated(query, queryPositions).unsqueeze(1) * m_rows.rotated(keys, keyPositions)).sum(-1);
            if (m_rows.info.softcap > 0)
                logits = m_rows.info.softcap * at::tanh(logits / m_rows.info.softcap);
            return logits.masked_fill(dead, -kInfinity);
        };
        auto logits = logitsAt(now, positions);
        const auto shares = (logits - m_rows.lse.select(1, t).unsqueeze(1)).exp();
        m_mass = shares.sum(1).clamp_max(1).view({m_policy.lanes, -1}).mean(1);
        if (recipe.positions == PositionMode::Reassign) {
            const auto slot = at::arange(positions.size(1), positions.options()).unsqueeze(0).expand_as(positions);
            logits = logitsAt(dead.logical_not().sum(1) - 1, slot);
        }
        const auto p = logits.softmax(1);
        const auto full = m_rows.o.select(1, t);
        const auto output = (p.unsqueeze(-1) * values).sum(1);
        m_error = ((output - full).norm(2, {-1}) / full.norm(2, {-1})).view({m_policy.lanes, -1}).mean(1);
        const auto perUnit = (m_scorer && m_scorer->wantsShares() ? shares : p).view({m_policy.units, m_policy.headsPerUnit, -1});
        return recipe.group == GroupReduction::Mean  ? perUnit.mean(1)
               : recipe.group == GroupReduction::Sum ? perUnit.sum(1)
                                                     : std::get<0>(perUnit.max(1));
    }

    void writeMetrics(int t, bool anyLost)
    {
        if (!anyLost) {
            write(m_result.mass, t, at::ones({m_policy.lanes}));
            write(m_result.error, t, at::zeros({m_policy.lanes}));
            return;
        }
        const auto lost = lanesOf(m_lost);
        write(m_result.mass, t, at::where(lost, m_mass, 1.0).to(at::kCPU, at::kFloat).contiguous());
        write(m_result.error, t, at::where(lost, m_error, 0.0).to(at::kCPU, at::kFloat).contiguous());
    }

    void leaveWindow(int t)
    {
        const int token = t - m_rows.info.window + 1;
        if (m_rows.info.window <= 0 || token < 0)
            return;
        const auto active = m_cache.positions().select(1, 0) == token;
        at::Tensor none;
        remove(t, active.unsqueeze(1).logical_and(slotNumbers() == 0), none, false);
    }

    /// Removes what was decided beforehand.
    void applyDecision(int t)
    {
        auto leaving = at::zeros({m_policy.units, m_cache.width()}, at::kBool);
        auto scores = at::full(leaving.sizes(), std::numeric_limits<double>::quiet_NaN(), at::kDouble);
        for (int unit = 0; unit < m_policy.units; ++unit) {
            const auto& decided = m_policy.decision->units[static_cast<std::size_t>(m_layer) * m_policy.units + unit];
            const auto row = static_cast<std::int64_t>(unit) * m_cache.width();
            for (const int victim : decided.victims)
                leaving.data_ptr<bool>()[row + victim] = true;
            std::copy(decided.scores.begin(), decided.scores.end(), scores.data_ptr<double>() + row);
        }
        leaving = leaving.to(m_lost.device());
        scores = scores.to(m_lost.device());
        remove(t, leaving, scores, true);
        recordLowestKept(t, scores);
    }

    void evict(int t)
    {
        const Protection& protection = m_policy.recipe.protection;
        at::Tensor scores; // fixed at the first choice of the step
        for (int round = 0;; ++round) {
            const auto excess = m_cache.lengths() - m_slots, active = excess > 0;
            if (!active.any().item<bool>())
                break;
            const TensorStep view{.step = t, .positions = m_cache.positions(), .live = m_cache.live()};
            const auto slot = slotNumbers();
            const auto lastFree = (m_cache.lengths() - protection.recent - protection.window).unsqueeze(1);
            const auto candidates = view.positions.ge(protection.sinks).logical_and(slot < lastFree);
            if (m_scorer && round == 0)
                scores = m_scorer->scores(view);
            at::Tensor leaving;
            if (m_selector->leavesAtOnce())
                leaving = m_selector->leaving(view, scores, candidates, excess);
            else
                leaving = slot.eq(m_selector->choose(view, scores, candidates, active, round).unsqueeze(1))
                              .logical_and(active.unsqueeze(1));
            WINNOW_CHECK(!leaving.logical_and(candidates.logical_not()).any().item<bool>(), "{} chose a slot it may not choose",
                         m_policy.spec.name);
            const auto fewest = m_selector->leavesAtOnce() ? excess : active.to(at::kLong);
            WINNOW_CHECK(leaving.sum(1).ge(fewest).all().item<bool>(), "{} chose too few slots", m_policy.spec.name);
            remove(t, leaving, scores, true);
        }
        if (scores.defined())
            recordLowestKept(t, scores);
    }

    at::Tensor slotNumbers() const { return at::arange(m_cache.width(), m_cache.positions().options()).unsqueeze(0); }

    /// Takes the slots of `leaving` out of the cache, the scorer's states and `scores`, and writes when they left. `chosen`: not
    /// by a sliding window, which would have hidden them anyway.
    void remove(int t, const at::Tensor& leaving, at::Tensor& scores, bool chosen)
    {
        const auto where = leaving.nonzero();
        if (where.size(0) == 0)
            return;
        const auto unit = where.select(1, 0), slot = where.select(1, 1);
        const auto units = unit.to(at::kCPU), tokens = m_cache.positions().index({unit, slot}).to(at::kCPU);
        const auto score = scores.defined() ? scores.index({unit, slot}).to(at::kCPU, at::kFloat) : at::Tensor();
        const int lanes = m_policy.lanesPerUnit();
        for (std::int64_t i = 0; i < where.size(0); ++i) {
            const int first = static_cast<int>(units.data_ptr<std::int64_t>()[i]) * lanes;
            for (int lane = first; lane < first + lanes; ++lane) {
                const auto cell = m_result.index(m_layer, lane, static_cast<int>(tokens.data_ptr<std::int64_t>()[i]));
                m_result.evictStep[cell] = t;
                if (score.defined())
                    m_result.scoreAtEviction[cell] = score.data_ptr<float>()[i];
            }
        }
        if (chosen) {
            m_lost = m_lost.logical_or(leaving.any(1));
            m_firstEviction = std::min(m_firstEviction, t);
        }
        std::vector<at::Tensor*> states{&scores};
        if (m_scorer) {
            m_scorer->erased(leaving);
            const auto own = m_scorer->states();
            states.insert(states.end(), own.begin(), own.end());
        }
        m_cache.remove(leaving, states);
    }

    /// `scores`: of what stayed.
    void recordLowestKept(int t, const at::Tensor& scores)
    {
        const auto known =
            at::where(m_cache.live().logical_and(scores.isnan().logical_not()), scores, std::numeric_limits<double>::infinity());
        auto lowest = std::get<0>(known.min(1));
        lowest =
            at::where(lowest.isinf(), std::numeric_limits<double>::quiet_NaN(), lowest).to(at::kCPU, at::kFloat).contiguous();
        for (int lane = 0; lane < m_policy.lanes; ++lane) {
            for (int token = 0; token <= t; ++token) {
                const auto cell = m_result.index(m_layer, lane, token);
                if (m_result.evictStep[cell] == t && !std::isnan(m_result.scoreAtEviction[cell]))
                    m_result.lowestKept[cell] = lowest.data_ptr<float>()[lane / m_policy.lanesPerUnit()];
            }
        }
    }

    const ReplayPlan& m_plan;
    const PolicyPlan& m_policy;
    PolicyReplay& m_result;
    int m_layer;
    const LayerTensors& m_rows;
    CacheState m_cache;
    at::Tensor m_lost, m_mass, m_error, m_slots;
    int m_fewest; ///< slots of the unit that has the fewest
    std::deque<HostVectors> m_vectors;
    std::unique_ptr<TensorScorer> m_scorer;
    std::unique_ptr<TensorSelector> m_selector;
    std::int32_t m_firstEviction = std::numeric_limits<std::int32_t>::max();
};

/// Top-k oracle by plain sorting of the full rows.
void oracle(const ReplayPlan& plan, const LayerTensors& rows, int layer, PolicyReplay& result)
{
    const int perLane = plan.queryHeads / result.lanes;
    const auto device = rows.q.device();
    const auto kvHead = at::arange(plan.queryHeads, at::TensorOptions(at::kLong).device(device)).floor_divide(plan.group());
    const auto all = at::arange(plan.tokens, at::TensorOptions(at::kLong).device(device));
    const auto keys = rows.rotated(rows.k, all.unsqueeze(0).expand({plan.keyHeads, -1})).index_select(0, kvHead);
    for (int t = 0; t < plan.tokens; ++t) {
        const int first = rows.info.window > 0 ? std::max(0, t - rows.info.window + 1) : 0;
        const auto query = rows.rotated(rows.q.select(1, t), at::full({plan.queryHeads}, t, all.options()));
        auto logits = (query.unsqueeze(1) * keys.slice(1, first, t + 1)).sum(-1);
        if (rows.info.softcap > 0)
            logits = rows.info.softcap * at::tanh(logits / rows.info.softcap);
        const auto full = (logits - rows.lse.select(1, t).unsqueeze(1)).exp().view({result.lanes, perLane, -1}).mean(1);
        const auto sums = std::get<0>(full.sort(1, true)).to(at::kDouble).cumsum(1).to(at::kCPU);
        const int live = t + 1 - first;
        for (int lane = 0; lane < result.lanes; ++lane) {
            const auto cell = result.index(layer, lane, t);
            const int attended = t == 0 ? 1 : result.occupancy[cell - 1] + 1;
            result.oracleMass[cell] =
                attended >= live ? 1.0F
                                 : static_cast<float>(std::min(
                                       1.0, sums.data_ptr<double>()[static_cast<std::int64_t>(lane) * live + attended - 1]));
        }
    }
}

} // namespace

Result<void> replayOnTensors(const Trace& trace, const ReplayPlan& plan, const ReplayOptions& options, const std::string& device,
                             std::vector<PolicyReplay>& results, const Advanced& advanced, const JobContext& job)
{
    const c10::InferenceMode inference;
    const double parts = static_cast<double>(plan.layers.size() * results.size());
    double done = 0;
    for (std::size_t layer = 0; layer < plan.layers.size(); ++layer) {
        WINNOW_TRY(const LayerTensors rows, LayerTensors::read(trace, plan.layerIndices[layer], at::Device(device)));
        for (std::size_t p = 0; p < results.size(); ++p, ++done) {
            TensorWalker walker(plan, plan.policies[p], results[p], static_cast<int>(layer), rows);
            for (int t = 0; t < plan.tokens; ++t) {
                WINNOW_TRY_VOID(job.check("the replay"));
                walker.step(t);
                if (t % options.block == 0)
                    advanced(0, (done + static_cast<double>(t) / plan.tokens) / parts);
            }
            results[p].choosesFrom = std::min(results[p].choosesFrom, walker.firstEviction());
            if (options.oracle)
                oracle(plan, rows, static_cast<int>(layer), results[p]);
        }
    }
    advanced(plan.tokens, 1);
    return {};
}

} // namespace winnow
