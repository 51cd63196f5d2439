// SPDX-License-Identifier: GPL-3.0-or-later
// GGUF files: what the Python package gguf wrote (fixtures/gguf/make_blocks.py) and how it reads blocks; and files that lie.
#include "core/io/gguf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <random>

namespace winnow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string fixture()
{
    std::ifstream file(std::string(WINNOW_FIXTURES) + "/gguf/blocks.gguf", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

Result<GgufTable> parsed(const std::string& file) { return parseGguf(std::as_bytes(std::span(file)), "'f.gguf'"); }

std::string problem(const std::string& file)
{
    const auto table = parsed(file);
    return table ? "understood" : table.error().message;
}

/// Writes little files, field by field.
struct Bytes {
    std::string all;
    template <class Number>
    Bytes& add(Number value)
    {
        all.append(reinterpret_cast<const char*>(&value), sizeof value);
        return *this;
    }
    Bytes& text(std::string_view value)
    {
        add(std::uint64_t{value.size()});
        all += value;
        return *this;
    }
    Bytes& tensor(std::string_view name, std::vector<std::uint64_t> sizes, std::uint32_t type, std::uint64_t offset)
    {
        text(name).add(static_cast<std::uint32_t>(sizes.size()));
        for (const std::uint64_t size : sizes)
            add(size);
        return add(type).add(offset);
    }
    std::string with(std::size_t data) const { return all + std::string((all.size() + 31) / 32 * 32 - all.size() + data, '\0'); }
};

Bytes header(std::uint64_t tensors, std::uint64_t keys, std::uint32_t version = 3)
{
    Bytes bytes;
    bytes.all = "GGUF";
    return bytes.add(version).add(tensors).add(keys);
}

TEST(Gguf, readsMetadataOfEveryType)
{
    const std::string file = fixture();
    const auto table = parsed(file);
    ASSERT_TRUE(table) << table.error().message;
    EXPECT_EQ(table->version, 3u);
    const auto whole = [&](const char* key) { return *table->get<std::int64_t>(key); };
    EXPECT_EQ(whole("t.u8"), 200);
    EXPECT_EQ(whole("t.i8"), -100);
    EXPECT_EQ(whole("t.u16"), 60000);
    EXPECT_EQ(whole("t.i16"), -30000);
    EXPECT_EQ(whole("t.u32"), 4000000000);
    EXPECT_EQ(whole("t.i32"), -2000000000);
    EXPECT_EQ(whole("t.i64"), -(std::int64_t{1} << 62));
    EXPECT_EQ(*table->get<double>("t.u64"), 18446744073709551616.0);
    EXPECT_EQ(*table->get<double>("t.f32"), static_cast<double>(0.1f));
    EXPECT_EQ(*table->get<double>("t.f64"), 0.1);
    EXPECT_EQ(*table->get<bool>("t.bool"), true);
    EXPECT_THAT(*table->get<std::vector<std::string_view>>("t.texts"), ElementsAre("a", "", "▁b"));
    EXPECT_THAT(*table->get<std::vector<std::int64_t>>("t.wholes"), ElementsAre(1, -2, 3));
    EXPECT_THAT(*table->get<std::vector<double>>("t.reals"), ElementsAre(0.5, -1.5));
    EXPECT_EQ(table->get<std::string_view>("t.bool"), nullptr);
    EXPECT_EQ(*table->get<std::string_view>("general.architecture"), "llama");
}

TEST(Gguf, readsEveryBlockBitForBitAsTheReference)
{
    const std::string file = fixture();
    const auto table = parsed(file);
    ASSERT_TRUE(table) << table.error().message;
    int kinds = 0;
    for (const auto& [name, entry] : table->tensors) {
        if (name.ends_with(".expected"))
            continue;
        ++kinds;
        const GgufTensorEntry& expected = table->tensors.find(name + ".expected")->second;
        ASSERT_EQ(entry.shape, expected.shape) << name;
        std::vector<float> out(static_cast<std::size_t>(entry.shape[0] * entry.shape[1]));
        dequantize(entry.type, std::as_bytes(std::span(file)).subspan(entry.begin, entry.end - entry.begin), out);
        std::vector<float> wanted(out.size());
        ASSERT_EQ(wanted.size() * sizeof(float), expected.end - expected.begin);
        std::memcpy(wanted.data(), file.data() + expected.begin, wanted.size() * sizeof(float));
        for (std::size_t i = 0; i < out.size(); ++i)
            ASSERT_EQ(std::bit_cast<std::uint32_t>(out[i]), std::bit_cast<std::uint32_t>(wanted[i]))
                << ggufTypeName(entry.type) << " number " << i << ": " << out[i] << ", expected " << wanted[i];
    }
    EXPECT_EQ(kinds, 12);
}

TEST(Gguf, readsVersionTwoToo)
{
    std::string file = fixture();
    file[4] = 2;
    EXPECT_EQ(parsed(file).value().version, 2u);
}

TEST(Gguf, givesShapesInTheOrderOfRows)
{
    const std::string file = header(1, 0).tensor("a", {8, 3}, 0, 0).with(96);
    const auto table = parsed(file).value();
    EXPECT_THAT(table.tensors.at("a").shape, ElementsAre(3, 8));
    EXPECT_EQ(table.tensors.at("a").end, file.size());
}

TEST(Gguf, saysWhatIsWrongWithItsHeader)
{
    EXPECT_EQ(problem(""), "'f.gguf' ends at byte 0, inside its mark: it is cut short, fetch it again");
    EXPECT_EQ(problem("ggml........"), "'f.gguf' does not begin with 'GGUF': it is no GGUF file");
    EXPECT_THAT(problem(header(0, 0, 1).all), HasSubstr("has version 1 of GGUF; versions 2 and 3 are read"));
    EXPECT_THAT(problem(header(0, 0, 0x03000000).all), HasSubstr("big-endian"));
    EXPECT_THAT(problem(header(~0ULL, 0).all), HasSubstr("more than its 24 bytes can hold"));
    EXPECT_THAT(problem(header(0, ~0ULL).all), HasSubstr("more than its 24 bytes can hold"));
    EXPECT_EQ(problem(header(0, 0).all), "understood");
}

TEST(Gguf, saysWhatIsWrongWithItsMetadata)
{
    const auto key = [] { return header(0, 1).text("k"); };
    const std::string rest(64, '\0');
    EXPECT_THAT(problem(key().add(std::uint32_t{13}).all + rest), HasSubstr("'k' has the type 13, which does not exist"));
    EXPECT_THAT(problem(key().add(std::uint32_t{8}).add(~0ULL).all + rest),
                HasSubstr("announces a text of 18446744073709551615 bytes"));
    EXPECT_THAT(problem(key().add(std::uint32_t{9}).add(std::uint32_t{4}).add(~0ULL).all + rest),
                HasSubstr("'k' announces 18446744073709551615 values"));
    EXPECT_THAT(problem(key().add(std::uint32_t{9}).add(std::uint32_t{9}).add(1ULL).all + rest), HasSubstr("list of lists"));
    EXPECT_THAT(
        problem(header(0, 2).text("k").add(std::uint32_t{7}).add('\1').text("k").add(std::uint32_t{7}).add('\1').all + rest),
        HasSubstr("has the metadatum 'k' twice"));
    EXPECT_THAT(problem(header(0, 1).text("general.alignment").add(std::uint32_t{4}).add(std::uint32_t{24}).all),
                HasSubstr("no power of two"));
}

TEST(Gguf, saysWhatIsWrongWithItsTensors)
{
    const auto one = [](std::vector<std::uint64_t> sizes, std::uint32_t type, std::uint64_t offset) {
        return header(1, 0).tensor("w", std::move(sizes), type, offset).with(256);
    };
    EXPECT_EQ(problem(one({64}, 0, 0)), "understood");
    EXPECT_THAT(problem(one({64}, 0, 32)), HasSubstr("it is cut short"));
    EXPECT_THAT(problem(one({64}, 0, ~0ULL)), HasSubstr("does not fit into the file"));
    EXPECT_THAT(problem(one({8}, 0, 4)), HasSubstr("starts at 4, which is no multiple of 32"));
    EXPECT_THAT(problem(one({1ULL << 62, 8}, 0, 0)), HasSubstr("larger than any file"));
    EXPECT_THAT(problem(one({0}, 0, 0)), HasSubstr("has a dimension of 0"));
    EXPECT_THAT(problem(one({1, 1, 1, 1, 1}, 0, 0)), HasSubstr("has 5 dimensions"));
    EXPECT_THAT(problem(one({64}, 23, 0)), HasSubstr("is stored as IQ4_XS (kind 23), which is not read; take a file in F32"));
    EXPECT_THAT(problem(one({33}, 2, 0)), HasSubstr("rows of 33 numbers, but Q4_0 is stored in blocks of 32"));
    EXPECT_THAT(problem(header(2, 0).tensor("a", {16}, 0, 0).tensor("b", {16}, 0, 32).with(256)),
                HasSubstr("'a' and 'b' overlap"));
    EXPECT_THAT(problem(header(2, 0).tensor("a", {8}, 0, 0).tensor("a", {8}, 0, 32).with(256)),
                HasSubstr("has the tensor 'a' twice"));
}

TEST(Gguf, refusesEveryBeginningOfAFile)
{
    const std::string file = fixture();
    std::mt19937 random(3);
    for (int i = 0; i < 500; ++i) {
        const std::size_t size = std::uniform_int_distribution<std::size_t>(0, file.size() - 65)(random);
        ASSERT_FALSE(parsed(file.substr(0, size))) << size;
    }
}

} // namespace
} // namespace winnow
