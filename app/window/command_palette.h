// SPDX-License-Identifier: GPL-3.0-or-later
// The command palette of the window: fills it with what is there now, and does what was chosen. GUI thread.
#pragma once

#include "views/chrome/palette_index.h"

#include "core/trace/trace.h"

#include <QObject>

#include <memory>

namespace winnow::views {
class Palette;
struct Theme;
} // namespace winnow::views

namespace winnow::app {

class MainWindow;

class CommandPalette : public QObject {
    Q_OBJECT
public:
    explicit CommandPalette(MainWindow* window);

    void open();
    void setTheme(const views::Theme& theme);
    /// Does what the entry says: triggers an action, moves the step, chooses lanes, opens a file …
    void take(const views::PaletteEntry& entry);
    views::Palette* palette() const { return m_palette; }

private:
    std::vector<views::PaletteEntry> entries() const;
    void readTokens();

    MainWindow* m_window;
    views::Palette* m_palette;
    std::shared_ptr<const TraceInfo> m_info; ///< whose tokens were read
    QStringList m_texts, m_labels;
};

} // namespace winnow::app
