// SPDX-License-Identifier: GPL-3.0-or-later
// An observer that keeps what a forward pass says, and what transformers says about the fixtures.
#pragma once

#include "core/io/safetensors.h"
#include "core/model/run/transformer.h"
#include "tests/model/fixture_files.h"

#include <gtest/gtest.h>

#include <cstring>

namespace winnow {

/// Keeps all that a pass computes, over the whole text.
class Keeper final : public ForwardObserver {
public:
    explicit Keeper(bool wantsRows = true) : m_wantsRows(wantsRows) {}

    Result<void> layerRows(Layer layer, Position begin, const LayerRows& rows) override
    {
        const auto l = static_cast<std::size_t>(raw(layer));
        m_layers.resize(std::max(m_layers.size(), l + 1));
        EXPECT_EQ(raw(begin), m_layers[l].q.empty() ? 0 : static_cast<std::int32_t>(length(m_layers[l].q)));
        m_layers[l].q.push_back(rows.q.to(at::kFloat).clone());
        m_layers[l].k.push_back(rows.k.to(at::kFloat).clone());
        m_layers[l].v.push_back(rows.v.to(at::kFloat).clone());
        m_layers[l].o.push_back(rows.o.to(at::kFloat).clone());
        EXPECT_EQ(rows.lse.scalar_type(), at::kFloat);
        m_layers[l].lse.push_back(rows.lse.clone());
        return {};
    }
    Result<void> logits(Position, const at::Tensor& logits) override
    {
        EXPECT_EQ(logits.scalar_type(), at::kFloat);
        m_logits.push_back(logits.clone());
        return {};
    }
    Result<void> hiddenState(Layer layer, Position, const at::Tensor& x) override
    {
        const auto l = static_cast<std::size_t>(raw(layer));
        m_hidden.resize(std::max(m_hidden.size(), l + 1));
        m_hidden[l].push_back(x.to(at::kFloat).clone());
        return {};
    }
    bool wantsLayerRows() const override { return m_wantsRows; }

    at::Tensor logits() const { return at::cat(m_logits, 0); }
    LayerRows rows(std::size_t l) const
    {
        const Parts& p = m_layers[l];
        return {.q = at::cat(p.q, 1), .k = at::cat(p.k, 1), .v = at::cat(p.v, 1), .o = at::cat(p.o, 1), .lse = at::cat(p.lse, 1)};
    }
    at::Tensor hidden(std::size_t l) const { return at::cat(m_hidden[l], 0); }
    bool sawRows() const { return !m_layers.empty(); }

private:
    struct Parts {
        std::vector<at::Tensor> q, k, v, o, lse;
    };
    static std::int64_t length(const std::vector<at::Tensor>& parts)
    {
        std::int64_t total = 0;
        for (const at::Tensor& part : parts)
            total += part.size(1);
        return total;
    }
    bool m_wantsRows;
    std::vector<Parts> m_layers;
    std::vector<std::vector<at::Tensor>> m_hidden;
    std::vector<at::Tensor> m_logits;
};

/// A tensor of a file that a script of fixtures/model wrote.
inline at::Tensor expectedTensor(const std::filesystem::path& path, const std::string& name)
{
    const auto file = MappedFile::open(path).value();
    const auto table = parseSafetensors(file.bytes(), "expected").value();
    const TensorEntry& entry = table.tensors.at(name);
    const at::Tensor tensor = at::empty(entry.shape, entry.type == TensorType::I32 ? at::kInt : at::kFloat);
    std::memcpy(tensor.data_ptr(), file.bytes().data() + entry.begin, entry.end - entry.begin);
    return tensor;
}

inline at::Tensor fixtureTensor(const std::string& model, const std::string& name)
{
    return expectedTensor(modelFixture(model) / "expected.safetensors", name);
}

inline std::vector<std::int32_t> tokenList(const at::Tensor& tokens)
{
    return {tokens.const_data_ptr<std::int32_t>(), tokens.const_data_ptr<std::int32_t>() + tokens.numel()};
}

inline std::vector<std::int32_t> fixtureTokens(const std::string& model) { return tokenList(fixtureTensor(model, "tokens")); }

/// Largest difference over largest value.
inline double distance(const at::Tensor& found, const at::Tensor& expected)
{
    return ((found - expected).abs().max() / expected.abs().max()).item<double>();
}

inline std::unique_ptr<Transformer> loaded(const std::filesystem::path& folder, LoadOptions options = {})
{
    auto model = Transformer::load(folder, options, {});
    EXPECT_TRUE(model) << model.error().message;
    return model ? std::move(*model) : nullptr;
}

} // namespace winnow
