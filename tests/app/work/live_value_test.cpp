// SPDX-License-Identifier: GPL-3.0-or-later
// Values that a working thread shows while it goes on: the newest waiting one is shown, and those of older work are not.
#include "app/work/live_value.h"

#include <QCoreApplication>
#include <QTest>

#include <gtest/gtest.h>

#include <thread>
#include <vector>

using winnow::app::LiveValue;

TEST(LiveValue, showsTheNewestOfWhatWaits)
{
    std::vector<int> shown;
    LiveValue<int> value([&shown](int one) { shown.push_back(one); });
    const auto feed = value.feeder();
    std::thread([&feed] {
        for (int one = 1; one <= 100; ++one)
            feed(one);
    }).join();
    EXPECT_TRUE(shown.empty()) << "nothing is shown on the working thread";
    QCoreApplication::processEvents();
    EXPECT_EQ(shown, std::vector{100}) << "a slow window queues up no work";
    std::thread([&feed] { feed(101); }).join();
    QCoreApplication::processEvents();
    EXPECT_EQ(shown, (std::vector{100, 101}));
}

TEST(LiveValue, showsNothingOfOlderWork)
{
    std::vector<int> shown;
    LiveValue<int> value([&shown](int one) { shown.push_back(one); });
    const auto older = value.feeder();
    older(1);
    const auto newer = value.feeder();
    older(2);
    newer(3);
    QCoreApplication::processEvents();
    EXPECT_EQ(shown, std::vector{3});
    newer(4);
    value.reset();
    newer(5);
    QCoreApplication::processEvents();
    EXPECT_EQ(shown, std::vector{3}) << "after reset even what waited is not shown";
}

TEST(LiveValue, showsNothingAfterItsEnd)
{
    std::vector<int> shown;
    std::function<void(int)> feed;
    {
        LiveValue<int> value([&shown](int one) { shown.push_back(one); });
        feed = value.feeder();
        feed(1);
    }
    feed(2);
    QCoreApplication::processEvents();
    EXPECT_TRUE(shown.empty());
}

TEST(LiveValue, goesOnAfterAValueThatCannotBeShown)
{
    std::vector<int> shown;
    std::vector<QString> told;
    const auto listening = QObject::connect(&winnow::views::JobFailures::instance(), &winnow::views::JobFailures::failed,
                                            [&told](const QString& sentence) { told.push_back(sentence); });
    LiveValue<int> value([&shown](int one) {
        if (one == 1)
            throw std::bad_alloc();
        shown.push_back(one);
    });
    const auto feed = value.feeder();
    feed(1);
    QCoreApplication::processEvents();
    EXPECT_EQ(told.size(), 1u);
    feed(2);
    QCoreApplication::processEvents();
    EXPECT_EQ(shown, std::vector{2});
    QObject::disconnect(listening);
}
