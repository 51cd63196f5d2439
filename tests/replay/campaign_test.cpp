// SPDX-License-Identifier: GPL-3.0-or-later
// Random small traces, every line of the catalog with random parameters, each engine against the other: the lanes of the CPU
// replay against the slow plain tensor form. A few traces run with the tests; by hand, as many as one has time for:
//
//     WINNOW_CAMPAIGN=100000 WINNOW_CAMPAIGN_SEED=1 build/test_replay --gtest_filter='Campaign.*'
//
// Everything follows from the seed of a trace, which a failure names.
#include "core/policy/expression.h"
#include "core/replay/check_policy.h"
#include "core/replay/replay.h"
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

constexpr double kNearTie = 1e-5;        ///< relative, between scores that compete
constexpr float kNothing = 1e-30F;       ///< below it float32 runs out of digits
constexpr double kNearTieOfRests = 1e-6; ///< absolute, between rests of what was foreseen: differences of sums of shares

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

/// Ties, zeros and repetitions, which random numbers do not have.
void makeSpecial(SyntheticTrace& trace, const SyntheticOptions& shape, Dice& dice)
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

/// What came of one line: nothing to say, a flip between nearly equal scores, or a difference that has no such excuse.
struct Verdict {
    std::string failure;
    std::int64_t lifetimes = 0, flipped = 0;
    std::int64_t undefined = 0; ///< errors of the tensors where the full output is zero, or too small for float32 to square it
};

/// Whether two scores compete closely; those that are not numbers do not.
bool nearlyTied(float a, float b, bool rests)
{
    const double away = std::abs(static_cast<double>(a) - b);
    if (std::abs(a) < kNothing && std::abs(b) < kNothing)
        return true;
    return a == b || away <= kNearTie * std::max(std::abs(a), std::abs(b)) || (rests && away <= kNearTieOfRests);
}

/// The first step at which lane `lane` of the two differs, told to be a near-tie or not; "" where it is one.
std::string firstDifference(const PolicyReplay& a, const PolicyReplay& b, int layer, int lane)
{
    int first = -1, tokenA = -1, tokenB = -1;
    const auto look = [&](const PolicyReplay& one, const PolicyReplay& other, int& token) {
        for (int t = 0; t < one.tokens; ++t) {
            const std::size_t cell = one.index(layer, lane, t);
            const int left = one.evictStep[cell];
            if (left < 0 || left == other.evictStep[cell] || (first >= 0 && left > first))
                continue;
            if (left < first)
                tokenA = tokenB = -1;
            first = left;
            token = t;
        }
    };
    look(a, b, tokenA);
    look(b, a, tokenB);
    const auto score = [&](const PolicyReplay& one, int token) {
        return token < 0 || one.scoreAtEviction.empty() ? std::numeric_limits<float>::quiet_NaN()
                                                        : one.scoreAtEviction[one.index(layer, lane, token)];
    };
    const bool rests = findPolicy(a.spec.name)->oracle;
    const auto kept = [&](const PolicyReplay& one, int token) { return one.lowestKept[one.index(layer, lane, token)]; };
    if (tokenA >= 0 && tokenB >= 0 && nearlyTied(score(a, tokenA), score(b, tokenB), rests))
        return "";
    if (tokenA >= 0 && !a.lowestKept.empty() && nearlyTied(score(a, tokenA), kept(a, tokenA), rests))
        return "";
    if (tokenB >= 0 && !b.lowestKept.empty() && nearlyTied(score(b, tokenB), kept(b, tokenB), rests))
        return "";
    return fmt::format("layer {} lane {}: at step {} the lanes let go token {} (score {}), the tensors token {} (score {})",
                       layer, lane, first, tokenA, score(a, tokenA), tokenB, score(b, tokenB));
}

bool alike(float a, float b, double tolerance)
{
    return a == b || (std::isnan(a) && std::isnan(b)) ||
           std::abs(static_cast<double>(a) - b) <= tolerance * (1 + std::abs(static_cast<double>(a)));
}

/// Both engines' results of one policy. Metrics are compared in lanes whose lifetimes agree.
Verdict compare(const PolicyReplay& a, const PolicyReplay& b)
{
    Verdict verdict;
    bool allAgree = true;
    for (int layer = 0; layer < a.layers && verdict.failure.empty(); ++layer)
        for (int lane = 0; lane < a.lanes && verdict.failure.empty(); ++lane) {
            const std::size_t begin = a.index(layer, lane, 0);
            std::int64_t differ = 0;
            for (int t = 0; t < a.tokens; ++t)
                differ += a.evictStep[begin + static_cast<std::size_t>(t)] != b.evictStep[begin + static_cast<std::size_t>(t)];
            verdict.lifetimes += a.tokens;
            verdict.flipped += differ;
            if (differ > 0) {
                allAgree = false;
                verdict.failure = firstDifference(a, b, layer, lane);
                continue;
            }
            for (int t = 0; t < a.tokens && verdict.failure.empty(); ++t) {
                const std::size_t cell = begin + static_cast<std::size_t>(t);
                const auto differs = [&](const char* what, auto one, auto other) {
                    verdict.failure = fmt::format("layer {} lane {} step {}: {} {} of the lanes, {} of the tensors", layer, lane,
                                                  t, what, one, other);
                };
                if (a.occupancy[cell] != b.occupancy[cell])
                    differs("occupancy", a.occupancy[cell], b.occupancy[cell]);
                else if (!(a.mass[cell] >= 0 && a.mass[cell] <= 1.0001F) || !alike(a.mass[cell], b.mass[cell], 1e-5))
                    differs("mass", a.mass[cell], b.mass[cell]);
                else if (a.selects() && !std::equal(a.readRow(layer, lane, t), a.readRow(layer, lane, t) + a.pageBytes(),
                                                    b.readRow(layer, lane, t)))
                    ++verdict.flipped; // pages that are nearly tied; their masses are alike
                else if (!std::isfinite(b.error[cell]))
                    ++verdict.undefined;
                else if (!alike(a.error[cell], b.error[cell], 1e-4))
                    differs("error", a.error[cell], b.error[cell]);
                else if (!a.mergedInto.empty() && a.mergedInto[cell] != b.mergedInto[cell])
                    differs("merged into", a.mergedInto[cell], b.mergedInto[cell]);
            }
        }
    if (verdict.failure.empty() && allAgree && a.choosesFrom != b.choosesFrom)
        verdict.failure = fmt::format("chooses from {} in the lanes, {} in the tensors", a.choosesFrom, b.choosesFrom);
    return verdict;
}

char runningLine[512]; ///< for the signal handler: what was running when a contract broke

void sayWhatRan(int)
{
    const auto ignored = ::write(STDERR_FILENO, runningLine, std::strlen(runningLine));
    static_cast<void>(ignored);
    std::signal(SIGABRT, SIG_DFL);
}

TEST(Campaign, bothEnginesAgreeOnRandomTracesOfEveryKind)
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
        std::int64_t runs = 0, refused = 0, lifetimes = 0, flipped = 0, undefined = 0, failures = 0;
    };
    std::map<std::string_view, Sum> sums;
    for (long seed = firstSeed; seed < firstSeed + count; ++seed) {
        Dice shapeDice(static_cast<unsigned>(seed));
        const SyntheticOptions shape = drawShape(shapeDice, static_cast<unsigned>(seed));
        SyntheticTrace synthetic = makeSynthetic(shape);
        makeSpecial(synthetic, shape, shapeDice);
        const MemoryTrace trace(std::move(synthetic));
        writeHeadScores(heads, shape, shapeDice);
        const int prompt = shapeDice.oneIn(4) ? 0 : shapeDice.between(0, shape.tokens);
        for (std::size_t p = 0; p < policyCatalog().size(); ++p) {
            const PolicyInfo& info = policyCatalog()[p];
            Dice dice(static_cast<unsigned>(seed) * 1000003U +
                      static_cast<unsigned>(p)); // the same with and without the other policies
            if (only && info.name != only)
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
            ReplayOptions options{
                .prompt = prompt, .device = "cpu", .oracle = seed % 2 == 0, .block = 1 + static_cast<int>(seed % 20)};
            const auto lanes = replay(trace, std::span(&*spec, 1), options, {});
            options.forceTensors = true;
            const auto tensors = replay(trace, std::span(&*spec, 1), options, {});
            ++sum.runs;
            Verdict verdict;
            if (lanes && tensors)
                verdict = compare(*(*lanes)->policies.front(), *(*tensors)->policies.front());
            else if (!lanes || !tensors)
                verdict.failure = fmt::format("refused: {}", (lanes ? tensors : lanes).error().message);
            sum.lifetimes += verdict.lifetimes;
            sum.flipped += verdict.flipped;
            sum.undefined += verdict.undefined;
            sum.failures += !verdict.failure.empty();
            if (!verdict.failure.empty() && sum.failures <= 5)
                ADD_FAILURE() << "seed " << seed << ", prompt " << prompt << ", " << shape.tokens << " tokens, " << line << "\n  "
                              << verdict.failure;
        }
    }
    at::set_num_threads(threads);
    std::signal(SIGABRT, SIG_DFL);
    Sum all;
    for (const auto& [name, sum] : sums) {
        EXPECT_LE(static_cast<double>(sum.flipped), 0.001 * static_cast<double>(sum.lifetimes) + 64) << name;
        if (count > 1000 || sum.failures > 0)
            fmt::print("{:<20} {:>8} runs {:>8} refused {:>10} lifetimes {:>6} flipped {:>5} failures\n", name, sum.runs,
                       sum.refused, sum.lifetimes, sum.flipped, sum.failures);
        all.runs += sum.runs;
        all.flipped += sum.flipped;
        all.lifetimes += sum.lifetimes;
        all.refused += sum.refused;
        all.undefined += sum.undefined;
        all.failures += sum.failures;
    }
    fmt::print("{} traces from seed {}: {} replays by each engine, {} lines refused, {} of {} lifetimes flipped, {} errors "
               "undefined, {} failures\n",
               count, firstSeed, all.runs, all.refused, all.flipped, all.lifetimes, all.undefined, all.failures);
    EXPECT_GT(all.runs, 0);
}

} // namespace
} // namespace winnow
