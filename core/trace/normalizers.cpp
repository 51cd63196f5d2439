// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/normalizers.h"

#include "core/trace/rotary.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace winnow {

namespace {

constexpr std::int64_t kSpread = 12, kOutstanding = 4; ///< steps that are looked at
constexpr std::int64_t kBlockFloats = 1 << 22;         ///< of keys, held at a time
/// Relative errors of a logit. bfloat16, also where no type is named: query, key, and sine and cosine of both are rounded by 2^-8
/// each. float32: query and key by 2^-11, in tensor cores.
constexpr double kHalfPrecision = 0x1p-6, kFloatPrecision = 0x1p-10;
constexpr double kStorePrecision = 0x1p-22; ///< of lse itself
constexpr double kLeast = 0.02;             ///< allowed whatever the numbers
constexpr double kMost = 8;                 ///< no rounding makes a row add up to thousands, or to less than a thousandth

std::span<float> floatsOf(const at::Tensor& tensor)
{
    return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

/// Steps spread over all, and those whose normalizers differ most from the others of their head; ascending. `lse` [Hq, T].
std::vector<std::int32_t> chosenSteps(const at::Tensor& lse)
{
    const std::int64_t tokens = lse.size(1), spread = std::min(tokens, kSpread), outstanding = std::min(tokens, kOutstanding);
    std::set<std::int32_t> steps;
    for (std::int64_t i = 0; i < spread; ++i)
        steps.insert(static_cast<std::int32_t>(i * (tokens - 1) / std::max<std::int64_t>(1, spread - 1)));
    const at::Tensor away = (lse - lse.mean(1, true)).abs().amax(0), most = std::get<1>(away.topk(outstanding));
    for (std::int64_t i = 0; i < outstanding; ++i)
        steps.insert(static_cast<std::int32_t>(most.const_data_ptr<std::int64_t>()[i]));
    return {steps.begin(), steps.end()};
}

/// Queries of every head at some steps, rotated: [Hq, steps, d].
Result<at::Tensor> queriesAt(const LayerInfo& layer, std::span<const std::int32_t> steps, const ReadRows& read)
{
    std::vector<at::Tensor> rows;
    for (const std::int32_t step : steps) {
        rows.push_back(at::empty({layer.queryHeads, 1, layer.headDim}, at::kFloat));
        WINNOW_TRY_VOID(read(Rows::Query, Head{}, layer.queryHeads, Position(step), Position(step + 1), floatsOf(rows.back())));
    }
    at::Tensor all = at::cat(rows, 1).contiguous();
    rotate(layer, floatsOf(all), layer.queryHeads, steps);
    return all;
}

/// Which of the keys [begin, end) a step does not attend to, [steps, keys].
at::Tensor hiddenKeys(const LayerInfo& layer, const at::Tensor& steps, int begin, int end)
{
    const at::Tensor keys = at::arange(begin, end, steps.options()), age = steps.unsqueeze(1) - keys;
    return layer.window > 0 ? (age < 0).logical_or(age >= layer.window) : age < 0;
}

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
    const LayerInfo& layer = info.layerInfo[static_cast<std::size_t>(layerIndex)];
    const int tokens = static_cast<int>(info.tokens.size());
    const c10::InferenceMode noGradients;
    const at::Tensor lse = at::empty({layer.queryHeads, tokens}, at::kFloat);
    WINNOW_TRY_VOID(read(Rows::LogSumExp, Head{}, layer.queryHeads, Position(0), Position(tokens), floatsOf(lse)));
    const std::vector<std::int32_t> steps = chosenSteps(lse);
    const auto count = static_cast<std::int64_t>(steps.size());
    WINNOW_TRY(at::Tensor queries, queriesAt(layer, steps, read));
    queries = queries.view({layer.keyHeads, layer.group() * count, layer.headDim});
    const at::Tensor stepNumbers = at::tensor(at::ArrayRef<std::int32_t>(steps), at::kLong);
    at::Tensor sums = at::full({layer.keyHeads, layer.group(), count}, -std::numeric_limits<double>::infinity(), at::kDouble);
    at::Tensor longest = at::zeros({layer.keyHeads, 1, 1}, at::kDouble);
    const auto block =
        static_cast<int>(std::clamp<std::int64_t>(kBlockFloats / (std::int64_t{layer.keyHeads} * layer.headDim), 1, tokens));
    for (int begin = 0; begin < tokens; begin += block) {
        const int end = std::min(tokens, begin + block);
        const at::Tensor hidden = hiddenKeys(layer, stepNumbers, begin, end);
        if (hidden.all().item<bool>())
            continue;
        const at::Tensor keys = at::empty({layer.keyHeads, end - begin, layer.headDim}, at::kFloat);
        WINNOW_TRY_VOID(read(Rows::Key, Head{}, layer.keyHeads, Position(begin), Position(end), floatsOf(keys)));
        rotate(layer, floatsOf(keys), layer.keyHeads, Position(begin));
        longest = longest.maximum(keys.norm(2, {2}).amax(1).to(at::kDouble).view({layer.keyHeads, 1, 1}));
        at::Tensor logits = at::bmm(queries, keys.transpose(1, 2)).mul_(layer.scale);
        if (layer.softcap > 0)
            logits.div_(layer.softcap).tanh_().mul_(layer.softcap);
        logits = logits.view({layer.keyHeads, layer.group(), count, end - begin});
        logits.masked_fill_(hidden, -std::numeric_limits<float>::infinity());
        sums = at::logaddexp(sums, at::logsumexp(logits, {3}).to(at::kDouble));
    }
    const at::Tensor known = lse.index_select(1, stepNumbers).to(at::kDouble).view_as(sums);
    const at::Tensor largest = (queries.norm(2, {2}).to(at::kDouble).view_as(sums) * longest * layer.scale).contiguous();
    for (std::int64_t i = 0; i < count; ++i)
        for (int head = 0; head < layer.queryHeads; ++head) {
            const std::int64_t cell = head * count + i;
            const double stored = known.const_data_ptr<double>()[cell], away = sums.const_data_ptr<double>()[cell] - stored;
            if (!(std::abs(away) <= mostLogSum(info, largest.const_data_ptr<double>()[cell], stored)))
                return describeSum(std::exp(away), head, steps[static_cast<std::size_t>(i)]);
        }
    return std::string();
}

} // namespace winnow
