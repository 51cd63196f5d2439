// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/trace_writer.h"

#include "core/base/check.h"
#include "core/io/atomic_file.h"
#include "core/trace/half.h"
#include "core/trace/trace_layout.h"
#include "core/trace/trace_values.h"

#include <algorithm>
#include <optional>
#include <system_error>

namespace winnow {

using namespace trace_layout;

namespace {

bool has(const LayerInfo& layer, Rows what) { return what != Rows::ValueOutputNorm || layer.hasValueOutputNorm; }

int chunkRowsOf(const TraceWriterOptions& options)
{
    return std::max(1, std::min<int>(options.chunkRows, static_cast<int>(options.info.tokens.size())));
}

/// The open file and its growing datasets.
struct Datasets {
    Hdf5File file;
    std::vector<std::array<std::optional<Hdf5Dataset>, kRows.size()>> layers;
    std::optional<Hdf5Dataset> logprob;

    Hdf5Dataset& rows(int layerIndex, Rows what) { return *layers[layerIndex][static_cast<std::size_t>(what)]; }

    /// Closes everything, also after a failure; the first error.
    Result<void> close()
    {
        Result<void> closed;
        const auto note = [&](Result<void> next) {
            if (closed && !next)
                closed = std::move(next);
        };
        for (auto& layer : layers)
            for (auto& data : layer)
                if (data)
                    note(data->close());
        if (logprob)
            note(logprob->close());
        note(file.close());
        return closed;
    }
};

Result<void> writeHead(Hdf5File& file, const TraceInfo& info)
{
    WINNOW_TRY_VOID(file.setAttribute("/", "format", std::string(kFormat)));
    WINNOW_TRY_VOID(file.setAttribute("/", "version", std::int64_t{kVersion}));
    WINNOW_TRY_VOID(file.setAttribute("/", "complete", std::int64_t{0}));
    WINNOW_TRY_VOID(file.setAttribute("/", "prompt", std::int64_t{info.prompt}));
    for (const auto& [name, value] : info.manifest) {
        WINNOW_CHECK(std::ranges::find(kReservedAttributes, name) == kReservedAttributes.end(), "manifest key '{}'", name);
        WINNOW_TRY_VOID(file.setAttribute("/", name, value));
    }
    WINNOW_TRY_VOID(file.writeString("/config", info.config));
    const auto* text = reinterpret_cast<const std::uint8_t*>(info.text.data());
    WINNOW_TRY_VOID(file.writeArray("/text", std::span(text, info.text.size()), {info.text.size()}));
    WINNOW_TRY_VOID(file.writeArray("/tokens", std::span<const std::int32_t>(info.tokens), {info.tokens.size()}));
    const std::int32_t* offsets = info.offsets.empty() ? nullptr : info.offsets.front().data();
    return file.writeArray("/offsets", std::span(offsets, info.offsets.size() * 2), {info.offsets.size(), 2});
}

Result<void> writeLayerHead(Hdf5File& file, const std::string& group, const LayerInfo& layer)
{
    WINNOW_TRY_VOID(file.makeGroup(group));
    WINNOW_TRY_VOID(file.setAttribute(group, "scale", static_cast<double>(layer.scale)));
    WINNOW_TRY_VOID(file.setAttribute(group, "window", std::int64_t{layer.window}));
    WINNOW_TRY_VOID(file.setAttribute(group, "softcap", static_cast<double>(layer.softcap)));
    WINNOW_TRY_VOID(file.setAttribute(group, "rotary_scale", static_cast<double>(layer.rotaryScale)));
    const bool half = layer.layout == RotaryLayout::Half;
    WINNOW_TRY_VOID(file.setAttribute(group, "layout", std::string(half ? "half" : "interleaved")));
    return file.writeArray(group + "/inv_freq", std::span<const float>(layer.invFreq), {layer.invFreq.size()});
}

Result<Datasets> makeDatasets(const AtomicFile& part, const TraceWriterOptions& options, bool half)
{
    const TraceInfo& info = options.info;
    const auto chunk = static_cast<hsize_t>(chunkRowsOf(options));
    WINNOW_TRY(Hdf5File file, Hdf5File::create(part.part(), true, part.target()));
    WINNOW_TRY_VOID(writeHead(file, info));
    Datasets made{std::move(file), {}, {}};
    made.layers.resize(info.layers.size());
    for (std::size_t i = 0; i < info.layers.size(); ++i) {
        const LayerInfo& layer = info.layerInfo[i];
        WINNOW_TRY_VOID(writeLayerHead(made.file, layerGroup(info.layers[i]), layer));
        for (const Rows what : kRows) {
            if (!has(layer, what))
                continue;
            const NumberType type = half && isVector(what) ? NumberType::Float16 : NumberType::Float32;
            const Hdf5Storage storage{.chunk = rowsShape(layer, what, chunk), .maximum = rowsShape(layer, what, H5S_UNLIMITED)};
            WINNOW_TRY(made.layers[i][static_cast<std::size_t>(what)],
                       made.file.createDataset(rowsPath(info.layers[i], what), type, rowsShape(layer, what, 0), storage));
        }
    }
    WINNOW_TRY(made.logprob,
               made.file.createDataset("/logprob", NumberType::Float32, {0}, {.chunk = {chunk}, .maximum = {H5S_UNLIMITED}}));
    WINNOW_TRY_VOID(made.file.startSwmr());
    return made;
}

/// Grows `data` by `count` rows and writes them at its end.
Result<void> appendRows(Hdf5Dataset& data, hsize_t count, NumberType type, const void* rows)
{
    Hdf5Shape shape = data.shape();
    const std::size_t axis = shape.size() == 1 ? 0 : 1;
    Hdf5Shape begin(shape.size(), 0), box = shape;
    begin[axis] = shape[axis];
    box[axis] = count;
    shape[axis] += count;
    WINNOW_TRY_VOID(data.extend(shape));
    return data.write(begin, box, type, rows);
}

class SwmrTraceWriter final : public TraceWriter {
public:
    SwmrTraceWriter(TraceWriterOptions options, AtomicFile out, Datasets sets)
        : m_options(std::move(options)), m_out(std::move(out)), m_sets(std::move(sets)), m_half(m_options.half)
    {
    }

    ~SwmrTraceWriter() override
    {
        // HDF5 keeps a file that it cannot write to its end open for good; without content that does no harm.
        std::error_code ignored;
        if (!close() || m_stuck)
            std::filesystem::resize_file(m_out.part(), 0, ignored);
    }

    Result<void> append(int layerIndex, Rows what, std::span<const float> rows) override
    {
        WINNOW_CHECK(layerIndex >= 0 && layerIndex < static_cast<int>(m_sets.layers.size()), "layer index {}", layerIndex);
        const LayerInfo& layer = m_options.info.layerInfo[layerIndex];
        WINNOW_CHECK(has(layer, what), "layer index {} has no {}", layerIndex, rowsName(what));
        const std::size_t perRow = static_cast<std::size_t>(headsOf(layer, what)) * (isVector(what) ? layer.headDim : 1);
        WINNOW_CHECK(rows.size() % perRow == 0, "{} floats of {}, {} a row", rows.size(), rowsName(what), perRow);
        const hsize_t count = rows.size() / perRow;
        if (const auto bad = firstBadNumber(what, rows, headsOf(layer, what), static_cast<int>(count)))
            return fail(ErrorCode::BadInput, "layer {}: {} {}", raw(m_options.info.layers[static_cast<std::size_t>(layerIndex)]),
                        rowsName(what), describe(*bad, what, Head{}, Position(m_committed)));
        if (m_half && isVector(what)) {
            m_halves.resize(rows.size());
            if (floatToHalf(rows, m_halves))
                return appendRows(m_sets.rows(layerIndex, what), count, NumberType::Float16, m_halves.data());
            WINNOW_TRY_VOID(widen());
        }
        return appendRows(m_sets.rows(layerIndex, what), count, NumberType::Float32, rows.data());
    }

    Result<void> commit(std::span<const float> logprob) override
    {
        const std::size_t total = m_committed + logprob.size();
        WINNOW_CHECK(total <= m_options.info.tokens.size(), "{} rows for {} tokens", total, m_options.info.tokens.size());
        for (std::size_t i = 0; i < m_sets.layers.size(); ++i)
            for (const Rows what : kRows)
                if (has(m_options.info.layerInfo[i], what))
                    WINNOW_CHECK(m_sets.rows(static_cast<int>(i), what).shape()[1] == total,
                                 "layer index {}: {} has {} rows of {}", i, rowsName(what),
                                 m_sets.rows(static_cast<int>(i), what).shape()[1], total);
        if (const std::string wrong = wrongLogprob(logprob, Position(m_committed), true); !wrong.empty())
            return fail(ErrorCode::BadInput, "logprob {}", wrong);
        // The rows go first: a reader believes the shortest dataset, so /logprob is what makes them count.
        WINNOW_TRY_VOID(m_sets.file.flush());
        WINNOW_TRY_VOID(appendRows(*m_sets.logprob, logprob.size(), NumberType::Float32, logprob.data()));
        WINNOW_TRY_VOID(m_sets.logprob->flush());
        m_committed = static_cast<int>(total);
        return {};
    }

    Result<void> finish() override
    {
        WINNOW_CHECK(m_committed == static_cast<int>(m_options.info.tokens.size()), "{} of {} tokens", m_committed,
                     m_options.info.tokens.size());
        // While readers may look: a file that is opened to be written in the usual way cannot be read again if its writer dies.
        WINNOW_TRY_VOID(m_sets.file.setAttribute("/", "complete", std::int64_t{1}));
        WINNOW_TRY_VOID(m_sets.file.flush());
        WINNOW_TRY_VOID(close());
        return m_out.commit();
    }

    int committed() const override { return m_committed; }

private:
    Result<void> close()
    {
        Result<void> closed = m_sets.close();
        m_stuck |= !closed;
        return closed;
    }

    /// Copies everything so far into a float32 file and goes on there. `out`.part is readable at every moment.
    Result<void> widen()
    {
        TraceWriterOptions wide = m_options;
        wide.half = false;
        WINNOW_TRY(const std::uint64_t free, m_options.freeBytes(m_out.part()));
        WINNOW_TRY_VOID(checkSpace(m_out.target(), traceBytes(wide), free));
        WINNOW_TRY(AtomicFile next, AtomicFile::prepare(m_out.part()));
        WINNOW_TRY(Datasets sets, makeDatasets(next, m_options, false));
        for (std::size_t i = 0; i < sets.layers.size(); ++i)
            for (const Rows what : kRows)
                if (has(m_options.info.layerInfo[i], what))
                    WINNOW_TRY_VOID(copyRows(m_sets.rows(static_cast<int>(i), what), sets.rows(static_cast<int>(i), what)));
        WINNOW_TRY_VOID(sets.file.flush());
        WINNOW_TRY_VOID(copyRows(*m_sets.logprob, *sets.logprob));
        WINNOW_TRY_VOID(sets.logprob->flush());
        WINNOW_TRY_VOID(close());
        WINNOW_TRY_VOID(m_out.takeIn(std::move(next)));
        m_sets = std::move(sets);
        m_half = false;
        return {};
    }

    Result<void> copyRows(const Hdf5Dataset& from, Hdf5Dataset& to) const
    {
        const std::size_t axis = from.shape().size() == 1 ? 0 : 1;
        const hsize_t rows = from.shape()[axis];
        std::vector<float> values;
        for (hsize_t first = 0; first < rows; first += chunkRowsOf(m_options)) {
            Hdf5Shape begin(from.shape().size(), 0), box = from.shape();
            begin[axis] = first;
            box[axis] = std::min<hsize_t>(chunkRowsOf(m_options), rows - first);
            std::size_t count = 1;
            for (const hsize_t extent : box)
                count *= extent;
            values.resize(count);
            WINNOW_TRY_VOID(from.read(begin, box, NumberType::Float32, values.data()));
            WINNOW_TRY_VOID(appendRows(to, box[axis], NumberType::Float32, values.data()));
        }
        return {};
    }

    TraceWriterOptions m_options;
    AtomicFile m_out; ///< before m_sets: the datasets close first, then the part file goes
    Datasets m_sets;
    bool m_half = false;
    bool m_stuck = false; ///< closing failed once
    int m_committed = 0;
    std::vector<std::uint16_t> m_halves;
};

} // namespace

std::uint64_t traceBytes(const TraceWriterOptions& options)
{
    const TraceInfo& info = options.info;
    const std::uint64_t chunk = static_cast<std::uint64_t>(chunkRowsOf(options));
    const std::uint64_t chunks = (info.tokens.size() + chunk - 1) / chunk;
    // What HDF5 adds for a dataset, a layer's group and a file; measured. Blocks begin at multiples of kBlock (core/io/hdf5.cpp).
    constexpr std::uint64_t kBlock = 512, kObject = 3 * kBlock, kLayer = 4 * kBlock, kFile = 32 * kBlock;
    constexpr std::uint64_t kChunkRecord = 12;
    const auto blocks = [](std::uint64_t size) { return (size + kBlock - 1) / kBlock * kBlock; };
    std::uint64_t bytes = kFile + info.config.size() + info.text.size() + info.tokens.size() * 12 + chunks * blocks(chunk * 4) +
                          info.layerInfo.size() * kLayer;
    for (const LayerInfo& layer : info.layerInfo)
        for (const Rows what : kRows) {
            if (!has(layer, what))
                continue;
            const std::uint64_t perRow = isVector(what)
                                             ? std::uint64_t(headsOf(layer, what)) * layer.headDim * (options.half ? 2 : 4)
                                             : layer.queryHeads * 4u;
            bytes += kObject + chunks * (blocks(chunk * perRow) + kChunkRecord);
        }
    return bytes;
}

std::string unfinishedRecording(const AtomicFile& out)
{
    if (!out.holdsUnfinished())
        return {};
    const auto trace = Trace::open(out.part());
    return trace && (*trace)->tokenCount() > 0 ? fmt::format("'{}' holds the first {} tokens of a recording that was cut short",
                                                             out.part().string(), (*trace)->tokenCount())
                                               : std::string();
}

Result<std::unique_ptr<TraceWriter>> TraceWriter::create(TraceWriterOptions options)
{
    WINNOW_TRY(AtomicFile out, AtomicFile::claim(options.out));
    return create(std::move(options), std::move(out));
}

Result<std::unique_ptr<TraceWriter>> TraceWriter::create(TraceWriterOptions options, AtomicFile out)
{
    const TraceInfo& info = options.info;
    WINNOW_CHECK(!info.tokens.empty() && !info.layers.empty(), "{} tokens, {} layers", info.tokens.size(), info.layers.size());
    WINNOW_CHECK(info.offsets.size() == info.tokens.size(), "{} offsets for {} tokens", info.offsets.size(), info.tokens.size());
    WINNOW_CHECK(info.layers.size() == info.layerInfo.size(), "{} layers, {} infos", info.layers.size(), info.layerInfo.size());
    WINNOW_CHECK(options.chunkRows > 0, "chunkRows {}", options.chunkRows);
    for (std::size_t i = 0; i < info.layers.size(); ++i)
        if (const std::string wrong = wrongAttribute(info.layerInfo[i]); !wrong.empty())
            return fail(ErrorCode::BadInput, "layer {} has {}", raw(info.layers[i]), wrong);
    WINNOW_TRY(const std::uint64_t free, options.freeBytes(options.out));
    WINNOW_TRY_VOID(checkSpace(options.out, traceBytes(options), free));
    // Beside, so that `out`.part can be read at every moment, and keeps what it holds until there is something to read.
    WINNOW_TRY(AtomicFile first, AtomicFile::prepare(out.part()));
    WINNOW_TRY(Datasets sets, makeDatasets(first, options, options.half));
    WINNOW_TRY_VOID(out.takeIn(std::move(first)));
    return std::make_unique<SwmrTraceWriter>(std::move(options), std::move(out), std::move(sets));
}

} // namespace winnow
