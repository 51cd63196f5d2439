// SPDX-License-Identifier: GPL-3.0-or-later
// Policies against the classes of their own authors, as those keep tokens of a recorded trace. tests/fixtures/policy/README.md
// says how the files were made.
#include "core/io/json.h"
#include "core/io/npz.h"
#include "core/policy/parts/budget/dynamic_budget.h"
#include "tests/replay/engines.h"
#include "tests/support/replay_drawing.h"

#include <gmock/gmock.h>

#include <cmath>

namespace winnow {
namespace {

using namespace testing_support;

const std::filesystem::path kFolder = std::filesystem::path(WINNOW_FIXTURES) / "policy";

const nlohmann::json& authorsJson()
{
    static const nlohmann::json json = *readJson(kFolder / "authors_cases.json");
    return json;
}

std::vector<std::string> names()
{
    std::vector<std::string> list;
    for (const auto& entry : authorsJson()["cases"])
        list.push_back(entry["name"]);
    return list;
}

class Authors : public testing::TestWithParam<std::string> {};

TEST_P(Authors, keepTheSameTokens)
{
    static const auto trace = *Trace::open(kFolder / "kvpress_trace.h5");
    static const NpzFile arrays = *readNpz(kFolder / "authors_expected.npz");
    const auto& cases = authorsJson()["cases"];
    const auto entry = std::find_if(cases.begin(), cases.end(), [](const auto& one) { return one["name"] == GetParam(); });
    std::string line = (*entry)["line"];
    if (const auto at = line.find("HEADS"); at != std::string::npos)
        line.replace(at, 5, (kFolder / "headkv_heads.json").string());
    const auto expected = *arrays.numbers<std::int32_t>(GetParam());
    for (const Engine engine : kEngines) {
        const auto replayed = replayOne(*trace, line, on(engine, {.prompt = (*entry)["prompt"], .oracle = false}));
        ASSERT_TRUE(replayed);
        ASSERT_EQ(replayed->evictStep.size(), expected.size());
        for (int layer = 0; layer < replayed->layers; ++layer)
            for (int lane = 0; lane < replayed->lanes; ++lane) {
                int balance = 0; // of equal scores either may stay, but as many
                for (int token = 0; token < replayed->tokens; ++token) {
                    const auto cell = replayed->index(layer, lane, token);
                    const int ours = replayed->evictStep[cell], theirs = expected[cell];
                    if (ours == theirs)
                        continue;
                    balance += ours < 0 ? 1 : -1;
                    if (ours >= 0) {
                        ASSERT_NEAR(replayed->scoreAtEviction[cell], replayed->lowestKept[cell],
                                    1e-6 * std::abs(replayed->lowestKept[cell]))
                            << line << ": layer " << layer << " lane " << lane << " token " << token;
                    }
                    ASSERT_LT(ours, (*entry)["prompt"].get<int>()) << line << ": a step decided otherwise";
                }
                ASSERT_EQ(balance, 0) << line << ": layer " << layer << " lane " << lane;
            }
    }
}

/// What a cache in the order of the scores holds is not what one in the order of the text does.
TEST(AuthorsOrder, decidesWhatCakeAndRkvKeep)
{
    const auto trace = *Trace::open(kFolder / "kvpress_trace.h5");
    const NpzFile arrays = *readNpz(kFolder / "authors_expected.npz");
    for (const auto& entry : authorsJson()["cases"]) {
        std::string line = entry["line"];
        const auto at = line.find(",order=score");
        if (at == std::string::npos)
            continue;
        line.erase(at, std::string_view(",order=score").size());
        const auto inText = replayOne(*trace, line, {.prompt = entry["prompt"], .device = "cpu", .oracle = false});
        ASSERT_TRUE(inText);
        EXPECT_NE(inText->evictStep, *arrays.numbers<std::int32_t>(entry["name"])) << line;
    }
}

INSTANTIATE_TEST_SUITE_P(Cases, Authors, testing::ValuesIn(names()), [](const auto& info) { return info.param; });

/// The scores that make_authors.py made, one layer of them.
PromptScores madeScores(int layer, int heads, int candidates, int window, int concentration)
{
    PromptScores scores{.layer = layer, .units = heads, .tokens = candidates + window, .begin = 0, .end = candidates};
    for (int head = 0; head < heads; ++head) {
        for (int i = 0; i < candidates; ++i) {
            const auto index = static_cast<std::uint64_t>((layer * heads + head) * candidates + i);
            const std::uint64_t hashed = (index * 2654435761U % (std::uint64_t{1} << 32)) >> 12;
            scores.scores.push_back(static_cast<float>(hashed * static_cast<std::uint64_t>(1 + concentration * layer % 5)) /
                                    (1 << 20));
        }
        scores.scores.insert(scores.scores.end(), static_cast<std::size_t>(window), std::nan(""));
    }
    return scores;
}

TEST(DynamicKv, dividesAsTheAuthorsClassDoes)
{
    for (const auto& entry : authorsJson()["dynamickv_budgets"]) {
        const int layers = entry["layers"], heads = entry["heads"], window = entry["window"];
        std::vector<PromptScores> scores;
        for (int layer = 0; layer < layers; ++layer)
            scores.push_back(
                madeScores(layer, heads, entry["prompt"].get<int>() - window, window, entry["concentration"].get<int>()));
        const auto rule = dynamicBudget({.ratio = entry["ratio"], .allVote = true, .residueLast = true, .trimRest = false});
        const Division division = rule->divide(scores, {.slots = entry["budget"], .modelLayers = layers, .window = window});
        std::vector<int> held;
        for (int layer = 0; layer < layers; ++layer)
            held.push_back(division.slots[static_cast<std::size_t>(layer) * heads]);
        EXPECT_EQ(held, entry["slots"].get<std::vector<int>>()) << entry;
    }
}

} // namespace
} // namespace winnow
