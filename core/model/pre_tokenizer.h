// How a tokenizer cuts text into words before the merges: the steps of "pre_tokenizer" in tokenizer.json.
#pragma once

#include "core/model/normalized_text.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace winnow {

/// Immutable; any thread may use it.
class PreTokenizer {
public:
    /// Understands ByteLevel, which must come last, and before it Split, Digits and Sequence. Any other is refused by name.
    static Result<PreTokenizer> parse(const nlohmann::json& object, const std::string& where);

    /// The words of `text`, in order, none empty. May put spaces in front of words (add_prefix_space), changing `text`.
    Result<std::vector<TextRange>> split(NormalizedText& text) const;

private:
    enum class Behavior { Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous };
    struct Step {
        bool addsSpace = false; ///< in front of every word without one; otherwise the step splits
        TextPattern pattern;
        Behavior behavior = Behavior::Isolated;
        bool invert = false;
    };

    Result<void> add(const nlohmann::json& object, const std::string& where);
    Result<void> addSplit(const nlohmann::json& object, const std::string& where);
    Result<void> addByteLevel(const nlohmann::json& object, const std::string& where);

    std::vector<Step> m_steps;
    bool m_byteLevel = false;
};

} // namespace winnow
