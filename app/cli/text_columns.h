// SPDX-License-Identifier: GPL-3.0-or-later
// Tables on the terminal whose columns are as wide as what stands in them.
#pragma once

#include "app/cli/console.h"

#include <string>
#include <vector>

namespace winnow::cli {

struct TextColumn {
    std::string title;
    bool right = true;                ///< where its cells stand
    std::vector<std::string> cells{}; ///< a row each

    /// Whether some row has something to say.
    bool says() const;
};

/// A line of titles and one for every row; columns that say nothing are left out.
void tellColumns(std::vector<TextColumn> columns, Console& console);

} // namespace winnow::cli
