// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "wavelet/lane_rows.h"
#include "wavelet/wavelet.h"

#include <cstddef>
#include <vector>

/// The multilevel transform of one block of signals, see lane_rows.h. Private to the room.
namespace winnow::wavelet {

/// What is the same for every block of a batch.
struct BlockPlan {
    BlockPlan(std::size_t length, const Wavelet& wavelet, Boundary boundary, int levels);

    std::size_t levels() const { return lengths.size() - 1; }
    /// Of a band in the order finest first, approximation last.
    std::size_t coefficients(std::size_t band) const { return lengths[levelOf(band)]; }
    std::size_t levelOf(std::size_t band) const { return band < levels() ? band + 1 : levels(); }

    Wavelet wavelet;
    Boundary boundary;
    std::vector<std::size_t> lengths; // [levels + 1] rows at each level, the signal's own first
};

/// Owns the memory of one block, so that many blocks can follow one another without allocation. One thread at a time.
class BlockTransform {
public:
    BlockTransform(const BlockPlan& plan, std::size_t lanes);

    /// [length, lanes], to be filled before decompose, which destroys it.
    double* input() { return m_work[0].data() + m_margin * m_lanes; }
    void decompose();

    /// The coefficients of a band, [plan.coefficients(band), lanes]. May be written, for reconstructions of other coefficients.
    double* band(std::size_t band) { return m_coefficients.data() + m_bandStart[band]; }
    const double* band(std::size_t band) const { return m_coefficients.data() + m_bandStart[band]; }

    /// [length, lanes] of one band, all others taken as zero, or of all together. Valid until the next call.
    const double* reconstructBand(std::size_t band);
    const double* reconstruct();

private:
    double* work(std::size_t which) { return m_work[which].data() + m_margin * m_lanes; }
    void synthesizeLevel(std::size_t level, double* coefficients, const std::vector<double>& filter, double* out, bool add);
    /// Carries the approximation in work(0) at `level` up to the signal's length.
    const double* climb(std::size_t level);

    const BlockPlan& m_plan;
    const RowKernels& m_kernels;
    std::size_t m_lanes, m_margin;
    std::vector<double> m_work[2];
    std::vector<double> m_coefficients; // every band with a margin on both sides
    std::vector<std::size_t> m_bandStart;
};

} // namespace winnow::wavelet
