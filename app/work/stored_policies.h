// SPDX-License-Identifier: GPL-3.0-or-later
// Which replay file holds which policy that is shown, and under which number.
#pragma once

#include "core/replay/replay_result.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace winnow::app {

/// A replay file and what it holds, by the number there.
struct StoredPolicies {
    std::filesystem::path file;
    std::vector<std::shared_ptr<const PolicyReplay>> policies;
};

struct StoredPlace {
    std::filesystem::path file;
    int number = 0;
    friend bool operator==(const StoredPlace&, const StoredPlace&) = default;
};

/// Nothing where no file holds this very result.
std::optional<StoredPlace> placeOf(std::span<const StoredPolicies> files, const PolicyReplay& policy);

/// Files that, read one after another, give these policies in this order and no others; empty where there are none.
std::vector<std::filesystem::path> filesOf(std::span<const StoredPolicies> files,
                                           std::span<const std::shared_ptr<const PolicyReplay>> policies);

} // namespace winnow::app
