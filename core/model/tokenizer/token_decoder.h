// SPDX-License-Identifier: GPL-3.0-or-later
// From tokens back to text: the steps of "decoder" in tokenizer.json.
#pragma once

#include "core/base/result.h"
#include "core/model/tokenizer/text_pattern.h"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <string>
#include <vector>

namespace winnow {

/// Immutable; any thread may use it.
class TokenDecoder {
public:
    /// Understands ByteLevel, ByteFallback, Fuse, Metaspace, Replace, Strip and Sequence. Any other is refused by name. For null
    /// tokens are put together as they are.
    static Result<TokenDecoder> parse(const nlohmann::json& object, const std::string& where);

    /// The text of `tokens` as bytes; cut characters stay cut (the reference puts "�" there).
    std::string text(std::vector<std::string> tokens) const;

private:
    using Step = std::function<void(std::vector<std::string>&)>;
    Result<void> add(const nlohmann::json& object, const std::string& where);

    std::vector<Step> m_steps;
};

} // namespace winnow
