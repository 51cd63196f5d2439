// SPDX-License-Identifier: GPL-3.0-or-later
#include "wavelet/multiresolution.h"

#include "wavelet/block_transform.h"
#include "wavelet/contract.h"
#include "wavelet/transform.h"
#include "wavelet/workers.h"

#include <algorithm>
#include <utility>

namespace winnow::wavelet {

namespace {

/// Rows of signals in memory: the numbers of signal s are at data[s * signalStep + n * sampleStep].
template <class Number>
struct Placed {
    Number* data;
    std::size_t signalStep, sampleStep;
};

template <class Number>
Placed<Number> place(Number* data, std::size_t length, std::size_t count, Layout layout, std::size_t stride = 0)
{
    if (layout == Layout::SignalMajor)
        return {data, stride == 0 ? length : stride, 1};
    return {data, 1, stride == 0 ? count : stride};
}

/// Signals `first` to first + used - 1 into a block; the lanes beyond are zero.
void gather(Placed<const double> from, std::size_t length, std::size_t first, std::size_t used, double* rows, std::size_t lanes)
{
    const double* data = from.data + first * from.signalStep;
    if (used < lanes)
        std::fill_n(rows, length * lanes, 0.0);
    if (from.sampleStep == 1) {
        rowKernels(lanes).transpose(rowMap(data, used, length, from.signalStep), rowMap(rows, length, used, lanes));
        return;
    }
    for (std::size_t n = 0; n < length; ++n)
        std::copy_n(data + n * from.sampleStep, used, rows + n * lanes);
}

/// The way back.
void scatter(const double* rows, std::size_t lanes, std::size_t length, std::size_t first, std::size_t used, Placed<double> to)
{
    double* data = to.data + first * to.signalStep;
    if (to.sampleStep == 1) {
        rowKernels(lanes).transpose(rowMap(rows, length, used, lanes), rowMap(data, used, length, to.signalStep));
        return;
    }
    for (std::size_t n = 0; n < length; ++n)
        std::copy_n(rows + n * lanes, used, data + n * to.sampleStep);
}

double sumOfSquares(const double* numbers, std::size_t size)
{
    double sums[kBatchLanes] = {}; // independent, so that they can share registers
    const std::size_t whole = size - size % kBatchLanes;
    for (std::size_t i = 0; i < whole; i += kBatchLanes) {
        for (std::size_t lane = 0; lane < kBatchLanes; ++lane)
            sums[lane] += numbers[i + lane] * numbers[i + lane];
    }
    for (std::size_t i = whole; i < size; ++i)
        sums[i - whole] += numbers[i] * numbers[i];
    double sum = 0.0;
    for (const double part : sums)
        sum += part;
    return sum;
}

/// A batch cut into blocks, and the memory for as many blocks as there are workers.
class Batch {
public:
    Batch(std::size_t length, std::size_t count, const Wavelet& wavelet, const BatchOptions& options)
        : m_plan(length, wavelet, options.boundary, options.levels), m_count(count), m_lanes(count == 1 ? 1 : kBatchLanes),
          m_blocks((count + m_lanes - 1) / m_lanes)
    {
        WINNOW_WAVELET_CHECK(count > 0, "a batch has at least one signal");
        const double perLevel = static_cast<double>(length * count) * static_cast<double>(wavelet.filterLength());
        const std::size_t workers = workerCount(options.threads, m_blocks, perLevel * (options.levels + 1));
        for (std::size_t worker = 0; worker < workers; ++worker)
            m_transforms.emplace_back(m_plan, m_lanes);
        m_signals.resize(workers);
    }

    const BlockPlan& plan() const { return m_plan; }
    std::size_t blocks() const { return m_blocks; }
    std::size_t lanes() const { return m_lanes; }
    std::size_t bands() const { return m_plan.levels() + 1; }
    std::size_t first(std::size_t block) const { return block * m_lanes; }
    std::size_t used(std::size_t block) const { return std::min(m_lanes, m_count - first(block)); }

    BlockTransform& transform(std::size_t worker) { return m_transforms[worker]; }

    /// The same, and the block itself stays in signalRows(worker).
    void decomposeAndKeep(Placed<const double> signals, std::size_t block, std::size_t worker)
    {
        const std::size_t length = m_plan.lengths[0];
        m_signals[worker].resize(length * m_lanes);
        gather(signals, length, first(block), used(block), m_signals[worker].data(), m_lanes);
        std::ranges::copy(m_signals[worker], transform(worker).input());
        transform(worker).decompose();
    }
    const double* signalRows(std::size_t worker) const { return m_signals[worker].data(); }

    void decompose(Placed<const double> signals, std::size_t block, std::size_t worker)
    {
        gather(signals, m_plan.lengths[0], first(block), used(block), transform(worker).input(), m_lanes);
        transform(worker).decompose();
    }

    /// The energies of the block that the worker has just decomposed, to [levels + 1]. Unused lanes are zero and add nothing.
    void energies(std::size_t worker, double* to)
    {
        for (std::size_t band = 0; band < bands(); ++band)
            to[band] = sumOfSquares(transform(worker).band(band), m_plan.coefficients(band) * m_lanes);
    }

    template <class Work>
    void forEach(std::size_t items, Work work)
    {
        forEachItem(items, m_transforms.size(), work);
    }

private:
    BlockPlan m_plan;
    std::size_t m_count, m_lanes, m_blocks;
    std::vector<BlockTransform> m_transforms;
    std::vector<std::vector<double>> m_signals; // [workers][length, lanes]
};

/// Adds up rows of [parts, size] in their order: the same sum whichever thread made which row.
std::vector<double> addRows(const std::vector<double>& parts, std::size_t size)
{
    std::vector<double> sum(size, 0.0);
    for (std::size_t start = 0; start < parts.size(); start += size) {
        for (std::size_t i = 0; i < size; ++i)
            sum[i] += parts[start + i];
    }
    return sum;
}

Placed<const double> placed(const SignalBatch& signals)
{
    const std::size_t row = signals.layout == Layout::SignalMajor ? signals.length : signals.count;
    WINNOW_WAVELET_CHECK(signals.stride == 0 || signals.stride >= row, "rows do not overlap");
    return place(signals.data, signals.length, signals.count, signals.layout, signals.stride);
}

} // namespace

Numbers signalMajor(const SignalBatch& signals)
{
    const Placed<const double> from = placed(signals);
    Numbers packed = allocateNumbers(signals.count * signals.length);
    if (from.sampleStep == 1) {
        for (std::size_t signal = 0; signal < signals.count; ++signal)
            std::copy_n(from.data + signal * from.signalStep, signals.length, packed.get() + signal * signals.length);
    } else {
        rowKernels(kBatchLanes)
            .transpose(rowMap(from.data, signals.length, signals.count, from.sampleStep),
                       rowMap(packed.get(), signals.count, signals.length, signals.length));
    }
    return packed;
}

MultiresolutionBands multiresolution(const SignalBatch& signals, const Wavelet& wavelet, const BatchOptions& options)
{
    const auto [length, count] = std::pair(signals.length, signals.count);
    Batch batch(length, count, wavelet, options);
    MultiresolutionBands result{.length = length, .count = count, .levels = options.levels, .layout = signals.layout};
    result.values = allocateNumbers(batch.bands() * length * count);
    std::vector<double> energies(batch.blocks() * batch.bands());
    batch.forEach(batch.blocks(), [&](std::size_t block, std::size_t worker) {
        batch.decompose(placed(signals), block, worker);
        batch.energies(worker, energies.data() + block * batch.bands());
        for (std::size_t band = 0; band < batch.bands(); ++band) {
            const double* rows = batch.transform(worker).reconstructBand(band);
            double* target = result.values.get() + band * length * count;
            scatter(rows, batch.lanes(), length, batch.first(block), batch.used(block),
                    place(target, length, count, signals.layout));
        }
    });
    result.energies = addRows(energies, batch.bands());
    return result;
}

MultiresolutionBands bands(const double* data, std::size_t length, std::size_t channels, const Wavelet& wavelet,
                           Boundary boundary, int levels)
{
    return multiresolution({.data = data, .length = length, .count = channels}, wavelet,
                           {.boundary = boundary, .levels = levels});
}

BandProfile bandProfile(const SignalBatch& signals, const Wavelet& wavelet, const BatchOptions& options)
{
    const std::size_t length = signals.length;
    Batch batch(length, signals.count, wavelet, options);
    const std::vector<Edges> edges = edgePositions(length, wavelet.filterLength(), options.boundary, options.levels);
    // Where nothing reaches beyond the ends of an orthogonal transform, energies are those of the coefficients.
    const bool exact = wavelet.orthogonal && std::ranges::all_of(edges, [](const Edges& one) { return one == Edges{}; });
    // Several blocks share a sum, always the same ones, so that the result does not depend on the threads.
    const std::size_t perGroup = std::max<std::size_t>(1, (batch.blocks() + 15) / 16);
    const std::size_t groups = (batch.blocks() + perGroup - 1) / perGroup, bands = batch.bands(), size = bands * length;
    // Of every block the energies of its bands: coefficients, products with the signal, the part of these near the ends.
    std::vector<double> energies(batch.blocks() * 3 * bands), moments(groups * 2 * size);
    batch.forEach(groups, [&](std::size_t group, std::size_t worker) {
        for (std::size_t block = group * perGroup; block < std::min(batch.blocks(), (group + 1) * perGroup); ++block) {
            if (exact)
                batch.decompose(placed(signals), block, worker);
            else
                batch.decomposeAndKeep(placed(signals), block, worker);
            double* own = energies.data() + block * 3 * bands;
            batch.energies(worker, own);
            for (std::size_t band = 0; band < bands; ++band) {
                const double* rows = batch.transform(worker).reconstructBand(band);
                double* magnitudes = moments.data() + group * 2 * size + band * length;
                const RowKernels& kernels = rowKernels(batch.lanes());
                kernels.addMoments(rows, length, magnitudes, magnitudes + size);
                if (exact)
                    continue;
                const double* signal = batch.signalRows(worker);
                const std::size_t right = (length - edges[band].last) * batch.lanes();
                own[bands + band] = kernels.dot(rows, signal, length);
                own[2 * bands + band] =
                    kernels.dot(rows, signal, edges[band].first) + kernels.dot(rows + right, signal + right, edges[band].last);
            }
        }
    });
    BandProfile result{.length = length, .levels = options.levels};
    result.magnitude = addRows(moments, 2 * size);
    for (double& value : result.magnitude)
        value /= static_cast<double>(signals.count);
    const auto half = result.magnitude.begin() + static_cast<std::ptrdiff_t>(size);
    result.power.assign(half, result.magnitude.end());
    result.magnitude.erase(half, result.magnitude.end());
    const std::vector<double> sums = addRows(energies, 3 * bands);
    const auto part = [&](std::size_t which) {
        const auto begin = sums.begin() + static_cast<std::ptrdiff_t>(which * bands);
        return std::vector<double>(begin, begin + static_cast<std::ptrdiff_t>(bands));
    };
    result.coefficientEnergies = part(0);
    result.energies = part(exact ? 0 : 1);
    result.edgeEnergies = part(2);
    return result;
}

BatchDecomposition decompose(const SignalBatch& signals, const Wavelet& wavelet, const BatchOptions& options)
{
    const std::size_t count = signals.count;
    Batch batch(signals.length, count, wavelet, options);
    BatchDecomposition result{.length = signals.length, .count = count, .layout = signals.layout, .offsets = {0}};
    for (std::size_t band = 0; band < batch.bands(); ++band) {
        result.coefficients.push_back(batch.plan().coefficients(band));
        result.offsets.push_back(result.offsets.back() + result.coefficients.back() * count);
    }
    result.values = allocateNumbers(result.offsets.back());
    batch.forEach(batch.blocks(), [&](std::size_t block, std::size_t worker) {
        batch.decompose(placed(signals), block, worker);
        for (std::size_t band = 0; band < batch.bands(); ++band) {
            double* target = result.values.get() + result.offsets[band];
            const std::size_t size = result.coefficients[band];
            scatter(batch.transform(worker).band(band), batch.lanes(), size, batch.first(block), batch.used(block),
                    place(target, size, count, signals.layout));
        }
    });
    return result;
}

Numbers recompose(const BatchDecomposition& decomposition, const Wavelet& wavelet, const BatchOptions& options)
{
    const auto [length, count] = std::pair(decomposition.length, decomposition.count);
    WINNOW_WAVELET_CHECK(!decomposition.coefficients.empty(), "a decomposition has at least the approximation");
    BatchOptions back = options;
    back.levels = static_cast<int>(decomposition.coefficients.size()) - 1;
    Batch batch(length, count, wavelet, back);
    for (std::size_t band = 0; band < batch.bands(); ++band)
        WINNOW_WAVELET_CHECK(batch.plan().coefficients(band) == decomposition.coefficients[band],
                             "wavelet and boundary as it was decomposed");
    auto values = allocateNumbers(length * count);
    const Placed<double> target = place(values.get(), length, count, decomposition.layout);
    batch.forEach(batch.blocks(), [&](std::size_t block, std::size_t worker) {
        for (std::size_t band = 0; band < batch.bands(); ++band) {
            const std::size_t size = decomposition.coefficients[band];
            gather(place(decomposition.band(band).data(), size, count, decomposition.layout), size, batch.first(block),
                   batch.used(block), batch.transform(worker).band(band), batch.lanes());
        }
        scatter(batch.transform(worker).reconstruct(), batch.lanes(), length, batch.first(block), batch.used(block), target);
    });
    return values;
}

} // namespace winnow::wavelet
