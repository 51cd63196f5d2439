// SPDX-License-Identifier: GPL-3.0-or-later
// A conversation, and the text that a model's own chat template makes of it. Free of Torch.
#pragma once

#include "core/model/chat/chat_template.h"

#include <nlohmann/json.hpp>

#include <ctime>
#include <string>
#include <string_view>

namespace winnow {

struct Conversation {
    nlohmann::ordered_json messages = nlohmann::ordered_json::array();   ///< objects, each with a "role"
    nlohmann::ordered_json tools, documents;                             ///< lists, or null
    nlohmann::ordered_json variables = nlohmann::ordered_json::object(); ///< what else the template may ask for, by name

    /// Is it the model's turn?
    bool opensAnswer() const;
};

/// What a text means: a JSON list of messages ({"role": …, "content": …}); an object with "messages" and, if it likes, "tools",
/// "documents" and the template's own variables; or else itself as a user's one message. Errors: what begins as a list of
/// messages and is no JSON.
Result<Conversation> conversationIn(std::string_view text);

/// The text that transformers' apply_chat_template gives, with the mark that opens an answer where one is due. `now`: what
/// templates write as today. Pure; bounded in time and memory. Errors, with line and column: there is no template, it cannot be
/// run, or it refuses this conversation.
Result<std::string> writeConversation(const ChatTemplate& chat, const Conversation& conversation, const std::tm& now);

std::tm localNow();

/// What a template does with what it may be given, found by running it: "in a turn of its own", "refused: …".
struct ChatHabits {
    std::string systemMessage, tools;
};
Result<ChatHabits> chatHabits(const ChatTemplate& chat);

} // namespace winnow
