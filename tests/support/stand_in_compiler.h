// SPDX-License-Identifier: GPL-3.0-or-later
// A made-up NVRTC 12.4, which knows sm_80 and sm_90. What it makes of a text is the text.
#pragma once

#include "core/device/nvrtc.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace winnow::testing_support {

inline NvrtcCalls standInCalls()
{
    static constexpr std::array kKnown{80, 90};
    static constexpr auto text = [](void* program) -> std::string& { return *static_cast<std::string*>(program); };
    NvrtcCalls calls;
    calls.version = [](int* major, int* minor) { return *major = 12, *minor = 4, 0; };
    calls.errorText = [](int) { return "made up"; };
    calls.architectureCount = [](int* count) { return *count = static_cast<int>(kKnown.size()), 0; };
    calls.architectures = [](int* list) { return std::ranges::copy(kKnown, list), 0; };
    calls.create = [](void** program, const char* source, const char*, int, const char* const*, const char* const*) {
        return *program = new std::string(source), 0;
    };
    calls.destroy = [](void** program) { return delete &text(*program), 0; };
    calls.compile = [](void*, int, const char* const*) { return 0; };
    calls.logSize = [](void*, std::size_t* size) { return *size = 0, 0; };
    calls.log = [](void*, char*) { return 0; };
    calls.cubinSize = [](void* program, std::size_t* size) { return *size = text(program).size() + 1, 0; };
    calls.cubin = [](void* program, char* to) { return std::memcpy(to, text(program).c_str(), text(program).size() + 1), 0; };
    return calls;
}
inline Nvrtc standInCompiler() { return Nvrtc(standInCalls()); }

} // namespace winnow::testing_support
