// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers as tables. Code that exports numbers describes them once, as tables and facts; the writers of csv (for a spreadsheet),
// npz (for NumPy) and HDF5 work from that description. Pure but for the writing; any thread.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace winnow {

/// Numbers or words of one type, row-major. Made from a vector it owns them, and copies share them. Made by `borrowed` it refers
/// to numbers that somebody else owns and that must outlive it and its copies.
class Values {
public:
    using Span = std::variant<std::span<const double>, std::span<const float>, std::span<const std::int32_t>,
                              std::span<const std::int64_t>, std::span<const std::uint8_t>, std::span<const std::string>>;

    Values() = default;
    template <class T>
    Values(std::vector<T> values) : m_owned(std::make_shared<const std::vector<T>>(std::move(values)))
    {
        m_span = std::span<const T>(*std::static_pointer_cast<const std::vector<T>>(m_owned));
    }
    /// One value.
    template <class T>
    static Values one(T value)
    {
        return std::vector<T>{std::move(value)};
    }
    template <class T>
    static Values borrowed(const std::vector<T>& values)
    {
        Values seen;
        seen.m_span = std::span<const T>(values);
        return seen;
    }
    const Span& span() const { return m_span; }
    std::size_t size() const;

private:
    std::shared_ptr<const void> m_owned;
    Span m_span;
};

/// What something is called in the csv and in the npz (and HDF5); "" = it is not in that file. A plain word is its name in both.
struct TableName {
    std::string csv, npz;
    TableName(const char* both) : csv(both), npz(both) {}
    TableName(std::string both) : csv(both), npz(std::move(both)) {}
    TableName(std::string inCsv, std::string inNpz) : csv(std::move(inCsv)), npz(std::move(inNpz)) {}
};
TableName onlyCsv(std::string name);
TableName onlyNpz(std::string name);

/// Something that holds for the whole table. csv: a line `# name: values`, before the columns. npz: an array of this shape.
struct TableFact {
    TableName name;
    Values values;
    std::vector<std::size_t> shape; ///< empty = one value
    int digits = 9;                 ///< of numbers with a fraction, in the csv
};

/// What the rows of a table run over, for example policies or steps.
struct TableAxis {
    std::size_t size = 0;
    /// Where these are given (`size` of them), the csv lays the axis across: every column that varies along it becomes `size`
    /// columns, and the place of "{}" in its name is taken by one of these words.
    std::vector<std::string> across = {};
};

/// Values along some axes of its table. csv: a column. npz: an array whose shape are the sizes of these axes.
struct TableColumn {
    TableName name;
    std::vector<std::size_t>
        along; ///< indices of the table's axes, in the order in which `values` are stored, the last one fastest
    Values values;
    bool quoted = false; ///< words stand in quotes even where they have no comma
};

/// csv: a row for every combination of the axes that do not lie across, the last axis fastest. Numbers that are not finite stay
/// empty; double is written with nine digits, float with six.
struct Table {
    std::vector<TableAxis> axes;
    std::vector<TableColumn> columns;
};

/// All numbers of one output. In the csv, tables with the same column names follow each other as one, and others begin after an
/// empty line.
struct Tables {
    std::vector<TableFact> facts;
    std::vector<Table> tables;
    std::map<std::string, std::string> manifest; ///< added to the manifest that the writer is given

    void fact(TableName name, std::string word) { facts.push_back({std::move(name), Values::one(std::move(word)), {}}); }
    void fact(TableName name, std::string_view word) { fact(std::move(name), std::string(word)); }
    void fact(TableName name, const char* word) { fact(std::move(name), std::string(word)); }
    void fact(TableName name, int number) { facts.push_back({std::move(name), Values::one(std::int32_t{number}), {}}); }
    void fact(TableName name, double number) { facts.push_back({std::move(name), Values::one(number), {}}); }
    /// A row of values, as long as they are.
    void row(TableName name, Values values)
    {
        const std::size_t size = values.size();
        facts.push_back({std::move(name), std::move(values), {size}});
    }
    /// An array that the csv does not hold.
    void array(std::string name, Values values, std::vector<std::size_t> shape)
    {
        facts.push_back({onlyNpz(std::move(name)), std::move(values), std::move(shape)});
    }
};

/// first, first + 1, …: `count` numbers.
std::vector<std::int32_t> counted(int first, std::size_t count);
/// Numbers of type int as tables hold them.
std::vector<std::int32_t> wholeNumbers(std::span<const int> numbers);

/// Adds what `more` holds to the npz alone, under `prefix` and its names.
void addToNpz(Tables& tables, const Tables& more, const std::string& prefix);

enum class TableFormat { Csv, Npz };
/// csv or npz by the extension, in any case; an error for another.
Result<TableFormat> tableFormat(const std::filesystem::path& out);

/// Csv: `# key: value` lines of the manifest first. Npz: it is JSON, `manifest`. Or HDF5 (.h5): attributes of "/". Atomically.
Result<void> writeTables(const Tables& tables, std::map<std::string, std::string> manifest, const std::filesystem::path& out);
/// The csv as text.
std::string csvText(const Tables& tables, const std::map<std::string, std::string>& manifest);

} // namespace winnow
