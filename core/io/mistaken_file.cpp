// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/mistaken_file.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace winnow {
namespace {

using namespace std::string_view_literals;

using Mark = std::pair<std::string_view, std::string_view>;

constexpr std::string_view kCompressed = "is compressed; unpack it";
constexpr std::string_view kWide = "is text in UTF-16; save it as UTF-8";
constexpr std::string_view kArchive = "is an archive; unpack it";
constexpr std::string_view kPickle =
    "is a pickle (PyTorch's old format), which can run code when it is opened and is not read; in Python, save the model with "
    "save_pretrained(…), which writes safetensors";
constexpr std::string_view kPage =
    "is an HTML page, what a server answers instead of a file; fetch it again, signed in if the model asks for that";

/// First bytes, as they are.
constexpr std::array<Mark, 10> kMarks{
    {{"\x1f\x8b"sv, kCompressed},
     {"\x28\xb5\x2f\xfd"sv, kCompressed},
     {"\xfd"
      "7zXZ"sv,
      kCompressed},
     {"BZh"sv, kCompressed},
     {"7z\xbc\xaf"sv, kArchive},
     {"\xff\xfe"sv, kWide},
     {"\xfe\xff"sv, kWide},
     {"PAR1"sv,
      "is a Parquet file; in Python, pandas.read_parquet(…).to_json(…, orient='records', lines=True) writes it as lines of JSON"},
     {"GGUF"sv, "is a GGUF file; give it the ending .gguf"},
     {"\x89HDF\r\n"sv, "is an HDF5 file, which is not read here; of a model, fetch the safetensors"}}};

/// First words of a page, in lower case, after white space.
constexpr std::array<Mark, 4> kWords{
    {{"<!doctype"sv, kPage},
     {"<html"sv, kPage},
     {"<head"sv, kPage},
     {"<?xml"sv, "is an XML page, what a server answers instead of a file; fetch it again, signed in if "
                 "the model asks for that"}}};

constexpr std::size_t kTarMark = 257; // where "ustar" stands, behind fields that are filled up with zeros

std::string_view startsWithOneOf(std::string_view text, auto& marks)
{
    const auto found = std::ranges::find_if(marks, [&](const Mark& mark) { return text.starts_with(mark.first); });
    return found == marks.end() ? std::string_view() : found->second;
}

} // namespace

std::string_view mistakenFor(std::string_view file)
{
    std::string start(file.substr(0, 512));
    if (const std::string_view mark = startsWithOneOf(start, kMarks); !mark.empty())
        return mark;
    if (start.starts_with("PK\x03\x04"))
        return start.find("data.pkl") != std::string::npos ? kPickle : kArchive; // the former stands first in PyTorch's
    if (start.size() > 1 && start[0] == '\x80' && start[1] >= 2 && start[1] <= 5)
        return kPickle;
    if (start.size() > kTarMark && std::string_view(start).substr(kTarMark).starts_with("ustar") && start.find('\0') < kTarMark)
        return kArchive;
    std::ranges::transform(start, start.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    std::string_view text = start;
    if (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3);
    if (text.starts_with("version https://git-lfs.github.com/spec/"))
        return "is a Git LFS pointer, a note of where the file lies; fetch the file itself with 'git lfs pull'";
    return startsWithOneOf(text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size())), kWords);
}

} // namespace winnow
