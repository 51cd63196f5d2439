// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/figures/figure_catalog.h"

#include "core/analysis/comparison.h"
#include "core/analysis/curves.h"
#include "core/base/nearest.h"
#include "core/io/output_file.h"
#include "core/replay/stored_slots.h"

#include <algorithm>
#include <array>

namespace winnow {

#define WINNOW_FIGURE(name) FigureKind figure##name();
#include "core/analysis/figures/figure_list.h"
#undef WINNOW_FIGURE

namespace {

std::deque<FigureKind>& catalog()
{
    static std::deque<FigureKind> kinds{
#define WINNOW_FIGURE(name) figure##name(),
#include "core/analysis/figures/figure_list.h"
#undef WINNOW_FIGURE
    };
    return kinds;
}

/// With the figure's own transform and levels where they were not given.
FigureOptions completed(const FigureKind& kind, FigureOptions options)
{
    if (!options.transform)
        options.transform = std::string(kind.transform);
    if (!options.levels)
        options.levels = kind.levels;
    return options;
}

bool isOfEveryFigure(std::string_view word) { return word == "--width" || word == "--dpi"; }

} // namespace

const std::deque<FigureKind>& figureCatalog() { return catalog(); }

const FigureKind& addFigure(FigureKind kind)
{
    WINNOW_CHECK(!findFigure(kind.name), "there is a figure '{}' already", kind.name);
    return catalog().emplace_back(std::move(kind));
}

Result<const FigureKind*> findFigure(std::string_view name)
{
    const auto found = std::find_if(catalog().begin(), catalog().end(), [&](const FigureKind& one) { return one.name == name; });
    if (found != catalog().end())
        return &*found;
    std::vector<std::string_view> names;
    for (const FigureKind& one : catalog())
        names.push_back(one.name);
    return fail(ErrorCode::Usage, "there is no figure '{}'; the nearest is '{}' (see `winnow figure --list`)", name,
                nearest(name, names));
}

std::vector<std::string_view> figuresThatRead(std::string_view word)
{
    std::vector<std::string_view> names;
    for (const FigureKind& kind : catalog())
        if (isOfEveryFigure(word) ||
            std::any_of(kind.reads.begin(), kind.reads.end(), [&](const FigureReads& one) { return one.word == word; }))
            names.push_back(kind.name);
    return names;
}

std::optional<std::string> whyUnread(const FigureKind& kind, std::string_view word, const FigureOptions& options)
{
    if (isOfEveryFigure(word))
        return std::nullopt;
    const auto read =
        std::find_if(kind.reads.begin(), kind.reads.end(), [&](const FigureReads& one) { return one.word == word; });
    if (read == kind.reads.end())
        return fmt::format("the figure '{}' does not read {}, which is for {}", kind.name, word,
                           fmt::join(figuresThatRead(word), ", "));
    if (read->when && !read->when(completed(kind, options)))
        return fmt::format("{} is read {}; leave it out", word, read->condition);
    return std::nullopt;
}

FigureNeeds needsOf(const FigureKind& kind, const FigureOptions& options)
{
    return options.lostBy && !whyUnread(kind, "--lost-by", options) ? FigureNeeds::Both : kind.needs;
}

Result<void> checkOptions(const FigureKind& kind, const FigureOptions& options)
{
    for (const FigureOption& option : figureOptionTable())
        if (option.word.starts_with("--against-") && option.print(options))
            if (const auto why = whyUnread(kind, option.word, options))
                return fail(Error{ErrorCode::Usage, *why});
    if (options.against.difference && !options.against.any())
        return fail(ErrorCode::Usage, "--difference needs to know of what: name another step, head or policy with --against-…");
    return kind.check ? kind.check(completed(kind, options)) : Result<void>();
}

namespace {

/// Tells in the manifest what every policy of the figure stores, and in the caption where that is more than was asked for.
void tellStored(const ReplayResult& replay, const FigureOptions& options, Figure& figure)
{
    constexpr std::size_t kMost = 6; // of a sweep there may be dozens
    constexpr double kMore = 1.01;
    std::vector<std::string> more;
    for (int number = 0; number < static_cast<int>(replay.policies.size()); ++number) {
        const PolicyReplay& policy = *replay.policies[static_cast<std::size_t>(number)];
        const auto stored = storedSlots(replay, policy);
        if (!stored || (!options.policies.empty() && std::ranges::find(options.policies, number + 1) == options.policies.end()))
            continue;
        figure.manifest[fmt::format("stored.{}", number)] = storedText(*stored);
        if (!policy.byRule.everything && stored->mean > kMore * stored->asked)
            more.push_back(fmt::format("{} stores {:.1f} slots", policyLabel(policy), stored->mean));
    }
    if (more.empty())
        return;
    const std::size_t others = more.size() - std::min(more.size(), kMost);
    more.resize(more.size() - others);
    figure.caption += fmt::format("; {}{} a lane on average", fmt::join(more, ", "),
                                  others == 0 ? "" : fmt::format(", {} others more than asked for", others));
}

} // namespace

Result<Figure> makeFigure(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options, const JobContext& job)
{
    WINNOW_TRY_VOID(checkOptions(kind, options));
    WINNOW_TRY(Figure made, kind.make(kind, inputs, completed(kind, options), job));
    made.name = kind.name;
    std::vector<NamedReplay> named;
    for (const auto& replay : inputs.replays)
        named.push_back({{}, replay});
    if (const auto joined = joinReplays(named)) {
        made.inks = policyInks(**joined);
        tellStored(**joined, options, made);
    }
    if (made.title.empty())
        made.title = kind.title;
    made.manifest["figure"] = kind.name;
    made.manifest["caption"] = made.caption;
    if (isOfResults(kind.needs) || (kind.cells && !inputs.cells.empty()))
        made.manifest["loop"] = "closed";
    else if (inputs.replays.empty())
        made.manifest["loop"] = "full cache";
    else
        made.manifest.emplace("loop", "open"); // a replay says itself which
    return made;
}

Result<Figure> makeFigure(std::string_view name, const FigureInputs& inputs, const FigureOptions& options, const JobContext& job)
{
    WINNOW_TRY(const FigureKind* kind, findFigure(name));
    return makeFigure(*kind, inputs, options, job);
}

Result<FigureFormat> figureFormat(const std::filesystem::path& out)
{
    constexpr std::array<std::string_view, 5> kExtensions{"svg", "pdf", "png", "csv", "npz"}; // in the order of the enumerators
    const auto* found = std::find(kExtensions.begin(), kExtensions.end(), extensionOf(out));
    if (found == kExtensions.end())
        return fail(ErrorCode::Usage, "'{}' does not end in .svg, .pdf, .png, .csv or .npz, so it is not clear what to write",
                    out.string());
    return static_cast<FigureFormat>(found - kExtensions.begin());
}

Result<void> writeFigureNumbers(const Figure& figure, const std::filesystem::path& out)
{
    return writeTables(figure.numbers.tables(), figure.manifest, out);
}

std::vector<std::string> figureArguments(const FigureRequest& request)
{
    std::vector<std::string> words{request.name};
    const auto kind = findFigure(request.name);
    const FigureOptions initial = kind ? completed(**kind, {}) : FigureOptions();
    for (const FigureOption& option : figureOptionTable()) {
        const std::optional<std::string> value = option.print(request.options);
        if (!value || value == option.print(initial) || (kind && whyUnread(**kind, option.word, request.options)))
            continue;
        words.push_back(option.word);
        if (!option.type.empty())
            words.push_back(*value);
    }
    return words;
}

Result<FigureRequest> figureOfArguments(const std::vector<std::string>& words)
{
    if (words.empty())
        return fail(ErrorCode::BadInput, "there are no words of a figure");
    WINNOW_TRY(const FigureKind* kind, findFigure(words.front()));
    FigureRequest request{words.front(), {}};
    const std::vector<FigureOption> table = figureOptionTable();
    std::vector<std::string> given;
    for (std::size_t i = 1; i < words.size(); ++i) {
        const auto option =
            std::find_if(table.begin(), table.end(), [&](const FigureOption& one) { return one.word == words[i]; });
        if (option == table.end())
            return fail(ErrorCode::BadInput, "'{}' is no option of figures", words[i]);
        given.push_back(option->word);
        const bool takes = !option->type.empty();
        if (takes && i + 1 == words.size())
            return fail(ErrorCode::BadInput, "{} has no value", option->word);
        if (const auto read = option->parse(takes ? words[++i] : "", request.options); !read)
            return fail(ErrorCode::BadInput, "{} {}", option->word, read.error().message);
    }
    for (const std::string& word : given)
        if (const auto why = whyUnread(*kind, word, request.options))
            return fail(ErrorCode::BadInput, "{}", *why);
    WINNOW_TRY_VOID(checkOptions(*kind, request.options));
    return request;
}

} // namespace winnow
