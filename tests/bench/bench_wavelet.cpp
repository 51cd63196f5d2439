// SPDX-License-Identifier: GPL-3.0-or-later
// What tests/bench/bench_wavelet.py does with the peers of the wavelet room, on the same signals:
//   bands       five-level db4 decomposition of 1,000 signals of 2,048 samples and every band reconstructed alone
//   stationary  five-level db4 stationary transform of 500 signals of 2,048 samples
//   morlet      continuous transform of one signal of 8,192 samples by Morlet's wavelet (w0 = 6) at 64 scales
//
//   bench_wavelet WORK [threads]         one JSON line: {"work": …, "threads": …, "seconds": [every run]}
//   bench_wavelet --check WORK FILE      reads the signals from FILE (float64) and writes the result to FILE.result
#include "wavelet/continuous/continuous.h"
#include "wavelet/multiresolution.h"
#include "wavelet/stationary.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace winnow::wavelet;

constexpr int kLevels = 5, kRuns = 9;

struct Work {
    std::string name;
    std::size_t count = 0, length = 0;
};

Work workOf(const std::string& name)
{
    if (name == "bands")
        return {name, 1000, 2048};
    if (name == "stationary")
        return {name, 500, 2048};
    if (name == "morlet")
        return {name, 1, 8192};
    std::fprintf(stderr, "there is no work '%s': choose bands, stationary or morlet\n", name.c_str());
    std::exit(2);
}

/// The numbers of the result, which stay where they are until the next call.
std::span<const double> run(const Work& work, const std::vector<double>& signals, int threads)
{
    static const Wavelet db4 = findWavelet("db4").value();
    static const std::vector<double> scales = scaleLadder(2.0, 8.0, 64);
    static Numbers kept;
    static ComplexNumbers keptComplex;
    if (work.name == "bands") {
        kept =
            multiresolution({.data = signals.data(), .length = work.length, .count = work.count, .layout = Layout::SignalMajor},
                            db4, {.boundary = Boundary::Symmetric, .levels = kLevels, .threads = threads})
                .values;
        return {kept.get(), (kLevels + 1) * signals.size()};
    }
    if (work.name == "stationary") {
        kept = std::move(swt(signals, work.length, db4, {.levels = kLevels, .threads = threads})->values);
        return {kept.get(), (kLevels + 1) * signals.size()};
    }
    keptComplex = std::move(cwt(signals, ContinuousWavelet::morlet(6.0), scales, {.threads = threads})->values);
    return {reinterpret_cast<const double*>(keptComplex.data()), 2 * keptComplex.size()};
}

int check(const Work& work, const std::string& path)
{
    std::vector<double> signals(work.count * work.length);
    std::ifstream in(path, std::ios::binary);
    const auto bytes = static_cast<std::streamsize>(signals.size() * sizeof(double));
    if (!in.read(reinterpret_cast<char*>(signals.data()), bytes)) {
        std::fprintf(stderr, "reading '%s': expected %td bytes\n", path.c_str(), static_cast<std::ptrdiff_t>(bytes));
        return 1;
    }
    const std::span<const double> result = run(work, signals, 0);
    std::ofstream out(path + ".result", std::ios::binary);
    out.write(reinterpret_cast<const char*>(result.data()), static_cast<std::streamsize>(result.size_bytes()));
    return out.good() ? 0 : 1;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc == 4 && std::string(argv[1]) == "--check")
        return check(workOf(argv[2]), argv[3]);
    const Work work = workOf(argc > 1 ? argv[1] : "bands");
    const int threads = argc > 2 ? std::atoi(argv[2]) : 0;
    std::mt19937_64 random(7);
    std::normal_distribution<double> normal;
    std::vector<double> signals(work.count * work.length);
    for (double& sample : signals)
        sample = normal(random);
    std::printf("{\"work\": \"%s, %zu x %zu\", \"threads\": %d, \"seconds\": [", work.name.c_str(), work.count, work.length,
                threads);
    for (int i = 0; i < kRuns; ++i) {
        const auto start = std::chrono::steady_clock::now();
        run(work, signals, threads);
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
        std::printf("%s%.6f", i == 0 ? "" : ", ", taken.count());
    }
    std::printf("]}\n");
    return 0;
}
