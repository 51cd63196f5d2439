// SPDX-License-Identifier: GPL-3.0-or-later
// Kernel text: the top-k oracle. The mass of the best set of as many slots as a policy attended to, chosen anew at every step by
// someone who sees the whole row (core/replay/oracle.h).
#pragma once

#include "core/device/kernels/walk_attention.h"

namespace winnow::kernel {

/// The sum of the `count` largest of `values`, 0 < count < size. May put them in another order.
template <class Team>
double sumOfLargest(const Team& team, double* values, int size, int count)
{
    const double bound = team.kthSmallest(values, size, size - count); // the least of the largest
    const double above = team.sum(0, size, [&](int i) { return values[i] > bound ? values[i] : 0; });
    const double countAbove = team.sum(0, size, [&](int i) { return values[i] > bound ? 1 : 0; });
    return above + (count - countAbove) * bound; // of those that equal the bound, as many as are still wanted
}

/// Stripe block % stripes of lane block / stripes, counting the lanes of all layers one after the other.
template <class Team>
void oracleStripe(const Team& team, const Oracle& oracle, int block)
{
    const int lane = block / oracle.stripes, tokens = oracle.shape.tokens;
    const WalkLayer& layer = oracle.layers[lane / oracle.lanes];
    const int heads = oracle.shape.queryHeads / oracle.lanes, firstHead = (lane % oracle.lanes) * heads;
    float* row = oracle.rows + static_cast<long long>(block) * tokens;
    double* mean = oracle.means + static_cast<long long>(block) * tokens;
    for (int step = block % oracle.stripes; step < tokens && !isStopped(team, oracle.signals); step += oracle.stripes) {
        const int first = layer.reach > 0 && step >= layer.reach ? step - layer.reach + 1 : 0; // that the sliding window shows
        const int live = step + 1 - first;
        const Slots all{oracle.tokens + first, nullptr, live, false};
        team.fill(mean, live, 0.0);
        for (int head = firstHead; head < firstHead + heads; ++head) {
            HeadRow<Team>(team, oracle.shape, layer, head, step).shares(all, row);
            team.forEach(0, live, [&](int slot) { mean[slot] += static_cast<double>(row[slot]) / heads; });
        }
        int known = -1; // `mass` is that of the best so many slots; policies one after the other often attend to equally many
        double mass = 0;
        for (int policy = 0; policy < oracle.policies; ++policy) {
            const WalkResults& results = oracle.results[policy];
            const long long cell = static_cast<long long>(lane) * tokens + step;
            const int attended = step == 0 ? 1 : results.occupancy[cell - 1] + 1;
            if (attended != known)
                mass = attended >= live ? 1 : sumOfLargest(team, mean, live, attended);
            known = attended;
            team.alone([&] { results.oracleMass[cell] = static_cast<float>(mass < 1 ? mass : 1); });
        }
    }
}

} // namespace winnow::kernel
