// SPDX-License-Identifier: GPL-3.0-or-later
// A session as its file (.winnow, JSON) tells it: what was open, which policies, and what was looked at. Plain values, so that
// the window and the command line read a session alike.
#pragma once

#include "core/base/indices.h"
#include "core/base/result.h"
#include "core/policy/policy_spec.h"

#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace winnow {

/// A path stands in a session twice, so that a folder can be moved as a whole or the session alone. Both empty = none.
struct SessionPath {
    std::string relative; ///< to the folder of the session
    std::string absolute;
    friend bool operator==(const SessionPath&, const SessionPath&) = default;
};

/// Tokens or steps from `begin` to before `end`; begin < end.
struct SessionRange {
    int begin = 0, end = 0;
    friend bool operator==(const SessionRange&, const SessionRange&) = default;
};

struct SessionSpan {
    SessionRange tokens;
    std::string name;
    friend bool operator==(const SessionSpan&, const SessionSpan&) = default;
};

/// What was looked at. The numbers have sensible sizes; whether the recording has as many tokens, layers and heads is for the
/// reader of the recording to check.
struct SessionSelection {
    std::vector<Lane> lanes;      ///< replayed layer and KV head; empty = all
    int focus = 0, reference = 0; ///< indices into the policies
    int step = 0;
    std::optional<int> token;
    std::vector<SessionSpan> spans;
    std::optional<SessionRange> tokenRange, stepRange;
    std::vector<bool> hidden; ///< per policy
    /// Token begin and end, step begin and end of what the maps show; each begin lies below its end.
    std::optional<std::array<double, 4>> zoom;
    bool difference = false; ///< policies are shown against the reference
    int rows = 0;            ///< of the maps: steps, lanes
    int axis = 0;            ///< of the maps: token, distance
    friend bool operator==(const SessionSelection&, const SessionSelection&) = default;
};

/// A line of text at a step, and about a token or some tokens where it is.
struct SessionNote {
    int step = 0;
    std::optional<SessionRange> tokens;
    std::string words;
    friend bool operator==(const SessionNote&, const SessionNote&) = default;
};

/// What is chosen in the panes, by pane and by control: {"wavelet": {"transform": "3", …}, …}. What a pane does not know, it
/// passes over.
using SessionControls = std::map<std::string, std::map<std::string, std::string>>;

/// What every view shows, by its name: the words that follow `winnow figure`, without files.
using SessionFigures = std::map<std::string, std::vector<std::string>>;
inline constexpr int kLowerTabs = 6; ///< Quality, Token, Attention, Wavelet, Drift, Answers

/// Sizes in pixels; 0 = not told: the window's own.
struct SessionWindow {
    int width = 0, height = 0;
    bool maximized = false, leftShown = true, textShown = true;
    int leftWidth = 0, textWidth = 0;
    std::array<int, 2> splitter{};              ///< heights of maps and lower dock
    std::array<int, 2> leftSplitter{};          ///< heights of policies and lanes
    std::array<int, kLowerTabs> lowerHeights{}; ///< of the lower tabs; 0 = the usual one
    int lowerTab = 0;
    friend bool operator==(const SessionWindow&, const SessionWindow&) = default;
};

struct SessionFile {
    SessionPath model, text, trace, replay;
    SessionPath runs; ///< a replay file that holds the runs
    std::string modelName, textName;
    std::vector<PolicySpec> policies;
    int prompt = 0;
    SessionSelection selection;
    std::vector<SessionNote> notes;
    SessionControls controls;
    SessionFigures figures;
    int scale = 0; ///< of colors: linear, log, rank, clipped
    int theme = 0; ///< as the system, dark, light
    SessionWindow window;
    friend bool operator==(const SessionFile&, const SessionFile&) = default;
};

/// The only reader of sessions: looks at every value, its kind and its size, and touches no other file. `where` opens the
/// sentence of an error ("session 's.winnow'"), which names the key, what was found and what was expected. Keys that this
/// version does not know are passed over; a later version is refused. Any thread.
Result<SessionFile> parseSessionFile(std::string_view text, std::string_view where);
std::string sessionFileText(const SessionFile& session);

/// Where the file of a session lies that `session` is the path of: beside it where something is there, else where it was.
std::filesystem::path pathIn(const SessionPath& path, const std::filesystem::path& session);

} // namespace winnow
