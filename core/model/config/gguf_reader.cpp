// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/config/gguf_reader.h"

#include <algorithm>

namespace winnow {

double asWritten(double value) { return std::stod(fmt::format("{}", static_cast<float>(value))); }

std::optional<std::int64_t> GgufReader::whole(std::string_view name)
{
    const std::string full = key(name);
    if (const auto* value = m_table.get<std::int64_t>(full))
        return *value;
    if (const auto* list = m_table.get<std::vector<std::int64_t>>(full); list != nullptr && !list->empty()) {
        if (std::ranges::all_of(*list, [&](std::int64_t each) { return each == list->front(); }))
            return list->front();
        note("'{}' differs from layer to layer, which is not read", full);
    } else if (m_table.metadata.contains(full)) {
        note("'{}' is no whole number", full);
    }
    return std::nullopt;
}

std::int64_t GgufReader::needed(std::string_view name)
{
    const auto value = whole(name);
    if (!value)
        note("its metadata lack '{}', which a model of this architecture has", key(name));
    return value.value_or(1);
}

std::optional<double> GgufReader::real(std::string_view name)
{
    const std::string full = key(name);
    if (const auto* value = m_table.get<double>(full))
        return asWritten(*value);
    if (const auto* value = m_table.get<std::int64_t>(full))
        return static_cast<double>(*value);
    if (m_table.metadata.contains(full))
        note("'{}' is no number", full);
    return std::nullopt;
}

std::vector<double> GgufReader::factors(std::string_view tensor)
{
    const auto found = m_table.tensors.find(tensor);
    constexpr std::int64_t kMost = 1 << 16; // numbers in half a head
    if (found == m_table.tensors.end() || found->second.type != GgufType::F32 || found->second.shape.size() != 1 ||
        found->second.shape[0] > kMost) {
        note("the rotary factors '{}' are missing, or no short list in F32", tensor);
        return {};
    }
    const GgufTensorEntry& entry = found->second;
    std::vector<float> numbers(static_cast<std::size_t>(entry.shape[0]));
    dequantize(entry.type, m_bytes(entry), numbers);
    return {numbers.begin(), numbers.end()};
}

} // namespace winnow
