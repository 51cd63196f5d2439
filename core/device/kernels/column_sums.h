// SPDX-License-Identifier: GPL-3.0-or-later
// Kernel text: the attention that each token received from all queries, which are the sums of the columns of the attention
// matrix. The matrix itself is never there: exp(q · k − lse) is added up at once.
#pragma once

#include "core/device/kernels/walk_attention.h"

namespace winnow::kernel {

/// A worker multiplies kTogether queries with kTogether keys at a time, and so a block kColumns queries with kColumns keys. A
/// block keeps its keys and goes through the queries.
constexpr int kTogether = 4, kGroups = 16, kColumns = kTogether * kGroups;

/// The sums of one layer: a block of workers for each query head and each kColumns keys. Arrays are `stride` tokens wide, which
/// is the number of tokens rounded up to kColumns; what lies behind the last token may be any numbers. They are laid out channel
/// by channel, so that neighboring workers read neighboring numbers.
struct ColumnSums {
    const float* keys = nullptr;    ///< rotated, [KV heads, d, stride]
    const float* queries = nullptr; ///< rotated, times the scale, [query heads, d, stride]
    const float* lse = nullptr;     ///< [query heads, stride]
    double* sums = nullptr;         ///< the answer, [query heads, stride]
    double* parts = nullptr;        ///< scratch, [blocks, kGroups, kColumns]: what each group of a block's workers added up
    int queryHeads = 0, keyHeads = 0, headDim = 0;
    int tokens = 0, stride = 0;
    int reach = 0;     ///< tokens of the sliding window; 0 = there is none
    float softcap = 0; ///< 0 = there is none
};

/// Adds to sums[b], for each b below kTogether, what key `key` + b received from the queries `query` … `query` + kTogether − 1.
template <class Team>
void addSquare(const Team& team, const ColumnSums& of, int head, int key, int query, double* sums)
{
    const long long headRow = static_cast<long long>(head) * of.stride;
    const float* keys = of.keys + static_cast<long long>(head / (of.queryHeads / of.keyHeads)) * of.headDim * of.stride + key;
    const float* queries = of.queries + headRow * of.headDim + query;
    float logits[kTogether][kTogether] = {};
    for (int c = 0; c < of.headDim; ++c) {
        const long long channel = static_cast<long long>(c) * of.stride;
        for (int a = 0; a < kTogether; ++a)
            for (int b = 0; b < kTogether; ++b)
                logits[a][b] += queries[channel + a] * keys[channel + b];
    }
    for (int a = 0; a < kTogether; ++a)
        for (int b = 0; b < kTogether; ++b) {
            const int distance = query + a - (key + b);
            const bool sees = query + a < of.tokens && distance >= 0 && (of.reach <= 0 || distance < of.reach);
            if (!sees)
                continue;
            float logit = logits[a][b];
            if (of.softcap > 0)
                logit = of.softcap * team.hyperbolicTangent(logit / of.softcap);
            sums[b] += static_cast<double>(team.exponential(logit - of.lse[headRow + query + a]));
        }
}

/// The sums of one block's keys.
template <class Team>
void sumColumns(const Team& team, const ColumnSums& of, int block)
{
    const int tiles = of.stride / kColumns, head = block / tiles, first = (block % tiles) * kColumns;
    const int hidden = first + kColumns + of.reach; // from this query on, a sliding window hides all keys of the block
    const int end = of.reach > 0 && hidden < of.tokens ? hidden : of.tokens;
    double* parts = of.parts + static_cast<long long>(block) * kGroups * kColumns;
    team.forEach(0, kGroups * kGroups, [&](int i) {
        const int key = (i % kGroups) * kTogether, group = i / kGroups; // a group takes every kGroups-th square of queries
        double sums[kTogether] = {};
        for (int query = first + group * kTogether; query < end; query += kColumns) // queries before `first` see none of the keys
            addSquare(team, of, head, first + key, query, sums);
        for (int b = 0; b < kTogether; ++b)
            parts[group * kColumns + key + b] = sums[b];
    });
    team.forEach(0, kColumns, [&](int key) {
        double sum = 0;
        for (int group = 0; group < kGroups; ++group)
            sum += parts[group * kColumns + key];
        of.sums[static_cast<long long>(head) * of.stride + first + key] = sum;
    });
}

} // namespace winnow::kernel
