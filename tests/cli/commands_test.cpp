// SPDX-License-Identifier: GPL-3.0-or-later
// The lines of design.md, section 12, as they are written there.
#include "tests/cli/program.h"

#include "core/io/npz.h"
#include "core/replay/replay_file.h"
#include "core/trace/trace.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cctype>

using namespace winnow::test;
using testing::HasSubstr;
namespace fs = std::filesystem;

TEST(Commands, recordWritesATraceAndSaysItsSizeFirst)
{
    const ScratchFolder folder;
    writeText(folder / "prose.txt", prose(60));
    const fs::path out = folder / "T.h5";
    const Outcome run = program({"record", "--model", demoFolder(), "--text", (folder / "prose.txt").string(), "--tokens", "40",
                                 "--layers", "1-3", "--dtype", "float32", "--device", "cpu", "--out", out.string()});
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_EQ(run.err, "");
    EXPECT_THAT(run.out, HasSubstr("recording 40 tokens: "));
    EXPECT_TRUE(fs::exists(out));
    const Outcome info = program({"info", out.string()});
    EXPECT_THAT(info.out, HasSubstr("3 (1 to 3)"));
}

TEST(Commands, recordReadsStandardInput)
{
    const ScratchFolder folder;
    const Outcome run =
        program({"record", "--model", demoFolder(), "--text", "-", "--out", (folder / "T.h5").string()}, {.input = prose(30)});
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_TRUE(fs::exists(folder / "T.h5"));
}

TEST(Commands, replayWritesEveryLayoutAndItsCsvHasTheColumnsOfTheDesign)
{
    const ScratchFolder folder;
    for (const std::string kind : {"h5", "npz", "csv"}) {
        const fs::path out = folder / ("R." + kind);
        const Outcome run =
            program({"replay", demoTrace().string(), "--policy", "h2o:budget=32", "--policy", "treekv:budget=32,sinks=2",
                     "--prompt", "100", "--layers", "0-2", "--device", "cpu", "--out", out.string()});
        ASSERT_EQ(run.code, 0) << run.err;
        EXPECT_EQ(run.err, "");
        EXPECT_TRUE(fs::exists(out));
        EXPECT_THAT(run.out, HasSubstr("treekv"));
    }
    const std::string csv = readFile(folder / "R.csv");
    EXPECT_EQ(csv.front(), '#');
    EXPECT_THAT(csv, HasSubstr("\npolicy,layer,step,mass,error,occupancy\n"));
    const Outcome info = program({"info", (folder / "R.npz").string()});
    EXPECT_EQ(info.code, 0) << info.err;
    EXPECT_THAT(info.out, HasSubstr("h2o:budget=32"));
}

TEST(Commands, recordStoresHowFarValuesReachThroughTheOutputProjection)
{
    const auto trace = winnow::Trace::open(demoTrace());
    ASSERT_TRUE(trace) << trace.error().message;
    for (const winnow::LayerInfo& layer : (*trace)->info().layerInfo)
        EXPECT_TRUE(layer.hasValueOutputNorm);
}

TEST(Commands, replayTakesEveryPolicyWithoutABudgetThroughAllOfThem)
{
    const ScratchFolder folder;
    const std::string out = (folder / "R.npz").string();
    const Outcome run =
        program({"replay", "--budget", "24,48,20%", demoTrace().string(), "--policy", "full", "--policy", "tova", "--policy",
                 "streaming:budget=40", "--policy", "treekv:sinks=2", "--layers", "0-1", "--out", out});
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_EQ(run.err, "");
    const auto replay = winnow::readReplay(out);
    ASSERT_TRUE(replay) << replay.error().message;
    std::vector<std::string> lines;
    std::vector<int> slots;
    for (const auto& policy : (*replay)->policies) {
        const std::string_view budget = policy->spec.value("budget");
        lines.push_back(policy->spec.name + (budget.empty() ? "" : " ") + std::string(budget));
        slots.push_back(policy->budget);
    }
    EXPECT_THAT(lines, testing::ElementsAre("full", "tova 24", "tova 48", "tova 20%", "streaming 40", "treekv 24", "treekv 48",
                                            "treekv 20%"));
    EXPECT_THAT(slots, testing::ElementsAre(200, 24, 48, 40, 40, 24, 48, 40));
    EXPECT_EQ((*replay)->policies.back()->spec.value("sinks"), "2");

    // What a sweep gives is what the policy gives alone.
    const std::string single = (folder / "S.npz").string();
    ASSERT_EQ(program({"replay", demoTrace().string(), "--policy", "tova:budget=48", "--layers", "0-1", "--out", single}).code,
              0);
    EXPECT_EQ(winnow::readReplay(single).value()->policies[0]->evictStep, (*replay)->policies[2]->evictStep);

    const Outcome idle = program(
        {"replay", demoTrace().string(), "--policy", "tova:budget=48", "--budget", "24", "--layers", "0-0", "--out", single});
    EXPECT_EQ(idle.code, 0);
    EXPECT_THAT(idle.err, HasSubstr("warning: every policy has a budget of its own"));
}

TEST(Commands, compareJoinsReplaysAndWritesWhatItPrints)
{
    const ScratchFolder folder;
    const std::string trace = demoTrace().string(), first = (folder / "A.h5").string(), second = (folder / "B.npz").string();
    ASSERT_EQ(
        program({"replay", trace, "--policy", "full", "--policy", "tova:budget=32", "--layers", "0-1", "--out", first}).code, 0);
    ASSERT_EQ(
        program({"replay", trace, "--policy", "full", "--policy", "streaming:budget=32", "--layers", "0-1", "--out", second})
            .code,
        0);
    for (const std::string kind : {"csv", "npz"}) {
        const Outcome run = program({"compare", first, second, "--step", "150", "--out", (folder / ("C." + kind)).string()});
        ASSERT_EQ(run.code, 0) << run.err;
        EXPECT_EQ(run.err, "");
        for (const char* words : {"oracle", "after step 150", "Jaccard", "first step", "2 streaming:budget=32"})
            EXPECT_THAT(run.out, HasSubstr(words));
        EXPECT_THAT(run.out, testing::Not(HasSubstr("  3 "))) << "full is there once";
    }
    EXPECT_THAT(readFile(folder / "C.csv"), HasSubstr("\n\"tova:budget=32"));

    const winnow::NpzFile npz = winnow::readNpz(folder / "C.npz").value();
    const auto replay = winnow::readReplay(first).value();
    const auto jaccard = npz.numbers<double>("jaccard").value();
    ASSERT_EQ(jaccard.size(), 9U);
    EXPECT_EQ(jaccard[1], winnow::jaccard(*replay->policies[0], *replay->policies[1], winnow::Step{150}));
    EXPECT_EQ(npz.numbers<double>("occupancy").value(), (std::vector<double>{151, 32, 32}));
    EXPECT_EQ(npz.numbers<std::int32_t>("first_divergence").value()[1], 32);
}

TEST(Commands, explainTellsWhenATokenLeftAndWhoOutrankedIt)
{
    const ScratchFolder folder;
    const std::string trace = demoTrace().string(), replay = (folder / "R.h5").string();
    ASSERT_EQ(program({"replay", trace, "--policy", "h2o:budget=32", "--policy", "streaming:budget=32", "--policy",
                       "treekv:budget=32", "--layers", "0-1", "--out", replay})
                  .code,
              0);
    const Outcome one = program({"explain", replay, trace, "--token", "20", "--rows", "2"});
    ASSERT_EQ(one.code, 0) << one.err;
    EXPECT_EQ(one.err, "");
    for (const char* words :
         {"token 20 \"", "8 of 8 lanes, open loop", "the full cache pays it", "1 H2O 32: ", "3 TreeKV 32: ", "outranked by",
          "… and 6 lanes that lost it (", "policy 'streaming' has no scores", "2 StreamingLLM 32: gone from all"})
        EXPECT_THAT(one.out, HasSubstr(words));

    EXPECT_THAT(one.out, testing::Not(HasSubstr("some of it")));
    const Outcome stays = program({"explain", replay, trace, "--token", "199", "--rows", "1", "--policies", "1"});
    EXPECT_THAT(stays.out, HasSubstr("8 of 8 lanes still hold it at the end"));
    EXPECT_THAT(stays.out, HasSubstr("… and 7 lanes that still hold it ("));

    const auto result = winnow::readReplay(replay).value();
    const winnow::PolicyReplay& h2o = *result->policies[0];
    const Outcome lane = program(
        {"explain", replay, trace, "--span", "20-22", "--lane", "1.2", "--policies", "1", "--out", (folder / "F.npz").string()});
    ASSERT_EQ(lane.code, 0) << lane.err;
    EXPECT_THAT(lane.out, HasSubstr("tokens 20 to 22"));
    EXPECT_THAT(lane.out, HasSubstr("1 of 8 lanes"));
    EXPECT_THAT(lane.out, testing::Not(HasSubstr("StreamingLLM")));
    const winnow::NpzFile npz = winnow::readNpz(folder / "F.npz").value();
    int last = -1;
    for (int token = 20; token <= 22; ++token)
        last = std::max(last, h2o.evictStep[h2o.index(1, 2, token)]);
    EXPECT_EQ(npz.numbers<std::int32_t>("left_at.0").value(), (std::vector<std::int32_t>{last}));
    EXPECT_EQ(npz.numbers<double>("attention_largest").value().size(), 200u);
    EXPECT_EQ(npz.numbers<std::int32_t>("rank.0").value(), npz.numbers<std::int32_t>("among.0").value()); // the lowest goes
}

TEST(Commands, policiesTellsEverythingThatTheCatalogKnows)
{
    const std::string all = program({"policies"}).out;
    const auto never = all.find("never evicts:"), always = all.find("evicts at every step:"),
               once = all.find("evicts once, at the end of the prompt (needs --prompt):");
    ASSERT_TRUE(never < always && always < once && once != std::string::npos) << all;
    const std::size_t begins[] = {never, always, once, all.size()};
    for (const winnow::PolicyInfo& policy : winnow::policyCatalog()) {
        const auto line = all.find(fmt::format("\n  {} ", policy.name));
        const auto group = static_cast<std::size_t>(policy.acts);
        EXPECT_TRUE(begins[group] < line && line < begins[group + 1]) << policy.name;
    }
    for (const char* name : {"full", "treekv", "headkv", "criticalkv"}) { // a call each
        const winnow::PolicyInfo& policy = *winnow::findPolicy(name);
        const Outcome one = program({"policies", name});
        EXPECT_EQ(one.code, 0);
        // Lines are wrapped, so words are looked for with their breaks undone.
        std::string text;
        for (const char c : one.out)
            if (!std::isspace(static_cast<unsigned char>(c)) || (!text.empty() && text.back() != ' '))
                text += std::isspace(static_cast<unsigned char>(c)) ? ' ' : c;
        for (const std::string_view part : {policy.title, policy.summary, policy.citation, policy.reference, policy.deviations})
            EXPECT_THAT(text, HasSubstr(std::string(part))) << policy.name;
        for (const winnow::ParameterSpec& parameter : policy.parameters) {
            EXPECT_THAT(text, HasSubstr(fmt::format(" {} ", parameter.id))) << policy.name;
            EXPECT_THAT(text, HasSubstr(std::string(parameter.help))) << policy.name;
            EXPECT_THAT(text, HasSubstr(fmt::format("{}", fmt::join(parameter.choices, " | ")))) << policy.name;
        }
        EXPECT_EQ(text.find("a prompt: --prompt N") != std::string::npos, policy.acts == winnow::Acts::EndOfPrompt)
            << policy.name;
        EXPECT_EQ(text.find("vo_norm, as winnow record") != std::string::npos, policy.needsValueOutputNorm) << policy.name;
    }
}

TEST(Commands, policiesListsTheCatalogAndTellsAboutOne)
{
    const Outcome all = program({"policies"});
    EXPECT_EQ(all.code, 0);
    for (const char* name : {"full", "window", "streaming", "h2o", "tova", "snapkv", "pyramidkv", "treekv", "random"})
        EXPECT_THAT(all.out, HasSubstr(std::string(name) + " ")) << name;
    const Outcome one = program({"policies", "treekv"});
    EXPECT_EQ(one.code, 0);
    for (const char* word : {"budget", "sinks", "recent", "next", "keep", "paper", "treekv:budget=128"})
        EXPECT_THAT(one.out, HasSubstr(word));
}

TEST(Commands, waveletAttentionAndFiguresWriteNumbersAndPictures)
{
    const ScratchFolder folder;
    const std::string trace = demoTrace().string(), replay = (folder / "R.h5").string();
    ASSERT_EQ(program({"replay", trace, "--policy", "tova:budget=25%", "--policy", "streaming:budget=40", "--out", replay}).code,
              0);
    std::vector<std::string> kinds{"csv", "npz"};
    if (program({"--screenshot"}).err.find("without its window") == std::string::npos)
        kinds.insert(kinds.end(), {"svg", "pdf", "png"});
    const auto expectWritten = [&](std::vector<std::string> line, const std::string& name) {
        line.push_back("--out");
        line.push_back((folder / name).string());
        const Outcome run = program(line);
        EXPECT_EQ(run.code, 0) << name << ": " << run.err;
        EXPECT_GT(fs::exists(folder / name) ? fs::file_size(folder / name) : 0, 100u) << name;
    };
    for (const std::string& kind : kinds) {
        expectWritten(
            {"wavelet", trace, "--step", "150", "--wavelet", "db2", "--mode", "symmetric", "--levels", "4", "--hide", "8"},
            "W." + kind);
        expectWritten({"attention", trace, "--layer", "2", "--head", "3", "--queries", "10-90", "--keys", "0-90"}, "A." + kind);
        expectWritten({"figure", "mass", replay}, "mass." + kind);
    }
    expectWritten({"figure", "treekv-2", trace}, "treekv-2.csv");
    expectWritten({"figure", "retention", replay, "--policies", "1,2", "--lanes", "0.1,2.3"}, "retention.npz");
    expectWritten({"figure", "distance", replay}, "distance.csv");
}

TEST(Commands, figureListNamesEveryFigure)
{
    const Outcome run = program({"figure", "--list"});
    EXPECT_EQ(run.code, 0);
    for (const char* name : {"treekv-2", "wavelet", "attention", "retention", "mass", "distance"})
        EXPECT_THAT(run.out, HasSubstr(name));
}

TEST(Commands, infoTellsWhatAModelHolds)
{
    const Outcome run = program({"info", demoFolder()});
    EXPECT_EQ(run.code, 0);
    EXPECT_THAT(run.out, HasSubstr(": model\n"));
    for (const char* expected :
         {"family             Llama (llama)", "layers             6", "8 query, 4 KV, 32 numbers each",
          "context            2,048 tokens", "rotary             default, base 10000", "tokenizer          BPE, 4,0",
          "KV cache           6.1 kB a token in float32, 3.1 kB in 16 bits", "for 2,048 tokens in float32"})
        EXPECT_THAT(run.out, HasSubstr(expected));
    EXPECT_THAT(program({"info", demoFolder(), "--tokens", "100"}).out, HasSubstr("for 100 tokens in float32"));
}

TEST(Commands, infoTellsWhatDiffersBetweenLayers)
{
    const Outcome gemma = program({"info", WINNOW_FIXTURES "/model/gemma2"});
    EXPECT_THAT(gemma.out, HasSubstr("sliding window     7 tokens, in 1 of 2 layers"));
    EXPECT_THAT(gemma.out, HasSubstr("softcap            4 on attention logits"));
    EXPECT_THAT(program({"info", WINNOW_FIXTURES "/model/gemma3/config.json"}).out,
                HasSubstr("rotary             linear, base 5000, × 8 (in 1 of 3 layers)"));
    EXPECT_THAT(program({"info", WINNOW_FIXTURES "/model/gpt2"}).out,
                HasSubstr("rotary             none: positions are learned"));
    EXPECT_THAT(program({"info", WINNOW_FIXTURES "/model/gpt_neox"}).out, HasSubstr("4 of 16 numbers of a head"));
}

TEST(Commands, takeAGgufFileAsAModel)
{
    const ScratchFolder folder;
    const std::string model = WINNOW_FIXTURES "/gguf/llama.gguf", trace = (folder / "T.h5").string();
    const Outcome info = program({"info", model});
    EXPECT_EQ(info.code, 0) << info.err;
    for (const char* expected : {"llama.gguf: model\n", "name               llama\n", "family             Llama (llama)",
                                 "weights            106.4 kB, F32 (GGUF)",
                                 "tokenizer          SentencePiece, 64 tokens (in the file)", "to run             "})
        EXPECT_THAT(info.out, HasSubstr(expected));
    const Outcome tokens = program({"tokenize", "--model", model, "--text", "-", "--ids"}, {.input = "the hand"});
    EXPECT_THAT(tokens.out, HasSubstr("1 ")) << tokens.err; // "<s>"
    const Outcome record = program({"record", "--model", model, "--text", "-", "--device", "cpu", "--out", trace},
                                   {.input = "the rest is in another hand"});
    EXPECT_EQ(record.code, 0) << record.err;
    EXPECT_THAT(record.out, HasSubstr("of memory, beside "));
    EXPECT_THAT(program({"info", trace}).out, HasSubstr("model_file         llama.gguf (F32)"));
    EXPECT_EQ(program({"generate", "--model", model, "--prompt", "the rest", "--tokens", "3", "--device", "cpu"}).code, 0);
    const Outcome other = program({"info", WINNOW_FIXTURES "/gguf/blocks.gguf"});
    EXPECT_EQ(other.code, 1);
    EXPECT_THAT(other.err, HasSubstr("it has no tensor 'token_embd.weight'"));
}

TEST(Commands, generateAnswersAndRecordsBoth)
{
    const ScratchFolder folder;
    const std::string out = (folder / "T.h5").string();
    const std::vector<std::string> line{"generate", "--model", demoFolder(), "--prompt", "Once upon a time",
                                        "--tokens", "9",       "--device",   "cpu"};
    const Outcome run = program(line);
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_FALSE(run.out.empty());
    std::vector<std::string> recording = line;
    recording.insert(recording.end(), {"--temperature", "0.8", "--top-p", "0.9", "--seed", "5", "--out", out});
    const Outcome second = program(recording);
    EXPECT_EQ(second.code, 0) << second.err;
    const auto trace = winnow::Trace::open(out);
    ASSERT_TRUE(trace) << trace.error().message;
    EXPECT_LT((*trace)->info().prompt, (*trace)->tokenCount());
    EXPECT_EQ(program({"generate", "--model", demoFolder(), "--tokens", "9"}).code, 2);
}

TEST(Commands, tokenizeListsTokensWithTheirBytes)
{
    const Outcome run = program({"tokenize", "--model", demoFolder(), "--text", "-"}, {.input = "the sea\n"});
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_THAT(run.out, HasSubstr("position\tid\tbegin\tend\ttoken\n"));
    EXPECT_THAT(run.out, HasSubstr("\t3\t7\t sea\n"));
    EXPECT_THAT(program({"tokenize", "--ids", "--model", demoFolder(), "--text", "-"}, {.input = "the sea"}).out,
                testing::MatchesRegex("[0-9 ]+\n"));
}

TEST(Commands, aChatTemplateWritesTheTextAsAConversation)
{
    const ScratchFolder folder;
    fs::copy(demoFolder(), folder / "model");
    writeText(folder / "model" / "chat_template.jinja",
              "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system message') }}{% endif "
              "%}<start_of_turn>{{ m.role }}\n"
              "{{ m.content }}<end_of_turn>\n{% endfor %}{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}");
    const std::string model = (folder / "model").string();
    const auto ids = [](std::vector<std::string> more, const std::string& text) {
        more.insert(more.begin(), {"tokenize", "--ids", "--text", "-"});
        const Outcome run = program(more, {.input = text});
        EXPECT_EQ(run.code, 0) << run.err;
        return run.out;
    };
    const std::string written = "<start_of_turn>user\nthe sea<end_of_turn>\n<start_of_turn>model\n";
    EXPECT_THAT(ids({"--model", demoFolder()}, written), testing::EndsWith(ids({"--model", model, "--chat"}, "the sea")));
    EXPECT_EQ(program({"tokenize", "--model", model, "--template"}).out,
              readFile(folder / "model" / "chat_template.jinja") + "\n");
    EXPECT_THAT(program({"info", model}).out, HasSubstr("chat template      chat_template.jinja\n"));
    EXPECT_THAT(program({"info", model}).out,
                HasSubstr("system message     refused: the chat template in chat_template.jinja, line 1, column 54"));
    EXPECT_THAT(program({"info", model}).out, HasSubstr("tools              left out\n"));
    EXPECT_THAT(
        program({"tokenize", "--model", model, "--chat", "--system", "Be brief.", "--text", "-"}, {.input = "the sea"}).err,
        HasSubstr("the template refuses this conversation: no system message"));
    writeText(folder / "model" / "chat_template.jinja", "{% for m in messages %}\n{% include 'x' %}{% endfor %}");
    const Outcome broken = program({"tokenize", "--model", model, "--chat", "--text", "-"}, {.input = "the sea"});
    EXPECT_EQ(broken.code, 1);
    EXPECT_THAT(broken.err, HasSubstr("chat_template.jinja, line 2, column 4: 'include' needs other templates"));

    const Outcome plain = program({"tokenize", "--ids", "--model", demoFolder(), "--chat", "--text", "-"}, {.input = "the sea"});
    EXPECT_THAT(plain.err, HasSubstr("the model has no chat template; the text is used as it is"));
    EXPECT_EQ(plain.out, ids({"--model", demoFolder()}, "the sea"));
    const Outcome listed =
        program({"tokenize", "--model", demoFolder(), "--chat", "--text", "-"}, {.input = R"([{"role":"user","content":"a"}])"});
    EXPECT_EQ(listed.code, 1); // its brackets are no text
    EXPECT_THAT(listed.err, HasSubstr("the model has no chat template"));
}

TEST(Commands, helpAndVersionEndWell)
{
    EXPECT_EQ(program({"--help"}).code, 0);
    EXPECT_THAT(program({"--version"}).out, HasSubstr("winnow 0."));
    for (const char* command : {"record", "check", "replay", "run", "compare", "explain", "score", "tasks", "policies", "wavelet",
                                "attention", "figure", "export", "generate", "tokenize", "info", "demo"}) {
        const Outcome run = program({command, "--help"});
        EXPECT_EQ(run.code, 0);
        EXPECT_THAT(run.out, HasSubstr("winnow")) << command;
    }
}

TEST(Commands, aWrongLineNamesTheNearestRightWordAndEndsWith2)
{
    const auto expectWrong = [](const std::vector<std::string>& line, const std::string& says) {
        const Outcome run = program(line);
        EXPECT_EQ(run.code, 2) << run.err;
        EXPECT_THAT(run.err, HasSubstr(says));
        EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
        EXPECT_EQ(run.out, "");
    };
    expectWrong({"recrod"}, "did you mean 'winnow record'?");
    expectWrong({"replay", "T.h5", "--polcy", "h2o", "--out", "R.h5"}, "did you mean '--policy'?");
    expectWrong({"replay", "T.h5", "--policy", "h2o"}, "--out");
    expectWrong({"replay", "T.h5", "--policy", "h2o", "--out", "R.txt"}, ".h5, .npz or .csv");
    expectWrong({"replay", "T.h5", "--policy", "h2o", "--budget", "64,many", "--out", "R.h5"}, "such as 64,128,25%, not 'many'");
    expectWrong({"replay", "T.h5", "--policy", "h2o", "--budget", "0", "--out", "R.h5"}, "not '0'");
    expectWrong({"replay", "T.h5", "--policy", "h2o", "--budget", "120%", "--out", "R.h5"}, "not '120%'");
    expectWrong({"compare"}, "replays");
    expectWrong({"compare", "R.h5", "--out", "C.h5"}, ".csv or .npz");
    expectWrong({"compare", "R.h5", "--step", "-3"}, "--step");
    expectWrong({"explain", "R.h5", "T.h5"}, "--token or --span");
    expectWrong({"explain", "R.h5", "T.h5", "--token", "3", "--span", "2-4"}, "--token or --span");
    expectWrong({"explain", "R.h5", "T.h5", "--token", "-3"}, "--token takes a number from 0 on");
    expectWrong({"explain", "R.h5", "T.h5", "--span", "4-2"}, "--span takes a number or a range");
    expectWrong({"explain", "R.h5", "T.h5", "--token", "3", "--lane", "3"}, "--lane takes layer.head");
    expectWrong({"explain", "R.h5", "--token", "3"}, "trace");
    expectWrong({"attention", "T.h5", "--layer", "1", "--head", "0", "--queries", "9-3", "--out", "A.npz"}, "a range like 0-5");
    expectWrong({"record", "--model", "m", "--text", "t", "--out", "T.h5", "--dtype", "float23"}, "float23");
    expectWrong({"generate", "--model", "m", "--prompt", "a", "--budget", "4"}, "--budget needs --policy;");
    expectWrong({"generate", "--model", "m", "--prompt", "a", "--layers", "0-1"}, "--layers needs --out;");
    expectWrong({"generate", "--model", "m", "--prompt", "a", "--tokens", "0"}, "a number from 1 to 16777216, not '0'");
    expectWrong({"info", "a", "b"}, "no further argument 'b'");
}
