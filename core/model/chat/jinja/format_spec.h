// SPDX-License-Identifier: GPL-3.0-or-later
// How one value is to look in a text, and texts and numbers that look so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace winnow::jinja {

inline constexpr std::int64_t kMaxWidth = 100'000;
inline constexpr std::int64_t kMaxPrecision = 400;

/// "[[fill]align][sign][#][0][width][,][.precision][type]"
struct Spec {
    std::string fill = " ";
    char align = 0, sign = '-', grouping = 0, type = 0;
    bool alternate = false;
    std::int64_t width = 0;
    std::optional<std::int64_t> precision;
};

/// The number that stands at `at`, which then lies behind it; 0 when there is none. Faults when it is larger than `most`.
std::int64_t numberAt(std::string_view text, std::size_t& at, std::int64_t most);

Spec specOf(std::string_view text);

/// `usual`: the alignment where none is asked for; with '=' the first `signs` bytes stay in front.
std::string padded(const std::string& text, const Spec& spec, char usual, std::size_t signs = 0);

// Each faults for a type that it has not.
std::string textFormatted(const std::string& text, const Spec& spec);
std::string wholeFormatted(std::int64_t number, const Spec& spec);
std::string floatFormatted(double number, const Spec& spec);

} // namespace winnow::jinja
