// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/figures/paper_presets.h"

#include "core/analysis/figures/figure_catalog.h"

#include <gmock/gmock.h>

#include <sstream>

namespace winnow {
namespace {

TEST(PaperPresets, areCommandsThatTheCatalogKnows)
{
    EXPECT_GE(paperPresets().size(), 10U);
    for (const PaperPreset& preset : paperPresets()) {
        std::istringstream line{std::string(preset.words)};
        std::vector<std::string> words;
        for (std::string word; line >> word;)
            words.push_back(word);
        const auto request = figureOfArguments(words);
        ASSERT_TRUE(request) << preset.paper << ": " << request.error().message;
        const FigureKind& kind = **findFigure(request->name);
        EXPECT_EQ(preset.files, kind.needs == FigureNeeds::Trace                 ? "T.h5"
                                : kind.needs == FigureNeeds::Cells || kind.cells ? "S.jsonl"
                                                                                 : "R.h5")
            << preset.paper;
        EXPECT_FALSE(preset.differs.empty()) << preset.paper;
    }
}

} // namespace
} // namespace winnow
