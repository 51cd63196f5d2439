// One examination for the whole catalog: what every policy must hold to, whatever it does.
#include "core/policy/lane_parts.h"
#include "core/policy/tensor_parts.h"
#include "core/replay/cpu_replay.h"
#include "core/replay/tensor_replay.h"
#include "tests/support/memory_trace.h"
#include "tests/support/replay_drawing.h"

#include <ATen/Parallel.h>
#include <gmock/gmock.h>

#include <numeric>

namespace winnow {
namespace {

using namespace testing_support;

const SyntheticOptions kShape{.layers = 3, .queryHeads = 4, .keyHeads = 2, .headDim = 8, .tokens = 90, .sharpness = 2, .seed = 11};
constexpr int kPrompt = 60, kBudget = 24;

class EveryPolicy : public testing::TestWithParam<std::string> {
protected:
    /// The catalog's line with a budget, and an observation window that fits it.
    std::string line(int budget) const
    {
        const PolicyInfo* info = findPolicy(GetParam());
        std::string text = GetParam();
        const auto has = [&](std::string_view key) {
            return std::any_of(info->parameters.begin(), info->parameters.end(), [&](const auto& p) { return p.id == key; });
        };
        if (has("budget"))
            text += ":budget=" + std::to_string(budget);
        if (has("window"))
            text += ",window=6";
        return text;
    }
    std::shared_ptr<const PolicyReplay> run(int budget, ReplayOptions options = {.prompt = kPrompt, .device = "cpu"}) const
    {
        return replayOne(m_trace, line(budget), options);
    }
    MemoryTrace m_trace{makeSynthetic(kShape)};
};

std::vector<std::string> names()
{
    std::vector<std::string> list;
    for (const PolicyInfo& info : policyCatalog())
        list.emplace_back(info.name);
    return list;
}
INSTANTIATE_TEST_SUITE_P(Catalog, EveryPolicy, testing::ValuesIn(names()), [](const auto& info) { return info.param; });

TEST_P(EveryPolicy, neverHoldsMoreThanItsBudget)
{
    const PolicyInfo* info = findPolicy(GetParam());
    const auto kept = run(kBudget);
    for (int layer = 0; layer < kept->layers; ++layer) {
        for (int lane = 0; lane < kept->lanes; ++lane) {
            for (int t = kPrompt - 1; t < kept->tokens; ++t) {
                const int slots = info->acts == Acts::Never ? kept->tokens : kept->budgets.empty() ? kBudget : kept->budgets[static_cast<std::size_t>(layer)];
                const int grown = info->acts == Acts::EndOfPrompt ? t - kPrompt + 1 : 0;
                ASSERT_LE(kept->occupancy[kept->index(layer, lane, t)], slots + grown) << "layer " << layer << " lane " << lane << " step " << t;
            }
        }
    }
}

TEST_P(EveryPolicy, fillsItsBudgetAndItsLifetimesAgreeWithItsOccupancy)
{
    const auto kept = run(kBudget);
    for (int layer = 0; layer < kept->layers; ++layer) {
        for (int lane = 0; lane < kept->lanes; ++lane) {
            for (int t = 0; t < kept->tokens; ++t) {
                int stored = 0;
                for (int token = 0; token <= t; ++token) {
                    stored += kept->keeps(layer, lane, token, t);
                    const int left = kept->evictStep[kept->index(layer, lane, token)];
                    ASSERT_TRUE(left == -1 || left >= token); // it leaves once, after it came: the table cannot say more
                }
                ASSERT_EQ(stored, kept->occupancy[kept->index(layer, lane, t)]);
                if (kept->budgets.empty() && findPolicy(GetParam())->acts == Acts::EveryStep && t >= kPrompt) {
                    ASSERT_EQ(stored, kBudget);
                }
            }
        }
    }
}

TEST_P(EveryPolicy, runsTwiceAlike)
{
    const auto a = run(kBudget), b = run(kBudget);
    EXPECT_EQ(a->evictStep, b->evictStep);
    EXPECT_EQ(a->mass, b->mass);
}

TEST_P(EveryPolicy, keepsEverythingWhenTheBudgetHoldsIt)
{
    // A pyramid of this budget still holds the prompt in its smallest layer.
    const auto kept = run(GetParam() == "pyramidkv" ? 2000 : 91);
    EXPECT_THAT(kept->evictStep, testing::Each(-1));
    EXPECT_THAT(kept->mass, testing::Each(1.0F));
    EXPECT_THAT(kept->error, testing::Each(0.0F));
    EXPECT_THAT(kept->oracleMass, testing::Each(1.0F));
}

TEST_P(EveryPolicy, stopsWhenAsked)
{
    std::stop_source stop;
    const JobContext job(stop.get_token(), [&](std::string_view, double) { stop.request_stop(); });
    const auto spec = parsePolicySpec(line(kBudget));
    const auto result = replay(m_trace, std::span(&*spec, 1), {.prompt = kPrompt, .device = "cpu", .block = 8}, job);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::Cancelled);
}

TEST_P(EveryPolicy, isTheSameOnTensors)
{
    const auto lanes = run(kBudget), tensors = run(kBudget, {.prompt = kPrompt, .device = "cpu", .forceTensors = true});
    ASSERT_EQ(lanes->evictStep.size(), tensors->evictStep.size());
    std::size_t equal = 0;
    for (std::size_t i = 0; i < lanes->evictStep.size(); ++i)
        equal += lanes->evictStep[i] == tensors->evictStep[i];
    EXPECT_GE(static_cast<double>(equal), 0.999 * static_cast<double>(lanes->evictStep.size()));
    if (lanes->scoreAtEviction.empty()) { // position-only: bit for bit
        EXPECT_EQ(equal, lanes->evictStep.size());
    }
    EXPECT_EQ(lanes->choosesFrom, tensors->choosesFrom);
    for (std::size_t i = 0; i < lanes->scoreAtEviction.size(); ++i) {
        if (lanes->evictStep[i] != tensors->evictStep[i] || std::isnan(lanes->scoreAtEviction[i]))
            continue;
        ASSERT_NEAR(lanes->scoreAtEviction[i], tensors->scoreAtEviction[i], 1e-5) << i;
        ASSERT_TRUE(std::isnan(lanes->lowestKept[i]) == std::isnan(tensors->lowestKept[i])) << i;
        if (!std::isnan(lanes->lowestKept[i])) {
            ASSERT_NEAR(lanes->lowestKept[i], tensors->lowestKept[i], 1e-5) << i;
        }
    }
}

TEST_P(EveryPolicy, isTheSameOnCuda)
{
    if (!at::hasCUDA())
        GTEST_SKIP() << "no CUDA device";
    const auto host = run(kBudget, {.prompt = kPrompt, .device = "cpu"}), device = run(kBudget, {.prompt = kPrompt, .device = "cuda"});
    std::size_t equal = 0;
    for (std::size_t i = 0; i < host->evictStep.size(); ++i)
        equal += host->evictStep[i] == device->evictStep[i];
    EXPECT_GE(static_cast<double>(equal), 0.999 * static_cast<double>(host->evictStep.size()));
    if (host->scoreAtEviction.empty()) {
        EXPECT_EQ(equal, host->evictStep.size());
    }
}

/// Looks at the rows that a policy's scorer is shown, and passes them on.
class ProbingLaneScorer final : public LaneScorer {
public:
    ProbingLaneScorer(std::unique_ptr<LaneScorer> scorer, std::vector<double>* sums) : m_scorer(std::move(scorer)), m_sums(sums) {}
    bool wantsRow(bool mayEvict, int promptLeft) const override { return m_scorer->wantsRow(mayEvict, promptLeft); }
    void observe(int step, std::span<const std::int32_t> positions, std::span<const float> row) override
    {
        m_sums->push_back(std::accumulate(row.begin(), row.end(), 0.0));
        m_scorer->observe(step, positions, row);
    }
    std::span<const double> scores(int step, std::span<const std::int32_t> positions) override { return m_scorer->scores(step, positions); }
    void erased(std::span<const int> victims) override { m_scorer->erased(victims); }

private:
    std::unique_ptr<LaneScorer> m_scorer;
    std::vector<double>* m_sums;
};

class ProbingTensorScorer final : public TensorScorer {
public:
    ProbingTensorScorer(std::unique_ptr<TensorScorer> scorer, std::vector<double>* sums) : m_scorer(std::move(scorer)), m_sums(sums) {}
    bool wantsRow(bool mayEvict, int promptLeft) const override { return m_scorer->wantsRow(mayEvict, promptLeft); }
    void observe(const TensorStep& step) override
    {
        const auto sums = step.row.to(at::kDouble).sum(1).contiguous();
        m_sums->insert(m_sums->end(), sums.data_ptr<double>(), sums.data_ptr<double>() + sums.numel());
        m_scorer->observe(step);
    }
    at::Tensor scores(const TensorStep& step) override { return m_scorer->scores(step); }
    at::Tensor* state() override { return m_scorer->state(); }

private:
    std::unique_ptr<TensorScorer> m_scorer;
    std::vector<double>* m_sums;
};

class ProbingScorer final : public Scorer {
public:
    ProbingScorer(std::shared_ptr<const Scorer> scorer, std::vector<double>* sums) : m_scorer(std::move(scorer)), m_sums(sums) {}
    std::unique_ptr<LaneScorer> lane() const override { return std::make_unique<ProbingLaneScorer>(m_scorer->lane(), m_sums); }
    std::unique_ptr<TensorScorer> tensors() const override { return std::make_unique<ProbingTensorScorer>(m_scorer->tensors(), m_sums); }

private:
    std::shared_ptr<const Scorer> m_scorer;
    std::vector<double>* m_sums;
};

TEST_P(EveryPolicy, isShownRowsThatSumToOne)
{
    const auto spec = parsePolicySpec(line(kBudget));
    for (const bool tensors : {false, true}) {
        // One thread: the probe is not made for units that are walked side by side.
        const ReplayOptions options{.prompt = kPrompt, .layers = std::pair{0, 0}, .device = "cpu", .oracle = false};
        auto plan = planReplay(m_trace.info(), std::span(&*spec, 1), options);
        ASSERT_TRUE(plan) << plan.error().message;
        Recipe& recipe = plan->policies.front().recipe;
        if (!recipe.scorer)
            GTEST_SKIP() << "chooses without looking at attention";
        std::vector<double> sums;
        recipe.scorer = std::make_shared<ProbingScorer>(recipe.scorer, &sums);
        std::vector<PolicyReplay> results = emptyResults(*plan);
        at::set_num_threads(1);
        const auto done = tensors ? replayOnTensors(m_trace, *plan, options, "cpu", results, [](int, double) {}, {})
                                  : replayOnCpu(m_trace, *plan, options, results, [](int, double) {}, {});
        at::set_num_threads(2);
        ASSERT_TRUE(done) << done.error().message;
        ASSERT_FALSE(sums.empty());
        for (const double sum : sums)
            ASSERT_NEAR(sum, 1, 1e-5);
    }
}

TEST_P(EveryPolicy, keepsWhatItsRuleProtects)
{
    const auto kept = run(kBudget);
    for (int lane = 0; lane < kept->lanes; ++lane)
        for (int t = kPrompt - 1; t < kept->tokens; ++t)
            for (int token = 0; token <= t; ++token)
                if (kept->byRule(token, t)) {
                    ASSERT_TRUE(kept->keeps(0, lane, token, t)) << "token " << token << " step " << t;
                }
}

TEST_P(EveryPolicy, needsAPromptIfItChoosesAtItsEnd)
{
    const auto spec = parsePolicySpec(line(kBudget));
    const auto result = replay(m_trace, std::span(&*spec, 1), {.device = "cpu"}, {});
    if (findPolicy(GetParam())->acts == Acts::EndOfPrompt) {
        ASSERT_FALSE(result);
        EXPECT_THAT(result.error().message, testing::HasSubstr("--prompt"));
    } else {
        EXPECT_TRUE(result);
    }
}

TEST_P(EveryPolicy, writesItselfOutSoThatItCanBeReadBack)
{
    const auto spec = parsePolicySpec(line(kBudget));
    const auto again = parsePolicySpec(spec->canonical());
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->canonical(), spec->canonical());
    EXPECT_EQ(again->values, spec->values);
}

} // namespace
} // namespace winnow
