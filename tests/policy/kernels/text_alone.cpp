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

} // namespace

/// Uses every text once. Returns how many slots would have gone.
int useEveryText(const float* row, const int* positions, double* numbers, int* slots, Byte* marks)
{
    const BareTeam team;
    const Candidates among{0, 4, 2};
    int gone = 0;
    AttentionSums sums;
    sums.sums = numbers;
    observe(team, sums, row, 4);
    gone += lowest(team, scores(team, sums, 4, positions, numbers + 8), among, {numbers + 16, slots}, slots + 8);
    erase(team, sums, slots + 8, gone);
    LastRow last;
    last.row = numbers;
    observe(team, last, row, 4);
    (void)scores(team, last, numbers + 8);
    erase(team, last, slots + 8, 1);
    DecayedSums decayed;
    decayed.sums = numbers;
    observe(team, decayed, row, 4);
    (void)scores(team, decayed, 4);
    erase(team, decayed, slots + 8, 1);
    LowCounts counts;
    counts.counts = numbers;
    observe(team, counts, row, 4);
    erase(team, counts, slots + 8, 1);
    oldest(team, among, slots + 8);
    random(team, 1, 2, among, {slots, marks}, slots + 8);
    TreeScope scope;
    treeScope(team, scope, numbers, among, {slots, marks}, slots + 8);
    gone += treeBlocks(team, numbers, 4, 1, among, {numbers + 8, slots, marks}, slots + 8);
    DrawnByScore drawn;
    drawn.lots = numbers + 8;
    drawn.others = slots;
    drawn.scratch = {numbers + 16, slots + 4};
    return gone + drawnByScore(team, drawn, numbers, positions, among, slots + 8);
}

} // namespace winnow::kernel
