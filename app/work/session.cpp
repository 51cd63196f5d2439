// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/work/session.h"

#include "core/io/atomic_file.h"
#include "core/io/mapped_file.h"

#include <algorithm>

namespace winnow::app {

namespace fs = std::filesystem;

namespace {

SessionPath toFile(const fs::path& path, const fs::path& file)
{
    if (path.empty())
        return {};
    std::error_code error;
    const fs::path whole = fs::absolute(path, error);
    return {whole.lexically_relative(fs::absolute(file, error).parent_path()).generic_string(), whole.generic_string()};
}

std::optional<SessionRange> toFile(const std::optional<views::Range>& range)
{
    return range ? std::optional(SessionRange{range->begin, range->end}) : std::nullopt;
}

std::optional<views::Range> fromFile(const std::optional<SessionRange>& range)
{
    return range ? std::optional(views::Range{range->begin, range->end}) : std::nullopt;
}

SessionSelection toFile(const views::SelectionState& state)
{
    SessionSelection told{.focus = state.focus,
                          .reference = state.reference,
                          .step = state.step,
                          .token = state.token,
                          .tokenRange = toFile(state.tokenRange),
                          .stepRange = toFile(state.stepRange),
                          .hidden = state.hidden,
                          .difference = state.difference,
                          .rows = static_cast<int>(state.rows),
                          .axis = static_cast<int>(state.axis)};
    told.lanes = state.lanes;
    for (const views::Span& span : state.spans)
        told.spans.push_back({{span.tokens.begin, span.tokens.end}, span.name.toStdString()});
    if (!state.zoom.isEmpty())
        told.zoom = {state.zoom.tokenBegin, state.zoom.tokenEnd, state.zoom.stepBegin, state.zoom.stepEnd};
    return told;
}

views::SelectionState fromFile(const SessionSelection& told)
{
    views::SelectionState state{.focus = told.focus,
                                .reference = told.reference,
                                .step = told.step,
                                .token = told.token,
                                .tokenRange = fromFile(told.tokenRange),
                                .stepRange = fromFile(told.stepRange),
                                .hidden = told.hidden,
                                .difference = told.difference,
                                .rows = static_cast<views::MapRows>(told.rows),
                                .axis = static_cast<views::MapAxis>(told.axis)};
    state.lanes = told.lanes;
    std::sort(state.lanes.begin(), state.lanes.end());
    state.lanes.erase(std::unique(state.lanes.begin(), state.lanes.end()), state.lanes.end());
    for (const SessionSpan& span : told.spans)
        state.spans.push_back({{span.tokens.begin, span.tokens.end}, QString::fromStdString(span.name)});
    if (told.zoom)
        state.zoom = {(*told.zoom)[0], (*told.zoom)[1], (*told.zoom)[2], (*told.zoom)[3]};
    return state;
}

std::vector<SessionNote> toFile(const std::vector<views::Note>& notes)
{
    std::vector<SessionNote> told;
    for (const views::Note& note : notes)
        told.push_back({note.step, toFile(note.tokens), note.words.toStdString()});
    return told;
}

std::vector<views::Note> fromFile(const std::vector<SessionNote>& told)
{
    std::vector<views::Note> notes;
    for (const SessionNote& note : told)
        notes.push_back({note.step, fromFile(note.tokens), QString::fromStdString(note.words)});
    return notes;
}

} // namespace

std::string sessionText(const Session& session, const fs::path& file)
{
    return sessionFileText({.model = toFile(session.model, file),
                            .text = toFile(session.text, file),
                            .trace = toFile(session.trace, file),
                            .replay = toFile(session.replay, file),
                            .runs = toFile(session.runs, file),
                            .modelName = session.modelName.toStdString(),
                            .textName = session.textName.toStdString(),
                            .policies = session.policies,
                            .prompt = session.prompt,
                            .selection = toFile(session.selection),
                            .notes = toFile(session.notes),
                            .controls = session.controls,
                            .figures = session.figures,
                            .scale = static_cast<int>(session.scale),
                            .theme = static_cast<int>(session.theme),
                            .window = session.window});
}

Result<Session> parseSession(std::string_view text, const fs::path& file)
{
    WINNOW_TRY(SessionFile told, parseSessionFile(text, fmt::format("session '{}'", file.string())));
    return Session{.model = pathIn(told.model, file),
                   .text = pathIn(told.text, file),
                   .trace = pathIn(told.trace, file),
                   .replay = pathIn(told.replay, file),
                   .runs = pathIn(told.runs, file),
                   .modelName = QString::fromStdString(told.modelName),
                   .textName = QString::fromStdString(told.textName),
                   .policies = std::move(told.policies),
                   .prompt = told.prompt,
                   .selection = fromFile(told.selection),
                   .notes = fromFile(told.notes),
                   .controls = std::move(told.controls),
                   .figures = std::move(told.figures),
                   .scale = static_cast<views::ScaleKind>(told.scale),
                   .theme = static_cast<ThemeChoice>(told.theme),
                   .window = told.window};
}

Result<void> writeSession(const Session& session, const fs::path& file)
{
    return writeFileAtomically(file, sessionText(session, file));
}

Result<Session> readSession(const fs::path& file)
{
    WINNOW_TRY(const MappedFile bytes, MappedFile::open(file));
    return parseSession(bytes.text(), file);
}

} // namespace winnow::app
