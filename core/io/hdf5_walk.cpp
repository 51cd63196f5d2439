// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/hdf5_walk.h"

#include "core/io/hdf5_deflate.h"
#include "core/io/hdf5_error.h"
#include "core/io/hdf5_values.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <unordered_map>
#include <vector>

namespace winnow {

namespace {

constexpr std::size_t kMostObjects = 1 << 16, kMostAttributes = 1 << 16, kMostName = 255, kMostPath = 1024;
constexpr std::uint64_t kMostStrings = 1 << 16; // of one array of strings
/// Bytes of a packed chunk, which is unpacked whole: these, or this many times the file.
constexpr std::uint64_t kPlainChunk = std::uint64_t{64} << 20, kChunkRatio = 4;
constexpr std::array kKnownFilters{H5Z_FILTER_DEFLATE, H5Z_FILTER_SHUFFLE, H5Z_FILTER_FLETCHER32};

std::uint64_t plus(std::uint64_t a, std::uint64_t b)
{
    std::uint64_t sum = 0;
    return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<std::uint64_t>::max() : sum;
}

std::uint64_t times(std::uint64_t a, std::uint64_t b)
{
    std::uint64_t product = 0;
    return __builtin_mul_overflow(a, b, &product) ? std::numeric_limits<std::uint64_t>::max() : product;
}

/// A name from the file, fit for a sentence.
std::string shown(std::string_view name)
{
    std::string text(name.substr(0, 200));
    std::ranges::replace_if(
        text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
    return text;
}

struct Link {
    std::string name;
    H5L_type_t type = H5L_TYPE_ERROR;
    haddr_t address = HADDR_UNDEF; ///< of hard links
};

/// H5Literate and H5Aiterate stop where these return 1.
herr_t addLink(hid_t, const char* name, const H5L_info_t* info, void* out)
{
    auto& links = *static_cast<std::vector<Link>*>(out);
    links.push_back({name, info->type, info->type == H5L_TYPE_HARD ? info->u.address : HADDR_UNDEF});
    return links.size() > kMostObjects ? 1 : 0;
}

herr_t addName(hid_t, const char* name, const H5A_info_t*, void* out)
{
    auto& names = *static_cast<std::vector<std::string>*>(out);
    names.emplace_back(name);
    return names.size() > kMostAttributes ? 1 : 0;
}

class Walk {
public:
    Walk(hid_t file, std::string name, std::uint64_t fileBytes)
        : m_file(file), m_name(std::move(name)), m_most(std::max(kHdf5Plain, times(fileBytes, kHdf5Ratio))),
          m_mostChunk(std::max(kPlainChunk, times(fileBytes, kChunkRatio))), m_fileBytes(fileBytes)
    {
    }

    Result<void> run()
    {
        H5O_info_t root;
        if (H5Oget_info2(m_file, &root, H5O_INFO_BASIC) < 0)
            return fail(hdf5Error("reading", m_name));
        m_objects.push_back({.path = "/"});
        m_places.emplace(root.addr, 0);
        for (std::size_t at = 0; at < m_objects.size(); ++at) // grows meanwhile
            WINNOW_TRY_VOID(visit(at));
        WINNOW_TRY_VOID(followSoftLinks());
        return checkTotal();
    }

private:
    struct Object {
        std::string path;
        std::uint64_t bytes = 0; ///< what it claims for itself
        std::vector<std::size_t> members;
        enum class Sum { Unknown, Open, Known } sum = Sum::Unknown;
        std::uint64_t total = 0; ///< with its members
    };

    template <class... Args>
    tl::unexpected<Error> refuse(std::string_view object, fmt::format_string<Args...> format, Args&&... args) const
    {
        return fail(ErrorCode::BadInput, "'{}: {}' {}", m_name, shown(object), fmt::format(format, std::forward<Args>(args)...));
    }

    Result<void> visit(std::size_t at)
    {
        const std::string path = m_objects[at].path;
        const Hdf5Id object(H5Oopen(m_file, path.c_str(), H5P_DEFAULT), H5Oclose);
        if (!object)
            return fail(hdf5Error("opening", fmt::format("{}: {}", m_name, shown(path))));
        WINNOW_TRY_VOID(visitAttributes(at, path, object.get()));
        switch (H5Iget_type(object.get())) {
        case H5I_GROUP:
            return visitGroup(at, path, object.get());
        case H5I_DATASET:
            return visitDataset(at, path, object.get());
        default:
            return {}; // a named type
        }
    }

    Result<void> visitGroup(std::size_t at, const std::string& path, hid_t group)
    {
        std::vector<Link> links;
        if (H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, addLink, &links) < 0)
            return fail(hdf5Error("listing", fmt::format("{}: {}", m_name, shown(path))));
        for (const Link& link : links) {
            const std::string member = path == "/" ? "/" + link.name : path + "/" + link.name;
            if (link.name.empty() || link.name.size() > kMostName || member.size() > kMostPath ||
                shown(link.name) != link.name.substr(0, 200))
                return refuse(member, "has a name that is too long or holds control characters; it is damaged");
            if (link.type == H5L_TYPE_SOFT) {
                m_softLinks.emplace_back(at, member);
                continue;
            }
            if (link.type != H5L_TYPE_HARD)
                return refuse(member,
                              "is a link to {}; Winnow reads only what is in the file itself: copy it with h5copy or h5repack",
                              outside(member, link.type));
            const auto [place, fresh] = m_places.try_emplace(link.address, m_objects.size());
            if (fresh)
                m_objects.push_back({.path = member});
            m_objects[at].members.push_back(place->second);
            if (m_objects.size() + m_softLinks.size() > kMostObjects)
                return refuse("/", "holds more than {} objects; a trace or replay has some thousands", kMostObjects);
        }
        return {};
    }

    /// What an external link names.
    std::string outside(const std::string& member, H5L_type_t type) const
    {
        H5L_info_t info;
        if (type != H5L_TYPE_EXTERNAL || H5Lget_info(m_file, member.c_str(), &info, H5P_DEFAULT) < 0 ||
            info.u.val_size > (1 << 16))
            return "something that only another program can follow";
        std::vector<char> value(info.u.val_size);
        const char *file = nullptr, *object = nullptr;
        unsigned flags = 0;
        if (H5Lget_val(m_file, member.c_str(), value.data(), value.size(), H5P_DEFAULT) < 0 ||
            H5Lunpack_elink_val(value.data(), value.size(), &flags, &file, &object) < 0)
            return "another file";
        return fmt::format("another file ('{}', object '{}')", shown(file), shown(object));
    }

    Result<void> visitAttributes(std::size_t at, const std::string& path, hid_t object)
    {
        std::vector<std::string> names;
        if (H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, addName, &names) < 0)
            return fail(hdf5Error("listing the attributes of", fmt::format("{}: {}", m_name, shown(path))));
        if (names.size() > kMostAttributes)
            return refuse(path, "has more than {} attributes; it is damaged", kMostAttributes);
        for (const std::string& name : names) {
            const std::string where = fmt::format("{}: {}@{}", m_name, shown(path), shown(name));
            const Hdf5Id attribute(H5Aopen(object, name.c_str(), H5P_DEFAULT), H5Aclose);
            const Hdf5Id type(attribute ? H5Aget_type(attribute.get()) : H5I_INVALID_HID, H5Tclose);
            const Hdf5Id space(attribute ? H5Aget_space(attribute.get()) : H5I_INVALID_HID, H5Sclose);
            if (!type || !space)
                return fail(hdf5Error("reading attribute", where));
            const hssize_t count = H5Sget_simple_extent_npoints(space.get());
            const H5T_class_t kind = H5Tget_class(type.get());
            std::uint64_t bytes = times(static_cast<std::uint64_t>(std::max<hssize_t>(count, 0)), H5Tget_size(type.get()));
            if (count == 1 && bytes <= m_most) { // what the readers read
                double number = 0;
                if (const auto text = readTextAttribute(attribute.get()))
                    bytes = std::max<std::uint64_t>(bytes, text->size());
                else if (kind == H5T_STRING)
                    return fail(hdf5Error("reading attribute", where));
                else
                    readNumberAttribute(attribute.get(), H5T_NATIVE_DOUBLE, &number);
            }
            m_objects[at].bytes = plus(m_objects[at].bytes, bytes);
        }
        return {};
    }

    Result<void> visitDataset(std::size_t at, const std::string& path, hid_t data)
    {
        // First where its numbers are: asking a virtual array for its shape opens the files that it names.
        const Hdf5Id properties(H5Dget_create_plist(data), H5Pclose);
        if (!properties)
            return fail(hdf5Error("reading", fmt::format("{}: {}", m_name, shown(path))));
        const H5D_layout_t layout = H5Pget_layout(properties.get());
        if (layout == H5D_VIRTUAL)
            return refuse(
                path, "is a virtual array, whose numbers are in other files; Winnow reads only what is in the file itself: copy "
                      "the numbers into one file");
        if (H5Pget_external_count(properties.get()) != 0) {
            std::array<char, 256> file{};
            H5Pget_external(properties.get(), 0, file.size() - 1, file.data(), nullptr, nullptr);
            return refuse(
                path,
                "has its numbers in another file ('{}'); Winnow reads only what is in the file itself: copy it with h5repack",
                shown(file.data()));
        }
        WINNOW_TRY_VOID(checkFilters(path, properties.get()));
        const Hdf5Id type(H5Dget_type(data), H5Tclose);
        const Hdf5Id space(H5Dget_space(data), H5Sclose);
        const hssize_t count = space ? H5Sget_simple_extent_npoints(space.get()) : -1;
        if (!type || count < 0)
            return fail(hdf5Error("reading", fmt::format("{}: {}", m_name, shown(path))));
        const H5T_class_t kind = H5Tget_class(type.get());
        if (kind != H5T_STRING && !isUsualNumber(type.get()))
            return {}; // which no reader of Winnow reads
        const std::uint64_t elements = static_cast<std::uint64_t>(count), width = H5Tget_size(type.get());
        std::uint64_t bytes = times(elements, width);
        if (layout != H5D_CHUNKED && H5Tis_variable_str(type.get()) <= 0) {
            // libhdf5 1.10 reads past the end of a compact array that is shorter than its shape says.
            const std::uint64_t stored = H5Dget_storage_size(data);
            if (stored != bytes && (layout == H5D_COMPACT || stored != 0)) // 0: never written, which readers tell
                return refuse(path, "is damaged: it stores {} bytes, and its shape says {}; copy or record it again", stored,
                              bytes);
        }
        if (layout == H5D_CHUNKED) {
            hsize_t chunks = 0;
            const std::uint64_t chunk = chunkBytes(properties.get(), width);
            if (H5Pget_nfilters(properties.get()) > 0 && chunk > m_mostChunk)
                return refuse(
                    path,
                    "is packed in chunks of {} bytes, of which each is unpacked whole; at most {} are read: repack it with "
                    "h5repack -l CHUNK=…",
                    chunk, m_mostChunk);
            if (elements > 0 && H5Dget_num_chunks(data, space.get(), &chunks) < 0)
                return fail(hdf5Error("reading the chunks of", fmt::format("{}: {}", m_name, shown(path))));
        }
        if (kind == H5T_STRING) {
            if (elements > kMostStrings || bytes > m_most)
                return refuse(path, "holds {} strings of {} bytes; at most {} are expected", elements, width, kMostStrings);
            WINNOW_TRY(bytes, textBytes(path, data, type.get(), space.get(), elements));
        }
        m_objects[at].bytes = plus(m_objects[at].bytes, bytes);
        return {};
    }

    Result<void> checkFilters(const std::string& path, hid_t properties) const
    {
        const int filters = H5Pget_nfilters(properties);
        for (int i = 0; i < filters; ++i) {
            std::array<char, 64> name{};
            unsigned flags = 0, settings = 0;
            std::size_t values = 0;
            const H5Z_filter_t filter = H5Pget_filter2(properties, static_cast<unsigned>(i), &flags, &values, nullptr,
                                                       name.size() - 1, name.data(), &settings);
            if (std::ranges::find(kKnownFilters, filter) == kKnownFilters.end())
                return refuse(path, "is packed by the filter {}{}, which Winnow does not load; repack it with h5repack -f GZIP=4",
                              filter, name.front() ? fmt::format(" ('{}')", shown(name.data())) : "");
            const bool last = i + 1 == filters || (i + 2 == filters && nextFilter(properties, i) == H5Z_FILTER_FLETCHER32);
            if (filter == H5Z_FILTER_DEFLATE && !last)
                return refuse(path, "is packed by deflate and then by another filter; repack it with h5repack -f GZIP=4");
        }
        return {};
    }

    static H5Z_filter_t nextFilter(hid_t properties, int i)
    {
        unsigned flags = 0, settings = 0;
        std::size_t values = 0;
        return H5Pget_filter2(properties, static_cast<unsigned>(i + 1), &flags, &values, nullptr, 0, nullptr, &settings);
    }

    static std::uint64_t chunkBytes(hid_t properties, std::uint64_t width)
    {
        std::array<hsize_t, H5S_MAX_RANK> chunk{};
        const int rank = H5Pget_chunk(properties, chunk.size(), chunk.data());
        for (int axis = 0; axis < rank; ++axis)
            width = times(width, chunk[static_cast<std::size_t>(axis)]);
        return width;
    }

    /// Reads the strings one by one: many of them can name the same bytes of the file.
    Result<std::uint64_t> textBytes(const std::string& path, hid_t data, hid_t type, hid_t space, hsize_t elements) const
    {
        const int rank = H5Sget_simple_extent_ndims(space);
        const Hdf5Id one(H5Screate(H5S_SCALAR), H5Sclose);
        const hsize_t single = 1;
        const Hdf5Id memory(H5Screate_simple(1, &single, nullptr), H5Sclose);
        Hdf5Shape extent(static_cast<std::size_t>(std::max(rank, 0))), at(extent.size(), 0);
        H5Sget_simple_extent_dims(space, extent.data(), nullptr);
        if (const DeflatedChunks chunks = deflatedChunks(data); chunks && elements > 0)
            WINNOW_TRY_VOID(checkUnpacked(data, chunks, at, extent, fmt::format("{}: {}", m_name, shown(path))));
        std::uint64_t bytes = 0;
        for (hsize_t i = 0; i < elements && bytes <= m_most; ++i) {
            if (rank > 0 && H5Sselect_elements(space, H5S_SELECT_SET, 1, at.data()) < 0)
                return fail(hdf5Error("reading", fmt::format("{}: {}", m_name, shown(path))));
            const hid_t into = rank > 0 ? memory.get() : one.get();
            const auto text = collectStrings(type, into, 1, [&](hid_t kind, void* out) {
                return H5Dread(data, kind, into, rank > 0 ? space : H5S_ALL, H5P_DEFAULT, out) >= 0;
            });
            if (!text)
                return fail(hdf5Error("reading", fmt::format("{}: {}", m_name, shown(path))));
            bytes = plus(bytes, text->front().size() + sizeof(std::string));
            for (std::size_t axis = extent.size(); axis > 0 && ++at[axis - 1] == extent[axis - 1];)
                at[--axis] = 0;
        }
        return bytes;
    }

    Result<void> followSoftLinks()
    {
        for (const auto& [owner, path] : m_softLinks) {
            H5O_info_t info;
            const bool leads = H5Oget_info_by_name2(m_file, path.c_str(), &info, H5O_INFO_BASIC, H5P_DEFAULT) >= 0;
            const auto place = leads ? m_places.find(info.addr) : m_places.end();
            if (place == m_places.end())
                return refuse(path, "is a link that leads nowhere in this file; write the object itself there");
            m_objects[owner].members.push_back(place->second);
        }
        return {};
    }

    /// Adds up what the root and everything below it claims, depth first.
    Result<void> checkTotal()
    {
        std::vector<std::pair<std::size_t, std::size_t>> open{{0, 0}}; // object, its next member
        m_objects[0].sum = Object::Sum::Open;
        while (!open.empty()) {
            auto& [at, next] = open.back();
            Object& object = m_objects[at];
            if (next < object.members.size()) {
                const std::size_t member = object.members[next];
                if (m_objects[member].sum == Object::Sum::Open)
                    return refuse(object.path, "leads back to '{}', which holds it; it is damaged",
                                  shown(m_objects[member].path));
                if (m_objects[member].sum == Object::Sum::Known) {
                    object.total = plus(object.total, m_objects[member].total);
                    ++next;
                } else {
                    m_objects[member].sum = Object::Sum::Open;
                    open.emplace_back(member, 0);
                }
                continue;
            }
            object.total = plus(object.total, object.bytes);
            object.sum = Object::Sum::Known;
            open.pop_back();
        }
        if (m_objects[0].total <= m_most)
            return {};
        const auto largest = std::ranges::max_element(m_objects, {}, &Object::bytes);
        return fail(ErrorCode::BadInput,
                    "'{}' has {} bytes and claims to hold {}, the most in {}; that is more than numbers of its kind pack to: it "
                    "is damaged, or "
                    "was made to fill the memory",
                    m_name, m_fileBytes, m_objects[0].total, shown(largest->path));
    }

    hid_t m_file;
    std::string m_name;
    std::uint64_t m_most, m_mostChunk, m_fileBytes;
    std::vector<Object> m_objects; ///< the root first; in the order they were found
    std::unordered_map<haddr_t, std::size_t> m_places;
    std::vector<std::pair<std::size_t, std::string>> m_softLinks; ///< the group that holds it, its path
};

} // namespace

Result<void> walkHdf5(hid_t file, const std::filesystem::path& path, std::uint64_t fileBytes)
{
    const Hdf5Lock lock;
    return Walk(file, path.string(), fileBytes).run();
}

} // namespace winnow
