// SPDX-License-Identifier: GPL-3.0-or-later
// The members of one JSON object of a config.json, with the sentences for what is not as expected. Free of Torch.
#pragma once

#include "core/base/result.h"
#include "core/io/json.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace winnow {

inline constexpr int kMaxModelSize = 1 << 24; ///< of any single dimension
inline constexpr int kMaxLayers = 1 << 12;    ///< more would be a mistake in the file

/// Reads members one by one and goes on after a mistake with something harmless, so that a parser reads like a table; `error` is
/// the first mistake. Readers made by `child` share it. Refers to the object, which must outlive it.
///
/// A member that is null counts as absent, except where a function says otherwise.
class ConfigReader {
public:
    ConfigReader(const nlohmann::json& object, std::string where);

    bool has(const char* key) const { return m_object.contains(key) && !m_object[key].is_null(); }
    bool isNull(const char* key) const { return m_object.contains(key) && m_object[key].is_null(); }
    const nlohmann::json& object() const { return m_object; }

    /// `absent` when the member is not there; an error when there is no `absent` either.
    int whole(const char* key, std::optional<int> absent, int most = kMaxModelSize, int least = 1);
    double positive(const char* key, std::optional<double> absent);
    bool flag(const char* key, bool absent);
    std::string text(const char* key, std::string absent);
    /// 0 for null, which in these files switches something off.
    int wholeOrOff(const char* key, int absent);
    double positiveOrOff(const char* key, double absent);
    /// Numbers above 0; `count` of them when the member is there, else none.
    std::vector<double> positives(const char* key, std::size_t count);

    /// The object under `key`, which must be one.
    ConfigReader child(const char* key);
    /// The same, or an empty object when there is no such member.
    ConfigReader childOrEmpty(const char* key);

    /// Notes a mistake in the words of the caller: "'config.json': …".
    template <class... Args>
    void note(fmt::format_string<Args...> format, Args&&... args)
    {
        noteText(m_where + ": " + fmt::format(format, std::forward<Args>(args)...));
    }
    const std::optional<Error>& error() const { return *m_error; }

private:
    ConfigReader(const nlohmann::json& object, std::string where, std::shared_ptr<std::optional<Error>> error);
    void noteText(std::string message);
    void unexpected(const char* key, std::string_view expected);

    const nlohmann::json& m_object;
    std::string m_where;
    std::shared_ptr<std::optional<Error>> m_error;
};

} // namespace winnow
