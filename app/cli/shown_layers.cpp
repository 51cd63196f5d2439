// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/shown_layers.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace winnow {

namespace {

class SomeLayers final : public Trace {
public:
    /// `indices`: into the layers of `whole`, ascending.
    SomeLayers(std::shared_ptr<const Trace> whole, std::vector<int> indices)
        : m_whole(std::move(whole)), m_indices(std::move(indices)), m_info(m_whole->info())
    {
        m_info.layers.clear();
        m_info.layerInfo.clear();
        for (const int index : m_indices) {
            m_info.layers.push_back(m_whole->info().layers[static_cast<std::size_t>(index)]);
            m_info.layerInfo.push_back(m_whole->info().layerInfo[static_cast<std::size_t>(index)]);
        }
    }
    const TraceInfo& info() const override { return m_info; }
    const TraceInfo& whole() const { return m_whole->info(); }
    const std::filesystem::path& path() const override { return m_whole->path(); }
    Result<void> read(int layerIndex, Rows what, Position begin, Position end, std::span<float> out) const override
    {
        return m_whole->read(m_indices[static_cast<std::size_t>(layerIndex)], what, begin, end, out);
    }
    Result<void> readHeads(int layerIndex, Rows what, Head first, int count, Position begin, Position end,
                           std::span<float> out) const override
    {
        return m_whole->readHeads(m_indices[static_cast<std::size_t>(layerIndex)], what, first, count, begin, end, out);
    }

private:
    std::shared_ptr<const Trace> m_whole;
    std::vector<int> m_indices;
    TraceInfo m_info;
};

/// Where the layers stand in the recording; empty where one is not there.
std::vector<int> indicesOf(const TraceInfo& info, const std::vector<Layer>& layers)
{
    std::vector<int> indices;
    for (const Layer layer : layers) {
        const auto found = std::ranges::find(info.layers, layer);
        if (found == info.layers.end())
            return {};
        indices.push_back(static_cast<int>(found - info.layers.begin()));
    }
    return indices;
}

/// The layers of every number of query and KV heads.
std::map<std::pair<int, int>, std::vector<int>> byShape(const TraceInfo& info)
{
    std::map<std::pair<int, int>, std::vector<int>> shapes;
    for (std::size_t i = 0; i < info.layerInfo.size(); ++i)
        shapes[{info.layerInfo[i].queryHeads, info.layerInfo[i].keyHeads}].push_back(static_cast<int>(i));
    return shapes;
}

} // namespace

std::shared_ptr<const Trace> withLayers(const std::shared_ptr<const Trace>& trace, const std::vector<Layer>& layers)
{
    std::vector<int> chosen = indicesOf(trace->info(), layers);
    return chosen.size() == trace->info().layers.size() ? trace : std::make_shared<SomeLayers>(trace, std::move(chosen));
}

Result<std::shared_ptr<const Trace>> withLayers(const std::shared_ptr<const Trace>& trace,
                                                const std::vector<std::pair<int, int>>& ranges)
{
    std::set<Layer> all;
    for (const auto& [first, last] : ranges)
        for (int layer = first; layer <= last; ++layer) {
            if (std::ranges::find(trace->info().layers, Layer{layer}) == trace->info().layers.end())
                return fail(ErrorCode::Usage, "'{}' does not hold layer {}; winnow info lists its layers", trace->path().string(),
                            layer);
            all.insert(Layer{layer});
        }
    return withLayers(trace, std::vector<Layer>(all.begin(), all.end()));
}

const std::vector<Layer>& recordedLayers(const Trace& trace)
{
    const auto* some = dynamic_cast<const SomeLayers*>(&trace);
    return some ? some->whole().layers : trace.info().layers;
}

ShownLayers shownLayers(const std::shared_ptr<const Trace>& trace, const ReplayResult* replay)
{
    const TraceInfo& info = trace->info();
    if (replay && replay->tokenIds == info.tokens)
        if (!indicesOf(info, replay->layers).empty())
            return {withLayers(trace, replay->layers), {}};
    const auto shapes = byShape(info);
    if (shapes.size() < 2)
        return {trace, {}};
    const auto rank = [&](const auto& shape) {
        const bool whole = std::ranges::any_of(
            shape.second, [&](int index) { return info.layerInfo[static_cast<std::size_t>(index)].window == 0; });
        return std::pair(whole, shape.second.size());
    };
    const auto best = std::ranges::max_element(shapes, {}, rank);
    std::vector<int> numbers;
    for (const int index : best->second)
        numbers.push_back(raw(info.layers[static_cast<std::size_t>(index)]));
    std::string remark =
        fmt::format("the layers differ in their heads, and a result holds layers of one shape: shown are the {} of {} layers "
                    "with {} query and "
                    "{} KV heads ({}); for others, open a replay that winnow replay --layers made of them",
                    numbers.size(), info.layers.size(), best->first.first, best->first.second, fmt::join(numbers, ", "));
    return {std::make_shared<SomeLayers>(trace, best->second), std::move(remark)};
}

} // namespace winnow
