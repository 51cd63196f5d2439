// SPDX-License-Identifier: GPL-3.0-or-later
// Seeded models of a few thousand weights, texts of a few dozen tokens, and what a plain pass over them computes.
#pragma once

#include "core/evaluate/closed_loop.h"
#include "core/io/json.h"
#include "tests/support/memory_trace.h"

#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

namespace winnow {

inline std::filesystem::path smallModelFolder(const std::string& name)
{
    return std::filesystem::path(WINNOW_FIXTURES) / "model" / name;
}

inline std::unique_ptr<Transformer> loadedFrom(const std::filesystem::path& folder)
{
    auto model = Transformer::load(folder, {}, {});
    EXPECT_TRUE(model) << (model ? "" : model.error().message);
    return std::move(*model);
}
inline std::unique_ptr<Transformer> smallModel(const std::string& name) { return loadedFrom(smallModelFolder(name)); }

/// A model whose config `change` changes first.
template <class Change>
std::unique_ptr<Transformer> changedModel(const std::string& name, const Change& change)
{
    const testing_support::TemporaryFolder folder;
    std::ifstream file(smallModelFolder(name) / "config.json");
    auto config = parseJson(std::string(std::istreambuf_iterator<char>(file), {}), "config").value();
    change(config);
    folder.write("config.json", config.dump());
    std::filesystem::copy_file(smallModelFolder(name) / "model.safetensors", folder / "model.safetensors");
    return loadedFrom(folder.path());
}

/// The first layer of a model of several, with its embedding and output.
inline std::unique_ptr<Transformer> firstLayerOf(const std::string& name)
{
    return changedModel(name, [](auto& config) {
        config["num_hidden_layers"] = 1;
        if (config.contains("layer_types"))
            config["layer_types"] = {config["layer_types"][0]};
    });
}

/// Ids below 64, which every one of these models knows.
inline std::vector<std::int32_t> randomText(int tokens, unsigned seed = 1)
{
    std::mt19937 random(seed);
    std::vector<std::int32_t> ids;
    for (int i = 0; i < tokens; ++i)
        ids.push_back(static_cast<std::int32_t>(random() % 64));
    return ids;
}

/// What a plain forward pass computes, as a trace and as logits.
class PlainPass final : public ForwardObserver {
public:
    PlainPass(const Transformer& model, const std::vector<std::int32_t>& tokens, int chunk = 11)
    {
        const c10::InferenceMode inference;
        m_parts.resize(static_cast<std::size_t>(model.config().layers));
        EXPECT_TRUE(model.forward(tokens, chunk, *this, {}));
        trace.info = runInfo(model.config(), tokens);
        trace.info.manifest["dtype"] = "float32";
        for (const auto& layer : m_parts) {
            const auto whole = [&](auto part) {
                std::vector<at::Tensor> rows;
                for (const LayerRows& chunkRows : layer)
                    rows.push_back(part(chunkRows));
                const at::Tensor all = at::cat(rows, 1).contiguous();
                return std::vector<float>(all.const_data_ptr<float>(), all.const_data_ptr<float>() + all.numel());
            };
            trace.q.push_back(whole([](const LayerRows& rows) { return rows.q; }));
            trace.k.push_back(whole([](const LayerRows& rows) { return rows.k; }));
            trace.v.push_back(whole([](const LayerRows& rows) { return rows.v; }));
            trace.o.push_back(whole([](const LayerRows& rows) { return rows.o; }));
            trace.lse.push_back(whole([](const LayerRows& rows) { return rows.lse; }));
            trace.valueOutputNorm.push_back(std::vector<float>(trace.lse.back().size(), 1));
        }
        allLogits = at::cat(m_logits, 0);
    }
    Result<void> layerRows(Layer layer, Position, const LayerRows& rows) override
    {
        m_parts[static_cast<std::size_t>(raw(layer))].push_back(
            {rows.q.clone(), rows.k.clone(), rows.v.clone(), rows.o.clone(), rows.lse.clone()});
        return {};
    }
    Result<void> logits(Position, const at::Tensor& rows) override
    {
        m_logits.push_back(rows.clone());
        return {};
    }

    testing_support::SyntheticTrace trace;
    at::Tensor allLogits;

private:
    std::vector<std::vector<LayerRows>> m_parts;
    std::vector<at::Tensor> m_logits;
};

/// The closed loop over `tokens` under policy lines.
inline std::shared_ptr<const ReplayResult> ran(const Transformer& model, const std::vector<std::int32_t>& tokens,
                                               const std::vector<std::string>& lines, const LoopOptions& options = {})
{
    std::vector<PolicySpec> specs;
    for (const std::string& line : lines)
        specs.push_back(parsePolicySpec(line).value());
    TraceInfo info = runInfo(model.config(), tokens);
    info.manifest["dtype"] = "float32";
    auto result = runPolicies(model, info, specs, options, {});
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    return result ? *result : nullptr;
}

} // namespace winnow
