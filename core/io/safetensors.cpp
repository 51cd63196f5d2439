// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/safetensors.h"

#include "core/base/printable.h"
#include "core/io/json.h"
#include "core/io/mistaken_file.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

namespace winnow {
namespace {

using nlohmann::json;

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kMaxHeader = 100'000'000; // the reference reader's limit
constexpr std::size_t kMaxDimensions = 16;
constexpr std::uint64_t kAnything = std::numeric_limits<std::uint64_t>::max();

struct TypeRow {
    TensorType type;
    std::string_view name;
    std::size_t bytes;
};
constexpr std::array kTypes{
    TypeRow{TensorType::Bool, "BOOL", 1},      TypeRow{TensorType::U8, "U8", 1},          TypeRow{TensorType::I8, "I8", 1},
    TypeRow{TensorType::F8E4M3, "F8_E4M3", 1}, TypeRow{TensorType::F8E5M2, "F8_E5M2", 1}, TypeRow{TensorType::U16, "U16", 2},
    TypeRow{TensorType::I16, "I16", 2},        TypeRow{TensorType::F16, "F16", 2},        TypeRow{TensorType::BF16, "BF16", 2},
    TypeRow{TensorType::U32, "U32", 4},        TypeRow{TensorType::I32, "I32", 4},        TypeRow{TensorType::F32, "F32", 4},
    TypeRow{TensorType::U64, "U64", 8},        TypeRow{TensorType::I64, "I64", 8},        TypeRow{TensorType::F64, "F64", 8},
};

const TypeRow& row(TensorType type)
{
    return *std::find_if(kTypes.begin(), kTypes.end(), [type](const TypeRow& each) { return each.type == type; });
}

std::string shortened(std::string_view name) { return std::string(name.substr(0, 200)); }

/// Whether a length stands where letters are: the file is a text.
bool isText(std::string_view file)
{
    return file.size() >= kLengthBytes &&
           std::ranges::all_of(file.substr(0, kLengthBytes), [](char c) { return c >= ' ' && c <= '~'; });
}

/// The header's entry of one tensor; `data` is the number of bytes behind the header, `base` where they start.
Result<TensorEntry> parseEntry(const json& value, std::size_t data, std::size_t base, const std::string& what)
{
    if (!value.is_object())
        return fail(ErrorCode::BadInput, "{}: its header entry is no JSON object", what);
    for (const char* key : {"dtype", "shape", "data_offsets"})
        if (!value.contains(key))
            return fail(ErrorCode::BadInput, "{}: its header entry lacks '{}'", what, key);
    if (value.size() != 3)
        return fail(ErrorCode::BadInput, "{}: its header entry holds other keys than dtype, shape and data_offsets", what);

    TensorEntry entry;
    const json& dtype = value["dtype"];
    const auto type = std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeRow& each) { return dtype == each.name; });
    if (type == kTypes.end())
        return fail(ErrorCode::BadInput, "{} has the dtype {}, which is not one of those that are read (F32, F16, BF16, …)", what,
                    shortened(dtype.dump(-1, ' ', true, json::error_handler_t::replace)));
    entry.type = type->type;

    const json& shape = value["shape"];
    if (!shape.is_array() || shape.size() > kMaxDimensions)
        return fail(ErrorCode::BadInput, "{}: its shape is no list of at most {} numbers", what, kMaxDimensions);
    std::uint64_t bytes = type->bytes;
    bool overflows = false;
    for (const json& dimension : shape) {
        const auto size = wholeNumber(dimension, std::numeric_limits<std::int64_t>::max());
        if (!size)
            return fail(ErrorCode::BadInput, "{}: its shape holds something that is no whole number from 0", what);
        overflows = overflows || __builtin_mul_overflow(bytes, *size, &bytes);
        entry.shape.push_back(static_cast<std::int64_t>(*size));
    }
    if (overflows)
        return fail(ErrorCode::BadInput, "{}: its shape {} is larger than any file", what, shapeText(entry.shape));

    const json& offsets = value["data_offsets"];
    const bool pair = offsets.is_array() && offsets.size() == 2;
    const auto begin = pair ? wholeNumber(offsets[0], kAnything) : std::nullopt;
    const auto end = pair ? wholeNumber(offsets[1], kAnything) : std::nullopt;
    if (!begin || !end || *begin > *end)
        return fail(ErrorCode::BadInput, "{}: its data_offsets are no two ascending whole numbers", what);
    if (*end > data)
        return fail(ErrorCode::BadInput, "{} ends at byte {}, the file at {}: it is cut short, fetch it again", what, base + *end,
                    base + data);
    if (*end - *begin != bytes)
        return fail(ErrorCode::BadInput, "{} of shape {} and dtype {} needs {} bytes, its data_offsets give {}", what,
                    shapeText(entry.shape), type->name, bytes, *end - *begin);
    entry.begin = base + *begin;
    entry.end = base + *end;
    return entry;
}

/// The data must be covered by the tensors exactly once.
Result<void> checkCover(const TensorTable& table, std::size_t base, std::size_t fileSize, std::string_view where)
{
    std::vector<std::pair<const TensorEntry*, const std::string*>> order;
    for (const auto& [name, entry] : table.tensors)
        order.emplace_back(&entry, &name);
    std::ranges::sort(order, {}, [](const auto& each) { return std::pair(each.first->begin, each.first->end); });
    std::size_t reached = base;
    for (const auto& [entry, name] : order) {
        if (entry->begin < reached)
            return fail(ErrorCode::BadInput,
                        "{}: tensor '{}' overlaps the one before it (starts at byte {}, that one ends at {})", where,
                        shortened(*name), entry->begin, reached);
        if (entry->begin > reached)
            return fail(ErrorCode::BadInput, "{}: bytes {} to {}, before tensor '{}', belong to no tensor", where, reached,
                        entry->begin, shortened(*name));
        reached = entry->end;
    }
    if (reached != fileSize)
        return fail(ErrorCode::BadInput, "{}: {} bytes after the last tensor belong to none (it ends at {}, the file at {})",
                    where, fileSize - reached, reached, fileSize);
    return {};
}

} // namespace

std::string_view tensorTypeName(TensorType type) { return row(type).name; }
std::size_t tensorTypeBytes(TensorType type) { return row(type).bytes; }

std::string shapeText(std::span<const std::int64_t> shape)
{
    return shape.empty() ? std::string("scalar") : fmt::format("{}", fmt::join(shape, " × "));
}

Result<TensorTable> parseSafetensors(std::span<const std::byte> file, std::string_view where)
{
    const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
    const bool begins = text.size() > kLengthBytes && text[kLengthBytes] == '{'; // a header, whatever its length looks like
    if (const auto mistaken = begins ? std::string_view() : mistakenFor(text); !mistaken.empty())
        return fail(ErrorCode::BadInput, "{} {}", where, mistaken);
    if (!begins && isText(text))
        return fail(ErrorCode::BadInput, "{} is a text ('{}'), what a server answers instead of a file; fetch it again", where,
                    shortPrintable(text.substr(0, text.find('\n')), 60));
    if (file.size() < kLengthBytes)
        return fail(ErrorCode::BadInput, "{} is {} bytes, too short for a safetensors file: fetch it again", where, file.size());
    std::uint64_t headerBytes = 0;
    for (std::size_t i = kLengthBytes; i-- > 0;)
        headerBytes = headerBytes << 8 | std::to_integer<std::uint64_t>(file[i]);
    if (headerBytes > kMaxHeader)
        return fail(ErrorCode::BadInput, "{} announces a header of {} bytes, more than {}: it is no safetensors file", where,
                    headerBytes, kMaxHeader);
    if (headerBytes > file.size() - kLengthBytes)
        return fail(ErrorCode::BadInput, "{} announces a header of {} bytes, but holds only {} after its length: it is cut short",
                    where, headerBytes, file.size() - kLengthBytes);

    const std::size_t base = kLengthBytes + headerBytes;
    const std::string_view header(reinterpret_cast<const char*>(file.data()) + kLengthBytes, headerBytes);
    if (!header.starts_with('{'))
        return fail(ErrorCode::BadInput, "{}: its header does not start with '{{': it is no safetensors file", where);
    WINNOW_TRY(const json root, parseJson(header, fmt::format("{}: its header", where),
                                          {.maxBytes = kMaxHeader, .maxDepth = 4, .refuseDuplicateKeys = true}));
    TensorTable table;
    for (const auto& [name, value] : root.items()) {
        if (name == "__metadata__") {
            if (!value.is_object())
                return fail(ErrorCode::BadInput, "{}: __metadata__ is no JSON object", where);
            for (const auto& [key, text] : value.items()) {
                if (!text.is_string())
                    return fail(ErrorCode::BadInput, "{}: __metadata__ '{}' is no text", where, shortened(key));
                table.metadata.emplace(key, text.get<std::string>());
            }
            continue;
        }
        WINNOW_TRY(TensorEntry entry,
                   parseEntry(value, file.size() - base, base, fmt::format("{}: tensor '{}'", where, shortened(name))));
        table.tensors.emplace(name, std::move(entry));
    }
    WINNOW_TRY_VOID(checkCover(table, base, file.size(), where));
    return table;
}

} // namespace winnow
