// What the demo model does with the sample texts, as its card and the texts' README say.
#include "core/model/tokenizer.h"
#include "core/model/transformer.h"
#include "tests/model/fixture_files.h"

#include <gtest/gtest.h>

namespace winnow {
namespace {

/// Keeps the log-probabilities of what followed, and of what would follow the last token.
class Reader final : public ForwardObserver {
public:
    explicit Reader(std::span<const std::int32_t> tokens) : m_tokens(tokens) {}
    Result<void> layerRows(Layer, Position, const LayerRows&) override { return {}; }
    Result<void> logits(Position begin, const at::Tensor& logits) override
    {
        const at::Tensor logprob = at::log_softmax(logits, -1);
        for (std::int64_t row = 0; row < logits.size(0); ++row)
            if (const auto next = static_cast<std::size_t>(raw(begin) + row + 1); next < m_tokens.size())
                m_loss -= logprob[row][m_tokens[next]].item<double>();
        m_best = logits[-1].argmax().item<std::int32_t>();
        return {};
    }
    bool wantsLayerRows() const override { return false; }
    double lossPerToken() const { return m_loss / static_cast<double>(m_tokens.size() - 1); }
    std::int32_t best() const { return m_best; }

private:
    std::span<const std::int32_t> m_tokens;
    double m_loss = 0;
    std::int32_t m_best = 0;
};

std::string sample(const std::string& name) { return readText(std::filesystem::path(WINNOW_RESOURCES) / "texts" / name); }

TEST(SampleTexts, haveTheTokensTheirReadmeSays)
{
    const auto tokenizer = Tokenizer::load(demoModel()).value();
    EXPECT_EQ(tokenizer->encode(sample("house-of-the-seven-gables.txt")).value().ids.size(), 2011u);
    EXPECT_EQ(tokenizer->encode(sample("irish-fairy-tales.txt")).value().ids.size(), 1476u);
    EXPECT_EQ(tokenizer->encode(sample("heidi.txt")).value().ids.size(), 1368u);
    EXPECT_EQ(tokenizer->encode(sample("needle.txt")).value().ids.size(), 957u);
}

TEST(DemoModel, predictsUnseenProseAsWellAsItsCardSays)
{
    auto model = Transformer::load(demoModel(), {}, {});
    ASSERT_TRUE(model) << model.error().message;
    const auto tokens = Tokenizer::load(demoModel()).value()->encode(sample("house-of-the-seven-gables.txt")).value().ids;
    Reader reader(tokens);
    ASSERT_TRUE((*model)->forward(tokens, 512, reader, {}));
    EXPECT_NEAR(reader.lossPerToken(), 3.93, 0.3); // the card's mean over eight excerpts; one excerpt may lie beside it
}

TEST(DemoModel, answersTheQuestionAtTheEndOfTheNeedleText)
{
    auto model = Transformer::load(demoModel(), {}, {});
    ASSERT_TRUE(model) << model.error().message;
    const auto tokenizer = Tokenizer::load(demoModel()).value();
    std::vector<std::int32_t> tokens = tokenizer->encode(sample("needle.txt")).value().ids;
    const std::size_t asked = tokens.size();
    std::string answer;
    while (tokens.size() < asked + 8 && answer.size() < std::string(" lantern 417").size()) {
        Reader reader(tokens);
        ASSERT_TRUE((*model)->forward(tokens, 1024, reader, {}));
        tokens.push_back(reader.best());
        answer = tokenizer->decode(std::span(tokens).subspan(asked));
    }
    EXPECT_EQ(answer, " lantern 417");
}

} // namespace
} // namespace winnow
