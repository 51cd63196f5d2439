#include "wavelet/stationary.h"

#include "wavelet/circular_kernels.h"
#include "wavelet/contract.h"
#include "wavelet/names.h"
#include "wavelet/workers.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace winnow::wavelet {

namespace {

constexpr int kMostLevels = 40; // 2^40 samples between two taps

enum class Form { Stationary, MaximalOverlap };

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

    /// Tap j of level `level` (from 0) reads sample n + offset[j] of the signal, circularly.
    std::vector<std::size_t> offsets(int level) const { return reaching(start(level), level); }
    /// The same on the way back: both starts together are (taps - 1) steps, where the four filters have their common center.
    std::vector<std::size_t> offsetsBack(int level) const
    {
        const std::size_t all = (taps() - 1) % m_length * step(level) % m_length;
        return reaching((all + m_length - start(level)) % m_length, level);
    }

    void split(const double* twice, int level, double* low, double* high) const
    {
        circularKernels().split(twice, m_length, offsets(level), m_low.data(), m_high.data(), low, high);
    }

private:
    std::size_t step(int level) const { return (std::size_t{1} << level) % m_length; }
    std::size_t start(int level) const { return m_form == Form::Stationary ? taps() / 2 % m_length * step(level) % m_length : 0; }
    std::vector<std::size_t> reaching(std::size_t offset, int level) const
    {
        std::vector<std::size_t> offsets(taps());
        for (std::size_t& one : offsets) {
            one = offset;
            offset = (offset + m_length - step(level)) % m_length;
        }
        return offsets;
    }

    std::size_t m_length;
    Form m_form;
    std::vector<double> m_low, m_high, m_lowBack, m_highBack;
};

/// A signal twice in a row, so that a circular shift is an offset.
void repeat(const double* signal, std::size_t length, std::vector<double>& twice)
{
    twice.resize(2 * length);
    std::copy_n(signal, length, twice.data());
    std::copy_n(signal, length, twice.data() + length);
}

/// The memory of one worker.
struct Work {
    std::vector<double> twice, next;
};

/// `bands` are levels + 1 rows, `stride` numbers apart.
void decompose(const Plan& plan, const double* signal, int levels, double* bands, std::size_t stride, Work& work)
{
    work.next.resize(plan.length());
    const double* approximation = signal;
    for (int level = 0; level < levels; ++level) {
        repeat(approximation, plan.length(), work.twice);
        plan.split(work.twice.data(), level, work.next.data(), bands + static_cast<std::size_t>(level) * stride);
        approximation = work.next.data();
    }
    std::copy_n(approximation, plan.length(), bands + static_cast<std::size_t>(levels) * stride);
}

/// From the approximation in work.next at `level` up to the signal, without details.
void climb(const Plan& plan, int level, Work& work)
{
    for (; level > 0; --level) {
        repeat(work.next.data(), plan.length(), work.twice);
        circularKernels().join(work.twice.data(), plan.length(), plan.offsetsBack(level - 1), plan.lowBack().data(),
                               work.next.data(), false);
    }
}

void recompose(const Plan& plan, const double* bands, std::size_t stride, int levels, double* signal, Work& work)
{
    const std::size_t length = plan.length();
    std::copy_n(bands + static_cast<std::size_t>(levels) * stride, length, signal);
    for (int level = levels; level-- > 0;) {
        const std::vector<std::size_t> offsets = plan.offsetsBack(level);
        repeat(signal, length, work.twice);
        circularKernels().join(work.twice.data(), length, offsets, plan.lowBack().data(), signal, false);
        repeat(bands + static_cast<std::size_t>(level) * stride, length, work.twice);
        circularKernels().join(work.twice.data(), length, offsets, plan.highBack().data(), signal, true);
    }
}

/// Each band of the coefficients alone, in their place.
void separate(const Plan& plan, double* bands, std::size_t stride, int levels, Work& work)
{
    const std::size_t length = plan.length();
    for (int index = 0; index <= levels; ++index) {
        double* band = bands + static_cast<std::size_t>(index) * stride;
        work.next.assign(band, band + length);
        if (index < levels) {
            repeat(band, length, work.twice);
            circularKernels().join(work.twice.data(), length, plan.offsetsBack(index), plan.highBack().data(), work.next.data(),
                                   false);
        }
        climb(plan, index, work);
        std::ranges::copy(work.next, band);
    }
}

/// work(signal, Work&) for every signal, on as many threads as are worth it.
template <class Call>
void forEachSignal(std::size_t count, std::size_t operations, int threads, Call call)
{
    const std::size_t workers = workerCount(threads, count, static_cast<double>(operations) * static_cast<double>(count));
    std::vector<Work> works(workers);
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
    forEachSignal(count, operations, options.threads, [&](std::size_t signal, Work& work) {
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
    forEachSignal(count, operations, threads, [&](std::size_t signal, Work& work) {
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
