// SPDX-License-Identifier: GPL-3.0-or-later
// Traces of the fixtures, which have no tokenizer.
#pragma once

#include "core/model/run/transformer.h"
#include "core/trace/trace_writer.h"
#include "tests/model/forward_keeper.h"
#include "tests/support/temporary_folder.h"

namespace winnow {

/// Records a forward pass without a tokenizer, as the recorder does: in float16 where the model runs in 16 bits.
inline std::shared_ptr<const Trace> recorded(const Transformer& model, const std::vector<std::int32_t>& tokens,
                                             const testing_support::TemporaryFolder& folder, const std::string& dtype = "float32")
{
    Keeper keeper;
    const int n = static_cast<int>(tokens.size());
    EXPECT_TRUE(model.forward(tokens, 11, keeper, {}));
    TraceInfo info{.tokens = tokens,
                   .offsets = std::vector<std::array<std::int32_t, 2>>(tokens.size()),
                   .manifest = {{"dtype", dtype}, {"device", "cpu"}},
                   .prompt = n};
    for (int layer = 0; layer < model.config().layers; ++layer) {
        info.layers.push_back(Layer(layer));
        info.layerInfo.push_back(model.layerInfo(Layer(layer), n));
    }
    const auto writer = TraceWriter::create({.out = folder / "t.h5", .info = info, .half = dtype != "float32"}).value();
    for (int layer = 0; layer < model.config().layers; ++layer) {
        const LayerRows rows = keeper.rows(static_cast<std::size_t>(layer));
        const auto append = [&](Rows what, const at::Tensor& values) {
            const at::Tensor flat = values.to(at::kFloat).contiguous();
            EXPECT_TRUE(writer->append(layer, what, {flat.const_data_ptr<float>(), static_cast<std::size_t>(flat.numel())}));
        };
        append(Rows::Query, rows.q);
        append(Rows::Key, rows.k);
        append(Rows::Value, rows.v);
        append(Rows::Output, rows.o);
        append(Rows::LogSumExp, rows.lse);
    }
    EXPECT_TRUE(writer->commit(std::vector<float>(tokens.size())));
    EXPECT_TRUE(writer->finish());
    return Trace::open(folder / "t.h5").value();
}

} // namespace winnow
