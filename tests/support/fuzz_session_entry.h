// SPDX-License-Identifier: GPL-3.0-or-later
// What the fuzzer of sessions calls with arbitrary bytes, and tests/app/work/session_test.cpp with mutated seeds.
#pragma once

#include "app/cli/session_file.h"
#include "core/base/check.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace winnow {

/// Any bytes: a session whose numbers can be used as they are, or an error. What is accepted is accepted again when it is
/// written.
inline void fuzzSession(const std::uint8_t* data, std::size_t size)
{
    const auto session = parseSessionFile({reinterpret_cast<const char*>(data), size}, "input");
    if (!session) {
        WINNOW_CHECK(!session.error().message.empty(), "an error without a sentence");
        return;
    }
    const std::string text = sessionFileText(*session);
    const auto again = parseSessionFile(text, "output");
    WINNOW_CHECK(again && sessionFileText(*again) == text, "not read back");
    const SessionSelection& selection = session->selection;
    WINNOW_CHECK(session->prompt >= 0 && selection.step >= 0 && selection.token.value_or(0) >= 0, "a number below 0");
    const int policies = std::max(1, static_cast<int>(session->policies.size()));
    WINNOW_CHECK(selection.focus >= 0 && selection.focus < policies && selection.reference >= 0 && selection.reference < policies,
                 "a policy that is not there");
    for (const auto& [layer, head] : selection.lanes)
        WINNOW_CHECK(layer >= 0 && head >= 0, "lane {} {}", layer, head);
    const auto ordered = [](const SessionRange& range) { return range.begin >= 0 && range.begin < range.end; };
    WINNOW_CHECK(std::all_of(selection.spans.begin(), selection.spans.end(),
                             [&](const SessionSpan& span) { return ordered(span.tokens); }) &&
                     ordered(selection.tokenRange.value_or(SessionRange{0, 1})) &&
                     ordered(selection.stepRange.value_or(SessionRange{0, 1})),
                 "a range without tokens");
    for (const SessionNote& note : session->notes)
        WINNOW_CHECK(note.step >= 0 && ordered(note.tokens.value_or(SessionRange{0, 1})), "a note at no place");
    if (const auto& zoom = selection.zoom)
        WINNOW_CHECK((*zoom)[0] >= 0 && (*zoom)[0] < (*zoom)[1] && (*zoom)[2] >= 0 && (*zoom)[2] < (*zoom)[3],
                     "a zoom to nothing");
}

} // namespace winnow
