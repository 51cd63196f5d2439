#include "core/policy/presets/rkv.h"

#include "core/policy/lane_parts.h"
#include "core/policy/parts/budgets.h"
#include "core/policy/parts/selectors.h"
#include "core/policy/recipe_options.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>

namespace winnow {

namespace {

/// Four sums side by side: one alone would wait for every addition before it.
template <class Value>
double dot(const Value* a, const Value* b, std::size_t d)
{
    double sums[4] = {};
    std::size_t c = 0;
    for (; c + 4 <= d; c += 4)
        for (std::size_t lane = 0; lane < 4; ++lane)
            sums[lane] += static_cast<double>(a[c + lane]) * static_cast<double>(b[c + lane]);
    for (; c < d; ++c)
        sums[0] += static_cast<double>(a[c]) * static_cast<double>(b[c]);
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

void softmax(std::vector<double>& values)
{
    const double largest = *std::max_element(values.begin(), values.end());
    double sum = 0;
    for (double& value : values)
        sum += value = std::exp(value - largest);
    for (double& value : values)
        value /= sum;
}

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
        const std::vector<double> important = importance(positions.first(old)), redundant = redundancy(positions);
        for (std::size_t i = 0; i < old; ++i)
            m_scores[i] = m_options.mix * important[i] - (1 - m_options.mix) * redundant[i];
        return m_scores;
    }
    void erased(std::span<const int>) override {}

private:
    std::vector<double> importance(std::span<const std::int32_t> old) const
    {
        const auto d = static_cast<std::size_t>(m_vectors->headDim);
        const int group = m_vectors->queryHeads / m_vectors->keyHeads;
        std::vector<double> mean(old.size(), 0.0), row(old.size());
        for (const auto& queries : m_queries) {
            for (std::size_t i = 0; i < old.size(); ++i) {
                row[i] = -std::numeric_limits<double>::infinity();
                for (int head = 0; head < m_vectors->queryHeads; ++head) {
                    double logit =
                        dot(&queries[static_cast<std::size_t>(head) * d], m_vectors->key(head / std::max(1, group), old[i]), d);
                    if (m_vectors->softcap > 0)
                        logit = m_vectors->softcap * std::tanh(logit / m_vectors->softcap);
                    row[i] = std::max(row[i], logit);
                }
            }
            softmax(row);
            for (std::size_t i = 0; i < old.size(); ++i)
                mean[i] += row[i] / static_cast<double>(m_queries.size());
        }
        std::vector<double> pooled(old.size());
        const auto reach = static_cast<std::ptrdiff_t>(m_options.kernel / 2), count = static_cast<std::ptrdiff_t>(old.size());
        for (std::ptrdiff_t i = 0; i < count; ++i)
            pooled[static_cast<std::size_t>(i)] = *std::max_element(mean.begin() + std::max<std::ptrdiff_t>(0, i - reach),
                                                                    mean.begin() + std::min(count, i + reach + 1));
        return pooled;
    }
    /// Mean over the unit's KV heads.
    std::vector<double> redundancy(std::span<const std::int32_t> positions) const
    {
        std::vector<double> sum(positions.size(), 0.0);
        std::vector<const float*> keys(positions.size());
        for (int head = 0; head < m_vectors->keyHeads; ++head) {
            for (std::size_t i = 0; i < positions.size(); ++i)
                keys[i] = m_vectors->key(head, positions[i]);
            const auto one = keyRedundancy(keys, m_vectors->headDim, m_options.threshold);
            for (std::size_t i = 0; i < sum.size(); ++i)
                sum[i] += one[i] / m_vectors->keyHeads;
        }
        return sum;
    }

    RkvScores m_options;
    const LaneVectors* m_vectors = nullptr;
    std::deque<std::vector<float>> m_queries; ///< the newest, [heads, d] each
    std::vector<double> m_scores;
};

class RkvScorer final : public Scorer {
public:
    explicit RkvScorer(const RkvScores& options) : m_options(options) {}
    std::unique_ptr<LaneScorer> lane(int) const override { return std::make_unique<LaneRkv>(m_options); }

private:
    RkvScores m_options;
};

} // namespace

std::vector<double> keyRedundancy(const std::vector<const float*>& keys, int headDim, double threshold)
{
    struct Left {
        std::size_t column = 0;
        double cosine = 0;
    };
    const std::size_t n = keys.size(), d = static_cast<std::size_t>(headDim);
    std::vector<double> units(n * d), means(n, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
        const double length = std::max(std::sqrt(dot(keys[i], keys[i], d)), 1e-12);
        std::transform(keys[i], keys[i] + d, &units[i * d], [&](float value) { return value / length; });
    }
    std::vector<Left> left(n); // of each row; where no cosine is above the threshold, the first column's
    for (std::size_t i = 0; i < n; ++i) {
        if (threshold < 0)
            left[i] = {i, 0};                     // a key counts as 0 to itself
        for (std::size_t j = i + 1; j < n; ++j) { // each pair once; a row meets its columns in ascending order
            const double cosine = dot(&units[i * d], &units[j * d], d);
            means[i] += cosine;
            means[j] += cosine;
            if (i == 0)
                left[j].cosine = cosine;
            if (cosine > threshold) {
                left[i] = {j, cosine};
                left[j] = {i, cosine};
            }
        }
    }
    for (const auto& [column, cosine] : left)
        means[column] -= cosine;
    for (double& mean : means)
        mean /= static_cast<double>(n);
    softmax(means);
    return means;
}

std::shared_ptr<const Scorer> rkvScores(const RkvScores& options) { return std::make_shared<RkvScorer>(options); }

const Preset& rkvPreset()
{
    static const Preset preset{
        .info =
            {.name = "rkv",
             .title = "R-KV",
             .summary = "Every so many steps keeps tokens that the last queries want and whose keys are not like others'.",
             .citation =
                 "Cai et al.: R-KV: Redundancy-aware KV Cache Compression for Reasoning Models. NeurIPS 2025, arXiv 2505.24133.",
             .reference = "Zefan-Cai/R-KV",
             .parameters =
                 {shared_parameters::budget(),
                  wholeParameter("window", "Window", "Last queries, which vote; so many newest tokens never leave.", 1, 1e6, "8"),
                  shared_parameters::kernel("7"),
                  realParameter("mix", "Mix", "Weight of importance; redundancy gets the rest (lambda).", 0, 1, "0.07"),
                  realParameter("threshold", "Threshold",
                                "Cosine above which keys are alike; the latest of them is not held redundant.", -1, 1, "0.5"),
                  wholeParameter("every", "Every", "Steps between two choices; the cache grows in between.", 1, 1e6, "128"),
                  shared_parameters::positions("keep"), shared_parameters::granularity("kv")},
             .deviations = "Steps are counted from the end of the prompt."},
        .recipe =
            [](const PolicySpec& spec) {
                Recipe recipe = recipeWithShared(spec, Acts::EveryStep);
                recipe.every = spec.whole("every");
                recipe.protection.recent = spec.whole("window");
                recipe.scorer = rkvScores({.window = spec.whole("window"),
                                           .kernel = spec.whole("kernel"),
                                           .mix = spec.real("mix"),
                                           .threshold = spec.real("threshold")});
                recipe.selector = lowestScore();
                recipe.budget = uniformBudget();
                return recipe;
            },
    };
    return preset;
}

} // namespace winnow
