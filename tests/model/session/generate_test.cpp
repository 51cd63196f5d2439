// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/session/generate.h"

#include "core/model/config/model_folder.h"
#include "core/model/tokenizer/tokenizer.h"
#include "core/trace/trace.h"
#include "tests/model/forward_keeper.h"
#include "tests/model/spoiled_model.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>

#include <cmath>

namespace winnow {
namespace {

using testing_support::TemporaryFolder;

TEST(Sampler, takesTheLikeliestOfEqualsFirstWhenItIsCold)
{
    Sampler sampler({});
    EXPECT_EQ(sampler.next(std::vector<float>{0, 3, 1, 3}), 1);
}

TEST(Sampler, drawsAsOftenAsTheProbabilitiesSay)
{
    const std::vector<float> logits{std::log(0.5f), std::log(0.3f), std::log(0.2f)};
    Sampler sampler({.temperature = 1, .seed = 7});
    std::array<int, 3> counts{};
    constexpr int kDraws = 20'000;
    for (int i = 0; i < kDraws; ++i)
        ++counts[static_cast<std::size_t>(sampler.next(logits))];
    // Four standard deviations of a binomial of that many draws: 4 · √(0.25 / 20,000).
    EXPECT_NEAR(counts[0], 0.5 * kDraws, 0.0142 * kDraws);
    EXPECT_NEAR(counts[1], 0.3 * kDraws, 0.0142 * kDraws);
}

TEST(Sampler, keepsToTheNucleus)
{
    const std::vector<float> logits{std::log(0.2f), std::log(0.5f), std::log(0.3f)};
    Sampler narrow({.temperature = 1, .topP = 0.5, .seed = 1}), wide({.temperature = 1, .topP = 0.6, .seed = 1});
    bool third = false;
    for (int i = 0; i < 300; ++i) {
        EXPECT_EQ(narrow.next(logits), 1);
        const std::int32_t drawn = wide.next(logits);
        EXPECT_NE(drawn, 0);
        third = third || drawn == 2;
    }
    EXPECT_TRUE(third);
}

TEST(Generate, continuesGreedilyAsTheForwardPassWould)
{
    const auto generated =
        generate({.model = demoModel(), .prompt = "Once upon a time there was a", .tokens = 12, .device = "cpu"}, {}, {});
    ASSERT_TRUE(generated) << generated.error().message;
    EXPECT_FALSE(generated->answer.empty());
    const auto model = loaded(demoModel());
    auto tokens = Tokenizer::load(demoModel()).value()->encode("Once upon a time there was a").value().ids;
    EXPECT_EQ(generated->promptTokens, static_cast<int>(tokens.size()));
    for (const std::int32_t id : generated->ids) {
        Keeper keeper(false);
        ASSERT_TRUE(model->forward(tokens, 64, keeper, {}));
        EXPECT_EQ(keeper.logits().select(0, -1).argmax().item<std::int64_t>(), id);
        tokens.push_back(id);
    }
}

TEST(Generate, recordsPromptAndAnswerTogetherAndMarksTheBoundary)
{
    const TemporaryFolder folder;
    const GenerateOptions options{.model = demoModel(),
                                  .prompt = "The caf\u00e9 was",
                                  .promptName = "cafe.txt",
                                  .tokens = 20,
                                  .sampling = {.temperature = 1.5, .topP = 0.95, .seed = 3},
                                  .device = "cpu",
                                  .out = folder / "t.h5"};
    const auto generated = generate(options, {}, {});
    ASSERT_TRUE(generated) << generated.error().message;
    const auto trace = Trace::open(options.out).value();
    const TraceInfo& info = trace->info();
    EXPECT_EQ(info.prompt, generated->promptTokens);
    EXPECT_EQ(info.text, options.prompt + generated->answer);
    EXPECT_EQ(info.manifest.at("seed"), "3");
    EXPECT_EQ(info.manifest.at("generated"), "temperature 1.5, top-p 0.95");
    EXPECT_EQ(info.manifest.at("text"), "cafe.txt");
    ASSERT_EQ(info.tokens.size(), static_cast<std::size_t>(info.prompt) + generated->ids.size());
    const auto tokenizer = Tokenizer::load(demoModel()).value();
    for (std::size_t t = static_cast<std::size_t>(info.prompt); t < info.tokens.size(); ++t) {
        const std::string_view piece = tokenText(info, Position(static_cast<std::int32_t>(t)));
        const std::string decoded = tokenizer->decode(std::vector{info.tokens[t]}, true);
        if (std::ranges::all_of(decoded, [](char c) { return static_cast<unsigned char>(c) < 128; })) {
            EXPECT_EQ(piece, decoded) << t;
        }
    }
    const auto again = generate(options, {}, {});
    ASSERT_TRUE(again);
    EXPECT_EQ(again->ids, generated->ids);
}

TEST(Generate, stopsWhereLogitsAreNoNumbersAndNamesTheWeight)
{
    const TemporaryFolder folder;
    const auto model = spoiledModel(folder, demoModel(), "model.layers.3.mlp.gate_proj.weight", kHalfNan);
    for (const double temperature : {0.0, 1.0}) {
        const auto generated = generate(
            {.model = model, .prompt = "One day", .tokens = 3, .sampling = {.temperature = temperature}, .device = "cpu"}, {},
            {});
        ASSERT_FALSE(generated);
        EXPECT_THAT(generated.error().message,
                    testing::AllOf(testing::HasSubstr("the logits after"), testing::HasSubstr("are not numbers"),
                                   testing::HasSubstr("'model.layers.3.mlp.gate_proj.weight' is not finite")));
    }
}

TEST(Generate, endsWhereTheModelEnds)
{
    const TemporaryFolder folder;
    for (const char* name : {"config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"})
        std::filesystem::create_symlink(demoModel() / name, folder / name);
    GenerateOptions options{.model = folder.path(), .prompt = "One day", .tokens = 8, .device = "cpu"};
    std::ofstream(folder / "generation_config.json") << "{}";
    const auto whole = generate(options, {}, {});
    ASSERT_TRUE(whole) << whole.error().message;
    ASSERT_EQ(whole->ids.size(), 8u);
    const std::int32_t end = whole->ids[3];
    std::ofstream(folder / "generation_config.json") << fmt::format(R"({{"eos_token_id":[70000,{}]}})", end);
    EXPECT_THAT(endTokens(folder.path()), testing::ElementsAre(70000, end));
    const auto ended = generate(options, {}, {});
    ASSERT_TRUE(ended);
    EXPECT_TRUE(ended->ended);
    EXPECT_EQ(ended->ids.back(), end);
    EXPECT_LE(ended->ids.size(), 4u);
}

} // namespace
} // namespace winnow
