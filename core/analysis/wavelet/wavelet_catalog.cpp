// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/wavelet/wavelet_catalog.h"

#include "core/base/nearest.h"
#include "wavelet/boundary.h"
#include "wavelet/continuous/continuous_wavelet.h"
#include "wavelet/input.h"
#include "wavelet/transform.h"
#include "wavelet/wavelet.h"

#include <algorithm>
#include <array>

namespace winnow {

namespace {

constexpr std::array<TransformInfo, 5> kTransforms{{
    {BandTransform::Decimated, "dwt", "Discrete", "Half the coefficients at every level; what TreeKV uses"},
    {BandTransform::Stationary, "stationary", "Stationary",
     "Every band as long as the text: features stay where they are, edges by the boundary mode"},
    {BandTransform::MaximalOverlap, "modwt", "Maximal overlap",
     "Every band as long as the text, the text as a circle: energies add up"},
    {BandTransform::Continuous, "cwt", "Continuous", "Power at any scale: the scalogram"},
    {BandTransform::Packets, "packets", "Packets", "The details split again, in the basis that needs the fewest coefficients"},
}};

} // namespace

std::span<const TransformInfo> transformCatalog() { return kTransforms; }

const TransformInfo& transformInfo(BandTransform transform) { return kTransforms[static_cast<std::size_t>(transform)]; }

Result<BandTransform> findTransform(std::string_view name)
{
    std::array<std::string_view, kTransforms.size()> names;
    std::transform(kTransforms.begin(), kTransforms.end(), names.begin(), [](const TransformInfo& info) { return info.name; });
    for (const TransformInfo& info : kTransforms)
        if (info.name == name)
            return info.transform;
    return fail(ErrorCode::Usage, "there is no transform '{}'; the nearest is '{}'", name, nearest(name, names));
}

const std::vector<WaveletFamily>& discreteFamilies()
{
    static const std::vector<WaveletFamily> families = [] {
        std::vector<WaveletFamily> all;
        for (const std::string_view name : wavelet::waveletNames()) {
            const wavelet::Family family = wavelet::findWavelet(name)->family;
            const std::string_view title = wavelet::familyName(family);
            auto found = std::find_if(all.begin(), all.end(), [&](const WaveletFamily& one) { return one.title == title; });
            if (found == all.end())
                found = all.insert(all.end(), {title, wavelet::familySource(family), {}});
            found->names.push_back(name);
        }
        return all;
    }();
    return families;
}

std::span<const std::string_view> continuousWavelets() { return wavelet::continuousWaveletNames(); }

std::span<const std::string_view> boundaryModes() { return wavelet::boundaryNames(); }

Result<WaveletFacts> waveletFacts(std::string_view name)
{
    auto found = wavelet::requireWavelet(name);
    if (!found)
        return fail(Error{ErrorCode::Usage, std::move(found.error())});
    return WaveletFacts{.name = found->name,
                        .filterLength = static_cast<int>(found->filterLength()),
                        .vanishingMoments = found->vanishingMoments,
                        .orthogonal = found->orthogonal,
                        .family = wavelet::familyName(found->family),
                        .symmetry = wavelet::symmetryName(found->symmetry),
                        .source = wavelet::familySource(found->family)};
}

std::string_view nearestWavelet(std::string_view name)
{
    std::vector<std::string_view> all(wavelet::waveletNames().begin(), wavelet::waveletNames().end());
    all.insert(all.end(), continuousWavelets().begin(), continuousWavelets().end());
    return nearest(name, all);
}

int deepestLevel(std::string_view name, int length)
{
    const auto found = wavelet::findWavelet(name);
    return found && length > 0 ? wavelet::maxLevel(static_cast<std::size_t>(length), found->filterLength()) : 0;
}

std::optional<std::string> levelsWarning(std::string_view name, int levels, int length)
{
    const auto found = wavelet::findWavelet(name);
    return found && length > 0 ? wavelet::levelsWarning(levels, static_cast<std::size_t>(length), *found) : std::nullopt;
}

Result<ContinuousFacts> continuousFacts(std::string_view name)
{
    auto found = wavelet::requireContinuousWavelet(name);
    if (!found)
        return fail(Error{ErrorCode::Usage, std::move(found.error())});
    return ContinuousFacts{.name = found->name(),
                           .periodOfScale = found->periodOfScale(),
                           .eFoldingTime = found->eFoldingTime(),
                           .real = found->isReal(),
                           .source = found->source()};
}

} // namespace winnow
