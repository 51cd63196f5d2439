// SPDX-License-Identifier: GPL-3.0-or-later
// Where two recordings read the same text: the token of one that holds what a token of the other holds. Pure, any thread.
#pragma once

#include "core/trace/trace.h"

#include <memory>
#include <optional>

namespace winnow::app {

/// Compares the texts once, by bytes, from the start and from the end. So it finds the same text under two tokenizers, and around
/// a passage in which two texts differ. Recordings without a text are compared by their tokens from the start.
class TextMatch {
public:
    TextMatch(std::shared_ptr<const TraceInfo> from, std::shared_ptr<const TraceInfo> to);

    /// The token of `to` in which the text of token `token` of `from` begins; nothing where the texts differ there.
    std::optional<int> tokenOf(int token) const;

    /// From `to` to `from`.
    TextMatch reversed() const;

private:
    std::shared_ptr<const TraceInfo> m_from, m_to;
    std::size_t m_sameStart = 0, m_sameEnd = 0; ///< bytes, or tokens where there is no text; they do not overlap
    bool m_byText = false;
};

} // namespace winnow::app
