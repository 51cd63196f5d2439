// SPDX-License-Identifier: GPL-3.0-or-later
// Random small traces, every line of the catalog with random parameters, against the slow plain replay; where a line has no
// plain form of its choices, what follows from them is compared. A few traces run with the tests; by hand, as many as one has
// time for:
//
//     WINNOW_CAMPAIGN=100000 WINNOW_CAMPAIGN_SEED=1 build/test_replay --gtest_filter='Campaign.*'
//
// Everything follows from the seed of a trace, which a failure names.
#include "core/policy/expression.h"
#include "core/replay/check_policy.h"
#include "core/replay/replay.h"
#include "tests/replay/plain/agreement.h"
#include "tests/support/memory_trace.h"
#include "tests/support/temporary_folder.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <unistd.h>

namespace winnow {
namespace {

using namespace testing_support;

class Dice {
public:
    explicit Dice(unsigned seed) : m_random(seed) {}
    int below(int n) { return static_cast<int>(m_random() % static_cast<unsigned>(n)); }
    int between(int low, int high) { return low + below(high - low + 1); }
    bool oneIn(int n) { return below(n) == 0; }
    template <class T>
    T of(std::initializer_list<T> choices)
    {
        return *(choices.begin() + below(static_cast<int>(choices.size())));
    }

private:
    std::mt19937 m_random;
};

/// Ties, zeros and repetitions, which random numbers do not have. Returns whether `trace` has them now.
bool makeSpecial(SyntheticTrace& trace, const SyntheticOptions& shape, Dice& dice)
{
    const int kind = dice.below(8);
    for (std::size_t layer = 0; layer < trace.q.size(); ++layer) {
        auto &q = trace.q[layer], &k = trace.k[layer], &v = trace.v[layer];
        const auto round = [](std::vector<float>& rows) {
            for (float& value : rows)
                value = std::round(value);
        };
        if (kind == 3) {
            round(q);
            round(k);
            round(v);
        } else if (kind == 4) {
            std::fill(q.begin(), q.end(), 0.0F);
        } else if (kind == 5) {
            std::fill(v.begin(), v.end(), 0.0F);
        } else if (kind == 6) {
            for (std::size_t i = 0; i < k.size(); ++i) // every token's key is that of the first
                k[i] = k[i / (static_cast<std::size_t>(shape.tokens) * shape.headDim) * shape.tokens * shape.headDim +
                         i % shape.headDim];
        } else if (kind == 7) {
            for (auto* rows : {&q, &k, &v})
                for (std::size_t i = 0; i < rows->size(); ++i)
                    if (i / static_cast<std::size_t>(shape.headDim) % 3 == 1)
                        (*rows)[i] = 0;
        }
        attend(trace, layer);
    }
    return kind >= 3;
}

SyntheticOptions drawShape(Dice& dice, unsigned seed)
{
    SyntheticOptions shape{.layers = dice.between(1, 2), .keyHeads = dice.between(1, 3), .headDim = dice.of({2, 4, 8, 12})};
    shape.queryHeads = shape.keyHeads * dice.between(1, 4);
    shape.tokens = dice.oneIn(4) ? dice.between(1, 64) : dice.between(1, 24);
    shape.rotaryDims = dice.oneIn(4) ? 0 : 2 * dice.between(1, shape.headDim / 2);
    shape.layout = dice.of({RotaryLayout::Half, RotaryLayout::Interleaved});
    shape.rotaryScale = dice.of({1.0F, 1.0F, 1.25F});
    shape.window = dice.oneIn(3) ? dice.between(1, shape.tokens + 2) : 0;
    shape.softcap = dice.of({0.0F, 0.0F, 5.0F});
    shape.sharpness = dice.of({0.2F, 1.0F, 2.0F, 6.0F});
    shape.seed = seed;
    shape.valueOutputNorm = true;
    return shape;
}

/// An expression without commas.
std::string drawExpression(int depth, Dice& dice)
{
    const auto part = [&] { return drawExpression(depth - 1, dice); };
    if (depth == 0 || dice.oneIn(4))
        return dice.oneIn(3) ? std::to_string(dice.below(20))
                             : std::string(quantities()[static_cast<std::size_t>(dice.below(kQuantities))].name);
    switch (dice.below(5)) {
    case 0:
        return fmt::format("left({})", part());
    case 1:
        return fmt::format("log({})", part());
    case 2:
        return fmt::format("({}>{}?{}:right({}))", part(), part(), part(), part());
    default:
        return fmt::format("({}{}{})", part(), dice.of({'+', '-', '*', '/'}), part());
    }
}

std::string drawValue(const ParameterSpec& parameter, int tokens, Dice& dice)
{
    switch (parameter.kind) {
    case ParameterKind::Budget:
        return dice.oneIn(4) ? fmt::format("{}%", dice.between(5, 110)) : std::to_string(dice.between(1, tokens + 2));
    case ParameterKind::Whole: {
        const int least = static_cast<int>(parameter.least),
                  most = static_cast<int>(std::min(parameter.most, parameter.least + dice.of({3, 8, 20})));
        const int drawn = dice.between(least, most);
        return std::to_string(parameter.id == "kernel" ? drawn | 1 : drawn);
    }
    case ParameterKind::Real:
        return fmt::format("{}", parameter.least + (std::min(parameter.most, parameter.least + 20) - parameter.least) *
                                                       dice.below(101) / 100.0);
    case ParameterKind::Choice: {
        std::string drawn(*(parameter.choices.begin() + dice.below(static_cast<int>(parameter.choices.size()))));
        const auto own = parameter.own ? parameter.own(drawn) : std::span<const ParameterSpec>();
        std::string inBraces;
        for (const ParameterSpec& one : own)
            if (dice.oneIn(2))
                inBraces += fmt::format("{}{}={}", inBraces.empty() ? "" : ",", one.id, drawValue(one, tokens, dice));
        return inBraces.empty() ? drawn : fmt::format("{}{{{}}}", drawn, inBraces);
    }
    case ParameterKind::Text:
        return drawExpression(3, dice);
    case ParameterKind::File:
        break;
    }
    return "";
}

std::string drawLine(const PolicyInfo& info, int tokens, const std::string& heads, Dice& dice)
{
    std::string line(info.name);
    char separator = ':';
    for (const ParameterSpec& parameter : info.parameters) {
        const bool file = parameter.kind == ParameterKind::File;
        if (!file && parameter.kind != ParameterKind::Budget && dice.oneIn(2) && parameter.initial != "32")
            continue; // its default
        line += fmt::format("{}{}={}", separator, parameter.id, file ? heads : drawValue(parameter, tokens, dice));
        separator = ',';
    }
    return line;
}

void writeHeadScores(const std::string& path, const SyntheticOptions& shape, Dice& dice)
{
    std::vector<std::string> entries;
    for (int layer = 0; layer < shape.layers; ++layer)
        for (int head = 0; head < shape.queryHeads; ++head)
            entries.push_back(fmt::format("\"{}-{}\": [{}]", layer, head, dice.between(1, 50) / 10.0));
    std::ofstream(path) << fmt::format("{{{}}}", fmt::join(entries, ", "));
}

char runningLine[512]; ///< for the signal handler: what was running when a contract broke

void sayWhatRan(int)
{
    const auto ignored = ::write(STDERR_FILENO, runningLine, std::strlen(runningLine));
    static_cast<void>(ignored);
    std::signal(SIGABRT, SIG_DFL);
}

TEST(Campaign, randomTracesOfEveryKindAreReplayedAsPlainly)
{
    const auto fromEnvironment = [](const char* name, long otherwise) {
        const char* text = std::getenv(name);
        return text ? std::atol(text) : otherwise;
    };
    const long count = fromEnvironment("WINNOW_CAMPAIGN", 16), firstSeed = fromEnvironment("WINNOW_CAMPAIGN_SEED", 1);
    const char* only = std::getenv("WINNOW_CAMPAIGN_POLICY");
    const TemporaryFolder folder;
    const std::string heads = (folder / "heads.json").string();
    const int threads = at::get_num_threads();
    at::set_num_threads(1);
    std::signal(SIGABRT, sayWhatRan);
    struct Sum {
        std::int64_t runs = 0, plainly = 0, refused = 0, failures = 0;
        plain::Agreement agreement, ofTies; ///< of ordinary traces, and of those with ties
    };
    std::map<std::string_view, Sum> sums;
    for (long seed = firstSeed; seed < firstSeed + count; ++seed) {
        Dice shapeDice(static_cast<unsigned>(seed));
        const SyntheticOptions shape = drawShape(shapeDice, static_cast<unsigned>(seed));
        SyntheticTrace synthetic = makeSynthetic(shape);
        // Shares of sharp rows are nothing in float32, and then equal.
        const bool special = makeSpecial(synthetic, shape, shapeDice) || shape.sharpness > 2;
        const MemoryTrace trace(std::move(synthetic));
        writeHeadScores(heads, shape, shapeDice);
        const int prompt = shapeDice.oneIn(4) ? 0 : shapeDice.between(0, shape.tokens);
        for (std::size_t p = 0; p < policyCatalog().size(); ++p) {
            const PolicyInfo& info = policyCatalog()[p];
            Dice dice(static_cast<unsigned>(seed) * 1000003U +
                      static_cast<unsigned>(p)); // the same with and without the other policies
            if ((only && info.name != only) ||
                (info.name == "quest" && shape.window > 0)) // whose pages may hold keys out of reach
                continue;
            Sum& sum = sums[info.name];
            std::string line;
            Result<PolicySpec> spec = PolicySpec();
            for (int attempt = 0; attempt < 8; ++attempt) {
                line = drawLine(info, shape.tokens, heads, dice);
                spec = parsePolicySpec(line);
                if (spec && checkPolicy(trace.info(), *spec, prompt))
                    break;
                spec = fail(ErrorCode::Usage, "refused");
                ++sum.refused;
            }
            if (!spec)
                continue;
            fmt::format_to_n(runningLine, sizeof runningLine - 2, "seed {}, prompt {}: {}\n{}", seed, prompt, line, '\0');
            const ReplayOptions options{
                .prompt = prompt, .device = "cpu", .oracle = seed % 2 == 0, .block = 1 + static_cast<int>(seed % 20)};
            const auto done = replay(trace, std::span(&*spec, 1), options, {});
            ++sum.runs;
            std::string failure;
            if (!done) {
                failure = "refused: " + done.error().message;
            } else {
                const PolicyReplay& kept = *(*done)->policies.front();
                sum.plainly += plain::choosesPlainly(kept.spec, prompt);
                failure = plain::differenceFromPlain(trace, kept, prompt, special ? sum.ofTies : sum.agreement);
            }
            sum.failures += !failure.empty();
            if (!failure.empty() && sum.failures <= 5)
                ADD_FAILURE() << "seed " << seed << ", prompt " << prompt << ", " << shape.tokens << " tokens, " << line << "\n  "
                              << failure;
        }
    }
    at::set_num_threads(threads);
    std::signal(SIGABRT, SIG_DFL);
    Sum all;
    for (const auto& [name, sum] : sums) {
        const auto& [lifetimes, differ, undecided, undefined] = sum.agreement;
        const plain::Agreement& ties = sum.ofTies;
        if (name != "future") { // at the end of the text nothing has much to receive: near-ties, every one looked at
            EXPECT_LE(static_cast<double>(differ), 0.001 * static_cast<double>(lifetimes) + 64) << name;
        }
        if (count > 1000 || sum.failures > 0)
            fmt::print("{:<20} {:>8} runs {:>8} with a plain form {:>8} refused {:>10} lifetimes {:>6} differ {:>6} undecided "
                       "{:>5} failures\n",
                       name, sum.runs, sum.plainly, sum.refused, lifetimes + ties.lifetimes, differ + ties.differ,
                       undecided + ties.undecided, sum.failures);
        all.runs += sum.runs;
        all.plainly += sum.plainly;
        all.refused += sum.refused;
        all.failures += sum.failures;
        all.agreement.lifetimes += lifetimes + ties.lifetimes;
        all.agreement.differ += differ + ties.differ;
        all.agreement.undecided += undecided + ties.undecided;
        all.agreement.undefined += undefined + ties.undefined;
    }
    fmt::print("{} traces from seed {}: {} replays, {} of them with a plain form of their choices, {} lines refused, {} of {} "
               "lifetimes differ, {} left to rounding, {} errors undefined, {} failures\n",
               count, firstSeed, all.runs, all.plainly, all.refused, all.agreement.differ, all.agreement.lifetimes,
               all.agreement.undecided, all.agreement.undefined, all.failures);
    EXPECT_GT(all.runs, 0);
}

} // namespace
} // namespace winnow
