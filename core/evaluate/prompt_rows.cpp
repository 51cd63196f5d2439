// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/prompt_rows.h"

#include "core/base/check.h"
#include "core/model/run/value_output_norm.h"

#include <algorithm>

namespace winnow {

namespace {

/// Rows from `begin` on into `to` [heads, tokens, …], which is made the first time.
void store(at::Tensor& to, int tokens, int begin, const at::Tensor& rows)
{
    if (!to.defined()) {
        std::vector<std::int64_t> shape = rows.sizes().vec();
        shape[1] = tokens;
        to = at::empty(shape, at::TensorOptions(at::kFloat));
    }
    const std::int64_t end = std::min<std::int64_t>(tokens, begin + rows.size(1));
    if (end > begin)
        to.slice(1, begin, end).copy_(rows.slice(1, 0, end - begin));
}

} // namespace

PromptRows::PromptRows(TraceInfo info, int prompt, const Transformer* model)
    : m_info(std::move(info)), m_prompt(prompt), m_model(model), m_layers(m_info.layers.size())
{
}

Result<void> PromptRows::take(Layer layer, int begin, const LayerRows& rows)
{
    Held& held = m_layers[static_cast<std::size_t>(raw(layer))];
    store(held.queries, m_prompt, begin, rows.q);
    store(held.keys, m_prompt, begin, rows.k);
    store(held.values, m_prompt, begin, rows.v);
    store(held.lse, m_prompt, begin, rows.lse);
    if (m_model) {
        WINNOW_TRY(const at::Tensor projection, m_model->outputProjection(layer));
        store(held.norms, m_prompt, begin, valueOutputNorm(rows.v, projection));
    }
    return {};
}

Result<void> PromptRows::read(int layerIndex, Rows what, Position begin, Position end, std::span<float> out) const
{
    const Held& held = m_layers[static_cast<std::size_t>(layerIndex)];
    WINNOW_CHECK(what != Rows::Output, "outputs of the prompt were not kept");
    const at::Tensor& rows = what == Rows::Query       ? held.queries
                             : what == Rows::Key       ? held.keys
                             : what == Rows::Value     ? held.values
                             : what == Rows::LogSumExp ? held.lse
                                                       : held.norms;
    WINNOW_CHECK(rows.defined() && raw(end) <= m_prompt, "rows of positions {} to {} were not kept", raw(begin), raw(end));
    const at::Tensor part = rows.slice(1, raw(begin), raw(end)).contiguous();
    WINNOW_CHECK(static_cast<std::size_t>(part.numel()) == out.size(), "{} numbers for {}", part.numel(), out.size());
    std::copy_n(part.const_data_ptr<float>(), part.numel(), out.begin());
    return {};
}

} // namespace winnow
