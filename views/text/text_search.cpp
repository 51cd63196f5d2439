// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/text/text_search.h"

#include <algorithm>

namespace winnow::views {

void TextSearch::find(const DisplayText& display, const QString& query, int shownTokens)
{
    clear();
    if (query.isEmpty())
        return;
    m_marks.assign(display.boxOfToken.size(), Mark::None);
    const auto endsBefore = [](const TokenBox& box, int unit) { return box.extent.end <= unit; };
    auto box = display.boxes.begin();
    for (qsizetype at = display.haystack.indexOf(query, 0, Qt::CaseInsensitive); at >= 0;
         at = display.haystack.indexOf(query, at + query.size(), Qt::CaseInsensitive)) {
        const int begin = display.haystackAt[static_cast<std::size_t>(at)],
                  last = display.haystackAt[static_cast<std::size_t>(at + query.size() - 1)];
        box = std::lower_bound(box, display.boxes.end(), begin, endsBefore);
        const auto end = std::lower_bound(box, display.boxes.end(), last, endsBefore);
        if (box == display.boxes.end() || end == display.boxes.end() || end->lastToken >= shownTokens)
            break;
        m_hits.push_back({box->firstToken, end->lastToken});
        markHit(count() - 1, Mark::Hit);
    }
}

void TextSearch::clear()
{
    m_hits.clear();
    m_marks.clear();
    m_current = -1;
}

void TextSearch::goTo(int hit)
{
    if (m_hits.empty())
        return;
    if (m_current >= 0)
        markHit(m_current, Mark::Hit);
    m_current = ((hit % count()) + count()) % count();
    markHit(m_current, Mark::Current);
}

TextSearch::Mark TextSearch::mark(int firstToken, int lastToken) const
{
    return m_marks.empty() ? Mark::None : *std::max_element(m_marks.begin() + firstToken, m_marks.begin() + lastToken + 1);
}

void TextSearch::markHit(int hit, Mark as)
{
    const Hit& at = m_hits[static_cast<std::size_t>(hit)];
    std::fill(m_marks.begin() + at.firstToken, m_marks.begin() + at.lastToken + 1, as);
}

} // namespace winnow::views
