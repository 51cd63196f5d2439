// SPDX-License-Identifier: GPL-3.0-or-later
// Layer, head, step and position are all small integers and all get mixed up, so each has a type of its own.
#pragma once

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

/// One KV head (or, under query granularity, one query head) of one layer: the unit that owns a cache.
struct Lane {
    Layer layer{};
    Head head{};
    friend constexpr auto operator<=>(const Lane&, const Lane&) = default;
};

} // namespace winnow
