// SPDX-License-Identifier: GPL-3.0-or-later
// The catalog of figures: the command line, the window, the tests and "copy as command" read it.
#pragma once

#include "core/analysis/figures/figure.h"

#include <deque>

namespace winnow {

/// All kinds of figures, in the order of figure_list.h. Entries keep their address.
const std::deque<FigureKind>& figureCatalog();
/// Adds a kind, which every list then shows. Call it before other threads read the catalog. The name must be new.
const FigureKind& addFigure(FigureKind kind);
/// The entry of that name, or an error that names the nearest right one.
Result<const FigureKind*> findFigure(std::string_view name);

/// The figures that read an option, in order.
std::vector<std::string_view> figuresThatRead(std::string_view word);
/// Nothing where the figure reads the option. Otherwise why not, as a sentence.
std::optional<std::string> whyUnread(const FigureKind& kind, std::string_view word, const FigureOptions& options);
/// What the figure is made from with these options: more than its kind needs where an option asks for it.
FigureNeeds needsOf(const FigureKind& kind, const FigureOptions& options);
/// What is wrong with the options for this figure, whatever it is made from.
Result<void> checkOptions(const FigureKind& kind, const FigureOptions& options);

/// Computes a figure's numbers. Any thread. Errors with the code Usage are about the options, all others about the inputs.
Result<Figure> makeFigure(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options,
                          const JobContext& job);
Result<Figure> makeFigure(std::string_view name, const FigureInputs& inputs, const FigureOptions& options, const JobContext& job);

/// What a file holds, by its extension.
enum class FigureFormat { Svg, Pdf, Png, Csv, Npz };
/// In upper or lower case; an error that names them all for another.
Result<FigureFormat> figureFormat(const std::filesystem::path& out);
/// svg, pdf and png, which views/paper draws; the others are numbers.
inline bool isPicture(FigureFormat format) { return format != FigureFormat::Csv && format != FigureFormat::Npz; }

/// Writes the numbers as .csv (manifest lines begin with `#`) or .npz, by extension.
Result<void> writeFigureNumbers(const Figure& figure, const std::filesystem::path& out);

/// A figure and how it was asked for: what a view shows at the moment.
struct FigureRequest {
    std::string name;
    FigureOptions options;
};
/// The words after `winnow figure` that make it again, without the input files: {"mass", "--metric", "error", …}. Options that
/// the figure does not read are left out.
std::vector<std::string> figureArguments(const FigureRequest& request);

/// The reverse. Errors are one sentence: no such figure or option, a value that is missing or wrong, an option that the figure
/// does not read.
Result<FigureRequest> figureOfArguments(const std::vector<std::string>& words);

} // namespace winnow
