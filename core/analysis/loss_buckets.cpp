// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/loss_buckets.h"

#include <algorithm>
#include <cmath>

namespace winnow {

std::vector<LossBucket> lossBuckets(std::span<const float> logprob, int width)
{
    std::vector<LossBucket> buckets;
    double all = 0;
    std::int64_t counted = 0;
    const int tokens = static_cast<int>(logprob.size());
    for (int begin = 0; begin < tokens; begin += width) {
        LossBucket bucket{.begin = begin, .end = std::min(begin + width, tokens)};
        double sum = 0;
        for (int t = bucket.begin; t < bucket.end; ++t)
            if (const float value = logprob[static_cast<std::size_t>(t)]; !std::isnan(value)) {
                sum -= value;
                ++bucket.count;
            }
        all += sum;
        counted += bucket.count;
        if (bucket.count > 0)
            bucket.loss = sum / static_cast<double>(bucket.count);
        if (counted > 0)
            bucket.cumulated = all / static_cast<double>(counted);
        buckets.push_back(bucket);
    }
    return buckets;
}

} // namespace winnow
