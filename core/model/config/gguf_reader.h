// SPDX-License-Identifier: GPL-3.0-or-later
// The metadata of a GGUF file's architecture, with the sentences for what is not as expected. Free of Torch.
#pragma once

#include "core/base/result.h"
#include "core/model/config/gguf_config.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace winnow {

/// Reads metadata one by one and goes on after a mistake; `error` is the first. Refers to table and bytes, which must outlive it.
class GgufReader {
public:
    GgufReader(const GgufTable& table, const GgufBytes& bytes, std::string_view where, std::string architecture)
        : m_table(table), m_bytes(bytes), m_where(where), m_architecture(std::move(architecture))
    {
    }

    const GgufTable& table() const { return m_table; }
    const std::string& architecture() const { return m_architecture; }
    const std::optional<Error>& error() const { return m_error; }
    /// "llama.context_length" for "context_length".
    std::string key(std::string_view name) const { return fmt::format("{}.{}", m_architecture, name); }
    bool has(std::string_view tensor) const { return m_table.tensors.contains(tensor); }

    /// Notes a mistake in the words of the caller: "'model.gguf': …".
    template <class... Args>
    void note(fmt::format_string<Args...> format, Args&&... args)
    {
        if (!m_error)
            m_error =
                Error{ErrorCode::BadInput, fmt::format("{}: {}", m_where, fmt::format(format, std::forward<Args>(args)...))};
    }

    /// A list counts where all its numbers are equal: some files give one for each layer.
    std::optional<std::int64_t> whole(std::string_view name);
    /// The same; one that is missing is a mistake.
    std::int64_t needed(std::string_view name);
    /// With as few digits as its float32 needs: 1e-6 and not 9.99999997e-7.
    std::optional<double> real(std::string_view name);
    /// The numbers of a short list in F32, such as the factors of rotary frequencies; empty after a mistake.
    std::vector<double> factors(std::string_view tensor);

private:
    const GgufTable& m_table;
    const GgufBytes& m_bytes;
    std::string m_where, m_architecture;
    std::optional<Error> m_error;
};

/// The number that was meant by one stored as float32, which has few digits.
double asWritten(double value);

} // namespace winnow
