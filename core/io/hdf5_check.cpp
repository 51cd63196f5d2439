// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/hdf5_check.h"

#include "core/io/hdf5.h"
#include "core/io/regular_file.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <new>
#include <optional>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace winnow {

namespace {

constexpr const char* kHelper = "winnow-h5check";
constexpr std::size_t kMostRecord = 1 << 16;
constexpr char kSound = 'S', kRefused = 'R', kUnopened = 'U', kEnd = '\n';

/// Beside the running program; nothing where there is none.
std::optional<std::filesystem::path> helperPath()
{
    std::error_code error;
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
    const std::filesystem::path helper = program.parent_path() / kHelper;
    return !error && ::access(helper.c_str(), X_OK) == 0 ? std::optional(helper) : std::nullopt;
}

struct Child {
    pid_t id = 0;
    FileDescriptor out{-1}; ///< what it prints
};

/// Starts the helper in a process group of its own, with no file of this process, silent on standard error.
std::optional<Child> start(const std::filesystem::path& helper, const std::filesystem::path& file)
{
    const Hdf5Lock lock; // the child holds every file of this process until it runs the helper: none may be closed meanwhile
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return std::nullopt;
    Child child{0, FileDescriptor(ends[0])};
    const FileDescriptor in(ends[1]);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return std::nullopt;
    if (posix_spawnattr_init(&attributes) != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return std::nullopt;
    }
    posix_spawn_file_actions_adddup2(&actions, in.get(), STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    std::string name = kHelper, argument = file.string();
    char* const arguments[] = {name.data(), argument.data(), nullptr};
    const int failed = posix_spawn(&child.id, helper.c_str(), &actions, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failed == 0 ? std::optional(std::move(child)) : std::nullopt;
}

/// All that the child prints until it ends; nothing when time is over.
std::optional<std::string> listen(int descriptor)
{
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(kCheckSeconds);
    std::string text;
    std::array<char, 4096> block;
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
        if (left <= 0)
            return std::nullopt;
        pollfd ready{descriptor, POLLIN, 0};
        if (::poll(&ready, 1, static_cast<int>(left)) <= 0)
            continue; // interrupted, or time is over
        const ssize_t got = ::read(descriptor, block.data(), block.size());
        if (got == 0 || (got < 0 && errno != EINTR))
            return text;
        if (got > 0 && text.size() < kMostRecord)
            text.append(block.data(), static_cast<std::size_t>(got));
    }
}

void warnOnce(const char* why)
{
    static const bool told = [why] {
        std::fprintf(stderr, "winnow: %s %s; HDF5 files are read without it, and a damaged one can end this program\n", kHelper,
                     why);
        return true;
    }();
    static_cast<void>(told);
}

} // namespace

std::string hdf5Record(const std::filesystem::path& path)
{
    const auto refused = [](const std::string& why) { return kRefused + why.substr(0, kMostRecord / 2) + kEnd; };
    try {
        auto file = Hdf5File::openUnwalked(path);
        if (!file)
            return {kUnopened, kEnd};
        if (const auto walked = file->walk(); !walked)
            return refused(walked.error().message);
        if (const auto closed = file->close(); !closed)
            return refused(closed.error().message);
        H5close();
        return {kSound, kEnd};
    } catch (const std::bad_alloc&) {
        return refused(fmt::format("'{}' is damaged: its objects claim more memory than {} bytes", path.string(), kCheckBytes));
    }
}

Hdf5Check takeHdf5Record(std::string_view record)
{
    if (record.size() < 2 || record.back() != kEnd)
        return {};
    switch (record.front()) {
    case kSound:
        return {Hdf5Check::Found::Sound, ""};
    case kRefused:
        return {Hdf5Check::Found::Refused, std::string(record.substr(1, record.size() - 2))};
    case kUnopened:
        return {Hdf5Check::Found::Unopened, ""};
    default:
        return {};
    }
}

Hdf5Check checkHdf5InChild(const std::filesystem::path& path)
{
    const auto helper = helperPath();
    if (!helper) {
        warnOnce("does not lie beside the program");
        return {};
    }
    const auto child = start(*helper, path);
    if (!child) {
        warnOnce("cannot be started");
        return {};
    }
    const auto record = listen(child->out.get());
    if (!record)
        ::kill(child->id, SIGKILL);
    int status = 0;
    pid_t ended = 0;
    while ((ended = ::waitpid(child->id, &status, 0)) < 0 && errno == EINTR) {
    }
    const auto damaged = [&](const std::string& why) {
        return Hdf5Check{Hdf5Check::Found::Refused,
                         fmt::format("'{}' is damaged: {}; copy or record it again", path.string(), why)};
    };
    if (!record || (ended > 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU))
        return damaged("a walk through its objects and attributes does not end");
    Hdf5Check check = takeHdf5Record(*record);
    if (check.found != Hdf5Check::Found::Unchecked)
        return check;
    if (ended > 0 && WIFEXITED(status)) { // before it came to the file: a library is missing, for instance
        warnOnce("does not run");
        return {};
    }
    if (ended > 0 && (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGTERM))
        return {Hdf5Check::Found::Refused,
                fmt::format("'{}' is not opened: something ended the process that checks it; try again", path.string())};
    return damaged("the HDF5 library crashes over its objects or attributes");
}

} // namespace winnow
