// SPDX-License-Identifier: GPL-3.0-or-later
// The page of `winnow report`: what stands in it is the replay, bit for bit, and no text gets out of its place.
#include "core/analysis/report/report.h"

#include "core/analysis/report/base64.h"
#include "core/analysis/report/report_html.h"
#include "core/io/json.h"
#include "tests/support/synthetic_replay.h"

#include <gmock/gmock.h>

#include <cstring>

using namespace winnow;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

const ReportTemplate kBare{
    "<h1>{{title}}</h1><p>{{subtitle}}</p>{{table}}<dl>{{manifest}}</dl>"
    "<style>{{style}}</style><script type=\"application/json\" id=\"data\">{{data}}</script><script>{{script}}</script>",
    "b {}", "{{begin}}"};

std::string textOf(const ReplayResult& replay, const TraceInfo& info, const ReportOptions& options = {})
{
    auto page = reportPage(replay, info, options, kBare);
    EXPECT_TRUE(page) << page.error().message;
    return page ? *page : "";
}

/// A page is too long to be printed where it does not.
bool holds(const std::string& page, const std::string& words) { return page.find(words) != std::string::npos; }

/// The data of a page, as a browser finds it: from behind the element's start to the first end of a script.
nlohmann::json dataOf(const std::string& page)
{
    const std::string mark = "id=\"data\">";
    const std::size_t begin = page.find(mark) + mark.size();
    const auto data =
        parseJson(std::string_view(page).substr(begin, page.find("</script", begin) - begin), "the data of the page");
    EXPECT_TRUE(data) << data.error().message;
    return data ? *data : nlohmann::json();
}

template <class Number>
std::vector<Number> numbersOf(const std::string& base64Text)
{
    std::string bytes;
    std::uint32_t gathered = 0;
    int bits = 0;
    for (const char c : base64Text) {
        const auto digit = std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/").find(c);
        if (digit == std::string_view::npos)
            break;
        gathered = gathered << 6U | static_cast<std::uint32_t>(digit);
        if ((bits += 6) >= 8)
            bytes += static_cast<char>(gathered >> (bits -= 8));
    }
    std::vector<Number> numbers(bytes.size() / sizeof(Number));
    std::memcpy(numbers.data(), bytes.data(), numbers.size() * sizeof(Number));
    return numbers;
}

} // namespace

TEST(Base64, equalsTheVectorsOfItsStandard)
{
    const auto of = [](std::string_view text) { return base64(std::as_bytes(std::span(text.data(), text.size()))); };
    EXPECT_EQ(of(""), "");
    EXPECT_EQ(of("f"), "Zg==");
    EXPECT_EQ(of("fo"), "Zm8=");
    EXPECT_EQ(of("foo"), "Zm9v");
    EXPECT_EQ(of("foob"), "Zm9vYg==");
    EXPECT_EQ(of("foobar"), "Zm9vYmFy");
    EXPECT_EQ(of("\xFF\xFE\xFD"), "//79");
}

TEST(Report, holdsTheLifetimesOfTheReplay)
{
    const test::SyntheticOptions size{.tokens = 300, .layers = 3, .lanes = 2, .budget = 32, .policies = 4, .prompt = 100};
    const auto replay = test::syntheticReplay(size);
    const auto data = dataOf(textOf(*replay, *test::syntheticInfo(size)));
    ASSERT_EQ(data["policies"].size(), 4);
    EXPECT_EQ(data["tokens"], 300);
    EXPECT_EQ(data["prompt"], 100);
    EXPECT_EQ(data["heads"], 2);
    for (std::size_t p = 0; p < 4; ++p) {
        const PolicyReplay& policy = *replay->policies[p];
        const auto& told = data["policies"][p];
        EXPECT_EQ(told["spec"], policy.spec.canonical());
        EXPECT_EQ(told["byRule"]["sinks"], policy.byRule.sinks);
        EXPECT_EQ(told["choosesFrom"], policy.choosesFrom);
        const auto left = numbersOf<std::uint16_t>(told["evictStep"]["base64"]);
        ASSERT_EQ(left.size(), policy.evictStep.size());
        for (std::size_t i = 0; i < left.size(); ++i)
            ASSERT_EQ(left[i] == 0xFFFF ? -1 : left[i], policy.evictStep[i]) << i;
    }
}

TEST(Report, takesFourBytesForTheStepsOfLongTexts)
{
    const test::SyntheticOptions size{.tokens = 66'000, .layers = 1, .lanes = 1, .budget = 2, .policies = 1};
    const auto replay = test::syntheticReplay(size);
    const auto data = dataOf(textOf(*replay, *test::syntheticInfo(size)));
    EXPECT_EQ(data["policies"][0]["evictStep"]["bytes"], 4);
    const auto left = numbersOf<std::int32_t>(data["policies"][0]["evictStep"]["base64"]);
    EXPECT_TRUE(
        std::equal(left.begin(), left.end(), replay->policies[0]->evictStep.begin(), replay->policies[0]->evictStep.end()));
}

TEST(Report, holdsMassAndErrorAsMeansOfEachLayer)
{
    const test::SyntheticOptions size{.tokens = 90, .layers = 2, .lanes = 3, .budget = 16, .policies = 1};
    const auto replay = test::syntheticReplay(size);
    const PolicyReplay& policy = *replay->policies[0];
    const auto data = dataOf(textOf(*replay, *test::syntheticInfo(size)));
    const auto mass = numbersOf<float>(data["policies"][0]["mass"]), error = numbersOf<float>(data["policies"][0]["error"]);
    ASSERT_EQ(mass.size(), 2 * 90);
    for (int layer = 0; layer < 2; ++layer)
        for (int t = 0; t < 90; ++t) {
            double ofMass = 0, ofError = 0;
            for (int lane = 0; lane < 3; ++lane) {
                ofMass += policy.mass[policy.index(layer, lane, t)] / 3.0;
                ofError += policy.error[policy.index(layer, lane, t)] / 3.0;
            }
            EXPECT_FLOAT_EQ(mass[static_cast<std::size_t>(layer * 90 + t)], static_cast<float>(ofMass));
            EXPECT_FLOAT_EQ(error[static_cast<std::size_t>(layer * 90 + t)], static_cast<float>(ofError));
        }
}

TEST(Report, tellsTheSameNumbersInItsTableAndItsData)
{
    const test::SyntheticOptions size{.tokens = 200, .policies = 2};
    const auto replay = test::syntheticReplay(size);
    const std::string page = textOf(*replay, *test::syntheticInfo(size));
    const auto data = dataOf(page);
    const std::vector<int> lanes{0, 1, 2, 3};
    const StepSpan steps = meanSteps(replay->policies, 0);
    for (std::size_t p = 0; p < 2; ++p) {
        const double mass = *meanMetric(*replay->policies[p], Metric::Mass, lanes, steps);
        EXPECT_EQ(data["policies"][p]["means"]["mass"].get<double>(), mass);
        EXPECT_TRUE(holds(page, fmt::format("<td>{:.4f}</td>", mass)));
    }
    EXPECT_TRUE(holds(page, "open loop"));
    EXPECT_FALSE(holds(page, ">perplexity</abbr>")); // a replay has none
}

TEST(Report, ofARunTellsWhatItCost)
{
    const test::SyntheticOptions size{.tokens = 40, .policies = 1};
    ReplayResult run = *test::syntheticReplay(size);
    auto policy = std::make_shared<PolicyReplay>(*run.policies[0]);
    policy->run.logprob.assign(40, -2.0f);
    policy->run.kl.assign(40, 0.25f);
    run.policies[0] = policy;
    run.logprob.assign(40, -1.5f);
    run.manifest["loop"] = "closed";
    const std::string page = textOf(run, *test::syntheticInfo(size));
    EXPECT_TRUE(holds(page, "<td>7.389</td>")); // exp(2)
    EXPECT_TRUE(holds(page, "full cache"));
    EXPECT_TRUE(holds(page, "closed loop"));
    EXPECT_EQ(numbersOf<float>(dataOf(page)["policies"][0]["kl"]), policy->run.kl);
}

TEST(Report, keepsHostileTextsInTheirPlace)
{
    const std::string hostile[] = {"</script><script>alert(1)</script>",
                                   "<!--<script>",
                                   "\xE2\x80\xA8",
                                   "\xC3(\xFF",
                                   "\"'&{{data}}",
                                   std::string("\0\x1b[2J", 5),
                                   "\xE2\x80\xAE"
                                   "abc"};
    ReplayResult replay;
    TraceInfo info;
    const test::SyntheticOptions size{.tokens = std::size(hostile), .layers = 1, .lanes = 1, .budget = 4, .policies = 1};
    replay = *test::syntheticReplay(size);
    for (const std::string& word : hostile) {
        info.offsets.push_back({static_cast<int>(info.text.size()), static_cast<int>(info.text.size() + word.size())});
        info.text += word;
    }
    info.tokens = replay.tokenIds;
    replay.manifest["model"] = hostile[0];
    const std::string page = textOf(replay, info, {.title = hostile[0], .marks = {{0, 1, hostile[1]}}});
    EXPECT_EQ(page.find("<script>alert"), std::string::npos);
    EXPECT_EQ(page.find("<!--"), std::string::npos);
    EXPECT_TRUE(holds(page, "{{begin}}")); // of the script: what is put in is not looked through
    const auto prose = dataOf(page)["prose"].get<std::vector<std::string>>();
    EXPECT_THAT(prose, ElementsAre(hostile[0], hostile[1], "\\u{2028}", "\xEF\xBF\xBD(\xEF\xBF\xBD", hostile[4], "\\x00\\x1b[2J",
                                   "\\u{202e}abc"));
}

TEST(Report, showsCharactersThatTokensShareOnce)
{
    const test::SyntheticOptions size{.tokens = 5, .layers = 1, .lanes = 1, .budget = 4, .policies = 1};
    const auto replay = test::syntheticReplay(size);
    TraceInfo info;
    info.text = "a \xC3\xA9"
                "b";
    info.tokens = replay->tokenIds;
    info.offsets = {{0, 0}, {0, 1}, {2, 4}, {2, 4}, {4, 5}}; // a special token, a gap, two tokens of one character
    const auto data = dataOf(textOf(*replay, info));
    EXPECT_EQ(data["prose"], nlohmann::json::parse(R"(["‹0›", "a", "é", null, "b"])"));
    EXPECT_EQ(data["words"], nlohmann::json::parse(R"({"3": "é"})"));
    EXPECT_EQ(data["gaps"], nlohmann::json::parse(R"({"2": " "})"));
}

TEST(Report, writesTheWindowsOfLayersAndPagesThatWereRead)
{
    const test::SyntheticOptions size{.tokens = 20, .layers = 2, .lanes = 1, .budget = 4, .policies = 1};
    ReplayResult replay = *test::syntheticReplay(size);
    auto policy = std::make_shared<PolicyReplay>(*replay.policies[0]);
    policy->pageTokens = 4;
    policy->read.assign(40, 0xA8);
    replay.policies[0] = policy;
    TraceInfo info = *test::syntheticInfo(size);
    info.layerInfo[1].window = 7;
    const auto data = dataOf(textOf(replay, info));
    EXPECT_EQ(data["windows"], nlohmann::json::parse("[0, 7]"));
    EXPECT_EQ(data["policies"][0]["pageTokens"], 4);
    EXPECT_EQ(numbersOf<std::uint8_t>(data["policies"][0]["read"]), std::vector<std::uint8_t>(40, 0xA8));
}

TEST(Report, holdsOnlyThePoliciesThatAreAskedFor)
{
    const test::SyntheticOptions size{.tokens = 60, .policies = 4};
    const auto replay = test::syntheticReplay(size);
    const auto data = dataOf(textOf(*replay, *test::syntheticInfo(size), {.policies = {3, 1}}));
    ASSERT_EQ(data["policies"].size(), 2);
    EXPECT_EQ(data["policies"][0]["spec"], replay->policies[3]->spec.canonical());
}

TEST(Report, refusesWhatItCannotShowWithASentence)
{
    const test::SyntheticOptions size{.tokens = 60, .policies = 2};
    const auto replay = test::syntheticReplay(size);
    const auto info = test::syntheticInfo(size);
    const auto refused = [&](const ReplayResult& one, const TraceInfo& of, const ReportOptions& options,
                             const ReportTemplate& files) {
        const auto page = reportPage(one, of, options, files);
        return page ? std::string() : page.error().message;
    };
    EXPECT_THAT(refused(ReplayResult{}, TraceInfo{}, {}, kBare), HasSubstr("nothing to report"));
    EXPECT_THAT(refused(*replay, *info, {.policies = {2}}, kBare), HasSubstr("3"));
    EXPECT_THAT(refused(*replay, *info, {}, {"{{title}}", "", ""}), HasSubstr("no place"));
    EXPECT_THAT(refused(*replay, *info, {}, {"{{tilte}}", "", ""}), HasSubstr("'tilte'"));
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(reportPage(*replay, *info, {}, kBare, JobContext(stop.get_token())).error().code, ErrorCode::Cancelled);
}

TEST(Report, isSmallForTwoThousandTokensAndSixPolicies)
{
    const test::SyntheticOptions size{.tokens = 2048, .layers = 6, .lanes = 4, .budget = 128, .policies = 6};
    EXPECT_LT(textOf(*test::syntheticReplay(size), *test::syntheticInfo(size)).size(), 5'000'000 - 100'000); // style and script
}
