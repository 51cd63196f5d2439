// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/chrome/palette_index.h"

#include "views/style/theme.h"

#include <QCoreApplication>
#include <QRegularExpression>

#include <algorithm>

namespace winnow::views {

namespace {

QString words(const char* text) { return QCoreApplication::translate("Palette", text); }

bool beginsWord(QStringView text, qsizetype at) { return at == 0 || !text[at - 1].isLetterOrNumber(); }

/// Matches greedily from `from` on.
std::optional<int> scoreFrom(QStringView pattern, QStringView text, qsizetype from)
{
    int score = 0;
    qsizetype at = from, before = -2;
    for (const QChar wanted : pattern) {
        while (at < text.size() && text[at] != wanted)
            ++at;
        if (at == text.size())
            return std::nullopt;
        score += 1 + (at == before + 1 ? 8 : 0) + (beginsWord(text, at) ? 10 : 0);
        before = at++;
    }
    const auto spread = static_cast<int>(before - from + 1 - pattern.size());
    return 4 * score - 2 * std::min(spread, 40) - static_cast<int>(std::min<qsizetype>(from, 40)) -
           static_cast<int>(std::min<qsizetype>(text.size(), 80)) / 4;
}

} // namespace

std::optional<int> fuzzyScore(QStringView pattern, QStringView text)
{
    if (pattern.isEmpty())
        return 0;
    std::optional<int> best;
    for (qsizetype from = text.indexOf(pattern.front()); from >= 0; from = text.indexOf(pattern.front(), from + 1)) {
        const auto score = scoreFrom(pattern, text, from);
        if (!score)
            break; // what follows is shorter still
        best = std::max(best.value_or(*score), *score);
    }
    return best;
}

void PaletteIndex::setEntries(std::vector<PaletteEntry> entries)
{
    m_entries = std::move(entries);
    m_haystacks.clear();
    for (const PaletteEntry& entry : m_entries)
        m_haystacks.push_back((entry.title + QLatin1Char(' ') + entry.id).toLower());
}

void PaletteIndex::setTokens(const QStringList& texts, const QStringList& labels)
{
    m_tokens.clear();
    for (const QString& text : texts)
        m_tokens << text.toLower();
    m_labels = labels;
}

PaletteEntry PaletteIndex::tokenEntry(int token) const
{
    return {.kind = PaletteEntry::Kind::Token,
            .title = words("Token %1  \u201C%2\u201D").arg(grouped(token), m_labels.value(token)),
            .detail = words("follow it"),
            .number = token};
}

void PaletteIndex::addPositions(const QString& query, std::vector<PaletteEntry>& found) const
{
    static const QRegularExpression position(QStringLiteral("^(token|step|position)?\\s*#?(\\d[\\d,]*)$"));
    const auto match = position.match(query);
    if (!match.hasMatch())
        return;
    const int number = match.captured(2).remove(QLatin1Char(',')).toInt();
    if (number >= m_tokens.size())
        return;
    if (match.captured(1) != QLatin1String("step"))
        found.push_back(tokenEntry(number));
    if (match.captured(1).isEmpty() || match.captured(1) == QLatin1String("step"))
        found.push_back({.kind = PaletteEntry::Kind::Step,
                         .title = words("Step %1").arg(grouped(number)),
                         .detail = words("go there"),
                         .number = number});
}

void PaletteIndex::addTokens(const QString& query, int step, std::size_t most, std::vector<PaletteEntry>& found) const
{
    QString wanted = query;
    const bool quoted = wanted.startsWith(QLatin1Char('"'));
    wanted.remove(QLatin1Char('"'));
    if (wanted.trimmed().size() < (quoted ? 1 : 2))
        return;
    const auto count = static_cast<int>(m_tokens.size());
    std::vector<int> whole, part;     // where the token is what was typed, and where it only holds it
    for (int i = 0; i < count; ++i) { // from the step on, then around
        const int token = (step + i) % count;
        const QString& text = m_tokens[token];
        if (!text.contains(wanted))
            continue;
        const bool all = text.size() == wanted.size() || text.trimmed() == wanted;
        (all ? whole : part).push_back(token);
        if (whole.size() >= most)
            break;
    }
    whole.insert(whole.end(), part.begin(), part.end());
    for (const int token : whole) {
        if (found.size() >= most)
            return;
        found.push_back(tokenEntry(token));
    }
}

std::vector<PaletteEntry> PaletteIndex::find(const QString& query, int step, std::size_t most) const
{
    const QString typed = query.toLower(), wanted = typed.trimmed();
    std::vector<PaletteEntry> found;
    if (wanted.isEmpty()) {
        std::copy_if(m_entries.begin(), m_entries.end(), std::back_inserter(found), [](const PaletteEntry& entry) {
            return entry.kind == PaletteEntry::Kind::Action && !entry.detail.isEmpty();
        });
        found.resize(std::min(found.size(), most));
        return found;
    }
    addPositions(wanted, found);
    if (!wanted.startsWith(QLatin1Char('"'))) {
        QString pattern = wanted;
        pattern.remove(QLatin1Char(' '));
        std::vector<std::pair<int, std::size_t>> scores;
        for (std::size_t i = 0; i < m_entries.size(); ++i)
            if (const auto score = fuzzyScore(pattern, m_haystacks[i]))
                scores.emplace_back(-*score, i);
        std::sort(scores.begin(), scores.end()); // of equals the earlier entry
        const int best = scores.empty() ? 0 : scores.front().first;
        for (const auto& [score, at] : scores)
            if (found.size() < most / 2 && score <= std::min(0, best / 3)) // what is found only by chance goes
                found.push_back(m_entries[at]);
    }
    addTokens(typed, step, most, found);
    found.resize(std::min(found.size(), most));
    return found;
}

} // namespace winnow::views
