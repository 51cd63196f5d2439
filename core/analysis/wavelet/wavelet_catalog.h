// SPDX-License-Identifier: GPL-3.0-or-later
// What a person can choose from for the wavelet analysis, for lists, tool tips and checks; the views see no more of the room
// `wavelet` than this. Pure, any thread.
#pragma once

#include "core/base/result.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace winnow {

/// How a signal is split into scales. Under Stationary and MaximalOverlap every band is as long as the signal, and moves as the
/// signal moves.
enum class BandTransform {
    Decimated,      ///< "dwt": the discrete transform with a boundary mode, as TreeKV
    Stationary,     ///< "stationary": multiresolution by the stationary transform, of the signal extended by its boundary mode
    MaximalOverlap, ///< "modwt": multiresolution by the maximal-overlap transform, of the signal as a circle
    Continuous,     ///< "cwt": power over scale and position, see scalogram.h
    Packets,        ///< "packets": the best basis of wavelet packets, see packet_bands.h
};

struct TransformInfo {
    BandTransform transform = BandTransform::Decimated;
    std::string_view name, title, summary;
};
std::span<const TransformInfo> transformCatalog();
const TransformInfo& transformInfo(BandTransform transform);
/// The transform of that name, or an error that names the nearest.
Result<BandTransform> findTransform(std::string_view name);

/// A family with its members as people type them: "Daubechies": db1 … db20.
struct WaveletFamily {
    std::string_view title, source; ///< source: a line with the publication
    std::vector<std::string_view> names;
};
/// Haar, Daubechies, symlets, coiflets, biorthogonal, reverse biorthogonal, discrete Meyer.
const std::vector<WaveletFamily>& discreteFamilies();
/// "morlet6", "cmor1.5-1.0", "paul4", "dog2", "mexh", "shan1.5-1.0", "fbsp2-1.0-1.5". Other numbers may be given in place of
/// these.
std::span<const std::string_view> continuousWavelets();
/// The nine boundary modes, named as in PyWavelets.
std::span<const std::string_view> boundaryModes();

struct WaveletFacts {
    std::string name;
    int filterLength = 0, vanishingMoments = 0;
    bool orthogonal = true;
    std::string_view family, symmetry, source; ///< family: its title
};
/// Of a discrete wavelet, or an error that names the nearest.
Result<WaveletFacts> waveletFacts(std::string_view name);

/// The wavelet of either kind whose name is nearest.
std::string_view nearestWavelet(std::string_view name);

/// The deepest level at which at least one coefficient is free of the ends of `length` positions. 0 where there is no such
/// wavelet.
int deepestLevel(std::string_view wavelet, int length);
/// A warning where `levels` are more than deepestLevel, which it names. Such levels are computed all the same.
std::optional<std::string> levelsWarning(std::string_view wavelet, int levels, int length);

/// Of a continuous wavelet.
struct ContinuousFacts {
    std::string name;         ///< with its numbers, as findable: "morlet6"
    double periodOfScale = 1; ///< period in tokens per cycle = scale in tokens × this
    double eFoldingTime = 1;  ///< the cone of influence: an edge reaches scale × this tokens far
    bool real = false;        ///< no phase: power swings with every cycle
    std::string_view source;
};
/// Errors: no such wavelet (the nearest is named), numbers out of range.
Result<ContinuousFacts> continuousFacts(std::string_view name);

} // namespace winnow
