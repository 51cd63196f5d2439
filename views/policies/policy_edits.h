// SPDX-License-Identifier: GPL-3.0-or-later
// The policies that the user wants, and the edits of them (values, order, additions), with a note per policy. A model without a
// widget. One thread.
#pragma once

#include "core/policy/policy_spec.h"
#include "views/state/view_data.h"

#include <QString>

#include <optional>
#include <string_view>
#include <vector>

namespace winnow::views {

bool sameSpec(const PolicySpec& a, const PolicySpec& b);
/// A file that the policy reads and that was not named yet; null if there is none.
const ParameterSpec* missingFile(const PolicySpec& spec);

class PolicyEdits {
public:
    struct Note {
        QString state;        ///< in place of "mass now": "updating"
        QString error;        ///< the engine's sentence
        QString refused;      ///< why the last edit was refused; cleared by the next valid one
        double fraction = -1; ///< 0…1 of its replay; −1 = none
    };
    /// A new list, and where its policies come from: `origin[i]` is the present number of the new policy i, −1 if it is new.
    struct Change {
        std::vector<PolicySpec> specs;
        std::vector<int> origin;
        /// The new number of the policy that had number `old`; of a removed one the number in its place.
        int numberOf(int old) const;
    };

    /// Takes over the replay's policies, unless there are edits that the replay does not contain yet. Runs, which follow the
    /// replays in the data, are left out.
    void setData(const ViewData& data);
    void setSpecs(std::vector<PolicySpec> specs);
    void setPrompt(int prompt) { m_prompt = prompt; } ///< negative = that of the data

    const std::vector<PolicySpec>& specs() const { return m_specs; }
    const PolicySpec& spec(int policy) const { return m_specs[static_cast<std::size_t>(policy)]; }
    int count() const { return static_cast<int>(m_specs.size()); }
    bool has(int policy) const { return policy >= 0 && policy < count(); }
    Note& note(int policy) { return m_notes[static_cast<std::size_t>(policy)]; }
    /// The replay of a policy of this name, or null. `stale`: with other values.
    const PolicyReplay* replayOf(int policy, bool& stale) const;

    /// An error where the policy cannot be replayed over what is open.
    Result<PolicySpec> checked(Result<PolicySpec> spec) const;
    Result<PolicySpec> withValue(int policy, std::string_view key, std::string_view value) const;
    /// The catalog's defaults, with the present budget.
    Result<PolicySpec> withDefaults(int policy) const;
    /// The catalog's policy, not checked, with the budget of policy `like` where it takes one.
    Result<PolicySpec> fresh(std::string_view name, int like) const;

    /// False if nothing is different.
    bool store(int policy, PolicySpec spec);
    Change duplicated(int policy) const;
    std::optional<Change> removed(int policy) const; ///< nothing for the last one: a window without a policy shows nothing
    Change moved(int from, int to) const;            ///< to the place `to` of the list without it
    Change appended(PolicySpec spec) const;
    void apply(const Change& change); ///< notes go with their policies

private:
    Change unchanged() const;
    int tokens() const;
    int prompt() const;

    ViewData m_data;
    std::vector<PolicySpec> m_specs;
    std::vector<Note> m_notes; ///< [m_specs]
    bool m_own = false;        ///< m_specs were edited or set, and the data has not caught up
    int m_prompt = -1;
};

} // namespace winnow::views
