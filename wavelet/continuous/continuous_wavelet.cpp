// SPDX-License-Identifier: GPL-3.0-or-later
#include "wavelet/continuous/continuous_wavelet.h"

#include "wavelet/contract.h"
#include "wavelet/names.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numbers>
#include <vector>

namespace winnow::wavelet {

namespace {

using std::numbers::pi;

constexpr double kNegligible = 1e-18; // of the peak
constexpr int kMostOrder = 40;
constexpr double kGone = 750.0; // exp(-kGone) is zero, whatever power of the exponent it stands beside

/// The central B-spline of that order (degree order - 1) at x, by the recursion of Cox and de Boor.
double centralSpline(int order, double x)
{
    const double at = x + order / 2.0; // the knots are 0 to order
    if (at < 0.0 || at > order)
        return 0.0;
    std::array<double, 2 * kMostOrder> values; // [i] of the spline that begins at knot i
    for (int i = 0; i < order; ++i)
        values[static_cast<std::size_t>(i)] = at >= i && at < i + 1 ? 1.0 : 0.0;
    if (order == 1 && (at == 0.0 || at == 1.0))
        return 0.5; // the mean at a jump
    for (int degree = 1; degree < order; ++degree) {
        for (int i = 0; i < order - degree; ++i) {
            const auto k = static_cast<std::size_t>(i);
            values[k] = ((at - i) * values[k] + (i + degree + 1 - at) * values[k + 1]) / degree;
        }
    }
    return values[0];
}

/// Hermite's polynomial of probability theory, He_order(x).
double hermite(int order, double x)
{
    double before = 1.0, value = x;
    if (order == 0)
        return before;
    for (int n = 1; n < order; ++n) {
        const double next = x * value - n * before;
        before = value;
        value = next;
    }
    return value;
}

double sinc(double x) { return x == 0.0 ? 1.0 : std::sin(pi * x) / (pi * x); }

/// Gauss-Legendre with eight points on each of `pieces` parts of [from, to].
template <class Function>
double integrate(double from, double to, int pieces, Function function)
{
    constexpr std::array<double, 4> at{0.1834346424956498, 0.5255324099163290, 0.7966664774136267, 0.9602898564975363};
    constexpr std::array<double, 4> weight{0.3626837833783620, 0.3137066458778873, 0.2223810344533745, 0.1012285362903763};
    const double half = (to - from) / (2.0 * pieces);
    double sum = 0.0;
    for (int piece = 0; piece < pieces; ++piece) {
        const double middle = from + (2 * piece + 1) * half;
        for (std::size_t i = 0; i < at.size(); ++i)
            sum += weight[i] * half * (function(middle - at[i] * half) + function(middle + at[i] * half));
    }
    return sum;
}

} // namespace

ContinuousWavelet::ContinuousWavelet(Mother mother, int order, double bandwidth, double center)
    : m_mother(mother), m_order(order), m_bandwidth(bandwidth), m_center(center)
{
    WINNOW_WAVELET_CHECK(order >= 1 && order <= kMostOrder, "the order of a wavelet is 1 to 40");
    WINNOW_WAVELET_CHECK(bandwidth > 0.0 && center > 0.0, "bandwidth and center are positive");
    const double m = order;
    double knots = 16; // pieces of the integral: between neighbors the gain is smooth
    switch (mother) {
    case Mother::Morlet:
        m_norm = m_psiNorm = std::pow(pi, -0.25);
        m_peak = center;
        m_lowest = center - std::sqrt(-2.0 * std::log(kNegligible));
        m_highest = 2.0 * center - m_lowest;
        m_admissibility = integrate(m_peak / 16.0, m_highest, 64, [this](double u) { return gain(u) / u; });
        return;
    case Mother::ComplexMorlet: {
        const double reach = std::sqrt(-4.0 * std::log(kNegligible) / bandwidth);
        m_psiNorm = std::pow(pi * bandwidth / 2.0, -0.25);
        m_norm = m_psiNorm * std::sqrt(bandwidth / 2.0);
        m_peak = 2.0 * pi * center;
        m_lowest = m_peak - reach;
        m_highest = m_peak + reach;
        m_admissibility = integrate(std::max(m_peak / 16.0, m_lowest), m_highest, 64, [this](double u) { return gain(u) / u; });
        return;
    }
    case Mother::Paul:
        m_norm = std::exp(m * std::log(2.0) - 0.5 * (std::log(m) + std::lgamma(2.0 * m)));
        m_psiNorm = std::exp(m * std::log(2.0) + std::lgamma(m + 1.0) - 0.5 * (std::log(pi) + std::lgamma(2.0 * m + 1.0)));
        m_peak = m;
        m_admissibility = m_norm * std::tgamma(m);
        break;
    case Mother::DerivativeOfGaussian:
        m_norm = m_psiNorm = std::exp(-0.5 * std::lgamma(m + 0.5));
        m_peak = std::sqrt(m);
        m_admissibility = m_norm * std::exp2(m / 2.0 - 1.0) * std::tgamma(m / 2.0);
        break;
    case Mother::Shannon:
    case Mother::BSpline: {
        const double energy = m * centralSpline(2 * order, 0.0); // of the wavelet that PyWavelets has
        m_psiNorm = std::sqrt(bandwidth / energy);
        m_norm = m_psiNorm * m / (bandwidth * std::sqrt(2.0 * pi));
        m_peak = 2.0 * pi * center;
        m_lowest = m_peak - pi * bandwidth;
        m_highest = m_peak + pi * bandwidth;
        knots = m;
        const double from = std::max(m_lowest, m_peak / 16.0), width = 2.0 * pi * bandwidth / knots;
        for (double piece = m_lowest; piece < m_highest - width / 2.0; piece += width) {
            const double begin = std::max(piece, from), end = std::max(piece + width, from);
            m_admissibility += integrate(begin, end, 16, [this](double u) { return gain(u) / u; });
        }
        return;
    }
    }
    // Paul and the derivatives begin at 0 as a power and end exponentially.
    for (m_highest = m_peak; gain(m_highest) > kNegligible * gain(m_peak);)
        m_highest *= 1.05;
}

ContinuousWavelet ContinuousWavelet::morlet(double omega0) { return {Mother::Morlet, 1, 2.0, omega0}; }
ContinuousWavelet ContinuousWavelet::complexMorlet(double bandwidth, double center)
{
    return {Mother::ComplexMorlet, 1, bandwidth, center};
}
ContinuousWavelet ContinuousWavelet::paul(int order) { return {Mother::Paul, order, 1.0, 1.0}; }
ContinuousWavelet ContinuousWavelet::derivativeOfGaussian(int order) { return {Mother::DerivativeOfGaussian, order, 1.0, 1.0}; }
ContinuousWavelet ContinuousWavelet::shannon(double bandwidth, double center) { return {Mother::Shannon, 1, bandwidth, center}; }
ContinuousWavelet ContinuousWavelet::bSpline(int order, double bandwidth, double center)
{
    return {Mother::BSpline, order, bandwidth, center};
}

std::string ContinuousWavelet::name() const
{
    switch (m_mother) {
    case Mother::Morlet:
        return sentence("morlet", m_center);
    case Mother::ComplexMorlet:
        return sentence("cmor", m_bandwidth, "-", m_center);
    case Mother::Paul:
        return sentence("paul", m_order);
    case Mother::DerivativeOfGaussian:
        return sentence("dog", m_order);
    case Mother::Shannon:
        return sentence("shan", m_bandwidth, "-", m_center);
    case Mother::BSpline:
        return sentence("fbsp", m_order, "-", m_bandwidth, "-", m_center);
    }
    return {};
}

std::string_view ContinuousWavelet::source() const
{
    if (m_mother == Mother::Morlet || m_mother == Mother::Paul || m_mother == Mother::DerivativeOfGaussian)
        return "C. Torrence, G. Compo, Bull. Amer. Meteor. Soc. 79, 1998, table 1";
    return "A. Teolis, Computational Signal Processing with Wavelets, Birkhaeuser 1998, with the names of PyWavelets";
}

Complex ContinuousWavelet::psi(double t) const
{
    const double m = m_order;
    switch (m_mother) {
    case Mother::Morlet:
        return m_psiNorm * std::exp(Complex(-t * t / 2.0, m_center * t));
    case Mother::ComplexMorlet:
        return m_psiNorm * std::exp(Complex(-t * t / m_bandwidth, 2.0 * pi * m_center * t));
    case Mother::Paul:
        return m_psiNorm * std::pow(Complex(1.0, -t), -(m + 1.0));
    case Mother::DerivativeOfGaussian:
        return (m_order % 2 == 0 ? -1.0 : 1.0) * m_psiNorm * hermite(m_order, t) * std::exp(-t * t / 2.0);
    case Mother::Shannon:
    case Mother::BSpline:
        return m_psiNorm * std::pow(sinc(m_bandwidth * t / m), m_order) * std::polar(1.0, 2.0 * pi * m_center * t);
    }
    return 0.0;
}

double ContinuousWavelet::gain(double u) const
{
    switch (m_mother) {
    case Mother::Morlet:
        return m_norm * std::exp(-0.5 * (u - m_peak) * (u - m_peak));
    case Mother::ComplexMorlet:
        return m_norm * std::exp(-0.25 * m_bandwidth * (u - m_peak) * (u - m_peak));
    case Mother::Paul:
        return u > 0.0 && u < kGone ? m_norm * std::pow(u, m_order) * std::exp(-u) : 0.0;
    case Mother::DerivativeOfGaussian:
        return u * u < 2.0 * kGone ? m_norm * std::pow(u, m_order) * std::exp(-0.5 * u * u) : 0.0;
    case Mother::Shannon:
    case Mother::BSpline:
        return m_norm * centralSpline(m_order, (u - m_peak) * m_order / (2.0 * pi * m_bandwidth));
    }
    return 0.0;
}

void ContinuousWavelet::gains(double first, double step, double factor, std::span<double> gains) const
{
    const bool isGaussian = m_mother == Mother::Morlet || m_mother == Mother::ComplexMorlet;
    constexpr std::size_t kBlock = 16;
    if (!isGaussian || gains.size() < 2 * kBlock) {
        for (std::size_t k = 0; k < gains.size(); ++k)
            gains[k] = factor * gain(first + static_cast<double>(k) * step);
        return;
    }
    // exp(-a (v + j h)^2) is exp(-a v^2) exp(-2 a v h)^j exp(-a h^2 j^2): two exponentials for sixteen numbers.
    const double a = m_mother == Mother::Morlet ? 0.5 : 0.25 * m_bandwidth;
    std::array<double, kBlock> bend;
    for (std::size_t j = 0; j < kBlock; ++j)
        bend[j] = m_norm * factor * std::exp(-a * step * step * static_cast<double>(j * j));
    for (std::size_t begin = 0; begin < gains.size(); begin += kBlock) {
        const double v = first + static_cast<double>(begin) * step - m_peak, ratio = std::exp(-2.0 * a * v * step);
        double power = std::exp(-a * v * v);
        const std::size_t count = std::min(kBlock, gains.size() - begin);
        for (std::size_t j = 0; j < count; ++j, power *= ratio)
            gains[begin + j] = power * bend[j];
    }
}

Complex ContinuousWavelet::phase() const
{
    if (m_mother != Mother::DerivativeOfGaussian)
        return 1.0;
    constexpr std::array<Complex, 4> kMinusPowers{Complex(-1, 0), Complex(0, -1), Complex(1, 0), Complex(0, 1)}; // -(i^m)
    return kMinusPowers[static_cast<std::size_t>(m_order) % 4];
}

double ContinuousWavelet::periodOfScale() const
{
    switch (m_mother) {
    case Mother::Morlet:
        return 4.0 * pi / (m_center + std::sqrt(2.0 + m_center * m_center));
    case Mother::Paul:
        return 4.0 * pi / (2.0 * m_order + 1.0);
    case Mother::DerivativeOfGaussian:
        return 2.0 * pi / std::sqrt(m_order + 0.5);
    default:
        return 1.0 / m_center;
    }
}

double ContinuousWavelet::eFoldingTime() const
{
    switch (m_mother) {
    case Mother::Morlet:
    case Mother::DerivativeOfGaussian:
        return std::numbers::sqrt2;
    case Mother::ComplexMorlet:
        return std::sqrt(m_bandwidth);
    case Mother::Paul:
        return 1.0 / std::numbers::sqrt2;
    default: // (m / (pi B t))^m = 1 / e
        return m_order * std::exp(1.0 / m_order) / (pi * m_bandwidth);
    }
}

double ContinuousWavelet::reconstructionFactor() const
{
    return (isReal() ? 2.0 : 1.0) * std::sqrt(pi / 2.0) / std::numbers::ln2 * m_admissibility /
           (psi(0.0) * std::conj(phase())).real();
}

std::optional<DecorrelationFactors> ContinuousWavelet::decorrelation() const
{
    if (m_mother == Mother::Morlet && m_center == 6.0)
        return DecorrelationFactors{.time = 2.32, .scale = 0.60};
    if (m_mother == Mother::Paul && m_order == 4)
        return DecorrelationFactors{.time = 1.17, .scale = 1.5};
    if (m_mother == Mother::DerivativeOfGaussian && m_order == 2)
        return DecorrelationFactors{.time = 1.43, .scale = 1.4};
    if (m_mother == Mother::DerivativeOfGaussian && m_order == 6)
        return DecorrelationFactors{.time = 1.37, .scale = 0.97};
    return std::nullopt;
}

std::span<const std::string_view> continuousWaveletNames()
{
    static constexpr std::array<std::string_view, 6> kNames{"morlet6", "cmor1.5-1", "paul4", "dog2", "shan1.5-1", "fbsp2-1-1.5"};
    return kNames;
}

Checked<ContinuousWavelet> requireContinuousWavelet(std::string_view name)
{
    const std::string lower = lowerCase(name.substr(0, 64));
    if (lower == "mexh")
        return ContinuousWavelet::mexicanHat();
    static constexpr std::array<std::string_view, 7> kWords{"morlet", "cmor", "paul", "dog", "mexh", "shan", "fbsp"};
    const std::size_t digits = std::min(lower.find_first_of("0123456789-.+"), lower.size());
    const std::string_view word = std::string_view(lower).substr(0, digits);
    if (std::ranges::find(kWords, word) == kWords.end())
        return tl::unexpected(sentence("there is no continuous wavelet '", name.substr(0, 64), "'; the nearest is '",
                                       nearestName(kWords, word), "'"));
    // The numbers between dashes.
    std::vector<double> given;
    bool readable = true;
    for (const char *at = lower.data() + digits, *end = lower.data() + lower.size(); at != end && readable;) {
        double number = 0.0;
        const auto [rest, error] = std::from_chars(at, end, number);
        readable = error == std::errc() && std::isfinite(number) && (rest == end || (*rest == '-' && rest + 1 != end));
        given.push_back(number);
        at = rest == end ? end : rest + 1;
    }
    const auto isOrder = [](double number) { return number >= 1.0 && number <= kMostOrder && number == std::floor(number); };
    const auto isSize = [](double number) { return number >= 1e-3 && number <= 1e3; };
    const auto count = given.size();
    if (readable && word == "morlet" && (count == 0 || (count == 1 && isSize(given[0]))))
        return ContinuousWavelet::morlet(count == 0 ? 6.0 : given[0]);
    if (readable && word == "paul" && (count == 0 || (count == 1 && isOrder(given[0]))))
        return ContinuousWavelet::paul(count == 0 ? 4 : static_cast<int>(given[0]));
    if (readable && word == "dog" && (count == 0 || (count == 1 && isOrder(given[0]))))
        return ContinuousWavelet::derivativeOfGaussian(count == 0 ? 2 : static_cast<int>(given[0]));
    const bool two = count == 0 || (count == 2 && isSize(given[0]) && isSize(given[1]));
    if (readable && word == "cmor" && two)
        return count == 0 ? ContinuousWavelet::complexMorlet() : ContinuousWavelet::complexMorlet(given[0], given[1]);
    if (readable && word == "shan" && two)
        return count == 0 ? ContinuousWavelet::shannon() : ContinuousWavelet::shannon(given[0], given[1]);
    if (readable && word == "fbsp" && (count == 0 || (count == 3 && isOrder(given[0]) && isSize(given[1]) && isSize(given[2]))))
        return count == 0 ? ContinuousWavelet::bSpline()
                          : ContinuousWavelet::bSpline(static_cast<int>(given[0]), given[1], given[2]);
    return tl::unexpected(
        sentence("the numbers of '", name.substr(0, 64),
                 "' do not fit: write morletW, cmorB-C, paulM, dogM, shanB-C or fbspM-B-C with an order M of 1 to ", kMostOrder,
                 " and W, B, C between 0.001 and 1000"));
}

} // namespace winnow::wavelet
