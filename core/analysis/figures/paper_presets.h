// SPDX-License-Identifier: GPL-3.0-or-later
// Figures of papers that Winnow draws for any model and text, each by one command. Pure data; any thread.
#pragma once

#include <span>
#include <string_view>

namespace winnow {

struct PaperPreset {
    std::string_view paper;   ///< "TreeKV, Figure 2"
    std::string_view shows;   ///< what it shows, as a sentence without its full stop
    std::string_view words;   ///< what follows `winnow figure`, without files: see figureOfArguments
    std::string_view files;   ///< what it is made from, as a command line names it
    std::string_view differs; ///< from the paper's own, a sentence without its full stop
};

std::span<const PaperPreset> paperPresets();

} // namespace winnow
