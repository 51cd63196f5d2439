// SPDX-License-Identifier: GPL-3.0-or-later
// Traces that other programs wrote: docs/record_trace.py, and plain HDF5 files of every legal make.
#include "core/io/hdf5.h"
#include "core/io/npz.h"
#include "core/trace/attention_source.h"
#include "core/trace/trace_check.h"
#include "tests/support/synthetic_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

using namespace winnow;
using namespace winnow::testing_support;

namespace {

TEST(ForeignTrace, ofThePythonRecorderHasTheAttentionOfTransformers)
{
    const auto opened = Trace::open(WINNOW_FIXTURES "/trace/llama.h5"); // made by tests/fixtures/trace/make_llama.py
    ASSERT_TRUE(opened) << opened.error().message;
    const Trace& trace = **opened;
    const NpzFile expected = readNpz(WINNOW_FIXTURES "/trace/llama_attention.npz").value();
    const int n = trace.tokenCount();
    EXPECT_TRUE(trace.info().complete);
    EXPECT_EQ(trace.info().tokens, expected.numbers<std::int32_t>("tokens").value());
    EXPECT_EQ(trace.info().manifest.at("model"), "tiny seeded Llama");
    EXPECT_EQ(tokenText(trace.info(), Position(n - 1)), ".");
    EXPECT_THAT(trace.info().config, testing::HasSubstr("\"num_key_value_heads\": 2"));

    const auto logprob = expected.numbers<float>("logprob").value();
    for (int t = 1; t < n; ++t)
        EXPECT_NEAR(trace.info().logprob[t], logprob[t], 1e-5) << t;

    const auto attention = expected.numbers<float>("attention").value(); // [layers, heads, T, T]
    double worst = 0;
    std::string where;
    for (int layer = 0; layer < trace.layerCount(); ++layer)
        for (int head = 0; head < 4; ++head) {
            const auto tile = attentionTile(
                trace, {.layerIndex = layer, .queryHead = Head(head), .queryEnd = Position(n), .keyEnd = Position(n)}, {});
            ASSERT_TRUE(tile) << tile.error().message;
            for (int cell = 0; cell < n * n; ++cell) {
                const double error = std::abs(tile->values[cell] - attention[(layer * 4 + head) * n * n + cell]);
                if (!(error <= worst)) {
                    worst = error;
                    where = fmt::format("layer {}, head {}, token {}, key {}", layer, head, cell / n, cell % n);
                }
            }
        }
    EXPECT_LE(worst, 1e-5) << where;
}

/// Of a model whose layers are not those of a Llama: fixtures/trace/make_foreign.py.
struct Foreign {
    const char* name;
    double tolerance; ///< of a cell of attention
    std::vector<int> layers, windows, pairs;
    std::vector<RotaryLayout> layouts;
};

const Foreign kForeign[] = {
    {"exaone4", 1e-5, {0, 1}, {6, 0}, {4, 0}, {RotaryLayout::Half, RotaryLayout::Half}},
    {"cohere2", 1e-5, {0, 1}, {6, 0}, {4, 0}, {RotaryLayout::Interleaved, RotaryLayout::Half}},
    {"smollm3", 1e-5, {0, 1}, {0, 0}, {4, 0}, {RotaryLayout::Half, RotaryLayout::Half}},
    {"gpt_bigcode", 1e-5, {0, 1}, {0, 0}, {0, 0}, {RotaryLayout::Half, RotaryLayout::Half}},
    {"phi", 0.05, {0, 1}, {0, 0}, {2, 2}, {RotaryLayout::Half, RotaryLayout::Half}}, // in bfloat16
    {"lfm2", 1e-5, {1}, {0}, {4}, {RotaryLayout::Half}},
    {"gemma4", 1e-5, {0, 1, 2, 3}, {6, 0, 6, 0}, {4, 8, 4, 8}, std::vector(4, RotaryLayout::Half)},
};

class PythonRecorder : public testing::TestWithParam<Foreign> {};

TEST_P(PythonRecorder, writesTheAttentionOfTransformersForEveryKindOfLayer)
{
    const Foreign& expected = GetParam();
    const auto opened = Trace::open(fmt::format("{}/trace/{}.h5", WINNOW_FIXTURES, expected.name));
    ASSERT_TRUE(opened) << opened.error().message;
    const Trace& trace = **opened;
    const NpzFile attention = readNpz(WINNOW_FIXTURES "/trace/foreign.npz").value();
    const auto n = static_cast<std::size_t>(trace.tokenCount());
    ASSERT_EQ(trace.layerCount(), static_cast<int>(expected.layers.size()));
    for (int index = 0; index < trace.layerCount(); ++index) {
        const auto i = static_cast<std::size_t>(index);
        const LayerInfo& layer = trace.info().layerInfo[i];
        EXPECT_EQ(raw(trace.info().layers[i]), expected.layers[i]);
        EXPECT_EQ(layer.window, expected.windows[i]);
        EXPECT_EQ(layer.invFreq.size(), static_cast<std::size_t>(expected.pairs[i]));
        EXPECT_EQ(layer.layout, expected.layouts[i]);
        const auto cells = attention.numbers<float>(fmt::format("{}.{}", expected.name, expected.layers[i])).value();
        for (std::size_t step = 0; step < n; ++step) {
            const auto row = attentionRow(trace, index, Step(static_cast<std::int32_t>(step)));
            ASSERT_TRUE(row) << row.error().message;
            for (std::size_t head = 0; head < static_cast<std::size_t>(layer.queryHeads); ++head)
                for (std::size_t key = 0; key <= step; ++key)
                    ASSERT_NEAR((*row)[head * (step + 1) + key], cells[(head * n + step) * n + key], expected.tolerance)
                        << "layer " << index << ", head " << head << ", token " << step << ", key " << key;
        }
        const auto check = checkLayer(trace, index, {}, {});
        ASSERT_TRUE(check) << check.error().message;
        EXPECT_TRUE(check->sound) << check->sentence;
    }
}

INSTANTIATE_TEST_SUITE_P(Models, PythonRecorder, testing::ValuesIn(kForeign),
                         [](const auto& each) { return std::string(each.param.name); });

/// A little-endian float or integer of another width, for rows.
struct Make {
    hid_t rows = H5T_IEEE_F64LE;
    bool chunked = true;
    int deflate = 4;
    bool fixedStrings = true;
};

/// Writes by hand, object by object, as another program might.
class ByHand {
public:
    ByHand(const std::filesystem::path& path, const Make& make)
        : m_make(make), m_file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT))
    {
    }
    ~ByHand() { H5Fclose(m_file); }

    void group(const std::string& name) { H5Gclose(H5Gcreate2(m_file, name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT)); }

    void data(const std::string& name, hid_t type, const std::vector<hsize_t>& shape, hid_t memory, const void* values)
    {
        const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
        const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
        if (m_make.chunked && shape.size() > 1) {
            std::vector<hsize_t> chunk;
            for (const hsize_t extent : shape)
                chunk.push_back(std::max<hsize_t>(1, extent / 2));
            H5Pset_chunk(properties, static_cast<int>(chunk.size()), chunk.data());
            if (m_make.deflate > 0)
                H5Pset_deflate(properties, static_cast<unsigned>(m_make.deflate));
        }
        const hid_t id = H5Dcreate2(m_file, name.c_str(), type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
        H5Dwrite(id, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
        H5Dclose(id);
        H5Pclose(properties);
        H5Sclose(space);
    }

    void attribute(const std::string& object, const char* name, hid_t type, hid_t memory, const void* value)
    {
        const hid_t space = H5Screate(H5S_SCALAR);
        const hid_t id = H5Acreate_by_name(m_file, object.c_str(), name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        H5Awrite(id, memory, value);
        H5Aclose(id);
        H5Sclose(space);
    }
    void attribute(const std::string& object, const char* name, const std::string& value)
    {
        const hid_t type = H5Tcopy(H5T_C_S1);
        const char* pointer = value.c_str();
        if (m_make.fixedStrings) {
            H5Tset_size(type, value.size());
            H5Tset_strpad(type, H5T_STR_SPACEPAD);
            attribute(object, name, type, type, pointer);
        } else {
            H5Tset_size(type, H5T_VARIABLE);
            attribute(object, name, type, type, &pointer);
        }
        H5Tclose(type);
    }

private:
    Make m_make;
    hid_t m_file;
};

/// Layers 3 and 7 of the trace, without config, manifest, logprob, or the attributes that have defaults.
void writeByHand(const SyntheticTrace& trace, const std::filesystem::path& path, const Make& make)
{
    const Hdf5Lock lock;
    ByHand file(path, make);
    const hsize_t n = trace.info.tokens.size();
    const std::int8_t version = 1;
    file.attribute("/", "format", "winnow-trace");
    file.attribute("/", "version", H5T_STD_I8BE, H5T_NATIVE_INT8, &version);
    file.data("/text", H5T_STD_U8LE, {trace.info.text.size()}, H5T_NATIVE_UINT8, trace.info.text.data());
    file.data("/tokens", H5T_STD_I64BE, {n}, H5T_NATIVE_INT32, trace.info.tokens.data());
    file.data("/offsets", H5T_STD_U16LE, {n, 2}, H5T_NATIVE_INT32, trace.info.offsets.data());
    file.group("/layers");
    for (std::size_t i = 0; i < 2; ++i) {
        const LayerInfo& layer = trace.info.layerInfo[i];
        const std::string group = i == 0 ? "/layers/00003" : "/layers/00007";
        const hsize_t queries = layer.queryHeads, keys = layer.keyHeads, d = layer.headDim;
        file.group(group);
        file.data(group + "/q", make.rows, {queries, n, d}, H5T_NATIVE_FLOAT, trace.q[i].data());
        file.data(group + "/k", make.rows, {keys, n, d}, H5T_NATIVE_FLOAT, trace.k[i].data());
        file.data(group + "/v", make.rows, {keys, n, d}, H5T_NATIVE_FLOAT, trace.v[i].data());
        file.data(group + "/o", make.rows, {queries, n, d}, H5T_NATIVE_FLOAT, trace.o[i].data());
        file.data(group + "/lse", make.rows, {queries, n}, H5T_NATIVE_FLOAT, trace.lse[i].data());
        file.data(group + "/inv_freq", H5T_IEEE_F64LE, {layer.invFreq.size()}, H5T_NATIVE_FLOAT, layer.invFreq.data());
        file.attribute(group, "scale", H5T_IEEE_F64BE, H5T_NATIVE_FLOAT, &layer.scale);
        file.attribute(group, "layout", "half");
    }
}

TEST(ForeignTrace, mayHaveAnyChunksWidthsAndStringsAndLackWhatIsNotNeeded)
{
    const TemporaryFolder folder;
    const SyntheticTrace written = makeSynthetic({.tokens = 19});
    const Make makes[] = {
        {}, {.rows = H5T_IEEE_F32BE, .deflate = 0, .fixedStrings = false}, {.rows = H5T_IEEE_F32LE, .chunked = false}};
    for (const Make& make : makes) {
        writeByHand(written, folder / "t.h5", make);
        const auto opened = Trace::open(folder / "t.h5");
        ASSERT_TRUE(opened) << opened.error().message;
        const Trace& trace = **opened;
        EXPECT_EQ(trace.info().tokens, written.info.tokens);
        EXPECT_EQ(trace.info().offsets, written.info.offsets);
        EXPECT_EQ(trace.info().layers, (std::vector{Layer(3), Layer(7)}));
        EXPECT_EQ(trace.info().layerInfo, written.info.layerInfo);
        EXPECT_TRUE(trace.info().complete);
        EXPECT_TRUE(trace.info().manifest.empty());
        EXPECT_TRUE(std::isnan(trace.info().logprob[5]));
        for (int i = 0; i < 2; ++i) {
            std::vector<float> rows(trace.rowFloats(i, Rows::Key, 6));
            ASSERT_TRUE(trace.read(i, Rows::Key, Position(9), Position(15), rows));
            EXPECT_EQ(rows, sliceRows(written.k[i], 2, 19, 9, 15));
        }
    }
}

} // namespace
