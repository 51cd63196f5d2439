// SPDX-License-Identifier: GPL-3.0-or-later
// The small tools that every room uses.
#include "core/base/job_context.h"
#include "core/base/nearest.h"
#include "core/base/parallel.h"

#include <gmock/gmock.h>

#include <array>
#include <atomic>

namespace winnow {
namespace {

TEST(Nearest, findsTheWordThatWasMeant)
{
    const std::array<std::string_view, 4> names{"h2o", "tova", "treekv", "snapkv"};
    EXPECT_EQ(nearest("treekw", names), "treekv");
    EXPECT_EQ(nearest("toav", names), "tova"); // a swap is one mistake
    EXPECT_EQ(nearest("", names), "h2o");
    EXPECT_EQ(nearest("anything", {}), "");
}

TEST(Nearest, takesAWordThatWasBegun)
{
    const std::array<std::string_view, 3> modes{"zero", "symmetric", "smooth"};
    EXPECT_EQ(nearest("sym", modes), "symmetric");
    EXPECT_EQ(nearest("zerro", modes), "zero");
}

TEST(ParallelFor, callsEveryIndexOnce)
{
    std::vector<std::atomic<int>> calls(1000);
    parallelFor(calls.size(), [&](std::size_t i) { ++calls[i]; });
    for (std::size_t i = 0; i < calls.size(); ++i)
        ASSERT_EQ(calls[i], 1) << i;
    parallelFor(0, [](std::size_t) { FAIL() << "nothing to do"; });
}

TEST(ParallelFor, handsAnExceptionToItsCallerAndBeginsNothingFurther)
{
    std::atomic<int> begun = 0;
    const auto fails = [&](std::size_t) {
        ++begun;
        throw std::bad_alloc();
    };
    EXPECT_THROW(parallelFor(100'000, fails), std::bad_alloc);
    EXPECT_LT(begun, 100'000);
}

TEST(JobContext, isSilentAndNeverStopsUnlessTold)
{
    const JobContext idle;
    idle.report("nothing", 0.5);
    EXPECT_FALSE(idle.stopRequested());
    EXPECT_TRUE(idle.check("it"));
}

TEST(JobContext, stopsEveryCopyAndReportsToTheListener)
{
    std::stop_source stop;
    std::string heard;
    const JobContext job(stop.get_token(),
                         [&](std::string_view stage, double fraction) { heard = fmt::format("{} {}", stage, fraction); });
    const JobContext copy = job;
    copy.report("replaying", 0.25);
    EXPECT_EQ(heard, "replaying 0.25");
    stop.request_stop();
    const auto stopped = copy.check("the replay");
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::Cancelled);
    EXPECT_EQ(stopped.error().message, "the replay was stopped");
}

} // namespace
} // namespace winnow
