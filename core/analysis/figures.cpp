#include "core/analysis/figures.h"

#include "core/analysis/figures_make.h"
#include "core/analysis/wavelet/figures_wavelet.h"
#include "core/base/nearest.h"

#include <algorithm>
#include <array>

namespace winnow {

namespace {

constexpr std::array<FigureInfo, 13> kFigures{{
    {"treekv-2", "Contribution by scale (TreeKV, figure 2)",
     "Haar bands of every position's contribution to one step's output, five levels, 512 positions", FigureNeeds::Trace},
    {"wavelet", "Contribution by scale", "Wavelet bands of every position's contribution, any wavelet, step and number of levels",
     FigureNeeds::Trace},
    {"scale-slope", "Scale against distance", "Does the dominant scale grow with distance: a table, a line, and its slope for every head",
     FigureNeeds::Trace},
    {"attention", "Attention", "The attention of one query head over a range of queries and keys", FigureNeeds::Trace},
    {"retention", "Retained tokens", "Which tokens every policy stores after every step", FigureNeeds::Replay},
    {"mass", "Quality against step", "Mass kept, output error, regret or slots of every policy against the step", FigureNeeds::Replay},
    {"layers", "Quality against layer", "Mass kept, output error, regret or slots of every policy against the layer: how budgets are divided",
     FigureNeeds::Replay},
    {"distance", "Kept share against distance", "How far back every policy remembers: the share of lanes that still store a token",
     FigureNeeds::Replay},
    {"kept", "Kept tokens after a step", "Which tokens every policy stores after one step: the share of lanes, a strip per policy",
     FigureNeeds::Replay},
    {"text", "The text as a policy remembers it", "The words, shaded by the share of lanes that store them after one step",
     FigureNeeds::Both},
    {"lanes", "Lanes", "A metric of every layer and KV head, a map per policy", FigureNeeds::Replay},
    {"jaccard", "Overlap of policies", "How much the tokens that two policies store after one step overlap (Jaccard), for every pair",
     FigureNeeds::Replay},
    {"lost-bands", "What policies lose, by scale", "Contribution lost per band and distance: evicted tokens against all, a table per policy",
     FigureNeeds::Both},
}};

} // namespace

Result<const Trace*> firstTrace(std::string_view name, const FigureInputs& inputs)
{
    if (inputs.traces.empty())
        return fail(ErrorCode::Usage, "the figure '{}' needs a recording (a trace file written by `winnow record`); give one", name);
    return inputs.traces.front().get();
}

Result<IntRange> checkRange(std::string_view what, const std::optional<IntRange>& range, int count)
{
    if (!range)
        return IntRange{0, count - 1};
    if (range->first < 0 || range->second < range->first || range->second >= count)
        return fail(ErrorCode::Usage, "the {} {}-{} do not exist; choose a range inside 0-{}", what, range->first, range->second, count - 1);
    return *range;
}

std::vector<FigureInfo> figureCatalog() { return {kFigures.begin(), kFigures.end()}; }

Result<FigureInfo> findFigure(std::string_view name)
{
    const auto* found = std::find_if(kFigures.begin(), kFigures.end(), [&](const FigureInfo& one) { return one.name == name; });
    if (found != kFigures.end())
        return *found;
    std::vector<std::string_view> names;
    for (const FigureInfo& one : kFigures)
        names.push_back(one.name);
    return fail(ErrorCode::Usage, "there is no figure '{}'; the nearest is '{}' (see `winnow figure --list`)", name, nearest(name, names));
}

Result<Figure> makeFigure(std::string_view name, const FigureInputs& inputs, const FigureOptions& options, const JobContext& job)
{
    WINNOW_TRY(const FigureInfo info, findFigure(name));
    constexpr std::array<std::string_view, 3> kPairs{"treekv-2", "wavelet", "lost-bands"};
    const bool pair = std::find(kPairs.begin(), kPairs.end(), info.name) != kPairs.end();
    if (!pair && options.against.any())
        return fail(ErrorCode::Usage, "the figure '{}' compares nothing; --against-… is for {}", name, fmt::join(kPairs, ", "));
    if (options.against.difference && !options.against.any())
        return fail(ErrorCode::Usage, "--difference needs to know of what: name another step, head or policy with --against-…");
    Result<Figure> made = options.against.any()              ? waveletPairFigure(info, inputs, options, job)
                          : info.name == "lost-bands"        ? lostBandsFigure(inputs, options, job)
                          : info.needs != FigureNeeds::Trace ? replayFigure(info, inputs, options, job)
                          : info.name == "attention"         ? attentionFigure(info, inputs, options, job)
                          : info.name == "scale-slope"       ? scaleSlopeFigure(inputs, options, job)
                                                             : contributionFigure(info, inputs, options, job);
    if (!made)
        return made;
    made->name = info.name;
    if (made->title.empty())
        made->title = info.title;
    made->manifest["figure"] = info.name;
    made->manifest["caption"] = made->caption;
    made->manifest["loop"] = info.needs == FigureNeeds::Trace ? "full cache" : "open";
    return made;
}

} // namespace winnow
