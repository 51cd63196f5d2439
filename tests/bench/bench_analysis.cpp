// SPDX-License-Identifier: GPL-3.0-or-later
// Times of the wavelet analysis over one recording, as JSON lines {"work": …, "seconds": …}.
//
//   bench_analysis TRACE [runs]
#include "core/analysis/wavelet/band_brush.h"
#include "core/analysis/wavelet/head_slopes.h"
#include "core/analysis/wavelet/scale_matrix.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>

namespace {

using namespace winnow;
using Clock = std::chrono::steady_clock;

double since(Clock::time_point begun) { return std::chrono::duration<double>(Clock::now() - begun).count(); }

void report(const char* work, double seconds) { std::printf("{\"work\": \"%s\", \"seconds\": %.6f}\n", work, seconds); }

/// Figure 2 of every query head, averaged over 64 steps.
double figure2(const Trace& trace)
{
    ContributionOptions options;
    const int tokens = trace.tokenCount(), first = std::min(kFigure2Positions, tokens) - 1;
    for (int i = 0; i < 64; ++i)
        options.steps.push_back(first + (tokens - 1 - first) * i / 63);
    const auto begun = Clock::now();
    const auto result = treekvFigure2(trace, options, {});
    const double seconds = since(begun);
    if (!result) {
        std::fprintf(stderr, "treekv-2: %s\n", result.error().message.c_str());
        std::exit(1);
    }
    return seconds;
}

/// Slopes of every head with their intervals, 1,000 samples over 64 pieces of the recording that stand for texts.
double bootstrap(const Trace& trace)
{
    constexpr int kTexts = 64;
    HeadSlopeSum sum(kHiddenPositions);
    const int tokens = trace.tokenCount(), length = std::min(tokens, 1024);
    for (int text = 0; text < kTexts; ++text) {
        ContributionOptions options = slopeOptions();
        options.window = length;
        options.steps = {length - 1 + (tokens - length) * text / (kTexts - 1)};
        if (const auto added = sum.add(trace, options, {}); !added) {
            std::fprintf(stderr, "slopes: %s\n", added.error().message.c_str());
            std::exit(1);
        }
    }
    const auto begun = Clock::now();
    const HeadSlopes slopes = sum.finish();
    const double seconds = since(begun);
    if (slopes.heads.empty())
        std::exit(1);
    return seconds;
}

/// The slowest of many brushes over 8,192 positions: the range's energies, the tokens that carry a band there, and the matrix.
double brush()
{
    auto c = std::make_shared<Contribution>();
    c->levels = 8;
    c->positions = 8192;
    c->filterLength = 8;
    std::mt19937 random(1);
    std::exponential_distribution<double> numbers;
    c->signal.resize(8192);
    c->power.resize(9 * 8192);
    for (auto* values : {&c->signal, &c->power})
        std::generate(values->begin(), values->end(), [&] { return numbers(random); });
    const BandBrush brush(c);
    double slowest = 0, sum = 0;
    for (int i = 0; i < 200; ++i) {
        const int begin = static_cast<int>(random() % 4096), end = begin + 4096;
        const auto begun = Clock::now();
        sum += brush.range(begin, end).share.front();
        sum += static_cast<double>(brush.carriers(i % 9, begin, end, 0.9).size());
        sum += scaleMatrix(*c).fit.points;
        slowest = std::max(slowest, since(begun));
    }
    return sum > 0 ? slowest : 0;
}

} // namespace

int main(int argc, char** argv)
{
    const auto trace = Trace::open(argc > 1 ? argv[1] : "");
    if (!trace) {
        std::fprintf(stderr, "%s\n", trace.error().message.c_str());
        return 1;
    }
    const int runs = argc > 2 ? std::atoi(argv[2]) : 3;
    std::vector<double> seconds;
    for (int i = 0; i < runs; ++i)
        seconds.push_back(figure2(**trace));
    std::sort(seconds.begin(), seconds.end());
    report("treekv-2", seconds[seconds.size() / 2]);
    report("bootstrap", bootstrap(**trace));
    report("brush", brush());
    return 0;
}
