// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/safetensors.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace winnow {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// A file with this header (its length in front of it) and so many bytes of data.
std::string file(const std::string& header, std::size_t data)
{
    std::string bytes;
    for (int i = 0; i < 8; ++i)
        bytes.push_back(static_cast<char>(header.size() >> (8 * i)));
    return bytes + header + std::string(data, '\x7f');
}

Result<TensorTable> parsed(const std::string& bytes)
{
    return parseSafetensors(std::as_bytes(std::span(bytes.data(), bytes.size())), "it");
}

std::string problem(const std::string& header, std::size_t data)
{
    const auto table = parsed(file(header, data));
    return table ? "fine" : table.error().message;
}

TEST(Safetensors, givesShapesAndPlaces)
{
    const std::string header =
        R"({"__metadata__":{"format":"pt"},"b":{"dtype":"BF16","shape":[2,3],"data_offsets":[4,16]},)"
        R"("a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"none":{"dtype":"F16","shape":[0,7],"data_offsets":[4,4]}}   )";
    const TensorTable table = parsed(file(header, 16)).value();
    const std::size_t base = 8 + header.size();
    EXPECT_EQ(table.tensors.size(), 3u);
    EXPECT_EQ(table.tensors.at("a"), (TensorEntry{TensorType::F32, {}, base, base + 4}));
    EXPECT_EQ(table.tensors.at("b"), (TensorEntry{TensorType::BF16, {2, 3}, base + 4, base + 16}));
    EXPECT_EQ(table.metadata.at("format"), "pt");
}

TEST(Safetensors, refusesAFileThatIsCutShortAnywhere)
{
    const std::string whole = file(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8);
    ASSERT_TRUE(parsed(whole));
    for (std::size_t length = 0; length < whole.size(); ++length)
        EXPECT_FALSE(parsed(whole.substr(0, length))) << length;
    EXPECT_EQ(parsed(whole.substr(0, whole.size() - 1)).error().message,
              fmt::format("it: tensor 'a' ends at byte {}, the file at {}: it is cut short, fetch it again", whole.size(),
                          whole.size() - 1));
    EXPECT_EQ(parsed("abc").error().message, "it is 3 bytes, too short for a safetensors file: fetch it again");
}

TEST(Safetensors, namesWhatStandsThereByMistake)
{
    const auto said = [](const std::string& bytes) { return parsed(bytes).error().message; };
    EXPECT_THAT(said("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1\n"),
                StartsWith("it is a Git LFS pointer"));
    EXPECT_THAT(said("\n <!DOCTYPE html><html><head>"), StartsWith("it is an HTML page"));
    EXPECT_THAT(said("<HTML>"), StartsWith("it is an HTML page"));
    EXPECT_THAT(said("PK\x03\x04 archive/data.pkl"), StartsWith("it is a pickle"));
    EXPECT_THAT(said("\x80\x02}q"), StartsWith("it is a pickle"));
    EXPECT_THAT(said("GGUF\x03"), StartsWith("it is a GGUF file"));
    EXPECT_EQ(said("Entry not found\n"),
              "it is a text ('Entry not found'), what a server answers instead of a file; fetch it again");
    EXPECT_THAT(said(R"({"error":"Repository not found"})"), StartsWith(R"(it is a text ('{"error":"Repository not found"}'))"));
    const std::string header = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
    EXPECT_TRUE(parsed(file(header + std::string(0x280 - header.size(), ' '), 8))); // whose length begins like a pickle
}

TEST(Safetensors, refusesAHeaderLengthBeyondReason)
{
    EXPECT_THAT(parsed(std::string(8, '\xff') + "{}").error().message,
                HasSubstr("announces a header of 18446744073709551615 bytes"));
    EXPECT_THAT(parsed(std::string("\x10\0\0\0\0\0\0\0{}", 10)).error().message, HasSubstr("but holds only 2 after its length"));
    EXPECT_THAT(parsed(file("[]", 0)).error().message, HasSubstr("does not start with '{'"));
}

TEST(Safetensors, refusesShapesThatLie)
{
    const auto one = [](const std::string& entry, std::size_t data) { return problem(R"({"a":)" + entry + "}", data); };
    EXPECT_EQ(one(R"({"dtype":"F32","shape":[2,2],"data_offsets":[0,8]})", 8),
              "it: tensor 'a' of shape 2 × 2 and dtype F32 needs 16 bytes, its data_offsets give 8");
    EXPECT_THAT(one(R"({"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]})", 0),
                HasSubstr("is larger than any file"));
    EXPECT_THAT(one(R"({"dtype":"F32","shape":[-1],"data_offsets":[0,4]})", 4), HasSubstr("no whole number from 0"));
    EXPECT_THAT(one(R"({"dtype":"F32","shape":[1.0],"data_offsets":[0,4]})", 4), HasSubstr("no whole number from 0"));
    EXPECT_THAT(one(R"({"dtype":"F32","shape":[1],"data_offsets":[4,0]})", 4), HasSubstr("no two ascending whole numbers"));
    EXPECT_THAT(one(R"({"dtype":"F32","shape":[1],"data_offsets":[0,18446744073709551615]})", 4), HasSubstr("cut short"));
    EXPECT_THAT(one(R"({"dtype":"F33","shape":[1],"data_offsets":[0,4]})", 4), HasSubstr("has the dtype \"F33\""));
    EXPECT_THAT(one(R"({"dtype":"F32","shape":[1]})", 4), HasSubstr("lacks 'data_offsets'"));
    EXPECT_THAT(one("7", 4), HasSubstr("is no JSON object"));
}

TEST(Safetensors, refusesOverlapsGapsTrailingBytesAndDuplicates)
{
    const auto entry = [](int begin, int end) {
        return fmt::format(R"({{"dtype":"U8","shape":[{}],"data_offsets":[{},{}]}})", end - begin, begin, end);
    };
    EXPECT_EQ(problem(R"({"a":)" + entry(0, 4) + R"(,"b":)" + entry(4, 8) + "}", 8), "fine");
    EXPECT_THAT(problem(R"({"a":)" + entry(0, 5) + R"(,"b":)" + entry(4, 8) + "}", 8),
                HasSubstr("tensor 'b' overlaps the one before it"));
    EXPECT_THAT(problem(R"({"a":)" + entry(0, 3) + R"(,"b":)" + entry(4, 8) + "}", 8),
                HasSubstr("before tensor 'b', belong to no tensor"));
    EXPECT_THAT(problem(R"({"a":)" + entry(0, 4) + "}", 8), HasSubstr("4 bytes after the last tensor belong to none"));
    EXPECT_THAT(problem(R"({"a":)" + entry(0, 4) + R"(,"a":)" + entry(4, 8) + "}", 8), HasSubstr("holds the key 'a' twice"));
    EXPECT_THAT(problem(R"({"a":{"dtype":"U8","shape":[[[[[1]]]]],"data_offsets":[0,1]}})", 1), HasSubstr("nested deeper"));
}

class Folder : public testing_support::TemporaryFolder {
public:
    std::string problem() const
    {
        const auto opened = SafetensorsFolder::open(path());
        return opened ? "fine" : opened.error().message;
    }
};

std::string oneTensor(const std::string& name)
{
    return file(R"({")" + name + R"(":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})", 2);
}

TEST(SafetensorsFolder, putsShardsTogether)
{
    const Folder folder;
    folder.write("model.safetensors.index.json", R"({"weight_map":{"a":"1.safetensors","b":"2.safetensors"}})");
    folder.write("1.safetensors", oneTensor("a"));
    folder.write("2.safetensors", oneTensor("b"));
    const auto weights = SafetensorsFolder::open(folder.path());
    ASSERT_TRUE(weights) << weights.error().message;
    EXPECT_EQ(weights->names(), (std::vector<std::string>{"a", "b"}));
    const MappedTensor b = weights->tensor("b").value();
    EXPECT_EQ(b.bytes.size(), 2u);
    EXPECT_EQ(b.bytes[0], std::byte{0x7f});
    EXPECT_THAT(weights->tensor("c").error().message, HasSubstr("lack the tensor 'c'"));
}

TEST(SafetensorsFolder, refusesShardsThatAreMissingDoubleOrElsewhere)
{
    const Folder folder;
    folder.write("model.safetensors.index.json", R"({"weight_map":{"a":"1.safetensors","b":"2.safetensors"}})");
    folder.write("1.safetensors", oneTensor("a"));
    EXPECT_THAT(folder.problem(), HasSubstr("2.safetensors' does not exist"));
    folder.write("2.safetensors", oneTensor("a"));
    EXPECT_THAT(folder.problem(), HasSubstr("both hold the tensor 'a'"));
    folder.write("model.safetensors.index.json", R"({"weight_map":{"a":"../1.safetensors"}})");
    EXPECT_THAT(folder.problem(), HasSubstr("not the name of a file beside it"));
    folder.write("model.safetensors.index.json", "{}");
    EXPECT_THAT(folder.problem(), HasSubstr("has no object 'weight_map'"));
}

TEST(SafetensorsFolder, saysWhatItFoundInsteadOfWeights)
{
    const Folder empty, pickle, gguf, odd;
    EXPECT_THAT(empty.problem(), HasSubstr("has no weights: expected model.safetensors or model.safetensors.index.json"));
    pickle.write("pytorch_model.bin", "x");
    EXPECT_THAT(pickle.problem(), HasSubstr("has its weights as pickle files (.bin)"));
    gguf.write("x.gguf", "x");
    EXPECT_THAT(gguf.problem(), HasSubstr("has its weights as GGUF"));
    odd.write("x.safetensors", "x");
    EXPECT_THAT(odd.problem(), HasSubstr("but neither model.safetensors nor"));
    odd.write("model.safetensors", "x");
    EXPECT_THAT(odd.problem(), HasSubstr("too short for a safetensors file"));
}

} // namespace
} // namespace winnow
