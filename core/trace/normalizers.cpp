// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/normalizers.h"

#include "core/trace/rotary.h"
#include "core/trace/torch_parallel.h"
#include "core/trace/torch_work.h"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

namespace winnow {

namespace {

constexpr std::size_t kSpread = 12, kOutstanding = 4; ///< steps that are looked at
constexpr std::int64_t kBlockFloats = 1 << 22;        ///< of keys, held at a time
/// Relative errors of a logit. bfloat16, also where no type is named: query, key, and sine and cosine of both are rounded by 2^-8
/// each. float32: query and key by 2^-11, in tensor cores.
constexpr double kHalfPrecision = 0x1p-6, kFloatPrecision = 0x1p-10;
constexpr double kStorePrecision = 0x1p-22;                           ///< of lse itself
constexpr double kLeast = 0.02;                                       ///< allowed whatever the numbers
constexpr double kNothing = -std::numeric_limits<double>::infinity(); ///< logarithm of an empty sum
constexpr double kMost = 8; ///< no rounding makes a row add up to thousands, or to less than a thousandth

/// Steps spread over all, and those whose normalizers differ most from the others of their head; ascending. `lse` [heads, T].
std::vector<std::int32_t> chosenSteps(const std::vector<float>& lse, int heads)
{
    const std::size_t tokens = lse.size() / static_cast<std::size_t>(heads);
    std::vector<double> away(tokens); // largest over the heads
    for (auto row = lse.begin(); row != lse.end(); row += static_cast<std::ptrdiff_t>(tokens)) {
        const double mean = std::accumulate(row, row + static_cast<std::ptrdiff_t>(tokens), 0.0) / static_cast<double>(tokens);
        for (std::size_t t = 0; t < tokens; ++t)
            away[t] = std::max(away[t], std::abs(row[static_cast<std::ptrdiff_t>(t)] - mean));
    }
    const std::size_t spread = std::min(tokens, kSpread), outstanding = std::min(tokens, kOutstanding);
    std::set<std::int32_t> steps;
    for (std::size_t i = 0; i < spread; ++i)
        steps.insert(static_cast<std::int32_t>(i * (tokens - 1) / std::max<std::size_t>(1, spread - 1)));
    std::vector<std::int32_t> order(tokens);
    std::iota(order.begin(), order.end(), 0);
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(outstanding), order.end(),
                      [&](int a, int b) { return away[static_cast<std::size_t>(a)] > away[static_cast<std::size_t>(b)]; });
    steps.insert(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(outstanding));
    return {steps.begin(), steps.end()};
}

/// log(exp(a) + exp(b)); −∞ stands for no term.
double logAdd(double a, double b) { return a == kNothing ? b : std::max(a, b) + std::log1p(std::exp(-std::abs(a - b))); }

/// The attention of all query heads at some steps, summed block by block of the keys.
class RowSums {
public:
    RowSums(const LayerInfo& layer, std::vector<std::int32_t> steps)
        : m_layer(layer), m_steps(std::move(steps)), m_queries(m_steps.size() * heads() * layer.headDim),
          m_logSums(m_steps.size() * heads(), kNothing), m_longest(static_cast<std::size_t>(layer.keyHeads))
    {
    }

    const std::vector<std::int32_t>& steps() const { return m_steps; }

    Result<void> readQueries(const ReadRows& read)
    {
        const std::size_t d = static_cast<std::size_t>(m_layer.headDim);
        std::vector<float> row(heads() * d);
        for (std::size_t i = 0; i < m_steps.size(); ++i) {
            WINNOW_TRY_VOID(read(Rows::Query, Head{}, m_layer.queryHeads, Position(m_steps[i]), Position(m_steps[i] + 1), row));
            for (std::size_t head = 0; head < heads(); ++head)
                std::copy_n(&row[head * d], d, &m_queries[cell(head, i) * d]);
        }
        rotate(m_layer, m_queries, m_layer.queryHeads, m_steps);
        return {};
    }

    /// Adds rotated keys [key heads, n, d], the first of them at `begin`.
    void add(std::span<const float> keys, int begin)
    {
        torchParallelFor(static_cast<std::size_t>(m_layer.keyHeads), [&](std::size_t head) {
            const std::size_t floats = keys.size() / static_cast<std::size_t>(m_layer.keyHeads);
            addHead(head, keys.subspan(head * floats, floats), begin);
        });
    }

    /// Whether a step attends to one of the keys begin … end − 1.
    bool any(int begin, int end) const
    {
        return std::any_of(m_steps.begin(), m_steps.end(), [&](int step) { return firstKey(step) < end && step >= begin; });
    }

    double logSum(int head, std::size_t step) const { return m_logSums[cell(static_cast<std::size_t>(head), step)]; }

    /// A bound of that row's logits: the lengths of its query and of the longest key, scaled.
    double largestLogit(int head, std::size_t step) const
    {
        const auto row = Eigen::VectorXf::Map(query(static_cast<std::size_t>(head), step), m_layer.headDim);
        return row.norm() * m_longest[static_cast<std::size_t>(head / m_layer.group())] * m_layer.scale;
    }

private:
    using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

    std::size_t heads() const { return static_cast<std::size_t>(m_layer.queryHeads); }
    std::size_t cell(std::size_t head, std::size_t step) const { return head * m_steps.size() + step; }
    const float* query(std::size_t head, std::size_t step) const
    {
        return m_queries.data() + cell(head, step) * static_cast<std::size_t>(m_layer.headDim);
    }
    int firstKey(int step) const { return m_layer.window > 0 ? std::max(0, step - m_layer.window + 1) : 0; }

    void addHead(std::size_t keyHead, std::span<const float> floats, int begin)
    {
        const Eigen::Index d = m_layer.headDim, count = static_cast<Eigen::Index>(floats.size()) / d;
        const auto keys = Matrix::Map(floats.data(), count, d);
        const double longest = std::sqrt(static_cast<double>(keys.rowwise().squaredNorm().maxCoeff()));
        m_longest[keyHead] = std::max(m_longest[keyHead], longest);
        const std::size_t group = static_cast<std::size_t>(m_layer.group());
        Eigen::MatrixXf logits; // [keys, heads of the group]
        for (std::size_t i = 0; i < m_steps.size(); ++i) {
            const Eigen::Index from = std::max(0, firstKey(m_steps[i]) - begin),
                               to = std::min<Eigen::Index>(count, m_steps[i] + 1 - begin);
            if (from >= to)
                continue;
            const Eigen::Map<const Matrix, 0, Eigen::OuterStride<>> queries(
                query(keyHead * group, i), static_cast<Eigen::Index>(group), d,
                Eigen::OuterStride<>(static_cast<Eigen::Index>(m_steps.size()) * d));
            logits.noalias() = keys.middleRows(from, to - from) * queries.transpose();
            for (std::size_t member = 0; member < group; ++member) {
                double& sum = m_logSums[cell(keyHead * group + member, i)];
                sum = logAdd(sum, logSumExp(logits.col(static_cast<Eigen::Index>(member)).array()));
            }
        }
    }

    /// Of the logits of some products of queries and keys.
    double logSumExp(Eigen::ArrayXf logits) const
    {
        logits *= m_layer.scale;
        if (m_layer.softcap > 0)
            logits = (logits / m_layer.softcap).tanh() * m_layer.softcap;
        const float largest = logits.maxCoeff();
        return largest + std::log((logits - largest).exp().cast<double>().sum());
    }

    const LayerInfo& m_layer;
    std::vector<std::int32_t> m_steps;
    std::vector<float> m_queries;  ///< [heads, steps, d], rotated
    std::vector<double> m_logSums; ///< [heads, steps]
    std::vector<double> m_longest; ///< key, of each key head
};

} // namespace

double mostLogSum(const TraceInfo& info, double largestLogit, double lse)
{
    const auto dtype = info.manifest.find("dtype");
    const bool wide = dtype != info.manifest.end() && dtype->second == "float32";
    const double rounding = largestLogit * (wide ? kFloatPrecision : kHalfPrecision) + std::abs(lse) * kStorePrecision;
    return std::min(kLeast + rounding, kMost);
}

std::string describeSum(double sum, int head, int token)
{
    return fmt::format(
        "does not belong to the queries and keys of its layer: the attention of head {} at token {} adds up to {:.3g}; "
        "expected 1 (scale, softcap, window, layout and inv_freq take part)",
        head, token, sum);
}

Result<std::string> wrongNormalizers(const TraceInfo& info, int layerIndex, const ReadRows& read)
{
    const TorchWork torch;
    const LayerInfo& layer = info.layerInfo[static_cast<std::size_t>(layerIndex)];
    const int tokens = static_cast<int>(info.tokens.size());
    std::vector<float> lse(static_cast<std::size_t>(layer.queryHeads) * static_cast<std::size_t>(tokens));
    WINNOW_TRY_VOID(read(Rows::LogSumExp, Head{}, layer.queryHeads, Position(0), Position(tokens), lse));
    RowSums sums(layer, chosenSteps(lse, layer.queryHeads));
    WINNOW_TRY_VOID(sums.readQueries(read));
    const std::int64_t wide = std::int64_t{layer.keyHeads} * layer.headDim;
    const auto block = static_cast<int>(std::clamp<std::int64_t>(kBlockFloats / wide, 1, tokens));
    std::vector<float> keys;
    for (int begin = 0; begin < tokens; begin += block) {
        const int end = std::min(tokens, begin + block);
        if (!sums.any(begin, end))
            continue;
        keys.resize(static_cast<std::size_t>((end - begin) * wide));
        WINNOW_TRY_VOID(read(Rows::Key, Head{}, layer.keyHeads, Position(begin), Position(end), keys));
        rotate(layer, keys, layer.keyHeads, Position(begin));
        sums.add(keys, begin);
    }
    for (std::size_t i = 0; i < sums.steps().size(); ++i)
        for (int head = 0; head < layer.queryHeads; ++head) {
            const int step = sums.steps()[i];
            const double stored = lse[static_cast<std::size_t>(head) * static_cast<std::size_t>(tokens) + step];
            const double away = sums.logSum(head, i) - stored;
            if (!(std::abs(away) <= mostLogSum(info, sums.largestLogit(head, i), stored)))
                return describeSum(std::exp(away), head, step);
        }
    return std::string();
}

} // namespace winnow
