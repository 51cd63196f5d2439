// SPDX-License-Identifier: GPL-3.0-or-later
// The fuzzers' entries (tests/fuzz) over seeded mutations of real files, so that every test run walks the error paths a little.
#include "tests/model/fixture_files.h"
#include "tests/support/fuzz_model_entries.h"
#include "tests/support/mutations.h"

#include <gtest/gtest.h>

namespace winnow {
namespace {

const std::string kTokenizer =
    R"j({"added_tokens":[{"id":9,"content":"<s>","single_word":false,"lstrip":true,"rstrip":true,)j"
    R"j("normalized":false,"special":true},)j"
    R"j({"id":10,"content":"b","normalized":true}],"normalizer":{"type":"Sequence","normalizers":[{"type":"NFC"}]},)j"
    R"j("pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Split",)j"
    R"j("pattern":{"Regex":"a+|\\s+(?!\\S)"},"behavior":"Isolated"},)j"
    R"j({"type":"Digits","individual_digits":true},{"type":"ByteLevel","add_prefix_space":true,"use_regex":true}]},)j"
    R"j("post_processor":{"type":"Sequence","processors":[{"type":"ByteLevel","trim_offsets":true},)j"
    R"j({"type":"TemplateProcessing",)j"
    R"j("single":[{"SpecialToken":{"id":"<s>"}},{"Sequence":{"id":"A"}}],)j"
    R"j("special_tokens":{"<s>":{"id":"<s>","ids":[9],"tokens":["<s>"]}}}]},)j"
    R"j("decoder":{"type":"ByteLevel"},"model":{"type":"BPE","unk_token":"a","fuse_unk":true,"vocab":{"a":0,)j"
    R"j("b":1,"Ġ":2,"ab":3,"Ġab":4,"1":5},)j"
    R"j("merges":[["a","b"],"Ġ ab"]}})j";
const std::string kText = "ab <s> caf\u0065\u0301 1234\n  b\u00e9";

TEST(MutatedFiles, neverBreakTheJsonReader)
{
    examine({readText(modelFixture("llama3_old/config.json")), kTokenizer, R"({"a":[1,-2,3.5e7,"\u00e9",{"b":[[],{}]}]})"},
            fuzzJson);
}

TEST(MutatedFiles, neverBreakTheConfigReader)
{
    std::vector<std::string> seeds;
    for (const char* name : {"llama3_old", "llama3", "gemma3", "gemma2", "phi3", "gpt2", "gpt_neox", "qwen3", "mistral"})
        seeds.push_back(readText(modelFixture(name) / "config.json"));
    examine(seeds, fuzzConfig);
}

TEST(MutatedFiles, neverBreakAChatTemplate)
{
    const std::filesystem::path fixtures(WINNOW_FIXTURES);
    const auto conversations = readJson(fixtures / "chat/chat.json").value(),
               constructs = readJson(fixtures / "chat/constructs.json").value();
    std::vector<std::string> seeds;
    for (const auto& each : conversations["cases"])
        seeds.push_back(each["source"].get<std::string>() + std::string(1, '\0') + each["conversations"][6]["turns"].dump());
    for (const auto& each : constructs["cases"])
        seeds.push_back(each["source"].get<std::string>() + std::string(1, '\0') + constructs["variables"].dump());
    examine(seeds, fuzzChat);
}

TEST(MutatedFiles, neverBreakTheReadersOfAFoldersOtherFiles)
{
    examine({R"({"metadata":{"total_size":8},"weight_map":{"a":"model-1.safetensors","b":"model-2.safetensors"}})",
             R"({"eos_token_id":[1,106]})",
             R"({"bos_token":{"content":"<s>"},"eos_token":"</s>","chat_template":[{"name":"default",)"
             R"("template":"{{ bos_token }}"}]})"},
            fuzzFolder);
}

TEST(MutatedFiles, neverBreakTheSafetensorsReader)
{
    std::vector<std::string> seeds;
    for (const char* name : {"plain/model.safetensors", "tied/model.safetensors"}) {
        std::string bytes = readText(modelFixture(name));
        seeds.push_back(bytes.substr(0, 3000)); // damage lands in the header most of the time
    }
    std::string small =
        R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F16","shape":[1,2],"data_offsets":[8,12]}})";
    seeds.push_back(std::string(1, static_cast<char>(small.size())) + std::string(7, '\0') + small + std::string(12, 'x'));
    examine(seeds, fuzzSafetensors);
}

const std::string kUnigram =
    R"j({"added_tokens":[{"id":1,"content":"<s>","single_word":true,"lstrip":true,"normalized":true}],)j"
    R"j("normalizer":{"type":"Sequence","normalizers":[)j"
    R"j({"type":"NFKC"},{"type":"Lowercase"},{"type":"Strip","strip_left":true,"strip_right":true},)j"
    R"j({"type":"Prepend","prepend":"x"},)j"
    R"j({"type":"Replace","pattern":{"Regex":" {2,}"},"content":"▁"},{"type":"Precompiled",)j"
    R"j("precompiled_charsmap":"BAAAAAAAAABhAA=="}]},)j"
    R"j("pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Whitespace"},{"type":"Metaspace",)j"
    R"j("replacement":"▁","prepend_scheme":"first"}]},)j"
    R"j("decoder":{"type":"Sequence","decoders":[{"type":"ByteFallback"},{"type":"Metaspace"},)j"
    R"j({"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]},)j"
    R"j("model":{"type":"Unigram","unk_id":0,"byte_fallback":true,"vocab":[["<unk>",0],["<s>",-1],["▁a",)j"
    R"j(-2.5],["a",-3],["b",-4],["<0x63>",-5]]}})j";

TEST(MutatedFiles, neverBreakTheTokenizer)
{
    examine({kTokenizer + std::string(1, '\0') + kText, kUnigram + std::string(1, '\0') + kText}, fuzzTokenizer);
}

TEST(MutatedFiles, neverBreakTheGgufReader)
{
    const auto fixture = [](const std::string& name) { return readText(std::filesystem::path(WINNOW_FIXTURES) / name); };
    examine({fixture("gguf/blocks.gguf"), fixture("tokenizer/bpe.gguf").substr(0, 3000) + std::string(64, '\0'),
             fixture("tokenizer/bpe.gguf")},
            fuzzGguf);
}

TEST(MutatedFiles, neverBreakTheSentencePieceReader)
{
    const auto fixture = [](const std::string& name) {
        return readText(std::filesystem::path(WINNOW_FIXTURES) / "tokenizer" / name);
    };
    examine({fixture("bpe.model").substr(0, 2000), fixture("unigram.model")}, fuzzSentencePiece);
}

} // namespace
} // namespace winnow
