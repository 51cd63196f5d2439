// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/parallel.h"
#include "core/io/npz.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

using namespace winnow;
using testing::HasSubstr;
using winnow::testing_support::TemporaryFolder;

namespace {

std::vector<std::byte> bytesOf(std::string_view text)
{
    std::vector<std::byte> bytes(text.size());
    std::memcpy(bytes.data(), text.data(), text.size());
    return bytes;
}

/// An .npy file of version 1 with this header and these data.
std::vector<std::byte> npy(std::string header, std::string_view data)
{
    std::string file("\x93NUMPY\x01\x00", 8);
    file += static_cast<char>(header.size() & 0xff);
    file += static_cast<char>(header.size() >> 8);
    return bytesOf(file + header + std::string(data));
}

std::string messageOf(const std::vector<std::byte>& file)
{
    const auto array = parseNpy(file, "x");
    return array ? "" : array.error().message;
}

TEST(Npz, givesBackEveryKindOfArray)
{
    const TemporaryFolder folder;
    NpzWriter writer(folder / "a.npz");
    writer.add("evict_step.0", std::vector<std::int32_t>{-1, 2, 3, 4, 5, 2147483647}, {2, 3});
    writer.add("mass.0", std::vector<float>{0.5f, 1}, {1, 2, 1});
    writer.add("bands", std::vector<double>{1e-300, -2}, {2});
    writer.add("read", std::vector<std::uint8_t>{0, 255}, {2});
    writer.add("none", std::vector<float>{}, {0, 4});
    writer.addScalar("step", std::int32_t{511});
    writer.addStrings("policy", std::vector<std::string>{"full", "h2o:budget=25%", "größe 🙂"});
    writer.addString("mode", "symmetric");
    ASSERT_TRUE(writer.finish());

    const auto file = readNpz(folder / "a.npz");
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->numbers<std::int32_t>("evict_step.0").value(), (std::vector<std::int32_t>{-1, 2, 3, 4, 5, 2147483647}));
    EXPECT_EQ(file->shape("evict_step.0").value(), (std::vector<std::size_t>{2, 3}));
    EXPECT_EQ(file->numbers<float>("mass.0").value(), (std::vector<float>{0.5f, 1}));
    EXPECT_EQ(file->numbers<double>("bands").value(), (std::vector<double>{1e-300, -2}));
    EXPECT_EQ(file->numbers<std::uint8_t>("read").value(), (std::vector<std::uint8_t>{0, 255}));
    EXPECT_EQ(file->shape("none").value(), (std::vector<std::size_t>{0, 4}));
    EXPECT_EQ(file->numbers<std::int32_t>("step").value(), (std::vector<std::int32_t>{511}));
    EXPECT_TRUE(file->shape("step").value().empty());
    EXPECT_EQ(file->strings("policy").value(), (std::vector<std::string>{"full", "h2o:budget=25%", "größe 🙂"}));
    EXPECT_EQ(file->strings("mode").value(), (std::vector<std::string>{"symmetric"}));
}

TEST(Npz, readsWhatNumPyWrote)
{
    const auto file = readNpz(WINNOW_FIXTURES "/io/numpy.npz"); // made by tests/fixtures/io/make_numpy.py
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->numbers<std::int32_t>("steps").value(), (std::vector<std::int32_t>{-1, 0, 1, 2, 3, 4}));
    EXPECT_EQ(file->shape("steps").value(), (std::vector<std::size_t>{2, 3}));
    EXPECT_EQ(file->numbers<std::int32_t>("wide").value(), (std::vector<std::int32_t>{7})) << "int64 that fits";
    EXPECT_EQ(file->numbers<float>("mass").value(), (std::vector<float>{0.25f, 0.5f}));
    EXPECT_EQ(file->strings("policy").value(), (std::vector<std::string>{"tova:budget=8", "größe 🙂", ""}));
}

TEST(Npz, isTheSameFileEachTime)
{
    const TemporaryFolder folder;
    std::string contents[2];
    for (std::string& content : contents) {
        NpzWriter writer(folder / "a.npz");
        writer.add("x", std::vector<float>(1000, 1.5f), {1000});
        ASSERT_TRUE(writer.finish());
        std::ifstream in(folder / "a.npz", std::ios::binary);
        content.assign(std::istreambuf_iterator<char>(in), {});
    }
    EXPECT_EQ(contents[0], contents[1]);
    EXPECT_LT(contents[0].size(), 1000u) << "compressed";
}

TEST(Npz, keepsTheOldFileWhenTheNewOneCannotBeWritten)
{
    const TemporaryFolder folder;
    NpzWriter writer(folder / "no-such-folder" / "a.npz");
    const auto written = writer.finish();
    ASSERT_FALSE(written);
    EXPECT_THAT(written.error().message, HasSubstr("does not exist"));
}

TEST(Npz, namesTheArrayThatIsMissingOrOfAnotherType)
{
    const TemporaryFolder folder;
    NpzWriter writer(folder / "a.npz");
    writer.add("mass", std::vector<float>{1}, {1});
    ASSERT_TRUE(writer.finish());
    const NpzFile file = readNpz(folder / "a.npz").value();
    EXPECT_THAT(file.numbers<float>("error").error().message, HasSubstr("has no array 'error'"));
    EXPECT_THAT(file.numbers<std::int32_t>("mass").error().message, HasSubstr("array 'mass' has type '<f4'; expected '<i4'"));
    EXPECT_THAT(file.strings("mass").error().message, HasSubstr("expected text"));
}

TEST(Npz, saysWhatIsNoNpzFile)
{
    const TemporaryFolder folder;
    EXPECT_EQ(readNpz(folder / "none.npz").error().code, ErrorCode::NotFound);
    std::ofstream(folder / "text.npz") << "not a zip";
    EXPECT_THAT(readNpz(folder / "text.npz").error().message, HasSubstr("no .npz file"));
    NpzWriter writer(folder / "cut.npz");
    writer.add("x", std::vector<float>(1000, 1.5f), {1000});
    ASSERT_TRUE(writer.finish());
    std::filesystem::resize_file(folder / "cut.npz", std::filesystem::file_size(folder / "cut.npz") / 2);
    EXPECT_THAT(readNpz(folder / "cut.npz").error().message, HasSubstr("cut short"));
}

/// Changes what the zip's directory says of its first member: 22 and 46 bytes are the fixed parts of its records.
void claim(const std::filesystem::path& path, std::uint32_t unpacked)
{
    std::ifstream in(path, std::ios::binary);
    std::string bytes(std::istreambuf_iterator<char>(in), {});
    const std::size_t entry = bytes.find("PK\x01\x02"), local = bytes.find("PK\x03\x04");
    ASSERT_NE(entry, std::string::npos);
    std::memcpy(bytes.data() + entry + 24, &unpacked, 4);
    std::memcpy(bytes.data() + local + 22, &unpacked, 4);
    std::ofstream(path, std::ios::binary) << bytes;
}

TEST(Npz, believesNoSizeThatTheFileCannotHold)
{
    const TemporaryFolder folder;
    const auto write = [&] {
        NpzWriter writer(folder / "a.npz");
        writer.add("x", std::vector<float>(1000, 1.5f), {1000});
        ASSERT_TRUE(writer.finish());
    };
    write();
    claim(folder / "a.npz", 0xfffffff0u);
    EXPECT_THAT(readNpz(folder / "a.npz").error().message,
                testing::AllOf(HasSubstr("claims to unpack to more than 536870912, with 4294967280 in 'x.npy'"),
                               HasSubstr("fill the memory")));
    write();
    claim(folder / "a.npz", 5000); // the header says 4,000 bytes
    EXPECT_THAT(readNpz(folder / "a.npz").error().message, HasSubstr("x.npy' has 4872 bytes of data; its shape needs 4000"));
    const std::vector<std::uint8_t> zeros(std::size_t{200} << 20);
    NpzWriter writer(folder / "b.npz"); // 600 MB in 600 kB
    for (const char* name : {"a", "b", "c"})
        writer.add(name, zeros, {zeros.size()});
    ASSERT_TRUE(writer.finish());
    EXPECT_LT(std::filesystem::file_size(folder / "b.npz"), 4u << 20);
    EXPECT_THAT(readNpz(folder / "b.npz").error().message, HasSubstr("in 'c.npy'; that is more than numbers pack to"));
}

TEST(Npz, readsNoMoreThanTheHeaderUntilAnArrayIsAskedFor)
{
    const TemporaryFolder folder;
    NpzWriter writer(folder / "a.npz");
    writer.add("x", std::vector<double>(100'000, 2.5), {100'000});
    writer.addStrings("s", std::vector<std::string>{"a\0b", "", "c"});
    ASSERT_TRUE(writer.finish());
    std::fstream file(folder / "a.npz", std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(200); // in the packed numbers of x
    file.put('\x55');
    file.close();
    const auto npz = readNpz(folder / "a.npz");
    ASSERT_TRUE(npz) << npz.error().message;
    EXPECT_EQ(npz->descr("x").value(), "<f8");
    EXPECT_THAT(npz->numbers<double>("x").error().message, HasSubstr("x.npy' cannot be unpacked"));
    EXPECT_EQ(npz->strings("s").value(), (std::vector<std::string>{"a", "", "c"}));
}

TEST(Npz, isReadByEachThreadThroughAnArchiveOfItsOwn)
{
    const TemporaryFolder folder;
    NpzWriter writer(folder / "a.npz");
    for (int array = 0; array < 8; ++array)
        writer.add(std::to_string(array), std::vector<std::int32_t>(100'000, array), {100'000});
    ASSERT_TRUE(writer.finish());
    const NpzFile npz = readNpz(folder / "a.npz").value();
    std::vector<std::vector<std::int32_t>> read(8, std::vector<std::int32_t>(100'000));
    std::vector<Result<void>> done(8);
    parallelFor(8, [&](std::size_t i) { done[i] = npz.reopened().value().numbersInto(std::to_string(i), std::span(read[i])); });
    for (std::size_t i = 0; i < 8; ++i) {
        EXPECT_TRUE(done[i]);
        EXPECT_EQ(read[i], std::vector<std::int32_t>(100'000, static_cast<std::int32_t>(i)));
    }
    std::filesystem::remove(folder / "a.npz");
    EXPECT_THAT(npz.reopened().error().message, HasSubstr("a.npz' is no .npz file or is cut short: No such file"));
}

TEST(Npz, opensNoPipe) { EXPECT_THAT(readNpz("/dev/zero").error().message, HasSubstr("is not a regular file")); }

TEST(Npy, refusesWhatItCannotRead)
{
    const std::string good = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }";
    EXPECT_EQ(messageOf(npy(good, "abcd")), "");
    EXPECT_THAT(messageOf(bytesOf("PK")), HasSubstr("no NumPy array"));
    EXPECT_THAT(messageOf(npy(good, "abc")), HasSubstr("has 3 bytes of data; its shape needs 4"));
    EXPECT_THAT(messageOf(npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "abcd")), HasSubstr("pickled"));
    EXPECT_THAT(messageOf(npy("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", "abcd")), HasSubstr("'>f4'"));
    EXPECT_THAT(messageOf(npy("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1), }", "abcd")), HasSubstr("Fortran"));
    EXPECT_THAT(messageOf(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296, 4), }", "")),
                HasSubstr("overflows"));
    for (const char* header : {"", "{", "{}", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } x",
                               "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }",
                               "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }"})
        EXPECT_THAT(messageOf(npy(header, "abcd")), HasSubstr("has a header that is not")) << header;
    std::vector<std::byte> cut = npy(good, "abcd");
    cut.resize(30);
    EXPECT_THAT(messageOf(cut), HasSubstr("cut short"));
}

} // namespace
