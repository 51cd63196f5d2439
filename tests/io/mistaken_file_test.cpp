// SPDX-License-Identifier: GPL-3.0-or-later
// What stands under the name of a model's file by mistake is told as such, whatever that name is.
#include "core/io/mistaken_file.h"

#include "core/io/gguf.h"
#include "core/io/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace winnow {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const std::string kPointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1\n";

TEST(MistakenFile, isToldByItsBeginning)
{
    EXPECT_THAT(mistakenFor(kPointer), StartsWith("is a Git LFS pointer"));
    for (const char* page : {"<!DOCTYPE html>", "<html lang=en>", "\n <HEAD>", "\xEF\xBB\xBF <!doctype html>"})
        EXPECT_THAT(mistakenFor(page), StartsWith("is an HTML page")) << page;
    EXPECT_THAT(mistakenFor("<?xml version='1.0'?><Error>"), StartsWith("is an XML page"));
    for (const char* pickle : {"PK\x03\x04 archive/data.pkl", "\x80\x02}q", "\x80\x04\x95"})
        EXPECT_THAT(mistakenFor(pickle), StartsWith("is a pickle")) << pickle;
    for (const char* packed : {"\x1f\x8b\x08", "\x28\xb5\x2f\xfd$",
                               "\xfd"
                               "7zXZ",
                               "BZh9"})
        EXPECT_EQ(mistakenFor(packed), "is compressed; unpack it") << packed;
    EXPECT_EQ(mistakenFor("config.json" + std::string(246, '\0') + "ustar"), "is an archive; unpack it");
    EXPECT_EQ(mistakenFor("{\"a\": \"" + std::string(250, 'a') + "ustar\"}"), "") << "text that has those letters there";
    EXPECT_EQ(mistakenFor("PK\x03\x04 data/qasper.jsonl"), "is an archive; unpack it");
    for (const char* wide : {"\xff\xfe{", "\xfe\xff"})
        EXPECT_EQ(mistakenFor(wide), "is text in UTF-16; save it as UTF-8");
    EXPECT_THAT(mistakenFor("PAR1\x15"), StartsWith("is a Parquet file; in Python, pandas.read_parquet("));
    EXPECT_THAT(mistakenFor("GGUF\x03"), StartsWith("is a GGUF file"));
    EXPECT_THAT(mistakenFor("\x89HDF\r\n\x1a\n"), StartsWith("is an HDF5 file"));
    for (const char* none :
         {"", "{}", "[1]", " {\"a\": \"<html>\"}", "{{ '<html>' }}", "\n\x07<unk>", "\x80", "version 1", "true"})
        EXPECT_EQ(mistakenFor(none), "") << none;
}

TEST(MistakenFile, isToldToReadersOfJsonAndGguf)
{
    EXPECT_THAT(parseJson(kPointer, "it").error().message, StartsWith("it is a Git LFS pointer"));
    EXPECT_THAT(parseJson("<html>sign in</html>", "it").error().message, StartsWith("it is an HTML page"));
    EXPECT_THAT(parseJson("\xEF\xBB\xBF{}", "it").error().message, HasSubstr("byte order mark"));
    const auto gguf = [](const std::string& bytes) {
        return parseGguf(std::as_bytes(std::span(bytes.data(), bytes.size())), "it").error().message;
    };
    EXPECT_THAT(gguf(kPointer), StartsWith("it is a Git LFS pointer"));
    EXPECT_THAT(gguf("<html>sign in</html>"), StartsWith("it is an HTML page"));
    EXPECT_THAT(gguf("PK\x03\x04 archive/data.pkl"), StartsWith("it is a pickle"));
    EXPECT_THAT(gguf(std::string("\x02\0\0\0\0\0\0\0{}", 10)), StartsWith("it is a safetensors file; give it the ending"));
    EXPECT_THAT(gguf("other bytes"), HasSubstr("does not begin with 'GGUF'"));
}

} // namespace
} // namespace winnow
