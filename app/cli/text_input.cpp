// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/text_input.h"

#include "core/io/disk.h"
#include "core/io/file_lock.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace winnow::cli {

namespace {

constexpr std::string_view kWanted = "give a UTF-8 text file, or - for standard input";

/// Text can come from there: a file, a pipe, a socket or a terminal.
Result<void> checkSource(int descriptor, const std::string& name)
{
    struct stat status {};
    if (::fstat(descriptor, &status) != 0)
        return fail(ErrorCode::Io, "{} cannot be read: {}", name, std::strerror(errno));
    if (S_ISDIR(status.st_mode))
        return fail(ErrorCode::BadInput, "{} is a folder; {}", name, kWanted);
    if (S_ISBLK(status.st_mode) || (S_ISCHR(status.st_mode) && ::isatty(descriptor) == 0))
        return fail(ErrorCode::BadInput, "{} is a device and no text; {}", name, kWanted);
    return {};
}

/// Without the bytes at its end that begin a character and do not finish it.
void cutToCharacter(std::string& text)
{
    std::size_t end = text.size();
    for (int back = 0; back < 3 && end > 0 && (static_cast<unsigned char>(text[end - 1]) & 0xC0U) == 0x80; ++back)
        --end;
    if (end == 0)
        return;
    const auto lead = static_cast<unsigned char>(text[end - 1]);
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (end - 1 + length > text.size())
        text.resize(end - 1);
}

} // namespace

TextLimits limitsFor(int tokens)
{
    constexpr std::uint64_t kLeast = std::uint64_t{16} << 20, kBytesPerToken = 1024;
    TextLimits limits;
    if (tokens > 0)
        limits.enough = std::min(limits.most, std::max(kLeast, static_cast<std::uint64_t>(tokens) * kBytesPerToken));
    return limits;
}

Result<std::string> readText(const std::string& pathOrDash, const TextLimits& limits, const JobContext& job)
{
    const bool standard = pathOrDash == "-";
    const std::string name = standard ? "standard input" : fmt::format("text '{}'", pathOrDash);
    FileDescriptor file;
    if (!standard) {
        file = FileDescriptor(::open(pathOrDash.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)); // a FIFO is waited for below
        if (!file && (errno == ENOENT || errno == ENOTDIR))
            return fail(ErrorCode::NotFound, "{} does not exist; {}", name, kWanted);
        if (!file)
            return fail(ErrorCode::Io, "{} cannot be read: {}", name, std::strerror(errno));
    }
    const int source = standard ? STDIN_FILENO : file.get();
    WINNOW_TRY_VOID(checkSource(source, name));

    constexpr std::size_t kBlock = 1 << 20;
    std::string text;
    for (;;) {
        WINNOW_TRY_VOID(job.check("reading the text"));
        pollfd ready{source, POLLIN, 0};
        if (::poll(&ready, 1, 100) <= 0)
            continue;
        const std::size_t before = text.size();
        text.resize(before + kBlock);
        const ssize_t got = ::read(source, text.data() + before, kBlock);
        const int why = errno;
        text.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (got < 0 && why != EAGAIN && why != EINTR)
            return fail(ErrorCode::Io, "{} cannot be read: {}", name, std::strerror(why));
        if (got == 0)
            return text;
        if (limits.enough > 0 && text.size() >= limits.enough) {
            text.resize(limits.enough);
            cutToCharacter(text);
            return text;
        }
        if (text.size() > limits.most)
            return fail(ErrorCode::BadInput, "{} has no end, or more than the {} that are read at once; give a shorter one", name,
                        sizeText(limits.most));
    }
}

} // namespace winnow::cli
