// SPDX-License-Identifier: GPL-3.0-or-later
// What may be wrong in the world: each gives one sentence on standard error and exit code 1, and leaves nothing behind.
#include "tests/cli/program.h"

#include "core/io/hdf5.h"

#include <gmock/gmock.h>

#include <algorithm>

#include <sys/mount.h>
#include <unistd.h>

using namespace winnow::test;
using testing::AllOf;
using testing::HasSubstr;
namespace fs = std::filesystem;

namespace {

class BadInput : public testing::Test {
protected:
    ScratchFolder folder;

    std::string at(const std::string& name) const { return (folder / name).string(); }

    /// Exactly one sentence, and no file that was not there before.
    static void expectSentence(const Outcome& run, const std::vector<std::string>& words)
    {
        EXPECT_EQ(run.code, 1) << run.out << run.err;
        EXPECT_TRUE(run.err.starts_with("winnow: ")) << run.err;
        EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
        for (const std::string& word : words)
            EXPECT_THAT(run.err, HasSubstr(word));
    }

    /// One sentence about the command line, which ends with 2.
    static void expectWrongLine(const Outcome& run, const std::vector<std::string>& words)
    {
        EXPECT_EQ(run.code, 2) << run.out << run.err;
        EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
        for (const std::string& word : words)
            EXPECT_THAT(run.err, HasSubstr(word));
    }

    Outcome record(const std::string& model, const std::string& text, const std::vector<std::string>& more = {}) const
    {
        std::vector<std::string> line{"record", "--model", model, "--text", text, "--out", at("out.h5")};
        line.insert(line.end(), more.begin(), more.end());
        return program(line);
    }
    void expectRecordRefused(const std::string& model, const std::string& text, const std::vector<std::string>& words,
                             const std::vector<std::string>& more = {}) const
    {
        expectSentence(record(model, text, more), words);
        EXPECT_FALSE(fs::exists(folder / "out.h5"));
        EXPECT_FALSE(fs::exists(folder / "out.h5.part"));
    }
    /// The command line of a replay of the demo's recording is wrong.
    void expectWrongReplay(const std::string& policy, const std::vector<std::string>& words,
                           const std::vector<std::string>& more = {}) const
    {
        std::vector<std::string> line{"replay", demoTrace().string(), "--policy", policy, "--out", at("R.npz")};
        line.insert(line.end(), more.begin(), more.end());
        expectWrongLine(program(line), words);
        EXPECT_FALSE(fs::exists(folder / "R.npz"));
    }
    void expectReplayRefused(const std::string& trace, const std::string& policy, const std::vector<std::string>& words,
                             const std::vector<std::string>& more = {}) const
    {
        std::vector<std::string> line{"replay", trace, "--policy", policy, "--out", at("R.npz")};
        line.insert(line.end(), more.begin(), more.end());
        expectSentence(program(line), words);
        EXPECT_FALSE(fs::exists(folder / "R.npz"));
        EXPECT_FALSE(fs::exists(folder / "R.npz.part"));
    }
    std::string someText() const
    {
        writeText(folder / "prose.txt", prose(40));
        return at("prose.txt");
    }
    /// A copy of the demo model whose file `name` has `from` replaced by `to` once.
    std::string brokenModel(const std::string& name, const std::string& from, const std::string& to) const
    {
        fs::copy(demoFolder(), folder / "model");
        fs::permissions(folder / "model" / name, fs::perms::owner_write, fs::perm_options::add);
        std::string content = readFile(folder / "model" / name);
        const std::size_t place = content.find(from);
        EXPECT_NE(place, std::string::npos) << from;
        content.replace(place, from.size(), to);
        fs::remove(folder / "model" / name);
        writeText(folder / "model" / name, content);
        return at("model");
    }
    std::string copiedTrace() const
    {
        fs::copy_file(demoTrace(), folder / "T.h5");
        return at("T.h5");
    }
};

} // namespace

// --- models

TEST_F(BadInput, missingModel) { expectRecordRefused(at("nowhere"), someText(), {"nowhere"}); }

TEST_F(BadInput, nameThatIsTooLong)
{
    const std::string name = at(std::string(300, 'n'));
    expectRecordRefused(name, someText(), {"cannot be opened: File name too long"});
    expectSentence(program({"info", name}), {"cannot be opened: File name too long"});
}

TEST_F(BadInput, folderWithoutConfig)
{
    fs::create_directory(folder / "empty");
    expectRecordRefused(at("empty"), someText(), {"empty", "config.json"});
    expectSentence(program({"info", at("empty")}), {"empty", "config.json"});
}

TEST_F(BadInput, fileThatIsNoModel)
{
    fs::create_directory(folder / "notes");
    writeText(folder / "notes" / "plan.txt", "No model lies here.");
    expectRecordRefused(at("notes/plan.txt"), someText(), {"plan.txt' is no GGUF file", "give a Hugging Face folder"});
}

TEST_F(BadInput, truncatedSafetensors)
{
    const std::string model = brokenModel("config.json", "\"llama\"", "\"llama\"");
    fs::resize_file(folder / "model" / "model.safetensors", fs::file_size(folder / "model" / "model.safetensors") / 2);
    expectRecordRefused(model, someText(), {"model.safetensors"});
}

TEST_F(BadInput, wrongDtypeOfATensor)
{
    expectRecordRefused(brokenModel("model.safetensors", "\"F16\"", "\"I16\""), someText(), {"I16"});
}

TEST_F(BadInput, unknownModelType)
{
    expectRecordRefused(brokenModel("config.json", "\"llama\"", "\"lama\""), someText(), {"'lama'", "llama"});
}

TEST_F(BadInput, modelTypeWithoutACache)
{
    expectRecordRefused(brokenModel("config.json", "\"llama\"", "\"mamba\""), someText(), {"mamba", "state", "nothing to evict"});
}

TEST_F(BadInput, tokenizerOfAnUnknownKind)
{
    expectRecordRefused(brokenModel("tokenizer.json", "\"type\": \"BPE\"", "\"type\": \"Unigram\""), someText(),
                        {"tokenizer.json", "Unigram"});
}

TEST_F(BadInput, weightsAsPickleOnly)
{
    const std::string model = brokenModel("config.json", "\"llama\"", "\"llama\"");
    fs::rename(folder / "model" / "model.safetensors", folder / "model" / "pytorch_model.bin");
    expectRecordRefused(model, someText(), {"pickle", ".bin", "save_pretrained"});
}

// --- texts

TEST_F(BadInput, missingText) { expectRecordRefused(demoFolder(), at("nothing.txt"), {"nothing.txt", "does not exist"}); }

TEST_F(BadInput, emptyText)
{
    writeText(folder / "empty.txt", "");
    expectRecordRefused(demoFolder(), at("empty.txt"), {"empty"});
}

TEST_F(BadInput, textThatIsNotUtf8)
{
    writeText(folder / "latin1.txt", "caf\xe9 au lait, every day of the week");
    expectRecordRefused(demoFolder(), at("latin1.txt"), {"latin1.txt", "UTF-8"});
    expectSentence(program({"tokenize", "--model", demoFolder(), "--text", at("latin1.txt")}), {"latin1.txt", "UTF-8"});
    expectSentence(program({"generate", "--model", demoFolder(), "--text", at("latin1.txt")}), {"latin1.txt", "UTF-8"});
}

TEST_F(BadInput, textOfOneToken)
{
    writeText(folder / "one.txt", "a");
    expectRecordRefused(demoFolder(), at("one.txt"), {"token"});
}

TEST_F(BadInput, textLongerThanTheModelsPositionsGoesOnWithAWarning)
{
    const Outcome run =
        record(brokenModel("config.json", "\"max_position_embeddings\": 2048", "\"max_position_embeddings\": 16"), someText());
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_THAT(run.err, AllOf(HasSubstr("warning"), HasSubstr("16")));
    EXPECT_TRUE(fs::exists(folder / "out.h5"));
}

// --- traces

TEST_F(BadInput, missingTrace) { expectReplayRefused(at("nowhere.h5"), "h2o:budget=32", {"nowhere.h5"}); }

TEST_F(BadInput, traceCutShort)
{
    const std::string trace = copiedTrace();
    fs::resize_file(trace, fs::file_size(trace) / 2);
    expectReplayRefused(trace, "h2o:budget=32", {"T.h5"});
}

TEST_F(BadInput, traceOfALaterVersion)
{
    const std::string trace = copiedTrace();
    {
        auto file = winnow::Hdf5File::open(trace, winnow::Hdf5File::Access::ReadWrite);
        ASSERT_TRUE(file) << file.error().message;
        ASSERT_TRUE(file->setAttribute("/", "version", std::int64_t{2}));
        ASSERT_TRUE(file->close());
    }
    expectReplayRefused(trace, "h2o:budget=32", {"T.h5", "version"});
}

TEST_F(BadInput, hdf5FileThatIsNoTrace)
{
    {
        auto file = winnow::Hdf5File::create(folder / "other.h5");
        ASSERT_TRUE(file);
        ASSERT_TRUE(file->makeGroup("/measurements"));
        ASSERT_TRUE(file->close());
    }
    expectReplayRefused(at("other.h5"), "h2o:budget=32", {"other.h5"});
    expectSentence(program({"info", at("other.h5")}), {"other.h5", "format"});
    expectSentence(program({"figure", "mass", at("other.h5"), "--out", at("F.csv")}), {"other.h5"});
}

TEST_F(BadInput, textInPlaceOfATrace)
{
    expectReplayRefused(someText(), "h2o:budget=32", {"prose.txt"});
    expectSentence(program({"figure", "mass", someText(), "--out", at("F.csv")}), {"prose.txt", "text"});
}

TEST_F(BadInput, whatIsNoRecording)
{
    const std::string replay = at("R.npz");
    ASSERT_EQ(program({"replay", demoTrace().string(), "--policy", "tova:budget=32", "--layers", "1-1", "--out", replay}).code,
              0);
    fs::create_directory(folder / "pictures");
    const std::vector<std::vector<std::string>> lines{
        {"check"},
        {"replay", "--policy", "tova:budget=32", "--out", at("O.npz")},
        {"tune", "--policy", "h2o:budget=32", "--over", "recent=8-16"},
        {"explain", "--token", "3", replay},
        {"run", "--model", demoFolder(), "--policy", "tova:budget=32", "--out", at("O.npz"), "--trace"},
        {"generate", "--model", demoFolder(), "--policy", "full", "--trace"}};
    for (std::vector<std::string> line : lines) {
        const std::string takes = "; winnow " + line.front();
        line.emplace_back();
        for (const auto& [path, is] :
             {std::pair{replay, "is a replay"}, {someText(), "is a text"}, {at("pictures"), "is a folder"}}) {
            line.back() = path;
            expectSentence(program(line), {path, is + takes, "takes a recording as winnow record writes it"});
        }
    }
}

// --- policies

TEST_F(BadInput, promptTimePolicyWithoutAPrompt)
{
    expectReplayRefused(demoTrace().string(), "snapkv:budget=40", {"snapkv", "--prompt"});
}

TEST_F(BadInput, budgetOfZero) { expectReplayRefused(demoTrace().string(), "tova:budget=0", {"tova", "budget"}); }

TEST_F(BadInput, budgetBelowSinksAndRecent)
{
    expectReplayRefused(demoTrace().string(), "treekv:budget=16,sinks=8,recent=20", {"treekv", "sinks", "recent"});
}

TEST_F(BadInput, misspelledPolicy)
{
    expectWrongReplay("treekw:budget=32", {"treekw", "treekv"});
    expectWrongLine(program({"policies", "tofa"}), {"tofa", "tova"});
}

TEST_F(BadInput, misspelledKey) { expectWrongReplay("treekv:buget=32", {"buget", "budget"}); }

TEST_F(BadInput, layerThatIsNotThere)
{
    expectWrongReplay("tova:budget=32", {"layer"}, {"--layers", "40-50"});
    expectWrongReplay("tova:budget=32", {"layers 4 to 9", "holds 0 to 5"}, {"--layers", "4-9"});
    expectWrongReplay("tova:budget=32", {"a prompt of 201 tokens does not fit a trace of 200"}, {"--prompt", "201"});
    expectWrongLine(record(demoFolder(), someText(), {"--layers", "4-9"}), {"layers 4 to 9", "the model has 0 to 5"});
    EXPECT_FALSE(fs::exists(folder / "out.h5"));
    expectWrongLine(program({"generate", "--model", demoFolder(), "--prompt", "a", "--layers", "4-9", "--out", at("G.h5")}),
                    {"the model has 0 to 5"});
    expectWrongLine(program({"attention", demoTrace().string(), "--layer", "77", "--head", "0", "--out", at("A.npz")}), {"77"});
}

TEST_F(BadInput, misspelledFigureAndWavelet)
{
    expectWrongLine(program({"figure", "retension", demoTrace().string(), "--out", at("F.csv")}), {"retension", "retention"});
    expectWrongLine(program({"wavelet", demoTrace().string(), "--wavelet", "har", "--out", at("W.npz")}), {"har", "haar"});
}

TEST_F(BadInput, aBudgetOfASweepThatAPolicyCannotHold)
{
    expectReplayRefused(demoTrace().string(), "treekv:sinks=8,recent=20", {"treekv", "budget of 16", "sinks"},
                        {"--budget", "64,16"});
}

// --- comparisons

TEST_F(BadInput, whatIsNoReplayInAComparison)
{
    expectSentence(program({"compare", at("nowhere.h5")}), {"nowhere.h5", "does not exist"});
    expectSentence(program({"compare", demoTrace().string()}), {"is a trace", "winnow replay"});
    expectSentence(program({"compare", someText()}), {"is a text", ".npz"});
    expectSentence(program({"compare", demoFolder()}), {"is a model; winnow compare takes replays"});
    expectSentence(program({"compare", folder.path().string()}), {"is a folder; winnow compare takes replays"});
}

TEST_F(BadInput, replaysThatDoNotBelongTogether)
{
    const auto replayed = [&](const std::string& name, const std::vector<std::string>& more) {
        std::vector<std::string> line{"replay", demoTrace().string(), "--policy", "tova:budget=32", "--out", at(name)};
        line.insert(line.end(), more.begin(), more.end());
        EXPECT_EQ(program(line).code, 0);
        return at(name);
    };
    const std::string first = replayed("A.npz", {"--layers", "0-0"});
    expectSentence(program({"compare", first, replayed("B.npz", {"--layers", "0-1"}), "--out", at("C.csv")}),
                   {"A.npz", "B.npz", "2 layers from 0 to 1"});
    expectSentence(program({"compare", first, replayed("D.npz", {"--layers", "0-0", "--prompt", "50"})}),
                   {"a prompt of 50 tokens and not 0"});
    expectSentence(program({"compare", first, "--step", "200"}), {"step 200", "0 to 199"});
    EXPECT_FALSE(fs::exists(folder / "C.csv"));
    fs::resize_file(first, fs::file_size(first) / 2);
    expectSentence(program({"compare", first}), {"A.npz"});
}

TEST_F(BadInput, whatCannotBeExplained)
{
    const std::string trace = demoTrace().string(), replay = at("E.h5");
    ASSERT_EQ(program({"replay", trace, "--policy", "h2o:budget=32", "--layers", "1-2", "--out", replay}).code, 0);
    expectSentence(program({"explain", trace, replay, "--token", "3"}), {"is a trace; winnow explain takes a replay"});
    expectSentence(program({"explain", replay, replay, "--token", "3"}), {"E.h5"});
    expectSentence(program({"explain", at("nowhere.h5"), trace, "--token", "3"}), {"nowhere.h5", "does not exist"});
    expectWrongLine(program({"explain", replay, trace, "--token", "200"}), {"tokens 0 to 199; token 200 was asked for"});
    expectWrongLine(program({"explain", replay, trace, "--span", "190-210"}), {"the tokens 190-210 were asked for"});
    expectWrongLine(program({"explain", replay, trace, "--token", "3", "--lane", "0.0"}), {"no lane 0.0", "layers, 1 to 2"});
    expectWrongLine(program({"explain", replay, trace, "--token", "3", "--lane", "1.4"}), {"no lane 1.4", "4 KV heads"});
    expectWrongLine(program({"explain", replay, trace, "--token", "3", "--policies", "2"}), {"no policy 2", "holds 1"});
    const std::string other = at("O.h5");
    ASSERT_EQ(program({"record", "--model", demoFolder(), "--text", someText(), "--tokens", "40", "--out", other}).code, 0);
    expectSentence(program({"explain", replay, other, "--token", "3"}), {"O.h5", "is not the recording of this replay", "40"});
}

// --- outputs and devices

TEST_F(BadInput, unwritableOutput)
{
    expectSentence(program({"record", "--model", demoFolder(), "--text", someText(), "--out", at("no/such/folder/T.h5")}),
                   {"no/such/folder"});
    fs::create_directory(folder / "folder.npz");
    expectSentence(program({"replay", demoTrace().string(), "--policy", "tova:budget=32", "--out", at("folder.npz")}),
                   {"folder.npz"});
}

TEST_F(BadInput, anOutputThatExistsIsKeptWhenTheNewOneFails)
{
    fs::copy_file(demoTrace(), folder / "out.h5");
    expectSentence(record(at("nowhere"), someText()), {"nowhere"});
    EXPECT_EQ(readFile(folder / "out.h5"), readFile(demoTrace()));
}

TEST_F(BadInput, fullDisk)
{
    fs::create_directory(folder / "disk");
    if (mount("tmpfs", (folder / "disk").c_str(), "tmpfs", 0, "size=200k") != 0)
        GTEST_SKIP() << "a small disk can only be mounted as root";
    const Outcome run =
        program({"record", "--model", demoFolder(), "--text", someText(), "--out", (folder / "disk" / "T.h5").string()});
    const bool left = !fs::is_empty(folder / "disk");
    umount((folder / "disk").c_str());
    expectSentence(run, {"T.h5"});
    EXPECT_FALSE(left);
}

TEST_F(BadInput, aFolderThatIsGoneWhenTheProgramStarts)
{
    const Outcome run =
        program({"info", demoTrace().string()},
                {.launcher = {"/bin/sh", "-c", "mkdir \"$0\" && cd \"$0\" && rmdir \"$0\" && exec \"$@\"", at("gone")}});
    expectSentence(run, {"the folder that it is started in is gone", "start it in another"});
}

TEST_F(BadInput, aDeviceThatIsNone)
{
    expectWrongLine(program({"replay", demoTrace().string(), "--policy", "full", "--device", "gpu", "--out", at("R.npz")}),
                    {"there is no device 'gpu'"});
}

TEST_F(BadInput, noCudaWhereCudaWasAskedFor)
{
    if (fs::exists("/dev/nvidia0"))
        GTEST_SKIP() << "there is a CUDA device here";
    expectRecordRefused(demoFolder(), someText(), {"CUDA"}, {"--device", "cuda"});
    expectReplayRefused(demoTrace().string(), "tova:budget=32", {"CUDA"}, {"--device", "cuda"});
    // Whatever replays or runs a model takes a list of GPUs.
    const std::string several = "cuda:0,cuda:1", asked = "device 'cuda:0,cuda:1' was asked for: ";
    expectReplayRefused(demoTrace().string(), "tova:budget=32", {asked}, {"--device", several});
    expectSentence(program({"tune", demoTrace().string(), "--policy", "streaming", "--budget", "32", "--over", "sinks=0/4",
                            "--hold-out", "0", "--device", several}),
                   {asked});
    expectRecordRefused(demoFolder(), someText(), {"CUDA was asked for"}, {"--device", several});
    std::string text = prose(300);
    std::replace(text.begin(), text.end(), '\n', ' ');
    writeText(folder / "texts.jsonl", '"' + text + "\"\n");
    const Outcome figure = program(
        {"figure", "treekv-2", "--texts", at("texts.jsonl"), "--text-tokens", "64", "--device", several, "--out", at("f.csv")});
    EXPECT_EQ(figure.code, 1);
    EXPECT_THAT(figure.err, HasSubstr("CUDA was asked for"));
}

TEST_F(BadInput, helpOfEveryCommandSaysThatSeveralGpusMayBeNamed)
{
    for (const char* command : {"record", "replay", "run", "tune", "figure"})
        EXPECT_THAT(program({command, "--help"}).out, HasSubstr("several with commas")) << command;
}

TEST_F(BadInput, cancellingARecordingEndsWith130AndLeavesNoFile)
{
    writeText(folder / "long.txt", prose(6000));
    const Outcome run = program({"record", "--model", demoFolder(), "--text", at("long.txt"), "--out", at("out.h5")},
                                {.interruptAfterMs = 200, .interruptWhen = "recording"});
    EXPECT_EQ(run.code, 130) << run.out << run.err;
    EXPECT_FALSE(fs::exists(folder / "out.h5"));
    EXPECT_FALSE(fs::exists(folder / "out.h5.part"));
}
