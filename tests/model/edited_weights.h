// SPDX-License-Identifier: GPL-3.0-or-later
// A copy of a model folder with other tensors in its safetensors file.
#pragma once

#include "tests/model/fixture_files.h"
#include "tests/support/temporary_folder.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <cstring>
#include <functional>

namespace winnow {

/// The table and the numbers of a safetensors file.
struct StoredWeights {
    nlohmann::json table;
    std::string data;

    void rename(const std::string& from, const std::string& to)
    {
        table[to] = table.at(from);
        table.erase(from);
    }
    /// The same numbers a second time.
    void copy(const std::string& from, const std::string& to)
    {
        const auto range = table.at(from).at("data_offsets");
        const auto begin = range[0].get<std::size_t>(), end = range[1].get<std::size_t>();
        table[to] = table.at(from);
        table[to]["data_offsets"] = {data.size(), data.size() + end - begin};
        data += data.substr(begin, end - begin);
    }
    /// Changes one byte in the middle of the tensor.
    void spoil(const std::string& name)
    {
        const auto range = table.at(name).at("data_offsets");
        data[(range[0].get<std::size_t>() + range[1].get<std::size_t>()) / 2] ^= 1;
    }
};

/// The folder `model` below `folder`: the fixture `from` after `edit`.
inline std::filesystem::path editedModel(const testing_support::TemporaryFolder& folder, const std::string& from,
                                         const std::function<void(StoredWeights&)>& edit)
{
    const auto model = folder / "model";
    std::filesystem::copy(modelFixture(from), model);
    const std::string bytes = readText(model / "model.safetensors");
    std::uint64_t header = 0;
    std::memcpy(&header, bytes.data(), sizeof header);
    StoredWeights weights{nlohmann::json::parse(bytes.substr(8, header)), bytes.substr(8 + header)};
    edit(weights);
    const std::string table = weights.table.dump();
    header = table.size();
    std::ofstream file(model / "model.safetensors", std::ios::binary);
    file.write(reinterpret_cast<const char*>(&header), sizeof header);
    file << table << weights.data;
    return model;
}

} // namespace winnow
