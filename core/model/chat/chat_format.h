// How a model's chat template writes a conversation. Templates are programs (Jinja); the common ones are known by what they
// contain, and their turns are written here. Free of Torch.
#pragma once

#include "core/model/chat/chat_template.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace winnow {

struct ChatTurn {
    std::string role; ///< "system" (only as the first turn), "user" or "assistant"
    std::string text; ///< UTF-8
};

/// One of the common kinds, with what the model's own template says in detail. Made by `of`, not changed afterwards.
class ChatFormat {
public:
    /// ChatML (with a standing system message, and thoughts that are dropped from earlier answers, where the template has them),
    /// Llama 2, Llama 3 to 3.3, Gemma 1 to 3, Mistral (with the blanks and the place of the system message that the template has)
    /// and Phi-3. One sentence for any other template, and for none.
    static Result<ChatFormat> of(const ChatTemplate& chat);

    /// "ChatML".
    const std::string& name() const { return m_name; }

    /// The text that transformers' apply_chat_template gives, begin mark included; with `opensAnswer` up to where the answer
    /// starts. `today` ("22 Nov 2026") stands in Llama 3.2's system message. Refuses unknown roles, turns that do not take turns
    /// where the template wants that, and a system message where it allows none.
    Result<std::string> write(std::span<const ChatTurn> turns, bool opensAnswer, std::string_view today) const;

private:
    /// Around the text of a turn.
    struct Marks {
        std::string before, after;
        bool trims = false; ///< white space around the text goes
    };
    enum class System { OwnTurn, FirstUser, LastUser, None }; ///< where the system message stands

    static ChatFormat chatMl(const std::string& source, const ChatTemplate& chat);
    static Result<ChatFormat> llama3(const std::string& source, const ChatTemplate& chat);
    static ChatFormat gemma(const std::string& source, const ChatTemplate& chat);
    static ChatFormat phi3(const std::string& source, const ChatTemplate& chat);
    static Result<ChatFormat> instructed(const std::string& source, const ChatTemplate& chat);
    Result<void> check(std::span<const ChatTurn> turns) const;
    void writeAnswer(const std::string& text, bool old, std::string& out) const;

    std::string m_name;
    std::string m_begin;              // in front of all
    Marks m_system, m_user, m_answer; // m_system also inside a user's turn
    std::string m_opening;            // of an answer
    std::string m_close;              // behind all when no answer is opened
    System m_systemAt = System::OwnTurn;
    std::string m_standingSystem;  // where none is given
    std::string m_preamble;        // of the system turn, which then is always there; "{today}" stands for the date
    bool m_trimsJoined = false;    // a user's turn, once the system message is in it
    bool m_alternates = false;     // user and assistant take turns
    bool m_dropsThoughts = false;  // "<think>…</think>" leaves answers before the last question
    bool m_dropsLines = false;     // at the start of an answer, whether or not there was a thought
    bool m_writesThoughts = false; // and stands, empty or not, in the others
};

/// The turns that a text means: a JSON list of {"role": …, "content": …}, or else itself as a user's one turn.
std::vector<ChatTurn> chatTurns(std::string_view text);

/// The local date as templates write it: "22 Nov 2026".
std::string chatDate();

} // namespace winnow
