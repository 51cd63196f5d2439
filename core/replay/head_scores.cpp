// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/head_scores.h"

#include "core/io/json.h"
#include "core/io/mapped_file.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <numeric>

namespace winnow {

namespace {

/// Lines of numbers, a line for each layer with a column for each KV head or query head, as DuoAttention's
/// full_attention_heads.tsv.
Result<std::vector<double>> parseColumns(std::string_view text, std::string_view where, int layers, int heads)
{
    std::vector<double> scores;
    std::size_t columns = 0;
    int line = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view rest = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        std::vector<double> row;
        for (;;) {
            rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r"), rest.size()));
            if (rest.empty())
                break;
            double score = 0;
            const auto [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), score);
            if (error != std::errc() || !std::isfinite(score))
                return fail(ErrorCode::BadInput,
                            "{} is no table of head scores: line {} holds '{}' where a number is expected; give JSON or numbers "
                            "between tabs",
                            where, line + 1, rest.substr(0, std::min(rest.find_first_of(" \t\r"), std::size_t{20})));
            rest.remove_prefix(static_cast<std::size_t>(stop - rest.data()));
            row.push_back(std::clamp(score, 0.0, 1.0)); // as the authors read it
        }
        if (row.empty())
            continue;
        if (columns == 0)
            columns = row.size();
        if (row.size() != columns || line == layers || heads % static_cast<int>(columns) != 0)
            return fail(ErrorCode::BadInput,
                        "{} is no table of head scores for this model: line {} has {} numbers; expected {} lines of as many KV "
                        "heads or query heads as the model has ({} query heads)",
                        where, line + 1, row.size(), layers, heads);
        for (const double score : row)
            scores.insert(scores.end(), static_cast<std::size_t>(heads) / columns, score);
        ++line;
    }
    if (line != layers)
        return fail(ErrorCode::BadInput, "{} is no table of head scores for this model: it has {} lines, expected {}", where,
                    line, layers);
    return scores;
}

/// An object of lists of scores by "layer-head".
Result<std::vector<double>> parseLists(std::string_view text, std::string_view where, int layers, int heads)
{
    WINNOW_TRY(const nlohmann::json table, parseJson(text, where));
    const auto refuse = [&](const std::string& what) {
        return fail(ErrorCode::BadInput,
                    "{} is no table of head scores for this model: {}; expected an object that names, for each of {} "
                    "layers and {} heads, \"layer-head\": [scores]",
                    where, what, layers, heads);
    };
    if (!table.is_object())
        return refuse("it is not an object");
    std::vector<double> scores(static_cast<std::size_t>(layers) * heads, 0.0);
    for (int layer = 0; layer < layers; ++layer) {
        for (int head = 0; head < heads; ++head) {
            const std::string key = fmt::format("{}-{}", layer, head);
            const auto found = table.find(key);
            if (found == table.end() || !found->is_array() || found->empty())
                return refuse(fmt::format("it has no list \"{}\"", key));
            double sum = 0;
            for (const auto& number : *found) {
                if (!number.is_number())
                    return refuse(fmt::format("\"{}\" holds something that is no number", key));
                sum += number.get<double>();
            }
            scores[static_cast<std::size_t>(layer) * heads + head] = std::max(0.0, sum / static_cast<double>(found->size()));
        }
    }
    if (static_cast<std::size_t>(layers) * heads != table.size())
        return refuse(fmt::format("it has {} entries", table.size()));
    return scores;
}

} // namespace

Result<std::vector<double>> parseHeadScores(std::string_view text, std::string_view where, int layers, int heads)
{
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    const bool columns =
        first != std::string_view::npos && (std::isdigit(static_cast<unsigned char>(text[first])) != 0 || text[first] == '-');
    WINNOW_TRY(std::vector<double> scores,
               columns ? parseColumns(text, where, layers, heads) : parseLists(text, where, layers, heads));
    const double all = std::accumulate(scores.begin(), scores.end(), 0.0);
    if (!std::isfinite(all))
        return fail(ErrorCode::BadInput, "{} is no table of head scores: they are too large to be added up", where);
    if (!(all > 0))
        return fail(ErrorCode::BadInput, "{} is no table of head scores: they are all zero", where);
    for (double& score : scores)
        score /= all;
    return scores;
}

Result<std::vector<double>> readHeadScores(const std::string& path, int layers, int heads)
{
    WINNOW_TRY(const MappedFile file, MappedFile::open(path));
    return parseHeadScores(file.text(), fmt::format("'{}'", path), layers, heads);
}

} // namespace winnow
