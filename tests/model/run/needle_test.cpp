// SPDX-License-Identifier: GPL-3.0-or-later
// What the demo model does with the sample texts, as its card and the texts' README say.
#include "core/model/run/transformer.h"
#include "core/model/session/generate.h"
#include "core/model/tokenizer/tokenizer.h"
#include "tests/model/fixture_files.h"

#include <gtest/gtest.h>

namespace winnow {
namespace {

/// Adds up the log-probabilities of what followed.
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
        return {};
    }
    bool wantsLayerRows() const override { return false; }
    double lossPerToken() const { return m_loss / static_cast<double>(m_tokens.size() - 1); }

private:
    std::span<const std::int32_t> m_tokens;
    double m_loss = 0;
};

std::string sample(const std::string& name) { return readText(std::filesystem::path(WINNOW_RESOURCES) / "texts" / name); }

TEST(SampleTexts, haveTheTokensTheirReadmeSays)
{
    const auto tokenizer = Tokenizer::load(demoModel()).value();
    for (const auto& [name, tokens] : {std::pair("house-of-the-seven-gables.txt", 2011u),
                                       {"long.txt", 4086u},
                                       {"needle.txt", 1983u},
                                       {"several-facts.txt", 1045u},
                                       {"repeated-passage.txt", 718u}})
        EXPECT_EQ(tokenizer->encode(sample(name)).value().ids.size(), tokens) << name;
}

TEST(DemoModel, predictsUnseenProseAsWellAsItsCardSays)
{
    auto model = Transformer::load(demoModel(), {}, {});
    ASSERT_TRUE(model) << model.error().message;
    const auto tokens = Tokenizer::load(demoModel()).value()->encode(sample("house-of-the-seven-gables.txt")).value().ids;
    Reader reader(tokens);
    ASSERT_TRUE((*model)->forward(tokens, 512, reader, {}));
    EXPECT_NEAR(reader.lossPerToken(), 3.7, 0.3); // the card's mean over many excerpts; one excerpt may lie beside it
}

TEST(DemoModel, goesOnWithWhatTheSampleTextsAskFor)
{
    const std::string passage = sample("repeated-passage.txt");
    const std::string first = passage.substr(0, passage.find("\n\n")), again = passage.substr(passage.rfind("\n\n") + 2);
    ASSERT_TRUE(first.starts_with(again));
    for (const auto& [name, expected] : {std::pair("needle.txt", std::string(" lantern 417")),
                                         {"several-facts.txt", " copper 951"},
                                         {"repeated-passage.txt", first.substr(again.size(), 60)}}) {
        const auto generated = generate({.model = demoModel(), .prompt = sample(name), .tokens = 24, .device = "cpu"}, {}, {});
        ASSERT_TRUE(generated) << generated.error().message;
        EXPECT_EQ(generated->answer.substr(0, expected.size()), expected) << name;
    }
}

} // namespace
} // namespace winnow
