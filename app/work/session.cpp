#include "app/work/session.h"

#include "core/io/atomic_file.h"
#include "core/io/json.h"
#include "core/io/mapped_file.h"

namespace winnow::app {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr int kVersion = 1;

json pathJson(const fs::path& path, const fs::path& file)
{
    if (path.empty())
        return nullptr;
    std::error_code error;
    const fs::path whole = fs::absolute(path, error);
    return {{"relative", whole.lexically_relative(fs::absolute(file, error).parent_path()).generic_string()},
            {"absolute", whole.generic_string()}};
}

fs::path pathOf(const json& session, const char* key, const fs::path& file)
{
    const auto entry = session.find(key);
    if (entry == session.end() || !entry->is_object())
        return {};
    std::error_code error;
    const std::string relative = entry->value("relative", ""), whole = entry->value("absolute", "");
    const fs::path beside = (fs::absolute(file, error).parent_path() / relative).lexically_normal();
    return !relative.empty() && fs::exists(beside, error) ? beside : fs::path(whole);
}

json rangeJson(const std::optional<views::Range>& range)
{
    return range ? json{range->begin, range->end} : json(nullptr);
}

std::optional<views::Range> rangeOf(const json& object, const char* key)
{
    const auto entry = object.find(key);
    if (entry == object.end() || !entry->is_array() || entry->size() != 2)
        return std::nullopt;
    return views::Range{entry->at(0).get<int>(), entry->at(1).get<int>()};
}

json selectionJson(const views::SelectionState& state)
{
    json lanes = json::array(), spans = json::array();
    for (const views::LaneId& lane : state.lanes)
        lanes.push_back({lane.layer, lane.head});
    for (const views::Span& span : state.spans)
        spans.push_back({{"begin", span.tokens.begin}, {"end", span.tokens.end}, {"name", span.name.toStdString()}});
    json object{{"lanes", lanes},
                {"focus", state.focus},
                {"reference", state.reference},
                {"step", state.step},
                {"token", state.token ? json(*state.token) : json(nullptr)},
                {"spans", spans},
                {"token_range", rangeJson(state.tokenRange)},
                {"step_range", rangeJson(state.stepRange)},
                {"hidden", std::vector<bool>(state.hidden)}};
    if (!state.zoom.isEmpty())
        object["zoom"] = {state.zoom.tokenBegin, state.zoom.tokenEnd, state.zoom.stepBegin, state.zoom.stepEnd};
    return object;
}

views::SelectionState selectionOf(const json& object)
{
    views::SelectionState state;
    for (const json& lane : object.value("lanes", json::array()))
        state.lanes.push_back({lane.at(0).get<int>(), lane.at(1).get<int>()});
    state.focus = object.value("focus", 0);
    state.reference = object.value("reference", 0);
    state.step = object.value("step", 0);
    if (const auto token = object.find("token"); token != object.end() && token->is_number_integer())
        state.token = token->get<int>();
    for (const json& span : object.value("spans", json::array()))
        state.spans.push_back({{span.at("begin").get<int>(), span.at("end").get<int>()},
                               QString::fromStdString(span.at("name").get<std::string>())});
    state.tokenRange = rangeOf(object, "token_range");
    state.stepRange = rangeOf(object, "step_range");
    state.hidden = object.value("hidden", std::vector<bool>());
    if (const auto zoom = object.find("zoom"); zoom != object.end() && zoom->is_array() && zoom->size() == 4)
        state.zoom = {zoom->at(0).get<double>(), zoom->at(1).get<double>(), zoom->at(2).get<double>(), zoom->at(3).get<double>()};
    return state;
}

std::string base64(const QByteArray& bytes) { return bytes.toBase64().toStdString(); }
QByteArray bytesOf(const json& object, const char* key) { return QByteArray::fromBase64(QByteArray::fromStdString(object.value(key, ""))); }

template <class Enum>
Enum enumOf(const json& object, const char* key, int last)
{
    return static_cast<Enum>(std::clamp(object.value(key, 0), 0, last));
}

Result<Session> fromJson(const json& object, const fs::path& file)
{
    Session session;
    session.model = pathOf(object, "model", file);
    session.text = pathOf(object, "text", file);
    session.trace = pathOf(object, "trace", file);
    session.replay = pathOf(object, "replay", file);
    session.modelName = QString::fromStdString(object.value("model_name", ""));
    session.textName = QString::fromStdString(object.value("text_name", ""));
    for (const json& line : object.value("policies", json::array())) {
        WINNOW_TRY(PolicySpec spec, parsePolicySpec(line.get<std::string>()));
        session.policies.push_back(std::move(spec));
    }
    session.prompt = std::max(0, object.value("prompt", 0));
    session.selection = selectionOf(object.value("selection", json::object()));
    const json window = object.value("window", json::object());
    session.scale = enumOf<views::ScaleKind>(window, "scale", 3);
    session.theme = enumOf<ThemeChoice>(window, "theme", 2);
    session.geometry = bytesOf(window, "geometry");
    session.layout = bytesOf(window, "layout");
    session.splitter = window.value("splitter", std::vector<int>());
    session.lowerHeights = window.value("lower_heights", std::array<int, 3>{});
    session.lowerTab = window.value("lower_tab", 0);
    return session;
}

} // namespace

std::string sessionText(const Session& session, const fs::path& file)
{
    json policies = json::array();
    for (const PolicySpec& policy : session.policies)
        policies.push_back(policy.canonical());
    const json object{{"format", "winnow-session"},
                      {"version", kVersion},
                      {"model", pathJson(session.model, file)},
                      {"text", pathJson(session.text, file)},
                      {"trace", pathJson(session.trace, file)},
                      {"replay", pathJson(session.replay, file)},
                      {"model_name", session.modelName.toStdString()},
                      {"text_name", session.textName.toStdString()},
                      {"policies", policies},
                      {"prompt", session.prompt},
                      {"selection", selectionJson(session.selection)},
                      {"window",
                       {{"scale", static_cast<int>(session.scale)},
                        {"theme", static_cast<int>(session.theme)},
                        {"geometry", base64(session.geometry)},
                        {"layout", base64(session.layout)},
                        {"splitter", session.splitter},
                        {"lower_heights", session.lowerHeights},
                        {"lower_tab", session.lowerTab}}}};
    return object.dump(2) + "\n";
}

Result<Session> parseSession(std::string_view text, const fs::path& file)
{
    const std::string where = fmt::format("session '{}'", file.string());
    WINNOW_TRY(const json object, parseJson(text, where));
    if (!object.is_object() || !object.contains("format") || object["format"] != "winnow-session")
        return fail(ErrorCode::BadInput, "{} has no \"format\": \"winnow-session\", so it is none; open a file that File > Save wrote",
                    where);
    try {
        if (const int version = object.value("version", 0); version > kVersion)
            return fail(ErrorCode::BadInput, "{} is of version {}, this Winnow reads up to {}; use a newer Winnow", where, version, kVersion);
        auto session = fromJson(object, file);
        if (!session)
            return fail(session.error().code, "{}: {}", where, session.error().message);
        return session;
    } catch (const json::exception& wrong) { // a value of another kind than its key takes
        return fail(ErrorCode::BadInput, "{} holds a value of the wrong kind ({}); save it again", where, wrong.what());
    }
}

Result<void> writeSession(const Session& session, const fs::path& file) { return writeFileAtomically(file, sessionText(session, file)); }

Result<Session> readSession(const fs::path& file)
{
    WINNOW_TRY(const MappedFile bytes, MappedFile::open(file));
    return parseSession(bytes.text(), file);
}

} // namespace winnow::app
