// SPDX-License-Identifier: GPL-3.0-or-later
// Scores at the end of the prompt are asked for, layer after layer, and waited for together: by tensors, and by a GPU.
#include "core/replay/prompt_stage.h"

#include "core/replay/device_columns.h"
#include "tests/replay/on_stand_in.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>

namespace winnow {
namespace {

using namespace testing_support;

/// Lines of the catalog with a scorer at the prompt's end.
std::vector<std::string> promptLines()
{
    std::vector<std::string> lines;
    for (const PolicyInfo& info : policyCatalog())
        if (info.name != "given" && recipeOf(resolved(*parsePolicySpec(lineOf(info)), kShape.tokens)).promptScorer)
            lines.push_back(lineOf(info));
    const auto& bases = findPolicy("adakv")->parameters;
    for (const ParameterSpec& parameter : bases)
        if (parameter.id == "base")
            for (const auto base : parameter.choices)
                lines.push_back(fmt::format("adakv:budget=24,window=6,base={}", base));
    return lines;
}

/// As many layers as the table of head scores has.
MemoryTrace promptTrace()
{
    SyntheticOptions shape = kShape;
    shape.layers = 4;
    return MemoryTrace(makeSynthetic(shape));
}

ReplayPlan planOf(const Trace& trace, const std::string& line)
{
    const auto spec = parsePolicySpec(line);
    EXPECT_TRUE(spec) << spec.error().message;
    auto plan = planReplay(trace.info(), std::span(&*spec, 1), {.prompt = kPrompt});
    EXPECT_TRUE(plan) << plan.error().message;
    return std::move(*plan);
}

/// Whether a number that is on the tensors' device is looked at while the layers of a prompt are scored. "meta" is a device of
/// LibTorch whose tensors have a shape and no numbers, so that a look throws.
bool looksAtTheDevice(const Trace& trace, const std::string& line)
{
    ReplayPlan plan = planOf(trace, line);
    PromptStage stage(plan, {.tensors = "meta"});
    try {
        for (std::size_t layer = 0; layer < plan.layers.size(); ++layer)
            EXPECT_TRUE(stage.score(trace, {}));
    } catch (const c10::Error& error) {
        EXPECT_THAT(error.what_without_backtrace(), testing::HasSubstr("Cannot copy out of meta tensor")) << line;
        return true;
    }
    return false;
}

/// Teaches LibTorch, as long as the answer lives, the shapes that an operation makes on that device.
template <class Shapes>
c10::RegistrationHandleRAII taught(const char* operation, const char* overload, Shapes* shapes)
{
    return c10::Dispatcher::singleton().registerImpl({operation, overload}, c10::DispatchKey::Meta,
                                                     c10::KernelFunction::makeFromUnboxedRuntimeFunction(shapes), std::nullopt,
                                                     nullptr, "of a test");
}
at::Tensor oneNumber(const at::Tensor& of) { return at::empty({}, of.options()); }
at::Tensor reduced(const at::Tensor& of, at::OptionalIntArrayRef dimensions, const std::optional<at::Scalar>&, bool keeps)
{
    return of.sum(dimensions, keeps);
}

TEST(PromptStage, looksAtNoNumberOfADeviceButInPartsOfTheHost)
{
    const auto largest = taught("aten::max", "", oneNumber), variance = taught("aten::var", "correction", reduced),
               deviation = taught("aten::std", "correction", reduced);
    const MemoryTrace trace = promptTrace();
    std::vector<std::string> looking;
    for (const std::string& line : promptLines())
        if (looksAtTheDevice(trace, line))
            looking.push_back(line);
    const auto withBase = [](const char* base) { return testing::EndsWith(fmt::format(",base={}", base)); };
    EXPECT_THAT(looking, testing::ElementsAre(testing::StartsWith("criticaladakv:"), // divides its slots between the two choices
                                              testing::StartsWith("qfilter:"),
                                              testing::StartsWith("compactor:"), // these two: algebra by Eigen
                                              testing::StartsWith("cam:"),       // draws what goes into what
                                              withBase("qfilter"), withBase("leverage"), withBase("compactor")));
}

TEST(PromptStage, decidesTheSameHoweverManyScoresAreFetchedTogether)
{
    const MemoryTrace trace = promptTrace();
    for (const std::string& line : promptLines()) {
        SCOPED_TRACE(line);
        ReplayPlan together = planOf(trace, line), oneByOne = planOf(trace, line);
        ASSERT_TRUE(decidePrompts(trace, together, {}, {}));
        ASSERT_TRUE(decidePrompts(trace, oneByOne, {.together = 0}, {}));
        const PolicyPlan &a = together.policies[0], &b = oneByOne.policies[0];
        EXPECT_EQ(a.slots, b.slots);
        ASSERT_EQ(a.decision == nullptr, b.decision == nullptr);
        for (std::size_t unit = 0; a.decision && unit < a.decision->units.size(); ++unit) {
            EXPECT_EQ(a.decision->units[unit].victims, b.decision->units[unit].victims);
            EXPECT_THAT(a.decision->units[unit].scores,
                        testing::Pointwise(testing::NanSensitiveDoubleEq(), b.decision->units[unit].scores));
        }
    }
}

TEST(PromptStage, saysWhichScoreIsMissingThoughManyAreFetchedTogether)
{
    SyntheticTrace rows = promptTrace().synthetic();
    for (float& value : rows.k[2])
        value = std::numeric_limits<float>::quiet_NaN();
    const MemoryTrace trace(std::move(rows));
    ReplayPlan plan = planOf(trace, "knorm:budget=24");
    const auto decided = decidePrompts(trace, plan, {}, {});
    ASSERT_FALSE(decided);
    EXPECT_THAT(decided.error().message, testing::StartsWith("policy 'knorm' finds no score for token 0 in layer 2: "));
}

/// The layers of `trace`, whole.
std::vector<LayerTokens> wholeLayers(const Trace& trace)
{
    std::vector<LayerTokens> layers;
    for (int layer = 0; layer < static_cast<int>(trace.info().layers.size()); ++layer)
        layers.push_back({layer, 0, trace.tokenCount()});
    return layers;
}

std::vector<std::vector<double>> takenFrom(ReceivedByGpu& received, int layers)
{
    std::vector<std::vector<double>> all;
    for (int layer = 0; layer < layers; ++layer) {
        auto sums = received.take(layer);
        EXPECT_TRUE(sums && *sums);
        all.push_back(sums && *sums ? std::move(**sums) : std::vector<double>());
    }
    return all;
}

TEST(ReceivedByGpu, waitsOnceForAsManyLayersAsThereIsRoomFor)
{
    const MemoryTrace trace = promptTrace();
    const std::uint64_t bytes = ReceivedByGpu::bytes(trace.info().layerInfo[0], kShape.tokens);
    std::vector<std::vector<double>> expected;
    for (const auto& [uploads, launched] : paces())
        for (const auto& [room, waits] :
             {std::pair(4 * bytes, 1), {4 * bytes - 1, 2}, {2 * bytes, 2}, {bytes, 4}, {std::uint64_t{0}, 4}}) {
            StandInGpu gpu;
            gpu.uploads = uploads;
            gpu.launched = launched;
            ColumnsGpu on{.gpu = gpu.open(), .room = room};
            const JobContext job;
            ReceivedByGpu received(on, trace, wholeLayers(trace), job);
            const auto taken = takenFrom(received, 4);
            if (expected.empty())
                expected = taken;
            EXPECT_EQ(taken, expected);
            EXPECT_EQ(gpu.waits, launched == Pace::Late ? waits : 0);
            EXPECT_LE(gpu.most(), std::max(room, bytes));
            EXPECT_EQ(gpu.used(), 0U);
            EXPECT_THAT(on.notes, testing::IsEmpty());
        }
}

TEST(ReceivedByGpu, takesFewerLayersAtOnceWhereMemoryRunsOutAndSaysSo)
{
    const MemoryTrace trace = promptTrace();
    const std::uint64_t bytes = ReceivedByGpu::bytes(trace.info().layerInfo[0], kShape.tokens);
    StandInGpu whole, small;
    small.memory = 3 * bytes - 1;
    const JobContext job;
    ColumnsGpu onWhole{.gpu = whole.open(), .room = 4 * bytes}, onSmall{.gpu = small.open(), .room = 4 * bytes};
    ReceivedByGpu expected(onWhole, trace, wholeLayers(trace), job), received(onSmall, trace, wholeLayers(trace), job);
    EXPECT_EQ(takenFrom(received, 4), takenFrom(expected, 4));
    EXPECT_THAT(onSmall.notes, testing::ElementsAre("the memory of stand-in (cuda:1) ran out with the prompts of 3 layers at "
                                                    "once, so it took 2"));
    EXPECT_EQ(small.used(), 0U);
}

TEST(ReceivedByGpu, keepsTheLayersThatAreDoneWhereTheGpuIsLost)
{
    const MemoryTrace trace = promptTrace();
    const JobContext job;
    for (const bool mayFail : {true, false}) {
        StandInGpu gpu;
        gpu.lostAfterDownloads = 2; // of four layers that were asked for together
        ColumnsGpu on{.gpu = gpu.open(), .mayFail = mayFail, .room = 1 << 30};
        ReceivedByGpu received(on, trace, wholeLayers(trace), job);
        const auto first = received.take(0);
        EXPECT_EQ(first.has_value(), mayFail);
        if (!mayFail) {
            EXPECT_THAT(first.error().message, testing::HasSubstr("was lost"));
            continue;
        }
        EXPECT_TRUE(first->has_value());
        EXPECT_TRUE(received.take(1)->has_value());
        EXPECT_FALSE(received.take(2)->has_value()); // the tensors' device does these
        EXPECT_FALSE(received.take(3)->has_value());
        ASSERT_EQ(on.notes.size(), 1U);
        EXPECT_THAT(on.notes[0],
                    testing::AllOf(testing::HasSubstr("was lost"), testing::EndsWith("; the CPU scored the prompt")));
    }
}

TEST(ReceivedByGpu, stopsWhenAsked)
{
    const MemoryTrace trace = promptTrace();
    StandInGpu gpu;
    ColumnsGpu on{.gpu = gpu.open(), .mayFail = true, .room = 1 << 30};
    std::stop_source stop;
    stop.request_stop();
    const JobContext job(stop.get_token(), {});
    ReceivedByGpu received(on, trace, wholeLayers(trace), job);
    const auto taken = received.take(0);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, ErrorCode::Cancelled);
}

} // namespace
} // namespace winnow
