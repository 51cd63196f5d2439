// SPDX-License-Identifier: GPL-3.0-or-later
// The number types that a model runs in.
#pragma once

#include <string_view>

namespace winnow {

enum class Dtype { Float32, BFloat16, Float16 };

/// "float32", "bfloat16", "float16": as config.json, the command line and the manifest of a trace say it.
constexpr std::string_view dtypeName(Dtype dtype)
{
    return dtype == Dtype::Float32 ? "float32" : dtype == Dtype::BFloat16 ? "bfloat16" : "float16";
}

/// Of one number.
constexpr int dtypeBytes(Dtype dtype) { return dtype == Dtype::Float32 ? 4 : 2; }

} // namespace winnow
