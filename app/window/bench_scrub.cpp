// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/bench_scrub.h"

#include "app/cli/console.h"
#include "app/cli/demo.h"
#include "app/cli/resources.h"
#include "app/window/main_window.h"
#include "views/maps/map_grid.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QEventLoop>

#include <algorithm>
#include <cstdio>
#include <vector>

namespace winnow::app {

namespace {

constexpr int kTokens = 2048, kFrames = 600;

/// All sample texts after one another, so that there are enough tokens.
Result<RecordOptions> recording()
{
    WINNOW_TRY(RecordOptions options, demoRecording({}));
    WINNOW_TRY(const std::vector<std::filesystem::path> texts, sampleTexts());
    for (std::size_t i = 1; i < texts.size(); ++i) {
        WINNOW_TRY(const std::string more, cli::readText(texts[i].string()));
        options.text += "\n" + more;
    }
    options.maxTokens = kTokens;
    return options;
}

void settle(Workspace& workspace)
{
    QEventLoop loop;
    QObject::connect(&workspace, &Workspace::settled, &loop, &QEventLoop::quit);
    QObject::connect(&workspace, &Workspace::failed, &loop,
                     [](const QString& sentence) { std::fprintf(stderr, "winnow: %s\n", qPrintable(sentence)); });
    loop.exec();
}

} // namespace

int benchScrub()
{
    auto options = recording();
    if (!options) {
        std::fprintf(stderr, "winnow: %s\n", options.error().message.c_str());
        return 1;
    }
    MainWindow window;
    window.resize(1440, 900);
    window.show();
    window.workspace()->record(*options);
    settle(*window.workspace());
    const int tokens = window.selection()->tokenCount();
    if (!window.workspace()->data().replay || tokens < 2)
        return 1;
    window.mapGrid()->finishPlanes();
    views::waitForJobs();
    QApplication::processEvents();

    window.selection()->setStep(0); // the first frame is no jump from the end
    QApplication::processEvents();

    std::vector<double> frames;
    QElapsedTimer timer;
    for (int frame = 0; frame < kFrames; ++frame) {
        const int step = static_cast<int>(static_cast<long>(frame) * (tokens - 1) / (kFrames - 1));
        timer.start();
        window.selection()->setStep(step);
        QApplication::sendPostedEvents();
        QApplication::processEvents(); // paints what was marked for painting
        frames.push_back(static_cast<double>(timer.nsecsElapsed()) / 1e6);
    }
    const auto worst = std::max_element(frames.begin(), frames.end()) - frames.begin();
    std::sort(frames.begin(), frames.end());
    const auto at = [&](double share) { return frames[static_cast<std::size_t>(share * (kFrames - 1))]; };
    std::printf(
        "{\"p50\": %.2f, \"p95\": %.2f, \"max\": %.2f, \"max_frame\": %d, \"frames\": %d, \"tokens\": %d, \"policies\": %zu}\n",
        at(0.5), at(0.95), frames.back(), static_cast<int>(worst), kFrames, tokens, window.workspace()->specs().size());
    window.close();
    return 0;
}

} // namespace winnow::app
