// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/work/pause.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace winnow::app {
namespace {

TEST(Pause, tellsEveryTimeThatItIsAskedFor)
{
    Pause pause;
    std::atomic<int> told = 0;
    const auto until = [&](int count) {
        for (int i = 0; i < 2000 && told < count; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        return told.load();
    };
    pause.ask();
    std::jthread worker([&](std::stop_token stop) { pause.obey(JobContext(stop), [&] { ++told; }); });
    EXPECT_EQ(until(1), 1);
    pause.goOn();
    pause.ask(); // before the worker can have seen that it might go on
    EXPECT_EQ(until(2), 2);
    pause.goOn();
}

TEST(Pause, holdsNobodyWhoIsNotAsked)
{
    Pause pause;
    pause.ask();
    pause.goOn();
    bool held = false;
    pause.obey({}, [&] { held = true; });
    EXPECT_FALSE(held);
}

TEST(Pause, endsWhenTheJobIsAskedToStop)
{
    Pause pause;
    pause.ask();
    std::stop_source stop;
    pause.obey(JobContext(stop.get_token()), [&] { stop.request_stop(); });
}

} // namespace
} // namespace winnow::app
