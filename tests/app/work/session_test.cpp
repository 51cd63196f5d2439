#include "app/work/session.h"

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
    session.modelName = QStringLiteral("demo");
    session.textName = QStringLiteral("Bücher.txt");
    session.policies = {parsePolicySpec("h2o:budget=128,recent=32").value(), parsePolicySpec("treekv:budget=25%").value()};
    session.prompt = 512;
    session.selection.lanes = {{0, 1}, {3, 2}};
    session.selection.focus = 1;
    session.selection.step = 1404;
    session.selection.token = 961;
    session.selection.spans = {{{10, 20}, QStringLiteral("needle")}};
    session.selection.tokenRange = views::Range{940, 1011};
    session.selection.hidden = {false, true};
    session.selection.zoom = {100.5, 900, 100, 1000.25};
    session.scale = views::ScaleKind::Log;
    session.theme = ThemeChoice::Light;
    session.geometry = QByteArray("\0\1\2geometry", 11);
    session.layout = QByteArray("layout");
    session.splitter = {496, 212};
    session.lowerHeights = {212, 390, 400};
    session.lowerTab = 2;
    touch(session.model / "config.json");
    touch(session.trace);
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

TEST(SessionFile, refusesWhatIsNoneWithASentence)
{
    const auto sentence = [](std::string_view text) {
        const auto session = parseSession(text, "s.winnow");
        return session ? std::string() : session.error().message;
    };
    EXPECT_THAT(sentence("{"), HasSubstr("s.winnow"));
    EXPECT_THAT(sentence("[]"), HasSubstr("winnow-session"));
    EXPECT_THAT(sentence(R"({"format": "winnow-session", "version": 9})"), HasSubstr("version 9"));
    EXPECT_THAT(sentence(R"({"format": "winnow-session", "version": 1, "prompt": "many"})"), HasSubstr("wrong kind"));
    EXPECT_THAT(sentence(R"({"format": "winnow-session", "version": 1, "policies": ["treekw:budget=3"]})"), HasSubstr("treekv"));
}
