// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/paper/save_figure.h"

#include "views/paper/drawings.h"

#include <map>

namespace winnow {
#define WINNOW_FIGURE(name) FigureKind figure##name();
#include "core/analysis/figures/figure_list.h"
#undef WINNOW_FIGURE
} // namespace winnow

namespace winnow::views {

namespace {

std::map<std::string, DrawFigure, std::less<>>& drawings()
{
    static std::map<std::string, DrawFigure, std::less<>> all{
#define WINNOW_FIGURE(word) {std::string(figure##word().name), draw##word},
#include "core/analysis/figures/figure_list.h"
#undef WINNOW_FIGURE
    };
    return all;
}

} // namespace

void addDrawing(std::string_view figure, DrawFigure draw) { drawings()[std::string(figure)] = draw; }

Result<void> saveFigure(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    WINNOW_TRY(const FigureFormat format, figureFormat(out));
    if (!isPicture(format))
        return writeFigureNumbers(figure, out);
    if (!(options.width >= 1 && options.width <= 40))
        return fail(ErrorCode::Usage,
                    "a width of {} inches was asked for; choose 1 to 40 (3.25 is a column, 5.5 a text, 6.75 a page)",
                    options.width);
    if (!(options.dpi >= 36 && options.dpi <= 2400))
        return fail(ErrorCode::Usage, "{} dots per inch were asked for; choose 36 to 2400", options.dpi);
    const auto drawing = drawings().find(figure.name);
    if (drawing == drawings().end())
        return fail(ErrorCode::Usage, "the figure '{}' has numbers and no picture; choose .csv or .npz", figure.name);
    return drawing->second(figure, options, out);
}

Result<void> renderFigure(std::string_view name, const FigureInputs& inputs, const FigureOptions& options,
                          const std::filesystem::path& out, const JobContext& job)
{
    WINNOW_TRY(const Figure figure, makeFigure(name, inputs, options, job));
    return saveFigure(figure, options, out);
}

} // namespace winnow::views
