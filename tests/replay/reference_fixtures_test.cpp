// SPDX-License-Identifier: GPL-3.0-or-later
// Policies against others' code: what NVIDIA kvpress keeps of a recorded trace, and plain Python loops written from the papers.
// tests/fixtures/policy/README.md says how the files were made.
#include "core/io/json.h"
#include "core/io/npz.h"
#include "tests/replay/engines.h"
#include "tests/support/replay_drawing.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numeric>
#include <set>

namespace winnow {
namespace {

using namespace testing_support;

const std::filesystem::path kFolder = std::filesystem::path(WINNOW_FIXTURES) / "policy";

struct Fixtures {
    std::shared_ptr<const Trace> trace;
    nlohmann::json cases;
    NpzFile arrays;
};

const Fixtures& fixtures(const char* which)
{
    static std::map<std::string, Fixtures> known;
    Fixtures& found = known[which];
    if (!found.trace) {
        found.trace = *Trace::open(kFolder / "kvpress_trace.h5");
        found.cases = (*readJson(kFolder / fmt::format("{}_cases.json", which)))["cases"];
        found.arrays = *readNpz(kFolder / fmt::format("{}_expected.npz", which));
    }
    return found;
}

// --- kvpress --------------------------------------------------------------------------------------------------------------

/// A press and the line that means the same; the budget is added.
struct Press {
    const char* name;
    const char* line;
};
std::ostream& operator<<(std::ostream& out, const Press& press) { return out << press.line; }

constexpr const char* kSnap = "window=8,kernel=5,pool=avg,reduce=after";

std::string lineOf(const Press& press, int budget)
{
    std::string line = press.line;
    if (const auto at = line.find("SNAP"); at != std::string::npos)
        line.replace(at, 4, kSnap);
    const auto colon = line.find(':');
    return colon == std::string::npos ? fmt::format("{}:budget={}", line, budget)
                                      : fmt::format("{}:budget={},{}", line.substr(0, colon), budget, line.substr(colon + 1));
}

const Press kPresses[] = {
    {"knorm", "knorm"},
    {"snapkv", "snapkv:SNAP,granularity=kv"},
    {"snapkv_w16_k7", "snapkv:window=16,kernel=7,pool=avg,granularity=kv"},
    {"tova", "tova:recent=1"},
    {"streaming", "streaming:sinks=4,positions=keep"},
    {"observed", "observed-attention"},
    {"expected", "expected-attention"},
    {"expected_eps", "expected-attention:epsilon=0.01"},
    {"expected_nocov", "expected-attention:covariance=no"},
    {"expected_novnorm", "expected-attention:vnorm=no"},
    {"expected_plain", "expected-attention:future=32,sinks=0,covariance=no,vnorm=no"},
    {"lagkv", "lagkv:lag=12"},
    {"lagkv_short", "lagkv:lag=64"},
    {"keydiff", "keydiff"},
    {"criticalkv_snapkv", "criticalkv:SNAP"},
    {"adakv_snapkv", "ada-snapkv:SNAP,form=press"},
    {"adakv_snapkv_a95", "ada-snapkv:SNAP,form=press,floor=0.95"},
    {"adakv_snapkv", "adakv:SNAP"},
    {"adakv_expected", "adakv:base=expected{epsilon=0.01}"},
    {"adakv_keydiff", "mix-prompt:score=keydiff,budgets=adaptive,floor=0"},
    {"adakv_keydiff", "adakv:base=keydiff,floor=0"},
    {"criticalkv_expected", "criticalkv:base=expected{vnorm=no}"},
    {"criticaladakv_snapkv", "criticaladakv:SNAP"},
    {"criticaladakv_expected", "criticaladakv:base=expected{vnorm=no}"},
    {"qfilter", "qfilter"},
    {"lagkv_cross", "lagkv:lag=12,scores=cross"},
    {"cur", "cur"},
    {"cur_avg_global", "cur:leverage=mean,local=0"},
    {"finch", "finch:window=9,positions=keep"},
    {"noncausal", "noncausal:chunk=32"},
    {"noncausal_one", "noncausal:chunk=256"},
    {"noncausal_one", "mix-prompt:score=noncausal"},
    {"leverage", "mix-prompt:score=leverage{sketch=0}"},
    {"compactor", "compactor:chunk=32,sketch=0,blend=RATIO"},
    {"criticalkv_tova", "criticalkv:base=tova"},
    {"adakv_tova", "adakv:base=tova"},
    {"adakv_noncausal", "adakv:base=noncausal{chunk=32}"},
};

/// SnapKVPress takes the mean over the window's rows, SnapKV their sum.
float rowsAddedUp(const Press& press)
{
    const std::string_view name = press.name;
    return name == "snapkv" ? 8 : name == "snapkv_w16_k7" ? 16 : 1;
}

class KvPress : public testing::TestWithParam<std::tuple<Press, int>> {};

TEST_P(KvPress, keepsTheSameTokens)
{
    const auto& [press, prompt] = GetParam();
    const Fixtures& all = fixtures("kvpress");
    const auto found =
        std::find_if(all.cases.begin(), all.cases.end(), [&, wanted = press.name, tokens = prompt](const auto& entry) {
            return entry["name"] == wanted && entry["prompt"] == tokens;
        });
    ASSERT_NE(found, all.cases.end());
    const auto kept = all.arrays.numbers<std::int32_t>((*found)["kept"].get<std::string>());
    ASSERT_TRUE(kept) << kept.error().message;
    const int layers = all.trace->layerCount(), heads = 2;
    const bool scored = found->contains("scores");
    const auto scores = scored ? *all.arrays.numbers<float>((*found)["scores"].get<std::string>()) : std::vector<float>();
    const std::size_t perRatio = static_cast<std::size_t>(layers * heads * prompt);
    for (std::size_t r = 0; r < (*found)["ratios"].size(); ++r) {
        const double ratio = (*found)["ratios"][r];
        const int budget = std::max(1, static_cast<int>(prompt * (1 - ratio)));
        std::string line = lineOf(press, budget);
        if (const auto at = line.find("RATIO"); at != std::string::npos)
            line.replace(at, 5, fmt::format("{}", ratio));
        const auto replayed = replayOne(*all.trace, line, {.prompt = prompt, .device = "cpu", .oracle = false});
        ASSERT_TRUE(replayed);
        const int lanesPerHead = replayed->lanes / heads;
        for (int layer = 0; layer < layers; ++layer)
            for (int head = 0; head < heads; ++head)
                for (int token = 0; token < prompt; ++token) {
                    const auto cell = ((r * layers + static_cast<std::size_t>(layer)) * heads + static_cast<std::size_t>(head)) *
                                          static_cast<std::size_t>(prompt) +
                                      static_cast<std::size_t>(token);
                    ASSERT_EQ(replayed->keeps(layer, head * lanesPerHead, token, prompt - 1), (*kept)[cell] != 0)
                        << lineOf(press, budget) << ": layer " << layer << " head " << head << " token " << token;
                    const auto ours = replayed->index(layer, head * lanesPerHead, token);
                    if (scores.empty() || (*kept)[cell] != 0 || replayed->scoreAtEviction.empty())
                        continue;
                    const float theirs = scores[scores.size() > perRatio ? cell : cell - r * perRatio];
                    ASSERT_NEAR(replayed->scoreAtEviction[ours], theirs * rowsAddedUp(press), 2e-4 * (5e-2 + std::abs(theirs)))
                        << lineOf(press, budget) << ": layer " << layer << " head " << head << " token " << token;
                }
    }
}

INSTANTIATE_TEST_SUITE_P(Presses, KvPress, testing::Combine(testing::ValuesIn(kPresses), testing::Values(128, 101)),
                         [](const auto& info) {
                             return fmt::format("{}_{}_{}", std::get<0>(info.param).name, std::get<1>(info.param), info.index);
                         });

/// Its line begins at a real number of slots, a budget in tokens is whole: equal where the ratio gives a whole number.
const Press kPyramids[] = {
    {"pyramidkv", "pyramidkv:SNAP,budgets=press,granularity=kv"},
    {"pyramidkv_b4", "pyramidkv:SNAP,budgets=press,beta=4,granularity=kv"},
};
INSTANTIATE_TEST_SUITE_P(Pyramids, KvPress, testing::Combine(testing::ValuesIn(kPyramids), testing::Values(128)),
                         [](const auto& info) { return std::string(std::get<0>(info.param).name); });

const Press kChunks[] = {{"chunkkv_knorm", "chunkkv:base=knorm,chunk=20"},
                         {"chunkkv_snapkv", "chunkkv:SNAP,chunk=10"},
                         {"chunkkv_expected", "chunkkv:base=expected,chunk=10"},
                         {"chunkkv_cur", "chunkkv:base=cur,chunk=10"},
                         {"chunkkv_tova", "chunkkv:base=tova,chunk=10"}};

/// The press counts chunks, we fill the budget with them: where its choice fits the budget, it is the beginning of ours.
TEST(ChunkPress, isFilledUp)
{
    const Fixtures& all = fixtures("kvpress");
    int compared = 0;
    for (const Press& press : kChunks) {
        for (const int prompt : {128, 101}) {
            const auto kept = *all.arrays.numbers<std::int32_t>(fmt::format("{}.p{}.kept", press.name, prompt));
            for (std::size_t r = 0; r < 3; ++r) {
                const int budget = static_cast<int>(prompt * (1 - .25 * static_cast<double>(r + 1)));
                const auto replayed =
                    replayOne(*all.trace, lineOf(press, budget), {.prompt = prompt, .device = "cpu", .oracle = false});
                ASSERT_TRUE(replayed);
                for (int layer = 0; layer < replayed->layers; ++layer) {
                    const auto* row = &kept[((r * 4 + static_cast<std::size_t>(layer)) * 2) * static_cast<std::size_t>(prompt)];
                    if (std::accumulate(row, row + prompt, 0) > budget)
                        continue;
                    ++compared;
                    for (int token = 0; token < prompt; ++token)
                        if (row[token] != 0) {
                            ASSERT_TRUE(replayed->keeps(layer, 0, token, prompt - 1))
                                << lineOf(press, budget) << ": layer " << layer << " token " << token;
                        }
                }
            }
        }
    }
    EXPECT_GE(compared, 75); // of 120
}

/// Under DecodingPress only layer 0 is recorded: what lies below it lost nothing, so that open and closed loop agree.
class KvPressWhileDecoding : public testing::TestWithParam<Press> {};

constexpr Press kDecoding[] = {{"decode_knorm_1", "mix:score=knorm,recent=0"},
                               {"decode_knorm_16", "mix:score=knorm,recent=0,every=16"},
                               {"decode_keydiff_1", "mix:score=keydiff,recent=0"},
                               {"decode_tova_1", "tova:recent=1"},
                               {"decode_tova_16", "mix:score=last,recent=1,every=16,granularity=layer"}};

TEST_P(KvPressWhileDecoding, keepsTheSameTokens)
{
    const Fixtures& all = fixtures("kvpress");
    const auto expected = all.arrays.numbers<std::int32_t>(fmt::format("{}.evict_step", GetParam().name));
    ASSERT_TRUE(expected) << expected.error().message;
    for (const Engine engine : kEngines) {
        const auto replayed =
            replayOne(*all.trace, lineOf(GetParam(), 48), on(engine, {.prompt = 40, .layers = std::pair{0, 0}, .oracle = false}));
        ASSERT_TRUE(replayed);
        EXPECT_EQ(replayed->evictStep, *expected);
    }
}

INSTANTIATE_TEST_SUITE_P(Presses, KvPressWhileDecoding, testing::ValuesIn(kDecoding),
                         [](const auto& info) { return info.param.name; });

/// A press without a ratio: layers are cut to a fixed length, or whole.
constexpr Press kLazy[] = {{"simlayerkv", "simlayerkv:budget=35,threshold=0.257"},
                           {"simlayerkv_last4", "simlayerkv:budget=48,last=4,threshold=0.42"}};

TEST(SimLayerPress, cutsTheSameLayers)
{
    const Fixtures& all = fixtures("kvpress");
    for (const Press& press : kLazy)
        for (const int prompt : {128, 101}) {
            const auto kept = *all.arrays.numbers<std::int32_t>(fmt::format("{}.p{}.kept", press.name, prompt));
            const auto replayed = replayOne(*all.trace, press.line, {.prompt = prompt, .device = "cpu", .oracle = false});
            ASSERT_TRUE(replayed);
            for (int layer = 0; layer < replayed->layers; ++layer)
                for (int head = 0; head < 2; ++head)
                    for (int token = 0; token < prompt; ++token)
                        ASSERT_EQ(replayed->keeps(layer, head, token, prompt - 1),
                                  kept[static_cast<std::size_t>((layer * 2 + head) * prompt + token)] != 0)
                            << press.line << ": layer " << layer << " token " << token;
        }
}

/// Whatever is in the file is compared by a test above, or stands here with the reason.
TEST(KvPressFixtures, everyArrayIsComparedOrSaysWhyNot)
{
    const std::map<std::string, std::string> notServed{
        {"chunk_knorm", "ChunkPress changes when a scorer is asked"},
        {"chunk_keydiff", "ChunkPress changes when a scorer is asked"},
        {"block_knorm", "BlockPress changes when a scorer is asked"},
        {"block_keydiff", "BlockPress changes when a scorer is asked"},
        {"finch_chunks", "drops tokens of its own window"},
        {"cap", "no policy yet"},
    };
    std::set<std::string> compared;
    for (const Press& press : kChunks)
        compared.insert(press.name);
    for (const Press& press : kPresses)
        compared.insert(press.name);
    for (const Press& press : kPyramids)
        compared.insert(press.name);
    for (const Press& press : kDecoding)
        compared.insert(press.name);
    for (const Press& press : kLazy)
        compared.insert(press.name);
    for (const std::string& array : fixtures("kvpress").arrays.names()) {
        const std::string name = array.substr(0, array.find('.'));
        EXPECT_NE(compared.contains(name), notServed.contains(name)) << array;
    }
}

/// CAMPress with its random draw replaced by the expectation: tokens kept, and what the merged values do to the output.
class KvPressMerging : public testing::TestWithParam<Press> {};

TEST_P(KvPressMerging, keepsTheSameTokensAndTheSameValues)
{
    static const NpzFile expected = *readNpz(kFolder / "kvpress_merging.npz");
    const auto died = expected.numbers<std::int32_t>(fmt::format("{}.evict_step", GetParam().name));
    const auto error = expected.numbers<double>(fmt::format("{}.error", GetParam().name));
    ASSERT_TRUE(died && error);
    for (const Engine engine : kEngines) {
        const auto replayed = replayOne(*fixtures("kvpress").trace, GetParam().line, on(engine, {.oracle = false}));
        ASSERT_TRUE(replayed);
        EXPECT_EQ(replayed->evictStep, *died);
        ASSERT_EQ(replayed->error.size(), error->size());
        for (std::size_t i = 0; i < error->size(); ++i) // sums of 128 rows in single precision stand behind the shares
            ASSERT_NEAR(replayed->error[i], (*error)[i], 1e-4 * (1 + (*error)[i])) << GetParam().line << ": " << i;
    }
}

INSTANTIATE_TEST_SUITE_P(Cases, KvPressMerging,
                         testing::Values(Press{"h2o", "cam-decode:budget=24,recent=12,spread=4"},
                                         Press{"h2o_bulk", "cam-decode:budget=32,recent=0,every=8"},
                                         Press{"streaming", "cam-decode:budget=24,recent=0,base=streaming,sinks=4"}),
                         [](const auto& info) { return info.param.name; });

// --- the papers -------------------------------------------------------------------------------------------------------------

/// Our line for a case of papers_cases.json: same names of parameters, but for a few.
std::string lineOf(const nlohmann::json& entry)
{
    std::string name = entry["policy"];
    if (name == "adakv")
        name = entry["params"].contains("beta") ? "ada-pyramidkv:budgets=code," : "ada-snapkv:";
    else
        name += ':';
    if (name == "headkv:")
        name += fmt::format("heads={},", (kFolder / "headkv_heads.json").string());
    if (name == "dynamickv:")
        name += "residue=last,";
    if (name == "treekv:" || name == "lacache:")
        name += "positions=keep,";
    std::string line = name;
    for (const auto& [key, value] : entry["params"].items()) {
        if (key == "acts" || (name.starts_with("cake") && key == "kernel"))
            continue;
        const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
        if (key == "normalize")
            line += fmt::format("normalize={},", text == "on" ? "yes" : "no");
        else if (key == "votes")
            line += fmt::format("votes={},", text == "stored" ? "survivors" : text);
        else
            line += fmt::format("{}={},", key == "proxy" ? "window" : key == "dense_layers" ? "dense" : key, text);
    }
    line.pop_back();
    return line;
}

class Papers : public testing::TestWithParam<std::string> {};

TEST_P(Papers, agreeWithPlainLoops)
{
    const Fixtures& all = fixtures("papers");
    const auto entry =
        std::find_if(all.cases.begin(), all.cases.end(), [](const auto& one) { return one["name"] == GetParam(); });
    ASSERT_NE(entry, all.cases.end());
    const auto expected = all.arrays.numbers<std::int32_t>((*entry)["array"].get<std::string>());
    ASSERT_TRUE(expected) << expected.error().message;
    for (const Engine engine : kEngines) {
        const auto replayed = replayOne(*all.trace, lineOf(*entry), on(engine, {.prompt = (*entry)["prompt"], .oracle = false}));
        ASSERT_TRUE(replayed);
        ASSERT_EQ(replayed->evictStep.size(), expected->size());
        for (int layer = 0; layer < replayed->layers; ++layer)
            for (int lane = 0; lane < replayed->lanes; ++lane)
                for (int token = 0; token < replayed->tokens; ++token) {
                    const auto cell = replayed->index(layer, lane, token);
                    ASSERT_EQ(replayed->evictStep[cell], (*expected)[cell])
                        << lineOf(*entry) << ": layer " << layer << " lane " << lane << " token " << token;
                }
        if (entry->contains("merged_into")) {
            const auto into = all.arrays.numbers<std::int32_t>((*entry)["merged_into"].get<std::string>());
            ASSERT_TRUE(into) << into.error().message;
            EXPECT_EQ(replayed->mergedInto, *into);
        }
        if (entry->contains("read")) {
            const auto read = all.arrays.numbers<std::uint8_t>((*entry)["read"].get<std::string>());
            ASSERT_TRUE(read) << read.error().message;
            for (int layer = 0; layer < replayed->layers; ++layer)
                for (int lane = 0; lane < replayed->lanes; ++lane)
                    for (int t = 0; t < replayed->tokens; ++t)
                        for (int page = 0; page < replayed->pages(); ++page)
                            ASSERT_EQ(replayed->readsPage(layer, lane, page, t),
                                      (*read)[replayed->index(layer, lane, t) * static_cast<std::size_t>(replayed->pages()) +
                                              static_cast<std::size_t>(page)] != 0)
                                << lineOf(*entry) << ": layer " << layer << " lane " << lane << " step " << t << " page " << page;
        }
        if (entry->contains("budgets")) {
            auto budgets = all.arrays.numbers<std::int32_t>((*entry)["budgets"].get<std::string>());
            ASSERT_TRUE(budgets) << budgets.error().message;
            for (std::int32_t& slots : *budgets) // a layer that was not reached yet holds its prompt
                slots = slots < 0 ? (*entry)["prompt"].get<int>() : slots;
            EXPECT_EQ(replayed->budgets, *budgets);
        }
    }
}

/// All of the file, so that nothing in it goes uncompared.
std::vector<std::string> paperCases()
{
    std::vector<std::string> names;
    for (const auto& entry : fixtures("papers").cases)
        names.push_back(entry["name"]);
    return names;
}
INSTANTIATE_TEST_SUITE_P(Cases, Papers, testing::ValuesIn(paperCases()), [](const auto& info) { return info.param; });

} // namespace
} // namespace winnow
