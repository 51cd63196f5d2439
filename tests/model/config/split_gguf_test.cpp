// SPDX-License-Identifier: GPL-3.0-or-later
// Models that llama.cpp's gguf-split cut into parts: fixtures/gguf/make_models.py.
#include "core/model/config/model_folder.h"
#include "tests/model/forward_keeper.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>

namespace winnow {
namespace {

using testing::HasSubstr;
using testing_support::TemporaryFolder;

std::filesystem::path ggufFixtures() { return std::filesystem::path(WINNOW_FIXTURES) / "gguf"; }
std::string partName(int number) { return fmt::format("split-{:05d}-of-00003.gguf", number); }

/// A folder with the given parts of "split".
struct Parts {
    TemporaryFolder folder;
    explicit Parts(std::initializer_list<int> numbers)
    {
        for (const int number : numbers)
            std::filesystem::copy(ggufFixtures() / partName(number), folder / partName(number));
    }
    std::string problem(const std::string& name = "") const
    {
        const auto model = Transformer::load(name.empty() ? folder.path() : folder / name, {}, {});
        return model ? "loaded" : model.error().message;
    }
};

TEST(SplitGguf, isOneModelWhicheverPartIsNamed)
{
    const Parts parts({1, 2, 3});
    for (const auto& path :
         {parts.folder.path(), parts.folder / partName(1), parts.folder / partName(2), parts.folder / partName(3)}) {
        EXPECT_EQ(resolveModel(path).value(), parts.folder / partName(1));
        const auto model = loaded(path);
        ASSERT_TRUE(model) << path;
        Keeper keeper(false);
        ASSERT_TRUE(model->forward(fixtureTokens("qwen3"), 1000, keeper, {}));
        EXPECT_LT(distance(keeper.logits(), fixtureTensor("qwen3", "logits")), 2e-5) << path;
    }
    EXPECT_EQ(modelName(parts.folder / partName(1)), "split");
    EXPECT_EQ(modelFiles(parts.folder / partName(1)).value().size(), 3u);
}

TEST(SplitGguf, isHashedWhole)
{
    const Parts parts({1, 2, 3});
    const std::string before = weightHash(parts.folder / partName(1)).value();
    std::fstream file(parts.folder / partName(3), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-1, std::ios::end);
    file.put('\x7f');
    file.close();
    EXPECT_NE(weightHash(parts.folder / partName(1)).value(), before);
}

TEST(SplitGguf, needsAllItsParts)
{
    EXPECT_THAT(Parts({1, 3}).problem(), HasSubstr("split-00002-of-00003.gguf' is missing: the model is split into 3 parts"));
    EXPECT_THAT(Parts({2, 3}).problem(), HasSubstr("split-00001-of-00003.gguf' is missing: the model is split into 3 parts"));
    EXPECT_THAT(Parts({2, 3}).problem(partName(2)),
                HasSubstr("split-00001-of-00003.gguf' is missing: the model is split into 3 parts"));
}

TEST(SplitGguf, refusesPartsThatAreMixedOrRenamed)
{
    const Parts parts({1, 2, 3});
    std::filesystem::copy(ggufFixtures() / "qwen3.gguf", parts.folder / partName(2),
                          std::filesystem::copy_options::overwrite_existing);
    EXPECT_THAT(parts.problem(), HasSubstr("says that it is part 1 of 1, where part 2 of 3 was expected"));
    std::filesystem::copy(parts.folder / partName(3), parts.folder / partName(2),
                          std::filesystem::copy_options::overwrite_existing);
    EXPECT_THAT(parts.problem(), HasSubstr("says that it is part 3 of 3, where part 2 of 3 was expected"));
    const Parts renamed({1});
    std::filesystem::rename(renamed.folder / partName(1), renamed.folder / "model.gguf");
    EXPECT_THAT(renamed.problem(), HasSubstr("is one of 3 parts of a model, but is not called so"));
}

TEST(SplitGguf, isOneOfTwoModelsInAFolder)
{
    const Parts parts({1, 2, 3});
    std::filesystem::copy(ggufFixtures() / "qwen3.gguf", parts.folder / "another.gguf");
    EXPECT_THAT(parts.problem(), HasSubstr("holds 2 models as GGUF; give one of their files, such as 'another.gguf'"));
    EXPECT_EQ(parts.problem("another.gguf"), "loaded");
}

} // namespace
} // namespace winnow
