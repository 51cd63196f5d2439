// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/work/session.h"
#include "tests/support/fuzz_session_entry.h"
#include "tests/support/mutations.h"

#include <QTemporaryDir>

#include <gmock/gmock.h>

#include <fstream>

using namespace winnow;
using namespace winnow::app;
using testing::HasSubstr;
namespace fs = std::filesystem;

namespace {

void touch(const fs::path& path)
{
    fs::create_directories(path.parent_path());
    std::ofstream(path) << "x";
}

Session example(const fs::path& folder)
{
    Session session;
    session.model = folder / "models" / "demo";
    session.trace = folder / "runs" / "T.h5";
    session.runs = folder / "runs" / "C.h5";
    session.modelName = QStringLiteral("demo");
    session.textName = QStringLiteral("Bücher.txt");
    session.policies = {parsePolicySpec("h2o:budget=128,recent=32").value(), parsePolicySpec("treekv:budget=25%").value(),
                        parsePolicySpec("expr:score=\"max(mean,left(last))\",recent=2").value()};
    session.prompt = 512;
    session.selection.lanes = {{0, 1}, {3, 2}};
    session.selection.focus = 1;
    session.selection.step = 1404;
    session.selection.token = 961;
    session.selection.spans = {{{10, 20}, QStringLiteral("needle")}};
    session.selection.tokenRange = views::Range{940, 1011};
    session.selection.hidden = {false, true, false};
    session.selection.zoom = {100.5, 900, 100, 1000.25};
    session.selection.difference = true;
    session.selection.rows = views::MapRows::Lanes;
    session.selection.axis = views::MapAxis::Distance;
    session.notes = {{1404, views::Range{940, 1011}, QStringLiteral("der Bücherwurm")}, {7, {}, QStringLiteral("here")}};
    session.controls = {{"wavelet", {{"transform", "3"}, {"mode", "symmetric"}}}, {"token", {}}};
    session.figures = {{"deck", {"kept", "--step", "1404"}}};
    session.scale = views::ScaleKind::Log;
    session.theme = ThemeChoice::Light;
    session.window = {.width = 1440,
                      .height = 900,
                      .maximized = true,
                      .leftShown = false,
                      .leftWidth = 236,
                      .textWidth = 344,
                      .splitter = {496, 212},
                      .leftSplitter = {332, 376},
                      .lowerHeights = {212, 220, 390, 400, 210, 380},
                      .lowerTab = 3};
    touch(session.model / "config.json");
    touch(session.trace);
    touch(session.runs);
    return session;
}

} // namespace

TEST(SessionFile, comesBackAsItWasWritten)
{
    const QTemporaryDir temporary;
    const fs::path folder = temporary.path().toStdString(), file = folder / "s.winnow";
    const Session session = example(folder);
    ASSERT_TRUE(writeSession(session, file));
    const auto read = readSession(file);
    ASSERT_TRUE(read) << read.error().message;
    // Which keys were typed is not kept: a canonical line types them all.
    Session expected = session;
    for (PolicySpec& policy : expected.policies)
        policy = parsePolicySpec(policy.canonical()).value();
    EXPECT_EQ(read->selection, expected.selection);
    EXPECT_TRUE(*read == expected);
}

TEST(SessionFile, findsItsFilesWhenTheFolderMoved)
{
    const QTemporaryDir temporary;
    const fs::path before = fs::path(temporary.path().toStdString()) / "before", after = before.parent_path() / "after";
    fs::create_directories(before);
    ASSERT_TRUE(writeSession(example(before), before / "s.winnow"));
    fs::rename(before, after);
    const auto read = readSession(after / "s.winnow");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->trace, after / "runs" / "T.h5");
}

TEST(SessionFile, findsItsFilesWhenItMovedAlone)
{
    const QTemporaryDir temporary;
    const fs::path folder = temporary.path().toStdString();
    const Session session = example(folder);
    ASSERT_TRUE(writeSession(session, folder / "s.winnow"));
    fs::create_directories(folder / "else" / "where");
    fs::rename(folder / "s.winnow", folder / "else" / "where" / "s.winnow");
    EXPECT_EQ(readSession(folder / "else" / "where" / "s.winnow")->trace, session.trace);
}

TEST(SessionFile, ofTheTimeBeforeTheTabTokenKeepsItsTab)
{
    const auto session = parseSession(
        R"({"format": "winnow-session", "version": 1, "window": {"lower_heights": [200, 300, 400], "lower_tab": 2}})",
        "s.winnow");
    ASSERT_TRUE(session) << session.error().message;
    EXPECT_EQ(session->window.lowerHeights, (std::array{200, 0, 300, 400, 0, 0}));
    EXPECT_EQ(session->window.lowerTab, 3); // Wavelet
    const auto later = parseSession(
        R"({"format": "winnow-session", "version": 1, "window": {"lower_heights": [200, 210, 300, 400], "lower_tab": 2}})",
        "s.winnow");
    ASSERT_TRUE(later) << later.error().message;
    EXPECT_EQ(later->window.lowerHeights, (std::array{200, 210, 300, 400, 0, 0}));
    EXPECT_EQ(later->window.lowerTab, 2);
}

TEST(SessionFile, refusesWhatIsNoneWithASentence)
{
    const auto sentence = [](std::string_view text) {
        const auto session = parseSession(text, "s.winnow");
        return session ? std::string() : session.error().message;
    };
    EXPECT_THAT(sentence("{"), HasSubstr("s.winnow"));
    EXPECT_THAT(sentence("[]"), HasSubstr("winnow-session"));
    EXPECT_THAT(sentence(R"({"format": "winnow-session", "version": 9})"), HasSubstr("version 9"));
    EXPECT_THAT(sentence(R"({"format": "winnow-session", "version": 1, "prompt": "many"})"), HasSubstr("'prompt'"));
    EXPECT_THAT(sentence(R"({"format": "winnow-session", "version": 1, "policies": ["treekw:budget=3"]})"), HasSubstr("treekv"));
}

namespace {

/// The sentence that refuses a session with these members, "" where it is accepted.
std::string refusal(const std::string& members)
{
    const auto session = parseSession(R"({"format": "winnow-session", "version": 1, )" + members + "}", "s.winnow");
    return session ? std::string() : session.error().message;
}

} // namespace

TEST(SessionFile, refusesEveryValueOfAWrongKindOrSize)
{
    const std::pair<const char*, const char*> kWrong[] = {
        {R"("model": 3)", "model"},
        {R"("trace": {"absolute": 3})", "trace"},
        {R"("trace": {"absolute": "a\u0000b"})", "trace"},
        {R"("model_name": [])", "model_name"},
        {R"("policies": {})", "policies"},
        {R"("policies": [1])", "policies"},
        {R"("prompt": -1)", "prompt"},
        {R"("prompt": 1.5)", "prompt"},
        {R"("prompt": 1e30)", "prompt"},
        {R"("selection": [])", "selection"},
        {R"("selection": {"lanes": 1})", "lanes"},
        {R"("selection": {"lanes": [[0]]})", "lanes"},
        {R"("selection": {"lanes": [[0, -1]]})", "lanes"},
        {R"("selection": {"lanes": [[0, 2147483647]]})", "lanes"},
        {R"("selection": {"focus": 1})", "focus"},
        {R"("selection": {"reference": -1})", "reference"},
        {R"("selection": {"step": 4294967297})", "step"},
        {R"("selection": {"token": "9"})", "token"},
        {R"("selection": {"spans": [3]})", "spans"},
        {R"("selection": {"spans": [{"begin": 5, "end": 5, "name": ""}]})", "spans"},
        {R"("selection": {"spans": [{"begin": 5, "end": 6, "name": 1}]})", "spans"},
        {R"("selection": {"token_range": [1, 2, 3]})", "token_range"},
        {R"("selection": {"token_range": [7, 3]})", "token_range"},
        {R"("selection": {"step_range": [-1, 3]})", "step_range"},
        {R"("selection": {"hidden": [1]})", "hidden"},
        {R"("selection": {"zoom": [0, 100, 0]})", "zoom"},
        {R"("selection": {"zoom": [0, 100, 0, -1]})", "zoom"},
        {R"("selection": {"zoom": [0, 100, 50, 50]})", "zoom"},
        {R"("selection": {"zoom": [0, 1e300, 0, 10]})", "zoom"},
        {R"("selection": {"zoom": [0, null, 0, 10]})", "zoom"},
        {R"("notes": {})", "notes"},
        {R"("notes": [3])", "notes"},
        {R"("notes": [{"step": -1}])", "notes"},
        {R"("notes": [{"step": 1, "tokens": [4, 4]}])", "tokens"},
        {R"("notes": [{"step": 1, "words": 5}])", "notes"},
        {R"("controls": [])", "controls"},
        {R"("controls": {"wavelet": 3})", "controls"},
        {R"("controls": {"wavelet": {"levels": 3}})", "controls"},
        {R"("figures": {"deck": "kept"})", "figures"},
        {R"("figures": {"deck": [1]})", "figures"},
        {R"("window": {"left_splitter": [1, -1]})", "left_splitter"},
        {R"("window": 1)", "window"},
        {R"("window": {"scale": 4})", "scale"},
        {R"("window": {"theme": -1})", "theme"},
        {R"("window": {"width": 1e9})", "width"},
        {R"("window": {"maximized": 1})", "maximized"},
        {R"("window": {"splitter": [1]})", "splitter"},
        {R"("window": {"lower_heights": [1, 2, -3, 4]})", "lower_heights"},
        {R"("window": {"lower_tab": 6})", "lower_tab"},
    };
    for (const auto& [members, key] : kWrong) {
        EXPECT_THAT(refusal(members), HasSubstr(key)) << members;
        EXPECT_THAT(refusal(members), HasSubstr("s.winnow")) << members;
    }
    EXPECT_THAT(refusal(R"("selection": {"step": -4})"), HasSubstr("is -4, expected a whole number from 0 to"));
    EXPECT_EQ(refusal(R"("a later key": {"of": "any kind"}, "selection": {"lanes": []}, "window": {"splitter": []})"), "");
    EXPECT_THAT(parseSession(R"({"format": "winnow-session", "version": 0})", "s.winnow").error().message,
                HasSubstr("'version' is 0"));
    EXPECT_THAT(parseSession(R"({"format": 1})", "s.winnow").error().message, HasSubstr("winnow-session"));
}

TEST(SessionFile, isNotBrokenByDamage)
{
    examine(
        {sessionText(example(QTemporaryDir().path().toStdString()), "s.winnow"), R"({"format": "winnow-session", "version": 1})"},
        fuzzSession, 20'000);
}
