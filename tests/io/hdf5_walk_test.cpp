// SPDX-License-Identifier: GPL-3.0-or-later
// Files that lead out of themselves, that claim more than they hold, or that are no files: each gets a sentence before it is
// read.
#include "core/io/hdf5.h"
#include "core/io/hdf5_check.h"
#include "core/io/hdf5_walk.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <functional>

#include <sys/stat.h>
#include <zlib.h>

using namespace winnow;
using testing::AllOf;
using testing::HasSubstr;
using winnow::testing_support::TemporaryFolder;

namespace {

/// One file, made by the C API as another program might.
class Hdf5Walk : public testing::Test {
protected:
    void make(const std::function<void(hid_t file)>& fill)
    {
        const Hdf5Lock lock;
        const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
        ASSERT_GE(file, 0);
        fill(file);
        ASSERT_GE(H5Fclose(file), 0);
    }
    /// What the child process says, after this process has said the same by itself; "" for a file that is opened.
    std::string said() const
    {
        auto file = Hdf5File::openUnwalked(path);
        const std::string alone = !file ? file.error().message : file->walk() ? "" : file->walk().error().message;
        if (file) {
            EXPECT_TRUE(file->close());
        }
        const auto opened = Hdf5File::open(path);
        EXPECT_EQ(opened ? "" : opened.error().message, alone);
        return alone;
    }
    std::string saidOf(const std::function<void(hid_t file)>& fill)
    {
        make(fill);
        return said();
    }

    TemporaryFolder folder;
    std::filesystem::path path = folder / "f.h5";
};

/// A dataset of numbers; `change` sets its properties.
void addDataset(hid_t file, const char* name, const Hdf5Shape& shape, const std::function<void(hid_t properties)>& change = {},
                hid_t type = H5T_STD_I32LE)
{
    const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
    const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    if (change)
        change(properties);
    const hid_t data = H5Dcreate2(file, name, type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    EXPECT_GE(data, 0) << name;
    H5Dclose(data);
    H5Pclose(properties);
    H5Sclose(space);
}

void addGroup(hid_t file, const char* name) { H5Gclose(H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT)); }

TEST_F(Hdf5Walk, takesNoNumbersFromOtherFiles)
{
    EXPECT_THAT(saidOf([](hid_t file) {
                    addDataset(
                        file, "/text", {8}, [](hid_t p) { H5Pset_external(p, "/etc/passwd", 0, H5F_UNLIMITED); }, H5T_STD_U8LE);
                }),
                AllOf(HasSubstr("f.h5: /text' has its numbers in another file ('/etc/passwd')"), HasSubstr("h5repack")));
}

TEST_F(Hdf5Walk, followsNoLinkOutOfTheFile)
{
    ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
    for (const std::string& target : {std::string("/etc/passwd"), (folder / "pipe").string(), std::string("none.h5")})
        EXPECT_THAT(saidOf([&](hid_t file) {
                        addGroup(file, "/layers");
                        H5Lcreate_external(target.c_str(), "/x", file, "/layers/00000", H5P_DEFAULT, H5P_DEFAULT);
                    }),
                    HasSubstr("f.h5: /layers/00000' is a link to another file ('" + target + "', object '/x')"));
}

TEST_F(Hdf5Walk, followsNoLinkThatAnotherProgramMade)
{
    const H5L_class_t kind{H5L_LINK_CLASS_T_VERS,
                           static_cast<H5L_type_t>(200),
                           "mine",
                           nullptr,
                           nullptr,
                           nullptr,
                           [](const char*, hid_t group, const void*, size_t, hid_t, hid_t) { return group; },
                           nullptr,
                           nullptr};
    ASSERT_GE(H5Lregister(&kind), 0);
    EXPECT_THAT(
        saidOf([](hid_t file) { H5Lcreate_ud(file, "/x", static_cast<H5L_type_t>(200), "value", 6, H5P_DEFAULT, H5P_DEFAULT); }),
        HasSubstr("/x' is a link to something that only another program can follow"));
}

TEST_F(Hdf5Walk, asksNoVirtualArrayWhatItHolds)
{
    ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0); // asking would wait for a writer for ever
    EXPECT_THAT(saidOf([&](hid_t file) {
                    addDataset(file, "/tokens", {8}, [&](hid_t properties) {
                        const hsize_t count = 8, most = H5S_UNLIMITED;
                        const hid_t from = H5Screate_simple(1, &count, &most), into = H5Screate_simple(1, &count, nullptr);
                        H5Pset_virtual(properties, into, (folder / "pipe").c_str(), "/tokens", from);
                        H5Sclose(from);
                        H5Sclose(into);
                    });
                }),
                HasSubstr("f.h5: /tokens' is a virtual array, whose numbers are in other files"));
}

TEST_F(Hdf5Walk, loadsNoFilter)
{
    const H5Z_class2_t filter{H5Z_CLASS_T_VERS,
                              305,
                              1,
                              1,
                              "mine",
                              nullptr,
                              nullptr,
                              [](unsigned, size_t, const unsigned*, size_t bytes, size_t*, void**) { return bytes; }};
    ASSERT_GE(H5Zregister(&filter), 0);
    EXPECT_THAT(saidOf([](hid_t file) {
                    addDataset(file, "/x", {8}, [](hid_t p) {
                        const hsize_t chunk = 8;
                        H5Pset_chunk(p, 1, &chunk);
                        H5Pset_filter(p, 305, H5Z_FLAG_OPTIONAL, 0, nullptr);
                    });
                }),
                AllOf(HasSubstr("f.h5: /x' is packed by the filter 305 ('mine'), which Winnow does not load"),
                      HasSubstr("h5repack -f GZIP=4")));
    ASSERT_GE(H5Zunregister(305), 0);
    EXPECT_EQ(saidOf([](hid_t file) {
                  addDataset(file, "/x", {8}, [](hid_t p) {
                      const hsize_t chunk = 8;
                      H5Pset_chunk(p, 1, &chunk);
                      H5Pset_shuffle(p);
                      H5Pset_deflate(p, 4);
                      H5Pset_fletcher32(p);
                  });
              }),
              "");
}

TEST_F(Hdf5Walk, followsLinksWithinTheFile)
{
    EXPECT_EQ(saidOf([](hid_t file) {
                  addGroup(file, "/layers");
                  addDataset(file, "/layers/x", {8});
                  H5Lcreate_soft("/layers/x", file, "/layers/y", H5P_DEFAULT, H5P_DEFAULT);
                  H5Lcreate_hard(file, "/layers/x", file, "/layers/z", H5P_DEFAULT, H5P_DEFAULT);
              }),
              "");
    EXPECT_THAT(saidOf([](hid_t file) { H5Lcreate_soft("/nowhere", file, "/x", H5P_DEFAULT, H5P_DEFAULT); }),
                HasSubstr("f.h5: /x' is a link that leads nowhere in this file"));
    EXPECT_THAT(saidOf([](hid_t file) { H5Lcreate_soft("/x", file, "/x", H5P_DEFAULT, H5P_DEFAULT); }),
                HasSubstr("/x' is a link that leads nowhere"));
    EXPECT_THAT(saidOf([](hid_t file) {
                    addGroup(file, "/a");
                    addGroup(file, "/a/b");
                    H5Lcreate_hard(file, "/a", file, "/a/b/c", H5P_DEFAULT, H5P_DEFAULT);
                }),
                HasSubstr("/a/b' leads back to '/a', which holds it"));
    EXPECT_THAT(saidOf([](hid_t file) {
                    addGroup(file, "/a");
                    H5Lcreate_soft("/", file, "/a/b", H5P_DEFAULT, H5P_DEFAULT);
                }),
                HasSubstr("/a' leads back to '/', which holds it"));
}

TEST_F(Hdf5Walk, refusesNamesWithControlCharactersAndEndlessNames)
{
    EXPECT_THAT(saidOf([](hid_t file) { addGroup(file, "/\x1b[31m"); }),
                HasSubstr("f.h5: /?[31m' has a name that is too long or holds control"));
    EXPECT_THAT(saidOf([](hid_t file) { addGroup(file, std::string(300, 'n').c_str()); }),
                HasSubstr("has a name that is too long"));
    EXPECT_THAT(saidOf([](hid_t file) {
                    std::string deep;
                    for (int i = 0; i < 300; ++i)
                        addGroup(file, (deep += "/group").c_str());
                }),
                HasSubstr("has a name that is too long"));
}

TEST_F(Hdf5Walk, believesNoSizeThatTheFileCannotHold)
{
    const auto chunked = [](hid_t p) {
        const hsize_t chunk = 1 << 16;
        H5Pset_chunk(p, 1, &chunk);
        H5Pset_deflate(p, 4);
    };
    EXPECT_THAT(saidOf([&](hid_t file) { addDataset(file, "/tokens", {hsize_t{1} << 40}, chunked); }),
                AllOf(HasSubstr("claims to hold 4398046511104, the most in /tokens"),
                      HasSubstr("it is damaged, or was made to fill the memory")));
    EXPECT_THAT(saidOf([&](hid_t file) { addDataset(file, "/tokens", {hsize_t{1} << 40}); }),
                HasSubstr("claims to hold 4398046511104"));
    EXPECT_EQ(saidOf([&](hid_t file) { addDataset(file, "/tokens", {kHdf5Plain / 4 - 1000}, chunked); }), "");
    // Below the limit by itself, above it under a hundred names.
    EXPECT_THAT(saidOf([&](hid_t file) {
                    addGroup(file, "/one");
                    addDataset(file, "/one/x", {hsize_t{1} << 22}, chunked);
                    for (int i = 0; i < 100; ++i)
                        H5Lcreate_hard(file, "/one", file, fmt::format("/again{}", i).c_str(), H5P_DEFAULT, H5P_DEFAULT);
                }),
                HasSubstr("claims to hold 1694498816, the most in /"));
    EXPECT_THAT(saidOf([](hid_t file) {
                    addDataset(file, "/x", {8}, [](hid_t p) {
                        const hsize_t chunk = 8;
                        H5Pset_chunk(p, 1, &chunk);
                    });
                    addDataset(file, "/y", {1}, [](hid_t p) {
                        const hsize_t chunk = 1;
                        H5Pset_chunk(p, 1, &chunk);
                        H5Pset_deflate(p, 4);
                        H5Pset_shuffle(p);
                    });
                }),
                HasSubstr("/y' is packed by deflate and then by another filter"));
}

TEST_F(Hdf5Walk, believesNoChunkThatIsLargerThanAnyProgramMakes)
{
    EXPECT_THAT(saidOf([](hid_t file) {
                    const hsize_t shape = 8, most = H5S_UNLIMITED, chunk = hsize_t{1} << 28;
                    const hid_t space = H5Screate_simple(1, &shape, &most), p = H5Pcreate(H5P_DATASET_CREATE);
                    H5Pset_chunk(p, 1, &chunk);
                    H5Pset_deflate(p, 4);
                    H5Dclose(H5Dcreate2(file, "/x", H5T_STD_I32LE, space, H5P_DEFAULT, p, H5P_DEFAULT));
                    H5Pclose(p);
                    H5Sclose(space);
                }),
                HasSubstr("f.h5: /x' is packed in chunks of 1073741824 bytes"));
}

TEST_F(Hdf5Walk, unpacksNoChunkBeyondItsBound)
{
    // A chunk of 1 MB whose packed bytes, 200 kB of them, unpack to 200 MB.
    std::vector<char> bomb(std::size_t{200} << 20);
    make([&](hid_t file) {
        const hsize_t shape = 1 << 18;
        const hid_t space = H5Screate_simple(1, &shape, nullptr), p = H5Pcreate(H5P_DATASET_CREATE);
        H5Pset_chunk(p, 1, &shape);
        H5Pset_deflate(p, 4);
        const hid_t data = H5Dcreate2(file, "/x", H5T_STD_I32LE, space, H5P_DEFAULT, p, H5P_DEFAULT);
        uLongf packed = compressBound(bomb.size());
        std::vector<Bytef> bytes(packed);
        ASSERT_EQ(compress2(bytes.data(), &packed, reinterpret_cast<const Bytef*>(bomb.data()), bomb.size(), 9), Z_OK);
        const hsize_t corner = 0;
        ASSERT_GE(H5Dwrite_chunk(data, H5P_DEFAULT, 0, &corner, packed, bytes.data()), 0);
        H5Dclose(data);
        H5Pclose(p);
        H5Sclose(space);
    });
    const auto file = Hdf5File::open(path);
    ASSERT_TRUE(file) << file.error().message;
    const auto numbers = file->readArray<std::int32_t>("/x");
    ASSERT_FALSE(numbers);
    EXPECT_THAT(numbers.error().message,
                HasSubstr("f.h5: /x' is damaged: its chunk at [0] does not unpack to the 1048576 bytes of a chunk"));
}

TEST_F(Hdf5Walk, countsTextAsOftenAsItIsNamed)
{
    // 2,000 strings, all of them the same megabyte.
    const std::string text(1 << 20, 'x');
    const auto message = saidOf([&](hid_t file) {
        const hid_t type = H5Tcopy(H5T_C_S1);
        H5Tset_size(type, H5T_VARIABLE);
        const hid_t space = H5Screate(H5S_SCALAR);
        const char* pointer = text.c_str();
        for (int i = 0; i < 600; ++i) {
            const hid_t group = H5Gcreate2(file, fmt::format("/{}", i).c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
            if (i == 0) {
                const hid_t attribute = H5Acreate2(group, "text", type, space, H5P_DEFAULT, H5P_DEFAULT);
                EXPECT_GE(H5Awrite(attribute, type, &pointer), 0);
                H5Aclose(attribute);
            }
            for (int again = 0; i == 0 && again < 600; ++again)
                H5Lcreate_hard(file, "/0", file, fmt::format("/again{}", again).c_str(), H5P_DEFAULT, H5P_DEFAULT);
            H5Gclose(group);
        }
        H5Sclose(space);
        H5Tclose(type);
    });
    EXPECT_THAT(message, HasSubstr("claims to hold 630194176, the most in /0"));
}

/// Replaces one byte of the field that says how long the first text of the file's heap is.
void damageHeap(const std::filesystem::path& path, std::size_t byte, char value)
{
    std::ifstream in(path, std::ios::binary);
    std::string bytes(std::istreambuf_iterator<char>(in), {});
    const std::size_t heap = bytes.find("GCOL"); // 16 bytes of header, and 8 of the text's before its size
    ASSERT_NE(heap, std::string::npos);
    bytes[heap + 24 + byte] = value;
    std::ofstream(path, std::ios::binary) << bytes;
}

TEST_F(Hdf5Walk, isTheChildThatDiesOfADamagedFile)
{
    const auto fill = [&] {
        Hdf5File file = Hdf5File::create(path).value();
        ASSERT_TRUE(file.setAttribute("/", "model", std::string("demo")));
        ASSERT_TRUE(file.setAttribute("/", "text", std::string("some")));
        ASSERT_TRUE(file.close());
    };
    fill();
    ASSERT_NO_FATAL_FAILURE(damageHeap(path, 1, '\xff')); // libhdf5 1.10 reads far beyond its heap, and crashes
    EXPECT_THAT(Hdf5File::open(path).error().message, HasSubstr("f.h5' is damaged: "));
    fill();
    ASSERT_NO_FATAL_FAILURE(damageHeap(path, 0, '\0')); // and loops for ever
    EXPECT_THAT(Hdf5File::open(path).error().message, HasSubstr("f.h5' is damaged: "));
}

/// Makes what refers to the first entry of the heap refer to its entry `index`.
void misdirect(const std::filesystem::path& path, std::uint32_t index)
{
    std::ifstream in(path, std::ios::binary);
    std::string bytes(std::istreambuf_iterator<char>(in), {});
    const std::uint64_t heap = bytes.find("GCOL");
    ASSERT_NE(heap, std::string::npos);
    std::string first(reinterpret_cast<const char*>(&heap), sizeof heap);
    first += std::string("\1\0\0\0", 4);
    const std::size_t reference = bytes.find(first);
    ASSERT_NE(reference, std::string::npos);
    std::memcpy(&bytes[reference + sizeof heap], &index, sizeof index);
    std::ofstream(path, std::ios::binary) << bytes;
}

TEST_F(Hdf5Walk, readsNoCompactArrayThatIsShorterThanItsShape)
{
    const std::array<std::int32_t, 4> numbers{0x11223344, 0x55667788, 0x21436587, 0x12345678};
    make([&](hid_t file) {
        addDataset(file, "/x", {numbers.size()}, [](hid_t p) { H5Pset_layout(p, H5D_COMPACT); });
        const hid_t data = H5Dopen2(file, "/x", H5P_DEFAULT);
        EXPECT_GE(H5Dwrite(data, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers.data()), 0);
        H5Dclose(data);
    });
    EXPECT_EQ(said(), "");
    std::ifstream in(path, std::ios::binary);
    std::string bytes(std::istreambuf_iterator<char>(in), {});
    const std::size_t at = bytes.find(std::string(reinterpret_cast<const char*>(numbers.data()), sizeof numbers));
    ASSERT_NE(at, std::string::npos);
    ASSERT_EQ(bytes[at - 2], static_cast<char>(sizeof numbers)); // the length, in two bytes
    for (const char length : {'\0', '\4'}) {
        bytes[at - 2] = length;
        std::ofstream(path, std::ios::binary) << bytes;
        EXPECT_THAT(said(),
                    HasSubstr(fmt::format("f.h5: /x' is damaged: it stores {} bytes, and its shape says 16", int{length})));
    }
}

TEST_F(Hdf5Walk, diesEveryTimeOfATextThatNoHeapHolds)
{
    for (const std::uint32_t index : {300U, 3000U, 70000U, 1U << 24, 1U << 30})
        for (int again = 0; again < 3; ++again) {
            {
                Hdf5File file = Hdf5File::create(path).value();
                ASSERT_TRUE(file.setAttribute("/", "model", std::string("demo")));
                ASSERT_TRUE(file.setAttribute("/", "text", std::string("some")));
                ASSERT_TRUE(file.close());
            }
            ASSERT_NO_FATAL_FAILURE(misdirect(path, index));
            const auto opened = Hdf5File::open(path);
            ASSERT_FALSE(opened) << index; // else it is chance whether reading it crashes
            EXPECT_THAT(opened.error().message, HasSubstr("f.h5' is damaged: ")) << index;
        }
}

TEST_F(Hdf5Walk, opensOnlyRegularFiles)
{
    ASSERT_EQ(::mkfifo((folder / "pipe.h5").c_str(), 0600), 0);
    std::filesystem::create_symlink(folder / "pipe.h5", folder / "link.h5");
    for (const std::filesystem::path& what : {folder / "pipe.h5", folder / "link.h5", std::filesystem::path("/dev/zero"),
                                              std::filesystem::path("/proc/self/mem"), std::filesystem::path("/proc/self/maps")})
        EXPECT_EQ(Hdf5File::open(what).error().message,
                  fmt::format("'{}' is not a regular file, a file was expected", what.string()));
}

TEST(Hdf5Check, takesWholeRecordsOnly)
{
    EXPECT_EQ(takeHdf5Record("S\n").found, Hdf5Check::Found::Sound);
    EXPECT_EQ(takeHdf5Record("U\n").found, Hdf5Check::Found::Unopened);
    EXPECT_EQ(takeHdf5Record("R'x' is y\n").sentence, "'x' is y");
    for (const char* cut : {"", "S", "R'x' is", "\n", "?\n"})
        EXPECT_EQ(takeHdf5Record(cut).found, Hdf5Check::Found::Unchecked) << cut;
}

TEST(Hdf5Check, asksTheChild)
{
    const TemporaryFolder folder;
    {
        Hdf5File file = Hdf5File::create(folder / "-good file.h5").value();
        ASSERT_TRUE(file.setAttribute("/", "model", std::string("demo")));
        ASSERT_TRUE(file.close());
    }
    EXPECT_EQ(checkHdf5InChild(folder / "-good file.h5").found, Hdf5Check::Found::Sound);
    folder.write("text.h5", "no HDF5");
    EXPECT_EQ(checkHdf5InChild(folder / "text.h5").found, Hdf5Check::Found::Unopened);
}

} // namespace
