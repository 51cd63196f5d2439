// SPDX-License-Identifier: GPL-3.0-or-later
// Hdf5File of core/io/hdf5.h.
#include "core/base/check.h"
#include "core/io/hdf5.h"
#include "core/io/hdf5_check.h"
#include "core/io/hdf5_error.h"
#include "core/io/hdf5_values.h"
#include "core/io/hdf5_walk.h"
#include "core/io/regular_file.h"

#include <algorithm>

namespace winnow {

namespace {

/// How often metadata with a wrong checksum is read again beside a writer that may be at work on it. HDF5 doubles its pause each
/// time, from 1 ns: 30 ms together. (Its default of 100 would be the age of the universe, where the writer was killed in
/// between.)
constexpr unsigned kReadAttempts = 24;

/// Where blocks of a file begin that a killed writer must leave readable. A process that is killed while it writes across the end
/// of a memory page leaves the first half new and the second old; what is written again and again (object headers, chunk indexes)
/// is smaller than this and so lies within one page.
constexpr hsize_t kSwmrAlignment = 512;

Hdf5Id makeLinkProperties()
{
    Hdf5Id properties(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
    H5Pset_create_intermediate_group(properties.get(), 1);
    H5Pset_char_encoding(properties.get(), H5T_CSET_UTF8);
    return properties;
}

/// What is written belongs to its writer already (core/io/file_lock.h), and on network file systems HDF5's lock would run into
/// that.
void leaveLocking(hid_t access)
{
#if H5_VERSION_GE(1, 10, 7)
    H5Pset_file_locking(access, false, true);
#else
    static_cast<void>(access);
#endif
}

} // namespace

std::string Hdf5File::where(std::string_view object) const { return fmt::format("{}: {}", m_path.string(), object); }

Result<Hdf5File> Hdf5File::create(const std::filesystem::path& path, bool forSwmr, const std::filesystem::path& called)
{
    const Hdf5Lock lock;
    const Hdf5Id access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    const H5F_libver_t oldest = forSwmr ? H5F_LIBVER_LATEST : H5F_LIBVER_EARLIEST;
    H5Pset_libver_bounds(access.get(), oldest, H5F_LIBVER_LATEST);
    if (forSwmr)
        H5Pset_alignment(access.get(), 1, kSwmrAlignment);
    leaveLocking(access.get());
    Hdf5File file;
    file.m_path = called.empty() ? path : called;
    file.m_id = Hdf5Id(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get()), H5Fclose);
    if (!file.m_id)
        return fail(hdf5Error("creating", file.m_path.string()));
    return file;
}

Result<Hdf5File> Hdf5File::open(const std::filesystem::path& path, Access access)
{
    WINNOW_TRY_VOID(openRegular(path)); // before a child is started for nothing
    Hdf5Check check = checkHdf5InChild(path);
    if (check.found == Hdf5Check::Found::Refused)
        return fail(ErrorCode::BadInput, "{}", check.sentence);
    WINNOW_TRY(Hdf5File file, openUnwalked(path, access));
    if (check.found != Hdf5Check::Found::Sound)
        WINNOW_TRY_VOID(file.walk());
    return file;
}

Result<Hdf5File> Hdf5File::openUnwalked(const std::filesystem::path& path, Access access)
{
    WINNOW_TRY(const RegularFile regular, openRegular(path));
    const Hdf5Lock lock;
    Hdf5File file;
    file.m_path = path;
    file.m_bytes = regular.bytes;
    const unsigned flags = access == Access::Read ? H5F_ACC_RDONLY : H5F_ACC_RDWR;
    Hdf5Id properties(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    if (access == Access::ReadWrite)
        leaveLocking(properties.get());
    const auto openWith = [&](unsigned how) {
        file.m_id = Hdf5Id(H5Fopen(path.c_str(), how, properties.get()), H5Fclose);
        if (!file.m_id && hdf5Reasons().find("locking flag") != std::string::npos) { // this process writes it and left locking
            leaveLocking(properties.get());
            file.m_id = Hdf5Id(H5Fopen(path.c_str(), how, properties.get()), H5Fclose);
        }
    };
    openWith(flags);
    if (file.m_id)
        return file;
    const std::string reasons = hdf5Reasons();
    const auto says = [&](std::string_view part) { return reasons.find(part) != std::string::npos; };
    if (says("already open for write") && access == Access::Read) {
        properties = Hdf5Id(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
        H5Pset_metadata_read_attempts(properties.get(), kReadAttempts);
        openWith(H5F_ACC_RDONLY | H5F_ACC_SWMR_READ);
        file.m_besideWriter = true;
        if (file.m_id)
            return file;
        return fail(hdf5Error("opening", path.string()));
    }
    if (says("truncated file"))
        return fail(ErrorCode::BadInput, "'{}' is cut short: it has {} bytes and its header says more; copy or record it again",
                    path.string(), regular.bytes);
    if (says("file signature not found") || says("unable to locate file signature"))
        return fail(ErrorCode::BadInput, "'{}' is not an HDF5 file", path.string());
    if (says("superblock") && says("unable to"))
        return fail(ErrorCode::BadInput, "'{}' is cut short or damaged: HDF5 cannot read its superblock", path.string());
    if (says("errno = 13"))
        return fail(ErrorCode::Io, "'{}' cannot be opened: permission denied", path.string());
    if (says("unable to lock file"))
        return fail(ErrorCode::Io, "'{}' is locked by another program; close it there and try again", path.string());
    return fail(ErrorCode::BadInput, "'{}' cannot be opened as HDF5: {}", path.string(), reasons.substr(reasons.rfind("; ") + 1));
}

Result<void> Hdf5File::walk() const { return walkHdf5(m_id.get(), m_path, m_bytes); }

Result<void> Hdf5File::startSwmr()
{
    const Hdf5Lock lock;
    if (H5Fstart_swmr_write(m_id.get()) < 0)
        return fail(hdf5Error("starting to record into", m_path.string()));
    return {};
}

Result<void> Hdf5File::flush()
{
    const Hdf5Lock lock;
    if (H5Fflush(m_id.get(), H5F_SCOPE_LOCAL) < 0)
        return fail(hdf5Error("writing", m_path.string()));
    return {};
}

Result<void> Hdf5File::close()
{
    const Hdf5Lock lock;
    if (!m_id.reset())
        return fail(hdf5Error("closing", m_path.string()));
    return {};
}

bool Hdf5File::has(const std::string& object) const
{
    const Hdf5Lock lock;
    // Every link on the way must exist, or HDF5 reports an error instead of "no".
    for (std::size_t end = object.find('/', 1);; end = object.find('/', end + 1)) {
        const std::string part = object.substr(0, end);
        if (part != "/" && H5Lexists(m_id.get(), part.c_str(), H5P_DEFAULT) <= 0)
            return false;
        if (end == std::string::npos)
            return H5Oexists_by_name(m_id.get(), object.c_str(), H5P_DEFAULT) > 0;
    }
}

Result<std::vector<std::string>> Hdf5File::children(const std::string& group) const
{
    const Hdf5Lock lock;
    const auto add = [](hid_t, const char* name, const H5L_info_t*, void* out) -> herr_t {
        static_cast<std::vector<std::string>*>(out)->emplace_back(name);
        return 0;
    };
    std::vector<std::string> names;
    const Hdf5Id id(H5Gopen2(m_id.get(), group.c_str(), H5P_DEFAULT), H5Gclose);
    if (!id || H5Literate(id.get(), H5_INDEX_NAME, H5_ITER_INC, nullptr, add, &names) < 0)
        return fail(hdf5Error("listing", where(group)));
    return names;
}

Result<void> Hdf5File::makeGroup(const std::string& group)
{
    const Hdf5Lock lock;
    const Hdf5Id links = makeLinkProperties();
    const Hdf5Id id(H5Gcreate2(m_id.get(), group.c_str(), links.get(), H5P_DEFAULT, H5P_DEFAULT), H5Gclose);
    if (!id)
        return fail(hdf5Error("making", where(group)));
    return {};
}

Result<Hdf5Dataset> Hdf5File::createDataset(const std::string& object, NumberType type, const Hdf5Shape& shape,
                                            const Hdf5Storage& storage)
{
    const Hdf5Lock lock;
    const int rank = static_cast<int>(shape.size());
    const hsize_t* maximum = storage.maximum.empty() ? nullptr : storage.maximum.data();
    const Hdf5Id space(H5Screate_simple(rank, shape.data(), maximum), H5Sclose);
    const Hdf5Id properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    const Hdf5Id access(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose);
    if (!storage.chunk.empty()) {
        H5Pset_chunk(properties.get(), rank, storage.chunk.data());
        if (storage.deflate > 0) {
            H5Pset_shuffle(properties.get());
            H5Pset_deflate(properties.get(), static_cast<unsigned>(storage.deflate));
        } else {
            // Whole chunks are written once: neither fill them before nor keep them after.
            H5Pset_fill_time(properties.get(), H5D_FILL_TIME_NEVER);
            H5Pset_chunk_cache(access.get(), H5D_CHUNK_CACHE_NSLOTS_DEFAULT, 0, H5D_CHUNK_CACHE_W0_DEFAULT);
        }
    }
    const Hdf5Id links = makeLinkProperties();
    Hdf5Dataset data;
    data.m_name = where(object);
    data.m_shape = shape;
    data.m_half = type == NumberType::Float16;
    data.m_id =
        Hdf5Id(H5Dcreate2(m_id.get(), object.c_str(), fileType(type), space.get(), links.get(), properties.get(), access.get()),
               H5Dclose);
    if (!data.m_id)
        return fail(hdf5Error("making", data.m_name));
    return data;
}

Result<Hdf5Dataset> Hdf5File::dataset(const std::string& object) const
{
    if (!has(object))
        return fail(ErrorCode::BadInput, "'{}' is missing", where(object));
    const Hdf5Lock lock;
    Hdf5Dataset data;
    data.m_name = where(object);
    data.m_id = Hdf5Id(H5Dopen2(m_id.get(), object.c_str(), H5P_DEFAULT), H5Dclose);
    if (!data.m_id)
        return fail(ErrorCode::BadInput, "'{}' is not a dataset", data.m_name);
    const Hdf5Id properties(H5Dget_create_plist(data.m_id.get()), H5Pclose);
    if (H5Pget_nfilters(properties.get()) == 0) {
        // Nothing to unpack: read straight from the file, and keep no chunk in memory.
        const Hdf5Id access(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose);
        H5Pset_chunk_cache(access.get(), H5D_CHUNK_CACHE_NSLOTS_DEFAULT, 0, H5D_CHUNK_CACHE_W0_DEFAULT);
        data.m_id.reset();
        data.m_id = Hdf5Id(H5Dopen2(m_id.get(), object.c_str(), access.get()), H5Dclose);
    }
    const Hdf5Id type(H5Dget_type(data.m_id.get()), H5Tclose);
    const Hdf5Id space(H5Dget_space(data.m_id.get()), H5Sclose);
    if (!type || !space)
        return fail(hdf5Error("opening", data.m_name));
    if (!isUsualNumber(type.get()))
        return fail(ErrorCode::BadInput, "'{}' does not hold numbers; expected whole or floating-point ones of 1 to 8 bytes",
                    data.m_name);
    data.m_half = H5Tequal(type.get(), halfType()) > 0;
    const int rank = H5Sget_simple_extent_ndims(space.get());
    data.m_shape.resize(static_cast<std::size_t>(std::max(rank, 0)));
    if (rank < 0 || H5Sget_simple_extent_dims(space.get(), data.m_shape.data(), nullptr) < 0)
        return fail(hdf5Error("reading the shape of", data.m_name));
    return data;
}

Result<std::uint64_t> Hdf5File::elements(const Hdf5Dataset& data, std::uint64_t limit) const
{
    std::uint64_t count = 1;
    for (const hsize_t extent : data.shape()) {
        if (extent != 0 && count > limit / extent)
            return fail(ErrorCode::BadInput, "'{}' has shape {}; at most {} numbers were expected", data.name(),
                        shapeText(data.shape()), limit);
        count *= extent;
    }
    return count;
}

Result<void> Hdf5File::writeNumbers(const std::string& object, NumberType type, const void* values, std::size_t count,
                                    const Hdf5Shape& shape, int deflate)
{
    std::size_t product = 1;
    for (const hsize_t extent : shape)
        product *= extent;
    WINNOW_CHECK(product == count, "{}: {} numbers for shape {}", object, count, shapeText(shape));
    Hdf5Storage storage;
    if (deflate > 0 && count > 0) {
        storage.deflate = deflate;
        storage.chunk = shape;
        std::size_t chunk = count; // halved along the leading axes until a chunk is about 256 Ki numbers
        for (std::size_t axis = 0; axis < shape.size() && chunk > (1u << 18);) {
            if (storage.chunk[axis] == 1) {
                ++axis;
                continue;
            }
            chunk = chunk / storage.chunk[axis];
            storage.chunk[axis] = (storage.chunk[axis] + 1) / 2;
            chunk *= storage.chunk[axis];
        }
    }
    WINNOW_TRY(Hdf5Dataset data, createDataset(object, type, shape, storage));
    WINNOW_TRY_VOID(data.write(Hdf5Shape(shape.size(), 0), shape, type, values));
    return data.close();
}

} // namespace winnow
