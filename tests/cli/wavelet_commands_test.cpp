// SPDX-License-Identifier: GPL-3.0-or-later
// winnow wavelet, and the figures of the wavelet analysis, as a person calls them.
#include "tests/cli/program.h"

#include "app/cli/figure_texts.h"
#include "core/io/npz.h"
#include "core/trace/trace.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace winnow {
namespace {

namespace fs = std::filesystem;
using test::demoTrace;
using test::Outcome;
using test::program;
using test::prose;
using test::readFile;
using test::ScratchFolder;
using test::writeText;
using testing::ElementsAre;
using testing::HasSubstr;

std::string escaped(const std::string& text)
{
    std::string out;
    for (const char c : text)
        out += c == '\n' ? std::string("\\n") : std::string(1, c);
    return out;
}

std::string jsonLine(const std::string& text) { return "{\"text\": \"" + escaped(text) + "\"}\n"; }

std::size_t leftovers()
{
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(fs::temp_directory_path()))
        count += entry.path().filename().string().starts_with("winnow-texts-") ? 1 : 0;
    return count;
}

std::vector<std::string> pictureKinds()
{
    if (program({"--screenshot"}).err.find("without its window") == std::string::npos)
        return {"csv", "npz", "svg", "pdf", "png"};
    return {"csv", "npz"};
}

TEST(WaveletCommand, writesTheLayoutOfTheDesignForEveryTransform)
{
    const ScratchFolder folder;
    const std::string trace = demoTrace().string();
    for (const char* transform : {"dwt", "stationary", "modwt"}) {
        const std::string out = (folder / (std::string(transform) + ".npz")).string();
        const Outcome run = program(
            {"wavelet", trace, "--step", "149", "--wavelet", "sym4", "--levels", "4", "--transform", transform, "--out", out});
        ASSERT_EQ(run.code, 0) << run.err;
        const auto npz = readNpz(out);
        EXPECT_THAT(npz->shape("bands").value(), ElementsAre(4, 150));
        EXPECT_THAT(npz->shape("approximation").value(), ElementsAre(150));
        EXPECT_THAT(npz->shape("energy").value(), ElementsAre(5));
        EXPECT_THAT(npz->strings("wavelet").value(), ElementsAre("sym4"));
        EXPECT_THAT(npz->strings("mode").value(), ElementsAre(transform == std::string("modwt") ? "periodic" : "symmetric"));
        EXPECT_THAT(npz->numbers<std::int32_t>("step").value(), ElementsAre(149));
    }
    for (const std::string& kind : pictureKinds()) {
        const auto out = [&](const std::string& name) { return (folder / (name + "." + kind)).string(); };
        for (const auto& [name, extra] :
             {std::pair<std::string, std::vector<std::string>>{"cwt",
                                                               {"--transform", "cwt", "--omega0", "5.5", "--noise", "white"}},
              {"packets", {"--transform", "packets", "--wavelet", "db3", "--levels", "3", "--signal", "attention"}}}) {
            std::vector<std::string> line{"wavelet", trace, "--layer", "2", "--head", "1", "--out", out(name)};
            line.insert(line.end(), extra.begin(), extra.end());
            const Outcome run = program(line);
            EXPECT_EQ(run.code, 0) << run.err;
            EXPECT_GT(fs::exists(out(name)) ? fs::file_size(out(name)) : 0, 100U) << out(name);
        }
    }
}

TEST(WaveletCommand, saysWhatIsWrongInASentence)
{
    const ScratchFolder folder;
    const std::string trace = demoTrace().string(), out = (folder / "W.npz").string();
    const auto sentence = [&](std::vector<std::string> line) {
        line.insert(line.begin(), {"wavelet", trace, "--out", out});
        const Outcome run = program(line);
        EXPECT_EQ(run.code, 2) << run.err;
        EXPECT_FALSE(fs::exists(out));
        return run.err;
    };
    EXPECT_THAT(sentence({"--wavelet", "db21"}), HasSubstr("there is no wavelet 'db21'; the nearest is 'db1'"));
    EXPECT_THAT(sentence({"--transform", "modwd"}), HasSubstr("the nearest is 'modwt'"));
    EXPECT_THAT(sentence({"--signal", "accumulate"}), HasSubstr("the nearest is 'accumulated'"));
    EXPECT_THAT(sentence({"--transform", "cwt", "--wavelet", "morlett"}), HasSubstr("morlet"));
    EXPECT_THAT(sentence({"--wavelet", "morlet6"}), HasSubstr("'morlet6' is a continuous wavelet, for --transform cwt"));
    EXPECT_THAT(sentence({"--mode", "sym"}), HasSubstr("the nearest is 'symmetric'"));
    EXPECT_THAT(sentence({"--noise", "pink"}), HasSubstr("--noise takes none, white, red"));
    EXPECT_THAT(sentence({"--levels", "25"}), HasSubstr("--levels takes a whole number from 1 to 24, not '25'"));
    EXPECT_THAT(sentence({"--step", "5x"}), HasSubstr("--step takes a whole number of 0 or more, not '5x'"));
    EXPECT_THAT(sentence({"--layer", "6"}), HasSubstr("layer 6 is not in"));
    EXPECT_THAT(sentence({"--lanes", "0.4"}), HasSubstr("lane 0.4 does not exist"));
    EXPECT_THAT(sentence({"--hide", "600"}), HasSubstr("--hide 600 leaves nothing of 200 positions; choose at most 99"));
    EXPECT_THAT(sentence({"--transform", "cwt", "--step", "1,2"}), HasSubstr("that of one step"));
    EXPECT_THAT(sentence({"--step", "200"}), HasSubstr("step 200 does not exist"));
    EXPECT_THAT(program({"wavelet", "--out", out}).err, HasSubstr("--texts"));
}

TEST(WaveletCommand, refusesWhatItsTransformDoesNotRead)
{
    const ScratchFolder folder;
    const std::string trace = demoTrace().string(), out = (folder / "W.npz").string();
    const auto refused = [&](std::vector<std::string> line, const std::string& says) {
        line.insert(line.end(), {"--out", out});
        const Outcome run = program(line);
        EXPECT_EQ(run.code, 2) << run.err;
        EXPECT_THAT(run.err, HasSubstr(says));
        EXPECT_FALSE(fs::exists(out));
    };
    const auto withContinuous = [&](std::vector<std::string> more, const std::string& says) {
        more.insert(more.begin(), {"wavelet", trace, "--transform", "cwt"});
        refused(more, says);
    };
    withContinuous({"--wavelet", "haar"},
                   "'haar' is a discrete wavelet; --transform cwt takes a continuous one, such as morlet6");
    withContinuous({"--wavelet", "paul4", "--omega0", "8"},
                   "--omega0 8 stands for --wavelet morlet8, and --wavelet paul4 was given too");
    withContinuous({"--levels", "5"}, "--levels is read with the transforms dwt, stationary, modwt and packets only");
    withContinuous({"--mode", "symmetric"}, "--mode is read with");
    withContinuous({"--hide", "8"}, "--hide is read with");
    for (const auto& [word, value] : {std::pair("--omega0", "6"), {"--scales", "4"}, {"--noise", "white"}, {"--trim", "8"}})
        for (const char* transform : {"dwt", "stationary", "modwt", "packets"})
            refused({"wavelet", trace, "--transform", transform, word, value},
                    std::string(word) + " is read with --transform cwt only");
    refused({"wavelet", trace, "--transform", "modwt", "--mode", "periodic"},
            "--mode is read with the transforms dwt, stationary and packets");
    for (const auto& [word, value] :
         {std::pair("--wavelet", "db4"), {"--levels", "3"}, {"--transform", "dwt"}, {"--omega0", "6"}, {"--trim", "8"}})
        refused({"figure", "treekv-2", trace, word, value}, std::string("the figure 'treekv-2' does not read ") + word);
    refused({"wavelet", trace, "--text-tokens", "64"}, "--text-tokens is read with --texts only");
    for (const auto& [word, value] : {std::pair("--width", "3.25"), {"--dpi", "300"}})
        refused({"wavelet", trace, word, value}, std::string(word) + " changes pictures, and '" + out + "' holds numbers");
    refused({"attention", trace, "--layer", "0", "--head", "0", "--mask-sinks"}, "--mask-sinks changes pictures");
    refused({"wavelet", trace, "--lanes", "0.1", "--head", "2"}, "--head is read without --lanes only");
    refused({"wavelet", trace, "--metric", "mass"}, "there is no option '--metric'");
}

TEST(Figures, refuseOptionsThatTheyDoNotRead)
{
    const ScratchFolder folder;
    const std::string out = (folder / "F.csv").string();
    for (const auto& [figure, word, value] : {std::tuple("layers", "--step", "3"),
                                              {"mass", "--tokens", "3-5"},
                                              {"lanes", "--lanes", "0.1"},
                                              {"jaccard", "--tokens", "3-5"},
                                              {"kept", "--steps", "3-5"},
                                              {"retention", "--metric", "mass"},
                                              {"distance", "--levels", "3"},
                                              {"scale-slope", "--policies", "1"},
                                              {"attention", "--lanes", "0.1"},
                                              {"attention", "--levels", "3"},
                                              {"text", "--queries", "1-2"},
                                              {"lost-bands", "--metric", "mass"}}) {
        const Outcome run = program({"figure", figure, "R.npz", word, value, "--out", out});
        EXPECT_EQ(run.code, 2) << run.err;
        EXPECT_THAT(run.err, HasSubstr(std::string("the figure '") + figure + "' does not read " + word + ", which is for "));
    }
    EXPECT_THAT(program({"figure", "mass", "R.npz", "--metric", "mas", "--out", out}).err, HasSubstr("the nearest is 'mass'"));
    EXPECT_EQ(program({"figure", "mass", "R.npz", "--metric", "mas", "--out", out}).code, 2);
    EXPECT_THAT(program({"figure", "mass", "R.npz", "--out", (folder / "F.jpg").string()}).err, HasSubstr("must end in .svg"));
}

TEST(WaveletCommand, warnsOfTooManyLevelsAndComputesThem)
{
    const ScratchFolder folder;
    const std::string out = (folder / "W.csv").string();
    const Outcome run = program({"wavelet", demoTrace().string(), "--step", "20", "--levels", "6", "--out", out});
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_THAT(run.out, HasSubstr("6 levels are more than the 4 that 21 samples hold with haar"));
    EXPECT_THAT(readFile(out), HasSubstr("level6"));
}

TEST(Figures, scaleSlopeAndLostBandsAreWritten)
{
    const ScratchFolder folder;
    const std::string trace = demoTrace().string(), replay = (folder / "R.h5").string();
    ASSERT_EQ(program({"replay", trace, "--policy", "h2o:budget=40", "--policy", "window:budget=40", "--out", replay}).code, 0);
    for (const std::string& kind : pictureKinds()) {
        for (const std::vector<std::string>& line : {std::vector<std::string>{"figure", "scale-slope", trace, "--hide", "8"},
                                                     {"figure", "lost-bands", replay, trace, "--hide", "8", "--step", "180"}}) {
            std::vector<std::string> whole = line;
            whole.insert(whole.end(), {"--out", (folder / (line[1] + "." + kind)).string()});
            const Outcome run = program(whole);
            EXPECT_EQ(run.code, 0) << run.err;
            EXPECT_GT(fs::file_size(folder / (line[1] + "." + kind)), 100U);
        }
    }
    const auto npz = readNpz(folder / "scale-slope.npz");
    EXPECT_THAT(npz->shape("slope").value(), ElementsAre(48));
    EXPECT_EQ(readNpz(folder / "lost-bands.npz")->shape("lost").value().front(), 2U);
    EXPECT_THAT(program({"figure", "lost-bands", trace, "--out", (folder / "x.csv").string()}).err,
                HasSubstr("needs one replay and the recording"));
}

TEST(Figures, twoHeadsAreSetBesideEachOtherOrSubtracted)
{
    const ScratchFolder folder;
    const std::string trace = demoTrace().string();
    for (const std::string& kind : pictureKinds()) {
        const std::string out = (folder / ("pair." + kind)).string();
        const Outcome run = program(
            {"figure", "treekv-2", trace, "--layer", "1", "--head", "0", "--against-layer", "3", "--difference", "--out", out});
        ASSERT_EQ(run.code, 0) << run.err;
        EXPECT_THAT(run.err + run.out, HasSubstr("second: step 199, layer 3, query head 0"));
        EXPECT_GT(fs::exists(out) ? fs::file_size(out) : 0, 100U) << out;
    }
    const Outcome wrong = program({"figure", "wavelet", trace, "--against-lanes", "0;1", "--out", (folder / "w.csv").string()});
    EXPECT_EQ(wrong.code, 2);
    EXPECT_THAT(wrong.err, HasSubstr("--against-lanes"));
}

TEST(Texts, areAveragedAsTheirRecordingsWouldBe)
{
    const ScratchFolder folder;
    const std::string texts = (folder / "texts.jsonl").string();
    const std::string a = prose(120), b = prose(160);
    writeText(texts, jsonLine(a) + "\n" + jsonLine("too short") + '"' + escaped(b) + "\"\n");
    const std::size_t before = leftovers();
    const auto averaged = [&](const std::string& name) {
        const Outcome run = program({"figure", "treekv-2", "--texts", texts, "--text-tokens", "64", "--device", "cpu", "--out",
                                     (folder / name).string()});
        EXPECT_EQ(run.code, 0) << run.err;
        EXPECT_THAT(run.err, HasSubstr("1 of 3 texts have fewer than 64 tokens and were left out"));
        EXPECT_THAT(run.out, HasSubstr("mean of 2 recordings"));
        return readNpz(folder / name);
    };
    const auto first = averaged("one.npz"), again = averaged("two.npz");
    EXPECT_EQ(first->numbers<double>("bands").value(), again->numbers<double>("bands").value());
    EXPECT_EQ(leftovers(), before);

    std::vector<std::string> traces;
    for (const std::string& text : {a, b}) {
        writeText(folder / "text.txt", text);
        traces.push_back((folder / (std::to_string(traces.size()) + ".h5")).string());
        ASSERT_EQ(program({"record", "--model", test::demoFolder(), "--text", (folder / "text.txt").string(), "--tokens", "64",
                           "--device", "cpu", "--out", traces.back()})
                      .code,
                  0);
    }
    ASSERT_EQ(program({"figure", "treekv-2", traces[0], traces[1], "--out", (folder / "files.npz").string()}).code, 0);
    EXPECT_EQ(readNpz(folder / "files.npz")->numbers<double>("bands").value(), first->numbers<double>("bands").value());
}

TEST(Texts, thatCannotBeReadAreNamedByTheirLine)
{
    EXPECT_THAT(cli::parseTexts("\"a\"\n\n{\"text\": \"b\"}\r\n", "'t'").value(), ElementsAre("a", "b"));
    EXPECT_THAT(cli::parseTexts("\"a\"\n{\"txt\": 1}\n", "'t'").error().message,
                HasSubstr("'t', line 2: holds an object without a string \"text\""));
    EXPECT_THAT(cli::parseTexts("\"a\"\n[1]\n", "'t'").error().message, HasSubstr("line 2: holds array"));
    EXPECT_THAT(cli::parseTexts("{\n", "'t'").error().message, HasSubstr("line 1"));
    EXPECT_THAT(cli::parseTexts("\n", "'t'").error().message, HasSubstr("holds no texts"));
    const ScratchFolder folder;
    const Outcome run =
        program({"figure", "mass", demoTrace().string(), "--texts", "x.jsonl", "--out", (folder / "m.csv").string()});
    EXPECT_NE(run.code, 0);
    EXPECT_THAT(run.err, HasSubstr("--texts are averaged by treekv-2, wavelet and scale-slope"));
}

TEST(Frames, makeAMovingPictureOfEveryStepAskedFor)
{
    const ScratchFolder folder;
    const std::string out = (folder / "c.gif").string();
    const std::vector<std::string> line{"figure", "carriers", demoTrace().string(), "--frames", "100-149:20", "--out", out};
    const Outcome run = program(line);
    if (run.err.find("without its window") != std::string::npos)
        GTEST_SKIP() << "pictures need the window";
    ASSERT_EQ(run.code, 0) << run.err;
    const std::string bytes = readFile(out);
    EXPECT_THAT(bytes, testing::StartsWith("GIF89a"));
    std::size_t frames = 0;
    for (std::size_t at = 0; (at = bytes.find(std::string("\x21\xF9\x04", 3), at)) != std::string::npos; ++at)
        ++frames;
    EXPECT_EQ(frames, 3U); // 100, 120, 140
    EXPECT_EQ(program(line).code, 0) << "its own picture is replaced";
    writeText(out, "GIF89a of somebody else");
    EXPECT_EQ(program(line).code, 1);
}

TEST(Frames, areRefusedWhereTheyMeanNothing)
{
    const ScratchFolder folder;
    const auto told = [&](std::vector<std::string> words, const std::string& out) {
        std::vector<std::string> line{"figure", "carriers", demoTrace().string(), "--out", (folder / out).string()};
        line.insert(line.end(), words.begin(), words.end());
        const Outcome run = program(line);
        EXPECT_EQ(run.code, 2) << run.err;
        return run.err;
    };
    EXPECT_THAT(told({}, "c.gif"), HasSubstr("say its steps: winnow figure carriers --frames 64-511:8, for example;"));
    EXPECT_THAT(told({"--frames", "10-20"}, "c.svg"), HasSubstr("a name that ends in .gif"));
    EXPECT_THAT(told({"--frames", "10-20", "--step", "15"}, "c.gif"), HasSubstr("take the place of --step"));
    for (const char* wrong : {"10", "20-10", "10-20:0", "10-20:2x", "-5-9", "a-b", ""})
        EXPECT_THAT(told({"--frames", wrong}, "c.gif"),
                    HasSubstr("first to last, and after a colon every how many: 64-511:8; it"))
            << wrong;
    EXPECT_THAT(told({"--frames", "0-9999"}, "c.gif"), HasSubstr("10000 frames"));
    EXPECT_FALSE(fs::exists(folder / "c.gif"));
    const Outcome layers =
        program({"figure", "layers", demoTrace().string(), "--frames", "1-9", "--out", (folder / "a.gif").string()});
    EXPECT_EQ(layers.code, 2);
    EXPECT_THAT(layers.err, HasSubstr("'layers' does not read --frames"));
    EXPECT_THAT(layers.err, testing::Not(HasSubstr("--step")));
}

TEST(Texts, leaveNothingBehindWhenStopped)
{
    const ScratchFolder folder;
    std::string lines;
    for (int i = 0; i < 400; ++i)
        lines += jsonLine(prose(300));
    writeText(folder / "texts.jsonl", jsonLine("short") + lines);
    const std::size_t before = leftovers();
    const Outcome run = program({"figure", "scale-slope", "--texts", (folder / "texts.jsonl").string(), "--text-tokens", "256",
                                 "--device", "cpu", "--out", (folder / "s.npz").string()},
                                {.interruptAfterMs = 1000, .interruptWhen = "averaging 401 texts"});
    EXPECT_EQ(run.code, 130) << run.err;
    EXPECT_EQ(leftovers(), before);
    EXPECT_FALSE(fs::exists(folder / "s.npz"));
    EXPECT_FALSE(fs::exists(folder / "s.npz.part"));
}

} // namespace
} // namespace winnow
