// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/actions.h"

#include "app/window/command_palette.h"
#include "app/window/guide_dialog.h"
#include "app/window/history.h"
#include "app/window/main_window.h"
#include "app/window/notebook.h"
#include "app/window/run_starter.h"
#include "app/work/open_places.h"
#include "views/chrome/lower_dock.h"
#include "views/deck/deck.h"
#include "views/lanes/lane_grid.h"
#include "views/maps/map_grid.h"
#include "views/policies/policy_list.h"
#include "views/text/text_view.h"

#include <QSettings>
#include <QStringList>

namespace winnow::app {

using W = MainWindow;

std::span<const ActionSpec> actionTable()
{
    static const ActionSpec kTable[] = {
        {"open", "File", "Open…", "Ctrl+O", [](W& w, int) { w.opener()->chooseFiles(); }},
        {"open-beside", "File", "Open beside…", "Ctrl+Alt+O",
         [](W& w, int) { w.opener()->chooseFiles([&w] { w.places()->openBeside(); }); }, 0, false, true},
        {"open-model", "File", "Open model…", "Ctrl+Shift+O", [](W& w, int) { w.opener()->chooseModel(); }},
        {"record", "File", "Record…", "Ctrl+R", [](W& w, int) { w.opener()->openRecordDialog({}, {}); }},
        {"demo", "File", "Demo", "", [](W& w, int) { w.opener()->startDemo(); }},
        {"save", "File", "Save session", "Ctrl+S", [](W& w, int) { w.sessions()->save(false); }, 0, true, true},
        {"save-as", "File", "Save session as…", "Ctrl+Shift+S", [](W& w, int) { w.sessions()->save(true); }, 0, false, true},
        {"save-replay", "File", "Save replay…", "", [](W& w, int) { w.exporter()->saveReplay(); }, 0, false, true},
        {"export", "File", "Export panel…", "Ctrl+E", [](W& w, int) { w.exporter()->exportPanel(); }, 0, false, true},
        {"export-all", "File", "Export all panels…", "Ctrl+Shift+E", [](W& w, int) { w.exporter()->exportAll(); }, 0, false,
         true},
        {"export-sheet", "File", "Export the window as one figure…", "", [](W& w, int) { w.exporter()->exportSheet(); }, 0, false,
         true},
        {"width-column", "File/Figure width", "Column, 3.25 in", "", [](W& w, int) { w.exporter()->chooseFigureWidth(3.25); }, 0,
         false, false, [](const W& w, int) { return w.exporter()->figureWidth() == 3.25; }},
        {"width-text", "File/Figure width", "Text, 5.5 in", "", [](W& w, int) { w.exporter()->chooseFigureWidth(5.5); }, 0, false,
         false, [](const W& w, int) { return w.exporter()->figureWidth() == 5.5; }},
        {"width-page", "File/Figure width", "Page, 6.75 in", "", [](W& w, int) { w.exporter()->chooseFigureWidth(6.75); }, 0,
         false, false, [](const W& w, int) { return w.exporter()->figureWidth() == 6.75; }},
        {"close", "File", "Close", "Ctrl+W", [](W& w, int) { w.askAndCloseData(); }, 0, true, true},
        {"quit", "File", "Quit", "Ctrl+Q", [](W& w, int) { w.close(); }},

        {"undo", "Edit", "Undo", "Ctrl+Z", [](W& w, int) { w.history()->undo(); }, 0, false, true},
        {"redo", "Edit", "Redo", "Ctrl+Shift+Z; Ctrl+Y", [](W& w, int) { w.history()->redo(); }, 0, false, true},
        {"copy", "Edit", "Copy picture or text", "Ctrl+C", [](W& w, int) { w.exporter()->copyPanel(); }, 0, true, true},
        {"copy-command", "Edit", "Copy as command", "Ctrl+Shift+C", [](W& w, int) { w.exporter()->copyCommand(); }, 0, false,
         true},
        {"copy-snippet", "Edit", "Copy NumPy snippet", "", [](W& w, int) { w.exporter()->copySnippet(); }, 0, false, true},
        {"find", "Edit", "Find in the text", "Ctrl+F", [](W& w, int) { w.find(); }, 0, true, true},
        {"find-next", "Edit", "Next hit", "F3", [](W& w, int) { w.textView()->findNext(); }, 0, false, true},
        {"find-previous", "Edit", "Previous hit", "Shift+F3", [](W& w, int) { w.textView()->findPrevious(); }, 0, false, true},
        {"palette", "Edit", "Find an action, a token, a lane…", "Ctrl+K", [](W& w, int) { w.palette()->open(); }, 0, true},
        {"mark", "Edit", "Mark the brushed tokens as a span, and unmark", "M", [](W& w, int) { w.navigator()->markSpan(); }, 0,
         true, true},
        {"note", "Edit", "Note…", "Ctrl+B", [](W& w, int) { w.notebook()->addHere(); }, 0, false, true},
        {"notes", "Edit", "Notes", "Ctrl+Shift+B", [](W& w, int) { w.notebook()->list(); }, 0, false, true},
        {"drop-filter", "Edit", "Remove the newest filter", "Esc", [](W& w, int) { w.dropFilter(); }, 0, false, true},

        {"play", "View/Step", "Play and pause", "Space", [](W& w, int) { w.deck()->togglePlay(); }, 0, false, true},
        {"slower", "View/Step", "Slower", ",", [](W& w, int) { w.deck()->slower(); }, 0, false, true},
        {"faster", "View/Step", "Faster", ".", [](W& w, int) { w.deck()->faster(); }, 0, false, true},
        {"step-back", "View/Step", "One step back", "Left", [](W& w, int n) { w.navigator()->moveStep(n); }, -1, true, true},
        {"step-on", "View/Step", "One step on", "Right", [](W& w, int n) { w.navigator()->moveStep(n); }, 1, false, true},
        {"step-back-16", "View/Step", "16 steps back", "Shift+Left", [](W& w, int n) { w.navigator()->moveStep(n); }, -16, false,
         true},
        {"step-on-16", "View/Step", "16 steps on", "Shift+Right", [](W& w, int n) { w.navigator()->moveStep(n); }, 16, false,
         true},
        {"first-step", "View/Step", "First step", "Home", [](W& w, int n) { w.navigator()->moveStep(n); }, -(1 << 30), false,
         true},
        {"last-step", "View/Step", "Last step", "End", [](W& w, int n) { w.navigator()->moveStep(n); }, 1 << 30, false, true},
        {"left-before", "View/Step", "Step before, where the token leaves a lane", "Ctrl+Left",
         [](W& w, int n) { w.navigator()->moveToEviction(n); }, -1, false, true},
        {"left-after", "View/Step", "Next step where the token leaves a lane", "Ctrl+Right",
         [](W& w, int n) { w.navigator()->moveToEviction(n); }, 1, false, true},
        {"fit", "View", "Fit the brush, then all", "F", [](W& w, int) { w.mapGrid()->fit(); }, 0, true, true},
        {"zoom-in", "View", "Closer", "+; =", [](W& w, int) { w.mapGrid()->zoomBy(2); }, 0, false, true},
        {"zoom-out", "View", "Farther", "-", [](W& w, int) { w.mapGrid()->zoomBy(0.5); }, 0, false, true},
        {"maximize", "View", "Maximize the focus, and back", "Return; Enter",
         [](W& w, int) { w.mapGrid()->setMaximized(!w.mapGrid()->isMaximized()); }, 0, false, true,
         [](const W& w, int) { return w.mapGrid()->isMaximized(); }},
        {"difference", "View", "Difference from the reference", "D",
         [](W& w, int) { w.selection()->setDifference(!w.selection()->state().difference); }, 0, true, true,
         [](const W& w, int) { return w.selection()->state().difference; }},
        {"next-divergence", "View", "Next step where focus and reference part", "N",
         [](W& w, int n) { w.navigator()->moveToDivergence(n); }, 1, false, true},
        {"previous-divergence", "View", "Step before, where focus and reference part", "Shift+N",
         [](W& w, int n) { w.navigator()->moveToDivergence(n); }, -1, false, true},
        {"rows-lanes", "View", "Rows are lanes, at the step", "V",
         [](W& w, int) {
             w.selection()->setRows(w.selection()->state().rows == views::MapRows::Lanes ? views::MapRows::Steps
                                                                                         : views::MapRows::Lanes);
         },
         0, true, true, [](const W& w, int) { return w.selection()->state().rows == views::MapRows::Lanes; }},
        {"axis-distance", "View", "Axis is the distance from the step", "G",
         [](W& w, int) {
             w.selection()->setAxis(w.selection()->state().axis == views::MapAxis::Distance ? views::MapAxis::Token
                                                                                            : views::MapAxis::Distance);
         },
         0, false, true, [](const W& w, int) { return w.selection()->state().axis == views::MapAxis::Distance; }},
        {"bars", "View", "Bars of all policies in the text", "B", [](W& w, int) { w.textView()->setBars(!w.textView()->bars()); },
         0, false, true, [](const W& w, int) { return w.textView()->bars(); }},
        {"next-recording", "View", "Next open recording", "Ctrl+Tab", [](W& w, int n) { w.goToPlace(n); }, 1, false, true},
        {"previous-recording", "View", "Open recording before", "Ctrl+Shift+Tab", [](W& w, int n) { w.goToPlace(n); }, -1, false,
         true},
        {"table", "View", "Quality as a table", "Ctrl+T", [](W& w, int) { w.lowerDock()->toggleTable(); }, 0, false, true,
         [](const W& w, int) { return w.lowerDock()->showsTable(); }},
        {"pin", "View", "Open the card at the cursor and pin it", "I", [](W& w, int) { w.pinCard(); }, 0, false, true},
        {"left-dock", "View", "Policies and lanes", "Ctrl+1", [](W& w, int) { w.arrangement()->toggleLeft(); }, 0, true, true,
         [](const W& w, int) { return w.arrangement()->isLeftShown(); }},
        {"text-dock", "View", "Text", "Ctrl+2", [](W& w, int) { w.arrangement()->toggleText(); }, 0, false, true,
         [](const W& w, int) { return w.arrangement()->isTextShown(); }},
        {"next-pane", "View", "Next pane", "F6", [](W& w, int n) { w.nextPane(n); }, 1},
        {"previous-pane", "", "Pane before", "Shift+F6", [](W& w, int n) { w.nextPane(n); }, -1},
        {"reset-sizes", "View", "Reset sizes", "Ctrl+0", [](W& w, int) { w.arrangement()->reset(); }},
        {"theme-system", "View/Theme", "As the system", "", [](W& w, int) { w.chooseTheme(ThemeChoice::System); }, 0, false,
         false, [](const W& w, int) { return w.themeChoice() == ThemeChoice::System; }},
        {"theme-dark", "View/Theme", "Dark", "", [](W& w, int) { w.chooseTheme(ThemeChoice::Dark); }, 0, false, false,
         [](const W& w, int) { return w.themeChoice() == ThemeChoice::Dark; }},
        {"theme-light", "View/Theme", "Light", "", [](W& w, int) { w.chooseTheme(ThemeChoice::Light); }, 0, false, false,
         [](const W& w, int) { return w.themeChoice() == ThemeChoice::Light; }},
        {"reduced-motion", "View", "Reduced motion", "", [](W& w, int) { w.setReducedMotion(!w.reducedMotion()); }, 0, false,
         false, [](const W& w, int) { return w.reducedMotion(); }},

        {"add-policy", "Policies", "Add policy…", "A", [](W& w, int) { w.policyList()->openAddMenu(); }, 0, false, true},
        {"halve-budget", "Policies", "Halve the budget of the focus", "[", [](W& w, int) { w.policyList()->halveBudget(); }, 0,
         false, true},
        {"double-budget", "Policies", "Double the budget of the focus", "]", [](W& w, int) { w.policyList()->doubleBudget(); }, 0,
         false, true},
        {"run-policy", "Policies", "Run the focused policy for real", "R", [](W& w, int) { w.runStarter()->runFocus(); }, 0, true,
         true},
        {"prompt", "Policies", "Length of the prompt…", "P", [](W& w, int) { w.choosePrompt(); }, 0, false, true},
        {"show-all", "Policies", "Show all policies", "0", [](W& w, int) { w.navigator()->showAllPolicies(); }, 0, true, true},
        {"lane-before", "Policies", "Lane before", "Up", [](W& w, int) { w.laneGrid()->laneBefore(); }, 0, true, true},
        {"lane-after", "Policies", "Lane after", "Down", [](W& w, int) { w.laneGrid()->laneAfter(); }, 0, false, true},
        {"all-lanes", "Policies", "All lanes", "L", [](W& w, int) { w.laneGrid()->allLanes(); }, 0, false, true},
        {"focus-1", "", "Focus policy 1", "1", [](W& w, int n) { w.navigator()->focusPolicy(n); }, 0, false, true},
        {"focus-2", "", "Focus policy 2", "2", [](W& w, int n) { w.navigator()->focusPolicy(n); }, 1, false, true},
        {"focus-3", "", "Focus policy 3", "3", [](W& w, int n) { w.navigator()->focusPolicy(n); }, 2, false, true},
        {"focus-4", "", "Focus policy 4", "4", [](W& w, int n) { w.navigator()->focusPolicy(n); }, 3, false, true},
        {"focus-5", "", "Focus policy 5", "5", [](W& w, int n) { w.navigator()->focusPolicy(n); }, 4, false, true},
        {"focus-6", "", "Focus policy 6", "6", [](W& w, int n) { w.navigator()->focusPolicy(n); }, 5, false, true},
        {"focus-7", "", "Focus policy 7", "7", [](W& w, int n) { w.navigator()->focusPolicy(n); }, 6, false, true},
        {"focus-8", "", "Focus policy 8", "8", [](W& w, int n) { w.navigator()->focusPolicy(n); }, 7, false, true},
        {"focus-9", "", "Focus policy 9", "9", [](W& w, int n) { w.navigator()->focusPolicy(n); }, 8, false, true},
        {"reference-1", "", "Make policy 1 the reference", "Alt+1", [](W& w, int n) { w.navigator()->makeReference(n); }, 0,
         false, true},
        {"reference-2", "", "Make policy 2 the reference", "Alt+2", [](W& w, int n) { w.navigator()->makeReference(n); }, 1,
         false, true},
        {"reference-3", "", "Make policy 3 the reference", "Alt+3", [](W& w, int n) { w.navigator()->makeReference(n); }, 2,
         false, true},
        {"reference-4", "", "Make policy 4 the reference", "Alt+4", [](W& w, int n) { w.navigator()->makeReference(n); }, 3,
         false, true},
        {"reference-5", "", "Make policy 5 the reference", "Alt+5", [](W& w, int n) { w.navigator()->makeReference(n); }, 4,
         false, true},
        {"reference-6", "", "Make policy 6 the reference", "Alt+6", [](W& w, int n) { w.navigator()->makeReference(n); }, 5,
         false, true},
        {"reference-7", "", "Make policy 7 the reference", "Alt+7", [](W& w, int n) { w.navigator()->makeReference(n); }, 6,
         false, true},
        {"reference-8", "", "Make policy 8 the reference", "Alt+8", [](W& w, int n) { w.navigator()->makeReference(n); }, 7,
         false, true},
        {"reference-9", "", "Make policy 9 the reference", "Alt+9", [](W& w, int n) { w.navigator()->makeReference(n); }, 8,
         false, true},

        {"treekv-2", "Analyze", "TreeKV Figure 2…", "",
         [](W& w, int) { w.exporter()->exportFigure({"treekv-2", {.width = w.exporter()->figureWidth()}}); }, 0, false, true},
        {"sweep", "Analyze", "Budget sweep…", "", [](W& w, int) { w.openSweep(); }, 0, false, true},
        {"tune", "Analyze", "Tune the focused policy…", "", [](W& w, int) { w.openTune(w.selection()->state().focus); }, 0, false,
         true},
        {"run-all", "Analyze", "Run all", "Shift+R", [](W& w, int) { w.runStarter()->runAll(); }, 0, true, true},
        {"quality", "Analyze", "Quality", "Ctrl+F1", [](W& w, int n) { w.showLowerTab(n); }, 0, true, true},
        {"token", "Analyze", "Token", "Ctrl+F4", [](W& w, int n) { w.showLowerTab(n); }, 1, false, true},
        {"attention", "Analyze", "Attention", "Ctrl+F2", [](W& w, int n) { w.showLowerTab(n); }, 2, false, true},
        {"wavelet", "Analyze", "Wavelet", "Ctrl+F3", [](W& w, int n) { w.showLowerTab(n); }, 3, false, true},
        {"drift", "Analyze", "Drift", "Ctrl+F5", [](W& w, int n) { w.showLowerTab(n); }, 4, false, true},
        {"answers", "Analyze", "Answers", "Ctrl+F6", [](W& w, int n) { w.showLowerTab(n); }, 5, false, true},
        {"stop", "Analyze", "Stop what runs", "Ctrl+.", [](W& w, int) { w.stopWork(); }, 0, true},

        {"guide", "Help", "Guide", "Shift+F1", [](W& w, int) { (new GuideDialog(&w))->show(); }},
        {"keys", "Help", "Keys", "?; F1", [](W& w, int) { w.showKeys(); }},
        {"about", "Help", "About Winnow", "", [](W& w, int) { w.showAbout(); }},
    };
    return kTable;
}

QList<QKeySequence> shortcutsOf(const ActionSpec& action)
{
    const QSettings settings;
    const QString keys =
        settings.value(QStringLiteral("keys/") + QLatin1String(action.id), QLatin1String(action.keys)).toString();
    QList<QKeySequence> sequences;
    for (const QString& key : keys.split(QStringLiteral("; "), Qt::SkipEmptyParts))
        sequences.append(QKeySequence(key, QKeySequence::PortableText));
    return sequences;
}

} // namespace winnow::app
