// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/session_file.h"

#include "core/io/json.h"

#include <algorithm>
#include <cmath>

namespace winnow {

using nlohmann::json;

namespace {

constexpr int kVersion = 1;
constexpr int kMostTokens = 100'000'000, kMostLayers = 10'000, kMostPixels = 100'000;
constexpr std::size_t kMostPolicies = 1000, kMostText = 4096, kMostItems = 1'000'000, kMostNotes = 10'000, kMostControls = 256;
constexpr JsonLimits kLimits{.maxBytes = std::size_t{32} << 20, .maxValues = 4'000'000, .maxDepth = 16};

/// The first thing that is wrong with a session; what is read after it does not count.
class Reader {
public:
    explicit Reader(std::string_view where) : m_where(where) {}

    /// The member of an object; null where the object, or the member, is not there.
    static const json& member(const json& object, const char* key)
    {
        const auto found = object.find(key); // of what is no object: its end
        return found == object.end() ? none() : *found;
    }

    /// `value` where it is an object or null.
    const json& object(const json& value, std::string_view key)
    {
        if (value.is_object() || value.is_null())
            return value;
        wrong(key, "an object", value);
        return none();
    }

    int whole(const json& value, std::string_view key, int least, int most, int otherwise = 0)
    {
        if (value.is_null())
            return otherwise;
        const auto number = wholeNumber(value, static_cast<std::uint64_t>(most));
        if (number && static_cast<int>(*number) >= least)
            return static_cast<int>(*number);
        wrong(key, fmt::format("a whole number from {} to {}", least, most), value);
        return otherwise;
    }

    bool truth(const json& value, std::string_view key, bool otherwise)
    {
        if (value.is_boolean())
            return value.get<bool>();
        if (!value.is_null())
            wrong(key, "true or false", value);
        return otherwise;
    }

    std::string text(const json& value, std::string_view key)
    {
        if (value.is_null())
            return {};
        if (value.is_string()) {
            const auto& words = value.get_ref<const std::string&>();
            if (words.size() <= kMostText && words.find('\0') == std::string::npos)
                return words;
        }
        wrong(key, fmt::format("a string of at most {} bytes without a NUL", kMostText), value);
        return {};
    }

    /// The elements of an array of at most `most`, or of exactly `exactly` where that is not 0; null = none.
    const json& list(const json& value, std::string_view key, std::size_t most, std::size_t exactly = 0)
    {
        static const json kEmpty = json::array();
        if (value.is_null())
            return kEmpty;
        if (value.is_array() && value.size() <= most && (exactly == 0 || value.size() == exactly))
            return value;
        wrong(key, exactly > 0 ? fmt::format("a list of {}", exactly) : fmt::format("a list of at most {}", most), value);
        return kEmpty;
    }

    void wrong(std::string_view key, std::string_view expected, const json& found)
    {
        if (m_error)
            return;
        std::string shown = found.is_structured()
                                ? fmt::format("{} of {}", found.is_array() ? "a list" : "an object", found.size())
                                : found.dump(-1, ' ', true);
        if (shown.size() > 60)
            shown = shown.substr(0, 60) + "…";
        m_error =
            Error{ErrorCode::BadInput, fmt::format("{}: '{}' is {}, expected {}; save the session again, or repair the line",
                                                   m_where, key, shown, expected)};
    }
    void fail(Error error)
    {
        if (!m_error)
            m_error = Error{error.code, fmt::format("{}: {}", m_where, error.message)};
    }
    const std::optional<Error>& error() const { return m_error; }

private:
    static const json& none()
    {
        static const json kNone;
        return kNone;
    }

    std::string m_where;
    std::optional<Error> m_error;
};

SessionPath pathOf(Reader& reader, const json& session, const char* key)
{
    const json& entry = reader.object(Reader::member(session, key), key);
    return {reader.text(Reader::member(entry, "relative"), key), reader.text(Reader::member(entry, "absolute"), key)};
}

std::optional<SessionRange> ordered(Reader& reader, const json& begin, const json& end, std::string_view key)
{
    const SessionRange found{reader.whole(begin, key, 0, kMostTokens), reader.whole(end, key, 0, kMostTokens)};
    if (found.begin < found.end)
        return found;
    reader.wrong(key, "a begin below its end", json{begin, end});
    return std::nullopt;
}

std::optional<SessionRange> range(Reader& reader, const json& object, const char* key)
{
    const json& pair = reader.list(Reader::member(object, key), key, 2, 2);
    return pair.empty() ? std::nullopt : ordered(reader, pair[0], pair[1], key);
}

std::optional<std::array<double, 4>> zoom(Reader& reader, const json& object)
{
    const json& entry = Reader::member(object, "zoom");
    const json& numbers = reader.list(entry, "zoom", 4, 4);
    if (numbers.empty())
        return std::nullopt;
    std::array<double, 4> zoom{};
    bool fits = true;
    for (std::size_t i = 0; i < zoom.size(); ++i) {
        zoom[i] = numbers[i].is_number() ? numbers[i].get<double>() : std::nan("");
        fits = fits && zoom[i] >= 0 && zoom[i] <= kMostTokens;
    }
    if (fits && zoom[0] < zoom[1] && zoom[2] < zoom[3])
        return zoom;
    reader.wrong("zoom", "tokens from and to, steps from and to, each pair ascending from 0 on", json(numbers.dump()));
    return std::nullopt;
}

SessionSelection selectionOf(Reader& reader, const json& object, std::size_t policies)
{
    SessionSelection selection;
    for (const json& lane : reader.list(Reader::member(object, "lanes"), "lanes", kMostItems)) {
        const json& pair = lane.is_array() && lane.size() == 2 ? lane : json();
        if (pair.is_null())
            reader.wrong("lanes", "pairs of layer and head", lane);
        else
            selection.lanes.push_back(
                {reader.whole(pair[0], "lanes", 0, kMostLayers), reader.whole(pair[1], "lanes", 0, kMostLayers)});
    }
    const int last = std::max(0, static_cast<int>(policies) - 1);
    selection.focus = reader.whole(Reader::member(object, "focus"), "focus", 0, last);
    selection.reference = reader.whole(Reader::member(object, "reference"), "reference", 0, last);
    selection.step = reader.whole(Reader::member(object, "step"), "step", 0, kMostTokens);
    if (const json& token = Reader::member(object, "token"); !token.is_null())
        selection.token = reader.whole(token, "token", 0, kMostTokens);
    for (const json& span : reader.list(Reader::member(object, "spans"), "spans", kMostItems))
        if (const json& one = reader.object(span, "spans");
            const auto tokens = ordered(reader, Reader::member(one, "begin"), Reader::member(one, "end"), "spans"))
            selection.spans.push_back({*tokens, reader.text(Reader::member(one, "name"), "spans")});
    selection.tokenRange = range(reader, object, "token_range");
    selection.stepRange = range(reader, object, "step_range");
    for (const json& hidden : reader.list(Reader::member(object, "hidden"), "hidden", kMostPolicies))
        selection.hidden.push_back(reader.truth(hidden, "hidden", false));
    selection.zoom = zoom(reader, object);
    selection.difference = reader.truth(Reader::member(object, "difference"), "difference", false);
    selection.rows = reader.whole(Reader::member(object, "rows"), "rows", 0, 1);
    selection.axis = reader.whole(Reader::member(object, "axis"), "axis", 0, 1);
    return selection;
}

std::vector<SessionNote> notesOf(Reader& reader, const json& session)
{
    std::vector<SessionNote> notes;
    for (const json& entry : reader.list(Reader::member(session, "notes"), "notes", kMostNotes)) {
        const json& note = reader.object(entry, "notes");
        notes.push_back({reader.whole(Reader::member(note, "step"), "notes", 0, kMostTokens), range(reader, note, "tokens"),
                         reader.text(Reader::member(note, "words"), "notes")});
    }
    return notes;
}

SessionControls controlsOf(Reader& reader, const json& session)
{
    SessionControls controls;
    const json& panes = reader.object(Reader::member(session, "controls"), "controls");
    if (panes.size() > kMostControls)
        reader.wrong("controls", fmt::format("at most {} panes", kMostControls), panes);
    for (const auto& [pane, entry] : panes.items()) {
        const json& chosen = reader.object(entry, "controls");
        if (chosen.size() > kMostControls)
            reader.wrong("controls", fmt::format("at most {} controls of a pane", kMostControls), chosen);
        if (reader.error())
            break;
        std::map<std::string, std::string>& values = controls[pane];
        for (const auto& [control, value] : chosen.items())
            values[control] = reader.text(value, "controls");
    }
    return controls;
}

SessionFigures figuresOf(Reader& reader, const json& session)
{
    SessionFigures figures;
    const json& views = reader.object(Reader::member(session, "figures"), "figures");
    if (views.size() > kMostControls)
        reader.wrong("figures", fmt::format("at most {} views", kMostControls), views);
    for (const auto& [view, words] : views.items()) {
        if (reader.error())
            break;
        std::vector<std::string>& line = figures[view];
        for (const json& word : reader.list(words, "figures", kMostControls))
            line.push_back(reader.text(word, "figures"));
    }
    return figures;
}

template <std::size_t Count>
std::array<int, Count> sizes(Reader& reader, const json& object, const char* key)
{
    std::array<int, Count> found{};
    const json& entry = Reader::member(object, key);
    const json& list = entry.is_array() && entry.empty() ? json() : entry; // none
    const json& numbers = reader.list(list, key, Count, Count);
    for (std::size_t i = 0; i < numbers.size(); ++i)
        found[i] = reader.whole(numbers[i], key, 0, kMostPixels);
    return found;
}

SessionWindow windowOf(Reader& reader, const json& object)
{
    SessionWindow window;
    const auto whole = [&](const char* key, int most) { return reader.whole(Reader::member(object, key), key, 0, most); };
    const auto truth = [&](const char* key, bool otherwise) { return reader.truth(Reader::member(object, key), key, otherwise); };
    window.width = whole("width", kMostPixels);
    window.height = whole("height", kMostPixels);
    window.maximized = truth("maximized", false);
    window.leftShown = truth("left_shown", true);
    window.textShown = truth("text_shown", true);
    window.leftWidth = whole("left_width", kMostPixels);
    window.textWidth = whole("text_width", kMostPixels);
    window.splitter = sizes<2>(reader, object, "splitter");
    window.leftSplitter = sizes<2>(reader, object, "left_splitter");
    if (const json& heights = Reader::member(object, "lower_heights"); heights.is_array() && heights.size() == 3) {
        const auto [quality, attention, wavelet] = sizes<3>(reader, object, "lower_heights"); // before there was a tab Token
        window.lowerHeights = {quality, 0, attention, wavelet, 0, 0};
        window.lowerTab = whole("lower_tab", 2);
        window.lowerTab += window.lowerTab > 0;
    } else if (heights.is_array() && heights.size() == 4) { // before there were Drift and Answers
        const auto early = sizes<4>(reader, object, "lower_heights");
        std::copy(early.begin(), early.end(), window.lowerHeights.begin());
        window.lowerTab = whole("lower_tab", 3);
    } else {
        window.lowerHeights = sizes<kLowerTabs>(reader, object, "lower_heights");
        window.lowerTab = whole("lower_tab", kLowerTabs - 1);
    }
    return window;
}

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

Result<SessionFile> parseSessionFile(std::string_view text, std::string_view where)
{
    WINNOW_TRY(const json object, parseJson(text, where, kLimits));
    Reader reader(where);
    if (!object.is_object() || Reader::member(object, "format") != "winnow-session")
        return fail(ErrorCode::BadInput,
                    "{} has no \"format\": \"winnow-session\", so it is none; open a file that File > Save wrote", where);
    const int version = reader.whole(Reader::member(object, "version"), "version", 1, 1 << 30, 1);
    if (!reader.error() && version > kVersion)
        return fail(ErrorCode::BadInput, "{} is of version {}, this Winnow reads up to {}; use a newer Winnow", where, version,
                    kVersion);
    SessionFile session;
    session.model = pathOf(reader, object, "model");
    session.text = pathOf(reader, object, "text");
    session.trace = pathOf(reader, object, "trace");
    session.replay = pathOf(reader, object, "replay");
    session.runs = pathOf(reader, object, "runs");
    session.modelName = reader.text(Reader::member(object, "model_name"), "model_name");
    session.textName = reader.text(Reader::member(object, "text_name"), "text_name");
    for (const json& line : reader.list(Reader::member(object, "policies"), "policies", kMostPolicies)) {
        auto spec = parsePolicySpec(reader.text(line, "policies"));
        if (spec)
            session.policies.push_back(std::move(*spec));
        else
            reader.fail(spec.error());
    }
    session.prompt = reader.whole(Reader::member(object, "prompt"), "prompt", 0, kMostTokens);
    session.selection =
        selectionOf(reader, reader.object(Reader::member(object, "selection"), "selection"), session.policies.size());
    session.notes = notesOf(reader, object);
    session.controls = controlsOf(reader, object);
    session.figures = figuresOf(reader, object);
    const json& window = reader.object(Reader::member(object, "window"), "window");
    session.scale = reader.whole(Reader::member(window, "scale"), "scale", 0, 3);
    session.theme = reader.whole(Reader::member(window, "theme"), "theme", 0, 2);
    session.window = windowOf(reader, window);
    if (reader.error())
        return fail(*reader.error());
    return session;
}

std::string sessionFileText(const SessionFile& session)
{
    json policies = json::array();
    for (const PolicySpec& policy : session.policies)
        policies.push_back(policy.canonical());
    json window = windowJson(session.window);
    window["scale"] = session.scale;
    window["theme"] = session.theme;
    const json object{{"format", "winnow-session"},
                      {"version", kVersion},
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
