// SPDX-License-Identifier: GPL-3.0-or-later
// Strict JSON from untrusted files: nlohmann-json with limits on size and depth, and errors as values.
#pragma once

#include "core/base/result.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

namespace winnow {

struct JsonLimits {
    std::size_t maxBytes = std::size_t{256} << 20;
    std::size_t maxValues = 20'000'000; ///< numbers, strings, literals, arrays and objects together
    int maxDepth = 64;                  ///< nested arrays and objects
    bool refuseDuplicateKeys = true;    ///< false: the last of equal keys wins
};

/// RFC 8259, nothing more: no comments, no trailing commas, no bytes after the value, valid UTF-8 only. `where` opens every
/// error sentence, e.g. "'config.json'". Linear in the text; memory up to about 30 times the text for many tiny values.
Result<nlohmann::json> parseJson(std::string_view text, std::string_view where, const JsonLimits& limits = {});

/// `value` when it is a whole number from 0 to `most`. (Comparing a json value with a C++ number turns huge ones negative.)
std::optional<std::uint64_t> wholeNumber(const nlohmann::json& value, std::uint64_t most);

/// Reads the whole file and parses it. NotFound when there is no such file.
Result<nlohmann::json> readJson(const std::filesystem::path& path, const JsonLimits& limits = {});

} // namespace winnow
