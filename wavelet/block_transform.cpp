// SPDX-License-Identifier: GPL-3.0-or-later
#include "wavelet/block_transform.h"

#include "wavelet/contract.h"
#include "wavelet/transform.h"

#include <algorithm>
#include <utility>

namespace winnow::wavelet {

BlockPlan::BlockPlan(std::size_t length, const Wavelet& theWavelet, Boundary theBoundary, int levels)
    : wavelet(theWavelet), boundary(theBoundary)
{
    WINNOW_WAVELET_CHECK(length > 0, "a signal has at least one sample");
    WINNOW_WAVELET_CHECK(levels >= 0, "levels count from 0");
    lengths.push_back(length);
    for (int level = 0; level < levels; ++level)
        lengths.push_back(coefficientCount(lengths.back(), wavelet.filterLength(), boundary));
}

BlockTransform::BlockTransform(const BlockPlan& plan, std::size_t lanes)
    : m_plan(plan), m_kernels(rowKernels(lanes)), m_lanes(lanes), m_margin(plan.wavelet.filterLength() + 2)
{
    const std::size_t longest = *std::ranges::max_element(plan.lengths); // a filter longer than the signal can make it longer
    for (std::vector<double>& buffer : m_work)
        buffer.resize((longest + 2 * m_margin) * lanes);
    std::size_t start = m_margin * lanes;
    for (std::size_t index = 0; index <= plan.levels(); ++index) {
        m_bandStart.push_back(start);
        start += (plan.coefficients(index) + 2 * m_margin) * lanes;
    }
    m_coefficients.resize(start);
}

void BlockTransform::decompose()
{
    const Wavelet& wavelet = m_plan.wavelet;
    const std::size_t taps = wavelet.filterLength();
    const FilterPair filters{wavelet.low, wavelet.high};
    // Coefficient k is the sum of filter[j] x[2k + first - j].
    const std::size_t first = m_plan.boundary == Boundary::Periodization ? taps / 2 : 1;
    std::size_t from = 0;
    for (std::size_t level = 0; level < m_plan.levels(); ++level) {
        extendRows(work(from), m_plan.lengths[level], m_lanes, taps, m_plan.boundary);
        m_kernels.analyze(work(from) + first * m_lanes, m_plan.lengths[level + 1], filters, work(1 - from), band(level));
        from = 1 - from;
    }
    std::copy_n(work(from), m_plan.lengths.back() * m_lanes, band(m_plan.levels()));
}

void BlockTransform::synthesizeLevel(std::size_t level, double* coefficients, const std::vector<double>& filter, double* out,
                                     bool add)
{
    const std::size_t count = m_plan.lengths[level], half = filter.size() / 2;
    if (m_plan.boundary == Boundary::Periodization) {
        // Sample n is number n + half - 1 of the circular convolution of the upsampled coefficients. The kernel makes its numbers
        // in pairs from an even one on: if half is even, one before the first sample and one after the last come along.
        extendRows(coefficients, count, m_lanes, half, Boundary::Periodic);
        const std::size_t skipped = half - 1, firstPair = skipped / 2, before = skipped % 2;
        m_kernels.synthesize(coefficients + firstPair * m_lanes, count + before, filter, out - before * m_lanes, add);
    } else {
        // Sample n is number n + 2 half - 2 of the convolution: those that need coefficients beyond the ends are not used.
        m_kernels.synthesize(coefficients + (half - 1) * m_lanes, count - half + 1, filter, out, add);
    }
}

const double* BlockTransform::climb(std::size_t level)
{
    std::size_t from = 0;
    for (; level > 0; --level, from = 1 - from)
        synthesizeLevel(level, work(from), m_plan.wavelet.lowBack, work(1 - from), false);
    return work(from);
}

const double* BlockTransform::reconstructBand(std::size_t index)
{
    const std::size_t level = m_plan.levelOf(index);
    if (level == 0)
        return band(index);
    const bool approximation = index == m_plan.levels();
    synthesizeLevel(level, band(index), approximation ? m_plan.wavelet.lowBack : m_plan.wavelet.highBack, work(0), false);
    return climb(level - 1);
}

const double* BlockTransform::reconstruct()
{
    const Wavelet& wavelet = m_plan.wavelet;
    double* approximation = band(m_plan.levels());
    std::size_t into = 0;
    for (std::size_t level = m_plan.levels(); level > 0; --level, into = 1 - into) {
        synthesizeLevel(level, approximation, wavelet.lowBack, work(into), false);
        synthesizeLevel(level, band(level - 1), wavelet.highBack, work(into), true);
        approximation = work(into);
    }
    return approximation;
}

} // namespace winnow::wavelet
