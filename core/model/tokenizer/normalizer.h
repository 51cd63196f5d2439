// SPDX-License-Identifier: GPL-3.0-or-later
// What a tokenizer does to text before it splits it: the steps of "normalizer" in tokenizer.json.
#pragma once

#include "core/model/tokenizer/normalized_text.h"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace winnow {

class Charsmap;

/// Immutable; any thread may use it.
class Normalizer {
public:
    /// Understands NFC, NFKC, Replace, Prepend, Lowercase, Strip, Precompiled and Sequence. Any other is refused by name. None
    /// for null.
    static Result<Normalizer> parse(const nlohmann::json& object, const std::string& where);
    /// SentencePiece's: `charsmap` (may be null) by its longest entries, runs of spaces made one and those at the ends removed if
    /// `trims`, a space in front of a text (not of what follows an added token) if `prepends`, and every space written "▁".
    static Normalizer sentencePiece(std::shared_ptr<const Charsmap> charsmap, bool trims, bool prepends);

    /// Linear in the text. Fails when a pattern backtracks beyond all reason.
    Result<void> apply(NormalizedText& text) const;
    bool empty() const { return m_steps.empty(); }

private:
    using Step = std::function<Result<void>(NormalizedText&)>;
    Result<void> add(const nlohmann::json& object, const std::string& where);
    Result<void> addReplace(const nlohmann::json& object, const std::string& where);

    std::vector<Step> m_steps;
};

} // namespace winnow
