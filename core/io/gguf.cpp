// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/gguf.h"

#include "core/io/mistaken_file.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <fstream>
#include <limits>
#include <optional>

namespace winnow {
namespace {

static_assert(std::endian::native == std::endian::little, "GGUF is little-endian");

constexpr std::size_t kMaxDimensions = 4;
constexpr std::size_t kMaxKey = 1 << 16;
constexpr std::size_t kMaxElements = 1 << 24; // of all arrays together; the largest vocabulary has 262,144 entries, thrice

struct TypeRow {
    GgufType type;
    std::string_view name;
    GgufBlock block;
};
constexpr std::array kTypes{
    TypeRow{GgufType::F32, "F32", {1, 4}},       TypeRow{GgufType::F16, "F16", {1, 2}},
    TypeRow{GgufType::BF16, "BF16", {1, 2}},     TypeRow{GgufType::Q4_0, "Q4_0", {32, 18}},
    TypeRow{GgufType::Q4_1, "Q4_1", {32, 20}},   TypeRow{GgufType::Q5_0, "Q5_0", {32, 22}},
    TypeRow{GgufType::Q5_1, "Q5_1", {32, 24}},   TypeRow{GgufType::Q8_0, "Q8_0", {32, 34}},
    TypeRow{GgufType::Q2_K, "Q2_K", {256, 84}},  TypeRow{GgufType::Q3_K, "Q3_K", {256, 110}},
    TypeRow{GgufType::Q4_K, "Q4_K", {256, 144}}, TypeRow{GgufType::Q5_K, "Q5_K", {256, 176}},
    TypeRow{GgufType::Q6_K, "Q6_K", {256, 210}},
};

const TypeRow& row(GgufType type)
{
    return *std::ranges::find_if(kTypes, [type](const TypeRow& each) { return each.type == type; });
}

/// What kinds that are not read are called, so that people know what they have.
std::string_view unreadName(std::uint32_t type)
{
    constexpr std::array<std::pair<std::uint32_t, std::string_view>, 21> kNames{{
        {9, "Q8_1"},   {15, "Q8_K"},  {16, "IQ2_XXS"}, {17, "IQ2_XS"}, {18, "IQ3_XXS"}, {19, "IQ1_S"}, {20, "IQ4_NL"},
        {21, "IQ3_S"}, {22, "IQ2_S"}, {23, "IQ4_XS"},  {24, "I8"},     {25, "I16"},     {26, "I32"},   {27, "I64"},
        {28, "F64"},   {29, "IQ1_M"}, {34, "TQ1_0"},   {35, "TQ2_0"},  {39, "MXFP4"},   {40, "NVFP4"}, {41, "Q1_0"},
    }};
    const auto found = std::ranges::find_if(kNames, [type](const auto& each) { return each.first == type; });
    return found == kNames.end() ? "unknown" : found->second;
}

std::string shortened(std::string_view text) { return std::string(text.substr(0, 100)); }

/// Walks the bytes; every read says whether there was enough left.
class Reader {
public:
    Reader(std::span<const std::byte> file, std::string_view where) : m_file(file), m_where(where) {}

    std::size_t at() const { return m_at; }
    std::size_t left() const { return m_file.size() - m_at; }

    template <class Number>
    Result<Number> number(std::string_view what)
    {
        Number value{};
        if (left() < sizeof value)
            return fail(ErrorCode::BadInput, "{} ends at byte {}, inside {}: it is cut short, fetch it again", m_where,
                        m_file.size(), what);
        std::memcpy(&value, m_file.data() + m_at, sizeof value);
        m_at += sizeof value;
        return value;
    }

    Result<std::string_view> text(std::string_view what, std::size_t most)
    {
        WINNOW_TRY(const std::uint64_t length, number<std::uint64_t>(what));
        if (length > left() || length > most)
            return fail(ErrorCode::BadInput, "{}: {} at byte {} announces a text of {} bytes, but at most {} can follow", m_where,
                        what, m_at, length, std::min(left(), most));
        const std::string_view result(reinterpret_cast<const char*>(m_file.data()) + m_at, length);
        m_at += length;
        return result;
    }

private:
    std::span<const std::byte> m_file;
    std::string_view m_where;
    std::size_t m_at = 0;
};

enum class ValueType : std::uint32_t { U8, I8, U16, I16, U32, I32, F32, Bool, Text, Array, U64, I64, F64 };

constexpr std::array<std::size_t, 13> kLeastBytes{1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8};

bool isReal(ValueType type) { return type == ValueType::F32 || type == ValueType::F64; }

Result<double> readReal(Reader& reader, ValueType type, std::string_view what)
{
    if (type == ValueType::F64)
        return reader.number<double>(what);
    WINNOW_TRY(const float value, reader.number<float>(what));
    return static_cast<double>(value);
}

template <class Number>
Result<std::int64_t> widened(Reader& reader, std::string_view what)
{
    WINNOW_TRY(const Number value, reader.number<Number>(what));
    return static_cast<std::int64_t>(value);
}

/// Of any type but Text, Array and the reals; U64 wraps around.
Result<std::int64_t> readWhole(Reader& reader, ValueType type, std::string_view what)
{
    switch (type) {
    case ValueType::U8:
    case ValueType::Bool:
        return widened<std::uint8_t>(reader, what);
    case ValueType::I8:
        return widened<std::int8_t>(reader, what);
    case ValueType::U16:
        return widened<std::uint16_t>(reader, what);
    case ValueType::I16:
        return widened<std::int16_t>(reader, what);
    case ValueType::U32:
        return widened<std::uint32_t>(reader, what);
    case ValueType::I32:
        return widened<std::int32_t>(reader, what);
    default:
        return widened<std::int64_t>(reader, what);
    }
}

class Parser {
public:
    Parser(std::span<const std::byte> file, std::string_view where)
        : m_text(reinterpret_cast<const char*>(file.data()), file.size()), m_where(where), m_reader(file, where)
    {
    }

    Result<GgufTable> all()
    {
        WINNOW_TRY(const std::uint64_t tensors, header());
        WINNOW_TRY_VOID(metadata());
        WINNOW_TRY_VOID(tensorInfos(tensors));
        WINNOW_TRY_VOID(places());
        return std::move(m_table);
    }

private:
    Result<std::uint64_t> header()
    {
        if (const std::string_view mistaken = m_text.starts_with("GGUF") ? "" : mistakenFor(m_text); !mistaken.empty())
            return fail(ErrorCode::BadInput, "{} {}", m_where, mistaken);
        if (m_text.size() > 8 && m_text[8] == '{')
            return fail(ErrorCode::BadInput, "{} is a safetensors file; give it the ending .safetensors", m_where);
        WINNOW_TRY(const std::uint32_t magic, m_reader.number<std::uint32_t>("its mark"));
        if (magic != 0x46554747) // "GGUF"
            return fail(ErrorCode::BadInput, "{} does not begin with 'GGUF': it is no GGUF file", m_where);
        WINNOW_TRY(m_table.version, m_reader.number<std::uint32_t>("its version"));
        if (m_table.version > 0xFFFF)
            return fail(ErrorCode::BadInput, "{} is a GGUF file for big-endian machines, which is not read; fetch the usual one",
                        m_where);
        if (m_table.version < 2 || m_table.version > 3)
            return fail(ErrorCode::BadInput, "{} has version {} of GGUF; versions 2 and 3 are read: fetch a newer file", m_where,
                        m_table.version);
        WINNOW_TRY(const std::uint64_t tensors, m_reader.number<std::uint64_t>("its number of tensors"));
        WINNOW_TRY(m_keys, m_reader.number<std::uint64_t>("its number of metadata"));
        constexpr std::size_t kLeastKey = 8 + 4 + 1, kLeastTensor = 8 + 4 + 4 + 8;
        if (m_keys > m_reader.left() / kLeastKey || tensors > m_reader.left() / kLeastTensor)
            return fail(ErrorCode::BadInput, "{} announces {} metadata and {} tensors, more than its {} bytes can hold", m_where,
                        m_keys, tensors, m_text.size());
        return tensors;
    }

    Result<void> metadata()
    {
        for (std::uint64_t i = 0; i < m_keys; ++i) {
            WINNOW_TRY(const std::string_view key, m_reader.text("the name of a metadatum", kMaxKey));
            WINNOW_TRY(const auto type, valueType(key));
            WINNOW_TRY(GgufValue value, type == ValueType::Array ? array(key) : scalar(type, key));
            if (!m_table.metadata.emplace(key, std::move(value)).second)
                return fail(ErrorCode::BadInput, "{} has the metadatum '{}' twice", m_where, shortened(key));
        }
        return {};
    }

    Result<ValueType> valueType(std::string_view key)
    {
        WINNOW_TRY(const std::uint32_t type, m_reader.number<std::uint32_t>("a metadatum"));
        if (type >= kLeastBytes.size())
            return fail(ErrorCode::BadInput, "{}: the metadatum '{}' has the type {}, which does not exist", m_where,
                        shortened(key), type);
        return static_cast<ValueType>(type);
    }

    Result<GgufValue> scalar(ValueType type, std::string_view key)
    {
        if (type == ValueType::Text) {
            WINNOW_TRY(const std::string_view text, m_reader.text(key, m_text.size()));
            return GgufValue(text);
        }
        if (isReal(type)) {
            WINNOW_TRY(const double value, readReal(m_reader, type, key));
            return GgufValue(value);
        }
        WINNOW_TRY(const std::int64_t value, readWhole(m_reader, type, key));
        if (type == ValueType::Bool)
            return GgufValue(value != 0);
        if (type == ValueType::U64 && value < 0)
            return GgufValue(static_cast<double>(static_cast<std::uint64_t>(value)));
        return GgufValue(value);
    }

    template <class Value, class Read>
    Result<GgufValue> list(std::uint64_t count, Read read)
    {
        std::vector<Value> values;
        values.reserve(count);
        for (std::uint64_t i = 0; i < count; ++i) {
            WINNOW_TRY(Value value, read());
            values.push_back(value);
        }
        return GgufValue(std::move(values));
    }

    Result<GgufValue> array(std::string_view key)
    {
        WINNOW_TRY(const ValueType type, valueType(key));
        WINNOW_TRY(const std::uint64_t count, m_reader.number<std::uint64_t>(key));
        if (type == ValueType::Array)
            return fail(ErrorCode::BadInput, "{}: the metadatum '{}' is a list of lists, which no model needs", m_where,
                        shortened(key));
        if (count > m_reader.left() / kLeastBytes[static_cast<std::size_t>(type)] || count > kMaxElements - m_elements)
            return fail(ErrorCode::BadInput, "{}: the metadatum '{}' announces {} values, more than the file can hold", m_where,
                        shortened(key), count);
        m_elements += count;
        if (type == ValueType::Text)
            return list<std::string_view>(count, [&] { return m_reader.text(key, m_text.size()); });
        if (isReal(type))
            return list<double>(count, [&] { return readReal(m_reader, type, key); });
        return list<std::int64_t>(count, [&] { return readWhole(m_reader, type, key); });
    }

    Result<void> tensorInfos(std::uint64_t count)
    {
        for (std::uint64_t i = 0; i < count; ++i) {
            WINNOW_TRY(const std::string_view name, m_reader.text("the name of a tensor", kMaxKey));
            WINNOW_TRY(GgufTensorEntry entry, tensorInfo(fmt::format("{}: tensor '{}'", m_where, shortened(name))));
            if (!m_table.tensors.emplace(name, std::move(entry)).second)
                return fail(ErrorCode::BadInput, "{} has the tensor '{}' twice", m_where, shortened(name));
        }
        return {};
    }

    /// `begin` and `end` count from the start of the data.
    Result<GgufTensorEntry> tensorInfo(const std::string& what)
    {
        GgufTensorEntry entry;
        WINNOW_TRY(const std::uint32_t dimensions, m_reader.number<std::uint32_t>(what));
        if (dimensions > kMaxDimensions)
            return fail(ErrorCode::BadInput, "{} has {} dimensions, more than {}", what, dimensions, kMaxDimensions);
        std::uint64_t numbers = 1;
        for (std::uint32_t i = 0; i < dimensions; ++i) {
            WINNOW_TRY(const std::uint64_t size, m_reader.number<std::uint64_t>(what));
            constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max() / 8;
            if (size == 0 || size > kMost || __builtin_mul_overflow(numbers, size, &numbers) || numbers > kMost)
                return fail(ErrorCode::BadInput, "{} has a dimension of {}, which makes it empty or larger than any file", what,
                            size);
            entry.shape.insert(entry.shape.begin(), static_cast<std::int64_t>(size));
        }
        WINNOW_TRY(const std::uint32_t type, m_reader.number<std::uint32_t>(what));
        const auto known =
            std::ranges::find_if(kTypes, [type](const TypeRow& each) { return static_cast<std::uint32_t>(each.type) == type; });
        if (known == kTypes.end())
            return fail(
                ErrorCode::BadInput,
                "{} is stored as {} (kind {}), which is not read; take a file in F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1 or "
                "Q2_K to Q6_K",
                what, unreadName(type), type);
        entry.type = known->type;
        const std::uint64_t row = entry.shape.empty() ? 1 : static_cast<std::uint64_t>(entry.shape.back());
        if (row % known->block.numbers != 0)
            return fail(ErrorCode::BadInput, "{} has rows of {} numbers, but {} is stored in blocks of {}", what, row,
                        known->name, known->block.numbers);
        WINNOW_TRY(const std::uint64_t offset, m_reader.number<std::uint64_t>(what));
        const std::uint64_t bytes = numbers / known->block.numbers * known->block.bytes;
        if (offset > m_text.size() || bytes > m_text.size() - offset)
            return fail(ErrorCode::BadInput,
                        "{} of {} bytes at {} does not fit into the file of {} bytes: it is cut short, fetch it again", what,
                        bytes, offset, m_text.size());
        entry.begin = offset;
        entry.end = offset + bytes;
        return entry;
    }

    /// From the start of the data to the start of the file, checked.
    Result<void> places()
    {
        std::uint64_t alignment = 32;
        if (m_table.metadata.contains("general.alignment")) {
            const auto* given = m_table.get<std::int64_t>("general.alignment");
            if (given == nullptr || *given < 1 || *given > 1 << 20 || !std::has_single_bit(static_cast<std::uint64_t>(*given)))
                return fail(ErrorCode::BadInput, "{}: its 'general.alignment' is no power of two up to 1048576", m_where);
            alignment = static_cast<std::uint64_t>(*given);
        }
        const std::size_t base = (m_reader.at() + alignment - 1) / alignment * alignment;
        std::vector<std::pair<GgufTensorEntry*, const std::string*>> order;
        for (auto& [name, entry] : m_table.tensors) {
            if (entry.begin % alignment != 0)
                return fail(ErrorCode::BadInput, "{}: tensor '{}' starts at {}, which is no multiple of {}", m_where,
                            shortened(name), entry.begin, alignment);
            if (base > m_text.size() || entry.end > m_text.size() - base)
                return fail(ErrorCode::BadInput,
                            "{}: tensor '{}' ends at byte {}, the file at {}: it is cut short, fetch it again", m_where,
                            shortened(name), base + entry.end, m_text.size());
            entry.begin += base;
            entry.end += base;
            order.emplace_back(&entry, &name);
        }
        std::ranges::sort(order, {}, [](const auto& each) { return std::pair(each.first->begin, each.first->end); });
        for (std::size_t i = 1; i < order.size(); ++i)
            if (order[i].first->begin < order[i - 1].first->end)
                return fail(ErrorCode::BadInput, "{}: the tensors '{}' and '{}' overlap", m_where,
                            shortened(*order[i - 1].second), shortened(*order[i].second));
        return {};
    }

    std::string_view m_text;
    std::string_view m_where;
    Reader m_reader;
    GgufTable m_table;
    std::uint64_t m_keys = 0;
    std::size_t m_elements = 0;
};

} // namespace

std::string_view ggufTypeName(GgufType type) { return row(type).name; }
GgufBlock ggufBlock(GgufType type) { return row(type).block; }

Result<GgufTable> parseGguf(std::span<const std::byte> file, std::string_view where) { return Parser(file, where).all(); }

bool isGguf(const std::filesystem::path& path)
{
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(path, ignored))
        return false;
    std::array<char, 4> mark{};
    return path.extension() == ".gguf" ||
           (std::ifstream(path, std::ios::binary).read(mark.data(), mark.size()) && std::string_view(mark.data(), 4) == "GGUF");
}

} // namespace winnow
