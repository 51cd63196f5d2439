// SPDX-License-Identifier: GPL-3.0-or-later
// Layer, head, step and position are all small integers and all get mixed up, so each has a type of its own.
#pragma once

#include <utility> // first: Qt's moc cannot read <compare> as the first header of the library

#include <compare>
#include <cstdint>
#include <type_traits>

namespace winnow {

enum class Layer : std::int32_t {};    ///< from 0, as in the model
enum class Head : std::int32_t {};     ///< a query head or a KV head, whichever the declaration says
enum class Step : std::int32_t {};     ///< step t processes token t, from 0
enum class Position : std::int32_t {}; ///< a token's place in the text, from 0

template <class Index>
requires std::is_enum_v<Index>
constexpr std::int32_t raw(Index index) { return static_cast<std::int32_t>(index); }

/// The unit that owns a cache: one KV head of one layer, or one query head where a policy decides for query heads alone.
/// `layer` is an index into the layers at hand, those of a trace, a replay or the whole model; who takes a lane says which.
struct Lane {
    int layer = 0;
    int head = 0;
    friend constexpr auto operator<=>(const Lane&, const Lane&) = default;
};

/// One query head of a recorded layer; `layerIndex` is an index into TraceInfo::layers.
struct QueryHead {
    int layerIndex = 0;
    int head = 0;
    friend constexpr auto operator<=>(const QueryHead&, const QueryHead&) = default;
};

} // namespace winnow
