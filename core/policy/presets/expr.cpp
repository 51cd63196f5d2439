// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/expr.h"

#include "core/base/check.h"
#include "core/policy/parts/step/expression_scores.h"
#include "core/policy/presets/mix.h"

namespace winnow {

namespace {

ParameterSpec scoreParameter()
{
    static const std::string help = [] {
        std::string text = "An expression; the higher its value, the more worth keeping. It may name";
        for (const QuantityInfo& quantity : quantities())
            text += fmt::format(" {} ({}),", quantity.name, quantity.help);
        text += " and use + - * / ^, comparisons, &&, ||, !, a ? b : c and the functions";
        for (const std::string_view function : expressionFunctions())
            text += fmt::format(" {}),", function);
        return fmt::format("{} where left(x) and right(x) are x of the next older and the next newer slot, at the ends of the "
                           "slot itself. A value that is no number (0/0) is the lowest of all. At most {} characters, and at "
                           "most {} intermediate values at once. In double quotes if it holds a comma.",
                           text, Expression::kMostCharacters, Expression::kMostColumns);
    }();
    ParameterSpec parameter{.id = "score",
                            .title = "Score",
                            .help = help,
                            .kind = ParameterKind::Text,
                            .initial = "mean/(1+age/512)",
                            .problem = [](std::string_view value) {
                                const auto parsed = Expression::parse(value);
                                return parsed ? std::string() : parsed.error().message;
                            }};
    for (const QuantityInfo& quantity : quantities())
        parameter.choices.push_back(quantity.name);
    for (const std::string_view function : expressionFunctions())
        parameter.choices.push_back(function);
    return parameter;
}

std::shared_ptr<const Scorer> scorerOf(const PolicySpec& spec)
{
    auto expression = Expression::parse(spec.value("score"));
    WINNOW_CHECK(expression, "a score that was not checked: {}", expression.error().message);
    return expressionScores(std::move(*expression));
}

} // namespace

const Preset& exprPreset()
{
    static const Preset preset{
        .info = stepMixInfo(
            {.name = "expr",
             .title = "Expression",
             .summary =
                 "A score of your own, written as an expression, with any selection, budget and protection, at every step."},
            scoreParameter()),
        .recipe = [](const PolicySpec& spec) { return stepMix(spec, scorerOf(spec)); },
        .contradiction = headsAreMissing,
    };
    return preset;
}

} // namespace winnow
