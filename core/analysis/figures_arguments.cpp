// A figure's options as the words of the command line. See figures.h.
#include "core/analysis/figures.h"

namespace winnow {

namespace {

void add(std::vector<std::string>& words, std::string key, std::string value)
{
    words.push_back(std::move(key));
    words.push_back(std::move(value));
}

std::string rangeText(IntRange range) { return fmt::format("{}-{}", range.first, range.second); }

template <class Item, class Text>
std::string joined(const std::vector<Item>& items, Text text)
{
    std::string line;
    for (const Item& item : items) {
        if (!line.empty())
            line += ',';
        line += text(item);
    }
    return line;
}

} // namespace

std::vector<std::string> figureArguments(const FigureRequest& request)
{
    const FigureOptions& o = request.options;
    const FigureOptions initial;
    std::vector<std::string> words{request.name};
    const auto number = [](int value) { return std::to_string(value); };
    if (!o.steps.empty())
        add(words, "--step", joined(o.steps, number));
    if (o.layers)
        add(words, "--layers", rangeText(*o.layers));
    if (o.layer)
        add(words, "--layer", number(*o.layer));
    if (o.head)
        add(words, "--head", number(*o.head));
    if (o.wavelet != initial.wavelet)
        add(words, "--wavelet", o.wavelet);
    if (o.transform != initial.transform)
        add(words, "--transform", o.transform);
    if (o.signal != initial.signal)
        add(words, "--signal", o.signal);
    if (o.omega0)
        add(words, "--omega0", fmt::format("{}", *o.omega0));
    if (o.perOctave != initial.perOctave)
        add(words, "--scales", fmt::format("{}", o.perOctave));
    if (o.noise != initial.noise)
        add(words, "--noise", o.noise);
    if (o.mode != initial.mode)
        add(words, "--mode", o.mode);
    if (o.levels != initial.levels)
        add(words, "--levels", number(o.levels));
    if (o.hide != initial.hide)
        add(words, "--hide", number(o.hide));
    if (o.trim != initial.trim)
        add(words, "--trim", number(o.trim));
    if (o.metric != initial.metric)
        add(words, "--metric", o.metric);
    if (!o.policies.empty())
        add(words, "--policies", joined(o.policies, number));
    const auto laneText = [](const auto& lane) { return fmt::format("{}.{}", lane.first, lane.second); };
    if (!o.lanes.empty())
        add(words, "--lanes", joined(o.lanes, laneText));
    if (o.against.step)
        add(words, "--against-step", number(*o.against.step));
    if (o.against.lanes)
        add(words, "--against-lanes", o.against.lanes->empty() ? "all" : joined(*o.against.lanes, laneText));
    if (o.against.layer)
        add(words, "--against-layer", number(*o.against.layer));
    if (o.against.head)
        add(words, "--against-head", number(*o.against.head));
    if (o.against.policy)
        add(words, "--against-policy", number(*o.against.policy));
    if (o.against.difference)
        words.emplace_back("--difference");
    if (o.queries)
        add(words, "--queries", rangeText(*o.queries));
    if (o.keys)
        add(words, "--keys", rangeText(*o.keys));
    if (o.tokenRange)
        add(words, "--tokens", rangeText(*o.tokenRange));
    if (o.stepRange)
        add(words, "--steps", rangeText(*o.stepRange));
    if (o.logScale)
        add(words, "--scale", "log");
    if (o.maskSinks)
        words.emplace_back("--mask-sinks");
    if (o.width != initial.width)
        add(words, "--width", fmt::format("{}", o.width));
    if (o.dpi != initial.dpi)
        add(words, "--dpi", fmt::format("{}", o.dpi));
    return words;
}

} // namespace winnow
