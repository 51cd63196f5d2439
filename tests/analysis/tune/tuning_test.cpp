// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/tune/tuning.h"

#include <gmock/gmock.h>

using namespace winnow;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

constexpr int kTokens = 404; ///< 340 steps behind a budget of 64, five and five alike

/// What a setting of StreamingLLM costs here: least at seven sinks under reassigned positions.
double costOf(const PolicySpec& spec)
{
    const double sinks = spec.whole("sinks");
    return 0.1 + 0.01 * std::abs(sinks - 7) + (spec.value("positions") == "reassign" ? 0 : 0.2);
}

/// A text of two lanes; the error rises and falls along it, alike for all.
std::shared_ptr<const ReplayResult> judged(std::span<const PolicySpec> specs, double added)
{
    auto result = std::make_shared<ReplayResult>();
    for (const PolicySpec& spec : specs) {
        auto policy = std::make_shared<PolicyReplay>();
        policy->spec = spec;
        policy->layers = 1;
        policy->lanes = 2;
        policy->tokens = policy->stepsDone = kTokens;
        policy->evictStep.assign(2 * kTokens, -1);
        policy->occupancy.assign(2 * kTokens, 64);
        policy->mass.assign(2 * kTokens, static_cast<float>(1 - costOf(spec)));
        policy->error.assign(2 * kTokens, 0);
        for (std::size_t cell = 0; cell < policy->error.size(); ++cell)
            policy->error[cell] = static_cast<float>(costOf(spec) + added + 0.01 * static_cast<double>(cell % kTokens % 5));
        result->policies.push_back(std::move(policy));
    }
    return result;
}

TuneOptions optionsFor(std::vector<std::string> over, const char* line = "streaming:budget=64,sinks=4,positions=keep")
{
    TuneOptions options{.start = parsePolicySpec(line).value(), .tokens = {kTokens}};
    for (const std::string& typed : over)
        options.axes.push_back(tuneAxis(options.start, typed, 64).value());
    options.judge = [](std::size_t, std::span<const PolicySpec> specs,
                       const JobContext&) -> Result<std::shared_ptr<const ReplayResult>> { return judged(specs, 0); };
    return options;
}

std::string wrongAxis(const char* line, const char* typed)
{
    const auto axis = tuneAxis(parsePolicySpec(line).value(), typed, 64);
    return axis ? "none" : axis.error().message;
}

} // namespace

TEST(TuneAxis, triesWhatAParameterTakes)
{
    const PolicySpec spec = parsePolicySpec("streaming:budget=64,sinks=6").value();
    const TuneAxis sinks = tuneAxis(spec, "sinks", 64).value();
    EXPECT_THAT(sinks.values, ElementsAre("0", "1", "2", "4", "6", "8", "16", "32", "64")) << "six is the start's";
    EXPECT_EQ(sinks.values[sinks.start], "6");
    EXPECT_THAT(tuneAxis(spec, "sinks=0-3", 64)->values, ElementsAre("0", "1", "2", "3", "6"));
    EXPECT_THAT(tuneAxis(spec, "sinks=8/2/8", 64)->values, ElementsAre("2", "6", "8"));
    EXPECT_THAT(tuneAxis(spec, "positions=keep/reassign", 64)->values, ElementsAre("keep", "reassign"));
    EXPECT_GE(tuneAxis(spec, "positions", 64)->values.size(), 3U) << "all choices";
    EXPECT_THAT(tuneAxis(parsePolicySpec("rkv:budget=64").value(), "mix=0-1", 64)->values,
                ElementsAre("0", "0.07", "0.125", "0.25", "0.375", "0.5", "0.625", "0.75", "0.875", "1"))
        << "its own is 0.07";
}

TEST(TuneAxis, refusesWhatCannotBeTried)
{
    EXPECT_THAT(wrongAxis("streaming:budget=64", "sink"), HasSubstr("did you mean 'sinks'"));
    EXPECT_THAT(wrongAxis("streaming:budget=64", "budget"), HasSubstr("--budget"));
    EXPECT_THAT(wrongAxis("streaming:budget=64", "sinks="), HasSubstr("sinks=0-32"));
    EXPECT_THAT(wrongAxis("streaming:budget=64", "sinks=9-2"), HasSubstr("lower end first"));
    EXPECT_THAT(wrongAxis("streaming:budget=64", "sinks=0-1e300"), HasSubstr("beyond the values"));
    EXPECT_THAT(wrongAxis("streaming:budget=64", "sinks=4/x"), HasSubstr("sinks=x is not understood"));
    EXPECT_THAT(wrongAxis("streaming:budget=64,sinks=4", "sinks=4"), HasSubstr("one value"));
    EXPECT_THAT(wrongAxis("full", "sinks"), HasSubstr("no parameter to tune"));
}

TEST(Tuning, findsTheBestOfAllCombinations)
{
    TuneOptions options = optionsFor({"sinks=0-12", "positions=keep/reassign"});
    const Tuning tuning = tune(options, {}).value();
    EXPECT_TRUE(tuning.everything);
    EXPECT_EQ(tuning.combinations, tuning.settings.size());
    const TuneSetting& best = tuning.settings[tuning.best];
    EXPECT_EQ(best.spec.whole("sinks"), 8) << "of 0, 1, 2, 4, 8 and 12";
    EXPECT_EQ(best.spec.value("positions"), "reassign");
    EXPECT_NEAR(best.value, 0.11 + 0.02, 1e-6) << "the mean of 0 to 4 hundredths comes on top";
    EXPECT_DOUBLE_EQ(best.stored, 64);
    EXPECT_NEAR(tuning.searched.gain, 0.33 - 0.11, 1e-6);
    EXPECT_EQ(tuning.searched.steps, static_cast<std::size_t>(kTokens - 64));
    std::vector<std::string> sinks;
    for (const std::size_t index : tuning.curve(0))
        sinks.push_back(std::string(tuning.settings[index].spec.value("sinks")));
    EXPECT_THAT(sinks, ElementsAre("0", "1", "2", "4", "8", "12"));
}

TEST(Tuning, oneParameterAfterTheOtherFindsTheSame)
{
    TuneOptions options = optionsFor({"sinks=0-12", "positions"});
    const Tuning whole = tune(options, {}).value();
    options.most = whole.combinations - 1;
    options.together = 3;
    const Tuning turns = tune(options, {}).value();
    EXPECT_FALSE(turns.everything);
    EXPECT_TRUE(turns.settled);
    EXPECT_EQ(turns.settings[turns.best].spec, whole.settings[whole.best].spec);
    EXPECT_LT(turns.settings.size(), whole.settings.size());
    options.most = 3;
    const Tuning cut = tune(options, {}).value();
    EXPECT_FALSE(cut.settled);
    EXPECT_EQ(cut.settings.size(), 3U);
}

TEST(Tuning, higherIsBetterWhereTheMetricSaysSo)
{
    TuneOptions options = optionsFor({"sinks=0-12"});
    options.metric = &Metric::Mass;
    const Tuning tuning = tune(options, {}).value();
    EXPECT_EQ(tuning.settings[tuning.best].spec.whole("sinks"), 8);
    EXPECT_NEAR(tuning.searched.gain, 0.02, 1e-6) << "three sinks too few, one too many";
}

TEST(Tuning, whatIsHeldOutIsNotSearched)
{
    TuneOptions options = optionsFor({"sinks=0-12"});
    options.tokens = {kTokens, kTokens, kTokens};
    options.heldOut = 1;
    std::vector<std::size_t> pairs;
    options.judge = [&](std::size_t text, std::span<const PolicySpec> specs,
                        const JobContext&) -> Result<std::shared_ptr<const ReplayResult>> {
        if (text == 2)
            pairs.push_back(specs.size());
        return judged(specs, text == 2 ? 1.0 : 0.0);
    };
    const Tuning tuning = tune(options, {}).value();
    EXPECT_THAT(pairs, ElementsAre(2U)) << "start and best, once";
    ASSERT_TRUE(tuning.heldOut);
    EXPECT_EQ(tuning.heldOut->texts, 1U);
    EXPECT_NEAR(tuning.heldOut->start, 1.33 + 0.02, 1e-5);
    EXPECT_NEAR(tuning.heldOut->gain, 0.02, 1e-5);
    ASSERT_TRUE(tuning.heldOut->interval);
    EXPECT_NEAR(tuning.heldOut->interval->low, 0.02, 1e-5) << "every step gains as much";
    EXPECT_EQ(tuning.searched.texts, 2U);
    EXPECT_LT(tuning.settings[tuning.best].value, 1);
}

TEST(Tuning, leavesOutWhatThePolicyDoesNotAllow)
{
    const TuneOptions options = optionsFor({"sinks=0-80"});
    const Tuning tuning = tune(options, {}).value();
    EXPECT_EQ(tuning.refused, 1U) << "80 sinks in 64 slots";
    EXPECT_EQ(tuning.settings.size() + tuning.refused, tuning.combinations);
}

TEST(Tuning, saysWhatIsMissing)
{
    TuneOptions options = optionsFor({"sinks=0-12"});
    options.metric = &Metric::Loss;
    EXPECT_THAT(tune(options, {}).error().message, HasSubstr("no loss"));
    options.metric = &Metric::Error;
    options.tokens = {kTokens, 64};
    options.heldOut = 1;
    EXPECT_THAT(tune(options, {}).error().message, HasSubstr("text 2 has 64 tokens"));
    options.tokens = {kTokens};
    options.heldOut = 0;
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(tune(options, JobContext(stop.get_token())).error().code, ErrorCode::Cancelled);
}

TEST(Tuning, tablesHoldEverySetting)
{
    const Tuning tuning = tune(optionsFor({"sinks=0/4/8"}), {}).value();
    const std::string csv = csvText(tuningTables(tuning), {});
    EXPECT_THAT(csv, HasSubstr("policy,sinks,value,slots"));
    EXPECT_THAT(csv, HasSubstr("# searched_gain: 0.02"));
    EXPECT_THAT(csv, HasSubstr(",8,0.33"));
}
