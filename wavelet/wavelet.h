#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace winnow::wavelet {

enum class Family { Haar, Daubechies, Symlet, Coiflet };

/// An orthogonal wavelet: four filters of the same even length, in the order in which PyWavelets gives them.
///
///     low  = dec_lo    lowBack  = rec_lo = low reversed
///     high = dec_hi    highBack = rec_hi,  rec_hi[i] = (-1)^i low[i],  dec_hi = rec_hi reversed
///
/// With these signs the Haar detail of two neighbors is (first - second) / sqrt(2).
struct Wavelet {
    std::string name; // lower case, as PyWavelets writes it: "haar", "db4", "sym5", "coif2"
    Family family = Family::Haar;
    int vanishingMoments = 1; // of the wavelet: N for dbN and symN, 2N for coifN
    std::vector<double> low = {}, high = {}, lowBack = {}, highBack = {};

    std::size_t filterLength() const { return low.size(); }
};

/// The wavelet of that name, upper or lower case; nothing if there is none. db1 has the filters of haar.
std::optional<Wavelet> findWavelet(std::string_view name);

/// Every name findWavelet knows: haar, db1..db10, sym2..sym8, coif1..coif5.
std::span<const std::string_view> waveletNames();

/// The known name with the fewest edits from `name`, for a sentence such as "did you mean …". Of equals the first listed.
std::string_view nearestWaveletName(std::string_view name);

} // namespace winnow::wavelet
