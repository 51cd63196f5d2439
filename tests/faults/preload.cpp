// SPDX-License-Identifier: GPL-3.0-or-later
// A library that is loaded before the program (LD_PRELOAD) and makes the n-th of something fail, counted from the start of main:
//   WINNOW_FAIL_NEW=n    the n-th operator new has no memory
//   WINNOW_FAIL_WRITE=n  the n-th change of a file (write, rename, link, truncate, push to the disk) finds the disk full
//   WINNOW_KILL_WRITE=n  the n-th change of a file never happens: the program is killed before it
//   WINNOW_KILL_BARRIER=r  rank r of an MPI job is killed when it waits for the others in the end (MPI_Ibarrier)
//   WINNOW_COUNTS=FILE   at the end, how many there were of both, and how many allocations nobody gave back
// Only regular files count: pipes and terminals are the test's own. C libraries that call malloc themselves are left alone.
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string_view>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

std::atomic<bool> counting{false};
std::atomic<std::int64_t> allocations{0}, changes{0}, living{0};
std::int64_t failNew = 0, failWrite = 0, killWrite = 0;

std::int64_t asked(const char* name)
{
    const char* text = getenv(name);
    return text ? atoll(text) : 0;
}

void* allocated(std::size_t size, std::size_t alignment)
{
    if (counting && ++allocations == failNew)
        return nullptr;
    void* place =
        alignment == 0 ? malloc(size == 0 ? 1 : size) : aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
    if (place)
        ++living;
    return place;
}

void* allocatedOrThrow(std::size_t size, std::size_t alignment = 0)
{
    void* place = allocated(size, alignment);
    return place ? place : throw std::bad_alloc();
}

void given(void* place)
{
    if (place)
        --living;
    free(place);
}

/// Whether this change of a file fails; errno says why.
bool failsNow()
{
    if (!counting)
        return false;
    const std::int64_t number = ++changes;
    if (number == killWrite)
        raise(SIGKILL);
    if (number != failWrite)
        return false;
    errno = ENOSPC;
    return true;
}

bool isFile(int descriptor)
{
    struct stat state {};
    return fstat(descriptor, &state) == 0 && S_ISREG(state.st_mode);
}

template <class Function>
Function* real(const char* name)
{
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

int (*realMain)(int, char**, char**) = nullptr;

} // namespace

/// What a forked process of a test calls, as the start and the end of main do.
extern "C" void winnowFaultsBegin()
{
    failNew = asked("WINNOW_FAIL_NEW");
    failWrite = asked("WINNOW_FAIL_WRITE");
    killWrite = asked("WINNOW_KILL_WRITE");
    allocations = changes = living = 0;
    counting = true;
}

extern "C" void winnowFaultsEnd()
{
    counting = false;
    if (const char* path = getenv("WINNOW_COUNTS"))
        if (FILE* file = fopen(path, "w")) {
            fprintf(file, "%lld %lld %lld\n", static_cast<long long>(allocations), static_cast<long long>(changes),
                    static_cast<long long>(living));
            fclose(file);
        }
}

/// In place of MPI's own, whose two arguments are a pointer or a number each.
extern "C" int MPI_Ibarrier(void* ranks, void* request)
{
    const char* const killed = getenv("WINNOW_KILL_BARRIER");
    const char* const rank = getenv("OMPI_COMM_WORLD_RANK");
    if (killed && rank && std::string_view(killed) == rank)
        raise(SIGKILL);
    static const auto wait = real<int(void*, void*)>("MPI_Ibarrier");
    return wait(ranks, request);
}

namespace {

int countedMain(int count, char** words, char** environment)
{
    if (std::string_view(words[0]).ends_with("/winnow-h5check")) // the program's child is let be
        return realMain(count, words, environment);
    winnowFaultsBegin();
    const int code = realMain(count, words, environment);
    winnowFaultsEnd();
    return code;
}

} // namespace

void* operator new(std::size_t size) { return allocatedOrThrow(size); }
void* operator new[](std::size_t size) { return allocatedOrThrow(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocated(size, 0); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return allocated(size, 0); }
void* operator new(std::size_t size, std::align_val_t alignment) { return allocatedOrThrow(size, std::size_t(alignment)); }
void* operator new[](std::size_t size, std::align_val_t alignment) { return allocatedOrThrow(size, std::size_t(alignment)); }
void operator delete(void* place) noexcept { given(place); }
void operator delete[](void* place) noexcept { given(place); }
void operator delete(void* place, std::size_t) noexcept { given(place); }
void operator delete[](void* place, std::size_t) noexcept { given(place); }
void operator delete(void* place, const std::nothrow_t&) noexcept { given(place); }
void operator delete[](void* place, const std::nothrow_t&) noexcept { given(place); }
void operator delete(void* place, std::align_val_t) noexcept { given(place); }
void operator delete[](void* place, std::align_val_t) noexcept { given(place); }
void operator delete(void* place, std::size_t, std::align_val_t) noexcept { given(place); }
void operator delete[](void* place, std::size_t, std::align_val_t) noexcept { given(place); }

extern "C" {

ssize_t write(int descriptor, const void* bytes, size_t count)
{
    static auto* const next = real<ssize_t(int, const void*, size_t)>("write");
    return isFile(descriptor) && failsNow() ? -1 : next(descriptor, bytes, count);
}

ssize_t pwrite(int descriptor, const void* bytes, size_t count, off_t offset)
{
    static auto* const next = real<ssize_t(int, const void*, size_t, off_t)>("pwrite");
    return isFile(descriptor) && failsNow() ? -1 : next(descriptor, bytes, count, offset);
}

ssize_t pwrite64(int descriptor, const void* bytes, size_t count, off64_t offset)
{
    static auto* const next = real<ssize_t(int, const void*, size_t, off64_t)>("pwrite64");
    return isFile(descriptor) && failsNow() ? -1 : next(descriptor, bytes, count, offset);
}

ssize_t writev(int descriptor, const iovec* parts, int count)
{
    static auto* const next = real<ssize_t(int, const iovec*, int)>("writev");
    return isFile(descriptor) && failsNow() ? -1 : next(descriptor, parts, count);
}

int ftruncate(int descriptor, off_t size) noexcept
{
    static auto* const next = real<int(int, off_t)>("ftruncate");
    return failsNow() ? -1 : next(descriptor, size);
}

int ftruncate64(int descriptor, off64_t size) noexcept
{
    static auto* const next = real<int(int, off64_t)>("ftruncate64");
    return failsNow() ? -1 : next(descriptor, size);
}

int fsync(int descriptor)
{
    static auto* const next = real<int(int)>("fsync");
    return failsNow() ? -1 : next(descriptor);
}

int rename(const char* from, const char* to) noexcept
{
    static auto* const next = real<int(const char*, const char*)>("rename");
    return failsNow() ? -1 : next(from, to);
}

int link(const char* from, const char* to) noexcept
{
    static auto* const next = real<int(const char*, const char*)>("link");
    return failsNow() ? -1 : next(from, to);
}

int __libc_start_main(int (*main)(int, char**, char**), int count, char** words, void (*begin)(), void (*end)(),
                      void (*loaderEnd)(), void* stackEnd)
{
    static auto* const next =
        real<int(int (*)(int, char**, char**), int, char**, void (*)(), void (*)(), void (*)(), void*)>("__libc_start_main");
    realMain = main;
    return next(countedMain, count, words, begin, end, loaderEnd, stackEnd);
}

} // extern "C"
