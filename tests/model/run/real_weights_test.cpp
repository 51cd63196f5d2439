// SPDX-License-Identifier: GPL-3.0-or-later
// Gemma 3 270M as ./run model fetches it, against transformers on the same dequantized weights and the same ids:
// fixtures/model/make_gemma.py. Nothing here fetches it; without the file the tests are skipped.
#include "core/io/json.h"
#include "core/model/config/model_folder.h"
#include "core/model/session/generate.h"
#include "core/model/tokenizer/tokenizer.h"
#include "tests/model/forward_keeper.h"

#include <cstdlib>

namespace winnow {
namespace {

class Gemma270M : public testing::Test {
protected:
    void SetUp() override
    {
        const char *data = std::getenv("XDG_DATA_HOME"), *home = std::getenv("HOME");
        const auto folder =
            data != nullptr ? std::filesystem::path(data) : std::filesystem::path(home != nullptr ? home : "") / ".local/share";
        m_path = folder / "winnow/models/gemma-3-270m/gemma-3-270m-q4_k_m.gguf";
        if (!std::filesystem::exists(m_path))
            GTEST_SKIP() << "'" << m_path.string() << "' is not there; ./run model gemma-3-270m fetches it";
        m_expected = readJson(modelFixture("gemma_270m.json")).value();
    }
    std::filesystem::path m_path;
    nlohmann::json m_expected;
};

TEST_F(Gemma270M, readsTheTextAsSentencePieceWould)
{
    const auto ids = m_expected["ids"].get<std::vector<std::int32_t>>();
    const auto tokenizer = Tokenizer::load(m_path);
    ASSERT_TRUE(tokenizer) << tokenizer.error().message;
    const std::string text = readText(std::filesystem::path(WINNOW_RESOURCES) / "texts" / m_expected["text"].get<std::string>());
    auto found = (*tokenizer)->encode(text.substr(0, text.find(' ', 6000))).value().ids;
    ASSERT_GE(found.size(), ids.size());
    found.resize(ids.size());
    EXPECT_EQ(found, ids);
}

TEST_F(Gemma270M, predictsTheNextTokenAsWellAsInTransformers)
{
    const auto ids = m_expected["ids"].get<std::vector<std::int32_t>>();
    const auto model = loaded(m_path);
    ASSERT_TRUE(model);
    Keeper keeper(false);
    const auto done = model->forward(ids, 128, keeper, {});
    ASSERT_TRUE(done) << done.error().message;
    const auto count = static_cast<std::int64_t>(ids.size()) - 1;
    at::Tensor next = at::empty({count}, at::kLong);
    std::copy(ids.begin() + 1, ids.end(), next.mutable_data_ptr<std::int64_t>());
    const at::Tensor logits = keeper.logits().slice(0, 0, count);
    const double loss = (logits.logsumexp(1) - logits.gather(1, next.unsqueeze(1)).squeeze(1)).mean().item<double>();
    EXPECT_NEAR(loss / m_expected["loss"].get<double>(), 1, 1e-4) << loss; // asked for: one in a hundred
}

TEST_F(Gemma270M, continuesASentenceAsTransformersDoes)
{
    const auto answer = m_expected["answer"].get<std::vector<std::int32_t>>();
    const auto generated =
        generate({.model = m_path, .prompt = m_expected["prompt"], .tokens = static_cast<int>(answer.size())}, {}, {});
    ASSERT_TRUE(generated) << generated.error().message;
    EXPECT_EQ(generated->ids, answer) << generated->answer;
    EXPECT_EQ(generated->answer, m_expected["answer_text"].get<std::string>());
}

} // namespace
} // namespace winnow
