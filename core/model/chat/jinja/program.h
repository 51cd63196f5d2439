// SPDX-License-Identifier: GPL-3.0-or-later
// A template in the language of chat templates: Jinja, as Hugging Face transformers runs it (trim_blocks, lstrip_blocks, the
// immutable sandbox, break and continue, generation blocks, and its own tojson, raise_exception, strftime_now and namespace).
#pragma once

#include "core/base/result.h"
#include "core/model/chat/jinja/budget.h"

#include <nlohmann/json_fwd.hpp>

#include <ctime>
#include <memory>
#include <string>
#include <string_view>

namespace winnow::jinja {

struct Syntax;

/// A template that was read once and is rendered as often as one likes. Immutable; rendering is pure and may go on in several
/// threads.
class Program {
public:
    /// `where` opens every error sentence, which then says line and column. `source`: valid UTF-8. Errors: what is no template,
    /// and tags that need other templates.
    static Result<Program> read(std::string_view source, std::string_view where);

    /// `variables`: an object. Numbers must fit into 63 bits. `now`: what strftime_now writes. Errors: whatever stops the
    /// template, raise_exception and the limits included.
    Result<std::string> render(const nlohmann::ordered_json& variables, const std::tm& now, const Limits& limits = {}) const;

private:
    std::shared_ptr<const Syntax> m_syntax;
    std::string m_where;
};

} // namespace winnow::jinja
