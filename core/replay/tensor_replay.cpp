// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/tensor_replay.h"

#include "core/replay/tensor_walker.h"

#include <ATen/ATen.h>

namespace winnow {

namespace {

/// Top-k oracle by plain sorting of the full rows.
void oracle(const ReplayPlan& plan, const LayerTensors& rows, int layer, PolicyReplay& result)
{
    const int perLane = plan.queryHeads / result.lanes;
    const auto device = rows.q.device();
    const auto kvHead = at::arange(plan.queryHeads, at::TensorOptions(at::kLong).device(device)).floor_divide(plan.group());
    const auto all = at::arange(plan.tokens, at::TensorOptions(at::kLong).device(device));
    const auto keys = rows.rotated(rows.k, all.unsqueeze(0).expand({plan.keyHeads, -1})).index_select(0, kvHead);
    for (int t = 0; t < plan.tokens; ++t) {
        const int first = rows.info.window > 0 ? std::max(0, t - rows.info.window + 1) : 0;
        const auto query = rows.rotated(rows.q.select(1, t), at::full({plan.queryHeads}, t, all.options()));
        auto logits = (query.unsqueeze(1) * keys.slice(1, first, t + 1)).sum(-1);
        if (rows.info.softcap > 0)
            logits = rows.info.softcap * at::tanh(logits / rows.info.softcap);
        const auto full = (logits - rows.lse.select(1, t).unsqueeze(1)).exp().view({result.lanes, perLane, -1}).mean(1);
        const auto sums = std::get<0>(full.sort(1, true)).to(at::kDouble).cumsum(1).to(at::kCPU);
        const int live = t + 1 - first;
        for (int lane = 0; lane < result.lanes; ++lane) {
            const auto cell = result.index(layer, lane, t);
            const int attended = result.attendedCount(layer, lane, t);
            result.oracleMass[cell] =
                attended >= live ? 1.0F
                                 : static_cast<float>(std::min(
                                       1.0, sums.data_ptr<double>()[static_cast<std::int64_t>(lane) * live + attended - 1]));
        }
    }
}

} // namespace

Result<void> replayOnTensors(const Trace& trace, const ReplayPlan& plan, const ReplayOptions& options, const std::string& device,
                             std::vector<PolicyReplay>& results, const Advanced& advanced, const JobContext& job)
{
    const c10::InferenceMode inference;
    const double parts = static_cast<double>(plan.layers.size() * results.size());
    double done = 0;
    for (std::size_t layer = 0; layer < plan.layers.size(); ++layer) {
        WINNOW_TRY(const LayerTensors rows, LayerTensors::read(trace, plan.layerIndices[layer], at::Device(device)));
        for (std::size_t p = 0; p < results.size(); ++p, ++done) {
            TensorWalker walker(plan, plan.policies[p], results[p], static_cast<int>(layer), rows);
            for (int t = 0; t < plan.tokens; ++t) {
                WINNOW_TRY_VOID(job.check("the replay"));
                walker.step(t);
                if (t % options.block == 0)
                    advanced(0, (done + static_cast<double>(t) / plan.tokens) / parts);
            }
            results[p].choosesFrom = std::min(results[p].choosesFrom, walker.firstEviction());
            if (options.oracle)
                oracle(plan, rows, static_cast<int>(layer), results[p]);
        }
    }
    advanced(plan.tokens, 1);
    return {};
}

} // namespace winnow
