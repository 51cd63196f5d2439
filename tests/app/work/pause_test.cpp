// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/work/pause.h"

#include <gtest/gtest.h>

#include <stop_token>

namespace winnow::app {
namespace {

TEST(Pause, tellsEveryTimeThatItIsAskedFor)
{
    Pause pause;
    int told = 0;
    pause.ask();
    pause.obey({}, [&] {
        pause.goOn();
        if (++told < 3)
            pause.ask(); // before the worker can have seen that it might go on
    });
    EXPECT_EQ(told, 3);
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
