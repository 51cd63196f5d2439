// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/tensor_walker.h"

#include "core/base/check.h"

namespace winnow {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

} // namespace

TensorWalker::TensorWalker(const ReplayPlan& plan, const PolicyPlan& policy, PolicyReplay& result, int layer,
                           const LayerTensors& rows)
    : m_plan(plan), m_policy(policy), m_result(result), m_layer(layer), m_rows(rows), m_cache(policy.units, rows.q.device()),
      m_lost(at::zeros({policy.units}, at::TensorOptions(at::kBool).device(rows.q.device()))), m_fewest(policy.slotsOf(layer, 0))
{
    std::vector<LaneInModel> units;
    std::vector<int> regions;
    std::vector<std::int64_t> slots;
    for (int unit = 0; unit < policy.units; ++unit) {
        units.push_back(plan.lane(layer, unit));
        regions.push_back(policy.regionSlots(layer, unit));
        slots.push_back(policy.slotsOf(layer, unit));
        m_fewest = std::min(m_fewest, policy.slotsOf(layer, unit));
    }
    m_slots = at::tensor(slots, at::kLong).to(rows.q.device());
    std::vector<const LaneVectors*> vectors;
    if (policy.recipe.scorer || policy.recipe.reader)
        for (int unit = 0; unit < policy.units; ++unit)
            vectors.push_back(&m_vectors.emplace_back(plan, policy, rows, layer, unit));
    if (policy.recipe.scorer) {
        m_scorer = policy.recipe.scorer->tensors(policy.units, plan.prompt);
        m_scorer->attach(vectors);
    }
    for (int unit = 0; policy.recipe.reader && unit < policy.units; ++unit) {
        m_readers.push_back(policy.recipe.reader->lane(units[static_cast<std::size_t>(unit)], policy.question.slots));
        m_readers.back()->attach(*vectors[static_cast<std::size_t>(unit)]);
    }
    if (policy.recipe.selector && !(policy.decision && policy.recipe.acts == Acts::EndOfPrompt))
        m_selector = policy.recipe.selector->tensors(units, regions);
}

void TensorWalker::step(int t)
{
    const Recipe& recipe = m_policy.recipe;
    m_cache.append(t);
    if (m_assigned.defined()) {
        m_assigned = at::constant_pad_nd(m_assigned, {0, m_cache.width() - m_assigned.size(1)});
        m_assigned.scatter_(1, (m_cache.lengths() - 1).unsqueeze(1), m_nextPosition.unsqueeze(1));
        m_nextPosition = m_nextPosition + 1;
    }
    for (HostVectors& vectors : m_vectors)
        vectors.step = t;
    if (m_scorer && m_scorer->wantsQuery(m_plan.prompt - 1 - t))
        m_scorer->look(t);
    const bool mayChoose = recipe.mayChoose(t, m_plan.prompt);
    const bool mayEvict = mayChoose && m_cache.width() > m_fewest;
    const bool wantsRow = m_scorer && m_scorer->wantsRow(mayEvict, m_plan.prompt - 1 - t);
    if (!m_readers.empty())
        readPages(t);
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
    if (!m_policy.given.empty())
        applyLifetimes(t);
    else if (mayChoose && m_policy.decision && t == m_plan.prompt - 1)
        applyDecision(t);
    else if (mayChoose)
        evict(t);
    const auto lengths = lanesOf(m_cache.lengths()).to(at::kCPU, at::kInt);
    write(m_result.occupancy, t, lengths);
}

at::Tensor TensorWalker::keyHeadOfHead() const
{
    return at::arange(m_plan.queryHeads, m_cache.positions().options()).floor_divide(m_plan.group()).unsqueeze(1);
}

at::Tensor TensorWalker::logitsOf(int t, const at::Tensor& queryPositions, const at::Tensor& keys) const
{
    const auto logits = (m_rows.rotated(m_rows.q.select(1, t), queryPositions).unsqueeze(1) * keys).sum(-1);
    return m_rows.info.softcap > 0 ? m_rows.info.softcap * at::tanh(logits / m_rows.info.softcap) : logits;
}

std::pair<at::Tensor, at::Tensor> TensorWalker::recorded(int t, const at::Tensor& hidden) const
{
    const auto positions = headPositions();
    const auto keys = m_rows.rotated(m_rows.k.index({keyHeadOfHead(), positions}), positions);
    const auto logits = logitsOf(t, at::full({m_plan.queryHeads}, t, positions.options()), keys).masked_fill(hidden, -kInfinity);
    return {(logits - m_rows.lse.select(1, t).unsqueeze(1)).exp(), logits};
}

at::Tensor TensorWalker::changedLogits(int t) const
{
    const auto positions = headPositions();
    const auto newest = (m_cache.lengths() - 1).unsqueeze(1);
    if (m_policy.recipe.positions == PositionMode::Reassign || m_assigned.defined()) {
        const auto assigned = m_assigned.defined() ? m_assigned : slotNumbers().expand_as(m_cache.positions());
        return logitsOf(t, perHead(assigned.gather(1, newest).squeeze(1)),
                        m_rows.rotated(m_rows.k.index({keyHeadOfHead(), positions}), perHead(assigned)));
    }
    auto logits = logitsOf(t, at::full({m_plan.queryHeads}, t, positions.options()), m_merged->keysOf(positions));
    if (m_policy.recipe.mergedLogit != 0)
        logits = logits + m_policy.recipe.mergedLogit * perHead(m_merged->tokensOf(m_cache.positions().clamp_min(0)).log());
    return logits;
}

at::Tensor TensorWalker::attend(int t)
{
    const Recipe& recipe = m_policy.recipe;
    const auto hidden = perHead(m_readers.empty() ? m_cache.positions() < 0 : m_isRead.logical_not());
    auto [shares, logits] = recorded(t, hidden);
    m_mass = shares.sum(1).clamp_max(1).view({m_policy.lanes, -1}).mean(1);
    if (recipe.positions == PositionMode::Reassign || m_assigned.defined() || m_merged)
        logits = changedLogits(t).masked_fill(hidden, -kInfinity);
    const auto p = logits.softmax(1);
    const auto values = m_merged ? m_merged->valuesOf(headPositions()) : m_rows.v.index({keyHeadOfHead(), headPositions()});
    const auto full = m_rows.o.select(1, t);
    const auto output = (p.unsqueeze(-1) * values).sum(1);
    m_error = ((output - full).norm(2, {-1}) / full.norm(2, {-1})).view({m_policy.lanes, -1}).mean(1);
    const auto perUnit = (m_scorer && m_scorer->wantsShares() ? shares : p).view({m_policy.units, m_policy.headsPerUnit, -1});
    return recipe.group == GroupReduction::Mean  ? perUnit.mean(1)
           : recipe.group == GroupReduction::Sum ? perUnit.sum(1)
                                                 : std::get<0>(perUnit.max(1));
}

void TensorWalker::readPages(int t)
{
    const auto all = m_cache.positions();
    const int page = m_result.pageTokens, first = all[0][0].item<int>();
    auto isRead = at::zeros({m_policy.units, all.size(1)}, at::kBool);
    at::Tensor rows;
    if (m_readers.front()->wantsRow() && t >= m_plan.prompt)
        rows = recorded(t, at::zeros({m_plan.queryHeads, all.size(1)}, all.options().dtype(at::kBool)))
                   .first.view({m_policy.units, m_policy.headsPerUnit, -1})
                   .mean(1)
                   .to(at::kCPU)
                   .contiguous();
    std::vector<int> pages;
    for (int unit = 0; unit < m_policy.units; ++unit) {
        pages.clear();
        if (t < m_plan.prompt)
            for (int p = first / page; p <= t / page; ++p)
                pages.push_back(p);
        else
            m_readers[static_cast<std::size_t>(unit)]->read(
                t, first,
                rows.defined()
                    ? std::span<const float>(rows.data_ptr<float>() + unit * rows.size(1), static_cast<std::size_t>(rows.size(1)))
                    : std::span<const float>(),
                pages);
        for (const int p : pages)
            isRead[unit].slice(0, std::max(0, p * page - first), std::min(t + 1 - first, (p + 1) * page - first)).fill_(true);
        for (int lane = unit * m_policy.lanesPerUnit(); lane < (unit + 1) * m_policy.lanesPerUnit(); ++lane)
            markRead(m_result, m_layer, lane, t, pages);
    }
    m_isRead = isRead.to(all.device());
    m_lost = m_isRead.logical_not().any(1);
    if (m_lost.any().item<bool>())
        m_firstEviction = std::min(m_firstEviction, t);
}

void TensorWalker::writeMetrics(int t, bool anyLost)
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

void TensorWalker::leaveWindow(int t)
{
    const int token = t - m_rows.info.window + 1;
    if (m_rows.info.window <= 0 || token < 0)
        return;
    const auto active = m_cache.positions().select(1, 0) == token;
    at::Tensor none;
    remove(t, active.unsqueeze(1).logical_and(slotNumbers() == 0), none, false);
}

void TensorWalker::applyDecision(int t)
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
    if (m_scorer)
        m_scorer->chosenBeforehand(leaving, scores);
    merge(t, leaving);
    remove(t, leaving, scores, true);
    recordLowestKept(t, scores, m_policy.recipe.atPromptEnd());
    renumber(t);
}

void TensorWalker::applyLifetimes(int t)
{
    const auto positions = m_cache.positions();
    at::Tensor none;
    const auto steps = at::from_blob(const_cast<std::int32_t*>(m_policy.givenTo(m_layer, 0, m_plan.tokens).data()),
                                     {m_policy.units, m_plan.tokens}, at::kInt)
                           .to(positions.device());
    remove(t, steps.gather(1, positions.clamp_min(0)).eq(t).logical_and(m_cache.live()), none, true);
    renumber(t);
}

void TensorWalker::merge(int t, const at::Tensor& leaving)
{
    if (!m_policy.recipe.merges || !leaving.any().item<bool>())
        return;
    if (!m_merged)
        m_merged.emplace(m_plan, m_policy, m_rows);
    std::vector<Merge> merges;
    for (int unit = 0; unit < m_policy.units; ++unit) {
        const auto slots = leaving[unit].nonzero().squeeze(1).to(at::kCPU, at::kInt).contiguous();
        const std::vector<int> victims(slots.data_ptr<std::int32_t>(), slots.data_ptr<std::int32_t>() + slots.numel());
        if (victims.empty())
            continue;
        const auto positions = m_cache.positions()[unit].slice(0, 0, m_cache.lengths()[unit].item<std::int64_t>());
        merges.clear();
        if (m_policy.decision && t == m_plan.prompt - 1)
            merges = m_policy.decision->units[static_cast<std::size_t>(m_layer) * m_policy.units + unit].merges;
        else
            m_selector->merges(unit, MergedTokens::Slots(*m_merged, unit, positions), merges);
        const std::vector<int> targets = mergeTargets(merges, victims);
        const auto tokens = positions.to(at::kCPU, at::kInt).contiguous();
        const auto token = [&](int slot) { return tokens.data_ptr<std::int32_t>()[slot]; };
        for (std::size_t i = 0; i < targets.size(); ++i)
            for (int lane = unit * m_policy.lanesPerUnit(); targets[i] >= 0 && lane < (unit + 1) * m_policy.lanesPerUnit();
                 ++lane)
                m_result.mergedInto[m_result.index(m_layer, lane, token(victims[i]))] = token(targets[i]);
        for (const Merge& one : merges)
            m_merged->apply(one, unit, positions);
    }
}

void TensorWalker::renumber(int t)
{
    if (m_policy.recipe.positions != PositionMode::Once || t != m_plan.prompt - 1 || !m_lost.any().item<bool>())
        return;
    m_assigned = at::where(m_lost.unsqueeze(1), slotNumbers(), m_cache.positions());
    m_nextPosition = at::where(m_lost, m_cache.lengths(), at::full_like(m_cache.lengths(), t + 1));
}

void TensorWalker::evict(int t)
{
    const Protection& protection = m_policy.recipe.protection;
    at::Tensor scores; // fixed at the first choice of the step
    for (int round = 0;; ++round) {
        const auto excess = m_cache.lengths() - m_slots, active = excess > 0;
        if (!active.any().item<bool>())
            break;
        const TensorStep view{.step = t, .positions = m_cache.positions(), .live = m_cache.live()};
        const auto slot = slotNumbers(), candidates = mayGo(protection);
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
        merge(t, leaving);
        remove(t, leaving, scores, true);
    }
    if (scores.defined())
        recordLowestKept(t, scores, protection);
    renumber(t);
}

void TensorWalker::remove(int t, const at::Tensor& leaving, at::Tensor& scores, bool chosen)
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
    std::vector<at::Tensor*> states{&scores, &m_assigned};
    if (m_scorer) {
        m_scorer->erased(leaving);
        const auto own = m_scorer->states();
        states.insert(states.end(), own.begin(), own.end());
    }
    m_cache.remove(leaving, states);
}

void TensorWalker::recordLowestKept(int t, const at::Tensor& scores, const Protection& protection)
{
    if (m_cache.width() == 0) // nothing stayed anywhere
        return;
    const auto known =
        at::where(mayGo(protection).logical_and(scores.isnan().logical_not()), scores, std::numeric_limits<double>::infinity());
    auto lowest = std::get<0>(known.min(1));
    lowest = at::where(lowest.isinf(), std::numeric_limits<double>::quiet_NaN(), lowest).to(at::kCPU, at::kFloat).contiguous();
    for (int lane = 0; lane < m_policy.lanes; ++lane) {
        for (int token = 0; token <= t; ++token) {
            const auto cell = m_result.index(m_layer, lane, token);
            if (m_result.evictStep[cell] == t && !std::isnan(m_result.scoreAtEviction[cell]))
                m_result.lowestKept[cell] = lowest.data_ptr<float>()[lane / m_policy.lanesPerUnit()];
        }
    }
}

} // namespace winnow
