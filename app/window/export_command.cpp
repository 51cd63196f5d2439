// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/export_command.h"

#include "views/state/map_zoom.h"

#include <algorithm>

namespace winnow::app {

namespace {

void addLanes(FigureRequest& request, const views::SelectionState& state) { request.options.lanes = state.lanes; }

void addDifference(FigureRequest& request, const views::SelectionState& state)
{
    if (!state.difference)
        return;
    request.options.against.policy = state.reference + 1;
    request.options.against.difference = true;
}

void addSpans(FigureRequest& request, const views::SelectionState& state)
{
    for (const views::Span& span : state.spans)
        request.options.spans.push_back({{span.tokens.begin, span.tokens.end - 1}, span.name.toStdString()});
}

/// Differences have a scale of their own.
void addScale(FigureRequest& request, const views::SelectionState& state, views::ScaleKind scale)
{
    if (!state.difference)
        request.options.scale = views::scaleName(scale).toStdString();
}

/// Nothing where all policies are visible.
void addVisible(FigureRequest& request, const views::ViewData& data, const views::SelectionState& state)
{
    const std::size_t policies = data.replay ? data.replay->policies.size() : 0;
    const bool someHidden = std::find(state.hidden.begin(), state.hidden.end(), true) != state.hidden.end();
    for (std::size_t p = 0; someHidden && p < policies; ++p)
        if (p >= state.hidden.size() || !state.hidden[p])
            request.options.policies.push_back(static_cast<int>(p) + 1);
}

} // namespace

std::string shellWord(std::string_view word)
{
    const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](unsigned char c) {
        return std::isalnum(c) || std::string_view("_-./:=,%+@").find(static_cast<char>(c)) != std::string_view::npos;
    });
    if (plain)
        return std::string(word);
    std::string quoted = "'";
    for (const char c : word)
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

namespace {

std::string runText(const CommandParts& parts, const std::string& trace, const std::string& out)
{
    std::string line =
        "winnow run --model " + shellWord(parts.model.empty() ? "MODEL" : parts.model.string()) + " --trace " + shellWord(trace);
    for (const PolicySpec& policy : parts.runs)
        line += " --policy " + shellWord(policy.canonical());
    return line + fmt::format(" --prompt {} --out {} && ", parts.prompt, out);
}

} // namespace

std::string layerWords(const std::vector<Layer>& layers)
{
    std::string words;
    for (const Layer layer : layers)
        words += (words.empty() ? " --layers " : ",") + std::to_string(raw(layer));
    return words;
}

std::filesystem::path recordedFile(const RecordParts& parts)
{
    return parts.text.stem().string() + (parts.number > 1 ? fmt::format("-{}", parts.number) : "") + ".h5";
}

std::string recordText(const RecordParts& parts)
{
    return fmt::format("winnow record --model {} --text {}{} --tokens {}{} --dtype {} --out {} && ",
                       shellWord(parts.model.string()), shellWord(parts.text.string()), parts.isChat ? " --chat" : "",
                       parts.tokens,
                       parts.layers ? fmt::format(" --layers {}-{}", parts.layers->first, parts.layers->second) : "", parts.dtype,
                       shellWord(recordedFile(parts).string()));
}

std::string commandText(const CommandParts& parts)
{
    const auto info = findFigure(parts.figure.name);
    const FigureNeeds needs = info ? needsOf(**info, parts.figure.options) : FigureNeeds::Trace;
    const bool needsReplay = needs != FigureNeeds::Trace;
    const std::string trace = parts.record          ? recordedFile(*parts.record).string()
                              : parts.trace.empty() ? "T.h5"
                                                    : parts.trace.string();
    std::string line;
    const bool isTraceThere = parts.record || !parts.trace.empty();
    bool usesTrace = !needsReplay || needs == FigureNeeds::Both || (info && (*info)->looksAtTrace && isTraceThere);
    std::vector<std::string> inputs;
    if (needsReplay && (!parts.policies.empty() || parts.runs.empty() || !parts.replays.empty())) {
        for (const auto& replay : parts.replays)
            inputs.push_back(replay.string());
        if (inputs.empty()) {
            inputs.emplace_back("R.h5");
            usesTrace = true;
            line += "winnow replay " + shellWord(trace);
            for (const PolicySpec& policy : parts.policies)
                line += " --policy " + shellWord(policy.canonical());
            line += fmt::format(" --prompt {}{} --out {} && ", parts.prompt, layerWords(parts.layers), inputs.back());
        }
    }
    if (needsReplay && !parts.runs.empty() && std::ranges::find(parts.replays, parts.runsFile) == parts.replays.end()) {
        inputs.push_back(parts.runsFile.empty() ? "C.h5" : parts.runsFile.string());
        if (parts.runsFile.empty()) {
            line += runText(parts, trace, inputs.back());
            usesTrace = true;
        }
    }
    if (!needsReplay || needs == FigureNeeds::Both || (usesTrace && (*info)->looksAtTrace))
        inputs.push_back(trace);
    if (usesTrace && parts.record)
        line = recordText(*parts.record) + line;
    line += "winnow figure";
    const std::vector<std::string> words = figureArguments(parts.figure);
    for (std::size_t i = 0; i < words.size(); ++i) {
        line.append(1, ' ').append(shellWord(words[i]));
        if (i == 0) // the inputs stand beside the name: options that take lists must not swallow them
            for (const std::string& input : inputs)
                line.append(1, ' ').append(shellWord(input));
    }
    return line + " --out " + parts.figure.name + ".pdf";
}

FigureRequest ofWholeRecording(FigureRequest request, const TraceInfo& shown, const std::vector<Layer>& recorded)
{
    const auto reads = [&](std::string_view word) { return std::ranges::count(figuresThatRead(word), request.name) > 0; };
    if (!reads("--layers") || shown.layers == recorded) // of the recording, and lanes count its layers
        return request;
    if (!reads("--lanes")) {
        for (const Layer layer : shown.layers)
            request.options.layers.emplace_back(raw(layer), raw(layer));
        return request;
    }
    const auto indexOf = [&](int index) {
        const auto found = std::ranges::find(recorded, shown.layers[static_cast<std::size_t>(index)]);
        return static_cast<int>(found - recorded.begin());
    };
    const auto inFile = [&](std::vector<Lane>& lanes) {
        const bool all = lanes.empty();
        for (int index = 0; all && index < static_cast<int>(shown.layers.size()); ++index)
            for (int head = 0; head < shown.layerInfo[static_cast<std::size_t>(index)].keyHeads; ++head)
                lanes.push_back({index, head});
        for (Lane& lane : lanes)
            lane.layer = indexOf(lane.layer);
    };
    inFile(request.options.lanes);
    if (request.options.against.lanes)
        inFile(*request.options.against.lanes);
    return request;
}

std::string numpySnippet(const std::filesystem::path& replay, int focus, std::string_view policy, int step)
{
    std::string name; // of a Python string
    for (const char c : replay.string())
        name += c == '\\' || c == '"' ? std::string{'\\', c} : std::string(1, c);
    std::string line(policy);
    std::replace(line.begin(), line.end(), '\n', ' ');
    const bool hdf5 = replay.extension() != ".npz";
    const std::string read = hdf5 ? fmt::format("import h5py\nimport numpy as np\n\n"
                                                "with h5py.File(\"{}\") as file:\n"
                                                "    left = file[\"replays/{:05}/evict_step\"][:]\n",
                                                name, focus)
                                  : fmt::format("import numpy as np\n\nleft = np.load(\"{}\")[\"evict_step.{}\"]\n", name, focus);
    return fmt::format("{}# {}: the step at whose end each token left, -1 = never; [layers, lanes, tokens]\n"
                       "step, token = {}, np.arange(left.shape[-1])\n"
                       "kept = (token <= step) & ((left < 0) | (left > step))\n",
                       read, line, step);
}

FigureRequest retentionRequest(const views::ViewData& data, const views::SelectionState& state, views::ScaleKind scale,
                               bool maximized)
{
    FigureRequest request{"retention", {}};
    if (!state.zoom.isEmpty()) {
        request.options.tokenRange = views::shownTokens(state.zoom);
        request.options.stepRange = views::shownSteps(state.zoom);
    }
    if (state.stepRange)
        request.options.meanSteps = IntRange{state.stepRange->begin, state.stepRange->end - 1};
    if (state.axis == views::MapAxis::Token)
        addScale(request, state, scale);
    request.options.laneRows = state.rows == views::MapRows::Lanes;
    request.options.distanceAxis = state.axis == views::MapAxis::Distance;
    request.options.steps = {state.step};
    request.options.token = state.token;
    if (state.tokenRange)
        request.options.brush = IntRange{state.tokenRange->begin, state.tokenRange->end - 1};
    addSpans(request, state);
    addLanes(request, state);
    if (maximized)
        request.options.policies = {state.focus + 1};
    else
        addVisible(request, data, state);
    if (!maximized || state.comparedWith(state.focus))
        addDifference(request, state);
    request.options.sides = maximized && request.options.against.difference;
    return request;
}

FigureRequest keptRequest(const views::ViewData& data, const views::SelectionState& state, views::ScaleKind scale,
                          const std::vector<views::Note>& notes)
{
    FigureRequest request{"kept", {.steps = {state.step}}};
    const bool ranks = scale == views::ScaleKind::Rank || scale == views::ScaleKind::Clipped;
    if (!ranks || state.axis == views::MapAxis::Token) // distances have a scale of their own, and nothing to rank among
        addScale(request, state, scale);
    if (!state.zoom.isEmpty()) {
        request.options.keys = views::shownTokens(state.zoom);
        request.options.queries = views::shownSteps(state.zoom);
    }
    request.options.laneRows = state.rows == views::MapRows::Lanes;
    request.options.token = state.token;
    for (const views::Note& note : notes)
        request.options.flags.push_back(note.place());
    if (state.tokenRange)
        request.options.brush = IntRange{state.tokenRange->begin, state.tokenRange->end - 1};
    addSpans(request, state);
    addDifference(request, state);
    addLanes(request, state);
    addVisible(request, data, state);
    return request;
}

FigureRequest textRequest(const views::ViewData& data, const views::SelectionState& state, bool bars)
{
    FigureRequest request{"text", {.steps = {state.step}, .token = state.token, .bars = bars}};
    if (bars) {
        request.options.focus = state.focus + 1;
        addVisible(request, data, state);
    } else {
        request.options.policies = {state.focus + 1};
    }
    addSpans(request, state);
    addDifference(request, state);
    if (state.tokenRange)
        request.options.tokenRange = IntRange{state.tokenRange->begin, state.tokenRange->end - 1};
    addLanes(request, state);
    return request;
}

} // namespace winnow::app
