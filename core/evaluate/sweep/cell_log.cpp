// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/sweep/cell_log.h"

#include "core/base/check.h"

#include <map>

namespace winnow {

Result<CellLog> CellLog::open(const std::filesystem::path& path, std::span<const SweepCell> cells)
{
    std::map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < cells.size(); ++i)
        places.emplace(cells[i].hash, i);
    CellLog log;
    log.m_results.resize(cells.size());
    std::optional<Error> other;
    const auto take = [&](std::string_view line) -> Result<void> {
        WINNOW_TRY(CellResult result, parseCell(line));
        const auto place = places.find(result.cell);
        if (place == places.end() && !other)
            other = Error{ErrorCode::BadInput,
                          fmt::format("'{}' holds results of another plan: cell {} ({} / {} / {} / seed {}) is none of this "
                                      "plan's, or what it was measured with has changed; choose another name",
                                      path.string(), result.cell, result.model, result.input, result.policy, result.seed)};
        if (place != places.end())
            log.m_results[place->second] = std::move(result);
        return {};
    };
    WINNOW_TRY(log.m_lines, LineLog::open(path, {.begins = kCellBegins, .what = "results of a sweep", .each = "result"}, take));
    if (other)
        return fail(std::move(*other));
    return log;
}

Result<void> CellLog::append(std::size_t cell, CellResult result)
{
    WINNOW_CHECK(!holds(cell), "cell {} has its result already", cell);
    WINNOW_TRY_VOID(m_lines->append(cellLine(result)));
    m_results[cell] = std::move(result);
    return {};
}

} // namespace winnow
