// SPDX-License-Identifier: GPL-3.0-or-later
// Seeded damage to real files: what the fuzzers do at length, a little of it in every test run.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace winnow {

inline constexpr int kMutations = 3000;

/// One to four small damages: a bit, a byte, a piece cut out, doubled, or replaced by something that means something.
inline std::string mutated(std::string bytes, std::mt19937& random)
{
    const auto below = [&](std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random); };
    constexpr std::string_view kWords[] = {
        "\"",   "{",    "}",     "[",           "]",    ",",        ":",        "0",   "-1",      "1e9", "18446744073709551615",
        "null", "true", "\"a\"", "\"\\u0000\"", "\xFF", "\xC3\x28", "[[[[[[[[", "F32", "\"type\""};
    for (std::size_t damages = 1 + below(4); damages > 0 && !bytes.empty(); --damages) {
        const std::size_t at = below(bytes.size()), length = std::min(bytes.size() - at, 1 + below(24));
        switch (below(5)) {
        case 0:
            bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
            break;
        case 1:
            bytes[at] = static_cast<char>(below(256));
            break;
        case 2:
            bytes.erase(at, length);
            break;
        case 3:
            bytes.insert(at, bytes.substr(at, length));
            break;
        default:
            bytes.replace(at, length, kWords[below(std::size(kWords))]);
            break;
        }
    }
    return bytes;
}

/// Calls a fuzzer's entry with `mutations` damaged seeds, the same ones in every run.
template <class Entry>
void examine(const std::vector<std::string>& seeds, Entry entry, int mutations = kMutations)
{
    std::mt19937 random(2026);
    for (int i = 0; i < mutations; ++i) {
        const std::string bytes = mutated(seeds[static_cast<std::size_t>(i) % seeds.size()], random);
        entry(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    }
}

} // namespace winnow
