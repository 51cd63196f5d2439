// SPDX-License-Identifier: GPL-3.0-or-later
#include "wavelet/stationary.h"

#include "wavelet/circular_kernels.h"
#include "wavelet/contract.h"
#include "wavelet/names.h"
#include "wavelet/workers.h"

#include <algorithm>
#include <cmath>

namespace winnow::wavelet {

namespace {

constexpr int kMostLevels = 40; // 2^40 samples between two taps

enum class Form { Stationary, MaximalOverlap };

/// Where the taps of one level read: tap j sample n + offsets[j], circularly.
struct Reach {
    std::vector<std::ptrdiff_t> offsets;
    std::size_t left = 0, right = 0; // samples that have to be there before the first and after the last
};

/// The filters, scaled, and where their taps reach at each level.
class Plan {
public:
    Plan(std::size_t length, const Wavelet& wavelet, Form form, bool normalize)
        : m_length(length), m_form(form), m_low(wavelet.low), m_high(wavelet.high), m_lowBack(wavelet.lowBack),
          m_highBack(wavelet.highBack)
    {
        // There and back the filters gain a factor of two.
        const double forth = normalize ? std::sqrt(0.5) : 1.0;
        for (std::vector<double>* taps : {&m_low, &m_high})
            std::ranges::transform(*taps, taps->begin(), [=](double tap) { return tap * forth; });
        for (std::vector<double>* taps : {&m_lowBack, &m_highBack})
            std::ranges::transform(*taps, taps->begin(), [=](double tap) { return tap * 0.5 / forth; });
    }

    std::size_t length() const { return m_length; }
    std::size_t taps() const { return m_low.size(); }
    const std::vector<double>& lowBack() const { return m_lowBack; }
    const std::vector<double>& highBack() const { return m_highBack; }

    /// The way down reads from start(level), and the way back so that both together are (taps - 1) steps, where the four filters
    /// have their common center.
    Reach reach(int level) const { return reaching(start(level), level); }
    Reach reachBack(int level) const
    {
        const std::size_t all = (taps() - 1) % m_length * step(level) % m_length;
        return reaching((all + m_length - start(level)) % m_length, level);
    }

    const std::vector<double>& low() const { return m_low; }
    const std::vector<double>& high() const { return m_high; }

private:
    std::size_t step(int level) const { return (std::size_t{1} << level) % m_length; }
    std::size_t start(int level) const { return m_form == Form::Stationary ? taps() / 2 % m_length * step(level) % m_length : 0; }
    Reach reaching(std::size_t offset, int level) const
    {
        Reach reach;
        const std::size_t width = level < 40 ? (taps() - 1) << level : m_length;
        if (width < m_length) { // as it is, on both sides of the sample
            reach.left = width > offset ? width - offset : 0;
            reach.right = offset;
            for (std::size_t j = 0; j < taps(); ++j)
                reach.offsets.push_back(static_cast<std::ptrdiff_t>(offset) - static_cast<std::ptrdiff_t>(j << level));
        } else { // more than once around
            reach.right = m_length;
            for (std::size_t j = 0; j < taps(); ++j, offset = (offset + m_length - step(level)) % m_length)
                reach.offsets.push_back(static_cast<std::ptrdiff_t>(offset));
        }
        return reach;
    }

    std::size_t m_length;
    Form m_form;
    std::vector<double> m_low, m_high, m_lowBack, m_highBack;
};

/// Two signals of one worker, each with room for its own continuation on both sides.
class Work {
public:
    explicit Work(std::size_t length) : m_length(length), m_numbers{allocateNumbers(3 * length), allocateNumbers(3 * length)} {}

    double* at(std::size_t which) { return m_numbers[which].get() + m_length; }

    /// The signal there as it goes on beyond its ends.
    const double* around(std::size_t which, const Reach& reach)
    {
        double* signal = at(which);
        std::copy_n(signal + m_length - reach.left, reach.left, signal - reach.left);
        std::copy_n(signal, reach.right, signal + m_length);
        return signal;
    }

private:
    std::size_t m_length;
    Numbers m_numbers[2];
};

/// `bands` are levels + 1 rows, `stride` numbers apart.
void decompose(const Plan& plan, const double* signal, int levels, double* bands, std::size_t stride, Work& work)
{
    double* approximation = bands + static_cast<std::size_t>(levels) * stride;
    std::copy_n(signal, plan.length(), levels > 0 ? work.at(0) : approximation);
    std::size_t from = 0;
    for (int level = 0; level < levels; ++level, from = 1 - from) {
        const Reach reach = plan.reach(level);
        circularKernels().split(work.around(from, reach), plan.length(), reach.offsets, plan.low().data(), plan.high().data(),
                                level + 1 < levels ? work.at(1 - from) : approximation,
                                bands + static_cast<std::size_t>(level) * stride);
    }
}

void recompose(const Plan& plan, const double* bands, std::size_t stride, int levels, double* signal, Work& work)
{
    const std::size_t length = plan.length();
    std::copy_n(bands + static_cast<std::size_t>(levels) * stride, length, signal);
    for (int level = levels; level-- > 0;) {
        const Reach reach = plan.reachBack(level);
        std::copy_n(signal, length, work.at(0));
        std::copy_n(bands + static_cast<std::size_t>(level) * stride, length, work.at(1));
        circularKernels().join(work.around(0, reach), length, reach.offsets, plan.lowBack().data(), signal, false);
        circularKernels().join(work.around(1, reach), length, reach.offsets, plan.highBack().data(), signal, true);
    }
}

/// Each band of the coefficients alone, in their place: a detail by its own filter, and from there up as an approximation.
void separate(const Plan& plan, double* bands, std::size_t stride, int levels, Work& work)
{
    for (int index = 0; index <= levels; ++index) {
        double* band = bands + static_cast<std::size_t>(index) * stride;
        std::copy_n(band, plan.length(), work.at(0));
        std::size_t from = 0;
        for (int level = std::min(index, levels - 1); level >= 0; --level, from = 1 - from) {
            const Reach reach = plan.reachBack(level);
            const std::vector<double>& taps = level == index ? plan.highBack() : plan.lowBack();
            circularKernels().join(work.around(from, reach), plan.length(), reach.offsets, taps.data(),
                                   level > 0 ? work.at(1 - from) : band, false);
        }
    }
}

/// work(signal, Work&) for every signal, on as many threads as are worth it.
template <class Call>
void forEachSignal(std::size_t count, std::size_t length, std::size_t operations, int threads, Call call)
{
    const std::size_t workers = workerCount(threads, count, static_cast<double>(operations) * static_cast<double>(count));
    std::vector<Work> works;
    for (std::size_t worker = 0; worker < workers; ++worker)
        works.emplace_back(length);
    forEachItem(count, workers, [&](std::size_t signal, std::size_t worker) { call(signal, works[worker]); });
}

Checked<std::size_t> signalCount(std::span<const double> signals, std::size_t length, int levels)
{
    if (auto problem = signalProblem(signals))
        return tl::unexpected(*std::move(problem));
    if (levels < 0 || levels > kMostLevels)
        return tl::unexpected(sentence(levels, " levels were asked for; choose 0 to ", kMostLevels));
    WINNOW_WAVELET_CHECK(length > 0 && signals.size() % length == 0, "signals is [count, length]");
    return signals.size() / length;
}

StationaryBands transform(std::span<const double> signals, std::size_t count, const Plan& plan, const StationaryOptions& options,
                          bool alone)
{
    const std::size_t length = plan.length(), bands = static_cast<std::size_t>(options.levels) + 1, stride = count * length;
    StationaryBands result{.length = length, .count = count, .levels = options.levels, .values = allocateNumbers(bands * stride)};
    const std::size_t operations = 2 * plan.taps() * length * bands * (alone ? bands : 1);
    forEachSignal(count, length, operations, options.threads, [&](std::size_t signal, Work& work) {
        double* own = result.values.get() + signal * length;
        decompose(plan, signals.data() + signal * length, options.levels, own, stride, work);
        if (alone)
            separate(plan, own, stride, options.levels, work);
    });
    return result;
}

Numbers inverse(const StationaryBands& coefficients, const Plan& plan, int threads)
{
    const std::size_t length = plan.length(), count = coefficients.count, stride = count * length;
    Numbers signals = allocateNumbers(stride);
    const std::size_t operations = 2 * plan.taps() * length * (static_cast<std::size_t>(coefficients.levels) + 1);
    forEachSignal(count, length, operations, threads, [&](std::size_t signal, Work& work) {
        recompose(plan, coefficients.values.get() + signal * length, stride, coefficients.levels, signals.get() + signal * length,
                  work);
    });
    return signals;
}

} // namespace

Checked<StationaryBands> swt(std::span<const double> signals, std::size_t length, const Wavelet& wavelet,
                             const StationaryOptions& options)
{
    const Checked<std::size_t> count = signalCount(signals, length, options.levels);
    if (!count)
        return tl::unexpected(count.error());
    int most = 0;
    while (length >> most != 0 && length % (std::size_t{2} << most) == 0)
        ++most;
    if (options.levels > most)
        return tl::unexpected(sentence("a stationary transform of ", options.levels, " levels needs a length that 2^",
                                       options.levels, " divides; ", length, " samples allow ", most,
                                       " levels (the maximal-overlap transform takes any length)"));
    return transform(signals, *count, Plan(length, wavelet, Form::Stationary, options.normalize), options, false);
}

Numbers iswt(const StationaryBands& coefficients, const Wavelet& wavelet, const StationaryOptions& options)
{
    return inverse(coefficients, Plan(coefficients.length, wavelet, Form::Stationary, options.normalize), options.threads);
}

Checked<StationaryBands> modwt(std::span<const double> signals, std::size_t length, const Wavelet& wavelet,
                               const StationaryOptions& options)
{
    const Checked<std::size_t> count = signalCount(signals, length, options.levels);
    if (!count)
        return tl::unexpected(count.error());
    return transform(signals, *count, Plan(length, wavelet, Form::MaximalOverlap, true), options, false);
}

Numbers imodwt(const StationaryBands& coefficients, const Wavelet& wavelet, const StationaryOptions& options)
{
    return inverse(coefficients, Plan(coefficients.length, wavelet, Form::MaximalOverlap, true), options.threads);
}

Checked<StationaryBands> modwtMultiresolution(std::span<const double> signals, std::size_t length, const Wavelet& wavelet,
                                              const StationaryOptions& options)
{
    const Checked<std::size_t> count = signalCount(signals, length, options.levels);
    if (!count)
        return tl::unexpected(count.error());
    return transform(signals, *count, Plan(length, wavelet, Form::MaximalOverlap, true), options, true);
}

} // namespace winnow::wavelet
