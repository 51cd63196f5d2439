// SPDX-License-Identifier: GPL-3.0-or-later
// Generation under policies against NVIDIA kvpress: the same tokens kept, the same tokens said.
// tests/fixtures/evaluate/README.md says how the file was made.
#include "core/evaluate/generation.h"
#include "tests/evaluate/small_models.h"

#include <map>

namespace winnow {
namespace {

const std::map<std::string, std::string> kLines{
    {"streaming", "streaming:sinks=4,positions=keep,budget={}"},
    {"snapkv", "snapkv:window=8,kernel=5,pool=avg,reduce=after,granularity=kv,budget={}"},
    {"pyramidkv", "pyramidkv:window=8,kernel=5,pool=avg,reduce=after,granularity=kv,beta=4,budgets=press,budget={}"},
    {"tova", "tova:recent=1,budget={}"},
    {"knorm", "knorm:budget={}"},
    {"keydiff", "keydiff:budget={}"},
    {"expected", "expected-attention:epsilon=0.01,budget={}"},
    {"observed", "observed-attention:budget={}"},
    {"adakv_snapkv", "adakv:window=8,kernel=5,pool=avg,reduce=after,budget={}"},
    {"adakv_keydiff", "adakv:base=keydiff,floor=0,budget={}"},
};

/// Returns how many cases of the file `lines` names.
int compareWithPresses(const std::map<std::string, std::string>& lines)
{
    const auto file = readJson(std::filesystem::path(WINNOW_FIXTURES) / "evaluate/kvpress_runs.json").value();
    const int budget = file["budget"];
    int compared = 0;
    for (const auto& one : file["cases"]) {
        const auto line = lines.find(one["press"].get<std::string>());
        if (line == lines.end())
            continue;
        const auto parsed = parsePolicySpec(fmt::format(fmt::runtime(line->second), budget));
        EXPECT_TRUE(parsed) << parsed.error().message;
        if (!parsed)
            continue;
        const std::string what = one["model"].get<std::string>() + " " + line->second;
        const auto model = smallModel(one["model"].get<std::string>());
        const auto prompt = one["prompt"].get<std::vector<std::int32_t>>(), said = one["answer"].get<std::vector<std::int32_t>>();
        AnswerOptions options{.tokens = static_cast<int>(said.size())};
        const auto answers = answerUnder(*model, prompt, std::span(&*parsed, 1), options, {});
        EXPECT_TRUE(answers) << what << ": " << answers.error().message;
        if (!answers)
            continue;
        const PolicyReplay& kept = answers->front().kept;
        const int last = static_cast<int>(prompt.size()) - 1, keyHeads = model->config().keyHeads;
        for (int layer = 0; layer < kept.layers; ++layer)
            for (int head = 0; head < keyHeads; ++head) {
                std::vector<int> tokens;
                for (int token = 0; token <= last; ++token)
                    if (kept.keeps(layer, head * kept.lanes / keyHeads, token, last))
                        tokens.push_back(token);
                EXPECT_EQ(tokens,
                          one["kept"][static_cast<std::size_t>(layer)][static_cast<std::size_t>(head)].get<std::vector<int>>())
                    << what << ", layer " << layer << ", head " << head;
            }
        // The presses act once, at the end of the prompt; what goes on evicting says other things from the second token on.
        if (findPolicy(parsed->name)->acts == Acts::EndOfPrompt) {
            EXPECT_EQ(answers->front().ids, said) << what;
        } else {
            EXPECT_EQ(answers->front().ids.front(), said.front()) << what;
        }
        ++compared;
    }
    return compared;
}

TEST(KvPressRun, keepsAndSaysTheSame) { EXPECT_EQ(compareWithPresses(kLines), 20); }

TEST(KvPressRun, saysTheSameByARecipeForThePromptsEndWhereThePolicyWouldGoOn)
{
    EXPECT_EQ(compareWithPresses({{"streaming", "mix-prompt:score=knorm,select=oldest,sinks=4,budget={}"},
                                  {"tova", "mix-prompt:score=tova,granularity=layer,budget={}"}}),
              4);
}

TEST(KvPressRun, saysTheSameWhereThePressGoesOnWhileTheModelGenerates)
{
    // The press acts for the first time after so many steps of generation: those belong to the prompt here.
    const std::map<std::string, std::pair<int, std::string>> lines{
        {"decoding_streaming", {1, "streaming:sinks=4,positions=keep,budget={}"}},
        {"decoding_streaming_4", {4, "mix:select=oldest,sinks=4,recent=0,every=4,budget={}"}},
        {"decoding_keydiff", {1, "mix:score=keydiff,select=lowest,sinks=0,recent=0,budget={}"}},
    };
    const auto file = readJson(std::filesystem::path(WINNOW_FIXTURES) / "evaluate/kvpress_runs.json").value();
    int compared = 0;
    for (const auto& one : file["cases"]) {
        const auto line = lines.find(one["press"].get<std::string>());
        if (line == lines.end())
            continue;
        const auto& [before, format] = line->second;
        const auto parsed = parsePolicySpec(fmt::format(fmt::runtime(format), file["budget"].get<int>()));
        ASSERT_TRUE(parsed) << parsed.error().message;
        auto prompt = one["prompt"].get<std::vector<std::int32_t>>();
        const auto said = one["answer"].get<std::vector<std::int32_t>>();
        prompt.insert(prompt.end(), said.begin(), said.begin() + before);
        const auto model = smallModel(one["model"].get<std::string>());
        const auto answers =
            answerUnder(*model, prompt, std::span(&*parsed, 1), {.tokens = static_cast<int>(said.size()) - before}, {});
        ASSERT_TRUE(answers) << answers.error().message;
        EXPECT_EQ(answers->front().ids, std::vector<std::int32_t>(said.begin() + before, said.end()))
            << one["model"] << " " << format;
        ++compared;
    }
    EXPECT_EQ(compared, 6);
}

TEST(Answers, differFirstWhereTheyDiffer)
{
    const std::vector<std::int32_t> a{1, 2, 3}, b{1, 4, 3}, c{1, 2};
    EXPECT_EQ(firstDifference(a, b), 1U);
    EXPECT_EQ(firstDifference(a, c), std::nullopt);
    EXPECT_EQ(firstDifference(a, a), std::nullopt);
}

TEST(Answers, underFullAreThoseOfThePlainCache)
{
    const auto model = smallModel("grouped");
    const auto prompt = randomText(30);
    const std::vector<PolicySpec> specs{parsePolicySpec("full").value(), parsePolicySpec("streaming:budget=8,sinks=2").value()};
    const auto answers = answerUnder(*model, prompt, specs, {.tokens = 20, .chunk = 7}, {}).value();
    std::vector<std::int32_t> text = prompt;
    while (text.size() < prompt.size() + 20)
        text.push_back(PlainPass(*model, text).allLogits[static_cast<std::int64_t>(text.size()) - 1].argmax().item<int>());
    EXPECT_EQ(answers[0].ids, std::vector<std::int32_t>(text.begin() + 30, text.end()));
    EXPECT_EQ(answers[1].kept.stepsDone, 49) << "the last token was said and not read";
    EXPECT_EQ(answers[1].kept.occupancy[answers[1].kept.index(0, 0, 48)], 8);
    // The same seed draws the same answer.
    const AnswerOptions warm{.tokens = 20, .sampling = {.temperature = 1, .seed = 5}};
    EXPECT_EQ(answerUnder(*model, prompt, specs, warm, {}).value()[1].ids,
              answerUnder(*model, prompt, specs, warm, {}).value()[1].ids);
}

} // namespace
} // namespace winnow
