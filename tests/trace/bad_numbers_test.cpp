// SPDX-License-Identifier: GPL-3.0-or-later
// Traces of other programs that hold numbers no trace may hold: every reader says so in a sentence that names where.
#include "core/io/hdf5.h"
#include "core/trace/attention_source.h"
#include "tests/support/synthetic_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

using namespace winnow;
using namespace winnow::testing_support;
using testing::AllOf;
using testing::HasSubstr;

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN(), kInfinity = std::numeric_limits<float>::infinity();
constexpr int kTokens = 20;

class BadNumbers : public testing::Test {
protected:
    void write(const SyntheticOptions& options, bool half = false)
    {
        const auto written = writeSynthetic(makeSynthetic(options), path, {.half = half});
        ASSERT_TRUE(written) << written.error().message;
    }
    /// Puts numbers over those of layer 1: `value` at head 1, token 13, everywhere along the rest.
    void spoil(const char* rows, float value)
    {
        Hdf5File file = Hdf5File::open(path, Hdf5File::Access::ReadWrite).value();
        Hdf5Dataset data = file.dataset(fmt::format("/layers/00001/{}", rows)).value();
        Hdf5Shape begin(data.shape().size(), 0), count(data.shape().size(), 1);
        begin[0] = 1;
        begin[1] = 13;
        ASSERT_TRUE(data.write(begin, count, NumberType::Float32, &value));
    }
    void setAttribute(const char* name, double value)
    {
        Hdf5File file = Hdf5File::open(path, Hdf5File::Access::ReadWrite).value();
        ASSERT_TRUE(file.setAttribute("/layers/00001", name, value));
    }
    /// What reading of layer 1's attention says, in each of the ways there are.
    std::vector<std::string> attentionMessages()
    {
        const auto trace = Trace::open(path);
        if (!trace)
            return {trace.error().message};
        const auto said = [](const auto& result) { return result ? std::string() : result.error().message; };
        std::vector<std::string> messages{
            said(attentionTile(
                **trace, {.layerIndex = 1, .queryHead = Head{1}, .queryEnd = Position{kTokens}, .keyEnd = Position{kTokens}},
                {})),
            said(attentionRow(**trace, 1, Step{13}))};
        for (const int begin : {0, 13}) {
            const auto rows = AttentionRows::open(**trace, 1, Head{0}, 2, Position{kTokens});
            messages.push_back(rows ? said(rows->rows(Step{begin}, Step{14})) : rows.error().message);
        }
        return messages;
    }
    std::string readMessage(Rows what)
    {
        const auto trace = Trace::open(path).value();
        std::vector<float> out(trace->rowFloats(1, what, kTokens));
        const auto read = trace->read(1, what, Position{0}, Position{kTokens}, out);
        return read ? "" : read.error().message;
    }

    TemporaryFolder folder;
    std::filesystem::path path = folder / "t.h5";
    SyntheticOptions shape{.layers = 2, .queryHeads = 2, .keyHeads = 2, .tokens = kTokens, .valueOutputNorm = true};
};

TEST_F(BadNumbers, inRowsAreNamedWhereTheyAreRead)
{
    for (const bool half : {false, true})
        for (const auto& [what, name] : {std::pair(Rows::Query, "q"),
                                         {Rows::Key, "k"},
                                         {Rows::Value, "v"},
                                         {Rows::Output, "o"},
                                         {Rows::LogSumExp, "lse"},
                                         {Rows::ValueOutputNorm, "vo_norm"}})
            for (const float bad : {kNan, kInfinity, -kInfinity}) {
                write(shape, half);
                spoil(name, bad);
                const auto where =
                    AllOf(HasSubstr("t.h5"),
                          HasSubstr(fmt::format("/layers/00001/{}' holds {} at head 1, token 13; expected", name, bad)));
                EXPECT_THAT(readMessage(what), where);
                if (what == Rows::Query || what == Rows::Key || what == Rows::LogSumExp) {
                    EXPECT_THAT(attentionMessages(), testing::Each(where));
                }
            }
}

TEST_F(BadNumbers, partsThatHoldNoneCanBeRead)
{
    write(shape);
    spoil("k", kNan);
    const auto trace = Trace::open(path).value();
    std::vector<float> out(trace->rowFloats(0, Rows::Key, kTokens));
    EXPECT_TRUE(trace->read(0, Rows::Key, Position{0}, Position{kTokens}, out));
    out.resize(trace->rowFloats(1, Rows::Key, 13));
    EXPECT_TRUE(trace->read(1, Rows::Key, Position{0}, Position{13}, out));
    EXPECT_FALSE(trace->read(1, Rows::Key, Position{1}, Position{14}, out));
}

TEST_F(BadNumbers, farTooLargeAreRefusedToo)
{
    for (const auto& [what, name] : {std::pair(Rows::Key, "k"), {Rows::LogSumExp, "lse"}}) {
        write(shape);
        spoil(name, 1e18F);
        EXPECT_THAT(readMessage(what), HasSubstr("holds 1e+18 at head 1, token 13"));
    }
    write(shape);
    spoil("vo_norm", -2);
    EXPECT_THAT(readMessage(Rows::ValueOutputNorm), HasSubstr("holds -2 at head 1, token 13; expected numbers from 0 to"));
}

TEST_F(BadNumbers, inAttributesAreRefusedAtOnce)
{
    const auto message = [&](const char* name, double value) {
        write(shape);
        setAttribute(name, value);
        const auto trace = Trace::open(path);
        return trace ? "" : trace.error().message;
    };
    for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL, 1e38, 1e300, 0.0, -1.0, 1e-300}) {
        EXPECT_THAT(message("scale", bad), AllOf(HasSubstr("t.h5"), HasSubstr("/layers/00001"), HasSubstr("scale"))) << bad;
        if (bad != 1e-300) {
            EXPECT_THAT(message("rotary_scale", bad), HasSubstr("rotary_scale")) << bad;
        }
        if (bad != 0) {
            EXPECT_THAT(message("softcap", bad), HasSubstr("softcap")) << bad;
        }
    }
    for (const double bad : {-1.0, 1e12, 1e300})
        EXPECT_THAT(message("window", bad), HasSubstr("window")) << bad;
    for (const float bad : {kNan, kInfinity, 1e30F}) {
        write(shape);
        Hdf5File file = Hdf5File::open(path, Hdf5File::Access::ReadWrite).value();
        Hdf5Dataset data = file.dataset("/layers/00001/inv_freq").value();
        ASSERT_TRUE(data.write(Hdf5Shape{2}, Hdf5Shape{1}, NumberType::Float32, &bad));
        ASSERT_TRUE(data.close());
        ASSERT_TRUE(file.close());
        const auto trace = Trace::open(path);
        ASSERT_FALSE(trace) << bad;
        EXPECT_THAT(trace.error().message, HasSubstr(fmt::format("has inv_freq {} of pair 2", bad)));
    }
}

TEST_F(BadNumbers, inLogProbabilitiesAreRefusedAtOnceAndUnknownOnesAreNot)
{
    for (const auto& [value, good] :
         {std::pair(kNan, true), {-3.0F, true}, {-kInfinity, false}, {kInfinity, false}, {2.0F, false}}) {
        write(shape);
        Hdf5File file = Hdf5File::open(path, Hdf5File::Access::ReadWrite).value();
        Hdf5Dataset data = file.dataset("/logprob").value();
        ASSERT_TRUE(data.write(Hdf5Shape{5}, Hdf5Shape{1}, NumberType::Float32, &value));
        ASSERT_TRUE(data.close());
        ASSERT_TRUE(file.close());
        const auto trace = Trace::open(path);
        ASSERT_EQ(trace.has_value(), good) << value;
        if (!good) {
            EXPECT_THAT(trace.error().message, HasSubstr(fmt::format("/logprob' holds {} at token 5", value)));
        }
    }
}

TEST_F(BadNumbers, normalizersOfOtherQueriesAndKeysAreRefused)
{
    const auto belongs =
        HasSubstr("/layers/00001/lse' does not belong to the queries and keys of its layer: the attention of head");
    for (const float moved : {30.0F, -30.0F, 200.0F, -200.0F, 900.0F}) { // one row of one head, in the middle
        write(shape);
        spoil("lse", moved);
        EXPECT_THAT(attentionMessages(), testing::Each(belongs)) << moved;
    }
    write(shape);
    for (int token = 0; token < kTokens; ++token) { // all zero, as a program that has none may write them
        Hdf5File file = Hdf5File::open(path, Hdf5File::Access::ReadWrite).value();
        Hdf5Dataset data = file.dataset("/layers/00001/lse").value();
        const std::vector<float> zeros(2);
        ASSERT_TRUE(data.write(Hdf5Shape{0, static_cast<hsize_t>(token)}, Hdf5Shape{2, 1}, NumberType::Float32, zeros.data()));
    }
    EXPECT_THAT(attentionMessages(), testing::Each(belongs));
    shape.sharpness = 3;
    for (const auto& [name, value] : {std::pair("scale", 3.0), {"softcap", 2.0}, {"window", 5.0}, {"rotary_scale", 2.0}}) {
        write(shape);
        setAttribute(name, value);
        EXPECT_THAT(attentionMessages(), testing::Each(belongs)) << name;
    }
    write(shape);
    const auto other = Trace::open(path).value(); // layer 0 is as it was
    EXPECT_TRUE(attentionRow(*other, 0, Step{13}));
}

TEST_F(BadNumbers, normalizersThatBelongAreAcceptedWhateverTheShape)
{
    unsigned seed = 0;
    for (const bool half : {false, true})
        for (const int tokens : {1, 2, 11, 12, 13, 200})
            for (const int window : {0, 1, 7})
                for (const float softcap : {0.0F, 20.0F})
                    for (const float sharpness : {0.0F, 1.0F, 12.0F}) {
                        const SyntheticTrace made = makeSynthetic({.layers = 1,
                                                                   .queryHeads = 4,
                                                                   .keyHeads = 2,
                                                                   .tokens = tokens,
                                                                   .window = window,
                                                                   .softcap = softcap,
                                                                   .sharpness = sharpness,
                                                                   .seed = ++seed});
                        ASSERT_TRUE(writeSynthetic(made, path, {.half = half}));
                        const auto row = attentionRow(*Trace::open(path).value(), 0, Step{tokens - 1});
                        ASSERT_TRUE(row) << row.error().message << ", window " << window << ", softcap " << softcap
                                         << ", sharpness " << sharpness;
                    }
}

} // namespace
