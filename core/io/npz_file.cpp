// SPDX-License-Identifier: GPL-3.0-or-later
// NpzFile of core/io/npz.h.
#include "core/io/npz.h"
#include "core/io/regular_file.h"

#include <zip.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

namespace winnow {

namespace {

constexpr std::size_t kBlock = 1 << 18; // bytes that are unpacked at once, a multiple of every width
constexpr std::size_t kMostHeader = 1 << 16;

void appendUtf8(std::string& text, char32_t code)
{
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        code = 0xfffd;
    if (code < 0x80) {
        text += static_cast<char>(code);
        return;
    }
    const int continuations = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    constexpr int kLead[] = {0, 0xc0, 0xe0, 0xf0};
    text += static_cast<char>(kLead[continuations] | static_cast<int>(code >> (6 * continuations)));
    for (int i = continuations - 1; i >= 0; --i)
        text += static_cast<char>(0x80 | (code >> (6 * i) & 0x3f));
}

/// Elements of type `From` as those of `out`, as many as it holds; false where one does not fit.
template <class From, class To>
bool convertAll(std::span<const std::byte> bytes, std::span<To> out)
{
    if constexpr (std::is_same_v<From, To>) {
        std::memcpy(out.data(), bytes.data(), bytes.size());
        return true;
    }
    for (std::size_t i = 0; i < out.size(); ++i) {
        From value;
        std::memcpy(&value, bytes.data() + i * sizeof(From), sizeof(From));
        if constexpr (std::is_integral_v<To>)
            if (!std::in_range<To>(value))
                return false;
        out[i] = static_cast<To>(value);
    }
    return true;
}

/// Reads until `block` is full or the member ends; the bytes read, or nothing at an error.
std::optional<std::size_t> fill(zip_file_t* file, std::span<std::byte> block)
{
    std::size_t filled = 0;
    while (filled < block.size()) {
        const zip_int64_t got = zip_fread(file, block.data() + filled, block.size() - filled);
        if (got < 0)
            return std::nullopt;
        if (got == 0)
            break;
        filled += static_cast<std::size_t>(got);
    }
    return filled;
}

using ZipFile = std::unique_ptr<zip_file_t, decltype(&zip_fclose)>;

tl::unexpected<Error> cannotUnpack(const std::string& name, std::string_view why)
{
    return fail(ErrorCode::BadInput, "'{}' cannot be unpacked: {}", name, why);
}

} // namespace

struct NpzFile::Archive {
    zip_t* zip = nullptr;
    explicit Archive(zip_t* open) : zip(open) {}
    Archive(const Archive&) = delete;
    Archive& operator=(const Archive&) = delete;
    ~Archive() { zip_discard(zip); }

    static Result<std::shared_ptr<Archive>> open(const std::filesystem::path& path)
    {
        int code = 0;
        if (zip_t* zip = zip_open(path.c_str(), ZIP_RDONLY, &code))
            return std::make_shared<Archive>(zip);
        zip_error_t error;
        zip_error_init_with_code(&error, code);
        const std::string reason = zip_error_strerror(&error);
        zip_error_fini(&error);
        return fail(ErrorCode::BadInput, "'{}' is no .npz file or is cut short: {}", path.string(), reason);
    }
};

std::vector<std::string> NpzFile::names() const
{
    std::vector<std::string> names;
    for (const auto& [name, member] : m_members)
        names.push_back(name);
    return names;
}

Result<const NpzFile::Member*> NpzFile::member(const std::string& name) const
{
    const auto found = m_members.find(name);
    if (found == m_members.end())
        return fail(ErrorCode::BadInput, "'{}' has no array '{}'", m_path.string(), name);
    return &found->second;
}

template <class Take>
Result<bool> NpzFile::unpack(const std::string& name, const Member& member, std::size_t width, const Take& take) const
{
    const std::string full = fmt::format("{}: {}.npy", m_path.string(), name);
    const ZipFile file(zip_fopen_index(m_archive->zip, member.index, 0), zip_fclose);
    if (!file)
        return cannotUnpack(full, zip_strerror(m_archive->zip));
    const auto broken = [&] { return cannotUnpack(full, zip_error_strerror(zip_file_get_error(file.get()))); };
    std::vector<std::byte> block(std::max(member.header.bytes, std::min<std::size_t>(kBlock, member.header.dataBytes)));
    if (fill(file.get(), std::span(block).first(member.header.bytes)) != member.header.bytes)
        return broken();
    for (std::uint64_t left = member.header.dataBytes; left > 0;) {
        const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, kBlock / width * width));
        if (block.size() < wanted)
            block.resize(wanted);
        const auto got = fill(file.get(), std::span(block).first(wanted));
        if (!got)
            return broken();
        if (*got < wanted)
            return fail(ErrorCode::BadInput, "'{}' is cut short: {} bytes of its data are missing", full, left - *got);
        if (!take(std::span<const std::byte>(block).first(wanted)))
            return false;
        left -= wanted;
    }
    if (std::byte rest{}; zip_fread(file.get(), &rest, 1) != 0) // libzip compares the checksum here
        return broken();
    return true;
}

Result<NpzFile> NpzFile::reopened() const
{
    NpzFile file = *this;
    WINNOW_TRY(file.m_archive, Archive::open(m_path));
    return file;
}

template <class T>
Result<std::vector<T>> NpzFile::numbers(const std::string& name) const
try {
    WINNOW_TRY(const Member* found, member(name));
    std::vector<T> values(found->header.count);
    WINNOW_TRY_VOID(numbersInto(name, std::span(values)));
    return values;
} catch (const std::bad_alloc&) {
    return fail(ErrorCode::OutOfMemory, "'{}' cannot be read: memory ran out", m_path.string());
}

template <class T>
Result<void> NpzFile::numbersInto(const std::string& name, std::span<T> out) const
{
    WINNOW_TRY(const Member* found, member(name));
    const std::string& descr = found->header.descr;
    if (out.size() != found->header.count)
        return fail(ErrorCode::BadInput, "'{}': array '{}' holds {} numbers, expected {}", m_path.string(), name,
                    found->header.count, out.size());
    std::span<T> rest = out;
    const auto as = [&]<class From>(From) {
        return unpack(name, *found, sizeof(From), [&rest](std::span<const std::byte> bytes) {
            const std::span<T> part = rest.first(bytes.size() / sizeof(From));
            rest = rest.subspan(part.size());
            return convertAll<From>(bytes, part);
        });
    };
    Result<bool> fits = false;
    if (descr == "<i4")
        fits = as(std::int32_t{});
    else if (descr == "<i8")
        fits = as(std::int64_t{});
    else if (descr == "|u1" || descr == "<u1")
        fits = as(std::uint8_t{});
    else if constexpr (std::is_floating_point_v<T>) {
        if (descr == "<f4")
            fits = as(float{});
        else if (descr == "<f8")
            fits = as(double{});
    }
    WINNOW_TRY(const bool all, std::move(fits));
    if (!all)
        return fail(ErrorCode::BadInput, "'{}': array '{}' has type '{}'; expected '{}'", m_path.string(), name, descr,
                    npyDescr<T>());
    return {};
}

template Result<std::vector<std::uint8_t>> NpzFile::numbers(const std::string&) const;
template Result<std::vector<std::int32_t>> NpzFile::numbers(const std::string&) const;
template Result<std::vector<std::int64_t>> NpzFile::numbers(const std::string&) const;
template Result<std::vector<float>> NpzFile::numbers(const std::string&) const;
template Result<std::vector<double>> NpzFile::numbers(const std::string&) const;
template Result<void> NpzFile::numbersInto(const std::string&, std::span<std::uint8_t>) const;
template Result<void> NpzFile::numbersInto(const std::string&, std::span<std::int32_t>) const;
template Result<void> NpzFile::numbersInto(const std::string&, std::span<float>) const;

Result<std::vector<std::string>> NpzFile::strings(const std::string& name) const
try {
    WINNOW_TRY(const Member* found, member(name));
    const NpyHeader& header = found->header;
    if (!header.descr.starts_with("<U"))
        return fail(ErrorCode::BadInput, "'{}': array '{}' has type '{}'; expected text", m_path.string(), name, header.descr);
    constexpr std::size_t kMostStrings = 1 << 16, kMostText = std::size_t{64} << 20;
    if (header.count > kMostStrings || header.dataBytes > kMostText)
        return fail(ErrorCode::BadInput, "'{}': array '{}' holds {} strings in {} bytes; at most {} in {} are read",
                    m_path.string(), name, header.count, header.dataBytes, kMostStrings, kMostText);
    std::vector<std::string> values(header.count);
    const std::size_t width = values.empty() ? 0 : header.dataBytes / values.size() / sizeof(char32_t);
    std::size_t point = 0;
    std::size_t filled = 0; // the code points of the current string up to its last that is no NUL
    const auto take = [&](std::span<const std::byte> bytes) {
        for (std::size_t at = 0; at < bytes.size(); at += sizeof(char32_t), ++point) {
            char32_t code = 0;
            std::memcpy(&code, bytes.data() + at, sizeof code);
            if (point % width == 0)
                filled = 0;
            if (code == 0)
                continue;
            std::string& value = values[point / width];
            value.append(point % width - filled, '\0');
            filled = point % width + 1;
            appendUtf8(value, code);
        }
        return true;
    };
    WINNOW_TRY(const bool all, unpack(name, *found, sizeof(char32_t), take));
    static_cast<void>(all);
    return values;
} catch (const std::bad_alloc&) {
    return fail(ErrorCode::OutOfMemory, "'{}' cannot be read: memory ran out", m_path.string());
}

Result<std::vector<std::size_t>> NpzFile::shape(const std::string& name) const
{
    WINNOW_TRY(const Member* found, member(name));
    return found->header.shape;
}

Result<std::string> NpzFile::descr(const std::string& name) const
{
    WINNOW_TRY(const Member* found, member(name));
    return found->header.descr;
}

namespace {

/// The header of one member. What the zip says of its size must be what the header needs.
Result<NpyHeader> readHeader(zip_t* zip, const zip_stat_t& stat, const std::string& full)
{
    if ((stat.valid & ZIP_STAT_COMP_METHOD) == 0 || (stat.comp_method != ZIP_CM_STORE && stat.comp_method != ZIP_CM_DEFLATE))
        return cannotUnpack(full, "NumPy stores or deflates its arrays, this one is packed otherwise");
    const ZipFile file(zip_fopen_index(zip, stat.index, 0), zip_fclose);
    if (!file)
        return cannotUnpack(full, zip_strerror(zip));
    std::vector<std::byte> start(static_cast<std::size_t>(std::min<std::uint64_t>(stat.size, kMostHeader)));
    const auto got = fill(file.get(), start);
    if (!got)
        return cannotUnpack(full, zip_error_strerror(zip_file_get_error(file.get())));
    start.resize(*got);
    WINNOW_TRY(NpyHeader header, parseNpyHeader(start, full));
    if (stat.size - header.bytes != header.dataBytes)
        return fail(ErrorCode::BadInput, "'{}' has {} bytes of data; its shape needs {}", full, stat.size - header.bytes,
                    header.dataBytes);
    return header;
}

} // namespace

Result<NpzFile> readNpz(const std::filesystem::path& path)
try {
    WINNOW_TRY(const RegularFile regular, openRegular(path));
    NpzFile file;
    WINNOW_TRY(file.m_archive, NpzFile::Archive::open(path));
    zip_t* const zip = file.m_archive->zip;
    file.m_path = path;
    file.m_bytes = regular.bytes;
    const std::uint64_t most =
        std::max(kNpzPlain, regular.bytes > ~std::uint64_t{0} / kNpzRatio ? ~std::uint64_t{0} : regular.bytes * kNpzRatio);
    std::uint64_t claimed = 0;
    const zip_int64_t count = zip_get_num_entries(zip, 0);
    for (zip_int64_t index = 0; index < count; ++index) {
        zip_stat_t stat;
        if (zip_stat_index(zip, static_cast<zip_uint64_t>(index), 0, &stat) != 0 || (stat.valid & ZIP_STAT_SIZE) == 0)
            return fail(ErrorCode::BadInput, "'{}' is damaged: its member {} has no size", path.string(), index);
        std::string name = (stat.valid & ZIP_STAT_NAME) != 0 && stat.name != nullptr ? stat.name : "";
        const std::string full = path.string() + ": " + name;
        if (!name.ends_with(".npy"))
            return fail(ErrorCode::BadInput, "'{}' is no array; an .npz file holds .npy files only", full);
        if (stat.size > most - claimed)
            return fail(ErrorCode::BadInput,
                        "'{}' has {} bytes and claims to unpack to more than {}, with {} in '{}'; that is more than numbers pack "
                        "to: it is "
                        "damaged, or was made to fill the memory",
                        path.string(), regular.bytes, most, stat.size, name);
        claimed += stat.size;
        name.resize(name.size() - 4);
        stat.index = static_cast<zip_uint64_t>(index);
        WINNOW_TRY(NpyHeader header, readHeader(zip, stat, full));
        if (!file.m_members.emplace(name, NpzFile::Member{stat.index, std::move(header)}).second)
            return fail(ErrorCode::BadInput, "'{}' is there twice", full);
    }
    return file;
} catch (const std::bad_alloc&) {
    return fail(ErrorCode::OutOfMemory, "'{}' cannot be read: memory ran out", path.string());
}

} // namespace winnow
