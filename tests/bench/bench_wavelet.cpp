// Five-level db4 decomposition of 1,000 signals of 2,048 samples and every band reconstructed alone, as
// tests/bench/bench_wavelet.py does it with PyWavelets.
//
//   bench_wavelet [threads]           one JSON line: {"work": …, "threads": …, "seconds": [every run]}
//   bench_wavelet --check FILE        reads the signals [1000, 2048] from FILE (float64) and writes the bands to FILE.bands
#include "wavelet/multiresolution.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string_view>
#include <vector>

namespace {

using namespace winnow::wavelet;

constexpr std::size_t kSignals = 1000, kLength = 2048;
constexpr int kLevels = 5, kRuns = 9;

MultiresolutionBands work(const std::vector<double>& signals, int threads)
{
    static const Wavelet db4 = findWavelet("db4").value();
    return multiresolution({.data = signals.data(), .length = kLength, .count = kSignals, .layout = Layout::SignalMajor}, db4,
                           {.boundary = Boundary::Symmetric, .levels = kLevels, .threads = threads});
}

int check(const std::string& path)
{
    std::vector<double> signals(kSignals * kLength);
    std::ifstream in(path, std::ios::binary);
    const auto bytes = static_cast<std::streamsize>(signals.size() * sizeof(double));
    if (!in.read(reinterpret_cast<char*>(signals.data()), bytes)) {
        std::fprintf(stderr, "reading '%s': expected %td bytes\n", path.c_str(), static_cast<std::ptrdiff_t>(bytes));
        return 1;
    }
    const MultiresolutionBands bands = work(signals, 0);
    std::ofstream out(path + ".bands", std::ios::binary);
    out.write(reinterpret_cast<const char*>(bands.values.get()), bytes * (kLevels + 1));
    return out.good() ? 0 : 1;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc == 3 && std::string_view(argv[1]) == "--check")
        return check(argv[2]);
    const int threads = argc > 1 ? std::atoi(argv[1]) : 0;
    std::mt19937_64 random(7);
    std::normal_distribution<double> normal;
    std::vector<double> signals(kSignals * kLength);
    for (double& sample : signals)
        sample = normal(random);
    std::printf("{\"work\": \"db4, 5 levels, all bands, %zu x %zu\", \"threads\": %d, \"seconds\": [", kSignals, kLength,
                threads);
    for (int run = 0; run < kRuns; ++run) {
        const auto start = std::chrono::steady_clock::now();
        const MultiresolutionBands bands = work(signals, threads);
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
        std::printf("%s%.6f", run == 0 ? "" : ", ", taken.count());
    }
    std::printf("]}\n");
    return 0;
}
