// SPDX-License-Identifier: GPL-3.0-or-later
// How quick the whole window is on a generated recording of 8,192 tokens with 192 lanes and six policies, as JSON lines: frames
// of a scrub in every view of the maps, six maps anew, a session opened, a key stroke in the palette over 32,768 tokens, memory,
// and the longest time that the window's thread was busy with one event. Times in milliseconds; "cpu" is the thread's own time.
//
//   bench_window FOLDER [work…]     makes the recording in FOLDER if it is not there; "work": scrub or the name of a view, maps,
//                                   palette
#include "app/window/main_window.h"
#include "core/replay/replay_file.h"
#include "core/trace/trace_writer.h"
#include "tests/support/synthetic_replay.h"
#include "views/chrome/palette.h"
#include "views/maps/map_grid.h"
#include "views/maps/map_plot.h"
#include "views/state/job_pools.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QFile>
#include <QLineEdit>
#include <QSettings>
#include <QTemporaryDir>
#include <QTimer>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <unistd.h>

namespace {

using namespace winnow;
using namespace winnow::app;
namespace fs = std::filesystem;

constexpr int kFrames = 600, kTokens = 8192, kPaletteTokens = 32768;
constexpr test::SyntheticOptions kShape{.tokens = kTokens, .layers = 24, .lanes = 8, .budget = 512, .policies = 6};

double cpuNow()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return 1e3 * static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_nsec);
}

/// Measures every event that the event loop delivers on its own.
class Application : public QApplication {
public:
    using QApplication::QApplication;
    double longest = 0;
    std::string receiver; ///< of the longest event

protected:
    bool notify(QObject* receiver, QEvent* event) override
    {
        if (m_inside)
            return QApplication::notify(receiver, event);
        m_inside = true;
        const double before = cpuNow();
        const bool accepted = QApplication::notify(receiver, event);
        longest = std::max(longest, cpuNow() - before);
        m_inside = false;
        return accepted;
    }

private:
    bool m_inside = false;
};

/// Queries are zero, so that attention is even and normalizers are right; the rest is made up.
Result<void> writeTrace(const TraceInfo& info, const fs::path& out)
{
    constexpr int kChunk = 1024;
    WINNOW_TRY(auto writer, TraceWriter::create({.out = out, .info = info, .half = true, .chunkRows = kChunk}));
    const LayerInfo& shape = info.layerInfo.front();
    const std::vector<float> zeros(static_cast<std::size_t>(shape.queryHeads) * kChunk * shape.headDim);
    const auto rowsOf = [&](int heads) {
        return std::span(zeros).first(static_cast<std::size_t>(heads) * kChunk * static_cast<std::size_t>(shape.headDim));
    };
    for (int begin = 0; begin < static_cast<int>(info.tokens.size()); begin += kChunk) {
        std::vector<float> normalizers;
        for (int head = 0; head < shape.queryHeads; ++head)
            for (int step = begin; step < begin + kChunk; ++step)
                normalizers.push_back(std::log(static_cast<float>(step + 1)));
        for (int layer = 0; layer < static_cast<int>(info.layers.size()); ++layer) {
            WINNOW_TRY_VOID(writer->append(layer, Rows::Query, rowsOf(shape.queryHeads)));
            WINNOW_TRY_VOID(writer->append(layer, Rows::Key, rowsOf(shape.keyHeads)));
            WINNOW_TRY_VOID(writer->append(layer, Rows::Value, rowsOf(shape.keyHeads)));
            WINNOW_TRY_VOID(writer->append(layer, Rows::Output, rowsOf(shape.queryHeads)));
            WINNOW_TRY_VOID(writer->append(layer, Rows::LogSumExp, normalizers));
        }
        WINNOW_TRY_VOID(writer->commit(std::span(info.logprob).subspan(static_cast<std::size_t>(begin), kChunk)));
    }
    return writer->finish();
}

Result<void> make(const fs::path& folder)
{
    fs::create_directories(folder);
    auto info = std::make_shared<TraceInfo>(*test::syntheticInfo(kShape));
    for (LayerInfo& layer : info->layerInfo) {
        layer.queryHeads = layer.keyHeads;
        layer.headDim = 16;
        layer.invFreq.assign(8, 1.0F);
    }
    WINNOW_TRY_VOID(writeTrace(*info, folder / "t.h5"));
    const auto replay = test::syntheticReplay(kShape);
    WINNOW_TRY_VOID(writeReplay(*replay, folder / "r.h5"));
    return writeReplay(*replay, folder / "r.npz");
}

void processAll()
{
    QApplication::sendPostedEvents();
    QApplication::processEvents(); // paints what was marked for painting
}

struct Times {
    std::vector<double> wall, cpu;
    void take(const std::function<void()>& work)
    {
        QElapsedTimer timer;
        const double before = cpuNow();
        timer.start();
        work();
        wall.push_back(static_cast<double>(timer.nsecsElapsed()) / 1e6);
        cpu.push_back(cpuNow() - before);
    }
    void print(const std::string& work)
    {
        std::sort(wall.begin(), wall.end());
        std::sort(cpu.begin(), cpu.end());
        const auto at = [](const std::vector<double>& all, double share) {
            return all[static_cast<std::size_t>(share * static_cast<double>(all.size() - 1))];
        };
        std::printf("{\"work\": \"%s\", \"p50\": %.2f, \"p95\": %.2f, \"max\": %.2f, \"cpu_p50\": %.2f, \"cpu_p95\": %.2f, "
                    "\"cpu_max\": %.2f, \"times\": %zu}\n",
                    work.c_str(), at(wall, 0.5), at(wall, 0.95), wall.back(), at(cpu, 0.5), at(cpu, 0.95), cpu.back(),
                    wall.size());
        std::fflush(stdout);
    }
};

bool areNew(const MainWindow& window, const std::vector<std::shared_ptr<const views::PanelPlanes>>& before)
{
    const views::MapPlot& plot = *window.mapGrid()->plot();
    for (int panel = 0; panel < plot.panelCount(); ++panel)
        if (!plot.panel(panel).planes ||
            (panel < static_cast<int>(before.size()) && plot.panel(panel).planes == before[static_cast<std::size_t>(panel)]))
            return false;
    return plot.panelCount() > 0;
}

/// Until every map has another picture than before, and it is painted.
void untilNew(MainWindow& window, const std::function<void()>& change)
{
    std::vector<std::shared_ptr<const views::PanelPlanes>> before;
    for (int panel = 0; panel < window.mapGrid()->plot()->panelCount(); ++panel)
        before.push_back(window.mapGrid()->plot()->panel(panel).planes);
    change();
    QElapsedTimer patience;
    patience.start();
    QTimer tick; // wakes it should nothing come
    tick.start(5);
    do {
        QApplication::processEvents(QEventLoop::WaitForMoreEvents); // asleep meanwhile: the cores are the workers'
        processAll();
    } while (!areNew(window, before) && patience.elapsed() < 60'000);
}

double rssMegabytes(const char* key)
{
    QFile status(QStringLiteral("/proc/self/status"));
    if (!status.open(QIODevice::ReadOnly))
        return 0;
    for (const QByteArray& line : status.readAll().split('\n'))
        if (line.startsWith(key))
            return line.simplified().split(' ').value(1).toDouble() / 1e3;
    return 0;
}

void printMemory(const char* when)
{
    std::printf("{\"work\": \"memory beside mapped pages, %s\", \"megabytes\": %.0f, \"mapped\": %.0f}\n", when,
                rssMegabytes("RssAnon:"), rssMegabytes("RssFile:"));
    std::fflush(stdout);
}

void idle()
{
    views::waitForJobs();
    for (int i = 0; i < 20; ++i)
        processAll();
    views::waitForJobs();
    processAll();
}

struct View {
    const char* name;
    bool lanes, difference, distance;
};
constexpr View kViews[] = {
    {"plain", false, false, false},           {"difference", false, true, false}, {"lanes", true, false, false},
    {"lanes, difference", true, true, false}, {"distance", false, false, true},   {"lanes, distance", true, false, true},
};

void scrub(MainWindow& window, const View& view)
{
    const auto& [name, lanes, difference, distance] = view;
    views::Selection& selection = *window.selection();
    selection.setRows(lanes ? views::MapRows::Lanes : views::MapRows::Steps);
    selection.setDifference(difference);
    selection.setAxis(distance ? views::MapAxis::Distance : views::MapAxis::Token);
    selection.setStep(0); // the first frame is no jump from the end
    idle();
    Times times;
    for (int frame = 0; frame < kFrames; ++frame) {
        const int step = static_cast<int>(static_cast<long>(frame) * (kTokens - 1) / (kFrames - 1));
        times.take([&] {
            selection.setStep(step);
            processAll();
        });
    }
    times.print(std::string("scrub ") + name);
}

void maps(MainWindow& window, double& longest)
{
    views::Selection& selection = *window.selection();
    selection.setRows(views::MapRows::Steps);
    selection.setAxis(views::MapAxis::Token);
    for (const bool difference : {false, true}) {
        selection.setDifference(difference);
        idle();
        Times zooms, lanes;
        for (int i = 0; i < 12; ++i) {
            const double from = 200.0 * i;
            zooms.take([&] { untilNew(window, [&] { selection.setZoom({from, from + 4096, from, from + 4096}); }); });
        }
        selection.setZoom({});
        idle();
        for (int i = 0; i < 12; ++i) {
            std::vector<Lane> chosen;
            for (int layer = i + 1; layer < 24; ++layer)
                for (int head = 0; head < 8; ++head)
                    chosen.push_back({layer, head});
            lanes.take([&] { untilNew(window, [&] { selection.setLanes(chosen); }); });
        }
        selection.setLanes({});
        idle();
        zooms.print(difference ? "six maps anew, zoom, difference" : "six maps anew, zoom");
        std::printf("{\"work\": \"longest event meanwhile\", \"cpu_max\": %.2f}\n", std::exchange(longest, 0));
        lanes.print(difference ? "six maps anew, lanes, difference" : "six maps anew, lanes");
    }
    selection.setDifference(false);
    idle();
}

void palette()
{
    QWidget parent;
    parent.resize(1440, 900);
    parent.show();
    views::Palette palette(&parent);
    const auto info = test::syntheticInfo({.tokens = kPaletteTokens});
    QStringList texts, labels;
    for (int token = 0; token < kPaletteTokens; ++token) {
        const std::string_view text = tokenText(*info, Position{token});
        texts << QString::fromUtf8(text);
        labels << texts.back().trimmed();
    }
    views::PaletteIndex index;
    index.setTokens(texts, labels);
    palette.open(std::move(index), 16000);
    processAll();
    Times times;
    for (const char* query : {"\"the cap\"", "captain", "token 961", "xqzw", "\"e", "1404"})
        for (int length = 1; length <= static_cast<int>(qstrlen(query)); ++length)
            times.take([&] {
                palette.field()->setText(QString::fromUtf8(query).left(length));
                processAll();
            });
    times.print("palette over 32,768 tokens, a key stroke");
}

} // namespace

int main(int argc, char** argv)
{
    if (argc < 2) {
        std::fprintf(stderr, "bench_window FOLDER [scrub|\"lanes, difference\"|maps|palette …]\n");
        return 2;
    }
    const fs::path folder = argv[1];
    if (!fs::exists(folder / "r.npz")) {
        if (const auto made = make(folder); !made) {
            std::fprintf(stderr, "%s\n", made.error().message.c_str());
            return 1;
        }
        execv("/proc/self/exe", argv); // what making it took is not the window's memory
    }
    const std::vector<std::string> works(argv + 2, argv + argc);
    const auto wanted = [&](const char* work) {
        return works.empty() || std::find(works.begin(), works.end(), work) != works.end();
    };
    qputenv("QT_QPA_PLATFORM", "offscreen");
    Application application(argc, argv);
    const QTemporaryDir noSettings;
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, noSettings.path());
    MainWindow window;
    window.resize(1440, 900);
    window.show();
    processAll();
    application.longest = 0;
    const char* replays = works == std::vector<std::string>{"h5"} ? "r.h5" : "r.npz";
    Times opening;
    opening.take([&] { untilNew(window, [&] { window.workspace()->openTrace(folder / "t.h5", {folder / replays}); }); });
    opening.print(std::string("recording and replays of 8,192 tokens to the first full paint, ") + replays);
    window.selection()->setFocus(3);
    window.selection()->setReference(1);
    std::printf("{\"work\": \"longest event while it opened\", \"cpu_max\": %.2f}\n", application.longest);
    idle();
    printMemory("opened");
    for (const View& view : kViews)
        if (wanted("scrub") || wanted(view.name))
            scrub(window, view);
    printMemory("scrubbed");
    if (wanted("maps"))
        application.longest = 0, maps(window, application.longest);
    if (wanted("palette"))
        palette();
    window.close();
    return 0;
}
