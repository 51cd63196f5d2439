// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/json.h"

#include "core/base/printable.h"
#include "core/io/mapped_file.h"
#include "core/io/mistaken_file.h"
#include "core/io/ordered_json.h"

#include <algorithm>
#include <vector>

namespace winnow {
namespace {

using nlohmann::json;

/// "column 18", or "line 3, column 18" of a text of several lines. `position` counts bytes from 1, columns are characters.
std::string placeOf(std::string_view text, std::size_t position)
{
    const std::string_view before = text.substr(0, position == 0 ? 0 : position - 1);
    const std::size_t end = before.rfind('\n'), begin = end == std::string_view::npos ? 0 : end + 1;
    const auto column = 1 + std::count_if(before.begin() + static_cast<std::ptrdiff_t>(begin), before.end(),
                                          [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; });
    if (text.find('\n') == std::string_view::npos)
        return fmt::format("column {}", column);
    return fmt::format("line {}, column {}", 1 + std::count(before.begin(), before.end(), '\n'), column);
}

/// Builds the document as nlohmann's own handler does, and stops at the first broken limit with `m_error` set.
template <class Json>
class BoundedBuilder final : public nlohmann::json_sax<Json> {
    using Sax = nlohmann::json_sax<Json>;
    using typename Sax::binary_t;
    using typename Sax::number_float_t;
    using typename Sax::number_integer_t;
    using typename Sax::number_unsigned_t;
    using typename Sax::string_t;

public:
    BoundedBuilder(Json& root, std::string_view text, const JsonLimits& limits) : m_root(root), m_text(text), m_limits(limits) {}

    const std::string& error() const { return m_error; }

    bool null() override { return place(Json(nullptr)); }
    bool boolean(bool value) override { return place(Json(value)); }
    bool number_integer(number_integer_t value) override { return place(Json(value)); }
    bool number_unsigned(number_unsigned_t value) override { return place(Json(value)); }
    bool number_float(number_float_t value, const string_t&) override { return place(Json(value)); }
    bool string(string_t& value) override { return place(Json(std::move(value))); }
    bool binary(binary_t&) override { return stop("holds binary data"); }
    bool start_object(std::size_t) override { return open(Json::object()); }
    bool start_array(std::size_t) override { return open(Json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }

    bool key(string_t& name) override
    {
        const auto [at, fresh] = m_open.back()->template get_ref<typename Json::object_t&>().emplace(std::move(name), nullptr);
        if (!fresh && m_limits.refuseDuplicateKeys)
            return stop(fmt::format("holds the key '{}' twice in one object", at->first.substr(0, 100)));
        m_member = &at->second;
        return true;
    }

    /// `position` counts bytes from 1, beyond the text where it ends too early; `last` is what was read last.
    bool parse_error(std::size_t position, const std::string& last, const nlohmann::detail::exception&) override
    {
        if (position > m_text.size())
            return stop("is not valid JSON: it ends too early");
        return stop(fmt::format("is not valid JSON at {}, after '{}'", placeOf(m_text, position), shortPrintable(last, 60)));
    }

private:
    bool stop(std::string why)
    {
        m_error = std::move(why);
        return false;
    }

    Json* put(Json&& value)
    {
        if (m_open.empty()) {
            m_root = std::move(value);
            return &m_root;
        }
        Json& parent = *m_open.back();
        if (parent.is_array()) {
            auto& items = parent.template get_ref<typename Json::array_t&>();
            items.push_back(std::move(value));
            return &items.back();
        }
        *m_member = std::move(value);
        return m_member;
    }

    bool place(Json&& value)
    {
        if (++m_values > m_limits.maxValues)
            return stop(fmt::format("holds more than {} values", m_limits.maxValues));
        put(std::move(value));
        return true;
    }

    bool open(Json&& container)
    {
        if (m_open.size() >= static_cast<std::size_t>(m_limits.maxDepth))
            return stop(fmt::format("is nested deeper than {} levels", m_limits.maxDepth));
        if (++m_values > m_limits.maxValues)
            return stop(fmt::format("holds more than {} values", m_limits.maxValues));
        m_open.push_back(put(std::move(container)));
        return true;
    }

    bool close()
    {
        m_open.pop_back();
        return true;
    }

    Json& m_root;
    const std::string_view m_text;
    const JsonLimits& m_limits;
    std::vector<Json*> m_open; // stable: a parent grows only when its last child is closed
    Json* m_member = nullptr;
    std::size_t m_values = 0;
    std::string m_error;
};

template <class Json>
Result<Json> parsed(std::string_view text, std::string_view where, const JsonLimits& limits)
{
    if (text.size() > limits.maxBytes)
        return fail(ErrorCode::BadInput, "{} is {} bytes of JSON, more than the {} that are read", where, text.size(),
                    limits.maxBytes);
    if (const std::string_view mistaken = mistakenFor(text); !mistaken.empty())
        return fail(ErrorCode::BadInput, "{} {}", where, mistaken);
    if (text.substr(0, 3) == "\xEF\xBB\xBF")
        return fail(ErrorCode::BadInput, "{} starts with a byte order mark, which JSON does not allow; save it without one",
                    where);
    Json root;
    BoundedBuilder<Json> builder(root, text, limits);
    if (!Json::sax_parse(text, &builder))
        return fail(ErrorCode::BadInput, "{} {}", where, builder.error());
    return root;
}

} // namespace

Result<json> parseJson(std::string_view text, std::string_view where, const JsonLimits& limits)
{
    return parsed<json>(text, where, limits);
}

Result<nlohmann::ordered_json> parseOrderedJson(std::string_view text, std::string_view where, const JsonLimits& limits)
{
    return parsed<nlohmann::ordered_json>(text, where, limits);
}

std::optional<std::uint64_t> wholeNumber(const json& value, std::uint64_t most)
{
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > most)
        return std::nullopt;
    return value.get<std::uint64_t>();
}

Result<json> readJson(const std::filesystem::path& path, const JsonLimits& limits)
{
    WINNOW_TRY(const MappedFile file, MappedFile::open(path));
    return parseJson(file.text(), fmt::format("'{}'", path.string()), limits);
}

} // namespace winnow
