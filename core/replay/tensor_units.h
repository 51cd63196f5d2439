// SPDX-License-Identifier: GPL-3.0-or-later
// Parts of the tensor replay: vectors of a unit for workers on the host, and the keys and values of merged tokens.
#pragma once

#include "core/replay/layer_tensors.h"
#include "core/replay/replay_plan.h"

namespace winnow {

/// The vectors of a unit that lane workers may read. They are copied to the host when first asked for.
class HostVectors final : public LaneVectors {
public:
    HostVectors(const ReplayPlan& plan, const PolicyPlan& policy, const LayerTensors& rows, int layer, int unit)
        : m_rows(rows), m_firstQuery(unit * policy.headsPerUnit), m_firstKey(m_firstQuery / plan.group())
    {
        m_foreseen = policy.foreseenBy(layer, unit);
        lane = plan.lane(layer, unit);
        headDim = rows.info.headDim;
        queryHeads = policy.headsPerUnit;
        keyHeads = std::max(1, policy.headsPerUnit / plan.group());
        softcap = rows.info.softcap;
    }
    const float* key(int keyHead, std::int32_t token) const override
    {
        if (!m_keys.defined()) {
            const auto keys = m_rows.k.slice(0, m_firstKey, m_firstKey + keyHeads);
            const auto all = at::arange(keys.size(1), at::TensorOptions(at::kLong).device(keys.device()));
            m_keys = m_rows.rotated(keys, all.unsqueeze(0).expand({keyHeads, -1})).to(at::kCPU).contiguous();
        }
        return m_keys.data_ptr<float>() + (keyHead * m_keys.size(1) + token) * headDim;
    }
    const float* value(int keyHead, std::int32_t token) const override
    {
        if (!m_values.defined())
            m_values = m_rows.v.slice(0, m_firstKey, m_firstKey + keyHeads).to(at::kCPU).contiguous();
        return m_values.data_ptr<float>() + (keyHead * m_values.size(1) + token) * headDim;
    }
    const float* query(int queryHead) const override
    {
        if (m_queryStep != step) {
            const auto queries = m_rows.q.slice(0, m_firstQuery, m_firstQuery + queryHeads).select(1, step);
            m_query = m_rows.rotated(queries, at::full({queryHeads}, step, at::TensorOptions(at::kLong).device(queries.device())))
                          .to(at::kCPU)
                          .contiguous();
            m_queryStep = step;
        }
        return m_query.data_ptr<float>() + static_cast<std::ptrdiff_t>(queryHead) * headDim;
    }
    std::span<const double> foreseen() const override { return m_foreseen; }
    int step = 0; ///< the present one

private:
    const LayerTensors& m_rows;
    int m_firstQuery, m_firstKey;
    std::span<const double> m_foreseen;
    mutable at::Tensor m_keys, m_values, m_query;
    mutable int m_queryStep = -1; ///< of m_query
};

/// Keys and values of every token under every unit, once tokens were merged. Rows are addressed by token, not by slot, so nothing
/// moves when slots leave.
class MergedTokens {
public:
    MergedTokens(const ReplayPlan& plan, const PolicyPlan& policy, const LayerTensors& rows);

    /// `merge` of `unit`, whose slots hold the tokens `positions` (int64 [slots]).
    void apply(const Merge& merge, int unit, const at::Tensor& positions);

    /// Keys, rotated at their recorded positions, and values of what slots hold, for every query head: [Hq, S] → [Hq, S, d].
    at::Tensor keysOf(const at::Tensor& positions) const { return m_keys.index({m_rowOfHead, positions}); }
    at::Tensor valuesOf(const at::Tensor& positions) const { return m_values.index({m_rowOfHead, positions}); }
    /// How many tokens each stands for, float, per unit: [units, S] → [units, S].
    at::Tensor tokensOf(const at::Tensor& positions) const { return m_tokens.gather(1, positions); }

    /// The slots of one unit, as selectors see them.
    class Slots final : public LaneSlots {
    public:
        Slots(const MergedTokens& merged, int unit, const at::Tensor& positions);
        const float* key(int keyHead, int slot) const override
        {
            return m_keys.data_ptr<float>() + (keyHead * m_keys.size(1) + slot) * headDim;
        }
        int tokens(int slot) const override { return m_tokens.data_ptr<std::int32_t>()[slot]; }

    private:
        at::Tensor m_keys, m_tokens;
    };

private:
    at::Tensor m_keys, m_values; ///< [units · KV heads of a unit, T, d]
    at::Tensor m_tokens;         ///< [units, T]
    at::Tensor m_rowOfHead;      ///< int64 [Hq, 1]
    int m_heads;                 ///< KV heads of a unit
};

} // namespace winnow
