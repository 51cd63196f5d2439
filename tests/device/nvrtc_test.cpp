// SPDX-License-Identifier: GPL-3.0-or-later
// NVRTC compiles the walk of every recipe for every architecture, without a warning and without spills. Skipped where there is no
// NVRTC; `./run check-cuda` fetches one and runs this.
#include "core/device/nvrtc.h"
#include "tests/device/catalog_recipes.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <regex>

namespace winnow {
namespace {

using namespace testing_support;

constexpr int kArchitectures[] = {80, 86, 89, 90, 100, 120};

/// The NVRTC in the folder that WINNOW_NVRTC names, else the one that Winnow itself would find.
Result<Nvrtc> nvrtc()
{
    const char* folder = std::getenv("WINNOW_NVRTC");
    return Nvrtc::load(folder ? folder : "");
}

/// A program and the recipes that run it.
std::map<std::string, std::pair<KernelProgram, std::vector<std::string>>> programs()
{
    std::map<std::string, std::pair<KernelProgram, std::vector<std::string>>> found;
    for (const NamedRecipe& one : catalogRecipes())
        if (const auto parts = walkParts(one.recipe, {}, 60, 16)) {
            auto& [program, lines] = found[fmt::format("{} with {}", parts->scorer.type, parts->selector.type)];
            program = walkProgram(*parts);
            lines.push_back(one.line);
        }
    found["oracle"].first = oracleProgram();
    found["columns"].first = columnSumsProgram();
    return found;
}

/// The number before `what` in the assembler's log; −1 where it says nothing of it.
int numberBefore(const std::string& what, const std::string& log)
{
    std::smatch found;
    return std::regex_search(log, found, std::regex("([0-9]+) " + what)) ? std::stoi(found[1]) : -1;
}

TEST(KernelPrograms, coverTheBaselinesAndNameTheirReasonOtherwise)
{
    int onDevice = 0;
    for (const NamedRecipe& one : catalogRecipes()) {
        const bool has = walkParts(one.recipe, {}, 60, 16).has_value();
        EXPECT_EQ(has, whyOnHost(one.recipe).empty()) << one.line;
        onDevice += has ? 1 : 0;
        for (const char* name : {"full", "window", "streaming", "h2o", "tova", "treekv", "random", "scissorhands", "snapkv"}) {
            if (one.line == name) {
                EXPECT_TRUE(has) << one.line << ": " << whyOnHost(one.recipe);
            }
        }
    }
    EXPECT_GT(onDevice, 30);
}

TEST(KernelPrograms, areCompiledForEveryArchitectureWithoutWarningOrSpill)
{
    const auto compiler = nvrtc();
    if (!compiler)
        GTEST_SKIP() << "no NVRTC: " << compiler.error().message;
    std::cout << "NVRTC " << cudaVersionText(compiler->version())
              << "; registers of a worker, bytes of its stack, bytes that spill\n";
    const std::vector<int> known = compiler->architectures();
    for (const auto& [name, of] : programs()) {
        std::cout << fmt::format("{:<36}", name);
        for (const int architecture : kArchitectures) {
            if (!std::binary_search(known.begin(), known.end(), architecture))
                continue; // this NVRTC is older than that GPU
            const auto kernel = compiler->compile(of.first, architecture);
            ASSERT_TRUE(kernel) << kernel.error().message;
            EXPECT_GT(kernel->cubin.size(), 1000U);
            EXPECT_THAT(kernel->log, testing::Not(testing::HasSubstr("warning")));
            const int registers = numberBefore("registers", kernel->log), stack = numberBefore("bytes stack", kernel->log),
                      spills = numberBefore("bytes spill stores", kernel->log);
            EXPECT_GT(registers, 0) << kernel->log;
            EXPECT_EQ(spills, 0) << kernel->log;
            std::cout << fmt::format("  sm_{} {}/{}/{}", architecture, registers, stack, spills);
        }
        std::cout << fmt::format("  ({} lines)", of.second.size()) << std::endl;
    }
}

TEST(Nvrtc, saysWhichLineOfATextIsWrong)
{
    const auto compiler = nvrtc();
    if (!compiler)
        GTEST_SKIP() << "no NVRTC: " << compiler.error().message;
    const auto kernel = compiler->compile({.source = "extern \"C\" __global__ void f() { nonsense; }", .function = "f"}, 90);
    ASSERT_FALSE(kernel);
    EXPECT_THAT(kernel.error().message, testing::HasSubstr("nonsense"));
}

TEST(Nvrtc, refusesAnArchitectureThatItDoesNotKnow)
{
    const auto compiler = nvrtc();
    if (!compiler)
        GTEST_SKIP() << "no NVRTC: " << compiler.error().message;
    const auto kernel = compiler->compile({}, 990);
    ASSERT_FALSE(kernel);
    EXPECT_THAT(kernel.error().message, testing::HasSubstr("compute capability 99.0"));
}

TEST(Nvrtc, isMissedInOneSentenceThatSaysWhereItWasLookedFor)
{
    const auto compiler = Nvrtc::load("/nowhere/at/all");
    ASSERT_FALSE(compiler);
    EXPECT_EQ(compiler.error().code, ErrorCode::NotFound);
    EXPECT_THAT(compiler.error().message, testing::HasSubstr("/nowhere/at/all"));
}

} // namespace
} // namespace winnow
