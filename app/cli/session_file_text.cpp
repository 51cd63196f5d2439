// SPDX-License-Identifier: GPL-3.0-or-later
// A session as text. See session_file.h.
#include "app/cli/session_file.h"
#include "app/cli/session_version.h"
#include "core/io/json.h"

namespace winnow {

using nlohmann::json;

namespace {

json pathJson(const SessionPath& path)
{
    if (path.relative.empty() && path.absolute.empty())
        return nullptr;
    return {{"relative", path.relative}, {"absolute", path.absolute}};
}

json rangeJson(const std::optional<SessionRange>& range) { return range ? json{range->begin, range->end} : json(nullptr); }

json selectionJson(const SessionSelection& selection)
{
    json spans = json::array();
    for (const SessionSpan& span : selection.spans)
        spans.push_back({{"begin", span.tokens.begin}, {"end", span.tokens.end}, {"name", span.name}});
    json lanes = json::array();
    for (const Lane& lane : selection.lanes)
        lanes.push_back({lane.layer, lane.head});
    json object{{"lanes", std::move(lanes)},
                {"focus", selection.focus},
                {"reference", selection.reference},
                {"step", selection.step},
                {"token", selection.token ? json(*selection.token) : json(nullptr)},
                {"spans", spans},
                {"token_range", rangeJson(selection.tokenRange)},
                {"step_range", rangeJson(selection.stepRange)},
                {"hidden", selection.hidden},
                {"difference", selection.difference},
                {"rows", selection.rows},
                {"axis", selection.axis}};
    if (selection.zoom)
        object["zoom"] = *selection.zoom;
    return object;
}

json notesJson(const std::vector<SessionNote>& notes)
{
    json list = json::array();
    for (const SessionNote& note : notes)
        list.push_back({{"step", note.step}, {"tokens", rangeJson(note.tokens)}, {"words", note.words}});
    return list;
}

json windowJson(const SessionWindow& window)
{
    return {{"width", window.width},
            {"height", window.height},
            {"maximized", window.maximized},
            {"left_shown", window.leftShown},
            {"text_shown", window.textShown},
            {"left_width", window.leftWidth},
            {"text_width", window.textWidth},
            {"splitter", window.splitter},
            {"left_splitter", window.leftSplitter},
            {"lower_heights", window.lowerHeights},
            {"lower_tab", window.lowerTab}};
}

} // namespace

std::string sessionFileText(const SessionFile& session)
{
    json policies = json::array();
    for (const PolicySpec& policy : session.policies)
        policies.push_back(policy.canonical());
    json window = windowJson(session.window);
    window["scale"] = session.scale;
    window["theme"] = session.theme;
    const json object{{"format", "winnow-session"},
                      {"version", kSessionVersion},
                      {"model", pathJson(session.model)},
                      {"text", pathJson(session.text)},
                      {"trace", pathJson(session.trace)},
                      {"replay", pathJson(session.replay)},
                      {"runs", pathJson(session.runs)},
                      {"model_name", session.modelName},
                      {"text_name", session.textName},
                      {"policies", policies},
                      {"prompt", session.prompt},
                      {"selection", selectionJson(session.selection)},
                      {"notes", notesJson(session.notes)},
                      {"controls", session.controls.empty() ? json::object() : json(session.controls)},
                      {"figures", session.figures.empty() ? json::object() : json(session.figures)},
                      {"window", window}};
    return object.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

std::filesystem::path pathIn(const SessionPath& path, const std::filesystem::path& session)
{
    std::error_code error;
    const std::filesystem::path beside =
        (std::filesystem::absolute(session, error).parent_path() / path.relative).lexically_normal();
    return !path.relative.empty() && std::filesystem::exists(beside, error) ? beside : std::filesystem::path(path.absolute);
}

} // namespace winnow
