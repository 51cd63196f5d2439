// SPDX-License-Identifier: GPL-3.0-or-later
// The .npy format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#include "core/base/check.h"
#include "core/io/npz.h"

#include <charconv>
#include <cstring>
#include <limits>
#include <optional>

namespace winnow {

namespace {

constexpr std::string_view kMagic{"\x93NUMPY", 6};
constexpr std::size_t kMostDimensions = 32;

/// Bytes of one element; nothing for what Winnow does not read (objects, records, big-endian numbers, …).
std::optional<std::size_t> elementBytes(std::string_view descr)
{
    if (descr.size() < 3)
        return std::nullopt;
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(descr.data() + 2, descr.data() + descr.size(), size);
    if (error != std::errc() || end != descr.data() + descr.size() || size > std::numeric_limits<std::uint32_t>::max())
        return std::nullopt;
    if (descr.starts_with("<U"))
        return size * 4;
    const bool one = size == 1, wider = size == 2 || size == 4 || size == 8;
    const char order = descr[0], kind = descr[1];
    const bool known = ((kind == 'i' || kind == 'u') && (one || wider)) || (kind == 'f' && wider) || (kind == 'b' && one);
    if (!known || !(order == '<' || (one && order == '|')))
        return std::nullopt;
    return size;
}

/// Reads the dictionary literal of an .npy header, which is all of Python that it may hold.
class HeaderReader {
public:
    explicit HeaderReader(std::string_view text) : m_text(text) {}

    /// False where the text is anything but {'descr': '…', 'fortran_order': …, 'shape': (…), }.
    bool read()
    {
        if (!take('{'))
            return false;
        while (!take('}')) {
            const auto key = string();
            if (!key || !take(':') || !value(*key))
                return false;
            if (!take(',') && !peek('}'))
                return false;
        }
        skipSpace();
        return m_text.empty() && hasDescr && hasOrder && hasShape;
    }

    std::string descr;
    bool fortranOrder = false;
    std::vector<std::size_t> shape;
    bool hasDescr = false, hasOrder = false, hasShape = false;

private:
    void skipSpace()
    {
        while (!m_text.empty() && (m_text.front() == ' ' || m_text.front() == '\n' || m_text.front() == '\t'))
            m_text.remove_prefix(1);
    }
    bool peek(char wanted)
    {
        skipSpace();
        return !m_text.empty() && m_text.front() == wanted;
    }
    bool take(char wanted)
    {
        const bool found = peek(wanted);
        if (found)
            m_text.remove_prefix(1);
        return found;
    }
    bool word(std::string_view wanted)
    {
        skipSpace();
        const bool found = m_text.starts_with(wanted);
        if (found)
            m_text.remove_prefix(wanted.size());
        return found;
    }
    std::optional<std::string> string()
    {
        skipSpace();
        if (m_text.empty() || (m_text.front() != '\'' && m_text.front() != '"'))
            return std::nullopt;
        const std::size_t end = m_text.find(m_text.front(), 1);
        if (end == std::string_view::npos)
            return std::nullopt;
        std::string value(m_text.substr(1, end - 1));
        m_text.remove_prefix(end + 1);
        return value;
    }
    bool value(const std::string& key)
    {
        if (key == "descr" && !hasDescr) {
            if (peek('[')) { // a record array: kept as its text, which no reader below accepts
                descr = "record";
                return false;
            }
            const auto text = string();
            descr = text.value_or("");
            return hasDescr = text.has_value();
        }
        if (key == "fortran_order" && !hasOrder) {
            fortranOrder = word("True");
            return hasOrder = fortranOrder || word("False");
        }
        return key == "shape" && !hasShape && (hasShape = tuple());
    }
    bool tuple()
    {
        if (!take('('))
            return false;
        while (!take(')')) {
            skipSpace();
            std::size_t extent = 0;
            const auto [end, error] = std::from_chars(m_text.data(), m_text.data() + m_text.size(), extent);
            if (error != std::errc() || shape.size() == kMostDimensions)
                return false;
            m_text.remove_prefix(static_cast<std::size_t>(end - m_text.data()));
            shape.push_back(extent);
            if (!take(',') && !peek(')'))
                return false;
        }
        return true;
    }

    std::string_view m_text;
};

} // namespace

std::size_t NpyArray::count() const
{
    std::size_t product = 1;
    for (const std::size_t extent : shape)
        product *= extent;
    return product;
}

Result<NpyHeader> parseNpyHeader(std::span<const std::byte> start, std::string_view name)
{
    const std::string_view text(reinterpret_cast<const char*>(start.data()), start.size());
    if (!text.starts_with(kMagic) || text.size() < 10)
        return fail(ErrorCode::BadInput, "'{}' is no NumPy array: it does not begin with \\x93NUMPY", name);
    const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(text[i])); };
    const std::size_t major = byte(6), prefix = major == 1 ? 10 : 12;
    if (major < 1 || major > 3 || text.size() < prefix)
        return fail(ErrorCode::BadInput, "'{}' has version {} of the NumPy format; expected 1 to 3", name, major);
    const std::size_t length = major == 1 ? byte(8) | byte(9) << 8 : byte(8) | byte(9) << 8 | byte(10) << 16 | byte(11) << 24;
    if (length > text.size() - prefix)
        return fail(ErrorCode::BadInput, "'{}' is cut short: its header of {} bytes does not fit into {}", name, length,
                    text.size());
    HeaderReader header(text.substr(prefix, length));
    const bool readable = header.read();
    if (header.descr == "|O" || header.descr == "O")
        return fail(ErrorCode::BadInput, "'{}' holds pickled Python objects; Winnow reads numbers and fixed-width strings only",
                    name);
    if (!readable)
        return fail(ErrorCode::BadInput, "'{}' has a header that is not descr, fortran_order and shape of one plain array", name);
    const auto size = elementBytes(header.descr);
    if (!size)
        return fail(ErrorCode::BadInput, "'{}' holds numbers of type '{}'; expected little-endian numbers or <U strings", name,
                    header.descr);
    if (header.fortranOrder && header.shape.size() > 1)
        return fail(ErrorCode::BadInput, "'{}' is in Fortran order; save it with np.ascontiguousarray", name);
    NpyHeader found{header.descr, std::move(header.shape), prefix + length, *size};
    for (const std::size_t extent : found.shape) {
        const bool overflows = __builtin_mul_overflow(found.count, extent, &found.count) ||
                               (found.count > 0 && *size > std::numeric_limits<std::uint64_t>::max() / found.count);
        if (overflows)
            return fail(ErrorCode::BadInput, "'{}' has a shape whose size overflows", name);
    }
    found.dataBytes = found.count * *size;
    return found;
}

Result<NpyArray> parseNpy(std::span<const std::byte> file, std::string_view name)
{
    WINNOW_TRY(NpyHeader header, parseNpyHeader(file, name));
    const std::span<const std::byte> data = file.subspan(header.bytes);
    if (data.size() != header.dataBytes)
        return fail(ErrorCode::BadInput, "'{}' has {} bytes of data; its shape needs {}", name, data.size(), header.dataBytes);
    return NpyArray{std::move(header.descr), std::move(header.shape), {data.begin(), data.end()}};
}

std::vector<std::byte> formatNpy(const NpyArray& array)
{
    std::string shape;
    for (const std::size_t extent : array.shape)
        shape += fmt::format("{}{}", shape.empty() ? "" : ", ", extent);
    if (array.shape.size() == 1)
        shape += ",";
    std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", array.descr, shape);
    const std::size_t prefix = kMagic.size() + 4;
    header.append(63 - (prefix + header.size()) % 64, ' ');
    header += '\n'; // the data begin at a multiple of 64 bytes
    WINNOW_CHECK(header.size() < 65536, "header of {} bytes", header.size());
    std::string head(kMagic);
    head += {'\x01', '\x00', static_cast<char>(header.size() & 0xff), static_cast<char>(header.size() >> 8)};
    head += header;
    std::vector<std::byte> file(head.size() + array.bytes.size());
    std::memcpy(file.data(), head.data(), head.size());
    if (!array.bytes.empty())
        std::memcpy(file.data() + head.size(), array.bytes.data(), array.bytes.size());
    return file;
}

} // namespace winnow
