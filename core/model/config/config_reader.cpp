// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/config/config_reader.h"

#include <cmath>

namespace winnow {
namespace {

using nlohmann::json;

const json kNothing = json::object();

bool isPositive(const json& value) { return value.is_number() && value.get<double>() > 0 && std::isfinite(value.get<double>()); }

} // namespace

ConfigReader::ConfigReader(const json& object, std::string where)
    : ConfigReader(object, std::move(where), std::make_shared<std::optional<Error>>())
{
}

ConfigReader::ConfigReader(const json& object, std::string where, std::shared_ptr<std::optional<Error>> error)
    : m_object(object), m_where(std::move(where)), m_error(std::move(error))
{
}

int ConfigReader::whole(const char* key, std::optional<int> absent, int most, int least)
{
    if (!has(key)) {
        if (!absent)
            noteText(fmt::format("{} lacks '{}'", m_where, key));
        return absent.value_or(1);
    }
    const auto value = wholeNumber(m_object[key], static_cast<std::uint64_t>(most));
    if (!value || static_cast<int>(*value) < least) {
        unexpected(key, fmt::format("a whole number from {} to {}", least, most));
        return 1;
    }
    return static_cast<int>(*value);
}

double ConfigReader::positive(const char* key, std::optional<double> absent)
{
    if (!has(key)) {
        if (!absent)
            noteText(fmt::format("{} lacks '{}'", m_where, key));
        return absent.value_or(1);
    }
    if (!isPositive(m_object[key])) {
        unexpected(key, "a number above 0");
        return 1;
    }
    return m_object[key].get<double>();
}

bool ConfigReader::flag(const char* key, bool absent)
{
    if (!has(key))
        return absent;
    if (!m_object[key].is_boolean()) {
        unexpected(key, "true or false");
        return absent;
    }
    return m_object[key].get<bool>();
}

std::string ConfigReader::text(const char* key, std::string absent)
{
    if (!has(key))
        return absent;
    if (!m_object[key].is_string()) {
        unexpected(key, "text");
        return absent;
    }
    return m_object[key].get<std::string>();
}

int ConfigReader::wholeOrOff(const char* key, int absent) { return isNull(key) ? 0 : has(key) ? whole(key, {}) : absent; }

double ConfigReader::positiveOrOff(const char* key, double absent)
{
    return isNull(key) ? 0 : has(key) ? positive(key, {}) : absent;
}

std::vector<double> ConfigReader::positives(const char* key, std::size_t count)
{
    std::vector<double> numbers;
    if (!has(key))
        return numbers;
    const json& list = m_object[key];
    if (!list.is_array() || list.size() != count) {
        note("'{}' is no list of {} numbers{}", key, count, list.is_array() ? fmt::format(" but of {}", list.size()) : "");
        return numbers;
    }
    for (const json& value : list) {
        if (!isPositive(value)) {
            note("'{}' holds {}, a number above 0 was expected", key, value.dump().substr(0, 60));
            return {};
        }
        numbers.push_back(value.get<double>());
    }
    return numbers;
}

ConfigReader ConfigReader::child(const char* key)
{
    const bool found = has(key) && m_object[key].is_object();
    if (!found)
        note("'{}' is no JSON object", key);
    return ConfigReader(found ? m_object[key] : kNothing, fmt::format("{}: '{}'", m_where, key), m_error);
}

ConfigReader ConfigReader::childOrEmpty(const char* key)
{
    return has(key) ? child(key) : ConfigReader(kNothing, m_where, m_error);
}

void ConfigReader::noteText(std::string message)
{
    if (!*m_error)
        *m_error = Error{ErrorCode::BadInput, std::move(message)};
}

void ConfigReader::unexpected(const char* key, std::string_view expected)
{
    note("'{}' is {}, {} was expected", key, m_object[key].dump().substr(0, 60), expected);
}

} // namespace winnow
