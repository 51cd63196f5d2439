// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/text_columns.h"

#include <algorithm>

namespace winnow::cli {

namespace {

std::size_t widthOf(const TextColumn& column)
{
    std::size_t most = column.title.size();
    for (const std::string& cell : column.cells)
        most = std::max(most, cell.size());
    return most;
}

} // namespace

bool TextColumn::says() const
{
    return std::ranges::any_of(cells, [](const std::string& cell) { return !cell.empty(); });
}

void tellColumns(std::vector<TextColumn> columns, Console& console)
{
    std::erase_if(columns, [](const TextColumn& column) { return !column.says(); });
    if (columns.empty())
        return;
    const auto lineOf = [&](auto textOf) {
        std::string text;
        for (const TextColumn& column : columns) {
            text += text.empty() ? "" : "  ";
            text += column.right ? fmt::format("{:>{}}", textOf(column), widthOf(column))
                                 : fmt::format("{:<{}}", textOf(column), widthOf(column));
        }
        text.erase(text.find_last_not_of(' ') + 1);
        console.say(text);
    };
    lineOf([](const TextColumn& column) { return column.title; });
    for (std::size_t row = 0; row < columns.front().cells.size(); ++row)
        lineOf([&](const TextColumn& column) { return column.cells[row]; });
}

} // namespace winnow::cli
