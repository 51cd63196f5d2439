// SPDX-License-Identifier: GPL-3.0-or-later
// What WINNOW_TRY binds, copies, moves and returns.
#include "core/base/result.h"

#include <gmock/gmock.h>

#include <memory>

namespace winnow {
namespace {

Result<std::unique_ptr<int>> owned(bool good)
{
    if (!good)
        return fail(ErrorCode::NotFound, "there is no {}", "number");
    return std::make_unique<int>(7);
}

Result<int> doubled(bool good)
{
    WINNOW_TRY(const auto number, owned(good)); // what can only be moved is moved
    return 2 * *number;
}

TEST(Result, carriesTheValueOrTheFirstError)
{
    EXPECT_EQ(doubled(true).value(), 14);
    EXPECT_EQ(doubled(false).error().message, "there is no number");
}

/// Longer than a string that lies in its own object, so that a move would empty it.
const std::string kLong = "a text that is too long to lie in the object of its string";

// The same twice: compilers warn of a needless move in plain functions, and not in templates.
Result<std::string> textOf(Result<std::string>& named)
{
    WINNOW_TRY_VOID(named);
    WINNOW_TRY(const std::string text, named);
    return text;
}
Result<std::string> textOf(const Result<std::string>& named)
{
    WINNOW_TRY_VOID(named);
    WINNOW_TRY(const std::string text, named);
    return text;
}

TEST(Result, keepsWhatItHoldsWhereItHasAName)
{
    Result<std::string> text = kLong, error = fail(ErrorCode::NotFound, "{}", kLong);
    const Result<std::string> fixedText = text, fixedError = error;
    EXPECT_EQ(textOf(text).value(), kLong);
    EXPECT_EQ(textOf(fixedText).value(), kLong);
    EXPECT_EQ(textOf(error).error().message, kLong);
    EXPECT_EQ(textOf(fixedError).error().message, kLong);
    EXPECT_EQ(text.value(), kLong);
    EXPECT_EQ(error.error().message, kLong);
}

TEST(Result, givesAwayWhatItHoldsWhereItsNameIsGivenUp)
{
    auto number = owned(true);
    const auto taken = [&]() -> Result<int> {
        WINNOW_TRY(const std::unique_ptr<int> mine, std::move(number));
        return *mine;
    };
    EXPECT_EQ(taken().value(), 7);
    EXPECT_EQ(number.value(), nullptr);
}

/// The address of the number itself: what is bound by reference is not copied.
Result<const int*> placeOf(const Result<int>& named)
{
    WINNOW_TRY(const int& number, named);
    return &number;
}

TEST(Result, isBoundByReferenceWithoutACopy)
{
    const Result<int> number = 7;
    EXPECT_EQ(placeOf(number).value(), &number.value());
}

} // namespace
} // namespace winnow
