// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of closing do with a window before.
#pragma once

#include "tests/app/window/window_fixture.h"

#include <gtest/gtest.h>

namespace winnow::app {

/// Begins a recording of the demo model over a text of about `words` words.
inline void record(MainWindow& window, int words)
{
    RecordOptions options;
    options.model = demoFolder().toStdString();
    for (int i = 0; i < words; ++i)
        options.text += i % 7 == 0 ? "stone " : "the bird ";
    options.textName = "birds.txt";
    options.chunk = 16;
    window.workspace()->record(options);
}

/// Drops the files on the window, and waits until they are shown.
inline void open(MainWindow& window, const QStringList& paths)
{
    drop(window, paths);
    ASSERT_TRUE(settle(window));
    QApplication::processEvents();
}

} // namespace winnow::app
