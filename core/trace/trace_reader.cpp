// SPDX-License-Identifier: GPL-3.0-or-later
// Trace::open: trusts nothing that the file says, accepts any chunking, any width of number, any kind of string.
#include "core/io/hdf5.h"
#include "core/trace/file_trace.h"
#include "core/trace/trace_layout.h"
#include "core/trace/trace_values.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <new>
#include <optional>
#include <system_error>

namespace winnow {

using namespace trace_layout;

namespace {

constexpr std::uint64_t kMostTokens = std::uint64_t{1} << 24; // far beyond any model; guards against absurd shapes
constexpr std::uint64_t kMostText = std::uint64_t{1} << 28, kMostConfig = std::uint64_t{1} << 24;
/// What the rows of a trace may take as float32: these bytes, or this many times the file. Recorded numbers hardly pack.
constexpr std::uint64_t kPlainRows = std::uint64_t{128} << 20, kRowsRatio = 16;
constexpr std::uint64_t kMostHeads = 1 << 16, kMostDims = 1 << 16;
constexpr int kMostLayers = 1 << 16;

/// As float32; what is not zero does not become zero.
float narrowed(double value)
{
    const auto narrow = static_cast<float>(value);
    return narrow == 0 && value != 0 ? std::numeric_limits<float>::denorm_min() : narrow;
}

/// Reads one file into a FileTrace, step by step; `m_tokens` shrinks to the shortest dataset.
class Opening {
public:
    Opening(Hdf5File file, bool checked) : m_file(std::move(file)), m_name(m_file.path().string()), m_checked(checked) {}

    Result<std::shared_ptr<const Trace>> run()
    {
        WINNOW_TRY_VOID(readHead());
        WINNOW_TRY_VOID(readTokens());
        WINNOW_TRY_VOID(findLayers());
        for (std::size_t i = 0; i < m_info.layers.size(); ++i)
            WINNOW_TRY_VOID(readLayer(i));
        WINNOW_TRY_VOID(settleLength());
        return std::make_shared<FileTrace>(m_file.path(), std::move(m_info), std::move(m_layers), m_checked);
    }

private:
    Result<void> readHead()
    {
        const auto format = m_file.stringAttribute("/", "format");
        if (!format || *format != kFormat)
            return fail(ErrorCode::BadInput, "'{}' is an HDF5 file but no Winnow trace: its attribute 'format' is not '{}'",
                        m_name, kFormat);
        WINNOW_TRY(const auto version, m_file.intAttribute("/", "version"));
        if (!version || *version < 1)
            return fail(ErrorCode::BadInput,
                        "'{}' does not say which version of the trace layout it has; expected the attribute 'version' = {}",
                        m_name, kVersion);
        if (*version > kVersion)
            return fail(ErrorCode::BadInput,
                        "'{}' has version {} of the trace layout; this Winnow reads up to {}, a newer one is needed", m_name,
                        *version, kVersion);
        WINNOW_TRY(m_complete, m_file.intAttribute("/", "complete"));
        WINNOW_TRY(const auto prompt, m_file.intAttribute("/", "prompt"));
        m_prompt = prompt;
        WINNOW_TRY(const auto attributes, m_file.attributes("/"));
        for (const auto& [name, value] : attributes)
            if (std::ranges::find(kReservedAttributes, name) == kReservedAttributes.end())
                m_info.manifest.emplace(name, value);
        if (m_file.has("/config")) {
            WINNOW_TRY(m_info.config, readText("/config", kMostConfig));
        }
        return {};
    }

    /// Text kept as a string or as bytes.
    Result<std::string> readText(const std::string& object, std::uint64_t most)
    {
        if (m_file.isString(object)) {
            WINNOW_TRY(const auto strings, m_file.readStrings(object, most));
            if (strings.size() != 1)
                return fail(ErrorCode::BadInput, "'{}: {}' holds {} strings; expected one", m_name, object, strings.size());
            return strings.front();
        }
        WINNOW_TRY(const auto bytes, m_file.readArray<std::uint8_t>(object, most));
        return std::string(bytes.values.begin(), bytes.values.end());
    }

    Result<void> readTokens()
    {
        WINNOW_TRY(m_info.text, readText("/text", kMostText));
        WINNOW_TRY(const auto tokens, m_file.readArray<std::int64_t>("/tokens", kMostTokens));
        if (tokens.shape.size() != 1)
            return fail(ErrorCode::BadInput, "'{}: /tokens' has {} dimensions; expected [tokens]", m_name, tokens.shape.size());
        m_tokens = tokens.values.size();
        m_info.tokens.reserve(m_tokens);
        for (const std::int64_t token : tokens.values) {
            if (token < 0 || token > std::numeric_limits<std::int32_t>::max())
                return fail(ErrorCode::BadInput, "'{}: /tokens' holds {}; expected token numbers from 0", m_name, token);
            m_info.tokens.push_back(static_cast<std::int32_t>(token));
        }
        WINNOW_TRY_VOID(readOffsets());
        if (!m_file.has("/logprob")) {
            m_info.logprob.assign(m_tokens, std::numeric_limits<float>::quiet_NaN());
            return {};
        }
        WINNOW_TRY(auto logprob, m_file.readArray<float>("/logprob", kMostTokens, m_complete == 0));
        m_info.logprob = std::move(logprob.values);
        if (const std::string wrong = wrongLogprob(m_info.logprob, Position(0), false); !wrong.empty())
            return fail(ErrorCode::BadInput, "'{}: /logprob' {}; record it again", m_name, wrong);
        return limit("/logprob", m_info.logprob.size());
    }

    Result<void> readOffsets()
    {
        WINNOW_TRY(const auto offsets, m_file.readArray<std::int64_t>("/offsets", 2 * kMostTokens));
        if (offsets.shape.size() != 2 || offsets.shape[1] != 2)
            return fail(ErrorCode::BadInput, "'{}: /offsets' has shape [{}]; expected [tokens, 2]", m_name,
                        fmt::join(offsets.shape, ", "));
        m_info.offsets.reserve(offsets.values.size() / 2);
        for (std::size_t i = 0; i < offsets.values.size(); i += 2) {
            const std::int64_t begin = offsets.values[i], end = offsets.values[i + 1];
            if (begin < 0 || begin > end || end > static_cast<std::int64_t>(m_info.text.size()))
                return fail(ErrorCode::BadInput, "'{}: /offsets' gives token {} the bytes {} to {} of a text of {}", m_name,
                            i / 2, begin, end, m_info.text.size());
            m_info.offsets.push_back({static_cast<std::int32_t>(begin), static_cast<std::int32_t>(end)});
        }
        return limit("/offsets", m_info.offsets.size());
    }

    Result<void> findLayers()
    {
        if (!m_file.has("/layers"))
            return fail(ErrorCode::BadInput, "'{}' has no group /layers", m_name);
        WINNOW_TRY(const auto names, m_file.children("/layers"));
        for (const std::string& name : names) {
            int number = -1;
            const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
            if (error != std::errc() || end != name.data() + name.size() || number < 0 || number >= kMostLayers ||
                fmt::format("{:05d}", number) != name)
                return fail(ErrorCode::BadInput, "'{}: /layers/{}' is no layer; expected names like 00000", m_name, name);
            m_info.layers.push_back(Layer(number));
        }
        if (names.empty())
            return fail(ErrorCode::BadInput, "'{}' holds no layers", m_name);
        std::ranges::sort(m_info.layers);
        m_info.layerInfo.resize(names.size());
        m_layers.resize(names.size());
        return {};
    }

    Result<void> readLayer(std::size_t index)
    {
        const std::string group = layerGroup(m_info.layers[index]);
        LayerInfo& layer = m_info.layerInfo[index];
        layer.hasValueOutputNorm = m_file.has(group + "/vo_norm");
        for (const Rows what : kRows) {
            if (what == Rows::ValueOutputNorm && !layer.hasValueOutputNorm)
                continue;
            auto& slot = m_layers[index][static_cast<std::size_t>(what)];
            WINNOW_TRY(slot, m_file.dataset(group + "/" + rowsName(what)));
            WINNOW_TRY_VOID(checkShape(layer, what, *slot));
        }
        return readLayerAttributes(group, layer);
    }

    /// q gives the query heads and the head size, k the KV heads; the rest must agree.
    Result<void> checkShape(LayerInfo& layer, Rows what, const Hdf5Dataset& data)
    {
        const Hdf5Shape& shape = data.shape();
        const std::size_t rank = isVector(what) ? 3 : 2;
        const auto wrong = [&](const std::string& expected) {
            return fail(ErrorCode::BadInput, "'{}' has shape [{}]; expected {}", data.name(), fmt::join(shape, ", "), expected);
        };
        const bool sane = shape.size() == rank && shape[0] >= 1 && shape[0] <= kMostHeads &&
                          (rank == 2 || (shape[2] >= 1 && shape[2] <= kMostDims));
        if (!sane)
            return wrong(rank == 3 ? "[heads, tokens, head size]" : "[query heads, tokens]");
        if (what == Rows::Query) {
            layer.queryHeads = static_cast<int>(shape[0]);
            layer.headDim = static_cast<int>(shape[2]);
        } else if (what == Rows::Key) {
            layer.keyHeads = static_cast<int>(shape[0]);
            if (layer.queryHeads % layer.keyHeads != 0)
                return wrong(fmt::format("a number of heads that divides the {} query heads", layer.queryHeads));
        }
        const Hdf5Shape expected = rowsShape(layer, what, shape[1]);
        if (shape != expected)
            return wrong(fmt::format("[{}], as /q and /k of this layer have it", fmt::join(expected, ", ")));
        return limit(data.name(), shape[1]);
    }

    Result<void> readLayerAttributes(const std::string& group, LayerInfo& layer)
    {
        WINNOW_TRY(const auto scale, m_file.numberAttribute(group, "scale"));
        if (!scale)
            return fail(ErrorCode::BadInput, "'{}: {}' lacks the attribute 'scale', the factor of q·k", m_name, group);
        WINNOW_TRY(const auto window, m_file.intAttribute(group, "window"));
        WINNOW_TRY(const auto softcap, m_file.numberAttribute(group, "softcap"));
        WINNOW_TRY(const auto rotaryScale, m_file.numberAttribute(group, "rotary_scale"));
        WINNOW_TRY(const auto layout, m_file.stringAttribute(group, "layout"));
        layer.scale = narrowed(*scale);
        layer.softcap = narrowed(softcap.value_or(0));
        layer.rotaryScale = narrowed(rotaryScale.value_or(1));
        layer.window = static_cast<int>(
            std::clamp<std::int64_t>(window.value_or(0), std::numeric_limits<int>::min(), std::numeric_limits<int>::max()));
        WINNOW_TRY(const auto frequencies, m_file.readArray<float>(group + "/inv_freq", kMostDims));
        layer.invFreq = frequencies.values;
        if (2 * layer.invFreq.size() > static_cast<std::size_t>(layer.headDim))
            return fail(ErrorCode::BadInput, "'{}: {}/inv_freq' has {} numbers; a head of {} has room for {}", m_name, group,
                        layer.invFreq.size(), layer.headDim, layer.headDim / 2);
        if (layout != "half" && layout != "interleaved" && !layer.invFreq.empty())
            return fail(ErrorCode::BadInput, "'{}: {}' has rotary layout '{}'; expected 'half' or 'interleaved'", m_name, group,
                        layout.value_or(""));
        layer.layout = layout == "interleaved" ? RotaryLayout::Interleaved : RotaryLayout::Half;
        if (const std::string wrong = wrongAttribute(layer); !wrong.empty())
            return fail(ErrorCode::BadInput, "'{}: {}' has {}; record it again", m_name, group, wrong);
        return {};
    }

    /// Takes note that `object` has `rows` rows.
    Result<void> limit(const std::string& object, std::uint64_t rows)
    {
        if (rows == m_tokens)
            return {};
        if (m_complete && *m_complete != 0)
            return fail(ErrorCode::BadInput,
                        "'{}' says it is complete, but {} has {} rows and there are {} tokens; record it again", m_name, object,
                        rows, m_info.tokens.size());
        m_cut = true;
        m_tokens = std::min(m_tokens, rows);
        return {};
    }

    Result<void> settleLength()
    {
        if (m_tokens == 0)
            return fail(ErrorCode::BadInput,
                        "'{}' holds no rows: its recording was stopped before the first chunk; record it again", m_name);
        m_info.complete = m_complete ? *m_complete != 0 : !m_cut;
        WINNOW_TRY_VOID(checkRoom());
        m_info.tokens.resize(m_tokens);
        m_info.offsets.resize(m_tokens);
        m_info.logprob.resize(m_tokens);
        if (m_prompt && *m_prompt < 0)
            return fail(ErrorCode::BadInput, "'{}' has the attribute 'prompt' = {}; expected a number of tokens", m_name,
                        *m_prompt);
        m_info.prompt =
            static_cast<int>(std::min<std::int64_t>(m_prompt.value_or(m_tokens), static_cast<std::int64_t>(m_tokens)));
        if (m_info.complete) {
            for (const LayerSets& layer : m_layers)
                for (const auto& data : layer)
                    if (data)
                        WINNOW_TRY_VOID(data->checkWritten());
            return {};
        }
        // A file that was not closed does not know its own length, and HDF5 reads zeros beyond the end.
        std::error_code error;
        const std::uint64_t bytes = std::filesystem::file_size(m_file.path(), error);
        for (const LayerSets& layer : m_layers)
            for (const auto& data : layer)
                if (data) {
                    Hdf5Shape extent = data->shape();
                    extent[1] = m_tokens;
                    WINNOW_TRY_VOID(data->checkChunks(extent, bytes));
                }
        return {};
    }

    /// Whether the rows of all layers are no more than a file of this size can hold.
    Result<void> checkRoom() const
    {
        double bytes = 0; // of all rows; in double, which no shape overflows
        for (std::size_t i = 0; i < m_layers.size(); ++i)
            for (const Rows what : kRows)
                if (m_layers[i][static_cast<std::size_t>(what)]) {
                    double floats = 1;
                    for (const hsize_t extent : rowsShape(m_info.layerInfo[i], what, m_tokens))
                        floats *= static_cast<double>(extent);
                    bytes += floats * sizeof(float);
                }
        const double most = std::max(static_cast<double>(kPlainRows), static_cast<double>(m_file.bytes()) * kRowsRatio);
        if (bytes > most)
            return fail(ErrorCode::BadInput,
                        "'{}' has {} bytes and claims rows of {:.0f}, more than recorded numbers pack to; it is damaged, or was "
                        "made to fill the "
                        "memory: record it again",
                        m_name, m_file.bytes(), bytes);
        return {};
    }

    Hdf5File m_file;
    std::string m_name;
    bool m_checked;
    TraceInfo m_info;
    std::vector<LayerSets> m_layers;
    std::optional<std::int64_t> m_complete, m_prompt;
    std::uint64_t m_tokens = 0;
    bool m_cut = false; ///< some dataset is shorter than another
};

Result<std::shared_ptr<const Trace>> opened(const std::filesystem::path& path, bool checked)
{
    try {
        WINNOW_TRY(Hdf5File file, Hdf5File::open(path));
        return Opening(std::move(file), checked).run();
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::OutOfMemory, "'{}' cannot be opened: memory ran out", path.string());
    }
}

} // namespace

Result<std::shared_ptr<const Trace>> Trace::open(const std::filesystem::path& path) { return opened(path, true); }

Result<std::shared_ptr<const Trace>> Trace::openUnchecked(const std::filesystem::path& path) { return opened(path, false); }

} // namespace winnow
