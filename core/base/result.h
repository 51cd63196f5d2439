// SPDX-License-Identifier: GPL-3.0-or-later
// Errors of the outside world, as values. Programming errors are contract checks (base/check.h).
#pragma once

#include <fmt/format.h>
#include <tl/expected.hpp>

#include <string>
#include <utility>

namespace winnow {

enum class ErrorCode {
    BadInput,    ///< a file, text or option holds something it may not hold
    NotFound,    ///< a file, device, policy or key that was named does not exist
    NoSpace,     ///< the disk cannot take what is to be written
    OutOfMemory, ///< host or device memory ran out
    Io,          ///< reading or writing failed
    Usage,       ///< the command line or a policy line cannot be understood
    Cancelled,   ///< the user stopped the work; never shown as an error
};

/// One sentence that a person can act on: what, where, expected, found, what to do.
struct Error {
    ErrorCode code = ErrorCode::BadInput;
    std::string message;
};

template <class T>
using Result = tl::expected<T, Error>;

/// `return fail(ErrorCode::BadInput, "'{}' ends after {} bytes, …", path, size);`
template <class... Args>
tl::unexpected<Error> fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args)
{
    return tl::unexpected<Error>(Error{code, fmt::format(format, std::forward<Args>(args)...)});
}

inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

} // namespace winnow

#define WINNOW_CONCAT_INNER(a, b) a##b
#define WINNOW_CONCAT(a, b) WINNOW_CONCAT_INNER(a, b)
#define WINNOW_TRY_INNER(result, declaration, ...)                                                                               \
    auto&& result = (__VA_ARGS__);                                                                                               \
    if (!result)                                                                                                                 \
        return ::winnow::fail(std::forward<decltype(result)>(result).error());                                                   \
    declaration = *std::forward<decltype(result)>(result)

/// `WINNOW_TRY(auto file, MappedFile::open(path));` binds the value or returns the error. A result that has a name keeps what it
/// holds: `WINNOW_TRY(auto file, opened);` copies, and `WINNOW_TRY(auto file, std::move(opened));` moves.
#define WINNOW_TRY(declaration, ...) WINNOW_TRY_INNER(WINNOW_CONCAT(winnowResult, __LINE__), declaration, __VA_ARGS__)

/// `WINNOW_TRY_VOID(writer.flush());` returns the error, if any.
#define WINNOW_TRY_VOID(...)                                                                                                     \
    do {                                                                                                                         \
        if (auto&& winnowVoid = (__VA_ARGS__); !winnowVoid)                                                                      \
            return ::winnow::fail(std::forward<decltype(winnowVoid)>(winnowVoid).error());                                       \
    } while (false)
