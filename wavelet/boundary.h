// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace winnow::wavelet {

/// What is assumed beyond the ends of a signal x of length n. Names and meaning are those of PyWavelets. A signal shorter than
/// the filter is extended from its own extension. Where there is no second sample, Smooth, Reflect and Antireflect repeat the
/// only one (PyWavelets refuses the latter two).
enum class Boundary {
    Zero,          // … 0 0 | x0 x1 … | 0 0 …
    Constant,      // the first and last sample repeated
    Symmetric,     // … x1 x0 | x0 x1 …: mirrored, the edge sample twice
    Reflect,       // … x2 x1 | x0 x1 …: mirrored, the edge sample once
    Periodic,      // … x(n-2) x(n-1) | x0 x1 …
    Smooth,        // the straight line through the two samples nearest to the edge
    Antisymmetric, // mirrored as Symmetric with the sign changed
    Antireflect,   // mirrored as Reflect through the point of the edge sample
    Periodization, // periodic with as few coefficients as possible; an odd signal first gets its last sample once more
};

/// "zero", "constant", "symmetric", "reflect", "periodic", "smooth", "antisymmetric", "antireflect", "periodization".
std::string_view boundaryName(Boundary boundary);
std::optional<Boundary> findBoundary(std::string_view name);

/// Every name, in the order of the enumerators.
std::span<const std::string_view> boundaryNames();

/// The known name with the fewest edits from `name`.
std::string_view nearestBoundaryName(std::string_view name);

} // namespace winnow::wavelet
