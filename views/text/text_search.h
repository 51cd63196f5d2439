// SPDX-License-Identifier: GPL-3.0-or-later
// Where a query stands in the text: its hits, and which of them is the current one. No widget. One thread.
#pragma once

#include "views/text/text_view_flow.h"

#include <cstdint>
#include <vector>

namespace winnow::views {

class TextSearch {
public:
    struct Hit {
        int firstToken = 0, lastToken = 0;
    };
    enum class Mark : std::uint8_t { None, Hit, Current };

    /// Looks for `query` as the text is shown: a newline is a space, letters of both cases are alike. Hits that reach beyond the
    /// first `shownTokens` tokens are left out. No hit is the current one afterwards. Cost: the length of the text.
    void find(const DisplayText& display, const QString& query, int shownTokens);
    void clear();
    /// Makes it the current one, counting on around both ends. Nothing without hits.
    void goTo(int hit);

    const std::vector<Hit>& hits() const { return m_hits; }
    int count() const { return static_cast<int>(m_hits.size()); }
    int current() const { return m_current; } ///< −1 = none
    /// The strongest mark among the tokens first … last.
    Mark mark(int firstToken, int lastToken) const;

private:
    void markHit(int hit, Mark as);

    std::vector<Hit> m_hits;   ///< ascending
    std::vector<Mark> m_marks; ///< per token; empty without hits
    int m_current = -1;
};

} // namespace winnow::views
