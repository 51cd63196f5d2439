// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/library_error.h"

#include <algorithm>
#include <cstdlib>
#include <initializer_list>

namespace winnow {

Error libraryError(std::string_view doing, std::string_view said)
{
    const auto says = [&](std::initializer_list<std::string_view> words) {
        return std::any_of(words.begin(), words.end(),
                           [&](std::string_view word) { return said.find(word) != std::string_view::npos; });
    };
    if (says({"alloc_cpu", "enough memory", "allocate memory", "out of memory", "bad_alloc", "ALLOC_FAILED", "_M_default_append",
              "_M_create", "could not create a"})) // an engine, a primitive: oneDNN
        return {ErrorCode::OutOfMemory,
                fmt::format("memory ran out during {}; choose fewer tokens, layers or policies at a time", doing)};
    if (says({"CUDA", "cuda", "CUBLAS", "cuDNN", "nvrtc", "NVRTC"}))
        return {ErrorCode::Io, fmt::format("the GPU failed during {}; try again, or with --device cpu", doing)};
    if (says({"linalg", "converge", "singular"}))
        return {
            ErrorCode::BadInput,
            fmt::format("{} met a matrix that cannot be decomposed; its numbers are not finite, too large, or all alike: check "
                        "the recording, or the model's weights",
                        doing)};
    if (says({"reduction dim", "no elements", "non-empty", "non-zero size", "selected index k out of range"}))
        return {
            ErrorCode::BadInput,
            fmt::format("{} has nothing to choose from: the text is too short for it; take a longer text, a smaller window or "
                        "budget",
                        doing)};
    if (const char* details = std::getenv("WINNOW_DETAILS"); details != nullptr && *details != '\0')
        return {ErrorCode::Io, fmt::format("{} failed in a way that Winnow has no sentence for; please report this: {}", doing,
                                           said.substr(0, said.find('\n')))};
    return {
        ErrorCode::Io,
        fmt::format("{} failed in a way that Winnow has no sentence for; please report it, with what WINNOW_DETAILS=1 adds to "
                    "this",
                    doing)};
}

} // namespace winnow
