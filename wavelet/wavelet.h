// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace winnow::wavelet {

enum class Family { Haar, Daubechies, Symlet, Coiflet, Biorthogonal, ReverseBiorthogonal, DiscreteMeyer };

enum class Symmetry { Asymmetric, NearSymmetric, Symmetric };

/// A discrete wavelet: four filters of the same even length, in the order in which PyWavelets gives them.
///
///     low  = dec_lo    lowBack  = rec_lo, which is low reversed if the wavelet is orthogonal
///     high = dec_hi    highBack = rec_hi,  rec_hi[i] = (-1)^i low[i],  dec_hi[i] = (-1)^(i+1) lowBack[i]
///
/// With these signs the Haar detail of two neighbors is (first - second) / sqrt(2).
struct Wavelet {
    std::string name; // lower case, as PyWavelets writes it: "haar", "db4", "sym5", "coif2", "bior4.4", "rbio4.4", "dmey"
    Family family = Family::Haar;
    int vanishingMoments = 1; // of the wavelet: N for dbN and symN, 2N for coifN, A for biorA.B (but 6 for bior5.5), B for
                              // rbioA.B; dmey has none exactly: 0
    std::vector<double> low = {}, high = {}, lowBack = {}, highBack = {};
    int vanishingMomentsBack = 1; // of the wavelet that reconstructs: the same if orthogonal, else those of the reverse
    int vanishingMomentsPhi = 0;  // of the scaling function about its center of mass: 2N - 1 for coifN, else not asked for: 0
    Symmetry symmetry = Symmetry::Asymmetric;
    bool orthogonal = true; // dmey is counted in, as is usual: its truncated filters are orthogonal to about three digits

    std::size_t filterLength() const { return low.size(); }

    /// Width of the interval outside of which the decomposing wavelet is zero, in samples of the finest level: filterLength() - 1
    /// unless the filters begin or end with zeros.
    double supportWidth() const;
};

/// The wavelet of that name, upper or lower case; nothing if there is none. db1 has the filters of haar.
std::optional<Wavelet> findWavelet(std::string_view name);

/// Every name findWavelet knows: haar, db1..db20, sym2..sym20, coif1..coif5, bior1.1..bior6.8, rbio1.1..rbio6.8, dmey.
std::span<const std::string_view> waveletNames();

/// The known name with the fewest edits from `name`, for a sentence such as "did you mean …". Of equals the first listed.
std::string_view nearestWaveletName(std::string_view name);

/// "Haar", "Daubechies", "symlet", …
std::string_view familyName(Family family);

/// Where the filters of the family come from, as one line with the publication.
std::string_view familySource(Family family);

/// "asymmetric", "near symmetric", "symmetric".
std::string_view symmetryName(Symmetry symmetry);

} // namespace winnow::wavelet
