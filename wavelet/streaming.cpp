// SPDX-License-Identifier: GPL-3.0-or-later
#include "wavelet/streaming.h"

#include "wavelet/contract.h"
#include "wavelet/lane_rows.h"
#include "wavelet/names.h"
#include "wavelet/transform.h"

#include <algorithm>

namespace winnow::wavelet {

/// One level: samples in, approximation and detail out.
///
/// The buffer holds consecutive samples of the extended signal, the first of which is number m_first (-margin at the beginning).
/// Until `taps` samples are there, nothing can be said, since the extension at the left mirrors that many; from then on
/// coefficient k is given when sample 2 k + 1 arrives.
class StreamingTransform::Stage {
public:
    Stage(const Wavelet& wavelet, Boundary boundary) : m_wavelet(wavelet), m_boundary(boundary) {}

    std::size_t length() const { return m_length; }
    std::size_t given() const { return m_given; }

    /// emit(approximation, detail) for each coefficient.
    template <class Emit>
    void push(double sample, Emit emit)
    {
        m_samples.push_back(sample);
        ++m_length;
        if (m_length < taps())
            return;
        if (m_length == taps()) // now the left side is known
            extend(m_samples, true, false);
        giveUpTo(m_length, emit);
        forget();
    }

    template <class Emit>
    void finish(Emit emit)
    {
        if (m_length < taps()) {
            const Split split = dwt(m_samples, m_wavelet, m_boundary);
            for (std::size_t k = 0; k < split.detail.size(); ++k, ++m_given)
                emit(split.approximation[k], split.detail[k]);
            return;
        }
        // The last samples decide on the right side, whatever came before them.
        std::vector<double> last(m_samples.end() - static_cast<std::ptrdiff_t>(taps()), m_samples.end());
        extend(last, false, true);
        m_samples.insert(m_samples.end(), last.begin() + static_cast<std::ptrdiff_t>(taps()), last.end());
        giveUpTo(2 * coefficientCount(m_length, taps(), m_boundary), emit);
    }

private:
    std::size_t taps() const { return m_wavelet.filterLength(); }
    std::size_t margin() const { return taps() - 1; }

    /// `samples` with the margins that are asked for; at least `taps` samples, so each margin depends on them alone.
    void extend(std::vector<double>& samples, bool left, bool right)
    {
        std::vector<double> rows(samples.size() + 2 * margin());
        std::ranges::copy(samples, rows.begin() + static_cast<std::ptrdiff_t>(margin()));
        extendRows(rows.data() + margin(), samples.size(), 1, margin(), m_boundary);
        const auto begin = rows.begin() + static_cast<std::ptrdiff_t>(left ? 0 : margin());
        samples.assign(begin, rows.end() - static_cast<std::ptrdiff_t>(right ? 0 : margin()));
        if (left)
            m_first = -static_cast<std::ptrdiff_t>(margin());
    }

    /// Every coefficient k that is not given yet and has 2 k + 1 < end.
    template <class Emit>
    void giveUpTo(std::size_t end, Emit emit)
    {
        for (; 2 * m_given + 1 < end; ++m_given) {
            const double* newest = m_samples.data() + (static_cast<std::ptrdiff_t>(2 * m_given + 1) - m_first);
            double low = 0.0, high = 0.0;
            for (std::size_t j = 0; j < taps(); ++j) {
                low += m_wavelet.low[j] * *(newest - j);
                high += m_wavelet.high[j] * *(newest - j);
            }
            emit(low, high);
        }
    }

    /// Keeps the last `taps` samples, and does so now and then only, so that it costs little.
    void forget()
    {
        if (m_samples.size() < 8 * taps())
            return;
        const std::size_t gone = m_samples.size() - 2 * taps();
        m_samples.erase(m_samples.begin(), m_samples.begin() + static_cast<std::ptrdiff_t>(gone));
        m_first += static_cast<std::ptrdiff_t>(gone);
    }

    Wavelet m_wavelet;
    Boundary m_boundary;
    std::vector<double> m_samples;
    std::ptrdiff_t m_first = 0;
    std::size_t m_length = 0, m_given = 0;
};

namespace {

/// Carries what a stage gives to `to` and on to the next stage.
template <class Stages>
void give(Stages& stages, std::size_t level, double low, double high, std::vector<StreamedCoefficient>& to)
{
    const std::size_t index = stages[level].given();
    to.push_back({.band = level, .index = index, .value = high});
    if (level + 1 == stages.size()) {
        to.push_back({.band = level + 1, .index = index, .value = low});
        return;
    }
    stages[level + 1].push(low, [&](double nextLow, double nextHigh) { give(stages, level + 1, nextLow, nextHigh, to); });
}

} // namespace

StreamingTransform::StreamingTransform(std::vector<Stage> stages) : m_stages(std::move(stages)) {}
StreamingTransform::StreamingTransform(StreamingTransform&&) noexcept = default;
StreamingTransform& StreamingTransform::operator=(StreamingTransform&&) noexcept = default;
StreamingTransform::~StreamingTransform() = default;

Checked<StreamingTransform> StreamingTransform::create(const Wavelet& wavelet, Boundary boundary, int levels)
{
    if (levels < 1 || levels > 62)
        return tl::unexpected(sentence(levels, " levels were asked for; choose 1 to 62"));
    if (boundary == Boundary::Periodic || boundary == Boundary::Periodization)
        return tl::unexpected(sentence("a streaming transform cannot be ", boundaryName(boundary),
                                       ": its first coefficient would need the last sample; choose another boundary mode"));
    return StreamingTransform(std::vector<Stage>(static_cast<std::size_t>(levels), Stage(wavelet, boundary)));
}

std::size_t StreamingTransform::length() const { return m_stages[0].length(); }

void StreamingTransform::push(double sample, std::vector<StreamedCoefficient>& to)
{
    m_stages[0].push(sample, [&](double low, double high) { give(m_stages, 0, low, high, to); });
}

void StreamingTransform::finish(std::vector<StreamedCoefficient>& to)
{
    WINNOW_WAVELET_CHECK(length() > 0, "a signal has at least one sample");
    for (std::size_t level = 0; level < m_stages.size(); ++level)
        m_stages[level].finish([&](double low, double high) { give(m_stages, level, low, high, to); });
}

} // namespace winnow::wavelet
