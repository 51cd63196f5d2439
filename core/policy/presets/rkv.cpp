// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/rkv.h"

#include "core/kernels/column_kernels.h"
#include "core/kernels/row_kernels.h"
#include "core/kernels/slot_kernels.h"
#include "core/policy/lane_parts.h"
#include "core/policy/parts/budget/budgets.h"
#include "core/policy/parts/step/score_order.h"
#include "core/policy/parts/step/selectors.h"
#include "core/policy/recipe_options.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <numeric>

namespace winnow {

namespace {

class LaneRkv final : public LaneScorer {
public:
    explicit LaneRkv(const RkvScores& options) : m_options(options) {}
    void attach(const LaneVectors& vectors) override { m_vectors = &vectors; }
    bool wantsQuery(int promptLeft) const override { return promptLeft < m_options.window; }
    void look(int) override
    {
        auto& queries = m_queries.emplace_back();
        for (int head = 0; head < m_vectors->queryHeads; ++head) {
            const float* query = m_vectors->query(head);
            queries.insert(queries.end(), query, query + m_vectors->headDim);
        }
        if (m_queries.size() > static_cast<std::size_t>(m_options.window))
            m_queries.pop_front();
    }
    bool wantsRow(bool, int) const override { return false; }
    void observe(int, std::span<const std::int32_t>, std::span<const float>) override {}
    std::span<const double> scores(int, std::span<const std::int32_t> positions) override
    {
        const std::size_t old = positions.size() - std::min(positions.size(), static_cast<std::size_t>(m_options.window));
        m_scores.assign(positions.size(), std::numeric_limits<double>::quiet_NaN());
        if (old == 0)
            return m_scores;
        const auto d = static_cast<std::size_t>(m_vectors->headDim);
        m_keys.resize(static_cast<std::size_t>(m_vectors->keyHeads) * positions.size() * d);
        const std::span<const int> order = m_order.of(positions.size()); // in which the keys are laid out
        float* to = m_keys.data();
        for (int head = 0; head < m_vectors->keyHeads; ++head)
            for (const int slot : order)
                to = std::copy_n(m_vectors->key(head, positions[static_cast<std::size_t>(slot)]), d, to);
        const std::vector<double> important = importance(positions.size(), old), redundant = redundancy(positions.size());
        for (std::size_t i = 0; i < old; ++i)
            m_scores[static_cast<std::size_t>(order[i])] = m_options.mix * important[i] - (1 - m_options.mix) * redundant[i];
        m_chose = true;
        return m_scores;
    }
    void erased(std::span<const int> victims) override
    {
        if (m_chose && m_options.scoreOrder)
            m_order.choose(victims, m_scores, m_options.window);
        else
            m_order.erase(victims);
        m_chose = false;
    }

private:
    const float* keysOf(int head, std::size_t slots) const
    {
        return &m_keys[static_cast<std::size_t>(head) * slots * static_cast<std::size_t>(m_vectors->headDim)];
    }
    /// Of the first `old` of all slots, as the keys lie.
    std::vector<double> importance(std::size_t slots, std::size_t old) const
    {
        const auto d = static_cast<std::size_t>(m_vectors->headDim);
        const auto group = static_cast<std::size_t>(m_vectors->queryHeads / m_vectors->keyHeads);
        std::vector<double> mean(old, 0.0);
        std::vector<float> logits(group * old), row(old);
        for (const auto& queries : m_queries) {
            std::ranges::fill(row, -std::numeric_limits<float>::infinity());
            for (int head = 0; head < m_vectors->keyHeads; ++head) {
                row_kernels::dotRows(&queries[static_cast<std::size_t>(head) * group * d], group, d, keysOf(head, slots), nullptr,
                                     old, d, logits.data());
                for (std::size_t query = 0; query < group; ++query)
                    for (std::size_t i = 0; i < old; ++i)
                        row[i] = std::max(row[i], logits[query * old + i]);
            }
            if (const float cap = m_vectors->softcap; cap > 0) // which changes no order, so once for all heads
                for (float& logit : row)
                    logit = cap * std::tanh(logit / cap);
            row_kernels::softmax(row.data(), old);
            slot_kernels::addRow(row.data(), old, mean.data());
        }
        for (double& sum : mean)
            sum /= static_cast<double>(m_queries.size());
        std::vector<double> pooled = mean;
        const std::size_t reach = std::min(static_cast<std::size_t>(m_options.kernel / 2), old - 1);
        for (std::size_t away = 1; away <= reach; ++away)
            for (std::size_t i = 0; i + away < old; ++i) {
                pooled[i] = std::max(pooled[i], mean[i + away]);
                pooled[i + away] = std::max(pooled[i + away], mean[i]);
            }
        return pooled;
    }
    /// Mean over the unit's KV heads.
    std::vector<double> redundancy(std::size_t slots) const
    {
        std::vector<double> sum(slots, 0.0);
        for (int head = 0; head < m_vectors->keyHeads; ++head) {
            const auto one = keyRedundancy({keysOf(head, slots), slots * static_cast<std::size_t>(m_vectors->headDim)},
                                           m_vectors->headDim, m_options.threshold);
            for (std::size_t i = 0; i < slots; ++i)
                sum[i] += one[i] / static_cast<double>(m_vectors->keyHeads);
        }
        return sum;
    }

    RkvScores m_options;
    const LaneVectors* m_vectors = nullptr;
    std::deque<std::vector<float>> m_queries; ///< the newest, [heads, d] each
    ScoreOrder m_order;                       ///< that of the text, unless scoreOrder
    std::vector<float> m_keys;                ///< of the live slots, [KV heads, slots, d], in that order
    std::vector<double> m_scores;
    bool m_chose = false; ///< by m_scores, and the victims have not left yet
};

class RkvScorer final : public Scorer {
public:
    explicit RkvScorer(const RkvScores& options) : m_options(options) {}
    std::unique_ptr<LaneScorer> lane(int) const override { return std::make_unique<LaneRkv>(m_options); }

private:
    RkvScores m_options;
};

/// Of every key's cosines to the others, the one to the latest above the threshold counts as 0, and where none is above it, the
/// one to the first. `units` [n, d]; `sums` [n]: of the cosines of all keys to each.
void leaveOutLatest(const std::vector<float>& units, std::size_t d, float threshold, std::vector<float>& sums)
{
    constexpr std::size_t kTogether = 16; // others that are looked at together, the latest first
    const std::size_t n = sums.size();
    std::vector<std::int32_t> laid, open(n), latest; // keys whose columns lie there, −1 for those that need them no more
    std::iota(open.begin(), open.end(), 0);
    std::vector<float> columns, cosines; // [d, pitch], and to the others that are looked at [kTogether, pitch]
    std::size_t pitch = 0;
    for (std::size_t end = n, begin = 0; end > 0 && !open.empty(); end = begin) {
        begin = end - std::min(end, kTogether);
        if (2 * open.size() <= laid.size() || laid.empty()) {
            laid = open;
            pitch = column_kernels::pitchOf(laid.size());
            columns.resize(d * pitch);
            cosines.resize(kTogether * pitch);
            column_kernels::layOut(units.data(), laid.data(), laid.size(), d, pitch, columns.data());
        }
        column_kernels::dotColumns(&units[begin * d], end - begin, d, columns.data(), pitch, pitch, d, cosines.data());
        latest.assign(pitch, -1);
        for (std::size_t j = 0; j < laid.size(); ++j)
            if (const auto key = static_cast<std::size_t>(laid[j]); laid[j] >= 0 && key >= begin && key < end)
                cosines[(key - begin) * pitch + j] = 0; // to itself
        for (std::size_t other = 0; other < end - begin; ++other)
            for (std::size_t j = 0; j < pitch; ++j)
                latest[j] = cosines[other * pitch + j] > threshold ? static_cast<std::int32_t>(other) : latest[j];
        open.clear();
        for (std::size_t j = 0; j < laid.size(); ++j) {
            if (laid[j] < 0)
                continue;
            if (latest[j] < 0 && begin > 0) {
                open.push_back(laid[j]);
                continue;
            }
            const auto other = static_cast<std::size_t>(std::max(latest[j], 0));
            sums[begin + other] -= cosines[other * pitch + j];
            laid[j] = -1;
        }
    }
}

} // namespace

std::vector<float> keyRedundancy(std::span<const float> keys, int headDim, double threshold)
{
    const auto d = static_cast<std::size_t>(headDim), n = keys.size() / d;
    std::vector<float> units(n * d), squares(n), all(d), means(n);
    row_kernels::unitRows(keys.data(), n, d, 1e-12, units.data(), squares.data());
    std::vector<double> sums(d, 0.0);
    for (std::size_t i = 0; i < n; ++i)
        slot_kernels::addRow(&units[i * d], d, sums.data());
    std::ranges::copy(sums, all.begin());
    row_kernels::dotRows(all.data(), 1, 0, units.data(), nullptr, n, d, means.data());
    for (std::size_t i = 0; i < n; ++i)
        means[i] -= squares[i]; // of the cosines to all others
    leaveOutLatest(units, d, static_cast<float>(threshold), means);
    for (float& mean : means)
        mean /= static_cast<float>(n);
    row_kernels::softmax(means.data(), n);
    return means;
}

std::shared_ptr<const Scorer> rkvScores(const RkvScores& options) { return std::make_shared<RkvScorer>(options); }

const Preset& rkvPreset()
{
    static const Preset preset{
        .info =
            {.name = "rkv",
             .title = "R-KV",
             .summary = "Every `every` steps, keeps the tokens that the last queries attend to and whose keys are not redundant.",
             .citation =
                 "Cai et al.: R-KV: Redundancy-aware KV Cache Compression for Reasoning Models. NeurIPS 2025, arXiv 2505.24133.",
             .reference = "Zefan-Cai/R-KV",
             .parameters =
                 {shared_parameters::budget(),
                  wholeParameter("window", "Window", "Last queries, whose attention counts; as many newest tokens never leave.",
                                 1, 1e6, "8"),
                  shared_parameters::kernel("7"),
                  realParameter("mix", "Mix", "Weight of importance; redundancy gets the rest (lambda).", 0, 1, "0.07"),
                  realParameter(
                      "threshold", "Threshold",
                      "Cosine above which keys count as similar; the latest of similar keys does not count as redundant.", -1, 1,
                      "0.5"),
                  wholeParameter("every", "Every", "Steps between two choices; the cache grows in between.", 1, 1e6, "128"),
                  choiceParameter("order", "Order",
                                  "Order of the slots for pooling and for the latest of similar keys: that of the text, or that "
                                  "of the authors' cache, which is sorted by score.",
                                  {"text", "score"}),
                  shared_parameters::positions("keep"), shared_parameters::granularity("kv")},
             .deviations =
                 "Steps are counted from the end of the prompt, not over all tokens. Choosing at the ends of lines, which the "
                 "reference can do, is left out."},
        .recipe =
            [](const PolicySpec& spec) {
                Recipe recipe = recipeWithShared(spec, Acts::EveryStep);
                recipe.every = spec.whole("every");
                recipe.protection.recent = spec.whole("window");
                recipe.scorer = rkvScores({.window = spec.whole("window"),
                                           .kernel = spec.whole("kernel"),
                                           .mix = spec.real("mix"),
                                           .threshold = spec.real("threshold"),
                                           .scoreOrder = spec.value("order") == "score"});
                recipe.selector = lowestScore();
                recipe.budget = uniformBudget();
                return recipe;
            },
    };
    return preset;
}

} // namespace winnow
