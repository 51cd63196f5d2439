// SPDX-License-Identifier: GPL-3.0-or-later
// What the lower tabs share: a bar of choices with a note (elided where there is no room), a plot under it, and numbers that are
// computed in the background, only while the tab is visible. GUI thread.
#pragma once

#include "core/base/result.h"
#include "views/plot/chart_plot.h"
#include "views/state/view_data.h"
#include "views/style/elided_label.h"
#include "views/style/panel_band.h"

#include <QComboBox>
#include <QHBoxLayout>

namespace winnow::views {

class ChartTab : public QWidget {
    Q_OBJECT
public:
    ChartPlot* plot() const { return m_plot; }
    const PanelBand* band() const { return m_band; }

protected:
    /// `plot`: a plot of the tab's own kind; nullptr = a ChartPlot.
    ChartTab(Selection* selection, const QString& name, QWidget* parent, ChartPlot* plot = nullptr);

    /// Puts the bar and the band of problems above `body` (the plot, or what holds it). Where there is less room than `least`, in
    /// pixels at the usual size of the font, the body scrolls, but where it is a sentence alone. Once, by the constructor of the
    /// tab.
    void layOut(QWidget* body, QSize least);
    /// Adds a choice to the bar, as wide as its widest entry.
    QComboBox* addBox(const QString& name, const QStringList& entries = {});
    void styleBar(const Theme& theme);
    /// What the picture shows, in the bar and for screen readers.
    void say(const QString& sentence);

    /// Looks for a recording to compute from; says in the plot what is missing, or `meanwhile`.
    void showWhatIsThere(const QString& needs, const QString& meanwhile);
    /// Starts the computation, now or when the tab is seen.
    void ask();
    /// Ends "updating"; shows the error, if any; true if there is an answer to show.
    template <class T>
    bool tookAnswer(const Result<T>& answer)
    {
        return endUpdate(answer ? nullptr : &answer.error());
    }

    virtual void start() = 0;
    /// Buttons beside the sentence of an error, besides "Try again".
    virtual std::vector<PanelBand::Choice> remedies(const Error&) { return {}; }
    virtual bool hasPicture() const = 0; ///< true: the older picture stays, tagged "updating", while numbers are computed
    void showEvent(QShowEvent* event) override;

    Selection* m_selection;
    ViewData m_data;
    Theme m_theme;
    ChartPlot* m_plot;
    QHBoxLayout* m_bar;
    ElidedLabel* m_note;
    PanelBand* m_band;
    bool m_isThere = false; ///< something to compute from
    bool m_stale = true;    ///< the picture is older than the last request

private:
    bool endUpdate(const Error* error);
};

} // namespace winnow::views
