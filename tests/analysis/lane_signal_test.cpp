// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/wavelet/lane_signal.h"

#include "core/io/hdf5.h"
#include "tests/support/memory_trace.h"

#include <gmock/gmock.h>

#include <cmath>

namespace winnow {
namespace {

using testing::HasSubstr;
using testing_support::makeSynthetic;
using testing_support::openSynthetic;
using testing_support::SyntheticTrace;
using testing_support::TemporaryFolder;

// Rows of attention come from float32 queries, keys and normalizers: relative error of some 1e-6; signals are of order 1.
constexpr double kTolerance = 5e-6;

struct Seen {
    LaneSignal signal;
    std::vector<double> values;
};

std::vector<Seen> collect(const Trace& trace, const SignalRequest& request)
{
    std::vector<Seen> all;
    const auto plan = planSignals(trace, request);
    EXPECT_TRUE(plan) << plan.error().message;
    const auto done = visitSignals(trace, *plan, 3, {}, [&](std::span<const LaneSignal> some) {
        for (const LaneSignal& one : some)
            all.push_back({one, {one.values.begin(), one.values.end()}});
    });
    EXPECT_TRUE(done) << done.error().message;
    return all;
}

/// The definitions, one position at a time.
class Slow {
public:
    explicit Slow(const SyntheticTrace& trace) : m_trace(trace), m_tokens(static_cast<int>(trace.info.tokens.size())) {}

    double attention(QueryHead head, int step, int i) const
    {
        return m_trace.attention[head.layerIndex][(static_cast<std::size_t>(head.head) * m_tokens + step) * m_tokens + i];
    }
    double value(QueryHead head, int i, int c) const
    {
        const LayerInfo& layer = m_trace.info.layerInfo[head.layerIndex];
        return m_trace
            .v[head.layerIndex][(static_cast<std::size_t>(head.head / layer.group()) * m_tokens + i) * layer.headDim + c];
    }
    /// The output with the softmax over all tokens but `without`.
    std::vector<double> output(QueryHead head, int step, int without) const
    {
        std::vector<double> sum(static_cast<std::size_t>(m_trace.info.layerInfo[head.layerIndex].headDim));
        double total = 0;
        for (int i = 0; i <= step; ++i) {
            if (i == without)
                continue;
            total += attention(head, step, i);
            for (std::size_t c = 0; c < sum.size(); ++c)
                sum[c] += attention(head, step, i) * value(head, i, static_cast<int>(c));
        }
        for (double& one : sum)
            one /= total > 0 ? total : 1;
        return sum;
    }
    double signal(SignalKind kind, QueryHead head, int step, int i, int c) const
    {
        double sum = 0;
        switch (kind) {
        case SignalKind::Contribution:
            return attention(head, step, i) * value(head, i, c);
        case SignalKind::Attention:
            return attention(head, step, i);
        case SignalKind::ValueNorm:
            for (int k = 0; k < m_trace.info.layerInfo[head.layerIndex].headDim; ++k)
                sum += value(head, i, k) * value(head, i, k);
            return std::sqrt(sum);
        case SignalKind::LeaveOneOut: {
            const std::vector<double> with = output(head, step, -1), without = output(head, step, i);
            for (std::size_t k = 0; k < with.size(); ++k)
                sum += (with[k] - without[k]) * (with[k] - without[k]);
            return std::sqrt(sum);
        }
        case SignalKind::Accumulated:
            for (int s = 0; s <= step; ++s)
                sum += attention(head, s, i);
            return sum;
        }
        return 0;
    }

private:
    const SyntheticTrace& m_trace;
    int m_tokens;
};

class EverySignal : public testing::TestWithParam<SignalKind> {};

TEST_P(EverySignal, isWhatItsDefinitionSays)
{
    // A sliding window, grouped heads, more attention rows than are summed at once, steps out of order.
    for (const int window : {0, 9}) {
        const SyntheticTrace trace = makeSynthetic({.layers = 2,
                                                    .queryHeads = 4,
                                                    .keyHeads = 2,
                                                    .headDim = 4,
                                                    .tokens = 80,
                                                    .rotaryDims = 4,
                                                    .window = window,
                                                    .sharpness = 1.5F});
        const TemporaryFolder folder;
        const auto opened = openSynthetic(trace, folder);
        const Slow slow(trace);
        const std::vector<Seen> all =
            collect(*opened, {.heads = {{1, 3}, {0, 2}, {1, 2}}, .steps = {79, 20}, .window = 50, .kind = GetParam()});
        ASSERT_EQ(all.size(), 6U);
        double worst = 0;
        std::string where;
        for (const auto& [signal, values] : all) {
            EXPECT_EQ(signal.length, std::min(50, signal.step + 1));
            EXPECT_EQ(signal.first, signal.step + 1 - signal.length);
            EXPECT_EQ(signal.channels, GetParam() == SignalKind::Contribution ? 4 : 1);
            for (int i = 0; i < signal.length; ++i)
                for (int c = 0; c < signal.channels; ++c) {
                    const double wanted = slow.signal(GetParam(), signal.head, signal.step, signal.first + i, c);
                    const double off = std::abs(values[static_cast<std::size_t>(i) * signal.channels + c] - wanted);
                    if (off > worst) {
                        worst = off;
                        where = "step " + std::to_string(signal.step) + ", position " + std::to_string(signal.first + i);
                    }
                }
        }
        EXPECT_LT(worst, kTolerance * (GetParam() == SignalKind::Accumulated ? 80 : 1)) << where;
    }
}

INSTANTIATE_TEST_SUITE_P(Kinds, EverySignal, testing::ValuesIn([] {
                             std::vector<SignalKind> kinds;
                             for (const SignalInfo& info : signalCatalog())
                                 kinds.push_back(info.kind);
                             return kinds;
                         }()));

TEST(LaneSignal, ofTheOnlyTokenIsItsWholeOutput)
{
    const SyntheticTrace trace =
        makeSynthetic({.layers = 1, .queryHeads = 1, .keyHeads = 1, .headDim = 2, .tokens = 3, .rotaryDims = 0});
    const TemporaryFolder folder;
    const std::vector<Seen> all = collect(*openSynthetic(trace, folder), {.steps = {0}, .kind = SignalKind::LeaveOneOut});
    ASSERT_EQ(all.size(), 1U);
    EXPECT_NEAR(all[0].values.at(0), std::hypot(trace.v[0][0], trace.v[0][1]), kTolerance);
}

TEST(LaneSignal, visitsEveryStepAndHeadOnceInOrder)
{
    const TemporaryFolder folder;
    const std::vector<Seen> all = collect(*openSynthetic(makeSynthetic({.tokens = 12}), folder), {.steps = {11, 5}});
    ASSERT_EQ(all.size(), 2U * 2 * 4);
    for (std::size_t i = 1; i < all.size(); ++i) {
        const auto place = [](const Seen& one) {
            return std::tuple(one.signal.head.layerIndex, one.signal.step, one.signal.head.head);
        };
        EXPECT_LT(place(all[i - 1]), place(all[i]));
    }
}

TEST(LaneSignal, namesTheFirstNumberThatIsNone)
{
    SyntheticTrace trace =
        makeSynthetic({.layers = 2, .queryHeads = 2, .keyHeads = 1, .headDim = 2, .tokens = 6, .rotaryDims = 0});
    trace.v[1][3 * 2 + 1] = std::numeric_limits<float>::quiet_NaN();
    trace.v[1][4 * 2] = std::numeric_limits<float>::infinity();
    const testing_support::MemoryTrace opened(trace);
    const auto message = [&](SignalKind kind, int step) {
        const auto plan = planSignals(opened, {.steps = {step}, .kind = kind});
        const auto done = visitSignals(opened, *plan, 3, {}, [](auto) {});
        return done ? std::string() : done.error().message;
    };
    EXPECT_THAT(message(SignalKind::Contribution, 5),
                HasSubstr("not a number (NaN) at position 3 of layer 1, query head 0, step 5"));
    EXPECT_THAT(message(SignalKind::ValueNorm, 4), HasSubstr("at position 3"));
    EXPECT_EQ(message(SignalKind::Contribution, 2), ""); // before it
    EXPECT_EQ(message(SignalKind::Attention, 5), "");    // does not read values
}

TEST(LaneSignal, isNotMadeFromFilesThatHoldNumbersThatAreNone)
{
    for (const char* rows : {"q", "k", "v", "lse"}) {
        const TemporaryFolder folder;
        const SyntheticTrace trace =
            makeSynthetic({.layers = 1, .queryHeads = 2, .keyHeads = 1, .headDim = 2, .tokens = 6, .rotaryDims = 0});
        ASSERT_TRUE(testing_support::writeSynthetic(trace, folder / "t.h5"));
        {
            Hdf5File file = Hdf5File::open(folder / "t.h5", Hdf5File::Access::ReadWrite).value();
            Hdf5Dataset data = file.dataset(fmt::format("/layers/00000/{}", rows)).value();
            Hdf5Shape begin(data.shape().size(), 0), count(data.shape().size(), 1);
            begin[1] = 4;
            const float none = std::numeric_limits<float>::quiet_NaN();
            ASSERT_TRUE(data.write(begin, count, NumberType::Float32, &none));
        }
        const auto opened = Trace::open(folder / "t.h5").value();
        for (const SignalInfo& info : signalCatalog()) {
            const auto done = visitSignals(*opened, *planSignals(*opened, {.steps = {4}, .kind = info.kind}), 3, {}, [](auto) {});
            if (info.kind == SignalKind::ValueNorm && *rows != 'k' && *rows != 'v') {
                EXPECT_TRUE(done) << "reads no attention";
                continue;
            }
            ASSERT_FALSE(done) << rows << ", " << info.name;
            EXPECT_THAT(done.error().message, HasSubstr(fmt::format("/layers/00000/{}' holds nan at head 0, token 4", rows)));
        }
    }
}

TEST(LaneSignal, namesTheNearestKind)
{
    EXPECT_EQ(findSignal("leave-one-out").value(), SignalKind::LeaveOneOut);
    EXPECT_EQ(findSignal("atention").error().message, "there is no signal 'atention'; the nearest is 'attention'");
    for (const SignalInfo& info : signalCatalog())
        EXPECT_EQ(&signalInfo(info.kind), &info);
}

} // namespace
} // namespace winnow
