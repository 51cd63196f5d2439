// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/npz.h"

#include "core/base/check.h"
#include "core/io/atomic_file.h"
#include "core/io/pack_gain.h"

#include <zip.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace winnow {

namespace {

/// Next code point of `text`, which shrinks; U+FFFD for a byte that begins no valid sequence.
char32_t takeCodePoint(std::string_view& text)
{
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = at(0);
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xc2 && lead < 0xe0 ? 2
                               : lead >= 0xe0 && lead < 0xf0 ? 3
                               : lead >= 0xf0 && lead < 0xf5 ? 4
                                                             : 0;
    char32_t code = length < 2 ? lead : static_cast<char32_t>(lead & (0x7f >> length));
    bool valid = length > 0 && length <= text.size();
    for (std::size_t i = 1; valid && i < length; ++i) {
        valid = (at(i) & 0xc0) == 0x80;
        code = code << 6 | (at(i) & 0x3f);
    }
    constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
    valid = valid && code >= kSmallest[length] && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000);
    text.remove_prefix(valid ? length : 1);
    return valid ? code : 0xfffd;
}

std::u32string decodeUtf8(std::string_view text)
{
    std::u32string points;
    while (!text.empty())
        points += takeCodePoint(text);
    return points;
}

/// Owns an open archive; what is not closed is discarded.
struct Archive {
    zip_t* zip = nullptr;
    ~Archive()
    {
        if (zip)
            zip_discard(zip);
    }
};

/// Owns one reference to a source.
struct Source {
    zip_source_t* source = nullptr;
    ~Source()
    {
        if (source)
            zip_source_free(source);
    }
};

Error zipError(zip_error_t* error, std::string_view doing, const std::filesystem::path& path)
{
    const int system = zip_error_system_type(error) == ZIP_ET_SYS ? zip_error_code_system(error) : 0;
    const bool full = system == ENOSPC || system == EDQUOT || system == EFBIG;
    if (full)
        return {ErrorCode::NoSpace,
                fmt::format("{} '{}': the disk is full; free some space or choose another place", doing, path.string())};
    return {ErrorCode::Io, fmt::format("{} '{}' failed: {}", doing, path.string(), zip_error_strerror(error))};
}

} // namespace

NpzWriter::NpzWriter(std::filesystem::path out) : m_out(std::move(out)) {}
NpzWriter::~NpzWriter() = default;

void NpzWriter::addBytes(const std::string& name, std::string descr, std::vector<std::size_t> shape, std::size_t elements,
                         std::span<const std::byte> bytes)
{
    const std::string file = m_prefix + name + ".npy";
    WINNOW_CHECK(std::ranges::none_of(m_files, [&](const auto& other) { return other.first == file; }), "'{}' is added twice",
                 m_prefix + name);
    NpyArray array{std::move(descr), std::move(shape), {bytes.begin(), bytes.end()}};
    WINNOW_CHECK(array.count() == elements, "'{}': {} values for a shape of {}", name, elements, array.count());
    m_files.emplace_back(file, formatNpy(array));
}

void NpzWriter::addStrings(const std::string& name, std::span<const std::string> values)
{
    std::vector<std::u32string> rows;
    std::size_t width = 1; // NumPy has no strings of width 0
    for (const std::string& value : values) {
        rows.push_back(decodeUtf8(value));
        width = std::max(width, rows.back().size());
    }
    std::u32string cells;
    for (const std::u32string& row : rows) {
        cells += row;
        cells.append(width - row.size(), U'\0');
    }
    addBytes(name, fmt::format("<U{}", width), {values.size()}, values.size(), std::as_bytes(std::span(cells)));
}

void NpzWriter::addString(const std::string& name, const std::string& value)
{
    const std::u32string points = value.empty() ? std::u32string(1, U'\0') : decodeUtf8(value);
    addBytes(name, fmt::format("<U{}", points.size()), {}, 1, std::as_bytes(std::span(points)));
}

Result<void> NpzWriter::finish()
{
    WINNOW_TRY(AtomicFile out, AtomicFile::prepare(m_out));
    // Packed in memory: libzip would write into a file of its own choice.
    zip_error_t error;
    zip_error_init(&error);
    const Source packed{zip_source_buffer_create(nullptr, 0, 0, &error)};
    if (packed.source)
        zip_source_keep(packed.source); // the archive lets go of its own
    Archive archive{packed.source ? zip_open_from_source(packed.source, ZIP_TRUNCATE, &error) : nullptr};
    if (!archive.zip)
        return fail(zipError(&error, "creating", m_out));
    for (const auto& [name, bytes] : m_files) {
        zip_source_t* source = zip_source_buffer(archive.zip, bytes.data(), bytes.size(), 0);
        const zip_int64_t index = source ? zip_file_add(archive.zip, name.c_str(), source, ZIP_FL_ENC_UTF_8) : -1;
        if (index < 0) {
            if (source)
                zip_source_free(source);
            return fail(zipError(zip_get_error(archive.zip), "packing", m_out));
        }
        const bool pack = isWorthPacking(std::as_bytes(std::span(bytes)));
        zip_set_file_compression(archive.zip, static_cast<zip_uint64_t>(index), pack ? ZIP_CM_DEFLATE : ZIP_CM_STORE,
                                 pack ? 1 : 0);
        zip_file_set_dostime(archive.zip, static_cast<zip_uint64_t>(index), 0, 0x21, 0); // 1980-01-01: same arrays, same file
    }
    if (zip_close(archive.zip) != 0)
        return fail(zipError(zip_get_error(archive.zip), "packing", m_out));
    archive.zip = nullptr;
    m_files.clear();
    if (zip_source_open(packed.source) != 0)
        return fail(zipError(zip_source_error(packed.source), "packing", m_out));
    std::string block(1 << 20, '\0');
    zip_int64_t got = 0;
    while ((got = zip_source_read(packed.source, block.data(), block.size())) > 0)
        WINNOW_TRY_VOID(out.write(std::string_view(block).substr(0, static_cast<std::size_t>(got))));
    if (got < 0)
        return fail(zipError(zip_source_error(packed.source), "packing", m_out));
    zip_source_close(packed.source);
    return out.commit();
}

} // namespace winnow
