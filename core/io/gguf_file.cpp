// SPDX-License-Identifier: GPL-3.0-or-later
// The file side of gguf.h: one file, or the parts that llama.cpp's gguf-split made of it.
#include "core/io/gguf.h"

#include <charconv>

namespace winnow {
namespace {

constexpr std::string_view kExtension = ".gguf", kOf = "-of-";
constexpr std::size_t kDigits = 5;

std::optional<int> number(std::string_view digits)
{
    int value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc() && end == digits.data() + digits.size() && value > 0 ? std::optional(value) : std::nullopt;
}

/// 1 where the file does not say that it is a part.
std::int64_t partCount(const GgufTable& table)
{
    const auto* count = table.get<std::int64_t>("split.count");
    return count == nullptr || *count < 1 ? 1 : *count;
}

} // namespace

std::optional<GgufPartName> ggufPartName(const std::filesystem::path& path)
{
    const std::string name = path.filename().string();
    constexpr std::size_t kTail = 1 + kDigits + kOf.size() + kDigits + kExtension.size();
    if (name.size() <= kTail || !name.ends_with(kExtension))
        return std::nullopt;
    const std::size_t dash = name.size() - kTail;
    const std::string_view tail = std::string_view(name).substr(dash);
    if (tail.front() != '-' || tail.substr(1 + kDigits, kOf.size()) != kOf)
        return std::nullopt;
    const auto which = number(tail.substr(1, kDigits)), count = number(tail.substr(1 + kDigits + kOf.size(), kDigits));
    if (!which || !count || *which > *count)
        return std::nullopt;
    return GgufPartName{.stem = name.substr(0, dash), .number = *which, .count = *count};
}

std::filesystem::path ggufPart(const std::filesystem::path& path, const GgufPartName& name, int number)
{
    return path.parent_path() / fmt::format("{}-{:05d}-of-{:05d}.gguf", name.stem, number, name.count);
}

Result<void> GgufFile::add(const std::filesystem::path& path, std::int64_t count)
{
    const std::size_t part = m_files.size();
    const std::string where = fmt::format("'{}'", path.string());
    std::error_code ignored;
    if (count > 1 && !std::filesystem::exists(path, ignored))
        return fail(ErrorCode::NotFound, "{} is missing: the model is split into {} parts, which must lie in one folder", where,
                    count);
    WINNOW_TRY(MappedFile mapped, MappedFile::open(path));
    WINNOW_TRY(GgufTable table, parseGguf(mapped.bytes(), where));
    const auto* no = table.get<std::int64_t>("split.no");
    if (count > 1 && (partCount(table) != count || (no == nullptr ? 0 : *no) != static_cast<std::int64_t>(part)))
        return fail(
            ErrorCode::BadInput,
            "{} says that it is part {} of {}, where part {} of {} was expected: parts of different models are mixed, or were "
            "renamed; fetch them again",
            where, (no == nullptr ? 0 : *no) + 1, partCount(table), part + 1, count);
    for (auto& [name, entry] : table.tensors) {
        entry.part = part;
        if (part > 0 && !m_table.tensors.emplace(name, entry).second)
            return fail(ErrorCode::BadInput,
                        "{} has the tensor '{}', which an earlier part has too: they are parts of different models", where,
                        name.substr(0, 80));
    }
    if (part == 0)
        m_table = std::move(table);
    m_files.push_back(std::move(mapped));
    m_paths.push_back(path);
    return {};
}

Result<std::shared_ptr<const GgufFile>> GgufFile::open(const std::filesystem::path& path)
{
    const std::shared_ptr<GgufFile> file(new GgufFile);
    const auto named = ggufPartName(path);
    if (!named || named->count == 1) {
        WINNOW_TRY_VOID(file->add(path, 1));
        if (const std::int64_t count = partCount(file->m_table); count > 1)
            return fail(ErrorCode::BadInput,
                        "'{}' is one of {} parts of a model, but is not called so: give them back their names, which end in "
                        "'-00001-of-{:05d}.gguf' and so on",
                        path.string(), count, count);
        return file;
    }
    WINNOW_TRY_VOID(file->add(ggufPart(path, *named, 1), named->count));
    for (int number = 2; number <= named->count; ++number)
        WINNOW_TRY_VOID(file->add(ggufPart(path, *named, number), named->count));
    if (const auto* tensors = file->m_table.get<std::int64_t>("split.tensors.count");
        tensors != nullptr && *tensors != static_cast<std::int64_t>(file->m_table.tensors.size()))
        return fail(ErrorCode::BadInput,
                    "the {} parts of '{}' hold {} tensors together, where {} were expected: fetch them again", named->count,
                    path.string(), file->m_table.tensors.size(), *tensors);
    return file;
}

} // namespace winnow
