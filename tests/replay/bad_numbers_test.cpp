// SPDX-License-Identifier: GPL-3.0-or-later
// No number that is none reaches a policy, and no size that a file claims is believed.
#include "core/io/hdf5.h"
#include "core/replay/check_policy.h"
#include "core/replay/most_lanes.h"
#include "core/replay/replay.h"
#include "tests/replay/engines.h"
#include "tests/support/memory_trace.h"

#include <gmock/gmock.h>

namespace winnow {
namespace {

using namespace testing_support;
using testing::HasSubstr;

/// What a replay of `line` says; "" when it goes well.
std::string replayMessage(const Trace& trace, const std::string& line, Engine engine)
{
    const auto spec = parsePolicySpec(line);
    EXPECT_TRUE(spec) << line;
    const auto result = replay(trace, std::span(&*spec, 1), on(engine, {.prompt = 20}), {});
    return result ? "" : result.error().message;
}

TEST(BadNumbers, inATraceAreNamedInsteadOfReplayed)
{
    const SyntheticTrace made =
        makeSynthetic({.layers = 2, .queryHeads = 4, .keyHeads = 2, .tokens = 30, .valueOutputNorm = true});
    for (const char* rows : {"q", "k", "v", "o", "lse", "vo_norm"})
        for (const float none : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), 3e38F}) {
            const TemporaryFolder folder;
            ASSERT_TRUE(writeSynthetic(made, folder / "t.h5"));
            {
                Hdf5File file = Hdf5File::open(folder / "t.h5", Hdf5File::Access::ReadWrite).value();
                Hdf5Dataset data = file.dataset(fmt::format("/layers/00001/{}", rows)).value();
                Hdf5Shape begin(data.shape().size(), 0), count(data.shape().size(), 1);
                begin[1] = 17;
                ASSERT_TRUE(data.write(begin, count, NumberType::Float32, &none));
            }
            const auto trace = Trace::open(folder / "t.h5").value();
            for (const char* line :
                 {"full", "h2o:budget=8", "treekv:budget=12", "snapkv:budget=12,window=4", "criticalkv:budget=12,window=4",
                  "expected-attention:budget=12", "quest:budget=8,page=2", "future:budget=8"})
                for (const Engine engine : kEngines) {
                    const std::string said = replayMessage(*trace, line, engine);
                    if (std::string_view(rows) == "vo_norm" && !std::string_view(line).starts_with("critical")) {
                        EXPECT_EQ(said, "") << line << " does not read it";
                    } else {
                        EXPECT_THAT(
                            said, HasSubstr(fmt::format("/layers/00001/{}' holds {} at head 0, token 17; expected", rows, none)))
                            << line;
                    }
                }
        }
}

TEST(BadNumbers, ofLayersAndLanesAreNotBelieved)
{
    SyntheticTrace made = makeSynthetic({.layers = 1, .tokens = 6});
    made.info.config = R"({"num_hidden_layers": 9000000000000000000})";
    const auto pyramid = parsePolicySpec("pyramidkv:budget=4,window=1").value();
    EXPECT_TRUE(checkPolicy(made.info, pyramid, 5));
    made.info.layerInfo.front().queryHeads = made.info.layerInfo.front().keyHeads = kMostLanes;
    const auto checked = checkPolicy(made.info, parsePolicySpec("h2o:budget=4").value(), 0);
    ASSERT_FALSE(checked);
    EXPECT_THAT(checked.error().message, HasSubstr("1 layers of 32000 lanes are too many at once"));
}

} // namespace
} // namespace winnow
