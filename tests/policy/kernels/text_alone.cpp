// SPDX-License-Identifier: GPL-3.0-or-later
// Compiles every kernel text without the standard library, exceptions and type information (CMakeLists.txt), as a device compiler
// does: the team is declared here and nothing else is.
#include "core/kernels/serial_team.h"
#include "core/policy/kernels/attention_sums.h"
#include "core/policy/kernels/decayed_attention.h"
#include "core/policy/kernels/drawn.h"
#include "core/policy/kernels/last_row.h"
#include "core/policy/kernels/low_counts.h"
#include "core/policy/kernels/tree_blocks.h"
#include "core/policy/kernels/tree_scope.h"

namespace winnow::kernel {

namespace {

/// Does what a team must do, one call after the other.
struct BareTeam : SerialTeam {
    int smallest(const double* values, int begin, int end, Tie tie) const
    {
        int best = begin;
        for (int i = begin; i < end; ++i)
            if (values[i] < values[best] || (tie == Tie::Last && values[i] == values[best]))
                best = i;
        return best;
    }
    double kthSmallest(double* values, int count, int k) const
    {
        for (int i = 0; i <= k; ++i) {
            const int at = smallest(values, i, count, Tie::First);
            const double value = values[at];
            values[at] = values[i];
            values[i] = value;
        }
        return values[k];
    }
    template <class T>
    void erase(T* values, int count, const int* gone, int goneCount) const
    {
        for (int i = 0, next = 0, to = 0; i < count; ++i)
            if (next < goneCount && gone[next] == i)
                ++next;
            else
                values[to++] = values[i];
    }
    template <class T>
    void fill(T* to, int count, T value) const
    {
        for (int i = 0; i < count; ++i)
            to[i] = value;
    }
    template <class From, class To>
    void copy(const From* from, int count, To* to) const
    {
        for (int i = 0; i < count; ++i)
            to[i] = from[i];
    }
    void add(const float* row, int count, double* sums) const
    {
        for (int i = 0; i < count; ++i)
            sums[i] += row[i];
    }
    void scaleAndAdd(const float* row, int count, double factor, double* sums) const
    {
        for (int i = 0; i < count; ++i)
            sums[i] = sums[i] * factor + row[i];
    }
    static double logarithm(double x) { return x; }
    static double notANumber() { return 0; }
};

template <class Scorer>
const double* useScorer(Scorer scorer, const float* row, const Live& live, Byte* memory, const int* gone)
{
    const BareTeam team;
    Arrays arrays;
    arrays.memory = memory;
    place(arrays, scorer, live.slots);
    if (wantsRow(scorer, true, 0))
        observe(team, scorer, row, live.slots);
    const double* scored = scores(team, scorer, live, arrays.take<double>(live.slots));
    erase(team, scorer, gone, 1);
    return scored;
}

template <class Selector>
int useSelector(Selector selector, const Choice& choice, Byte* memory, int* victims)
{
    const BareTeam team;
    Arrays arrays;
    arrays.memory = memory;
    place(arrays, selector, choice.live.slots);
    return choose(team, selector, choice, victims);
}

} // namespace

/// Uses every text once. Returns how many slots would have gone.
int useEveryText(const float* row, const int* positions, Byte* memory, Byte* more, int* victims)
{
    const Live live{2, positions, 4};
    Choice choice;
    choice.live = live;
    choice.among = {0, 4, 2};
    useScorer(NoScorer(), row, live, memory, victims);
    useScorer(LastRow(), row, live, memory, victims);
    useScorer(DecayedSums(), row, live, memory, victims);
    useScorer(LowCounts(), row, live, memory, victims);
    choice.scores = useScorer(AttentionSums(), row, live, memory, victims);
    int gone = useSelector(LowestGoes(), choice, more, victims) + useSelector(OldestGoes(), choice, more, victims) +
               useSelector(RandomGoes(), choice, more, victims) + useSelector(TreeScope(), choice, more, victims) +
               useSelector(DrawnByScore(), choice, more, victims);
    Arrays arrays;
    arrays.memory = more;
    TreeBlocksScratch scratch;
    scratch.means = arrays.take<double>(4);
    scratch.kept = arrays.take<int>(4);
    scratch.stays = arrays.take<Byte>(4);
    gone += treeBlocks(BareTeam(), choice.scores, 4, 1, choice.among, scratch, victims);
    return gone;
}

} // namespace winnow::kernel
