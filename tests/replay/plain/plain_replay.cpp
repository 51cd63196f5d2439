// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/replay/plain/plain_replay.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace winnow::plain {

namespace {

using namespace testing_support;

constexpr double kShortest = 1e-30; ///< squared length of an output; below it float32 runs out of digits

class Lane {
public:
    Lane(const SyntheticTrace& trace, const PolicySpec& spec, const Place& place)
        : m_trace(trace), m_info(trace.info.layerInfo[static_cast<std::size_t>(place.layer)]), m_place(place),
          m_rule(ruleOf(spec)), m_group(spec.value("group")), m_positions(spec.value("positions")),
          m_tokens(static_cast<int>(trace.info.tokens.size()))
    {
        m_scene.prompt = place.prompt;
        m_scene.budget = place.budget;
        m_scene.layer = raw(trace.info.layers[static_cast<std::size_t>(place.layer)]);
        m_scene.unit = place.unit;
        m_scene.modelLayers = static_cast<int>(trace.info.layers.size());
        m_scene.softcap = m_info.softcap;
        m_scene.rounding = place.rounding;
        const auto tokens = static_cast<std::size_t>(m_tokens);
        m_out.evictStep.assign(tokens, -1);
        m_out.mergedInto = m_out.occupancy = m_out.evictStep;
        m_out.read.resize(tokens);
        m_out.mass.assign(static_cast<std::size_t>(place.lanes), Vector(tokens));
        m_out.error = m_out.reach = m_out.mass;
    }

    Outcome walk()
    {
        for (int step = 0; step < m_tokens; ++step) {
            append(step);
            look();
            const Reading reading = m_rule.read ? m_rule.read(m_scene) : Reading{.tokens = live(), .bounds = {}};
            attend(reading.tokens);
            m_out.read[static_cast<std::size_t>(step)] = reading;
            m_rule.observe(m_scene);
            if (m_info.window > 0 && m_scene.slots.front().token == step - m_info.window + 1)
                leave(m_scene.slots.front().token);
            if (!m_place.lifetimes.empty())
                leaveAsGiven();
            else if (m_rule.choose)
                choose();
            m_out.occupancy[static_cast<std::size_t>(step)] = static_cast<int>(m_scene.slots.size());
            if (*m_rule.undecided && m_out.undecided < 0)
                m_out.undecided = step;
        }
        return m_out;
    }

private:
    int head(int i) const { return m_place.unit * m_place.heads + i; }
    int keyHeads() const { return std::max(1, m_place.heads / m_info.group()); }
    int firstKeyHead() const { return head(0) / m_info.group(); }
    const float* row(const std::vector<std::vector<float>>& of, int head, int token) const
    {
        return of[static_cast<std::size_t>(m_place.layer)].data() +
               (static_cast<std::size_t>(head) * m_tokens + token) * m_info.headDim;
    }
    double full(int head, int step, int token) const
    {
        return m_trace.attention[static_cast<std::size_t>(m_place.layer)]
                                [(static_cast<std::size_t>(head) * m_tokens + step) * m_tokens + token];
    }
    Tokens live() const
    {
        Tokens tokens;
        for (const Slot& slot : m_scene.slots)
            tokens.push_back(slot.token);
        return tokens;
    }
    Slot& slotOf(int token) { return m_scene.slots[static_cast<std::size_t>(m_scene.place(token))]; }

    void append(int step)
    {
        m_scene.step = step;
        Slot slot{.token = step};
        for (int i = 0; i < keyHeads(); ++i) {
            slot.keys.push_back(rotatedRow(m_info, row(m_trace.k, firstKeyHead() + i, step), step));
            const float* value = row(m_trace.v, firstKeyHead() + i, step);
            slot.values.emplace_back(value, value + m_info.headDim);
        }
        m_scene.slots.push_back(slot);
        m_at[step] = m_next++;
    }
    /// What a rule may see before anything is attended to.
    void look()
    {
        m_scene.queries.clear();
        m_scene.fullRow.clear();
        m_scene.toCome.clear();
        for (int i = 0; i < m_place.heads; ++i) {
            m_scene.queries.push_back(rotatedRow(m_info, row(m_trace.q, head(i), m_scene.step), m_scene.step));
            for (double& channel : m_scene.queries.back())
                channel *= m_info.scale;
            for (const Slot& slot : m_scene.slots) {
                m_scene.fullRow[slot.token] += full(head(i), m_scene.step, slot.token) / m_place.heads;
                for (int later = m_scene.step + 1; later < m_tokens; ++later)
                    m_scene.toCome[slot.token] += full(head(i), later, slot.token) / m_place.heads;
                m_scene.toCome[slot.token] += 0;
            }
        }
    }
    /// The rotary position of a slot: its own, its place, or what it was renumbered to.
    int position(int token) const
    {
        if (m_positions == "reassign" && m_evicted)
            return m_scene.place(token);
        return m_positions == "once" && m_renumbered ? m_at.at(token) : token;
    }
    void attend(const Tokens& tokens)
    {
        m_scene.row.clear();
        m_scene.faint.clear();
        std::vector<Numbers> faint(static_cast<std::size_t>(m_place.heads)); // shares that are, by head
        const int lanes = m_place.lanes, perLane = m_place.heads / lanes;
        for (int i = 0; i < m_place.heads; ++i) {
            const std::size_t key = static_cast<std::size_t>(head(i) / m_info.group() - firstKeyHead());
            const auto query = rotatedRow(m_info, row(m_trace.q, head(i), m_scene.step), position(m_scene.step));
            Vector logits;
            double mass = 0;
            for (const int token : tokens) {
                const Slot& slot = slotOf(token);
                const bool moved = position(token) != token;
                const auto rotated =
                    moved ? rotatedRow(m_info, row(m_trace.k, firstKeyHead() + static_cast<int>(key), token), position(token))
                          : slot.keys[key];
                logits.push_back(logitOf(m_info, query, rotated) + m_rule.mergedLogit * std::log(slot.tokens));
                mass += full(head(i), m_scene.step, token);
            }
            const Vector shares = softmax(logits);
            double difference = 0, norm = 0, lengths = 0;
            for (std::size_t s = 0; s < tokens.size(); ++s) {
                const Vector& value = slotOf(tokens[s]).values[key];
                lengths += shares[s] * std::sqrt(dot(value, value));
            }
            for (int c = 0; c < m_info.headDim; ++c) {
                double out = 0;
                for (std::size_t s = 0; s < tokens.size(); ++s)
                    out += shares[s] * slotOf(tokens[s]).values[key][static_cast<std::size_t>(c)];
                const double whole = row(m_trace.o, head(i), m_scene.step)[c];
                difference += (out - whole) * (out - whole);
                norm += whole * whole;
            }
            m_out.mass[static_cast<std::size_t>(i / perLane)][static_cast<std::size_t>(m_scene.step)] += mass / perLane;
            m_out.error[static_cast<std::size_t>(i / perLane)][static_cast<std::size_t>(m_scene.step)] +=
                norm < kShortest ? std::numeric_limits<double>::quiet_NaN() : std::sqrt(difference / norm) / perLane;
            m_out.reach[static_cast<std::size_t>(i / perLane)][static_cast<std::size_t>(m_scene.step)] +=
                lengths / std::sqrt(std::max(norm, kShortest)) / perLane;
            for (std::size_t s = 0; s < tokens.size(); ++s) {
                if (std::min(shares[s], full(head(i), m_scene.step, tokens[s])) < kLeastShare)
                    faint[static_cast<std::size_t>(i)][tokens[s]] = shares[s];
                double& share = m_scene.row[tokens[s]];
                share = m_group == "max"   ? std::max(share, shares[s])
                        : m_group == "sum" ? share + shares[s]
                                           : share + shares[s] / m_place.heads;
            }
        }
        for (const Numbers& shares : faint)
            for (const auto& [token, share] : shares)
                if (share >= m_place.rounding * m_scene.row[token])
                    m_scene.faint.insert(token);
    }
    void choose()
    {
        const int since = m_scene.step - std::max(0, m_place.prompt - 1),
                  must = static_cast<int>(m_scene.slots.size()) - m_place.budget;
        if (since < 0 || since % m_rule.every != 0 || must <= 0 || (m_rule.onlyAtPromptEnd && (since > 0 || m_place.prompt == 0)))
            return;
        Tokens candidates;
        for (std::size_t i = 0; i + static_cast<std::size_t>(m_rule.recent) < m_scene.slots.size(); ++i)
            if (m_scene.slots[i].token >= m_rule.sinks)
                candidates.push_back(m_scene.slots[i].token);
        const Numbers scores = m_rule.scores ? m_rule.scores(m_scene) : Numbers();
        if (m_rule.scores) {
            m_out.scores[m_scene.step] = scores;
            m_out.candidates[m_scene.step] = candidates;
        }
        const Tokens leaving = m_rule.choose(m_scene, scores, candidates, must);
        if (m_rule.merge)
            for (const Merging& merging : m_rule.merge(m_scene, scores, leaving))
                apply(merging);
        let(leaving);
    }
    void leaveAsGiven()
    {
        Tokens leaving;
        for (const Slot& slot : m_scene.slots)
            if (m_place.lifetimes[static_cast<std::size_t>(slot.token)] == m_scene.step)
                leaving.push_back(slot.token);
        if (!leaving.empty())
            let(leaving);
    }
    void let(const Tokens& leaving)
    {
        for (const int token : leaving)
            leave(token);
        m_evicted = true;
        if (m_scene.step == m_place.prompt - 1) { // for positions=once
            m_renumbered = true;
            m_next = 0;
            for (const Slot& slot : m_scene.slots)
                m_at[slot.token] = m_next++;
        }
    }
    void apply(const Merging& merging)
    {
        Slot &from = slotOf(merging.from), &into = slotOf(merging.into);
        const auto blend = [](std::vector<Vector>& to, const std::vector<Vector>& what, double stays, double comes) {
            for (std::size_t i = 0; i < to.size(); ++i)
                for (std::size_t c = 0; c < to[i].size(); ++c)
                    to[i][c] = stays * to[i][c] + comes * what[i][c];
        };
        blend(into.keys, from.keys, merging.keyStays, merging.keyComes);
        blend(into.values, from.values, merging.valueStays, merging.valueComes);
        if (merging.keyComes != 0)
            into.tokens += from.tokens;
        int& target = m_out.mergedInto[static_cast<std::size_t>(merging.from)];
        target = target < 0 ? merging.into : target;
    }
    void leave(int token)
    {
        m_out.evictStep[static_cast<std::size_t>(token)] = m_scene.step;
        m_scene.slots.erase(m_scene.slots.begin() + m_scene.place(token));
        m_scene.row.erase(token);
    }

    const SyntheticTrace& m_trace;
    const LayerInfo& m_info;
    Place m_place;
    Rule m_rule;
    std::string m_group, m_positions;
    int m_tokens;
    Scene m_scene;
    Outcome m_out;
    bool m_evicted = false, m_renumbered = false;
    std::map<int, int> m_at; ///< rotary position by token, for positions=once
    int m_next = 0;
};

} // namespace

Outcome replay(const SyntheticTrace& trace, const PolicySpec& spec, const Place& place)
{
    return Lane(trace, spec, place).walk();
}

} // namespace winnow::plain
