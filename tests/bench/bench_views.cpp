// SPDX-License-Identifier: GPL-3.0-or-later
// How long the Wavelet tab takes to answer a brush, as JSON lines {"work": …, "milliseconds": …}: the 95th percentile of the time
// from the new range to the painted tab, over bands, packets and a scalogram of a made-up head.
//
//   bench_views [tokens]
#include "tests/support/synthetic_trace.h"
#include "views/wavelet/wavelet_tab.h"

#include <QApplication>
#include <QElapsedTimer>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace {

using namespace winnow;
using namespace winnow::views;

constexpr int kFrames = 200;

/// A drag over the whole text, back and forth, as fast as frames come.
double brush(WaveletTab& tab, Selection& selection, int tokens)
{
    std::vector<double> frames;
    QElapsedTimer timer;
    for (int frame = 0; frame < kFrames; ++frame) {
        const int from = tokens / 16,
                  to = from + 1 + static_cast<int>(static_cast<long>(tokens - from - 1) * ((frame * 37) % kFrames) / kFrames);
        timer.start();
        selection.setTokenRange(Range{from, to});
        QApplication::sendPostedEvents();
        QApplication::processEvents(); // paints what was marked for painting
        frames.push_back(static_cast<double>(timer.nsecsElapsed()) / 1e6);
    }
    std::sort(frames.begin(), frames.end());
    return tab.shown() ? frames[static_cast<std::size_t>(0.95 * (kFrames - 1))] : -1;
}

} // namespace

int main(int argc, char** argv)
{
    qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    const int tokens = argc > 1 ? std::atoi(argv[1]) : 8192;
    const testing_support::TemporaryFolder folder;
    // Making it up holds every pair of tokens for a moment: 512 MB.
    const auto made = testing_support::makeSynthetic({.layers = 1, .queryHeads = 1, .keyHeads = 1, .tokens = tokens});
    const auto written = testing_support::writeSynthetic(made, folder / "t.h5", {.chunk = 1024});
    auto trace = written ? Trace::open(folder / "t.h5") : fail(written.error());
    if (!trace) {
        std::fprintf(stderr, "%s\n", trace.error().message.c_str());
        return 1;
    }
    ViewData data{.trace = *trace};
    data.info = std::make_shared<TraceInfo>(data.trace->info());
    Selection selection;
    selection.setExtent(tokens, 0);
    selection.setStep(tokens - 1);
    WaveletTab tab(&selection);
    tab.resize(1180, 390);
    tab.show();
    tab.setData(data);
    for (const auto& [name, transform] :
         {std::pair("bands", BandTransform::Decimated), std::pair("packets", BandTransform::Packets),
          std::pair("scalogram", BandTransform::Continuous)}) {
        tab.controls()->setMethod({.transform = transform});
        tab.finish();
        tab.pane()->setMarkedRow(3);
        brush(tab, selection, tokens); // the first pictures fill caches of glyphs
        std::printf("{\"work\": \"brush %s\", \"milliseconds\": %.3f}\n", name, brush(tab, selection, tokens));
    }
    return 0;
}
