// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/work/growing_trace.h"

#include "core/base/result.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

using namespace winnow;
using namespace winnow::app;

namespace {

TraceInfo oneLayer()
{
    TraceInfo info;
    info.tokens = {1, 2, 3, 4};
    info.layers = {Layer(0)};
    LayerInfo layer;
    layer.queryHeads = 2;
    layer.keyHeads = 2;
    layer.headDim = 1;
    info.layerInfo = {layer};
    return info;
}

} // namespace

TEST(GrowingTrace, givesRowsAcrossPiecesOnceTheyAreThere)
{
    GrowingTrace trace(oneLayer(), "T.h5", false);
    EXPECT_EQ(GrowingTrace::bytes(oneLayer()), 4u * 4 * (2 * 4 + 2 * 2));
    trace.append(0, Rows::Key, std::vector<float>{1, 2, 3, 11, 12, 13}); // [2 heads, 3 tokens]
    trace.advance(3);
    std::vector<float> rows(8);
    std::atomic<bool> done = false;
    std::thread reader([&] {
        EXPECT_TRUE(trace.read(0, Rows::Key, Position{0}, Position{4}, rows));
        done = true;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_FALSE(done) << "the fourth token is still to come";
    trace.append(0, Rows::Key, std::vector<float>{4, 14});
    trace.advance(4);
    reader.join();
    EXPECT_EQ(rows, (std::vector<float>{1, 2, 3, 4, 11, 12, 13, 14}));
    rows.resize(4);
    EXPECT_TRUE(trace.read(0, Rows::Key, Position{2}, Position{4}, rows));
    EXPECT_EQ(rows, (std::vector<float>{3, 4, 13, 14}));
}

TEST(GrowingTrace, endsTheWaitWhenTheRecordingDoesNotGoOn)
{
    GrowingTrace trace(oneLayer(), "T.h5", false);
    Result<void> read;
    std::vector<float> rows(2);
    std::thread reader([&] { read = trace.read(0, Rows::Value, Position{0}, Position{1}, rows); });
    trace.end();
    reader.join();
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::Cancelled);
}

TEST(GrowingTrace, roundsAsTheFileDoes)
{
    GrowingTrace trace(oneLayer(), "T.h5", true);
    trace.append(0, Rows::Key, std::vector<float>{0.1F, 0.2F});
    trace.advance(1);
    std::vector<float> rows(2);
    ASSERT_TRUE(trace.read(0, Rows::Key, Position{0}, Position{1}, rows));
    EXPECT_EQ(rows[0], 0.0999755859375F);
    trace.append(0, Rows::Key, std::vector<float>{1e9F, 0});
    trace.advance(2);
    EXPECT_FALSE(trace.read(0, Rows::Key, Position{1}, Position{2}, rows)) << "the file goes on in float32";
}
