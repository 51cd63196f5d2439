#include "wavelet/wavelet.h"

#include "wavelet/filter_table.h"
#include "wavelet/names.h"

#include <algorithm>

namespace winnow::wavelet {

namespace {

Wavelet fromEntry(const FilterEntry& entry)
{
    const std::size_t length = entry.low.size();
    Wavelet wavelet{.name = std::string(entry.name), .family = entry.family, .vanishingMoments = entry.vanishingMoments};
    wavelet.low.assign(entry.low.begin(), entry.low.end());
    wavelet.lowBack.assign(entry.low.rbegin(), entry.low.rend());
    wavelet.highBack.resize(length);
    for (std::size_t i = 0; i < length; ++i)
        wavelet.highBack[i] = i % 2 == 0 ? entry.low[i] : -entry.low[i];
    wavelet.high.assign(wavelet.highBack.rbegin(), wavelet.highBack.rend());
    return wavelet;
}

} // namespace

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

} // namespace winnow::wavelet
