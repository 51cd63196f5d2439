// SPDX-License-Identifier: GPL-3.0-or-later
// Kernel text: the walk of one unit (core/device/kernels/walk_layout.h) through the steps of a recording, under a policy. It does
// at each step what the CPU's walk does (core/replay/lane_walker.h, core/replay/lane_turn.h).
#pragma once

#include "core/device/kernels/walk_attention.h"
#include "core/kernels/block_team.h"
#include "core/policy/kernels/parts.h"

namespace winnow::kernel {

/// The arrays of a unit, beside those of its scorer and selector.
struct LaneArrays {
    // By slot; these last from step to step.
    int* tokens = nullptr;
    int* positions = nullptr; ///< once they are renumbered
    // Of one step.
    float* row = nullptr;     ///< softmax of one head, by slot
    float* unit = nullptr;    ///< the row that the scorer sees, by slot
    double* scores = nullptr; ///< scratch of the scorer, by slot
    int* victims = nullptr;   ///< the slots that go, ascending
    float* query = nullptr;   ///< scratch for one head, see HeadRow
    float* output = nullptr;  ///< likewise
    float* parts = nullptr;   ///< likewise
};

/// Gives the arrays their places in the unit's memory. `slots`: the most that it may hold.
inline void place(Arrays& arrays, LaneArrays& of, int slots, int d)
{
    of.tokens = arrays.take<int>(slots);
    of.positions = arrays.take<int>(slots);
    of.row = arrays.take<float>(slots);
    of.unit = arrays.take<float>(slots);
    of.scores = arrays.take<double>(slots);
    of.victims = arrays.take<int>(slots);
    of.query = arrays.take<float>(d);
    of.output = arrays.take<float>(d);
    of.parts = arrays.take<float>(d > kMostWorkers ? d : kMostWorkers);
}

/// Whether `slot` is one of the ascending `places`.
inline bool isOneOf(const int* places, int count, int slot)
{
    int begin = 0;
    while (begin < count) {
        const int middle = (begin + count) / 2;
        if (places[middle] < slot)
            begin = middle + 1;
        else if (places[middle] > slot)
            count = middle;
        else
            return true;
    }
    return false;
}

/// The walk of the unit `lane` of `walk.lanes`. Every worker of its team has such an object: the state and the parts are its own
/// copies, equal in all workers, and one of them writes them back.
template <class Scorer, class Selector, class Team>
class LaneWalk {
public:
    LaneWalk(const Team& team, const Walk& walk, int lane)
        : m_team(team), m_walk(walk), m_index(lane), m_lane(walk.lanes[lane]), m_layer(walk.layers[m_lane.layer]),
          m_state(m_lane.state), m_scorer(static_cast<const Scorer*>(walk.scorers)[lane]),
          m_selector(static_cast<const Selector*>(walk.selectors)[lane])
    {
        Arrays arrays;
        arrays.memory = m_lane.memory;
        place(arrays, m_arrays, m_lane.capacity, m_layer.headDim);
        place(arrays, m_scorer, m_lane.capacity);
        place(arrays, m_selector, m_lane.capacity);
    }

    /// Walks through the steps of the launch, and writes back what the next launch goes on with.
    void run()
    {
        if (isStopped(m_team, m_walk.signals))
            return;
        for (int step = m_walk.begin; step < m_walk.end && m_state.fault == Fault::None; ++step)
            walkStep(step);
        m_team.alone([&] {
            m_walk.lanes[m_index].state = m_state;
            static_cast<Scorer*>(m_walk.scorers)[m_index] = m_scorer;
            static_cast<Selector*>(m_walk.selectors)[m_index] = m_selector;
            m_walk.signals->progress = m_walk.end;
        });
    }

private:
    void walkStep(int step)
    {
        if (m_state.slots >= m_lane.capacity)
            return stop(step, Fault::OutOfRoom);
        append(step);
        const bool wants = wantsRow(m_scorer, mustGo(step) > 0, m_walk.shape.prompt - 1 - step);
        if (wants || m_state.evicted)
            attend(step, wants);
        if (!m_state.evicted) // all that the full cache attends to is still there
            forEachLane([&](int lane) {
                m_lane.results.mass[entry(lane, step)] = 1;
                m_lane.results.error[entry(lane, step)] = 0;
            });
        if (wants)
            observe(m_team, m_scorer, m_arrays.unit, m_state.slots);
        leaveWindow(step);
        if (const int count = mustGo(step); count > 0)
            evict(step, count);
        if (m_state.fault != Fault::None)
            return;
        if (isOverBudget(step))
            return stop(step, Fault::OverBudget);
        forEachLane([&](int lane) { m_lane.results.occupancy[entry(lane, step)] = m_state.slots; });
    }

    void append(int step)
    {
        m_team.alone([&] {
            m_arrays.tokens[m_state.slots] = step;
            if (m_state.renumbered)
                m_arrays.positions[m_state.slots] = m_state.nextPosition;
        });
        ++m_state.slots;
        if (m_state.renumbered)
            ++m_state.nextPosition;
    }

    /// The attention of all heads: mass and error where something has left, and the row for the scorer where it `wants` one.
    void attend(int step, bool wants)
    {
        const Slots slots{m_arrays.tokens, m_state.renumbered ? m_arrays.positions : nullptr, m_state.slots, hasMoved()};
        if (wants)
            m_team.fill(m_arrays.unit, m_state.slots, 0.0F);
        float mass = 0, error = 0; // sums over the heads of one lane so far
        for (int head = 0; head < m_lane.heads; ++head) {
            const HeadRow<Team> row(m_team, m_walk.shape, m_layer, m_lane.firstHead + head, step);
            const float headMass = row.recorded(slots, m_arrays.row);
            if (m_state.evicted) {
                if (slots.moved)
                    row.moved(slots, m_arrays.row, m_arrays.query);
                mass += headMass < 1 ? headMass : 1;
                error += row.error(slots, m_arrays.row, m_arrays.output, m_arrays.parts);
            }
            if (wants)
                addToUnit();
            const bool endsLane = (head + 1) % m_lane.headsPerLane == 0;
            if (!m_state.evicted || !endsLane)
                continue;
            const long long at = entry(head / m_lane.headsPerLane, step);
            const auto heads = static_cast<float>(m_lane.headsPerLane);
            m_team.alone([&] {
                m_lane.results.mass[at] = mass / heads;
                m_lane.results.error[at] = error / heads;
            });
            mass = error = 0;
        }
    }
    /// Whether slots have other positions than in the recording.
    bool hasMoved() const
    {
        if (m_lane.moves == Moves::Once)
            return m_state.renumbered;
        return m_lane.moves == Moves::BySlot && m_state.evicted;
    }
    /// Adds the head's row to the scorer's, or takes the larger of both.
    void addToUnit()
    {
        const float factor = m_lane.group == RowsOfHeads::Mean ? 1 / static_cast<float>(m_lane.heads) : 1;
        const bool largest = m_lane.group == RowsOfHeads::Max;
        float* unit = m_arrays.unit;
        const float* row = m_arrays.row;
        m_team.forEach(0, m_state.slots, [&](int slot) {
            const float value = row[slot];
            if (!largest)
                unit[slot] += value * factor;
            else if (unit[slot] < value)
                unit[slot] = value;
        });
    }

    /// Removes the token that the next step's sliding window hides, if it is still there.
    void leaveWindow(int step)
    {
        const int hidden = step - m_layer.reach + 1;
        if (m_layer.reach <= 0 || m_state.slots == 0 || m_arrays.tokens[0] != hidden)
            return;
        m_team.alone([&] { m_arrays.victims[0] = 0; });
        forEachLane([&](int lane) { m_lane.results.evictStep[entry(lane, hidden)] = step; });
        remove(1);
    }

    bool isAtPromptEnd(int step) const { return m_lane.decided && step == m_walk.shape.prompt - 1; }
    /// How many slots must go at the end of `step`.
    int mustGo(int step) const
    {
        if (isAtPromptEnd(step))
            return m_lane.leavingCount;
        const int since = step - firstChoice();
        bool asked = false;
        if (m_lane.chooses == Chooses::EveryStep)
            asked = since >= 0 && since % m_lane.every == 0;
        else if (m_lane.chooses == Chooses::AtPromptEnd)
            asked = since == 0 && m_walk.shape.prompt > 0;
        return asked && m_state.slots > m_lane.budget ? m_state.slots - m_lane.budget : 0;
    }
    /// The step at which a policy may first choose.
    int firstChoice() const { return m_walk.shape.prompt > 0 ? m_walk.shape.prompt - 1 : 0; }

    void evict(int step, int count)
    {
        int gone = count;
        if (isAtPromptEnd(step)) { // the host chose, and writes the scores itself
            m_team.copy(m_lane.leaving, count, m_arrays.victims);
            record(step, count, nullptr, 0);
        } else {
            gone = chooseAndRecord(step, count);
            if (m_state.fault != Fault::None)
                return;
        }
        remove(gone);
        m_state.evicted = true;
        if (step < m_state.firstEviction)
            m_state.firstEviction = step;
        if (m_lane.moves == Moves::Once && step == m_walk.shape.prompt - 1)
            renumber();
    }
    /// Lets the selector name at least `count` victims, and records them. Returns how many there are.
    int chooseAndRecord(int step, int count)
    {
        const int *tokens = m_arrays.tokens, *victims = m_arrays.victims;
        Choice choice;
        choice.live = Live{step, tokens, m_state.slots};
        choice.among = Candidates{0, m_state.slots - m_lane.recent, count};
        while (choice.among.begin < m_state.slots && tokens[choice.among.begin] < m_lane.sinks)
            ++choice.among.begin;
        if (choice.among.size() < count) {
            stop(step, Fault::TooFewCandidates);
            return 0;
        }
        const double* scored = scores(m_team, m_scorer, choice.live, m_arrays.scores);
        choice.scores = scored;
        const int gone = choose(m_team, m_selector, choice, m_arrays.victims);
        if (gone < count || victims[0] < choice.among.begin || victims[gone - 1] >= choice.among.end) {
            stop(step, Fault::WrongChoice);
            return 0;
        }
        record(step, gone, scored, scored ? lowestKept(choice, gone) : 0);
        return gone;
    }
    /// Writes into the results that the first `gone` victims leave. `scored`: the scores of all slots, or null.
    void record(int step, int gone, const double* scored, float lowest)
    {
        m_team.forEach(0, gone, [&](int i) {
            const int victim = m_arrays.victims[i];
            for (int lane = 0; lane < lanes(); ++lane) {
                const long long at = entry(lane, m_arrays.tokens[victim]);
                m_lane.results.evictStep[at] = step;
                if (!scored)
                    continue;
                m_lane.results.scoreAtEviction[at] = static_cast<float>(scored[victim]);
                m_lane.results.lowestKept[at] = lowest;
            }
        });
    }
    /// The lowest score of the candidates that stay; no number where none of them has a score.
    float lowestKept(const Choice& choice, int gone) const
    {
        const double* scored = choice.scores;
        const auto staying = [&](int slot) { return isOneOf(m_arrays.victims, gone, slot) ? m_team.notANumber() : scored[slot]; };
        const int begin = choice.among.begin, end = choice.among.end;
        const double least = m_team.least(begin, end, staying);
        // Infinity is the least of no numbers, too.
        const bool isFinite = least - least == 0;
        if (!isFinite && m_team.sum(begin, end, [&](int slot) { return staying(slot) == least ? 1 : 0; }) == 0)
            return static_cast<float>(m_team.notANumber());
        return static_cast<float>(least);
    }

    /// The first `count` victims leave all arrays.
    void remove(int count)
    {
        const int* victims = m_arrays.victims;
        m_team.erase(m_arrays.tokens, m_state.slots, victims, count);
        if (m_state.renumbered)
            m_team.erase(m_arrays.positions, m_state.slots, victims, count);
        erase(m_team, m_scorer, victims, count);
        m_state.slots -= count;
    }
    void renumber()
    {
        m_team.forEach(0, m_state.slots, [&](int slot) { m_arrays.positions[slot] = slot; });
        m_state.renumbered = true;
        m_state.nextPosition = m_state.slots;
    }

    bool isOverBudget(int step) const
    {
        const int since = step - firstChoice();
        if (m_lane.chooses == Chooses::Never || since < 0)
            return false;
        // The host's decision may leave a prompt whole until the first choice of the steps.
        if (m_lane.chooses == Chooses::EveryStep && m_lane.decided && since < m_lane.every)
            return false;
        // Tokens that may have come since the last choice.
        const int come = m_lane.chooses == Chooses::AtPromptEnd ? since : m_lane.every - 1;
        return m_state.slots > m_lane.budget + come;
    }
    void stop(int step, Fault fault)
    {
        m_state.fault = fault;
        m_state.faultStep = step;
    }

    /// Lanes of the unit.
    int lanes() const { return m_lane.heads / m_lane.headsPerLane; }
    /// Where results of a lane stand, in the arrays of WalkResults; `index`: a step or a token.
    long long entry(int lane, int index) const { return static_cast<long long>(lane) * m_walk.shape.tokens + index; }
    /// write(lane) for each lane.
    template <class Write>
    void forEachLane(const Write& write)
    {
        m_team.forEach(0, lanes(), write);
    }

    const Team& m_team;
    const Walk& m_walk;
    int m_index;
    const WalkLane& m_lane;
    const WalkLayer& m_layer;
    LaneState m_state;
    LaneArrays m_arrays;
    Scorer m_scorer;
    Selector m_selector;
};

} // namespace winnow::kernel
