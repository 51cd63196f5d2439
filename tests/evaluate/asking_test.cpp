// SPDX-License-Identifier: GPL-3.0-or-later
// Questions about a prompt that was compressed once.
#include "core/evaluate/generation.h"
#include "tests/evaluate/small_models.h"

#include <gmock/gmock.h>

namespace winnow {
namespace {

/// Every policy that can act in a model of `tokens` tokens whose prompt has 30.
std::vector<PolicySpec> everyPolicy(int tokens)
{
    std::vector<PolicySpec> specs;
    for (const PolicyInfo& info : policyCatalog()) {
        const bool reads = std::ranges::any_of(info.parameters, [](const auto& p) { return p.kind == ParameterKind::File; });
        if (info.oracle || reads)
            continue;
        for (const char* const budget : {":budget=18", ":budget=28", ""})
            if (const auto spec = parsePolicySpec(fmt::format("{}{}", info.name, budget)); spec && checkSpec(*spec, tokens, 30)) {
                specs.push_back(*spec);
                break;
            }
    }
    return specs;
}

const std::vector<TokenQuestion>& threeQuestions()
{
    static const std::vector<TokenQuestion> questions{
        {.tokens = randomText(6, 2), .answer = 8}, {.tokens = {}, .answer = 5}, {.tokens = randomText(3, 3), .answer = 8}};
    return questions;
}

TEST(Asking, ofOneCompressedPromptGivesWhatEachQuestionAloneGives)
{
    const auto model = smallModel("gemma3"); // two layers of a sliding window and one without
    const auto prompt = randomText(30);
    const int room = roomFor(30, threeQuestions());
    EXPECT_EQ(room, 44);
    const auto specs = everyPolicy(room);
    ASSERT_GT(specs.size(), 35U);
    const AnswerOptions options{.chunk = 7};
    const auto together = askUnder(*model, prompt, threeQuestions(), room, specs, options, {});
    ASSERT_TRUE(together) << together.error().message;
    for (std::size_t q = 0; q < threeQuestions().size(); ++q) {
        const AnswerOptions rereading{.chunk = 7, .keepPrompt = q == 1};
        const auto alone = askUnder(*model, prompt, std::span(&threeQuestions()[q], 1), room, specs, rereading, {}).value();
        for (std::size_t p = 0; p < specs.size(); ++p) {
            const PolicyAnswer &one = (*together)[p][q], &other = alone[p][0];
            EXPECT_EQ(one.ids, other.ids) << specs[p].canonical() << ", question " << q;
            EXPECT_EQ(one.kept.evictStep, other.kept.evictStep) << specs[p].canonical() << ", question " << q;
            EXPECT_EQ(one.kept.occupancy, other.kept.occupancy) << specs[p].canonical() << ", question " << q;
            EXPECT_EQ(one.bytes, other.bytes);
        }
    }
}

TEST(Asking, underFullSaysWhatThePlainCacheSays)
{
    for (const char* const family : {"llama3", "gpt2", "qwen3"}) {
        const auto model = smallModel(family);
        const auto prompt = randomText(30);
        const std::vector<PolicySpec> full{parsePolicySpec("full").value()};
        const auto answers =
            askUnder(*model, prompt, threeQuestions(), roomFor(30, threeQuestions()), full, {.chunk = 7}, {}).value()[0];
        for (std::size_t q = 0; q < answers.size(); ++q) {
            std::vector<std::int32_t> text = prompt;
            text.insert(text.end(), threeQuestions()[q].tokens.begin(), threeQuestions()[q].tokens.end());
            const std::size_t asked = text.size();
            for (int said = 0; said < threeQuestions()[q].answer; ++said)
                text.push_back(
                    PlainPass(*model, text).allLogits[static_cast<std::int64_t>(text.size()) - 1].argmax().item<int>());
            EXPECT_EQ(answers[q].ids, std::vector<std::int32_t>(text.begin() + static_cast<std::ptrdiff_t>(asked), text.end()))
                << family << ", question " << q;
            EXPECT_EQ(answers[q].kept.stepsDone, static_cast<int>(text.size()) - 1);
        }
    }
}

TEST(Asking, compressesThePromptBeforeTheQuestionComes)
{
    const auto model = smallModel("llama3");
    const std::vector<PolicySpec> specs{parsePolicySpec("snapkv:budget=12,window=4,kernel=3").value(),
                                        parsePolicySpec("streaming:budget=12,sinks=2").value()};
    const TokenQuestion question{.tokens = randomText(6, 2), .answer = 4};
    const auto answers = askUnder(*model, randomText(30), std::span(&question, 1), 40, specs, {}, {}).value();
    const PolicyReplay &once = answers[0][0].kept, &steps = answers[1][0].kept;
    EXPECT_EQ(once.occupancy[once.index(0, 0, 29)], 12) << "behind the prompt";
    EXPECT_EQ(once.occupancy[once.index(0, 0, 38)], 21) << "a policy of the prompt's end keeps question and answer";
    EXPECT_EQ(steps.occupancy[steps.index(0, 0, 38)], 12) << "one of every step goes on";
    EXPECT_EQ(answers[1][0].bytes, static_cast<std::uint64_t>(steps.layers * steps.lanes * 12 * 2 * 4 * model->config().headDim));
}

TEST(Asking, endsWhereWhoAsksSaysSo)
{
    const auto model = smallModel("llama3");
    const TokenQuestion question{
        .tokens = {}, .answer = 9, .said = [](std::span<const std::int32_t> said) { return said.size() == 3; }};
    const auto answer = askUnder(*model, randomText(30), std::span(&question, 1), 40,
                                 std::vector<PolicySpec>{parsePolicySpec("full").value()}, {}, {})
                            .value()[0][0];
    EXPECT_EQ(answer.ids.size(), 3U);
    EXPECT_TRUE(answer.ended);
}

} // namespace
} // namespace winnow
