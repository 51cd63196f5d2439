// SPDX-License-Identifier: GPL-3.0-or-later
// Expected attention against its definition, one head, one key and one position at a time.
#include "core/policy/parts/prompt/expected_attention.h"

#include "tests/policy/fixed_prompt_layer.h"

#include <gmock/gmock.h>

#include <cmath>
#include <random>

namespace winnow {
namespace {

using namespace testing_support;

/// One KV head of two query heads, whose rotary embedding turns the first 2 · `pairs` of `d` numbers.
class TurningLayer final : public FixedPromptLayer {
public:
    TurningLayer(int tokens, int d, int pairs, bool neighbors, unsigned seed) : m_pairs(pairs), m_neighbors(neighbors)
    {
        std::mt19937 random(seed);
        std::normal_distribution<double> normal;
        const auto filled = [&](std::int64_t heads) {
            auto numbers = at::zeros({heads, tokens, d}, at::kDouble);
            for (std::int64_t i = 0; i < numbers.numel(); ++i)
                numbers.data_ptr<double>()[i] = normal(random);
            return numbers;
        };
        keyRows = filled(1);
        valueRows = filled(1);
        m_queries = filled(2);
        finish();
        queryHeads = 2;
    }
    at::Tensor plainQueries() override { return m_queries; }
    std::pair<at::Tensor, at::Tensor> rotaryAt(int begin, int end) override
    {
        auto c = at::zeros({end - begin, m_pairs}), s = at::zeros({end - begin, m_pairs});
        for (int position = begin; position < end; ++position)
            for (int pair = 0; pair < m_pairs; ++pair) {
                c[position - begin][pair] = std::cos(position * angle(pair));
                s[position - begin][pair] = std::sin(position * angle(pair));
            }
        return {c, s};
    }
    bool interleaved() const override { return m_neighbors; }
    double logitScale() const override { return 0.4; }

    /// `row` as it is at `position`.
    std::vector<double> turned(std::vector<double> row, int position) const
    {
        for (int pair = 0; pair < m_pairs; ++pair) {
            const auto a = static_cast<std::size_t>(m_neighbors ? 2 * pair : pair),
                       b = static_cast<std::size_t>(m_neighbors ? 2 * pair + 1 : pair + m_pairs);
            const double c = std::cos(position * angle(pair)), s = std::sin(position * angle(pair));
            std::tie(row[a], row[b]) = std::pair(c * row[a] - s * row[b], s * row[a] + c * row[b]);
        }
        return row;
    }

private:
    static double angle(int pair) { return 0.3 / (1 + pair); }
    int m_pairs;
    bool m_neighbors;
    at::Tensor m_queries;
};

std::vector<double> rowOf(const at::Tensor& rows, int head, int token)
{
    const double* from = rows.data_ptr<double>() + (head * rows.size(1) + token) * rows.size(2);
    return {from, from + rows.size(2)};
}

double product(const std::vector<double>& a, const std::vector<double>& b)
{
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// The definition: of a query that is normally distributed as those of the prompt and turned by the mean rotation of the future.
std::vector<double> plainScores(TurningLayer& layer, const ExpectedAttention& options)
{
    const auto keys = layer.keys(), values = layer.values(), queries = layer.plainQueries();
    const int tokens = layer.tokens, d = static_cast<int>(keys.size(2));
    const auto later = [&](const std::vector<double>& row) {
        std::vector<double> sum(row.size(), 0);
        for (int position = tokens; position < tokens + options.future; ++position) {
            const std::vector<double> one = layer.turned(row, position);
            for (std::size_t c = 0; c < row.size(); ++c)
                sum[c] += one[c] / options.future;
        }
        return sum;
    };
    const int begin = options.sinks;
    std::vector<double> scores(static_cast<std::size_t>(tokens), 0);
    for (int head = 0; head < 2; ++head) {
        std::vector<double> mean(static_cast<std::size_t>(d), 0);
        for (int token = begin; token < tokens; ++token)
            for (std::size_t c = 0; c < mean.size(); ++c)
                mean[c] += rowOf(queries, head, token)[c] / (tokens - begin);
        std::vector<double> weights(static_cast<std::size_t>(tokens), 0);
        double all = 0;
        for (int key = begin; key < tokens; ++key) {
            double logit = layer.logitScale() * product(rowOf(keys, 0, key), later(mean));
            for (int token = begin; options.covariance && token < tokens; ++token) {
                std::vector<double> away = rowOf(queries, head, token);
                for (std::size_t c = 0; c < away.size(); ++c)
                    away[c] -= mean[c];
                logit += std::pow(layer.logitScale() * product(rowOf(keys, 0, key), later(away)), 2) / (2 * (tokens - begin));
            }
            all += weights[static_cast<std::size_t>(key)] = std::exp(logit);
        }
        for (int key = begin; key < tokens; ++key) {
            const double share = weights[static_cast<std::size_t>(key)] / all;
            const double length = std::sqrt(product(rowOf(values, 0, key), rowOf(values, 0, key)));
            scores[static_cast<std::size_t>(key)] += (options.valueNorm ? (share + options.epsilon) * length : share) / 2;
        }
    }
    return scores;
}

TEST(ExpectedAttention, isThatOfItsDefinitionUnderEveryRotation)
{
    struct Case {
        int pairs;
        bool neighbors;
        ExpectedAttention options;
    };
    const Case cases[] = {
        {2, false, {.future = 5, .sinks = 0, .epsilon = 0}},
        {1, false, {.future = 7, .sinks = 2, .epsilon = 0.02}}, // half of the numbers are turned
        {1, true, {.future = 3, .sinks = 1, .epsilon = 0.3}},
        {2, true, {.future = 1, .sinks = 4, .covariance = false, .epsilon = 0.1}},
        {0, false, {.future = 4, .sinks = 1, .valueNorm = false}}, // no rotary embedding
    };
    for (const auto& [pairs, neighbors, options] : cases) {
        TurningLayer layer(9, 4, pairs, neighbors, 7);
        const auto scores = firstScores(*expectedAttention(options), layer);
        const auto wanted = plainScores(layer, options);
        for (int token = 0; token < 9; ++token) {
            const auto at = static_cast<std::size_t>(token);
            if (token < options.sinks)
                EXPECT_TRUE(std::isnan(scores[at])) << "sinks stay by rule";
            else
                EXPECT_NEAR(scores[at], wanted[at], 1e-6)
                    << pairs << (neighbors ? " neighbors" : " halves") << ", token " << token;
        }
    }
}

TEST(ExpectedAttention, leavesAPromptOfSinksAlone)
{
    TurningLayer layer(3, 4, 1, false, 1);
    for (const int sinks : {3, 8})
        EXPECT_THAT(firstScores(*expectedAttention({.sinks = sinks}), layer), testing::Each(testing::IsNan()));
}

} // namespace
} // namespace winnow
