// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/head_scores.h"

#include "core/io/json.h"
#include "core/io/mapped_file.h"

#include <algorithm>
#include <cmath>

namespace winnow {

Result<std::vector<double>> parseHeadScores(std::string_view text, std::string_view where, int layers, int heads)
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
    double all = 0;
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
            all += scores[static_cast<std::size_t>(layer) * heads + head] =
                std::max(0.0, sum / static_cast<double>(found->size()));
        }
    }
    if (static_cast<std::size_t>(layers) * heads != table.size())
        return refuse(fmt::format("it has {} entries", table.size()));
    if (!std::isfinite(all))
        return refuse("its scores are too large to be added up");
    if (!(all > 0))
        return refuse("its scores are all zero");
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
