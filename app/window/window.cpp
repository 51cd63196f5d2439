// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/window.h"

#include "app/cli/console.h"
#include "app/window/actions.h"
#include "app/window/flat_style.h"
#include "app/window/main_window.h"
#include "core/base/nearest.h"
#include "core/io/atomic_file.h"
#include "core/io/output_file.h"
#include "views/export/gif.h"
#include "views/maps/map_grid.h"
#include "views/paper/animation.h"
#include "views/paper/save_figure.h"
#include "views/state/job_pools.h"

#include <QAction>
#include <QApplication>
#include <QBuffer>
#include <QCommandLineParser>
#include <QDialog>
#include <QLoggingCategory>
#include <QPainter>
#include <QRegularExpression>
#include <QSettings>
#include <QTemporaryDir>
#include <QTimer>

#include <algorithm>
#include <memory>
#include <stop_token>

namespace winnow::app {

namespace {

constexpr int kStopped = 130;
constexpr int kScreenshotPatience = 120'000; ///< ms after which the picture is taken of whatever is there

struct WindowOptions {
    QString screenshot;
    QSize size;
    std::optional<ThemeChoice> theme;
    int lowerTab = -1;
    bool demo = false, empty = false;
    bool demoAsked = false;     ///< and not only for lack of something else
    QStringList files, actions; ///< actions: ids that are triggered before the picture is taken, or "step=N", "step=A-B:N"
};

int wrong(const QString& sentence)
{
    cli::complain("winnow", fmt::format("{}; see winnow --help", sentence.toStdString()));
    return 2;
}

/// "step=0-90:30" as "step=0", "step=30" and so on; the rest as it is.
QStringList oneByOne(const QStringList& actions)
{
    static const QRegularExpression kSteps(QStringLiteral("^step=(\\d+)-(\\d+):(\\d+)$"));
    QStringList all;
    for (const QString& one : actions) {
        const auto steps = kSteps.match(one);
        if (!steps.hasMatch())
            all.append(one);
        for (int step = steps.captured(1).toInt(); steps.hasMatch() && step <= steps.captured(2).toInt();
             step += std::max(1, steps.captured(3).toInt()))
            all.append(QStringLiteral("step=%1").arg(step));
    }
    return all;
}

/// What --do can name: id, keys, and what it does.
int printActions()
{
    std::printf("%-22s %-24s %s\n", "step=N, token=N", "", "Go to a step, look at a token");
    for (const ActionSpec& spec : actionTable())
        std::printf("%-22s %-24s %s\n", spec.id, spec.keys, spec.text);
    return 0;
}

/// Fills `options`; an exit code where all is said or the line is wrong, −1 where there is more to do.
int parseLine(const QStringList& arguments, WindowOptions& options)
{
    QCommandLineParser parser;
    const QCommandLineOption screenshot(QStringLiteral("screenshot"), QString(), QStringLiteral("png"));
    const QCommandLineOption size(QStringLiteral("size"), QString(), QStringLiteral("WxH"));
    const QCommandLineOption theme(QStringLiteral("theme"), QString(), QStringLiteral("dark|light"));
    const QCommandLineOption tab(QStringLiteral("tab"), QString(), QStringLiteral("n"));
    const QCommandLineOption font(QStringLiteral("font-scale"), QString(), QStringLiteral("factor"));
    const QCommandLineOption demo(QStringList{QStringLiteral("demo"), QStringLiteral("wait-demo")});
    const QCommandLineOption empty(QStringLiteral("empty"));
    const QCommandLineOption act(QStringLiteral("do"), QString(), QStringLiteral("ids"));
    const QCommandLineOption actions(QStringLiteral("actions"));
    parser.addOptions({screenshot, size, theme, tab, font, demo, empty, act, actions});
    if (!parser.parse(arguments))
        return wrong(parser.errorText());
    if (parser.isSet(actions))
        return printActions();
    options.screenshot = parser.value(screenshot);
    if (parser.isSet(size)) {
        const QStringList sides = parser.value(size).split(QLatin1Char('x'));
        options.size = QSize(sides.value(0).toInt(), sides.value(1).toInt());
        constexpr int kMost = 16'384; // pixels that a picture of Qt can surely have on a side
        if (sides.size() != 2 || options.size.width() < 1 || options.size.height() < 1 ||
            std::max(options.size.width(), options.size.height()) > kMost)
            return wrong(QStringLiteral("--size takes width x height, for example 1440x900, up to %1 each").arg(kMost));
    }
    if (parser.isSet(theme)) {
        const QString name = parser.value(theme);
        if (name != QLatin1String("dark") && name != QLatin1String("light"))
            return wrong(QStringLiteral("--theme is dark or light, not '%1'").arg(name));
        options.theme = name == QLatin1String("dark") ? ThemeChoice::Dark : ThemeChoice::Light;
    }
    if (parser.isSet(font))
        views::setFontScale(parser.value(font).toDouble());
    if (parser.isSet(tab)) {
        bool isNumber = false;
        options.lowerTab = parser.value(tab).toInt(&isNumber);
        if (!isNumber || options.lowerTab < 0 || options.lowerTab >= kLowerTabs)
            return wrong(
                QStringLiteral("--tab takes a number from 0 to %1, not '%2'").arg(kLowerTabs - 1).arg(parser.value(tab)));
    }
    options.actions = oneByOne(parser.value(act).split(QLatin1Char(','), Qt::SkipEmptyParts));
    options.empty = parser.isSet(empty);
    options.files = parser.positionalArguments();
    options.demoAsked = parser.isSet(demo);
    options.demo = options.demoAsked || (options.files.isEmpty() && !options.empty);
    return -1;
}

Result<void> savePicture(QImage image, const std::filesystem::path& out)
{
    image.setText(QStringLiteral("Software"), QStringLiteral("Winnow")); // by which checkOutput knows it again
    QByteArray png;
    QBuffer buffer(&png);
    buffer.open(QIODevice::WriteOnly);
    if (!image.save(&buffer, "PNG"))
        return fail(ErrorCode::OutOfMemory, "memory ran out for a picture of {} by {} pixels; choose a smaller --size",
                    image.width(), image.height());
    return writeFileAtomically(out, {png.constData(), static_cast<std::size_t>(png.size())});
}

/// Whether --screenshot may write there: a .png that is none of the files that are opened, and no other program's.
Result<void> checkScreenshot(const WindowOptions& options)
{
    const std::filesystem::path out = options.screenshot.toStdString();
    if (extensionOf(out) != "png" && extensionOf(out) != "gif")
        return fail(ErrorCode::Usage, "--screenshot writes a .png file, or a moving .gif of what --do does, not '{}'",
                    out.string());
    std::vector<std::filesystem::path> read;
    for (const QString& file : options.files)
        read.emplace_back(file.toStdString());
    return checkOutput(out, read, WrittenKind::Picture);
}

/// Triggers actions by their ids, as keys would; "step=N" sets the step and "token=N" the token. False, and said, at the first
/// that is none.
bool act(MainWindow& window, const QStringList& actions)
{
    for (const QString& one : actions) {
        const QString name = one.section(QLatin1Char('='), 0, 0);
        if (name == QLatin1String("step") || name == QLatin1String("token")) {
            bool isNumber = false;
            const int number = one.section(QLatin1Char('='), 1).toInt(&isNumber), tokens = window.selection()->tokenCount();
            if (!isNumber || number < 0 || number >= tokens) {
                cli::complain("winnow", fmt::format("--do {} takes a number from 0 to {}, for there are {} tokens",
                                                    one.toStdString(), tokens - 1, tokens));
                return false;
            }
            if (name == QLatin1String("step"))
                window.selection()->setStep(number);
            else
                window.selection()->setToken(number);
        } else if (QAction* action = window.action(one)) {
            action->trigger();
        } else {
            std::vector<std::string_view> ids;
            for (const ActionSpec& spec : actionTable())
                ids.emplace_back(spec.id);
            cli::complain("winnow", fmt::format("there is no action '{}'; did you mean '{}'? winnow --actions lists them",
                                                one.toStdString(), nearest(one.toStdString(), ids)));
            return false;
        }
    }
    return true;
}

/// Waits for everything that is computed in the background, and shows it.
void settle(MainWindow& window)
{
    for (int round = 0; round < 3; ++round) { // answers of the background ask for more
        window.mapGrid()->finishPlanes();
        views::waitForJobs();
        QApplication::processEvents();
    }
}

/// The window after each of the actions, one frame each, as a moving picture. Then ends the program.
void takeFrames(MainWindow& window, const QString& out, const QStringList& actions)
{
    constexpr int kPause = 12; // hundredths of a second
    views::GifMaker gif(window.size(), kPause);
    Result<void> saved;
    for (const QString& one : actions) {
        if (!act(window, {one})) {
            window.close();
            return QCoreApplication::exit(2);
        }
        settle(window);
        if (saved)
            saved = gif.add(window.grab().toImage());
    }
    auto bytes = gif.finish();
    if (saved && !bytes)
        saved = fail(bytes.error());
    if (saved)
        saved = writeFileAtomically(out.toStdString(), {bytes->constData(), static_cast<std::size_t>(bytes->size())});
    if (!saved)
        cli::complain("winnow", saved.error().message);
    window.close();
    QCoreApplication::exit(saved ? 0 : 1);
}

/// Grabs the window once its recording is judged, for the verdict stands in it, then ends the program.
void grabChecked(MainWindow& window, const QString& out)
{
    constexpr int kLook = 50; // ms
    if (window.isChecking()) {
        QTimer::singleShot(kLook, &window, [&window, out] { grabChecked(window, out); });
        return;
    }
    settle(window);
    QPixmap picture = window.grab();
    QPainter painter(&picture);
    for (QDialog* dialog : window.findChildren<QDialog*>())
        if (dialog->isVisible())
            painter.drawPixmap(window.rect().center() - dialog->rect().center(), dialog->grab());
    painter.end();
    const auto saved = savePicture(picture.toImage(), out.toStdString());
    if (!saved)
        cli::complain("winnow", saved.error().message);
    window.close();
    QCoreApplication::exit(saved ? 0 : 1);
}

/// Triggers the actions and grabs the window once its background pictures are there.
void takeScreenshot(MainWindow& window, const QString& out, const QStringList& actions)
{
    if (out.endsWith(QLatin1String(".gif")))
        return takeFrames(window, out, actions);
    if (!act(window, actions)) {
        window.close();
        return QCoreApplication::exit(2);
    }
    constexpr int kFollows = 500; // ms: what begins a moment after an action, as the card at the pointer does
    QTimer::singleShot(kFollows, &window, [&window, out] { grabChecked(window, out); });
}

/// Qt's own remarks about the system (no XDG_RUNTIME_DIR, …) do not belong into the output of a command.
void silenceQt() { QLoggingCategory::setFilterRules(QStringLiteral("default.warning=false\nqt.qpa.*=false")); }

bool hasDisplay() { return qEnvironmentVariableIsSet("DISPLAY") || qEnvironmentVariableIsSet("WAYLAND_DISPLAY"); }

} // namespace

int runWindow(int argc, char** argv)
{
    QStringList arguments;
    for (int i = 0; i < argc; ++i)
        arguments.append(QString::fromLocal8Bit(argv[i]));
    WindowOptions options;
    if (const int code = parseLine(arguments, options); code >= 0)
        return code;
    if (!options.screenshot.isEmpty())
        if (const auto allowed = checkScreenshot(options); !allowed) {
            cli::complain("winnow", allowed.error().message);
            return allowed.error().code == ErrorCode::Usage ? 2 : 1;
        }
    const bool unattended = !options.screenshot.isEmpty();
    if (!hasDisplay() && !qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) {
        if (!unattended) {
            cli::complain("winnow",
                          "there is no display to open a window on; give a command (see winnow --help), or set DISPLAY");
            return 1;
        }
        qputenv("QT_QPA_PLATFORM", "offscreen");
    }
    if (unattended)
        silenceQt();
    const cli::StopSignals stopSignals; // before Qt starts threads
    QApplication application(argc, argv);
    const std::stop_callback end(stopSignals.token(), [] { // with everything put away, as when the window is closed
        QMetaObject::invokeMethod(
            qApp, [] { QCoreApplication::exit(kStopped); }, Qt::QueuedConnection);
    });
    QCoreApplication::setApplicationName(QStringLiteral("winnow"));
    QGuiApplication::setDesktopFileName(QStringLiteral("io.github.winnow_kv.winnow")); // of its entry in the menu
    QCoreApplication::setApplicationVersion(QStringLiteral(WINNOW_VERSION));
    QCoreApplication::setOrganizationName(QStringLiteral("winnow"));
    const QTemporaryDir noSettings; // unattended runs neither read nor leave settings
    if (unattended)
        QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, noSettings.path());
    QApplication::setStyle(new FlatStyle);
    QApplication::setFont(views::uiFont());

    MainWindow window;
    if (unattended || !options.size.isEmpty())
        window.arrangement()->fixSize(options.size.isEmpty() ? QSize(1440, 900) : options.size);
    if (options.theme)
        window.fixTheme(*options.theme);
    window.show();
    if (!unattended && options.size.isEmpty()) // with the frame that the window has got
        QTimer::singleShot(0, &window, [&window] { window.arrangement()->fitToScreen(); });
    if (options.lowerTab >= 0)
        window.showLowerTab(options.lowerTab);
    if (!options.screenshot.isEmpty()) {
        const auto take = [&window, &options] { takeScreenshot(window, options.screenshot, options.actions); };
        QObject::connect(&window, &MainWindow::ready, &window, take, Qt::SingleShotConnection);
        QObject::connect(&window, &MainWindow::refused, &window, [](const QString& sentence) {
            std::fprintf(stderr, "winnow: %s\n", qPrintable(sentence));
            QCoreApplication::exit(1);
        });
        QTimer::singleShot(kScreenshotPatience, &window, take);
    }
    if (!unattended)
        window.sessions()->keepIn(stateFolder());
    QTimer::singleShot(0, &window, [&window, &options] {
        if (!options.files.isEmpty())
            window.opener()->openPaths(options.files);
        else if (options.demo && (options.demoAsked || !window.sessions()->offersSession()))
            window.opener()->startDemo();
        else if (!options.screenshot.isEmpty())
            takeScreenshot(window, options.screenshot, options.actions);
    });
    return QApplication::exec();
}

cli::FigureDoor offscreenFigures(int argc, char** argv)
{
    struct Holder {
        int count;
        char** words;
        std::unique_ptr<QApplication> application;
    };
    auto holder = std::make_shared<Holder>(Holder{argc > 0 ? 1 : 0, argv, nullptr});
    const auto start = [holder] {
        if (!holder->application && !QCoreApplication::instance()) {
            qputenv("QT_QPA_PLATFORM", "offscreen");
            silenceQt();
            holder->application = std::make_unique<QApplication>(holder->count, holder->words);
        }
    };
    return {
        .draw = [start](const Figure& figure, const FigureOptions& options, const std::filesystem::path& out) -> Result<void> {
            start();
            return views::saveFigure(figure, options, out);
        },
        .animate = [start](const std::vector<int>& steps, const std::function<Result<Figure>(int)>& make,
                           const FigureOptions& options, const std::filesystem::path& out,
                           const JobContext& job) -> Result<void> {
            start();
            return views::saveAnimation(steps, make, options, out, job);
        }};
}

} // namespace winnow::app
