// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of the window share: a short recording of the demo model, dropping files, waiting for the work to settle.
#pragma once

#include "app/window/main_window.h"
#include "core/replay/replay_file.h"
#include "tests/support/synthetic_trace.h"

#include <QApplication>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QMimeData>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QUrl>

#include <gtest/gtest.h>

#include <fstream>

namespace winnow::app {

namespace fs = std::filesystem;

inline constexpr int kPatience = 240'000; // ms; a busy machine

inline bool settle(MainWindow& window)
{
    QSignalSpy settled(window.workspace(), &Workspace::settled);
    return settled.wait(kPatience);
}

inline void drop(MainWindow& window, const QStringList& paths)
{
    QMimeData data;
    QList<QUrl> urls;
    for (const QString& path : paths)
        urls.append(QUrl::fromLocalFile(path));
    data.setUrls(urls);
    QDragEnterEvent enter(QPoint(300, 300), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&window, &enter); // makes the window the target of the drop
    ASSERT_TRUE(enter.isAccepted());
    QDropEvent event(QPointF(300, 300), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&window, &event);
}

inline QString demoFolder() { return QStringLiteral(WINNOW_RESOURCES "/models/demo"); }

inline void writeText(const QString& path, int words)
{
    std::ofstream file(path.toStdString());
    for (int i = 0; i < words; ++i)
        file << (i % 9 == 0 ? "river " : i % 4 == 0 ? "and the house " : "old ");
    file << ".\n";
}

/// A short recording and its replay, and a still shorter recording, made once.
struct Files {
    QTemporaryDir folder;
    QString text, trace, replay, otherTrace;
};
inline const Files& files()
{
    static const Files* const made = [] {
        auto* all = new Files;
        all->text = all->folder.filePath(QStringLiteral("short.txt"));
        all->trace = all->folder.filePath(QStringLiteral("short.h5"));
        all->replay = all->folder.filePath(QStringLiteral("short.npz"));
        writeText(all->text, 220);
        MainWindow window;
        const auto recordTo = [&window](const QString& text, const QString& trace) {
            drop(window, {demoFolder(), text});
            EXPECT_TRUE(settle(window));
            std::error_code error;
            fs::copy_file(window.workspace()->sources().trace, trace.toStdString(), error);
            EXPECT_FALSE(error) << error.message();
        };
        all->otherTrace = all->folder.filePath(QStringLiteral("other.h5"));
        const QString otherText = all->folder.filePath(QStringLiteral("other.txt"));
        writeText(otherText, 90);
        recordTo(otherText, all->otherTrace);
        recordTo(all->text, all->trace);
        EXPECT_TRUE(window.workspace()->data().replay &&
                    writeReplay(*window.workspace()->data().replay, all->replay.toStdString()));
        return all;
    }();
    return *made;
}

/// Four layers, of which the window shows 1 and 3: the others see a window alone and have more KV heads.
inline testing_support::SyntheticTrace layersOfTwoShapes()
{
    auto made =
        testing_support::makeSynthetic({.layers = 4, .queryHeads = 4, .keyHeads = 2, .headDim = 8, .tokens = 60, .window = 6});
    const auto other = testing_support::makeSynthetic({.layers = 4, .queryHeads = 4, .keyHeads = 1, .headDim = 8, .tokens = 60});
    for (const std::size_t layer : {1U, 3U}) {
        made.info.layerInfo[layer] = other.info.layerInfo[layer];
        for (auto rows :
             {&testing_support::SyntheticTrace::q, &testing_support::SyntheticTrace::k, &testing_support::SyntheticTrace::v,
              &testing_support::SyntheticTrace::o, &testing_support::SyntheticTrace::lse})
            (made.*rows)[layer] = (other.*rows)[layer];
    }
    return made;
}

/// Shows the window with the short recording and its replay in it.
inline bool showsFiles(MainWindow& window, const QSize& size = {1440, 900})
{
    window.resize(size);
    window.show();
    drop(window, {files().trace, files().replay});
    return settle(window);
}

/// Gives the window the keyboard.
inline bool activate(MainWindow& window)
{
    window.activateWindow();
    return QTest::qWaitForWindowActive(&window);
}

} // namespace winnow::app
