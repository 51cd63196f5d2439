// SPDX-License-Identifier: GPL-3.0-or-later
// What the command palette finds: actions, policies, tokens and positions, lanes, figures, files, notes. No widget.
#pragma once

#include <QString>
#include <QStringList>

#include <optional>
#include <vector>

namespace winnow::views {

/// How well `pattern` is found in `text`, both in lower case: its characters in order, gaps allowed. Larger is better: characters
/// in a row and at beginnings of words count, gaps and length cost. Nothing where it is not found; 0 of an empty pattern.
std::optional<int> fuzzyScore(QStringView pattern, QStringView text);

struct PaletteEntry {
    enum class Kind { Action, Policy, Lane, Figure, File, Note, Step, Token };
    Kind kind = Kind::Action;
    QString title, detail; ///< detail: what it is, or its keys; muted
    QString id;            ///< of an action or a figure; the path of a file
    int number = 0;        ///< of a policy, a note, a step, a token; the layer of a lane
    int head = 0;          ///< of a lane
};

class PaletteIndex {
public:
    /// Everything but tokens and steps.
    void setEntries(std::vector<PaletteEntry> entries);
    /// Texts of the tokens as they stand in the text, and how labels show them.
    void setTokens(const QStringList& texts, const QStringList& labels);

    /// The best entries for what was typed, best first. A number alone, "token 961" and "step 900" give positions; "3.1" and
    /// "layer 3 head 1" find lanes by their titles; anything in quotes is looked for in the text as it stands, other words too,
    /// after everything else. Of tokens those after `step` come first. Without a query all entries that have keys. Cost: one pass
    /// over entries and tokens, about 3 ms for 32,768 tokens.
    std::vector<PaletteEntry> find(const QString& query, int step, std::size_t most = 40) const;

private:
    void addPositions(const QString& query, std::vector<PaletteEntry>& found) const;
    void addTokens(const QString& query, int step, std::size_t most, std::vector<PaletteEntry>& found) const;
    PaletteEntry tokenEntry(int token) const;

    std::vector<PaletteEntry> m_entries;
    std::vector<QString> m_haystacks; ///< of the entries, in lower case
    QStringList m_tokens, m_labels;   ///< tokens in lower case
};

} // namespace winnow::views
