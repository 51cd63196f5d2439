// SPDX-License-Identifier: GPL-3.0-or-later
// Recipes of every line of the catalog, and of every mix of its parts that act at steps.
#pragma once

#include "core/policy/recipe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace winnow::testing_support {

/// A policy line, and what it means over 90 tokens.
struct NamedRecipe {
    std::string line;
    Recipe recipe;
};

inline std::vector<NamedRecipe> catalogRecipes()
{
    constexpr int kTokens = 90;
    std::vector<std::string> lines;
    for (const PolicyInfo& info : policyCatalog()) {
        const auto choices = [&](std::string_view id) {
            const auto found =
                std::find_if(info.parameters.begin(), info.parameters.end(), [&](const auto& p) { return p.id == id; });
            return found == info.parameters.end() ? std::vector<std::string_view>() : found->choices;
        };
        if (info.name == "given") // it has no rule of its own
            continue;
        lines.emplace_back(info.name);
        if (info.name == "mix")
            for (const auto select : choices("select"))
                for (const auto score : choices("score"))
                    lines.push_back(fmt::format("{}:select={},score={}", info.name, select, score));
        if (info.acts == Acts::EndOfPrompt)
            for (const auto then : choices("then"))
                lines.push_back(fmt::format("{}:then={}", info.name, then));
    }
    std::vector<NamedRecipe> recipes;
    for (std::string& line : lines) {
        const auto spec = parsePolicySpec(line);
        EXPECT_TRUE(spec) << line << ": " << spec.error().message;
        if (spec)
            recipes.push_back({std::move(line), recipeOf(resolved(*spec, kTokens))});
    }
    return recipes;
}

} // namespace winnow::testing_support
