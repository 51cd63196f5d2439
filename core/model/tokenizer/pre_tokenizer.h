// SPDX-License-Identifier: GPL-3.0-or-later
// How a tokenizer cuts text into words before the merges: the steps of "pre_tokenizer" in tokenizer.json.
#pragma once

#include "core/model/tokenizer/normalized_text.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <vector>

namespace winnow {

/// Immutable; any thread may use it.
class PreTokenizer {
public:
    /// Understands Split, Digits, Metaspace, Whitespace, WhitespaceSplit, Punctuation, Sequence, and ByteLevel, which only those
    /// that cut may follow: they see the stand-ins of bytes (Falcon). Any other is refused by name. For null the whole text is
    /// one word.
    static Result<PreTokenizer> parse(const nlohmann::json& object, const std::string& where);

    /// The words of `text`, in order, none empty; those that were cut behind ByteLevel may begin or end within a character. May
    /// put spaces in front of words or "▁" in place of spaces, changing `text`.
    Result<std::vector<TextRange>> split(NormalizedText& text) const;

    /// Whether words are bytes to the model, not characters.
    bool isByteLevel() const { return m_byteLevel; }

private:
    enum class Behavior { Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous };
    enum class Prefix { Never, First, Always };
    /// Splits by `pattern`, if it has one, after writing `space` for every space and `prefix` in front of words that lack it.
    struct Step {
        std::string space = " ";
        Prefix prefix = Prefix::Never; ///< First: only in front of a word that starts the whole text
        bool splits = true;
        TextPattern pattern;
        Behavior behavior = Behavior::Isolated;
        bool invert = false;
        bool seesBytes = false; ///< looks at the stand-ins of a word's bytes
    };

    Result<void> add(const nlohmann::json& object, const std::string& where);
    Result<void> addSplit(const nlohmann::json& object, const std::string& where);
    Result<void> addMetaspace(const nlohmann::json& object, const std::string& where);
    Result<void> addByteLevel(const nlohmann::json& object, const std::string& where);
    static std::optional<Behavior> behaviorOf(const nlohmann::json& name);
    static void rewrite(const Step& step, NormalizedText& text, std::vector<TextRange>& words);
    static Result<void> cut(const Step& step, std::string_view text, std::vector<TextRange>& words);

    std::vector<Step> m_steps;
    bool m_byteLevel = false;
};

} // namespace winnow
