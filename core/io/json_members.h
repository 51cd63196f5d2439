// SPDX-License-Identifier: GPL-3.0-or-later
// Members of JSON objects that may be anything, or absent.
#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace winnow {

/// null when `object` is none, or has no such member.
inline const nlohmann::json& member(const nlohmann::json& object, const char* key)
{
    static const nlohmann::json none;
    return object.is_object() && object.contains(key) ? object[key] : none;
}

/// "" when it is no text.
inline std::string textOf(const nlohmann::json& object, const char* key)
{
    const nlohmann::json& text = member(object, key);
    return text.is_string() ? text.get<std::string>() : std::string();
}

/// Nothing when it is no number.
inline std::optional<double> numberIn(const nlohmann::json& object, const char* key)
{
    const nlohmann::json& value = member(object, key);
    return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

inline std::string typeOf(const nlohmann::json& object) { return textOf(object, "type"); }

inline bool isTrue(const nlohmann::json& object, const char* key) { return member(object, key) == true; }

} // namespace winnow
