// SPDX-License-Identifier: GPL-3.0-or-later
// Names and shapes inside a trace file, shared by writer and reader. docs/trace.md is the public description.
#pragma once

#include "core/io/hdf5.h"
#include "core/trace/trace.h"

#include <array>
#include <string>
#include <string_view>

namespace winnow::trace_layout {

inline constexpr std::string_view kFormat = "winnow-trace";
inline constexpr int kVersion = 1;
inline constexpr std::array kReservedAttributes{"format", "version", "complete", "prompt"}; ///< the others are the manifest

inline constexpr std::array kRows{Rows::Query, Rows::Key, Rows::Value, Rows::Output, Rows::LogSumExp, Rows::ValueOutputNorm};

constexpr const char* rowsName(Rows what)
{
    constexpr std::array names{"q", "k", "v", "o", "lse", "vo_norm"};
    return names[static_cast<std::size_t>(what)];
}

constexpr bool isVector(Rows what) { return what != Rows::LogSumExp && what != Rows::ValueOutputNorm; }

inline int headsOf(const LayerInfo& layer, Rows what)
{
    return what == Rows::Key || what == Rows::Value ? layer.keyHeads : layer.queryHeads;
}

inline std::string layerGroup(Layer layer) { return fmt::format("/layers/{:05d}", raw(layer)); }
inline std::string rowsPath(Layer layer, Rows what) { return layerGroup(layer) + "/" + rowsName(what); }

/// [heads, rows, d] or [heads, rows]
inline Hdf5Shape rowsShape(const LayerInfo& layer, Rows what, hsize_t rows)
{
    Hdf5Shape shape{static_cast<hsize_t>(headsOf(layer, what)), rows};
    if (isVector(what))
        shape.push_back(static_cast<hsize_t>(layer.headDim));
    return shape;
}

} // namespace winnow::trace_layout
