// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/figures/figure_catalog.h"

#include "core/analysis/comparison.h"
#include "core/analysis/curves.h"
#include "core/analysis/figures/attention.h"
#include "core/analysis/figures/mass.h"
#include "core/analysis/figures/retention.h"
#include "core/analysis/retention.h"
#include "core/analysis/step_pictures.h"
#include "core/analysis/wavelet/contribution.h"
#include "core/io/npz.h"
#include "tests/support/synthetic_replay.h"
#include "tests/support/synthetic_trace.h"

#include <gmock/gmock.h>

#include <fstream>

namespace winnow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::TemporaryFolder;

/// Two tokens leave one lane: token 0 at step 2, token 1 at step 3; the other lane keeps everything.
std::shared_ptr<const ReplayResult> tinyReplay()
{
    auto policy = std::make_shared<PolicyReplay>();
    policy->spec.name = "window";
    policy->spec.values = {{"budget", "2"}};
    policy->layers = 1;
    policy->lanes = 2;
    policy->tokens = 4;
    policy->stepsDone = 4;
    policy->budget = 2;
    policy->evictStep = {2, 3, -1, -1, -1, -1, -1, -1};
    policy->mass = {1, 1, 0.5F, 0.25F, 1, 1, 1, 0.75F};
    policy->error = {0, 0, 0.5F, 0.5F, 0, 0, 0, 0.25F};
    policy->oracleMass = {1, 1, 0.75F, 0.5F, 1, 1, 1, 1};
    policy->occupancy = {1, 2, 2, 2, 1, 2, 3, 4};
    auto replay = std::make_shared<ReplayResult>();
    replay->tokenIds = {7, 8, 9, 10};
    replay->layers = {Layer{0}};
    replay->slotBytes = {8};
    replay->manifest = {{"model", "tiny"}};
    replay->policies = {policy};
    return replay;
}

std::string textOf(const std::filesystem::path& path)
{
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Figures, sayWhatEveryPolicyStoresAndWhoStoresMoreThanWasAskedFor)
{
    const auto figure = [](const std::shared_ptr<const ReplayResult>& replay) {
        return *makeFigure("mass", {.replays = {replay}}, {}, {});
    };
    const Figure asked = figure(tinyReplay()); // one lane holds 1, 2, 2, 2, the other 1, 2, 3, 4: 2.125 of 2
    EXPECT_EQ(asked.manifest.at("stored.0"),
              "2 slots asked for; 2.1 stored per lane, mean over the steps from 0 on; 48 bytes after the last step");
    EXPECT_THAT(asked.caption, HasSubstr("; Window 2 stores 2.1 slots a lane on average"));
    EXPECT_EQ(asked.manifest.at("caption"), asked.caption);
    auto fewer = std::make_shared<ReplayResult>(*tinyReplay());
    auto policy = std::make_shared<PolicyReplay>(*fewer->policies.front());
    policy->budget = 3;
    fewer->policies = {policy};
    EXPECT_THAT(figure(fewer).caption, testing::Not(HasSubstr("stores")));
    auto two = std::make_shared<ReplayResult>(*tinyReplay());
    two->policies.push_back(policy);
    const Figure second = *makeFigure("mass", {.replays = {two}}, {.policies = {2}}, {}); // counted from 1
    EXPECT_FALSE(second.manifest.contains("stored.0"));
    EXPECT_TRUE(second.manifest.contains("stored.1"));
}

TEST(Figures, refuseLanesAndMetricsThatTheReplayDoesNotHave)
{
    const auto said = [](const char* name, const FigureOptions& options) {
        const auto figure = makeFigure(name, {.replays = {tinyReplay()}}, options, {});
        return figure ? std::string() : figure.error().message;
    };
    for (const char* name : {"mass", "retention", "sweep", "kept", "distance", "layers", "text", "jaccard"})
        for (const Lane lane : {Lane{1, 0}, Lane{0, 2}, Lane{0, -1}})
            EXPECT_THAT(said(name, {.lanes = {lane}}), HasSubstr(fmt::format("there is no lane {}.{}", lane.layer, lane.head)))
                << name;
    for (const char* name : {"mass", "sweep"})
        EXPECT_THAT(said(name, {.metric = "loss"}), HasSubstr("a replay has no loss")) << name;
    EXPECT_EQ(said("mass", {.lanes = {{0, 1}}}), "");
}

TEST(QualityCurves, areMeansLeastAndMostOfTheLanes)
{
    const auto curves = qualityCurves(*tinyReplay(), Metric::Mass, {}, {});
    ASSERT_TRUE(curves);
    ASSERT_EQ(curves->lines.size(), 1U);
    EXPECT_THAT(curves->lines[0].mean, ElementsAre(1, 1, 0.75, 0.5));
    EXPECT_THAT(curves->lines[0].least, ElementsAre(1, 1, 0.5, 0.25));
    EXPECT_THAT(curves->lines[0].most, ElementsAre(1, 1, 1, 0.75));
    EXPECT_EQ(curves->range, (StepSpan{2, 4})); // from the step of the budget on
    EXPECT_EQ(curves->lines[0].average, 0.625);
}

TEST(QualityCurves, knowRegretAndSlotsAndOneLaneAlone)
{
    EXPECT_THAT(qualityCurves(*tinyReplay(), Metric::Regret, {}, {})->lines[0].mean, ElementsAre(0, 0, 0.125, 0.25));
    EXPECT_THAT(qualityCurves(*tinyReplay(), Metric::Slots, {.lanes = {{0, 1}}}, {})->lines[0].mean, ElementsAre(1, 2, 3, 4));
    EXPECT_EQ(qualityCurves(*tinyReplay(), Metric::Mass, {.steps = StepSpan{0, 2}}, {})->lines[0].average, 1);
}

TEST(QualityCurves, areEmptyBeyondTheStepsDone)
{
    auto replay = std::make_shared<ReplayResult>(*tinyReplay());
    auto policy = std::make_shared<PolicyReplay>(*replay->policies[0]);
    policy->stepsDone = 2;
    replay->policies = {policy};
    const auto curves = qualityCurves(*replay, Metric::Mass, {}, {});
    EXPECT_TRUE(std::isnan(curves->lines[0].mean[2]));
    EXPECT_EQ(curves->lines[0].mean[1], 1);
}

TEST(LayerCurves, areMeansLeastAndMostOfALayersLanes)
{
    auto replay = std::make_shared<ReplayResult>(*tinyReplay());
    auto policy = std::make_shared<PolicyReplay>(*replay->policies[0]);
    policy->layers = 2; // the second layer is the first one's last lane, twice
    for (auto* values : {&policy->mass, &policy->error, &policy->oracleMass}) {
        std::vector<float> longer(values->begin(), values->end());
        for (int lane = 0; lane < 2; ++lane)
            longer.insert(longer.end(), values->begin() + 4, values->begin() + 8);
        *values = longer;
    }
    policy->evictStep = {2, 3, -1, -1, -1, -1, -1, -1, /**/ -1, -1, -1, -1, -1, -1, -1, -1};
    policy->occupancy = {1, 2, 2, 2, 1, 2, 3, 4, /**/ 1, 2, 3, 4, 1, 2, 3, 4};
    replay->policies = {policy};
    replay->layers = {Layer{3}, Layer{5}};
    const auto curves = layerCurves(*replay, Metric::Slots, {.steps = StepSpan{3, 4}}, {});
    ASSERT_TRUE(curves) << curves.error().message;
    EXPECT_THAT(curves->layers, ElementsAre(3, 5));
    EXPECT_THAT(curves->lines[0].mean, ElementsAre(3, 4));
    EXPECT_THAT(curves->lines[0].least, ElementsAre(2, 4));
    EXPECT_THAT(curves->lines[0].most, ElementsAre(4, 4));
    const auto chosen = layerCurves(*replay, Metric::Slots, {.lanes = {{1, 0}}, .steps = StepSpan{3, 4}}, {});
    EXPECT_TRUE(std::isnan(chosen->lines[0].mean[0]));
}

TEST(DistanceCurves, fallWithDistanceForAWindow)
{
    const auto replay = test::syntheticReplay({.tokens = 256, .budget = 32, .policies = 6});
    const auto curves = distanceCurves(*replay, {.policies = {4}}, {});
    ASSERT_TRUE(curves) << curves.error().message;
    EXPECT_EQ(curves->unit, 16);
    const auto& line = curves->lines[0];
    for (std::size_t i = 0; i < line.distance.size(); ++i) {
        const double expected = line.distance[i] < 28 ? 1 : line.distance[i] > 40 ? 0 : line.share[i]; // bins near 32 hold both
        EXPECT_EQ(line.share[i], expected) << line.distance[i];
    }
}

TEST(FigureCatalog, namesTheNearestRightFigure)
{
    EXPECT_EQ(figureCatalog().size(), 24U);
    for (const FigureKind& kind : figureCatalog())
        EXPECT_EQ(*findFigure(kind.name), &kind);
    EXPECT_EQ(findFigure("treekv2").error().message,
              "there is no figure 'treekv2'; the nearest is 'treekv-2' (see `winnow figure --list`)");
}

TEST(MakeFigure, saysWhatItNeeds)
{
    EXPECT_THAT(makeFigure("mass", {}, {}, {}).error().message, HasSubstr("needs a replay"));
    EXPECT_THAT(makeFigure("treekv-2", {}, {}, {}).error().message, HasSubstr("needs a recording"));
    const FigureInputs inputs{.replays = {tinyReplay()}};
    EXPECT_THAT(makeFigure("mass", inputs, {.metric = "mas"}, {}).error().message, HasSubstr("choose " + metricNames()));
    EXPECT_THAT(makeFigure("mass", inputs, {.policies = {2}}, {}).error().message, HasSubstr("policy number 2 does not exist"));
    EXPECT_THAT(makeFigure("retention", inputs, {.tokenRange = IntRange{0, 4}}, {}).error().message, HasSubstr("inside 0-3"));
}

TEST(MakeFigure, putsThePoliciesOfSeveralReplaysSideBySide)
{
    auto other = std::make_shared<ReplayResult>(*tinyReplay());
    auto policy = std::make_shared<PolicyReplay>(*other->policies[0]);
    policy->evictStep[0] = 3;
    other->policies = {policy, tinyReplay()->policies[0]};
    const auto figure = makeFigure("mass", {.replays = {tinyReplay(), other}}, {}, {});
    ASSERT_TRUE(figure);
    EXPECT_EQ(figure->numbers.as<MassPicture>().curves.lines.size(), 2U); // the one that is in both stands once
    EXPECT_THAT(figure->caption, HasSubstr("open loop"));
    other->tokenIds[0] = 1;
    EXPECT_THAT(makeFigure("mass", {.replays = {tinyReplay(), other}}, {}, {}).error().message,
                HasSubstr("not replays of one trace: the second has another text"));
}

TEST(MakeFigure, givesEveryAttentionPairOfTheRange)
{
    const auto synthetic = testing_support::makeSynthetic({.tokens = 12});
    const TemporaryFolder folder;
    const FigureInputs inputs{.traces = {openSynthetic(synthetic, folder)}};
    const auto figure =
        makeFigure("attention", inputs, {.layer = 1, .head = 3, .queries = IntRange{4, 11}, .keys = IntRange{2, 6}}, {});
    ASSERT_TRUE(figure) << figure.error().message;
    const auto& picture = figure->numbers.as<AttentionPicture>();
    ASSERT_EQ(picture.tile.rows, 8);
    ASSERT_EQ(picture.tile.columns, 5);
    for (int r = 0; r < 8; ++r)
        for (int c = 0; c < 5; ++c)
            EXPECT_NEAR(picture.tile.values[r * 5 + c], synthetic.attention[1][(3 * 12 + 4 + r) * 12 + 2 + c], 1e-5);
    ASSERT_TRUE(writeFigureNumbers(*figure, folder / "a.npz"));
    const auto npz = readNpz(folder / "a.npz");
    EXPECT_THAT(npz->shape("attention").value(), ElementsAre(8, 5));
    EXPECT_THAT(npz->numbers<std::int32_t>("queries").value(), ElementsAre(4, 5, 6, 7, 8, 9, 10, 11));
    EXPECT_THAT(npz->numbers<std::int32_t>("keys").value(), ElementsAre(2, 3, 4, 5, 6));
    EXPECT_THAT(makeFigure("attention", inputs, {.layer = 2}, {}).error().message, HasSubstr("layer 2 is not in"));
}

TEST(MakeFigure, tellsWhatAPolicyHasLostOfTheAttentionAndListsTheRowOfAStep)
{
    const TemporaryFolder folder;
    const auto synthetic = testing_support::makeSynthetic({.layers = 2, .queryHeads = 4, .keyHeads = 2, .tokens = 48});
    const auto trace = testing_support::openSynthetic(synthetic, folder);
    auto replay = std::make_shared<ReplayResult>(
        *test::syntheticReplay({.tokens = 48, .layers = 2, .lanes = 2, .budget = 8, .policies = 3}));
    replay->tokenIds = trace->info().tokens;
    replay->layers = trace->info().layers;
    const FigureOptions options{.steps = {40}, .layer = 1, .head = 3, .queries = IntRange{30, 47}, .lostBy = 2};
    const auto figure = makeFigure("attention", {.traces = {trace}, .replays = {replay}}, options, {});
    ASSERT_TRUE(figure) << figure.error().message;
    const auto& picture = figure->numbers.as<AttentionPicture>();
    const PolicyReplay& policy = *replay->policies[1];
    double lost = 0;
    for (int token = 0; token < 48; ++token) {
        const int left = policy.evictStep[policy.index(1, 1, token)];
        EXPECT_EQ(picture.lost[10 * 48 + token], left >= 0 && left < 40) << token;
        lost += token <= 40 && !policy.attends(1, 1, token, 40) ? synthetic.attention[1][(3 * 48 + 40) * 48 + token] : 0;
    }
    EXPECT_GT(lost, 0);
    ASSERT_TRUE(writeFigureNumbers(*figure, folder / "a.npz"));
    const auto npz = readNpz(folder / "a.npz");
    EXPECT_THAT(npz->shape("lost").value(), ElementsAre(18, 48));
    EXPECT_NEAR(npz->numbers<double>("row_lost_share").value().front(), lost, 1e-5);
    EXPECT_THAT(npz->shape("row_tokens").value(), ElementsAre(41)) << "every token that the step reads";
    const std::string csv = csvText(figure->numbers.tables(), figure->manifest);
    EXPECT_THAT(csv, HasSubstr("# step: 40\n"));
    EXPECT_THAT(csv, HasSubstr("# lost at the step: 0."));
    EXPECT_THAT(csv, HasSubstr("\ntoken,text,share,lost,left_at\n"));
    EXPECT_THAT(figure->caption, HasSubstr("orange: lost by "));
    EXPECT_EQ(needsOf(**findFigure("attention"), options), FigureNeeds::Both);
    EXPECT_EQ(needsOf(**findFigure("attention"), {}), FigureNeeds::Trace);
    EXPECT_THAT(makeFigure("attention", {.traces = {trace}}, options, {}).error().message, HasSubstr("needs a replay"));
    EXPECT_THAT(makeFigure("attention", {.traces = {trace}, .replays = {replay}}, {.lostBy = 4}, {}).error().message,
                HasSubstr("policy number 4 does not exist"));
    EXPECT_THAT(checkOptions(**findFigure("attention"), {.scale = "rank"}).error().message, HasSubstr("is linear or log"));
}

TEST(MakeFigure, writesThePlatesOfTheMapsBesideTheLifetimes)
{
    auto replay = std::make_shared<ReplayResult>(*tinyReplay());
    auto policy = std::make_shared<PolicyReplay>(*replay->policies[0]);
    policy->evictStep = {-1, -1, -1, -1, -1, -1, -1, -1};
    policy->mass = {1, 1, 1, 1, 1, 1, 1, 1};
    replay->policies.push_back(policy);
    FigureOptions options{.against = {.policy = 2, .difference = true}, .meanSteps = IntRange{2, 3}};
    const auto figure = makeFigure("retention", {.replays = {replay}}, options, {});
    ASSERT_TRUE(figure) << figure.error().message;
    const std::string csv = csvText(figure->numbers.tables(), figure->manifest);
    EXPECT_THAT(csv, HasSubstr("# mean_steps: 2 3\n"));
    EXPECT_THAT(csv, HasSubstr("\npolicy,slots,stored,mass,mass_at_step,jaccard\n"));
    EXPECT_THAT(csv, HasSubstr(",2,2.75,0.625,0.5,")) << "of slots 2, 2, 3, 4 and of mass 0.5, 0.25, 1, 0.75";
    EXPECT_THAT(csv, HasSubstr(",2,2.75,1,1,1\n")) << "the reference beside itself";
    options.meanSteps = IntRange{2, 4};
    EXPECT_THAT(makeFigure("retention", {.replays = {replay}}, options, {}).error().message,
                HasSubstr("choose a range inside 0-3"));
}

TEST(MakeFigure, writesWhatThePolicyListTellsBesideTheMaps)
{
    const FigureOptions options{.steps = {3}, .brush = IntRange{0, 1}};
    const auto figure = makeFigure("retention", {.replays = {tinyReplay()}}, options, {});
    ASSERT_TRUE(figure) << figure.error().message;
    const std::string csv = csvText(figure->numbers.tables(), {});
    EXPECT_THAT(csv, HasSubstr("\npolicy,slots,stored,mass,mass_at_step,kept_in_brush\n"));
    EXPECT_THAT(csv, HasSubstr(",0.5,0.5\n")) << "mass 0.25 and 0.75; one lane has lost both tokens, the other none";
    EXPECT_THAT(makeFigure("retention", {.replays = {tinyReplay()}}, {.brush = IntRange{2, 4}}, {}).error().message,
                HasSubstr("choose a range inside 0-3"));
}

TEST(MakeFigure, writesTheTableOfAllMetricsBehindTheCurves)
{
    const auto figure = makeFigure("mass", {.replays = {tinyReplay()}}, {.steps = {2}, .stepRange = IntRange{1, 3}}, {});
    ASSERT_TRUE(figure) << figure.error().message;
    const std::string csv = csvText(figure->numbers.tables(), {});
    EXPECT_THAT(csv, HasSubstr("# step: 2\n# mean_steps: 1 3\n"));
    EXPECT_THAT(csv, HasSubstr("policy,mean_mass,mean_error,mean_regret,mean_slots,mean_loss,mean_kl,worst_step,worst_mass,"
                               "logical_bytes,physical_bytes\n"));
    EXPECT_THAT(csv, HasSubstr(",3,0.5,40,48\n")) << "2 and 3 slots of 8 bytes, padded to 3";
    EXPECT_THAT(makeFigure("mass", {.replays = {tinyReplay()}}, {.focus = 2}, {}).error().message,
                HasSubstr("policy number 2 does not exist"));
}

TEST(MakeFigure, knowsTheSlidingWindowsWhereTheRecordingIsGiven)
{
    const TemporaryFolder folder;
    auto made = testing_support::makeSynthetic({.layers = 2, .tokens = 4});
    made.info.tokens = tinyReplay()->tokenIds;
    made.info.layerInfo[0].window = 2;
    const auto trace = openSynthetic(made, folder);
    const auto bytes = [&](const FigureInputs& inputs) {
        return makeFigure("kept", inputs, {.steps = {3}}, {})->numbers.as<KeptPicture>().rows[0].bytes;
    };
    EXPECT_EQ(bytes({.traces = {trace}, .replays = {tinyReplay()}})[1], kOutOfReach);
    EXPECT_NE(bytes({.replays = {tinyReplay()}})[1], kOutOfReach);
    const auto maps = makeFigure("retention", {.traces = {trace}, .replays = {tinyReplay()}}, {}, {});
    ASSERT_TRUE(maps) << maps.error().message;
    EXPECT_THAT(maps->numbers.as<RetentionPicture>().info->layers, ElementsAre(Layer{0})) << "those of the replay";
}

TEST(MakeFigure, setsTheSidesOfADifferenceBesideIt)
{
    auto replay = std::make_shared<ReplayResult>(*tinyReplay());
    replay->policies.push_back(std::make_shared<PolicyReplay>(*replay->policies[0]));
    const auto sides = [&](std::vector<int> policies) {
        return makeFigure("retention", {.replays = {replay}},
                          {.policies = std::move(policies), .against = {.policy = 2, .difference = true}, .sides = true}, {});
    };
    EXPECT_THAT(sides({1})->numbers.as<RetentionPicture>().policies, ElementsAre(0, 1));
    EXPECT_THAT(sides({}).error().message, HasSubstr("--sides are of one policy beside another"));
    EXPECT_THAT(sides({2}).error().message, HasSubstr("--sides are of one policy beside another"));
}

TEST(MakeFigure, smoothsTheLinesOfAMetricAsTheWindowDoes)
{
    const auto csv = [](const FigureOptions& options) {
        const auto figure = makeFigure("mass", {.replays = {tinyReplay()}}, options, {});
        return csvText(figure->numbers.tables(), figure->manifest) + figure->caption;
    };
    EXPECT_THAT(csv({.smooth = 3}), HasSubstr("policy,step,mean,least,most,smooth\n"));
    EXPECT_THAT(csv({.smooth = 3}), HasSubstr("all lanes, running mean of 3 steps"));
    EXPECT_THAT(csv({.smooth = -1}), HasSubstr("mean so far"));
    EXPECT_THAT(csv({}), HasSubstr("policy,step,mean,least,most\n"));
}

TEST(MakeFigure, takesALaneAsAllItsQueryHeads)
{
    const TemporaryFolder folder;
    const auto trace = openSynthetic(testing_support::makeSynthetic({.tokens = 20}), folder);
    const auto figure = makeFigure("wavelet", {.traces = {trace}}, {.lanes = {{1, 0}}}, {});
    ASSERT_TRUE(figure) << figure.error().message;
    EXPECT_EQ(figure->numbers.as<Contribution>().bands, contribution(*trace, {.heads = {{1, 0}, {1, 1}}}, {})->bands);
    EXPECT_THAT(makeFigure("wavelet", {.traces = {trace}}, {.lanes = {{1, 2}}}, {}).error().message,
                HasSubstr("lane 1.2 does not exist"));
}

TEST(MakeFigure, averagesSeveralRecordings)
{
    const TemporaryFolder folder;
    const auto a = openSynthetic(testing_support::makeSynthetic({.tokens = 40, .seed = 1}), folder, "a.h5");
    const auto b = openSynthetic(testing_support::makeSynthetic({.tokens = 36, .seed = 2}), folder, "b.h5");
    const auto figure = makeFigure("treekv-2", {.traces = {a, b}}, {}, {});
    ASSERT_TRUE(figure) << figure.error().message;
    const auto& mean = figure->numbers.as<Contribution>();
    const auto first = *treekvFigure2(*a, {}, {}), second = *treekvFigure2(*b, {}, {});
    ASSERT_EQ(mean.positions, 36);
    for (int i = 0; i < 36; ++i)
        EXPECT_NEAR(mean.band(0)[i], (first.band(0)[i + 4] + second.band(0)[i]) / 2, 1e-12);
    EXPECT_EQ(figure->manifest.at("recordings"), "2");
}

TEST(FigureNumbers, asCsvBeginWithTheManifestAndQuotePolicyLines)
{
    const TemporaryFolder folder;
    auto replay = std::make_shared<ReplayResult>(*tinyReplay());
    auto policy = std::make_shared<PolicyReplay>(*replay->policies[0]);
    policy->spec.values.emplace_back("sinks", "1");
    replay->policies = {policy};
    const FigureInputs inputs{.replays = {replay}};
    ASSERT_TRUE(writeFigureNumbers(*makeFigure("mass", inputs, {}, {}), folder / "m.csv"));
    const std::string csv = textOf(folder / "m.csv");
    EXPECT_THAT(csv, HasSubstr("# loop: open\n# model: tiny\n"));
    EXPECT_THAT(csv, HasSubstr("policy,step,mean,least,most\n\"window:budget=2,sinks=1\",0,1,1,1\n"));
    ASSERT_TRUE(writeFigureNumbers(*makeFigure("retention", inputs, {.tokenRange = IntRange{1, 2}}, {}), folder / "r.csv"));
    EXPECT_THAT(textOf(folder / "r.csv"), HasSubstr("policy,layer,lane,token 1,token 2\n\"window:budget=2,sinks=1\",0,0,3,-1\n"));
    ASSERT_TRUE(writeFigureNumbers(*makeFigure("retention", inputs, {.tokenRange = IntRange{1, 2}}, {}), folder / "r.npz"));
    EXPECT_THAT(readNpz(folder / "r.npz")->shape("evict_step.0").value(), ElementsAre(1, 2, 2));
    EXPECT_THAT(writeFigureNumbers(*makeFigure("mass", inputs, {}, {}), folder / "m.txt").error().message,
                HasSubstr(".csv or .npz"));
}

TEST(MakeFigure, tellsWhatIsKeptAfterOneStep)
{
    const TemporaryFolder folder;
    const FigureInputs inputs{.replays = {tinyReplay()}};
    const auto figure = makeFigure("kept", inputs, {.steps = {2}, .tokenRange = IntRange{0, 2}}, {});
    ASSERT_TRUE(figure) << figure.error().message;
    const auto& picture = figure->numbers.as<KeptPicture>();
    EXPECT_THAT(picture.rows[0].share, ElementsAre(0.5, 1, 1)); // token 0 left one of two lanes
    ASSERT_TRUE(writeFigureNumbers(*figure, folder / "k.csv"));
    EXPECT_THAT(textOf(folder / "k.csv"), HasSubstr("# step: 2\npolicy,token,share,by_rule\nwindow:budget=2,0,0.5,"));
    ASSERT_TRUE(writeFigureNumbers(*figure, folder / "k.npz"));
    EXPECT_THAT(readNpz(folder / "k.npz")->numbers<double>("share").value(), ElementsAre(0.5, 1, 1));
    EXPECT_THAT(makeFigure("kept", inputs, {.lanes = {{0, 1}}}, {})->numbers.as<KeptPicture>().rows[0].share,
                ElementsAre(1, 1, 1, 1));
    EXPECT_EQ(makeFigure("kept", inputs, {}, {})->numbers.as<KeptPicture>().step, 3); // the last
    EXPECT_THAT(makeFigure("kept", inputs, {.steps = {4}}, {}).error().message, HasSubstr("steps 0 to 3"));
    EXPECT_THAT(makeFigure("kept", inputs, {.steps = {1, 2}}, {}).error().message, HasSubstr("give one"));
    EXPECT_THAT(makeFigure("text", inputs, {}, {}).error().message, HasSubstr("needs a recording"));
}

TEST(MakeFigure, shadesTheWordsOfTheReplaysOwnRecording)
{
    const TemporaryFolder folder;
    const auto trace = openSynthetic(testing_support::makeSynthetic({.tokens = 4}), folder);
    auto replay = std::make_shared<ReplayResult>(*tinyReplay());
    const FigureInputs inputs{.traces = {trace}, .series = {}, .replays = {replay}};
    EXPECT_THAT(makeFigure("text", inputs, {}, {}).error().message, HasSubstr("over other tokens than the replay"));
    replay->tokenIds = trace->info().tokens;
    const auto figure = makeFigure("text", inputs, {.steps = {3}}, {});
    ASSERT_TRUE(figure) << figure.error().message;
    EXPECT_THAT(figure->numbers.as<KeptPicture>().rows[0].share, ElementsAre(0.5, 0.5, 1, 1));
    ASSERT_TRUE(writeFigureNumbers(*figure, folder / "t.npz"));
    EXPECT_EQ(readNpz(folder / "t.npz")->strings("text")->size(), 4U);
}

TEST(MakeFigure, mapsAMetricOverLayersAndLanes)
{
    const TemporaryFolder folder;
    const FigureInputs inputs{.replays = {tinyReplay()}};
    const auto figure = makeFigure("lanes", inputs, {.metric = "error", .stepRange = IntRange{0, 3}}, {});
    ASSERT_TRUE(figure) << figure.error().message;
    EXPECT_THAT(figure->numbers.as<LanePicture>().panels[0].values, ElementsAre(0.25, 0.0625));
    ASSERT_TRUE(writeFigureNumbers(*figure, folder / "l.csv"));
    EXPECT_THAT(textOf(folder / "l.csv"),
                HasSubstr("policy,layer,lane,error\nwindow:budget=2,0,0,0.25\nwindow:budget=2,0,1,0.0625\n"));
    ASSERT_TRUE(writeFigureNumbers(*figure, folder / "l.npz"));
    EXPECT_THAT(readNpz(folder / "l.npz")->shape("error.0").value(), ElementsAre(1, 2));
}

TEST(MakeFigure, setsKeptTokensAgainstAPolicy)
{
    const auto replay = test::syntheticReplay({.tokens = 80, .layers = 1, .lanes = 2, .budget = 12, .policies = 3});
    FigureOptions options{.steps = {60}};
    options.against = {.policy = 2, .difference = true};
    const auto figure = makeFigure("kept", {.replays = {replay}}, options, {});
    ASSERT_TRUE(figure) << figure.error().message;
    const auto& picture = figure->numbers.as<KeptPicture>();
    EXPECT_TRUE(picture.rows[1].cells.empty()) << "the reference stays plain";
    for (int token = 0; token < 80; ++token) {
        double mine = 0, theirs = 0;
        for (int lane = 0; lane < 2; ++lane) {
            const bool here = replay->policies[2]->keeps(0, lane, token, 60),
                       there = replay->policies[1]->keeps(0, lane, token, 60);
            mine += (here && !there) / 2.0;
            theirs += (there && !here) / 2.0;
        }
        EXPECT_EQ(picture.rows[2].thisOnly[static_cast<std::size_t>(token)], mine) << token;
        EXPECT_EQ(picture.rows[2].referenceOnly[static_cast<std::size_t>(token)], theirs) << token;
    }
    const TemporaryFolder folder;
    ASSERT_TRUE(writeFigureNumbers(*figure, folder / "k.npz"));
    EXPECT_THAT(readNpz(folder / "k.npz")->shape("this_only").value(), ElementsAre(3, 80));
    EXPECT_THAT(figure->caption, HasSubstr("only, by H2O"));
    options.against.difference = false;
    EXPECT_THAT(makeFigure("retention", {.replays = {replay}}, options, {}).error().message,
                HasSubstr("--against-policy N and --difference stand together"));
    options.against = {.policy = 4, .difference = true};
    EXPECT_THAT(makeFigure("retention", {.replays = {replay}}, options, {}).error().message,
                HasSubstr("--against-policy is 4, but the replay holds the policies 1 to 3"));
}

TEST(MakeFigure, setsEveryTwoPoliciesAgainstEachOther)
{
    auto replay = std::make_shared<ReplayResult>(*tinyReplay());
    auto policy = std::make_shared<PolicyReplay>(*replay->policies[0]);
    policy->evictStep = {-1, -1, -1, -1, -1, -1, -1, -1};
    replay->policies = {replay->policies[0], policy, policy};
    const auto figure = makeFigure("jaccard", {.replays = {replay}}, {.steps = {2}, .policies = {1, 3}}, {});
    ASSERT_TRUE(figure) << figure.error().message;
    EXPECT_THAT(figure->numbers.as<Comparison>().jaccard,
                ElementsAre(1, (2.0 / 3 + 1) / 2, (2.0 / 3 + 1) / 2, 1)); // 2 of 3 tokens in one lane, all in the other
    const TemporaryFolder folder;
    ASSERT_TRUE(writeFigureNumbers(*figure, folder / "j.csv"));
    EXPECT_THAT(textOf(folder / "j.csv"), HasSubstr("# figure: jaccard\n"));
}

TEST(FigureArguments, areTheWordsThatMakeTheFigureAgain)
{
    EXPECT_THAT(figureArguments({"mass", {}}), ElementsAre("mass"));
    EXPECT_THAT(figureArguments(
                    {"mass", {.metric = "error", .policies = {1, 4}, .lanes = {{0, 2}, {3, 1}}, .stepRange = IntRange{10, 20}}}),
                ElementsAre("mass", "--metric", "error", "--policies", "1,4", "--lanes", "0.2,3.1", "--steps", "10-20"));
    EXPECT_THAT(
        figureArguments({"attention", {.layer = 2, .head = 1, .queries = IntRange{0, 9}, .scale = "log", .maskSinks = true}}),
        ElementsAre("attention", "--layer", "2", "--head", "1", "--queries", "0-9", "--scale", "log", "--mask-sinks"));
}

} // namespace
} // namespace winnow
