// SPDX-License-Identifier: GPL-3.0-or-later
// The one state that all views share: what is looked at. Every view reads it, writes it and hears its changes; no view knows
// another. Lives on the GUI thread. Positions and steps are plain ints here: they come from and go to pixel arithmetic.
#pragma once

#include "core/base/indices.h"

#include <QFlags>
#include <QObject>
#include <QPoint>
#include <QString>

#include <optional>
#include <utility>
#include <vector>

namespace winnow::views {

/// Half-open range of tokens or steps.
struct Range {
    int begin = 0, end = 0;
    int size() const { return end - begin; }
    bool contains(int i) const { return i >= begin && i < end; }
    friend bool operator==(const Range&, const Range&) = default;
};

/// A marked range of tokens with a name (a needle).
struct Span {
    Range tokens;
    QString name;
    friend bool operator==(const Span&, const Span&) = default;
};

/// What the maps show: token and step ranges, in (fractional) tokens and steps. Empty = everything.
struct Zoom {
    double tokenBegin = 0, tokenEnd = 0, stepBegin = 0, stepEnd = 0;
    bool isEmpty() const { return tokenEnd <= tokenBegin; }
    friend bool operator==(const Zoom&, const Zoom&) = default;
};

/// What the rows and the position axis of the maps are.
enum class MapRows { Steps, Lanes };
enum class MapAxis { Token, Distance };

struct SelectionState {
    std::vector<Lane> lanes; ///< KV heads of replayed layers, sorted; empty = all
    int focus = 0;           ///< policy number, an index into ReplayResult::policies
    int reference = 0;       ///< likewise
    int step = 0;
    std::optional<int> token;
    std::vector<Span> spans;
    std::optional<Range> tokenRange; ///< the brush; marks, never hides
    std::optional<Range> stepRange;  ///< limits all means
    std::vector<bool> hidden;        ///< per policy; shorter than the policies = visible
    Zoom zoom;
    bool difference = false; ///< maps, deck, text and cards show policies against the reference
    MapRows rows = MapRows::Steps;
    MapAxis axis = MapAxis::Token;

    /// The policy that `policy` is shown against: the reference while Difference is on, but none for the reference itself.
    std::optional<int> comparedWith(int policy) const
    {
        return difference && policy != reference ? std::optional(reference) : std::nullopt;
    }
    friend bool operator==(const SelectionState&, const SelectionState&) = default;
};

class Selection : public QObject {
    Q_OBJECT
public:
    enum Field : unsigned {
        Lanes = 1,
        Focus = 2,
        Reference = 4,
        StepField = 8,
        Token = 16,
        Spans = 32,
        TokenRange = 64,
        StepRange = 128,
        Hidden = 256,
        ZoomField = 512,
        Carriers = 1024,
        Difference = 2048,
        MapView = 4096, ///< rows and axis
        All = 8191
    };
    Q_DECLARE_FLAGS(Fields, Field)

    explicit Selection(QObject* parent = nullptr);

    const SelectionState& state() const { return m_state; }
    int tokenCount() const { return m_tokenCount; }
    int policyCount() const { return m_policyCount; }
    /// Clamps everything that no longer fits; policies = number of policies.
    void setExtent(int tokens, int policies);
    /// Replaces the whole state (session reopened), clamped.
    void setState(SelectionState state);

    void setLanes(std::vector<Lane> lanes);
    void setFocus(int policy);
    void setReference(int policy);
    void setStep(int step);
    void setToken(std::optional<int> token);
    void setSpans(std::vector<Span> spans);
    void setTokenRange(std::optional<Range> range);
    void setStepRange(std::optional<Range> range);
    void setHidden(int policy, bool hidden);
    void setZoom(const Zoom& zoom);
    void setDifference(bool on);
    void setRows(MapRows rows);
    void setAxis(MapAxis axis);
    bool isVisible(int policy) const;

    /// Removes the newest filter (token, lanes, token range, step range, marked span, difference), as Esc
    /// does. False if there was none.
    bool dropNewestFilter();

    /// The tokens that carry what is brushed in a view that knows more than positions (a wavelet band, a region of a scalogram):
    /// ascending, marked in the text and in the maps. Like hover never saved.
    const std::vector<int>& carriers() const { return m_carriers; }
    void setCarriers(std::vector<int> tokens);

    /// Call it when what is open is closed or replaced by another text. Hover and carriers end, and every view drops what refers
    /// to the old tokens: a card, a gesture, a search, an open menu, an edit that was not announced, play. Called while the views
    /// still have the old data, so that none of it can meet the new.
    void leave();

    /// Hover lives beside the selection and is never saved.
    std::optional<int> hoverToken() const { return m_hoverToken; }
    std::optional<int> hoverStep() const { return m_hoverStep; }
    /// `source`: the view that the pointer is over, for the hover card's place (global coordinates).
    void setHover(std::optional<int> token, std::optional<int> step, const QPoint& globalPosition = {});
    QPoint hoverPosition() const { return m_hoverPosition; }

signals:
    void changed(winnow::views::Selection::Fields fields); ///< once per set call that changed something
    void hoverChanged();
    void left(); ///< by leave()

private:
    void emitChanged(Fields fields);
    void pushFilter(Field field, bool on);

    SelectionState m_state;
    int m_tokenCount = 0, m_policyCount = 0;
    std::vector<Field> m_filterOrder;
    std::vector<int> m_carriers;
    std::optional<int> m_hoverToken, m_hoverStep;
    QPoint m_hoverPosition;
};

Q_DECLARE_OPERATORS_FOR_FLAGS(Selection::Fields)

} // namespace winnow::views
