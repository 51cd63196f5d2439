// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/file_lock.h"
#include "core/io/folder_entries.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <fstream>
#include <string>

namespace winnow {

namespace fs = std::filesystem;

namespace {

/// Of the open file description, so that closing another descriptor of the file does not end it.
bool setLock(int descriptor, short type)
{
    struct flock lock {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    return ::fcntl(descriptor, F_OFD_SETLK, &lock) == 0;
}

/// Whether descriptor `number` of process `process` holds a lock as setLock() takes it.
bool holdsLock(const fs::path& process, const fs::path& number)
{
    std::ifstream facts(process / "fdinfo" / number);
    for (std::string line; std::getline(facts, line);)
        if (line.starts_with("lock:") && line.find("OFDLCK") != std::string::npos)
            return true;
    return false;
}

} // namespace

LockAnswer takeWriterLock(int descriptor)
{
    if (!setLock(descriptor, F_WRLCK))
        return errno == EAGAIN || errno == EACCES ? LockAnswer::Busy : LockAnswer::Unknown;
    // Shared from here on: nobody else can take it to write, but a reader that locks what it reads is not kept out.
    return setLock(descriptor, F_RDLCK) ? LockAnswer::Taken : LockAnswer::Unknown;
}

std::optional<pid_t> lockHolder(const fs::path& path)
{
    struct stat wanted {};
    if (::stat(path.c_str(), &wanted) != 0)
        return std::nullopt;
    for (const fs::path& process : folderEntries("/proc")) {
        const std::string name = process.filename().string();
        pid_t id = 0;
        if (std::from_chars(name.data(), name.data() + name.size(), id).ptr != name.data() + name.size())
            continue;
        for (const fs::path& open : folderEntries(process / "fd")) {
            struct stat found {};
            if (::stat(open.c_str(), &found) == 0 && found.st_dev == wanted.st_dev && found.st_ino == wanted.st_ino &&
                holdsLock(process, open.filename()))
                return id;
        }
    }
    return std::nullopt;
}

} // namespace winnow
