// SPDX-License-Identifier: GPL-3.0-or-later
// A regular expression as tokenizer.json writes them (Oniguruma's dialect, as far as tokenizers use it), on PCRE2.
#pragma once

#include "core/base/result.h"

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace winnow {

struct TextRange {
    std::size_t begin = 0, end = 0; ///< bytes
    friend bool operator==(const TextRange&, const TextRange&) = default;
};

/// Compiled once; any thread may search with it.
class TextPattern {
public:
    /// `where` opens the error sentence for a pattern that PCRE2 refuses.
    static Result<TextPattern> compile(const std::string& pattern, const std::string& where);
    /// From {"Regex": …} or {"String": …}; `user` is what needs it, for sentences: "pre-tokenizer Split".
    static Result<TextPattern> parse(const nlohmann::json& object, const std::string& user, const std::string& where);
    /// Finds `text` as it is.
    static TextPattern literal(const std::string& text);

    /// Appends all non-overlapping, non-empty matches in `text`, from left to right. `text` must be valid UTF-8. Fails when the
    /// pattern backtracks beyond all reason.
    Result<void> find(std::string_view text, std::vector<TextRange>& matches) const;

private:
    struct Compiled;
    std::shared_ptr<const Compiled> m_compiled;
};

} // namespace winnow
