// SPDX-License-Identifier: GPL-3.0-or-later
// What is wrong with a file is said in one sentence that names the file and the object; nothing crashes.
#include "core/io/hdf5.h"
#include "core/trace/trace.h"
#include "tests/support/synthetic_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <limits>
#include <random>

using namespace winnow;
using namespace winnow::testing_support;
using testing::HasSubstr;

namespace {

std::string messageOf(const std::filesystem::path& path)
{
    const auto trace = Trace::open(path);
    return trace ? "" : trace.error().message;
}

/// A good little trace, one thing of which `spoil` makes bad.
class BadTrace : public testing::Test {
protected:
    std::string spoiled(const std::function<void(Hdf5File&)>& spoil,
                        const SyntheticOptions& options = {.layers = 1, .tokens = 12})
    {
        const auto written = writeSynthetic(makeSynthetic(options), path);
        EXPECT_TRUE(written) << written.error().message;
        {
            Hdf5File file = Hdf5File::open(path, Hdf5File::Access::ReadWrite).value();
            spoil(file);
        }
        const std::string message = messageOf(path);
        EXPECT_THAT(message, HasSubstr("t.h5"));
        EXPECT_EQ(message.find('\n'), std::string::npos);
        return message;
    }
    /// Replaces a dataset by zeros of another shape.
    static void reshape(Hdf5File& file, const std::string& object, const Hdf5Shape& shape)
    {
        if (file.has(object))
            remove(file, object);
        std::size_t count = 1;
        for (const hsize_t extent : shape)
            count *= extent;
        const std::vector<float> zeros(count);
        ASSERT_TRUE(file.writeArray(object, std::span<const float>(zeros), shape));
    }
    /// The file that `file` has open, for the C library: with the same setting of locks, which is asked for.
    static hid_t again(const Hdf5File& file)
    {
        const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
        H5Pset_file_locking(access, false, true);
        const hid_t id = H5Fopen(file.path().c_str(), H5F_ACC_RDWR, access);
        H5Pclose(access);
        return id;
    }
    static void remove(Hdf5File& file, const std::string& object)
    {
        const Hdf5Lock lock;
        const hid_t id = again(file);
        ASSERT_GE(H5Ldelete(id, object.c_str(), H5P_DEFAULT), 0);
        H5Fclose(id);
    }
    static void removeAttribute(Hdf5File& file, const std::string& object, const char* name)
    {
        const Hdf5Lock lock;
        const hid_t id = again(file);
        ASSERT_GE(H5Adelete_by_name(id, object.c_str(), name, H5P_DEFAULT), 0);
        H5Fclose(id);
    }

    TemporaryFolder folder;
    std::filesystem::path path = folder / "t.h5";
};

TEST_F(BadTrace, missingOrOfAnotherKind)
{
    EXPECT_THAT(messageOf(folder / "none.h5"), HasSubstr("does not exist"));
    EXPECT_THAT(messageOf(folder.path()), HasSubstr("is a folder"));
    std::ofstream(folder / "text.h5") << "Call me Ishmael.";
    EXPECT_THAT(messageOf(folder / "text.h5"), HasSubstr("is not an HDF5 file"));
    ASSERT_TRUE(Hdf5File::create(path));
    EXPECT_THAT(messageOf(path), HasSubstr("is an HDF5 file but no Winnow trace"));
}

TEST_F(BadTrace, ofALaterVersion)
{
    EXPECT_THAT(spoiled([](Hdf5File& file) { ASSERT_TRUE(file.setAttribute("/", "version", std::int64_t{2})); }),
                HasSubstr("has version 2 of the trace layout; this Winnow reads up to 1"));
}

TEST_F(BadTrace, cutShort)
{
    ASSERT_TRUE(writeSynthetic(makeSynthetic({.tokens = 40}), path));
    const auto size = std::filesystem::file_size(path);
    for (const auto left :
         {size - 1, size * 3 / 4, size / 2, size / 10, std::uintmax_t{100}, std::uintmax_t{9}, std::uintmax_t{0}}) {
        std::filesystem::copy_file(path, folder / "cut.h5", std::filesystem::copy_options::overwrite_existing);
        std::filesystem::resize_file(folder / "cut.h5", left);
        EXPECT_THAT(messageOf(folder / "cut.h5"), testing::AnyOf(HasSubstr("is cut short"), HasSubstr("is not an HDF5 file")))
            << left;
    }
}

TEST_F(BadTrace, cutShortWhileItWasRecorded)
{
    // The part file of a live recording, copied by another program that stopped in the middle.
    const SyntheticTrace written = makeSynthetic({.layers = 1, .headDim = 64, .tokens = 64});
    auto writer = TraceWriter::create({.out = path, .info = written.info, .chunkRows = 8}).value();
    ASSERT_TRUE(appendSynthetic(*writer, written, 0, 64));
    const auto size = std::filesystem::file_size(folder / "t.h5.part");
    std::filesystem::copy_file(folder / "t.h5.part", folder / "copy.h5");
    EXPECT_EQ(messageOf(folder / "copy.h5"), "");
    std::filesystem::resize_file(folder / "copy.h5", size / 2);
    EXPECT_THAT(messageOf(folder / "copy.h5"), HasSubstr("copy.h5"));
}

TEST_F(BadTrace, withAMisshapenOrMissingDataset)
{
    EXPECT_THAT(spoiled([](Hdf5File& file) {
                    reshape(file, "/layers/00000/o", {4, 12, 7});
                }),
                HasSubstr("/layers/00000/o' has shape [4, 12, 7]; expected [4, 12, 8]"));
    EXPECT_THAT(spoiled([](Hdf5File& file) {
                    reshape(file, "/layers/00000/k", {3, 12, 8});
                }),
                HasSubstr("/layers/00000/k' has shape [3, 12, 8]; expected a number of heads that divides the 4 query heads"));
    EXPECT_THAT(spoiled([](Hdf5File& file) {
                    reshape(file, "/layers/00000/q", {4, 12});
                }),
                HasSubstr("expected [heads, tokens, head size]"));
    EXPECT_THAT(spoiled([](Hdf5File& file) {
                    reshape(file, "/layers/00000/lse", {4, 11});
                }),
                HasSubstr("/layers/00000/lse has 11 rows and there are 12 tokens"));
    EXPECT_THAT(spoiled([](Hdf5File& file) { remove(file, "/layers/00000/v"); }), HasSubstr("/layers/00000/v' is missing"));
    EXPECT_THAT(spoiled([](Hdf5File& file) { remove(file, "/tokens"); }), HasSubstr("/tokens' is missing"));
    EXPECT_THAT(spoiled([](Hdf5File& file) { remove(file, "/layers"); }), HasSubstr("has no group /layers"));
    EXPECT_THAT(spoiled([](Hdf5File& file) { remove(file, "/layers/00000"); }), HasSubstr("holds no layers"));
    EXPECT_THAT(spoiled([](Hdf5File& file) { remove(file, "/layers/00000/inv_freq"); }),
                HasSubstr("/layers/00000/inv_freq' is missing"));
    EXPECT_THAT(spoiled([](Hdf5File& file) { reshape(file, "/layers/00000/inv_freq", {5}); }),
                HasSubstr("a head of 8 has room for 4"));
    EXPECT_THAT(spoiled([](Hdf5File& file) { reshape(file, "/layers/extra", {5}); }), HasSubstr("/layers/extra' is no layer"));
}

TEST_F(BadTrace, withNumbersThatCannotBe)
{
    EXPECT_THAT(spoiled([](Hdf5File& file) { removeAttribute(file, "/layers/00000", "scale"); }),
                HasSubstr("lacks the attribute 'scale'"));
    EXPECT_THAT(spoiled([](Hdf5File& file) { ASSERT_TRUE(file.setAttribute("/layers/00000", "window", std::int64_t{-3})); }),
                HasSubstr("has window -3"));
    EXPECT_THAT(spoiled([](Hdf5File& file) { ASSERT_TRUE(file.setAttribute("/layers/00000", "softcap", -1.0)); }),
                HasSubstr("softcap -1"));
    EXPECT_THAT(spoiled([](Hdf5File& file) { ASSERT_TRUE(file.setAttribute("/layers/00000", "layout", std::string("spiral"))); }),
                HasSubstr("rotary layout 'spiral'; expected 'half' or 'interleaved'"));
    EXPECT_THAT(spoiled([](Hdf5File& file) {
                    const std::vector<std::int32_t> tokens(12, -1);
                    remove(file, "/tokens");
                    ASSERT_TRUE(file.writeArray("/tokens", std::span<const std::int32_t>(tokens), {12}));
                }),
                HasSubstr("/tokens' holds -1"));
    EXPECT_THAT(spoiled([](Hdf5File& file) {
                    const std::vector<std::int32_t> offsets(24, 5000);
                    remove(file, "/offsets");
                    ASSERT_TRUE(file.writeArray("/offsets", std::span<const std::int32_t>(offsets), {12, 2}));
                }),
                HasSubstr("gives token 0 the bytes 5000 to 5000"));
    EXPECT_THAT(spoiled([](Hdf5File& file) {
                    remove(file, "/tokens");
                    ASSERT_TRUE(file.createDataset("/tokens", NumberType::Int32, {hsize_t{1} << 40}, {.chunk = {1024}}));
                }),
                HasSubstr("claims to hold 4398046516254, the most in /tokens"));
}

TEST_F(BadTrace, thatClaimsMoreRowsThanItHolds)
{
    const auto empty = [](Hdf5File& file, const std::string& object, const Hdf5Shape& shape, const Hdf5Storage& storage) {
        remove(file, object);
        ASSERT_TRUE(file.createDataset(object, NumberType::Float32, shape, storage));
    };
    EXPECT_THAT(spoiled([&](Hdf5File& file) {
                    empty(file, "/layers/00000/v", {2, 12, 8}, {.chunk = {2, 5, 8}});
                }),
                HasSubstr("/layers/00000/v' was never written in 3 of its 3 chunks"));
    EXPECT_THAT(spoiled([&](Hdf5File& file) {
                    empty(file, "/layers/00000/lse", {4, 12}, {});
                }),
                HasSubstr("/layers/00000/lse' was never written; copy"));
    EXPECT_THAT(spoiled([&](Hdf5File& file) {
                    empty(file, "/offsets", {12, 2}, {.chunk = {4, 2}, .deflate = 4});
                }),
                HasSubstr("/offsets' was never written in 3 of its 3 chunks"));
    // Zeros that are all there, but as no recording has them.
    EXPECT_THAT(spoiled([](Hdf5File& file) {
                    const std::size_t tokens = 1 << 19;
                    const auto zeros = [&](const std::string& object, const Hdf5Shape& shape) {
                        std::size_t count = 1;
                        for (const hsize_t extent : shape)
                            count *= extent;
                        const std::vector<float> values(count);
                        remove(file, object);
                        ASSERT_TRUE(file.writeArray(object, std::span<const float>(values), shape, 1));
                    };
                    for (const char* name : {"q", "o"})
                        zeros(fmt::format("/layers/00000/{}", name), {4, tokens, 8});
                    for (const char* name : {"k", "v"})
                        zeros(fmt::format("/layers/00000/{}", name), {2, tokens, 8});
                    zeros("/layers/00000/lse", {4, tokens});
                    zeros("/tokens", {tokens});
                    zeros("/offsets", {tokens, 2});
                    zeros("/logprob", {tokens});
                }),
                HasSubstr("claims rows of 209715200, more than recorded numbers pack to"));
}

TEST_F(BadTrace, withFactorsThatAreNoFloats)
{
    EXPECT_THAT(spoiled([](Hdf5File& file) { ASSERT_TRUE(file.setAttribute("/layers/00000", "scale", 1e300)); }),
                HasSubstr("expected a number from"));
    EXPECT_THAT(spoiled([](Hdf5File& file) {
                    const std::vector<float> frequencies{1, std::numeric_limits<float>::quiet_NaN()};
                    remove(file, "/layers/00000/inv_freq");
                    ASSERT_TRUE(file.writeArray("/layers/00000/inv_freq", std::span<const float>(frequencies), {2}));
                }),
                HasSubstr("has inv_freq nan of pair 1; expected frequencies"));
}

TEST_F(BadTrace, withAnyBytesChangedIsReadOrRefused)
{
    ASSERT_TRUE(writeSynthetic(makeSynthetic({.layers = 1, .tokens = 12}), path));
    std::ifstream in(path, std::ios::binary);
    const std::string good(std::istreambuf_iterator<char>(in), {});
    std::mt19937 random(19);
    int opened = 0;
    for (int round = 0; round < 120; ++round) {
        std::string bytes = good;
        for (int change = 0; change <= round % 3; ++change)
            bytes[random() % bytes.size()] = static_cast<char>(random());
        std::ofstream(folder / "m.h5", std::ios::binary) << bytes;
        const auto trace = Trace::open(folder / "m.h5");
        if (!trace) {
            EXPECT_THAT(trace.error().message, HasSubstr("m.h5"));
            continue;
        }
        ++opened;
        for (const Rows what : {Rows::Query, Rows::Key, Rows::Value, Rows::Output, Rows::LogSumExp}) {
            std::vector<float> rows((*trace)->rowFloats(0, what, (*trace)->tokenCount()));
            static_cast<void>((*trace)->read(0, what, Position(0), Position((*trace)->tokenCount()), rows));
        }
    }
    EXPECT_GT(opened, 10);
}

} // namespace
