// SPDX-License-Identifier: GPL-3.0-or-later
// Models with one bad weight, for tests of what is said then.
#pragma once

#include "tests/support/temporary_folder.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

namespace winnow {

inline constexpr std::uint16_t kHalfNan = 0x7e00, kHalfMinusInfinity = 0xfc00;

/// A copy of the model folder `from`, whose weights are one safetensors file, with another number in the middle of one of them.
template <class Number>
std::filesystem::path spoiledModel(const testing_support::TemporaryFolder& folder, const std::filesystem::path& from,
                                   const std::string& weight, Number number)
{
    const auto model = folder / "model";
    std::filesystem::copy(from, model, std::filesystem::copy_options::recursive);
    std::fstream file(model / "model.safetensors", std::ios::in | std::ios::out | std::ios::binary);
    std::uint64_t header = 0;
    file.read(reinterpret_cast<char*>(&header), sizeof header);
    std::string table(header, ' ');
    file.read(table.data(), static_cast<std::streamsize>(header));
    const auto begin = nlohmann::json::parse(table).at(weight).at("data_offsets").at(0).get<std::uint64_t>();
    file.seekp(static_cast<std::streamoff>(8 + header + begin + 16 * sizeof number));
    file.write(reinterpret_cast<const char*>(&number), sizeof number);
    return model;
}

} // namespace winnow
