// SPDX-License-Identifier: GPL-3.0-or-later
#include "wavelet/wavelet.h"

#include "wavelet/filter_table.h"
#include "wavelet/names.h"

#include <algorithm>
#include <array>

namespace winnow::wavelet {

namespace {

struct FamilyFacts {
    std::string_view name, source;
    Symmetry symmetry;
    bool orthogonal;
};

constexpr std::string_view kTenLectures = "I. Daubechies, Ten Lectures on Wavelets, SIAM 1992";
constexpr std::string_view kFeauveau =
    "A. Cohen, I. Daubechies, J.-C. Feauveau, Comm. Pure Appl. Math. 45, 1992; zeros shared as in PyWavelets";

constexpr std::array<FamilyFacts, 7> kFamilies{{
    {"Haar", "A. Haar, Mathematische Annalen 69, 1910", Symmetry::Asymmetric, true},
    {"Daubechies", kTenLectures, Symmetry::Asymmetric, true},
    {"symlet", kTenLectures, Symmetry::NearSymmetric, true},
    {"coiflet", kTenLectures, Symmetry::NearSymmetric, true},
    {"biorthogonal", kFeauveau, Symmetry::Symmetric, false},
    {"reverse biorthogonal", kFeauveau, Symmetry::Symmetric, false},
    {"discrete Meyer", "Y. Meyer's wavelet cut to 62 taps, the table of PyWavelets (MIT license)", Symmetry::Symmetric, true},
}};
static_assert(static_cast<std::size_t>(Family::DiscreteMeyer) + 1 == kFamilies.size());

constexpr std::array<std::string_view, 3> kSymmetries{"asymmetric", "near symmetric", "symmetric"};

const FamilyFacts& factsOf(Family family) { return kFamilies[static_cast<std::size_t>(family)]; }

std::vector<double> reversed(std::span<const double> taps) { return {taps.rbegin(), taps.rend()}; }

Wavelet fromEntry(const FilterEntry& entry)
{
    const FamilyFacts& facts = factsOf(entry.family);
    const std::size_t length = entry.low.size();
    Wavelet wavelet{.name = std::string(entry.name), .family = entry.family, .vanishingMoments = entry.vanishingMoments};
    wavelet.vanishingMomentsBack = entry.vanishingMomentsBack;
    wavelet.vanishingMomentsPhi = entry.vanishingMomentsPhi;
    wavelet.symmetry = facts.symmetry;
    wavelet.orthogonal = facts.orthogonal;
    if (entry.family == Family::ReverseBiorthogonal) {
        wavelet.low = reversed(entry.back);
        wavelet.lowBack = reversed(entry.low);
    } else {
        wavelet.low.assign(entry.low.begin(), entry.low.end());
        wavelet.lowBack = entry.back.empty() ? reversed(entry.low) : std::vector(entry.back.begin(), entry.back.end());
    }
    wavelet.highBack.resize(length);
    wavelet.high.resize(length);
    for (std::size_t i = 0; i < length; ++i) {
        wavelet.highBack[i] = i % 2 == 0 ? wavelet.low[i] : -wavelet.low[i];
        wavelet.high[i] = i % 2 == 0 ? -wavelet.lowBack[i] : wavelet.lowBack[i];
    }
    return wavelet;
}

/// From the first tap that is not zero to the last.
std::size_t reach(const std::vector<double>& taps)
{
    const auto isTap = [](double tap) { return tap != 0.0; };
    const auto first = std::ranges::find_if(taps, isTap);
    const auto last = std::find_if(taps.rbegin(), taps.rend(), isTap).base();
    return first < last ? static_cast<std::size_t>(last - first) - 1 : 0;
}

} // namespace

double Wavelet::supportWidth() const { return static_cast<double>(reach(low) + reach(high)) / 2.0; }

std::optional<Wavelet> findWavelet(std::string_view name)
{
    const std::string lower = lowerCase(name);
    const auto entry = std::ranges::find(filterTable(), std::string_view(lower), &FilterEntry::name);
    if (entry == filterTable().end())
        return std::nullopt;
    return fromEntry(*entry);
}

std::span<const std::string_view> waveletNames()
{
    static const std::vector<std::string_view> names = [] {
        std::vector<std::string_view> all;
        for (const FilterEntry& entry : filterTable())
            all.push_back(entry.name);
        return all;
    }();
    return names;
}

std::string_view nearestWaveletName(std::string_view name) { return nearestName(waveletNames(), name); }

std::string_view familyName(Family family) { return factsOf(family).name; }

std::string_view familySource(Family family) { return factsOf(family).source; }

std::string_view symmetryName(Symmetry symmetry) { return kSymmetries[static_cast<std::size_t>(symmetry)]; }

} // namespace winnow::wavelet
