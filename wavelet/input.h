// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "wavelet/boundary.h"
#include "wavelet/wavelet.h"

#include <tl/expected.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// Checks of numbers and names that a user gives; errors are sentences. The transforms of transform.h and multiresolution.h check
/// nothing (a NaN stays in its own signal), so call these functions first. Every function that returns Checked calls them itself.
namespace winnow::wavelet {

/// A value, or one sentence that says what is wrong, where, and what would be right.
template <class T>
using Checked = tl::expected<T, std::string>;

/// Why the signal cannot be transformed: it is empty, or a sample is NaN or infinite (the first one is named, counting from 0).
std::optional<std::string> signalProblem(std::span<const double> signal);

/// A warning for more levels than maxLevel(), which it names: from there on every coefficient feels the boundary. The transforms
/// compute such levels all the same.
std::optional<std::string> levelsWarning(int levels, std::size_t length, const Wavelet& wavelet);

/// The wavelet or boundary of that name, or a sentence with the nearest name.
Checked<Wavelet> requireWavelet(std::string_view name);
Checked<Boundary> requireBoundary(std::string_view name);

} // namespace winnow::wavelet
