// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/score_lines.h"

#include "app/cli/text_columns.h"
#include "core/analysis/series_labels.h"
#include "core/base/printable.h"
#include "core/io/disk.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace winnow::cli {

using namespace tasks;

namespace {

std::string cell(const ScoreRow& row)
{
    return row.interval ? fmt::format("{:.2f} [{:.1f}, {:.1f}]", row.value, row.interval->low, row.interval->high)
                        : fmt::format("{:.2f}", row.value);
}

/// Rows of one series, task, part, score and count stand in one line.
struct Lines {
    using Key = std::array<std::string, 5>;
    std::vector<Key> keys;
    std::vector<const ScoreRow*> first;
    std::map<std::pair<std::size_t, const Profile*>, const ScoreRow*> rows;
};

Lines linesOf(const ScoreTable& table)
{
    Lines lines;
    for (const ScoreRow& row : table.rows) {
        const Lines::Key key{row.series, row.task, row.part, std::string(row.score == nullptr ? "mean" : row.score->name),
                             std::to_string(row.count)};
        const auto at = std::ranges::find(lines.keys, key);
        const auto line = static_cast<std::size_t>(at - lines.keys.begin());
        if (at == lines.keys.end()) {
            lines.keys.push_back(key);
            lines.first.push_back(&row);
        }
        lines.rows.emplace(std::pair(line, row.profile), &row);
    }
    return lines;
}

std::string saidCell(Said said) { return said == Said::Unsaid ? "" : std::string(saidTitle(said)); }

/// What the answers say of themselves.
std::vector<TextColumn> factColumns(const Lines& lines)
{
    std::vector<TextColumn> columns;
    const auto add = [&](std::string title, auto cellOf) {
        TextColumn column{.title = std::move(title)};
        for (const ScoreRow* const row : lines.first)
            column.cells.push_back(row->score == nullptr ? "" : cellOf(*row));
        columns.push_back(std::move(column));
    };
    add("slots", [](const ScoreRow& row) { return row.storedSlots ? fmt::format("{:.1f}", *row.storedSlots) : ""; });
    add("bytes", [](const ScoreRow& row) {
        return row.cacheBytes ? sizeText(static_cast<std::uint64_t>(std::llround(*row.cacheBytes))) : "";
    });
    add("query-aware", [](const ScoreRow& row) { return saidCell(row.queryAware); });
    add("chat", [](const ScoreRow& row) { return saidCell(row.chatTemplate); });
    add("cut", [](const ScoreRow& row) { return row.cut; });
    return columns;
}

void tellTable(const ScoreTable& table, const std::map<std::string, std::string>& labels, Console& console)
{
    const Lines lines = linesOf(table);
    std::vector<TextColumn> columns;
    const std::array<std::string_view, 5> titles{"series", "task", "part", "score", "n"};
    for (std::size_t c = 0; c < titles.size(); ++c) {
        TextColumn column{.title = std::string(titles[c]), .right = c == 4};
        for (const Lines::Key& key : lines.keys)
            column.cells.push_back(printable(c == 0 ? labels.at(key[c]) : key[c]));
        columns.push_back(std::move(column));
    }
    for (const Profile& profile : profiles()) {
        TextColumn column{.title = std::string(profile.name)};
        for (std::size_t line = 0; line < lines.keys.size(); ++line) {
            const auto found = lines.rows.find({line, &profile});
            column.cells.push_back(found == lines.rows.end() ? "" : cell(*found->second));
        }
        if (!column.says())
            continue;
        for (std::string& text : column.cells)
            text = text.empty() ? "." : text;
        columns.push_back(std::move(column));
    }
    std::ranges::move(factColumns(lines), std::back_inserter(columns));
    tellColumns(std::move(columns), console);
}

/// How each profile would have asked, and how the answers say they were.
void tellFacts(const ScoreTable& table, Console& console)
{
    console.say("\nIn brackets: 95 % by bootstrap over answers. The same answers under every profile; a profile's own run would "
                "also ask so:");
    for (const Profile& profile : profiles()) {
        if (std::ranges::find(table.rows, &profile, &ScoreRow::profile) == table.rows.end())
            continue;
        console.say(fmt::format("  {}: {}", profile.name, profile.asks));
        if (!profile.note.empty())
            console.say(fmt::format("    Beware: {}", profile.note));
    }
    Said queryAware = Said::Unsaid, chat = Said::Unsaid;
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        const ScoreRow& row = table.rows[i];
        if (row.score == nullptr)
            continue;
        queryAware = i == 0 || queryAware == row.queryAware ? row.queryAware : Said::Mixed;
        chat = i == 0 || chat == row.chatTemplate ? row.chatTemplate : Said::Mixed;
    }
    console.say(fmt::format("The answers say: query-aware {}, chat template {}.", saidTitle(queryAware), saidTitle(chat)));
}

} // namespace

Result<std::vector<const Profile*>> profilesNamed(const std::vector<std::string>& names)
{
    std::vector<const Profile*> found;
    for (const std::string& name : names) {
        const Profile* const profile = findProfile(name);
        if (profile == nullptr)
            return fail(ErrorCode::Usage, "there is no profile '{}', did you mean '{}'? `winnow tasks` lists them", name,
                        nearestProfile(name));
        if (std::ranges::find(found, profile) == found.end())
            found.push_back(profile);
    }
    return found;
}

Result<ScoreTable> scoredAnswers(const AnswerSet& set, ScoreOptions options, const std::string& jieba, const JobContext& job)
{
    if (wantsSegmenter(set)) {
        const auto folder = jieba.empty() ? Segmenter::installed() : std::optional<std::filesystem::path>(jieba);
        if (folder) {
            WINNOW_TRY(options.segmenter, Segmenter::load(*folder));
        }
    }
    WINNOW_TRY(ScoreTable table, scoreAnswers(set, options, job));
    if (table.rows.empty() && !table.refused.empty())
        return fail(ErrorCode::BadInput, "nothing was scored: {}", table.refused.front());
    if (table.rows.empty())
        return fail(ErrorCode::BadInput, "nothing was scored: line {} {}", set.lines[table.unjudged.front().answer],
                    table.unjudged.front().why);
    return table;
}

void tellScores(const ScoreTable& table, Console& console)
{
    std::vector<std::string> series;
    for (const ScoreRow& row : table.rows)
        series.push_back(row.series);
    const std::map<std::string, std::string> labels = seriesLabels(series);
    tellTable(table, labels, console);
    tellFacts(table, console);
    bool first = true;
    for (const auto& [series, label] : labels)
        if (series != label) {
            console.say(fmt::format("{}  {}: {}", first ? "The series in full:\n" : "", label, printable(series)));
            first = false;
        }
}

} // namespace winnow::cli
