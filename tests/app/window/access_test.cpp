// SPDX-License-Identifier: GPL-3.0-or-later
// What screen readers get of the painted views: none is only a picture.
#include "tests/app/window/window_fixture.h"
#include "views/maps/map_grid.h"
#include "views/quality/quality_tab.h"
#include "views/state/job_pools.h"
#include "views/style/access_table.h"
#include "views/text/text_view.h"

#include <QAccessible>

#include <regex>
#include <set>
#include <sstream>

namespace winnow::app {
namespace {

/// Classes that paint, and why words or rows of cells of their own would say nothing more.
const std::map<std::string, std::string> kNoTable{
    {"Band", "a frame around a label and buttons"},
    {"BudgetField", "a number, which is its value and its name"},
    {"Chip", "a button"},
    {"ColorKey", "says in words what the colors mean"},
    {"ContextBar", "a ground behind chips"},
    {"DropPanel", "a ground behind a pane"},
    {"ElidedLabel", "a label"},
    {"EmptyCard", "a frame around a label and buttons"},
    {"FocusRing", "a frame"},
    {"HoverCard", "its lines are its description"},
    {"IconButton", "a button"},
    {"Palette", "a frame around a field and a list"},
    {"PanelBand", "a frame around a label and buttons"},
    {"PolicyList", "a ground behind its rows"},
    {"PolicyRow", "its name says what stands in it"},
    {"SearchBar", "a ground behind a field"},
    {"TextHeader", "a title and buttons"},
};

struct Painted {
    std::string name, bases;
};

/// Every class of the window that paints itself: it has a paintEvent, or is a QCustomPlot.
std::vector<Painted> paintedClasses()
{
    std::vector<Painted> found;
    const fs::path root = fs::path(WINNOW_RESOURCES).parent_path();
    const std::regex head(R"(class (\w+)(?: final)?\s*:([^{;]*)\{)");
    for (const char* folder : {"views", "app/window"})
        for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
            if (entry.path().extension() != ".h" && entry.path().extension() != ".cpp")
                continue;
            std::ifstream file(entry.path());
            std::stringstream all;
            all << file.rdbuf();
            const std::string text = all.str();
            std::vector<std::smatch> classes;
            for (std::sregex_iterator at(text.begin(), text.end(), head), end; at != end; ++at)
                classes.push_back(*at);
            for (std::size_t i = 0; i < classes.size(); ++i) {
                const auto begin = static_cast<std::size_t>(classes[i].position());
                const auto end = i + 1 < classes.size() ? static_cast<std::size_t>(classes[i + 1].position()) : text.size();
                const std::string body = text.substr(begin, end - begin), bases = classes[i][2];
                const bool paints = std::regex_search(body, std::regex(R"(void paintEvent\(QPaintEvent\*[^)]*\) override)"));
                if (paints || bases.find("QCustomPlot") != std::string::npos || bases.find("ChartPlot") != std::string::npos)
                    found.push_back({classes[i][1], bases});
            }
        }
    return found;
}

TEST(Access, everyClassThatPaintsHasRowsOfCellsOrAReason)
{
    std::set<std::string> reasons, without;
    const std::vector<Painted> painted = paintedClasses();
    for (const Painted& one : painted)
        if (one.bases.find("AccessTable") != std::string::npos || one.bases.find("ChartPlot") != std::string::npos)
            continue;
        else if (kNoTable.contains(one.name))
            reasons.insert(one.name);
        else
            without.insert(one.name);
    EXPECT_EQ(without, std::set<std::string>{}) << "they paint, and a screen reader gets nothing: derive them from AccessTable";
    for (const auto& [name, reason] : kNoTable)
        EXPECT_TRUE(reasons.contains(name)) << name << " does not paint (" << reason << ")";
    EXPECT_GE(painted.size(), 20U);
}

TEST(Access, theWindowsViewsHaveRowsCellsAndASentenceForTheCursor)
{
    MainWindow window;
    ASSERT_TRUE(showsFiles(window));
    window.selection()->setStep(150);
    window.selection()->setToken(40);
    QApplication::processEvents();
    window.mapGrid()->finishPlanes();
    views::waitForJobs(); // the charts of Quality
    QApplication::processEvents();
    int tables = 0;
    for (QWidget* widget : window.findChildren<QWidget*>()) {
        const auto* rows = dynamic_cast<views::AccessTable*>(widget);
        if (!rows)
            continue;
        QAccessibleInterface* access = QAccessible::queryAccessibleInterface(widget);
        ASSERT_TRUE(access && access->tableInterface()) << widget->metaObject()->className();
        if (rows->accessRows() == 0)
            continue; // of a tab that was not opened
        ++tables;
        QAccessibleInterface* first = access->tableInterface()->cellAt(0, 0);
        ASSERT_TRUE(first && first->isValid()) << widget->metaObject()->className();
        EXPECT_FALSE(first->text(QAccessible::Name).isEmpty()) << widget->metaObject()->className();
        EXPECT_EQ(first->parent(), access);
        EXPECT_EQ(access->child(access->indexOfChild(first)), first);
        EXPECT_FALSE(access->tableInterface()->rowDescription(0).isEmpty());
        EXPECT_FALSE(access->tableInterface()->columnDescription(0).isEmpty());
        EXPECT_FALSE(access->text(QAccessible::Name).isEmpty()) << widget->metaObject()->className();
        EXPECT_FALSE(access->text(QAccessible::Description).isEmpty()) << widget->metaObject()->className();
    }
    EXPECT_GE(tables, 5) << "maps, deck, text, lanes and the charts of Quality";
    const QString first = QAccessible::queryAccessibleInterface(window.findChild<views::QualityTab*>()->plot())
                              ->tableInterface()
                              ->cellAt(0, 4)
                              ->text(QAccessible::Value);
    EXPECT_TRUE(first.contains(QStringLiteral("TreeKV"))) << qPrintable(first);
    auto* text = QAccessible::queryAccessibleInterface(window.textView())->tableInterface();
    EXPECT_EQ(text->cellAt(40, 1)->text(QAccessible::Value).left(10), QStringLiteral("is kept in"));
    EXPECT_EQ(text->cellAt(160, 1)->text(QAccessible::Value), QStringLiteral("not read yet"));
}

} // namespace
} // namespace winnow::app
