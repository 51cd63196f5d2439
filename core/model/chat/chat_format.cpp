#include "core/model/chat/chat_format.h"

#include "core/io/json.h"
#include "core/io/json_members.h"
#include "core/model/chat/template_scan.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>

namespace winnow {
namespace {

using nlohmann::json;

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// "'[INST] ' + message['content'] + eos_token": texts around a turn's own text, and around a system message before it.
struct Sum {
    std::string before, after;
    std::optional<std::string> beforeSystem; ///< then `before` is what stands between system message and text
    bool trims = false, trimsSystem = false;
};

std::optional<Sum> sumOf(std::string_view expression, const ChatTemplate& chat)
{
    std::vector<std::string_view> items;
    std::size_t begin = 0;
    char quote = 0;
    for (std::size_t i = 0; i <= expression.size(); ++i) {
        if (i == expression.size() || (quote == 0 && expression[i] == '+')) {
            items.push_back(trimmedText(expression.substr(begin, i - begin)));
            begin = i + 1;
        } else if (quote != 0) {
            if (expression[i] == '\\')
                ++i;
            else if (expression[i] == quote)
                quote = 0;
        } else if (expression[i] == '\'' || expression[i] == '"') {
            quote = expression[i];
        }
    }
    Sum sum;
    bool seen = false;
    for (const std::string_view item : items) {
        std::string& text = seen ? sum.after : sum.before;
        std::string name = compactTemplate(item);
        bool trims = false;
        for (const std::string_view end : {"|trim", ".strip()", ".trim()"})
            if (name.ends_with(end)) {
                name.resize(name.size() - end.size());
                trims = true;
            }
        if (item.size() >= 2 && (item.front() == '\'' || item.front() == '"') && item.back() == item.front() &&
            item.substr(1, item.size() - 2).find(item.front()) == std::string_view::npos) {
            text += unescapedText(item.substr(1, item.size() - 2));
        } else if (name == "bos_token") {
            text += chat.begin;
        } else if (name == "eos_token") {
            text += chat.end;
        } else if (!seen && (name == "message['content']" || name == "message.content" || name == "content")) {
            seen = true;
            sum.trims = trims;
        } else if (!seen && !sum.beforeSystem && name == "system_message") {
            sum.beforeSystem = std::exchange(sum.before, std::string());
            sum.trimsSystem = trims;
        } else {
            return std::nullopt;
        }
    }
    return seen ? std::optional(std::move(sum)) : std::nullopt;
}

constexpr const char* kKinds = "ChatML, Llama 2 and 3, Gemma, Mistral and Phi-3";

tl::unexpected<Error> unknown(const ChatTemplate& chat)
{
    return fail(ErrorCode::BadInput, "the chat template in {} is none of those that can be written here ({})", chat.from, kKinds);
}

} // namespace

Result<ChatFormat> ChatFormat::of(const ChatTemplate& given)
{
    if (given.empty())
        return fail(ErrorCode::NotFound, "the model has no chat template");
    ChatTemplate chat = given;
    chat.source = withEscapedLineEnds(given.source);
    const std::string& source = chat.source;
    const auto all = [&](std::initializer_list<std::string_view> parts) {
        return std::ranges::all_of(parts, [&](std::string_view part) { return contains(source, part); });
    };
    if (all({"<|im_start|>", "<|im_end|>"}) && !contains(source, "<|im_sep|>") && !contains(source, "strftime_now"))
        return chatMl(source, chat);
    if (all({"<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"}))
        return llama3(source, chat);
    if (all({"<start_of_turn>", "<end_of_turn>"}))
        return gemma(source, chat);
    if (all({"[INST]", "[/INST]"}) && !contains(source, "[SYSTEM_PROMPT]"))
        return instructed(source, chat);
    if (all({"<|end|>", "<|assistant|>"}) &&
        (contains(source, "<|user|>") || contains(compactTemplate(source), "'<|'+message['role']+'|>'")) &&
        !contains(compactTemplate(source), "'<|end|>'+'\\n'+'<|assistant|>'"))
        return phi3(source, chat);
    return unknown(chat);
}

ChatFormat ChatFormat::chatMl(const std::string& source, const ChatTemplate& chat)
{
    const TemplateScan scan(source);
    const std::string dense = compactTemplate(source);
    ChatFormat format;
    format.m_name = "ChatML";
    format.m_begin = contains(source, "bos_token") ? chat.begin : "";
    const bool line =
        contains(source, "<|im_end|>\\n") || contains(source, "<|im_end|>\n") || contains(dense, "'<|im_end|>'+'\\n'");
    const auto marks = [&](std::string_view role) {
        return Marks{fmt::format("<|im_start|>{}\n", role), line ? "<|im_end|>\n" : "<|im_end|>", contains(dense, "|trim")};
    };
    format.m_system = marks("system");
    format.m_user = marks("user");
    format.m_answer = marks("assistant");
    format.m_opening = scan.literalBehind(source.rfind("add_generation_prompt"), format.m_answer.before, format.m_answer.before);
    format.m_standingSystem = scan.given("system_message");
    for (const TemplateScan::Literal& each : scan.literals())
        if (const std::size_t end = each.text.find("<|im_end|>");
            end != std::string::npos && each.text.starts_with(format.m_system.before))
            format.m_standingSystem = each.text.substr(format.m_system.before.size(), end - format.m_system.before.size());
    format.m_dropsThoughts = contains(source, "</think>");
    format.m_dropsLines = format.m_dropsThoughts && !contains(dense, "'</think>'in");
    format.m_writesThoughts = contains(source, "last_query_index");
    return format;
}

Result<ChatFormat> ChatFormat::llama3(const std::string& source, const ChatTemplate& chat)
{
    const TemplateScan scan(source);
    const bool trims = contains(compactTemplate(source), "|trim");
    ChatFormat format;
    format.m_name = "Llama 3";
    format.m_begin = chat.begin;
    const auto marks = [&](std::string_view role) {
        return Marks{fmt::format("<|start_header_id|>{}<|end_header_id|>\n\n", role), "<|eot_id|>", trims};
    };
    format.m_system = marks("system");
    format.m_user = marks("user");
    format.m_answer = marks("assistant");
    format.m_opening = format.m_answer.before;
    if (!contains(source, "Cutting Knowledge Date"))
        return format;
    format.m_name = "Llama 3.1";
    const std::string cut = scan.literalBehind(0, "Cutting Knowledge Date: ", "");
    const std::string date = contains(source, "strftime_now") ? "{today}" : scan.given("date_string");
    if (!cut.ends_with('\n') || scan.literalBehind(0, "Today Date: ", "") != "Today Date: " || date.empty())
        return unknown(chat);
    format.m_preamble = fmt::format("{}Today Date: {}\n\n", cut, date);
    return format;
}

ChatFormat ChatFormat::gemma(const std::string& source, const ChatTemplate& chat)
{
    const bool trims = contains(compactTemplate(source), "|trim");
    ChatFormat format;
    format.m_name = "Gemma";
    format.m_begin = chat.begin;
    format.m_user = {"<start_of_turn>user\n", "<end_of_turn>\n", trims};
    format.m_answer = {"<start_of_turn>model\n", "<end_of_turn>\n", trims};
    format.m_opening = format.m_answer.before;
    format.m_system = {"", "\n\n"};
    format.m_systemAt = contains(source, "first_user_prefix") ? System::FirstUser : System::None;
    format.m_alternates = true;
    return format;
}

ChatFormat ChatFormat::phi3(const std::string& source, const ChatTemplate& chat)
{
    ChatFormat format;
    format.m_name = "Phi-3";
    format.m_begin = contains(source, "bos_token") ? chat.begin : "";
    const std::string line = contains(source, "<|user|>\\n") || contains(compactTemplate(source), "'<|end|>\\n'") ? "\n" : "";
    const auto marks = [&](std::string_view role) { return Marks{fmt::format("<|{}|>{}", role, line), "<|end|>" + line}; };
    format.m_system = marks("system");
    format.m_user = marks("user");
    format.m_answer = marks("assistant");
    format.m_opening = format.m_answer.before;
    format.m_close = contains(source, "eos_token") ? chat.end : "";
    return format;
}

/// "[INST] … [/INST]": Llama 2 and Mistral, which spell it in many ways.
Result<ChatFormat> ChatFormat::instructed(const std::string& source, const ChatTemplate& chat)
{
    const TemplateScan scan(source);
    const std::string dense = compactTemplate(source);
    std::optional<Sum> user, system, answer;
    ChatFormat format;
    const auto keep = [](std::optional<Sum>& kept, const Sum& sum) {
        const bool same =
            !kept || (kept->before == sum.before && kept->after == sum.after && kept->beforeSystem == sum.beforeSystem);
        kept = sum;
        return same;
    };
    for (const std::string_view print : scan.prints()) {
        if (print == "bos_token")
            format.m_begin = chat.begin;
        const auto sum = sumOf(print, chat);
        const bool asks = contains(print, "[INST]") || contains(print, "[/INST]");
        if (!sum && asks && contains(print, "content") && !contains(print, "system_message"))
            return unknown(chat);
        if (sum && (asks || contains(print, "eos_token")) && !keep(!asks ? answer : sum->beforeSystem ? system : user, *sum))
            return unknown(chat); // written in two ways
    }
    if (!user || !answer)
        return unknown(chat);
    format.m_name = "Mistral";
    format.m_user = {user->before, user->after, user->trims};
    format.m_answer = {answer->before, answer->after, answer->trims};
    format.m_alternates = contains(dense, "%2");
    format.m_systemAt = System::None;
    if (contains(source, "<<SYS>>")) {
        format.m_name = "Llama 2";
        format.m_system = {"<<SYS>>\n", "\n<</SYS>>\n\n"};
        format.m_systemAt = System::FirstUser;
        format.m_trimsJoined = std::exchange(format.m_user.trims, false);
    } else if (system) {
        const bool first = contains(dense, "loop.firstandsystem_message"), last = contains(dense, "loop.lastandsystem_message");
        if (first == last || !system->beforeSystem->starts_with(user->before) || system->after != user->after)
            return unknown(chat);
        format.m_systemAt = first ? System::FirstUser : System::LastUser;
        format.m_system = {system->beforeSystem->substr(user->before.size()), system->before, system->trimsSystem};
    }
    return format;
}

Result<void> ChatFormat::check(std::span<const ChatTurn> turns) const
{
    if (turns.empty())
        return fail(ErrorCode::BadInput, "a conversation needs a turn");
    const bool instructs = turns.front().role == "system";
    if (instructs && m_systemAt == System::None)
        return fail(ErrorCode::BadInput, "this model's chat template ({}) takes no system message; put it into the user's",
                    m_name);
    for (std::size_t i = instructs; i < turns.size(); ++i) {
        const std::string& role = turns[i].role;
        if (role != "user" && role != "assistant")
            return fail(ErrorCode::BadInput, "turn {} of the conversation is '{}'s; user and assistant speak{}", i + 1,
                        role.substr(0, 60), role == "system" ? ", a system message stands first" : ", and system before them");
        if (m_alternates && (role == "user") != ((i - instructs) % 2 == 0))
            return fail(
                ErrorCode::BadInput,
                "turn {} of the conversation is the {}'s; this model's chat template ({}) wants user and assistant by turns",
                i + 1, role, m_name);
    }
    if (instructs && m_systemAt != System::OwnTurn && (turns.size() < 2 || turns[1].role != "user"))
        return fail(ErrorCode::BadInput,
                    "this model's chat template ({}) puts a system message into the user's, and there is none", m_name);
    return {};
}

void ChatFormat::writeAnswer(const std::string& text, bool old, std::string& out) const
{
    const auto fromLine = [](std::string_view part) { return part.substr(std::min(part.find_first_not_of('\n'), part.size())); };
    constexpr std::string_view kOpen = "<think>", kClose = "</think>";
    std::string_view said = m_answer.trims ? trimmedText(text) : std::string_view(text), thought;
    if (const std::size_t end = said.find(kClose); m_dropsThoughts && end != std::string_view::npos) {
        const std::size_t begin = said.substr(0, end).rfind(kOpen);
        thought = said.substr(0, end).substr(begin == std::string_view::npos ? 0 : begin + kOpen.size());
        said = fromLine(said.substr(said.rfind(kClose) + kClose.size()));
    }
    out += m_answer.before;
    const bool thinks = m_writesThoughts && !old;
    if (thinks || m_dropsLines)
        said = fromLine(said);
    if (thinks) {
        thought = fromLine(thought.substr(0, thought.find_last_not_of('\n') + 1));
        ((out += "<think>\n") += thought) += "\n</think>\n\n";
    }
    (out += said) += m_answer.after;
}

Result<std::string> ChatFormat::write(std::span<const ChatTurn> turns, bool opensAnswer, std::string_view today) const
{
    WINNOW_TRY_VOID(check(turns));
    const auto written = [](const Marks& marks, std::string_view text) {
        return fmt::format("{}{}{}", marks.before, marks.trims ? trimmedText(text) : text, marks.after);
    };
    std::string out = m_begin;
    const bool instructs = turns.front().role == "system";
    const std::string& instruction = instructs ? turns.front().text : m_standingSystem;
    if (m_systemAt == System::OwnTurn && (instructs || !instruction.empty() || !m_preamble.empty())) {
        std::string preamble = m_preamble;
        if (const std::size_t at = preamble.find("{today}"); at != std::string::npos)
            preamble.replace(at, 7, today);
        out += fmt::format("{}{}{}{}", m_system.before, preamble, m_system.trims ? trimmedText(instruction) : instruction,
                           m_system.after);
    }
    std::size_t lastQuestion = 0;
    for (std::size_t i = 0; i < turns.size(); ++i)
        if (turns[i].role == "user")
            lastQuestion = i;
    for (std::size_t i = instructs; i < turns.size(); ++i) {
        if (turns[i].role == "assistant") {
            writeAnswer(turns[i].text, i < lastQuestion, out);
            continue;
        }
        const bool holds = instructs && ((m_systemAt == System::FirstUser && i == 1) ||
                                         (m_systemAt == System::LastUser && i + 1 == turns.size()));
        const std::string text = std::string(holds ? written(m_system, instruction) : "") +
                                 std::string(m_user.trims ? trimmedText(turns[i].text) : turns[i].text);
        (out += m_user.before) += m_trimsJoined ? trimmedText(text) : std::string_view(text);
        out += m_user.after;
    }
    return out += opensAnswer ? m_opening : m_close;
}

std::vector<ChatTurn> chatTurns(std::string_view text)
{
    const auto parsed = parseJson(trimmedText(text).starts_with('[') ? text : "null", "the conversation", {.maxDepth = 8});
    const bool listed = parsed && parsed->is_array() && !parsed->empty() && std::ranges::all_of(*parsed, [](const json& turn) {
                            return member(turn, "role").is_string() && member(turn, "content").is_string();
                        });
    std::vector<ChatTurn> turns;
    if (!listed)
        turns.push_back({"user", std::string(text)});
    else
        for (const json& turn : *parsed)
            turns.push_back({textOf(turn, "role"), textOf(turn, "content")});
    return turns;
}

std::string chatDate()
{
    constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t now = std::time(nullptr);
    std::tm day{};
    localtime_r(&now, &day);
    return fmt::format("{:02} {} {}", day.tm_mday, kMonths.at(static_cast<std::size_t>(day.tm_mon)), day.tm_year + 1900);
}

} // namespace winnow
