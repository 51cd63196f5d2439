// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/generate_under.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

namespace winnow {
namespace {

TEST(GenerateUnder, saysTheSameWhereMemoryHoldsNoCopyOfThePrompt)
{
    GenerateOptions options;
    options.model = std::filesystem::path(WINNOW_RESOURCES) / "models/demo";
    std::ifstream file(std::filesystem::path(WINNOW_RESOURCES) / "texts/needle.txt");
    options.prompt.assign(std::istreambuf_iterator<char>(file), {});
    options.prompt.resize(3000);
    options.tokens = 3;
    options.device = "cpu";
    const std::vector<PolicySpec> specs{parsePolicySpec("window:budget=8").value(), parsePolicySpec("tova:budget=8").value()};
    const auto under = [&](std::uint64_t memory) {
        return generateUnder(options, specs, {}, {}, {.planned = {}, .memory = memory});
    };
    const auto enough = under(std::uint64_t{1} << 32);
    ASSERT_TRUE(enough) << enough.error().message;
    std::uint64_t least = 1 << 20, most = std::uint64_t{1} << 26;
    while (most - least > 1 << 16)
        (under((least + most) / 2) ? most : least) = (least + most) / 2;
    const auto little = under(most);
    ASSERT_TRUE(little);
    for (std::size_t p = 0; p < specs.size(); ++p)
        EXPECT_EQ(little->answers[p].ids, enough->answers[p].ids);
    const auto refused = under(least);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::OutOfMemory);
}

} // namespace
} // namespace winnow
