// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/export_command.h"

#include <gtest/gtest.h>

using namespace winnow;
using namespace winnow::app;

TEST(CopyAsCommand, quotesOnlyWhatAShellNeeds)
{
    EXPECT_EQ(shellWord("treekv:budget=128,sinks=4"), "treekv:budget=128,sinks=4");
    EXPECT_EQ(shellWord("my text.h5"), "'my text.h5'");
    EXPECT_EQ(shellWord("it's"), "'it'\\''s'");
    EXPECT_EQ(shellWord(""), "''");
}

TEST(CopyAsCommand, replaysFirstWhenTheReplayIsNoFileYet)
{
    CommandParts parts;
    parts.trace = "/data/my trace.h5";
    parts.policies = {parsePolicySpec("tova:budget=64").value()};
    parts.prompt = 512;
    parts.figure.name = "retention";
    const std::string line = commandText(parts);
    EXPECT_TRUE(line.starts_with("winnow replay '/data/my trace.h5' --policy tova:budget=64")) << line;
    EXPECT_NE(line.find("--prompt 512 --out R.h5 && winnow figure retention R.h5"), std::string::npos) << line;
    EXPECT_TRUE(line.ends_with("--out retention.pdf")) << line;
    parts.policies = {parsePolicySpec("expr:score=\"max(mean,last)\",budget=8").value()};
    EXPECT_NE(commandText(parts).find("--policy 'expr:budget=8,score=\"max(mean,last)\",select=lowest,"), std::string::npos)
        << commandText(parts);
    parts.replays = {"R.npz"};
    EXPECT_TRUE(commandText(parts).starts_with("winnow figure retention R.npz"));
}

TEST(CopyAsCommand, recordsFirstWhatGoesWithTheWindow)
{
    const CommandParts parts{.trace = "/tmp/gone/T.h5",
                             .record = RecordParts{"/models/my model", "/texts/book.txt", 768, "float32"},
                             .policies = {parsePolicySpec("tova:budget=64").value()},
                             .prompt = 384,
                             .figure = {"mass", {}}};
    EXPECT_EQ(commandText(parts),
              "winnow record --model '/models/my model' --text /texts/book.txt --tokens 768 --dtype float32 --out book.h5 && "
              "winnow replay book.h5 --policy " +
                  parts.policies[0].canonical() + " --prompt 384 --out R.h5 && winnow figure mass R.h5 --out mass.pdf");
    CommandParts withRuns = parts;
    withRuns.runs = parts.policies;
    EXPECT_NE(commandText(withRuns).find("winnow run --model MODEL --trace book.h5 --policy tova"), std::string::npos)
        << "the window's own trace goes with it: " << commandText(withRuns);
}

TEST(CopyAsCommand, recordsAChatAndTheLayersThatWereChosen)
{
    EXPECT_EQ(recordText({"/models/m", "/texts/chat.json", 768, "float32", true, std::pair(2, 5)}),
              "winnow record --model /models/m --text /texts/chat.json --chat --tokens 768 --layers 2-5 --dtype float32 --out "
              "chat.h5 && ");
}

TEST(CopyAsCommand, givesAttentionTheReplayThatSaysWhatIsLost)
{
    CommandParts parts{.trace = "T.h5", .replays = {"R.h5"}, .figure = {"attention", {.layer = 1, .head = 2, .lostBy = 3}}};
    EXPECT_EQ(commandText(parts), "winnow figure attention R.h5 T.h5 --layer 1 --head 2 --lost-by 3 --out attention.pdf");
    parts.figure.options.lostBy.reset();
    EXPECT_EQ(commandText(parts), "winnow figure attention T.h5 --layer 1 --head 2 --out attention.pdf");
}

TEST(CopyAsCommand, takesTheScaleOfTheColorsAndTheStepsOfTheMeans)
{
    views::SelectionState state;
    state.step = 90;
    state.stepRange = views::Range{10, 20};
    EXPECT_EQ(figureArguments(retentionRequest({}, state, views::ScaleKind::Rank)),
              (std::vector<std::string>{"retention", "--step", "90", "--mean-steps", "10-19", "--scale", "rank"}));
    EXPECT_EQ(figureArguments(keptRequest({}, state, views::ScaleKind::Log)),
              (std::vector<std::string>{"kept", "--step", "90", "--scale", "log"}));
    state.axis = views::MapAxis::Distance; // it has a scale of its own
    EXPECT_EQ(retentionRequest({}, state, views::ScaleKind::Rank).options.scale, "linear");
}

TEST(CopyAsCommand, givesTheMapsAndTheDeckTheRecordingWhereThereIsOne)
{
    CommandParts parts{.trace = "T.h5", .replays = {"R.h5"}, .figure = {"kept", {.steps = {90}}}};
    EXPECT_EQ(commandText(parts), "winnow figure kept R.h5 T.h5 --step 90 --out kept.pdf") << "it knows the sliding windows";
    parts.figure.name = "retention";
    EXPECT_EQ(commandText(parts), "winnow figure retention R.h5 T.h5 --step 90 --out retention.pdf");
    parts.trace.clear();
    EXPECT_EQ(commandText(parts), "winnow figure retention R.h5 --step 90 --out retention.pdf") << "only the replay is open";
}

TEST(CopyAsCommand, saysWhichMapsTheDeckRanksAmong)
{
    views::SelectionState state;
    state.step = 90;
    state.zoom = {10, 60, 20, 80};
    EXPECT_EQ(figureArguments(keptRequest({}, state, views::ScaleKind::Rank)),
              (std::vector<std::string>{"kept", "--step", "90", "--queries", "20-79", "--keys", "10-59", "--scale", "rank"}));
    EXPECT_EQ(figureArguments(keptRequest({}, state)), (std::vector<std::string>{"kept", "--step", "90"}));
    state.axis = views::MapAxis::Distance;
    EXPECT_EQ(figureArguments(keptRequest({}, state, views::ScaleKind::Rank)),
              (std::vector<std::string>{"kept", "--step", "90"}));
}

TEST(CopyAsCommand, recordsOnlyWhereTheRecordingIsNeeded)
{
    CommandParts parts{.trace = "book.h5",
                       .record = RecordParts{"/models/m", "/texts/book.txt", 768, "float32"},
                       .policies = {parsePolicySpec("tova:budget=64").value()},
                       .prompt = 384,
                       .figure = {"mass", {}}};
    EXPECT_TRUE(
        commandText(parts).starts_with("winnow record --model /models/m --text /texts/book.txt --tokens 768 --dtype float32 "
                                       "--out book.h5 && winnow replay book.h5 "))
        << commandText(parts);
    parts.runs = parts.policies;
    EXPECT_NE(commandText(parts).find("winnow run --model MODEL --trace book.h5 "), std::string::npos) << commandText(parts);
    parts.replays = {"/data/R.h5"};
    parts.runs.clear();
    EXPECT_EQ(commandText(parts), "winnow figure mass /data/R.h5 --out mass.pdf") << "the replay is all that it needs";
}

TEST(CopyAsCommand, namesTheLayersOfAReplayThatIsOfSome)
{
    const CommandParts parts{.trace = "T.h5",
                             .policies = {parsePolicySpec("tova:budget=64").value()},
                             .prompt = 5,
                             .layers = {Layer{5}, Layer{11}},
                             .figure = {"mass", {}}};
    EXPECT_NE(commandText(parts).find(" --prompt 5 --layers 5,11 --out R.h5 && "), std::string::npos) << commandText(parts);
}

TEST(CopyAsCommand, countsLanesInTheFileWhereSomeOfItsLayersAreShown)
{
    TraceInfo shown;
    shown.layers = {Layer{5}, Layer{11}};
    shown.layerInfo.resize(2);
    for (LayerInfo& layer : shown.layerInfo)
        layer.keyHeads = 2;
    const std::vector<Layer> recorded{Layer{4}, Layer{5}, Layer{10}, Layer{11}};
    FigureRequest request{"wavelet", {}};
    EXPECT_EQ(ofWholeRecording(request, shown, recorded).options.lanes, (std::vector<Lane>{{1, 0}, {1, 1}, {3, 0}, {3, 1}}))
        << "all lanes are those that are shown";
    request.options.lanes = {{1, 1}};
    request.options.against.lanes = {{{0, 0}}};
    const FigureRequest inFile = ofWholeRecording(request, shown, recorded);
    EXPECT_EQ(inFile.options.lanes, (std::vector<Lane>{{3, 1}}));
    EXPECT_EQ(*inFile.options.against.lanes, (std::vector<Lane>{{1, 0}}));
    EXPECT_EQ(ofWholeRecording(request, shown, shown.layers).options.lanes, request.options.lanes);
    request.name = "retention";
    EXPECT_EQ(ofWholeRecording(request, shown, recorded).options.lanes, request.options.lanes) << "those of the replay";
    EXPECT_EQ(figureArguments(ofWholeRecording({"heads", {}}, shown, recorded)),
              (std::vector<std::string>{"heads", "--layers", "5,11"}));
}

TEST(NumpySnippet, readsEitherKindOfReplayFile)
{
    const std::string npz = numpySnippet("/data/a \"b\".npz", 2, "tova:budget=64", 900);
    EXPECT_NE(npz.find("np.load(\"/data/a \\\"b\\\".npz\")[\"evict_step.2\"]"), std::string::npos) << npz;
    EXPECT_NE(npz.find("# tova:budget=64"), std::string::npos);
    EXPECT_NE(npz.find("step, token = 900,"), std::string::npos);
    const std::string hdf5 = numpySnippet("R.h5", 2, "tova:budget=64", 900);
    EXPECT_NE(hdf5.find("file[\"replays/00002/evict_step\"][:]"), std::string::npos) << hdf5;
}

TEST(CopyAsCommand, runsForRealWhatIsNoFileYet)
{
    CommandParts parts;
    parts.trace = "T.h5";
    parts.replays = {"R.npz"};
    parts.runs = {parsePolicySpec("tova:budget=64").value()};
    parts.model = "models/my model";
    parts.prompt = 512;
    parts.figure.name = "retention";
    const std::string line = commandText(parts);
    EXPECT_TRUE(line.starts_with("winnow run --model 'models/my model' --trace T.h5 --policy tova:budget=64")) << line;
    EXPECT_NE(line.find("--prompt 512 --out C.h5 && winnow figure retention R.npz C.h5"), std::string::npos) << line;
    parts.runsFile = "runs.h5";
    EXPECT_TRUE(commandText(parts).starts_with("winnow figure retention R.npz runs.h5")) << commandText(parts);
    parts.runsFile = parts.replays.front(); // one file holds both
    EXPECT_TRUE(commandText(parts).starts_with("winnow figure retention R.npz T.h5 --out")) << commandText(parts);
    parts.replays.clear();
    EXPECT_TRUE(commandText(parts).starts_with("winnow figure retention R.npz T.h5 --out")) << "runs alone are no replay to make";
}

TEST(CopyAsCommand, givesTheTextBothItsFiles)
{
    views::SelectionState state;
    state.step = 90;
    state.focus = 2;
    state.tokenRange = views::Range{10, 20};
    const CommandParts parts{.trace = "T.h5", .replays = {"R.h5"}, .figure = textRequest({}, state)};
    EXPECT_EQ(commandText(parts), "winnow figure text R.h5 T.h5 --step 90 --policies 3 --tokens 10-19 --out text.pdf");
    EXPECT_EQ(commandText({.trace = "T.h5", .replays = {"R.h5"}, .figure = keptRequest({}, state)}),
              "winnow figure kept R.h5 T.h5 --step 90 --brush 10-19 --out kept.pdf");
    EXPECT_EQ(commandText({.trace = "T.h5", .replays = {"R.h5"}, .figure = textRequest({}, state, true)}),
              "winnow figure text R.h5 T.h5 --step 90 --tokens 10-19 --focus 3 --bars --out text.pdf");
}

TEST(CopyAsCommand, takesZoomLanesAndHiddenPoliciesAlong)
{
    views::SelectionState state;
    state.zoom = {100.5, 200, 50, 150.5};
    state.lanes = {{0, 1}};
    state.hidden = {false, true};
    views::ViewData data;
    auto replay = std::make_shared<ReplayResult>();
    replay->policies.resize(3);
    data.replay = replay;
    const FigureRequest request = retentionRequest(data, state);
    EXPECT_EQ(request.options.tokenRange, (IntRange{100, 199}));
    EXPECT_EQ(request.options.stepRange, (IntRange{50, 150}));
    EXPECT_EQ(request.options.policies, (std::vector{1, 3}));
    EXPECT_EQ(request.options.lanes, (std::vector<Lane>{{0, 1}}));
}

TEST(CopyAsCommand, takesDifferenceRowsAndAxisAlong)
{
    views::SelectionState state;
    state.step = 77;
    state.focus = 2;
    state.reference = 1;
    state.difference = true;
    EXPECT_EQ(commandText({.trace = "T.h5", .replays = {"R.h5"}, .figure = textRequest({}, state)}),
              "winnow figure text R.h5 T.h5 --step 77 --policies 3 --against-policy 2 --difference --out text.pdf");
    EXPECT_EQ(commandText({.trace = "T.h5", .replays = {"R.h5"}, .figure = keptRequest({}, state)}),
              "winnow figure kept R.h5 T.h5 --step 77 --against-policy 2 --difference --out kept.pdf");
    EXPECT_EQ(commandText({.trace = "T.h5", .replays = {"R.h5"}, .figure = retentionRequest({}, state)}),
              "winnow figure retention R.h5 T.h5 --step 77 --against-policy 2 --difference --out retention.pdf");
    state.spans = {{{334, 341}, QStringLiteral("the needle, here")}};
    EXPECT_EQ(commandText({.trace = "T.h5", .replays = {"R.h5"}, .figure = keptRequest({}, state)}),
              "winnow figure kept R.h5 T.h5 --step 77 --against-policy 2 --difference --spans '334-340=the needle  here' --out "
              "kept.pdf");
    state.spans.clear();
    state.difference = false;
    state.rows = views::MapRows::Lanes;
    state.axis = views::MapAxis::Distance;
    EXPECT_EQ(commandText({.trace = "T.h5", .replays = {"R.h5"}, .figure = retentionRequest({}, state)}),
              "winnow figure retention R.h5 T.h5 --step 77 --rows lanes --axis distance --out retention.pdf");
}
