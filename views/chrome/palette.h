// SPDX-License-Identifier: GPL-3.0-or-later
// The command palette: a field and what is found for it. Up and Down choose, Enter takes, Esc closes.
#pragma once

#include "views/chrome/palette_index.h"
#include "views/style/theme.h"

#include <QPointer>
#include <QWidget>

class QLineEdit;
class QListWidget;

namespace winnow::views {

/// A child over the middle of its parent, at the top. GUI thread.
class Palette : public QWidget {
    Q_OBJECT
public:
    explicit Palette(QWidget* parent);

    void setTheme(const Theme& theme);
    /// Opens, empty, with what there is to find; `step` is where the search of tokens begins.
    void open(PaletteIndex index, int step);
    /// Closes it without a choice, if it is open. The focus goes back to where it was.
    void dismiss();
    QLineEdit* field() const { return m_field; }
    const std::vector<PaletteEntry>& found() const { return m_found; }

signals:
    void chosen(const winnow::views::PaletteEntry& entry); ///< the palette is closed then

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void search(const QString& query);
    void take();
    void place();

    QLineEdit* m_field;
    QListWidget* m_list;
    PaletteIndex m_index;
    std::vector<PaletteEntry> m_found;
    int m_step = 0;
    Theme m_theme;
    QPointer<QWidget> m_before; ///< that had the focus
};

} // namespace winnow::views
