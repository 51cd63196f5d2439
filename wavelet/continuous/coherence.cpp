// SPDX-License-Identifier: GPL-3.0-or-later
#include "wavelet/continuous/coherence.h"

#include "wavelet/continuous/fourier.h"
#include "wavelet/names.h"
#include "wavelet/workers.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <string>

namespace winnow::wavelet {

namespace {

constexpr double kLeastRatio = 1e-4; // of neighboring scales, less one

std::optional<std::string> differenceOf(const Scalogram& first, const Scalogram& second)
{
    if (first.length != second.length)
        return sentence("the signals have ", first.length, " and ", second.length, " samples; they need the same number");
    if (first.scales != second.scales || first.step != second.step)
        return "the two transforms have different scales or steps; make them with the same";
    if (first.wavelet.name() != second.wavelet.name() || first.normalization != second.normalization)
        return sentence("the two transforms are by ", first.wavelet.name(), " and ", second.wavelet.name(),
                        " or normalized in different ways; make them alike");
    return std::nullopt;
}

/// The weights of the box over scales: `width` of them, half weights at the ends, together 1.
std::vector<double> boxOf(double width)
{
    const auto size = static_cast<std::size_t>(std::max(1.0, std::nearbyint(width)));
    std::vector<double> box(size, 1.0);
    box.front() = box.back() = 0.5;
    double sum = 0.0;
    for (const double weight : box)
        sum += weight;
    for (double& weight : box)
        weight /= sum;
    return box;
}

/// Smooths rows in time, then across rows.
class Smoothing {
public:
    Smoothing(const Scalogram& like, std::size_t padded, std::vector<double> box)
        : m_like(like), m_padded(padded), m_box(std::move(box)), m_forward(FourierPlan::get(FourierPlan::Kind::Forward, padded)),
          m_inverse(FourierPlan::get(FourierPlan::Kind::Inverse, padded))
    {
    }

    /// rows is [scales, length], its row j weighed by 1 / scale, and replaced.
    void operator()(ComplexNumbers& rows, int threads) const
    {
        const std::size_t length = m_like.length, scales = m_like.scales.size();
        ComplexNumbers smooth(rows.size());
        const std::size_t workers = workerCount(threads, scales, 150.0 * static_cast<double>(m_padded * scales));
        std::vector<ComplexNumbers> works;
        for (std::size_t i = 0; i < 2 * workers; ++i)
            works.emplace_back(m_padded);
        forEachItem(scales, workers, [&](std::size_t j, std::size_t worker) {
            inTime(rows.data() + j * length, m_like.scales[j], works[2 * worker], works[2 * worker + 1],
                   smooth.data() + j * length);
        });
        std::ranges::fill(rows.all(), Complex());
        const auto before = static_cast<std::ptrdiff_t>((m_box.size() - 1) / 2);
        for (std::size_t j = 0; j < scales; ++j) {
            for (std::size_t i = 0; i < m_box.size(); ++i) {
                const std::ptrdiff_t from = static_cast<std::ptrdiff_t>(j) + before - static_cast<std::ptrdiff_t>(i);
                if (from < 0 || from >= static_cast<std::ptrdiff_t>(scales))
                    continue;
                const Complex* other = smooth.data() + static_cast<std::size_t>(from) * length;
                for (std::size_t n = 0; n < length; ++n)
                    rows.data()[j * length + n] += m_box[i] * other[n];
            }
        }
    }

private:
    void inTime(const Complex* row, double scale, ComplexNumbers& one, ComplexNumbers& other, Complex* out) const
    {
        std::transform(row, row + m_like.length, one.data(), [scale](Complex value) { return value / scale; });
        std::fill(one.data() + m_like.length, one.data() + m_padded, Complex());
        m_forward->run(one.data(), other.data());
        const double perBin = scale / m_like.step * 2.0 * std::numbers::pi / static_cast<double>(m_padded);
        for (std::size_t bin = 0; bin < m_padded; ++bin) {
            const double u = perBin * static_cast<double>(std::min(bin, m_padded - bin));
            other.data()[bin] *= std::exp(-0.5 * u * u) / static_cast<double>(m_padded);
        }
        m_inverse->run(other.data(), one.data());
        std::copy_n(one.data(), m_like.length, out);
    }

    const Scalogram& m_like;
    std::size_t m_padded;
    std::vector<double> m_box;
    std::shared_ptr<const FourierPlan> m_forward, m_inverse;
};

} // namespace

Checked<ComplexNumbers> crossWavelet(const Scalogram& first, const Scalogram& second)
{
    if (auto difference = differenceOf(first, second))
        return tl::unexpected(*std::move(difference));
    ComplexNumbers cross(first.values.size());
    std::ranges::transform(first.values.all(), second.values.all(), cross.data(),
                           [](Complex one, Complex other) { return one * std::conj(other); });
    return cross;
}

Checked<Coherence> coherence(const Scalogram& first, const Scalogram& second, const CoherenceOptions& options)
{
    Checked<ComplexNumbers> cross = crossWavelet(first, second);
    if (!cross)
        return tl::unexpected(cross.error());
    if (first.scales.size() < 2 || first.scales[1] < first.scales[0] * (1.0 + kLeastRatio))
        return tl::unexpected(std::string("a coherence smooths over scales and needs a ladder of at least two, ascending"));
    const auto factors = first.wavelet.decorrelation();
    const double octaves = options.octaves > 0.0 ? options.octaves : factors ? factors->scale : 0.6;
    const std::size_t length = first.length;
    const std::size_t padded = options.padding == Padding::None         ? length
                               : options.padding == Padding::PowerOfTwo ? std::bit_ceil(length)
                                                                        : quickLength(2 * length);
    const Smoothing smooth(first, padded, boxOf(2.0 * octaves / std::log2(first.scales[1] / first.scales[0])));
    Coherence result{.length = length, .scales = first.scales};
    for (const Complex value : cross->all())
        result.phase.push_back(std::arg(value));
    const auto power = [&](const Scalogram& one) {
        ComplexNumbers powers(one.values.size());
        std::ranges::transform(one.values.all(), powers.data(), [](Complex value) { return Complex(std::norm(value)); });
        smooth(powers, options.threads);
        return powers;
    };
    const ComplexNumbers one = power(first), other = power(second);
    smooth(*cross, options.threads);
    result.squared.resize(cross->size());
    for (std::size_t i = 0; i < cross->size(); ++i) {
        const double both = one.data()[i].real() * other.data()[i].real();
        result.squared[i] = both > 0.0 ? std::norm(cross->data()[i]) / both : 0.0;
    }
    return result;
}

} // namespace winnow::wavelet
