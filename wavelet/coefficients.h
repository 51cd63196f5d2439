// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "wavelet/transform.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

/// Operations on the coefficients of a transform: thresholds, noise removal and energies. All functions are pure and safe from
/// any thread.
namespace winnow::wavelet {

enum class Shrinkage {
    Hard,    // |c| < t becomes 0, the rest stays
    Soft,    // sign(c) max(|c| - t, 0)
    Garrote, // c - t^2 / c where |c| > t, else 0 (H.-Y. Gao, J. Comp. Graph. Stat. 7, 1998)
};

/// "hard", "soft", "garrote".
std::string_view shrinkageName(Shrinkage shrinkage);
std::optional<Shrinkage> findShrinkage(std::string_view name);

/// In place, as PyWavelets' threshold. threshold >= 0.
void shrink(std::span<double> coefficients, double threshold, Shrinkage shrinkage);

/// The standard deviation of white noise from the finest details: median(|d|) / Phi^-1(3/4). 0 without coefficients.
double noiseLevel(std::span<const double> finestDetail);

/// noise sqrt(2 ln length), below which almost all coefficients of such noise lie (D. Donoho, I. Johnstone, Biometrika 81, 1994).
double universalThreshold(double noise, std::size_t length);

/// The signal without its noise: the details of its decomposition shrunk by the universal threshold.
std::vector<double> denoise(std::span<const double> signal, const Wavelet& wavelet, Boundary boundary, int levels,
                            Shrinkage shrinkage = Shrinkage::Soft);

/// Where the energy of a signal went, in the units of its samples squared; bands finest first, approximation last.
struct EnergyReport {
    std::vector<double> energies;     // [levels + 1] sums of the squared coefficients
    std::vector<double> edgeEnergies; // [levels + 1] the part of them in coefficients that feel the boundary
    std::vector<Edges> edges;         // [levels + 1] how many such coefficients a band begins and ends with
    double signal = 0.0;              // of the signal
    double leakage = 0.0;             // sum of energies minus signal

    /// Whether the energies must add up to the signal's, so that a leakage is rounding: an orthogonal wavelet, Periodization and
    /// a length that 2^levels divides.
    bool exact = false;
};

/// `decomposition` is wavedec(signal, wavelet, boundary, levels).
EnergyReport energyReport(std::span<const double> signal, const Decomposition& decomposition, const Wavelet& wavelet,
                          Boundary boundary);

} // namespace winnow::wavelet
