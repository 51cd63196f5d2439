// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/trace.h"
#include "core/trace/trace_writer.h"
#include "tests/support/synthetic_trace.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace winnow;
using namespace winnow::testing_support;

namespace {

std::vector<float> readAll(const Trace& trace, int layer, Rows what)
{
    std::vector<float> out(trace.rowFloats(layer, what, trace.tokenCount()));
    const auto read = trace.read(layer, what, Position(0), Position(trace.tokenCount()), out);
    EXPECT_TRUE(read) << read.error().message;
    return out;
}

void expectSameRows(const Trace& trace, const SyntheticTrace& written, int tokens)
{
    for (int i = 0; i < trace.layerCount(); ++i) {
        const LayerInfo& layer = written.info.layerInfo[i];
        const int all = static_cast<int>(written.info.tokens.size());
        EXPECT_EQ(readAll(trace, i, Rows::Query), sliceRows(written.q[i], layer.queryHeads, all, 0, tokens));
        EXPECT_EQ(readAll(trace, i, Rows::Key), sliceRows(written.k[i], layer.keyHeads, all, 0, tokens));
        EXPECT_EQ(readAll(trace, i, Rows::Value), sliceRows(written.v[i], layer.keyHeads, all, 0, tokens));
        EXPECT_EQ(readAll(trace, i, Rows::Output), sliceRows(written.o[i], layer.queryHeads, all, 0, tokens));
        EXPECT_EQ(readAll(trace, i, Rows::LogSumExp), sliceRows(written.lse[i], layer.queryHeads, all, 0, tokens));
    }
}

TEST(TraceFile, givesBackWhatWasWritten)
{
    const TemporaryFolder folder;
    const SyntheticTrace written = makeSynthetic({.tokens = 24, .window = 5, .softcap = 30, .prompt = 9});
    const auto trace = openSynthetic(written, folder);
    ASSERT_TRUE(trace);
    EXPECT_EQ(trace->info().text, written.info.text);
    EXPECT_EQ(trace->info().config, written.info.config);
    EXPECT_EQ(trace->info().tokens, written.info.tokens);
    EXPECT_EQ(trace->info().offsets, written.info.offsets);
    EXPECT_EQ(trace->info().manifest, written.info.manifest);
    EXPECT_EQ(trace->info().layerInfo, written.info.layerInfo);
    EXPECT_EQ(trace->info().prompt, 9);
    EXPECT_TRUE(trace->info().complete);
    EXPECT_TRUE(std::isnan(trace->info().logprob[0]));
    EXPECT_EQ(trace->info().logprob[23], written.info.logprob[23]);
    EXPECT_EQ(tokenText(trace->info(), Position(2)), "w2 ");
    expectSameRows(*trace, written, 24);
}

TEST(TraceFile, readsAnyRangeOfAnyHeads)
{
    const TemporaryFolder folder;
    const SyntheticTrace written = makeSynthetic({.layers = 1, .queryHeads = 6, .keyHeads = 3, .tokens = 30});
    const auto trace = openSynthetic(written, folder);
    ASSERT_TRUE(trace);
    const std::vector<float> rows = sliceRows(written.q[0], 6, 30, 5, 23); // crosses three chunks of 7
    std::vector<float> out(trace->rowFloats(0, Rows::Query, 18));
    ASSERT_TRUE(trace->read(0, Rows::Query, Position(5), Position(23), out));
    EXPECT_EQ(out, rows);
    std::vector<float> two(2 * 18 * 8), sameTwo(2 * 18 * 8);
    ASSERT_TRUE(trace->readHeads(0, Rows::Query, Head(3), 2, Position(5), Position(23), two));
    ASSERT_TRUE(trace->Trace::readHeads(0, Rows::Query, Head(3), 2, Position(5), Position(23), sameTwo));
    EXPECT_EQ(two, std::vector<float>(rows.begin() + 3 * 18 * 8, rows.begin() + 5 * 18 * 8));
    EXPECT_EQ(two, sameTwo);
}

TEST(TraceFile, isReadableWhileItGrows)
{
    const TemporaryFolder folder;
    const SyntheticTrace written = makeSynthetic({.tokens = 24});
    auto writer = TraceWriter::create({.out = folder / "t.h5", .info = written.info, .chunkRows = 8}).value();
    EXPECT_FALSE(Trace::open(folder / "t.h5.part")) << "no rows yet";
    ASSERT_TRUE(appendSynthetic(*writer, written, 0, 8));
    ASSERT_TRUE(appendSynthetic(*writer, written, 8, 16));
    const auto growing = Trace::open(folder / "t.h5.part");
    ASSERT_TRUE(growing) << growing.error().message;
    EXPECT_FALSE((*growing)->info().complete);
    EXPECT_EQ((*growing)->tokenCount(), 16);
    expectSameRows(**growing, written, 16);
    ASSERT_TRUE(appendSynthetic(*writer, written, 16, 24));
    ASSERT_TRUE(writer->finish());
    EXPECT_FALSE(std::filesystem::exists(folder / "t.h5.part"));
    const auto finished = Trace::open(folder / "t.h5");
    ASSERT_TRUE(finished) << finished.error().message;
    EXPECT_TRUE((*finished)->info().complete);
    expectSameRows(**finished, written, 24);
    expectSameRows(**growing, written, 16);
}

TEST(TraceFile, leavesNothingBehindWhenTheRecordingIsDropped)
{
    const TemporaryFolder folder;
    const SyntheticTrace written = makeSynthetic({});
    {
        auto writer = TraceWriter::create({.out = folder / "t.h5", .info = written.info}).value();
        ASSERT_TRUE(appendSynthetic(*writer, written, 0, 10));
        EXPECT_TRUE(std::filesystem::exists(folder / "t.h5.part"));
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(TraceFile, replacesAnOlderOneOnlyWhenComplete)
{
    const TemporaryFolder folder;
    const SyntheticTrace older = makeSynthetic({.tokens = 12, .seed = 1}), newer = makeSynthetic({.tokens = 12, .seed = 2});
    ASSERT_TRUE(writeSynthetic(older, folder / "t.h5"));
    auto writer = TraceWriter::create({.out = folder / "t.h5", .info = newer.info}).value();
    ASSERT_TRUE(appendSynthetic(*writer, newer, 0, 12));
    EXPECT_EQ(Trace::open(folder / "t.h5").value()->info().tokens, older.info.tokens);
    ASSERT_TRUE(writer->finish());
    EXPECT_EQ(Trace::open(folder / "t.h5").value()->info().tokens, newer.info.tokens);
}

TEST(TraceFile, storesHalfPrecisionRunsInHalfTheBytes)
{
    const TemporaryFolder folder;
    SyntheticTrace written = makeSynthetic({.headDim = 32, .tokens = 20});
    for (auto* rows : {&written.q, &written.k, &written.v, &written.o})
        for (auto& layer : *rows)
            for (float& value : layer)
                value = std::round(value * 64) / 64; // exact in float16
    ASSERT_TRUE(writeSynthetic(written, folder / "t.h5", {.half = true}));
    const auto trace = Trace::open(folder / "t.h5").value();
    expectSameRows(*trace, written, 20);
    ASSERT_TRUE(writeSynthetic(written, folder / "wide.h5"));
    EXPECT_LT(std::filesystem::file_size(folder / "t.h5"), std::filesystem::file_size(folder / "wide.h5"));
}

TEST(TraceFile, widensWhenAValueIsBeyondFloat16)
{
    const TemporaryFolder folder;
    SyntheticTrace written = makeSynthetic({.tokens = 20});
    for (auto* rows : {&written.q, &written.k, &written.v, &written.o})
        for (auto& layer : *rows)
            for (float& value : layer)
                value = std::round(value * 64) / 64;
    written.v[1][17 * 8] = 131072; // layer 1, head 0, token 17: in the third chunk of 7
    ASSERT_TRUE(writeSynthetic(written, folder / "t.h5", {.half = true}));
    const auto trace = Trace::open(folder / "t.h5");
    ASSERT_TRUE(trace) << trace.error().message;
    expectSameRows(**trace, written, 20);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1) << "nothing else is left";
}

TEST(TraceFile, announcesItsSize)
{
    const TemporaryFolder folder;
    for (const SyntheticOptions& shape :
         {SyntheticOptions{.tokens = 24}, SyntheticOptions{.layers = 1, .tokens = 1},
          SyntheticOptions{.layers = 6, .queryHeads = 8, .keyHeads = 4, .headDim = 32, .tokens = 64}}) {
        const SyntheticTrace written = makeSynthetic(shape);
        const TraceWriterOptions options{.out = folder / "t.h5", .info = written.info, .chunkRows = 16};
        ASSERT_TRUE(writeSynthetic(written, options.out, {.chunk = 16}));
        const auto size = static_cast<double>(std::filesystem::file_size(options.out));
        EXPECT_NEAR(static_cast<double>(traceBytes(options)), size, 0.02 * size + 8192);
    }
}

} // namespace
