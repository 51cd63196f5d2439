// SPDX-License-Identifier: GPL-3.0-or-later
// What is asked of a model alone: info, tokenize, generate, and its chat template.
#include "tests/cli/program.h"

#include "core/trace/trace.h"

#include <gmock/gmock.h>

using namespace winnow::test;
using testing::HasSubstr;
namespace fs = std::filesystem;

TEST(ModelCommands, infoTellsWhatAModelHolds)
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

TEST(ModelCommands, infoTellsWhatDiffersBetweenLayers)
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

TEST(ModelCommands, takeAGgufFileAsAModel)
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

TEST(ModelCommands, generateAnswersAndRecordsBoth)
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

TEST(ModelCommands, generateTellsWhatPoliciesHoldInTheEnd)
{
    const ScratchFolder folder;
    const std::string kept = (folder / "K.csv").string();
    const std::vector<std::string> line{"generate", "--model", demoFolder(), "--text", WINNOW_RESOURCES "/texts/needle.txt",
                                        "--tokens", "3",       "--device",   "cpu",    "--kept",
                                        kept};
    EXPECT_EQ(program(line).code, 2) << "without a policy there is nothing to tell";
    std::vector<std::string> under = line;
    under.insert(under.end(), {"--policy", "full", "--policy", "streaming:budget=8,sinks=2"});
    const Outcome run = program(under);
    ASSERT_EQ(run.code, 0) << run.err;
    const std::string csv = readFile(kept);
    EXPECT_THAT(csv, HasSubstr("# loop: closed\n"));
    EXPECT_THAT(csv, HasSubstr("\npolicy,layer,lane,token\n0,0,0,0\n0,0,0,1\n"));
    EXPECT_THAT(csv, HasSubstr("\n1,0,0,0\n1,0,0,1\n1,0,0,19"));
    std::size_t ofSecond = 0;
    for (std::size_t at = csv.find("\n1,"); at != std::string::npos; at = csv.find("\n1,", at + 1))
        ++ofSecond;
    EXPECT_EQ(ofSecond, 6U * 4 * 8) << "layers, lanes, slots";
}

TEST(ModelCommands, tokenizeListsTokensWithTheirBytes)
{
    const Outcome run = program({"tokenize", "--model", demoFolder(), "--text", "-"}, {.input = "the sea\n"});
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_THAT(run.out, HasSubstr("position\tid\tbegin\tend\ttoken\n"));
    EXPECT_THAT(run.out, HasSubstr("\t3\t7\t sea\n"));
    EXPECT_THAT(program({"tokenize", "--ids", "--model", demoFolder(), "--text", "-"}, {.input = "the sea"}).out,
                testing::MatchesRegex("[0-9 ]+\n"));
}

TEST(ModelCommands, aChatTemplateWritesTheTextAsAConversation)
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
