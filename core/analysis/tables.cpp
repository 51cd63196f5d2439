// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/tables.h"

#include "core/base/check.h"
#include "core/io/atomic_file.h"
#include "core/io/hdf5.h"
#include "core/io/npz.h"
#include "core/io/output_file.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

namespace winnow {

namespace {

/// A csv field (RFC 4180): quoted where it has to be.
std::string field(const std::string& text, bool always)
{
    if (!always && text.find_first_of(",\"\n") == std::string::npos)
        return text;
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"')
            quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

/// One line of text from several.
std::string flat(std::string text)
{
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return text;
}

struct CellText {
    std::string& out;
    int digits; ///< of double; float has three fewer
    bool quoted;
    bool plain; ///< words as they are: in a `#` line

    void operator()(double value) const
    {
        if (std::isfinite(value))
            fmt::format_to(std::back_inserter(out), "{:.{}g}", value, digits);
    }
    void operator()(float value) const
    {
        if (std::isfinite(value))
            fmt::format_to(std::back_inserter(out), "{:.{}g}", value, digits - 3);
    }
    void operator()(std::int32_t value) const { fmt::format_to(std::back_inserter(out), "{}", value); }
    void operator()(std::int64_t value) const { fmt::format_to(std::back_inserter(out), "{}", value); }
    void operator()(std::uint8_t value) const { fmt::format_to(std::back_inserter(out), "{}", static_cast<int>(value)); }
    void operator()(const std::string& value) const { out += plain ? flat(value) : field(value, quoted); }
};

void appendCell(std::string& out, const Values& values, std::size_t at, bool quoted)
{
    std::visit([&](const auto& span) { CellText{out, 9, quoted, false}(span[at]); }, values.span());
}

std::string factLine(const TableFact& fact)
{
    std::string line = "# " + fact.name.csv + ": ";
    std::visit(
        [&](const auto& span) {
            for (std::size_t i = 0; i < span.size(); ++i) {
                if (i > 0)
                    line += ' ';
                CellText{line, fact.digits, false, true}(span[i]);
            }
        },
        fact.values.span());
    return line + '\n';
}

/// Where a column of the csv reads its values.
struct CsvColumn {
    std::string name;
    const TableColumn* column = nullptr;
    std::size_t offset = 0;
    std::vector<std::size_t> strides; ///< per axis of the table; 0 where the column does not vary along it
};

std::vector<CsvColumn> csvColumns(const Table& table)
{
    std::vector<CsvColumn> all;
    for (const TableColumn& column : table.columns) {
        if (column.name.csv.empty())
            continue;
        CsvColumn one{column.name.csv, &column, 0, std::vector<std::size_t>(table.axes.size(), 0)};
        std::size_t stride = 1;
        const TableAxis* across = nullptr;
        std::size_t acrossStride = 0;
        for (std::size_t i = column.along.size(); i-- > 0;) {
            const TableAxis& axis = table.axes[column.along[i]];
            if (axis.across.empty()) {
                one.strides[column.along[i]] = stride;
            } else {
                across = &axis;
                acrossStride = stride;
            }
            stride *= axis.size;
        }
        WINNOW_CHECK(column.values.size() == stride, "column '{}' has {} values and needs {}", one.name, column.values.size(),
                     stride);
        if (!across) {
            all.push_back(std::move(one));
            continue;
        }
        const std::size_t gap = one.name.find("{}");
        WINNOW_CHECK(gap != std::string::npos, "column '{}' lies across and has no place for a word", one.name);
        for (std::size_t i = 0; i < across->size; ++i) {
            CsvColumn next = one;
            next.name.replace(gap, 2, across->across[i]);
            next.offset = i * acrossStride;
            all.push_back(std::move(next));
        }
    }
    return all;
}

void appendRows(std::string& text, const Table& table, const std::vector<CsvColumn>& columns)
{
    std::vector<std::size_t> rowAxes, index(table.axes.size(), 0);
    for (std::size_t axis = 0; axis < table.axes.size(); ++axis)
        if (table.axes[axis].across.empty()) {
            rowAxes.push_back(axis);
            if (table.axes[axis].size == 0)
                return;
        }
    while (true) {
        for (std::size_t c = 0; c < columns.size(); ++c) {
            std::size_t at = columns[c].offset;
            for (const std::size_t axis : rowAxes)
                at += index[axis] * columns[c].strides[axis];
            if (c > 0)
                text += ',';
            appendCell(text, columns[c].column->values, at, columns[c].column->quoted);
        }
        text += '\n';
        std::size_t turning = rowAxes.size();
        while (turning > 0 && ++index[rowAxes[turning - 1]] == table.axes[rowAxes[turning - 1]].size)
            index[rowAxes[--turning]] = 0;
        if (turning == 0)
            return;
    }
}

void addArray(NpzWriter& npz, const std::string& name, const Values& values, const std::vector<std::size_t>& shape)
{
    std::visit(
        [&]<class T>(std::span<const T> span) {
            if constexpr (std::is_same_v<T, std::string>) {
                WINNOW_CHECK(shape.size() <= 1, "words stand in rows, and '{}' has {} axes", name, shape.size());
                if (shape.empty())
                    npz.addString(name, span.front());
                else
                    npz.addStrings(name, span);
            } else {
                npz.add(name, span, shape);
            }
        },
        values.span());
}

/// Calls `add` with the name, values and shape of everything that is an array of the npz.
template <class Add>
Result<void> forEachArray(const Tables& tables, Add add)
{
    for (const Table& table : tables.tables)
        for (const TableColumn& column : table.columns) {
            if (column.name.npz.empty())
                continue;
            std::vector<std::size_t> shape;
            for (const std::size_t axis : column.along)
                shape.push_back(table.axes[axis].size);
            WINNOW_TRY_VOID(add(column.name.npz, column.values, shape));
        }
    for (const TableFact& fact : tables.facts)
        if (!fact.name.npz.empty())
            WINNOW_TRY_VOID(add(fact.name.npz, fact.values, fact.shape));
    return {};
}

Result<void> writeNpz(const Tables& tables, const std::map<std::string, std::string>& manifest, const std::filesystem::path& out)
{
    NpzWriter npz(out);
    WINNOW_TRY_VOID(
        forEachArray(tables, [&](const std::string& name, const Values& values, const std::vector<std::size_t>& shape) {
            addArray(npz, name, values, shape);
            return Result<void>();
        }));
    npz.addString("manifest", nlohmann::json(manifest).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    return npz.finish();
}

Result<void> addDataset(Hdf5File& file, const std::string& name, const Values& values, const std::vector<std::size_t>& shape)
{
    return std::visit(
        [&]<class T>(std::span<const T> span) -> Result<void> {
            if constexpr (!std::is_same_v<T, std::string>)
                return file.writeArray(name, span, Hdf5Shape(shape.begin(), shape.end()));
            else
                return shape.empty() ? file.writeString(name, span.front()) : file.writeStrings(name, span);
        },
        values.span());
}

Result<void> writeHdf5(const Tables& tables, const std::map<std::string, std::string>& manifest, const std::filesystem::path& out)
{
    WINNOW_TRY(AtomicFile target, AtomicFile::prepare(out));
    WINNOW_TRY(Hdf5File file, Hdf5File::create(target.part(), false, target.target()));
    WINNOW_TRY_VOID(file.setAttribute("/", "format", std::string("winnow-table")));
    for (const auto& [key, value] : manifest)
        WINNOW_TRY_VOID(file.setAttribute("/", key, value));
    WINNOW_TRY_VOID(
        forEachArray(tables, [&](const std::string& name, const Values& values, const std::vector<std::size_t>& shape) {
            return addDataset(file, name, values, shape);
        }));
    WINNOW_TRY_VOID(file.close());
    return target.commit();
}

} // namespace

std::size_t Values::size() const
{
    return std::visit([](const auto& span) { return span.size(); }, m_span);
}

TableName onlyCsv(std::string name) { return {std::move(name), std::string()}; }
TableName onlyNpz(std::string name) { return {std::string(), std::move(name)}; }

std::vector<std::int32_t> counted(int first, std::size_t count)
{
    std::vector<std::int32_t> numbers(count);
    std::iota(numbers.begin(), numbers.end(), first);
    return numbers;
}

std::vector<std::int32_t> wholeNumbers(std::span<const int> numbers) { return {numbers.begin(), numbers.end()}; }

void addToNpz(Tables& tables, const Tables& more, const std::string& prefix)
{
    for (const Table& table : more.tables) {
        Table named{table.axes, {}};
        for (TableColumn column : table.columns)
            if (!column.name.npz.empty()) {
                column.name = onlyNpz(prefix + column.name.npz);
                named.columns.push_back(std::move(column));
            }
        tables.tables.push_back(std::move(named));
    }
    for (TableFact fact : more.facts)
        if (!fact.name.npz.empty()) {
            fact.name = onlyNpz(prefix + fact.name.npz);
            tables.facts.push_back(std::move(fact));
        }
}

Result<TableFormat> tableFormat(const std::filesystem::path& out)
{
    const std::string extension = extensionOf(out);
    if (extension == "csv")
        return TableFormat::Csv;
    if (extension == "npz")
        return TableFormat::Npz;
    return fail(ErrorCode::Usage, "'{}' does not end in .csv or .npz, so it is not clear how to write the numbers", out.string());
}

std::string csvText(const Tables& tables, const std::map<std::string, std::string>& manifest)
{
    std::string text;
    for (const auto& [key, value] : manifest)
        text += fmt::format("# {}: {}\n", key, flat(value));
    for (const TableFact& fact : tables.facts)
        if (!fact.name.csv.empty())
            text += factLine(fact);
    std::string before;
    for (const Table& table : tables.tables) {
        const std::vector<CsvColumn> columns = csvColumns(table);
        if (columns.empty())
            continue;
        std::string heads;
        for (const CsvColumn& column : columns)
            heads += (heads.empty() ? "" : ",") + column.name;
        if (heads != before)
            text += (before.empty() ? "" : "\n") + heads + '\n';
        before = heads;
        appendRows(text, table, columns);
    }
    return text;
}

Result<void> writeTables(const Tables& tables, std::map<std::string, std::string> manifest, const std::filesystem::path& out)
{
    for (const auto& [key, value] : tables.manifest)
        manifest[key] = value;
    if (extensionOf(out) == "h5")
        return writeHdf5(tables, manifest, out);
    WINNOW_TRY(const TableFormat format, tableFormat(out));
    return format == TableFormat::Csv ? writeFileAtomically(out, csvText(tables, manifest)) : writeNpz(tables, manifest, out);
}

} // namespace winnow
