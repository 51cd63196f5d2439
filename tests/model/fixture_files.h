// SPDX-License-Identifier: GPL-3.0-or-later
// Where the fixtures of this room are, and small readers for them.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace winnow {

inline std::filesystem::path modelFixture(const std::string& name)
{
    return std::filesystem::path(WINNOW_FIXTURES) / "model" / name;
}
/// WINNOW_TOKENIZER_FIXTURES names another folder that fixtures/tokenizer/make_*.py wrote.
inline std::filesystem::path tokenizerFixture(const std::string& name)
{
    const char* other = std::getenv("WINNOW_TOKENIZER_FIXTURES");
    return (other != nullptr ? std::filesystem::path(other) : std::filesystem::path(WINNOW_FIXTURES) / "tokenizer") / name;
}
inline std::filesystem::path demoModel() { return std::filesystem::path(WINNOW_RESOURCES) / "models/demo"; }

inline std::string readText(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline std::vector<std::string> split(const std::string& text, char separator)
{
    std::vector<std::string> parts{""};
    for (const char c : text) {
        if (c == separator)
            parts.emplace_back();
        else
            parts.back().push_back(c);
    }
    return parts;
}

} // namespace winnow
