// SPDX-License-Identifier: GPL-3.0-or-later
// The catalog of scores: what each is called, where it comes from, how one answer is judged by it. Pure; any thread.
#pragma once

#include "core/tasks/scores/watch.h"
#include "core/tasks/text/segmenter.h"

#include <optional>
#include <span>
#include <string_view>

namespace winnow::tasks {

/// An answer as a score sees it, cleaned as its profile says.
struct Judged {
    CharactersView prediction;
    std::span<const Characters> references; ///< right answers, in the order of the file
    std::span<const Characters> classes;    ///< names of all classes; classification alone reads them
    const Segmenter* segmenter = nullptr;   ///< there for the scores that need one
    Watch* watch = &Watch::none();          ///< asked by those that take long
};

struct ScoreKind {
    std::string_view name;   ///< "qa-f1"
    std::string_view title;  ///< "QA-F1"
    double scale;            ///< what the best answer gets in published tables: 100, or 10
    std::string_view source; ///< whose code it agrees with
    /// 0 to 1 (not scaled); nothing where the answer cannot be judged, `needs` then says what it lacks.
    std::optional<double> (*judge)(const Judged&);
    std::string_view needs;      ///< "a reference"
    bool needsSegmenter = false; ///< not to be had without one
};

std::span<const ScoreKind> scoreKinds();

/// A contract check: `name` is one of scoreKinds().
const ScoreKind& scoreKind(std::string_view name);

} // namespace winnow::tasks
