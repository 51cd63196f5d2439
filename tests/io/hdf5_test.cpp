// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/hdf5.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

using namespace winnow;
using testing::ElementsAre;
using testing::HasSubstr;
using winnow::testing_support::TemporaryFolder;

namespace {

TEST(Hdf5, givesBackArraysStringsAndAttributes)
{
    const TemporaryFolder folder;
    {
        Hdf5File file = Hdf5File::create(folder / "r.h5").value();
        const std::vector<std::int32_t> steps{-1, 2, 3, 4, 5, 6};
        ASSERT_TRUE(file.writeArray("/replays/00000/evict_step", std::span<const std::int32_t>(steps), {2, 3}));
        const std::vector<float> mass(100000, 0.5f);
        ASSERT_TRUE(file.writeArray("/replays/00000/mass", std::span<const float>(mass), {100, 1000}, 4));
        ASSERT_TRUE(file.writeArray("/none", std::span<const double>(), {0}));
        ASSERT_TRUE(file.writeStrings("/policy", std::vector<std::string>{"full", "größe"}));
        ASSERT_TRUE(file.writeString("/config", "{}"));
        ASSERT_TRUE(file.setAttribute("/", "version", std::int64_t{1}));
        ASSERT_TRUE(file.setAttribute("/", "version", std::int64_t{2}));
        ASSERT_TRUE(file.setAttribute("/replays/00000", "scale", 0.25));
        ASSERT_TRUE(file.setAttribute("/", "model", std::string("demo")));
        ASSERT_TRUE(file.close());
    }
    const Hdf5File file = Hdf5File::open(folder / "r.h5").value();
    const auto steps = file.readArray<std::int32_t>("/replays/00000/evict_step").value();
    EXPECT_THAT(steps.shape, ElementsAre(2, 3));
    EXPECT_THAT(steps.values, ElementsAre(-1, 2, 3, 4, 5, 6));
    EXPECT_THAT(file.readArray<double>("/replays/00000/evict_step").value().values, ElementsAre(-1, 2, 3, 4, 5, 6))
        << "any width";
    EXPECT_EQ(file.readArray<float>("/replays/00000/mass").value().values, std::vector<float>(100000, 0.5f));
    EXPECT_LT(std::filesystem::file_size(folder / "r.h5"), 100000u) << "compressed";
    EXPECT_TRUE(file.readArray<double>("/none").value().values.empty());
    EXPECT_THAT(file.readStrings("/policy").value(), ElementsAre("full", "größe"));
    EXPECT_THAT(file.readStrings("/config").value(), ElementsAre("{}"));
    EXPECT_EQ(file.intAttribute("/", "version").value(), 2);
    EXPECT_EQ(file.numberAttribute("/replays/00000", "scale").value(), 0.25);
    EXPECT_EQ(file.stringAttribute("/", "model").value(), "demo");
    EXPECT_EQ(file.stringAttribute("/", "none").value(), std::nullopt);
    EXPECT_THAT(file.attributes("/").value(), ElementsAre(std::pair("model", "demo"), std::pair("version", "2")));
    EXPECT_THAT(file.children("/replays").value(), ElementsAre("00000"));
    EXPECT_TRUE(file.has("/replays/00000/mass"));
    EXPECT_FALSE(file.has("/replays/00001/mass"));
}

/// A box of the array is read by libhdf5; the whole of it is not.
TEST(Hdf5, unpacksWholeArraysAsLibhdf5DoesWhateverTheirChunks)
{
    const TemporaryFolder folder;
    Hdf5File file = Hdf5File::create(folder / "r.h5").value();
    const std::vector<std::pair<Hdf5Shape, Hdf5Shape>> cases{
        {{100}, {7}}, {{64}, {64}}, {{13, 11}, {4, 5}}, {{6, 4, 10}, {2, 4, 10}}, {{5, 3, 9}, {2, 2, 4}}, {{2, 3}, {8, 8}}};
    for (const auto& [shape, chunk] : cases) {
        const Hdf5Shape most(shape.size(), H5S_UNLIMITED), zeros(shape.size(), 0);
        std::size_t count = 1;
        for (const hsize_t extent : shape)
            count *= extent;
        std::vector<std::int32_t> values(count), read(count, -1);
        for (std::size_t i = 0; i < count; ++i)
            values[i] = static_cast<std::int32_t>(i * 2654435761U); // every byte counts
        const std::string name = "/" + std::to_string(&shape - &cases.front().first);
        Hdf5Dataset data =
            file.createDataset(name, NumberType::Int32, shape, {.chunk = chunk, .maximum = most, .deflate = 4}).value();
        ASSERT_TRUE(data.write(zeros, shape, NumberType::Int32, values.data()));
        ASSERT_TRUE(data.flush());
        EXPECT_EQ(file.readArray<std::int32_t>(name).value().values, values) << name;
        ASSERT_TRUE(file.readInto(name, std::span(read)));
        EXPECT_EQ(read, values) << name;
        const auto asDoubles = file.readArray<double>(name).value().values;
        EXPECT_TRUE(std::equal(values.begin(), values.end(), asDoubles.begin())) << name << ", converted by libhdf5";
        Hdf5Shape part = shape;
        part.back() = 1;
        std::vector<std::int32_t> column(count / shape.back());
        ASSERT_TRUE(data.read(zeros, part, NumberType::Int32, column.data()));
        for (std::size_t i = 0; i < column.size(); ++i)
            EXPECT_EQ(column[i], values[i * shape.back()]) << name;
        read.pop_back();
        EXPECT_THAT(file.readInto(name, std::span(read)).error().message, HasSubstr("numbers"));
    }
}

TEST(Hdf5, namesTheObjectThatIsWrong)
{
    const TemporaryFolder folder;
    Hdf5File file = Hdf5File::create(folder / "r.h5").value();
    const std::vector<float> values{1, 2, 3};
    ASSERT_TRUE(file.writeArray("/x", std::span<const float>(values), {3}));
    ASSERT_TRUE(file.writeString("/s", "text"));
    ASSERT_TRUE(file.setAttribute("/", "half", 0.5));
    EXPECT_THAT(file.readArray<float>("/y").error().message, HasSubstr("r.h5: /y' is missing"));
    EXPECT_THAT(file.readArray<float>("/s").error().message, HasSubstr("r.h5: /s' does not hold numbers"));
    EXPECT_THAT(file.readArray<float>("/x", 2).error().message, HasSubstr("has shape [3]; at most 2 numbers"));
    EXPECT_THAT(file.readStrings("/x").error().message, HasSubstr("does not hold text"));
    EXPECT_THAT(file.intAttribute("/", "half").error().message, HasSubstr("attribute 'half'"));
    EXPECT_THAT(file.stringAttribute("/", "half").error().message, HasSubstr("is not text"));
}

TEST(Hdf5, saysWhatIsNoHdf5File)
{
    const TemporaryFolder folder;
    EXPECT_EQ(Hdf5File::open(folder / "none.h5").error().code, ErrorCode::NotFound);
    EXPECT_THAT(Hdf5File::open(folder.path()).error().message, HasSubstr("is a folder"));
    std::ofstream(folder / "text.h5") << "some text";
    EXPECT_THAT(Hdf5File::open(folder / "text.h5").error().message, HasSubstr("is not an HDF5 file"));
    std::ofstream(folder / "empty.h5");
    EXPECT_THAT(Hdf5File::open(folder / "empty.h5").error().message, HasSubstr("is not an HDF5 file"));
    {
        Hdf5File file = Hdf5File::create(folder / "cut.h5").value();
        const std::vector<float> values(10000, 1);
        ASSERT_TRUE(file.writeArray("/x", std::span<const float>(values), {10000}));
    }
    std::filesystem::resize_file(folder / "cut.h5", 20000);
    EXPECT_THAT(Hdf5File::open(folder / "cut.h5").error().message, HasSubstr("is cut short: it has 20000 bytes"));
    EXPECT_THAT(Hdf5File::create(folder / "none" / "r.h5").error().message, HasSubstr("creating"));
}

TEST(Hdf5, servesManyThreads)
{
    const TemporaryFolder folder;
    Hdf5File file = Hdf5File::create(folder / "r.h5").value();
    std::vector<std::int32_t> values(1000);
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = static_cast<std::int32_t>(i);
    ASSERT_TRUE(file.writeArray("/x", std::span<const std::int32_t>(values), {1000}));
    const Hdf5Dataset data = file.dataset("/x").value();
    std::vector<int> wrong(4, 0);
    {
        std::vector<std::jthread> threads;
        for (int number = 0; number < 4; ++number)
            threads.emplace_back([&, number] {
                for (hsize_t begin = 0; begin < 900; ++begin) {
                    std::int32_t got[100] = {};
                    const hsize_t count = 100;
                    const auto read = data.read(std::span(&begin, 1), std::span(&count, 1), NumberType::Int32, got);
                    wrong[number] += !read || got[99] != static_cast<std::int32_t>(begin) + 99;
                    wrong[number] += file.has("/y") || file.readArray<float>("/y").has_value();
                }
            });
    }
    EXPECT_THAT(wrong, ElementsAre(0, 0, 0, 0));
}

} // namespace
