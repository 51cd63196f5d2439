// SPDX-License-Identifier: GPL-3.0-or-later
// winnow explain: what became of a token in every lane of every policy, and why.
#include "app/cli/commands.h"
#include "app/cli/file_kind.h"
#include "app/cli/trace_input.h"
#include "core/analysis/autopsy.h"
#include "core/replay/replay_file.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

namespace winnow::cli {

namespace {

struct ExplainLine {
    std::string replay, trace, out;
    std::optional<int> token;
    std::optional<IndexRange> span;
    std::vector<std::string> lanes;
    std::vector<int> policies;
    int rows = 8;
};

/// "l.h", a layer of the model and a KV head. Nothing where it is no such thing.
std::optional<std::pair<int, int>> layerAndHead(const std::string& typed)
{
    int layer = -1, head = -1, end = -1;
    const bool read = std::sscanf(typed.c_str(), "%6d.%6d%n", &layer, &head, &end) == 2;
    return read && end == static_cast<int>(typed.size()) && layer >= 0 && head >= 0 ? std::optional(std::pair(layer, head))
                                                                                    : std::nullopt;
}

Result<std::vector<Lane>> lanesOf(const ExplainLine& line, const ReplayResult& replay, int kvHeads)
{
    std::vector<Lane> lanes;
    for (const std::string& typed : line.lanes) {
        const auto [layer, head] = *layerAndHead(typed); // the parser let nothing else through
        const auto found = std::find(replay.layers.begin(), replay.layers.end(), Layer{layer});
        if (found == replay.layers.end() || head >= kvHeads)
            return fail(ErrorCode::Usage, "there is no lane {}: '{}' holds {} layers, {} to {}, of {} KV heads, counted from 0",
                        typed, line.replay, replay.layers.size(), raw(replay.layers.front()), raw(replay.layers.back()), kvHeads);
        lanes.push_back({static_cast<int>(found - replay.layers.begin()), head});
    }
    return lanes;
}

std::string wordOf(const TraceInfo& info, int token)
{
    std::string text(tokenText(info, Position{token}));
    std::replace(text.begin(), text.end(), '\n', ' ');
    return fmt::format("\"{}\"", text);
}

/// The words of the first tokens, so many that a line holds them.
std::string wordsOf(const TraceInfo& info, IntRange tokens)
{
    constexpr std::size_t kMost = 48;
    std::string words;
    for (int token = tokens.first; token <= tokens.second && words.size() < kMost; ++token)
        words += std::string(tokenText(info, Position{token}));
    std::replace(words.begin(), words.end(), '\n', ' ');
    return fmt::format("\"{}\"{}", words, words.size() < kMost ? "" : " …");
}

void tellAttention(const Autopsy& found, Console& console)
{
    const int most = found.mostAskedAt();
    if (most < 0) {
        console.say("no step follows that could ask for it");
        return;
    }
    double sum = 0;
    const auto first = static_cast<std::size_t>(found.tokens.second) + 1;
    for (std::size_t t = first; t < found.mean.size(); ++t)
        sum += found.mean[t];
    const QueryHead head = found.largestHead[static_cast<std::size_t>(most)];
    console.say(
        fmt::format("the full cache pays it {:.4g} at step {} (layer {}, query head {}), its most after it was read; {:.4g} "
                    "on average over steps and heads",
                    found.largest[static_cast<std::size_t>(most)], grouped(most),
                    found.layers[static_cast<std::size_t>(head.layerIndex)], head.head, sum / double(found.mean.size() - first)));
}

/// The lanes that held it longest first.
std::vector<std::size_t> longestFirst(const Autopsy::Line& line)
{
    std::vector<std::size_t> rows(line.fates.size());
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    std::stable_sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) {
        const LaneFate &one = line.fates[a], &other = line.fates[b];
        return std::pair(one.kept, one.leftAt) > std::pair(other.kept, other.leftAt);
    });
    return rows;
}

/// `one`: of a single token, of which there is no part.
std::string fateWords(const Autopsy::Line& line, const PolicyReplay& policy, bool one)
{
    const auto holding = std::count_if(line.fates.begin(), line.fates.end(), [](const LaneFate& fate) { return fate.kept > 0; });
    if (policy.selects())
        return fmt::format("nothing leaves it; {:.0f} % of lanes attend to it at the last step", 100 * line.atEnd);
    return line.goneBy >= 0 ? fmt::format("gone from {} by step {}",
                                          line.fates.size() == 1 ? "the lane" : fmt::format("all {} lanes", line.fates.size()),
                                          grouped(line.goneBy))
                            : fmt::format("{} of {} lanes still hold {}at the end", holding, line.fates.size(),
                                          !one && line.atEnd < 1 && holding > 0 ? "some of it " : "it ");
}

/// "2 lanes that still hold it, 21 that lost it": of the lanes that no row tells of.
std::string restWords(const Autopsy::Line& line, std::span<const std::size_t> rest)
{
    const auto holding = static_cast<std::size_t>(
        std::count_if(rest.begin(), rest.end(), [&](std::size_t at) { return line.fates[at].kept > 0; }));
    const std::size_t lost = rest.size() - holding;
    const auto lanes = [](std::size_t count) { return fmt::format("{} {}", count, count == 1 ? "lane" : "lanes"); };
    std::string words = holding == 0 ? "" : fmt::format("{} that still hold{} it", lanes(holding), holding == 1 ? "s" : "");
    if (lost > 0)
        words += holding == 0 ? fmt::format("{} that lost it", lanes(lost)) : fmt::format(", {} that lost it", lost);
    return words;
}

void tellRow(const Autopsy& found, const LaneFate& fate, const TraceInfo& info, Console& console)
{
    const auto number = [](double value) { return std::isnan(value) ? std::string("-") : fmt::format("{:.4g}", value); };
    const auto& verdict = fate.verdict;
    const bool cut = !std::isnan(fate.lowestKept);
    std::string by = fate.byWindow ? "model's window" : "-";
    if (verdict && verdict->outrankedBy >= 0)
        by = fmt::format("token {} {}{}{}", verdict->outrankedBy, wordOf(info, verdict->outrankedBy),
                         verdict->inPair ? ", its neighbor" : "", verdict->agrees ? "" : " (a near-tie fell otherwise now)");
    console.say(fmt::format("  {:>7} {:>8} {:>7} {:>10} {:>10} {:>10} {:>9}  {:<32}  {}",
                            fmt::format("{}.{}", found.layers[static_cast<std::size_t>(fate.layer)], fate.lane),
                            fate.leftAt < 0 ? "never" : grouped(fate.leftAt), fate.token < 0 ? "-" : grouped(fate.token),
                            number(fate.score), number(fate.lowestKept), cut ? fmt::format("{:+.3g}", fate.margin()) : "-",
                            verdict && verdict->rank > 0 ? fmt::format("{}/{}", verdict->rank, verdict->among) : "-", by,
                            fate.leftAt < 0   ? std::string("-")
                            : fate.mostAt < 0 ? std::string("none")
                                              : fmt::format("{:.4g} in {} steps, most {:.3g} at {}", fate.asked,
                                                            grouped(fate.askedSteps), fate.most, grouped(fate.mostAt))));
}

Result<void> explainTokens(const ExplainLine& line, Console& console)
{
    WINNOW_TRY(const FileKind kind, fileKind(line.replay));
    if (kind != FileKind::Replay)
        return fail(ErrorCode::BadInput,
                    "'{}' is a {}; winnow explain takes a replay as winnow replay writes it, and then its trace", line.replay,
                    kindName(kind));
    WINNOW_TRY(const std::shared_ptr<const ReplayResult> replay, readReplay(line.replay));
    WINNOW_TRY_VOID(expectTrace(line.trace, "winnow explain"));
    WINNOW_TRY(const std::shared_ptr<const Trace> trace, openTrace(line.trace, console));
    AutopsyOptions options{.tokens = line.span.value_or(IndexRange{line.token.value_or(0), line.token.value_or(0)})};
    for (const int number : line.policies) {
        if (number > static_cast<int>(replay->policies.size()))
            return fail(ErrorCode::Usage, "there is no policy {}; '{}' holds {}, counted from 1", number, line.replay,
                        replay->policies.size());
        options.policies.push_back(number - 1);
    }
    if (trace->layerCount() == 0 || replay->layers.empty())
        return fail(ErrorCode::BadInput, "'{}' and '{}' hold no layer together, so there is nothing to explain", line.replay,
                    line.trace);
    WINNOW_TRY(options.lanes, lanesOf(line, *replay, trace->info().layerInfo.front().keyHeads));
    WINNOW_TRY(Autopsy found, autopsy(*trace, *replay, options, console.job(0, 0.5)));

    std::vector<std::vector<std::size_t>> shown;
    for (std::size_t i = 0; i < found.lines.size(); ++i) {
        Autopsy::Line& one = found.lines[i];
        shown.push_back(longestFirst(one));
        std::vector<std::size_t> asked = shown.back();
        if (line.out.empty())
            asked.resize(std::min(asked.size(), static_cast<std::size_t>(line.rows)));
        const double step = 0.5 / double(found.lines.size());
        WINNOW_TRY_VOID(
            addVerdicts(*trace, *replay, one, asked, console.job(0.5 + step * double(i), 0.5 + step * double(i + 1))));
    }
    if (!line.out.empty())
        WINNOW_TRY_VOID(writeTables(autopsyTables(found), replay->manifest, line.out));

    const auto [first, last] = found.tokens;
    console.say(fmt::format(
        "{} {}, {} of {} lanes, {}",
        first == last ? fmt::format("token {}", grouped(first)) : fmt::format("tokens {} to {}", grouped(first), grouped(last)),
        wordsOf(trace->info(), found.tokens), found.lanes.size(),
        replay->layers.size() * static_cast<std::size_t>(trace->info().layerInfo.front().keyHeads), replay->loopName()));
    if (replay->closedLoop())
        console.say("scores, cuts and ranks are those of a replay over the recording (open loop), not of the run");
    tellAttention(found, console);
    for (std::size_t i = 0; i < found.lines.size(); ++i) {
        const Autopsy::Line& one = found.lines[i];
        const PolicyReplay& policy = *replay->policies[static_cast<std::size_t>(one.policy)];
        console.say(fmt::format("\n{} {}: {}", one.policy + 1, one.label, fateWords(one, policy, first == last)));
        if (const auto explains = checkExplains(*replay, one.policy); !explains)
            console.say(fmt::format("  {}", explains.error().message));
        console.say(fmt::format("  {:>7} {:>8} {:>7} {:>10} {:>10} {:>10} {:>9}  {:<32}  {}", "lane", "left at", "token", "score",
                                "cut", "margin", "rank", "outranked by", "attention it would still have got"));
        const std::size_t rows = std::min(shown[i].size(), static_cast<std::size_t>(line.rows));
        for (std::size_t row = 0; row < rows; ++row)
            tellRow(found, one.fates[shown[i][row]], trace->info(), console);
        if (rows < shown[i].size())
            console.say(fmt::format("  … and {} (--rows, --lane and --out show them)",
                                    restWords(one, std::span(shown[i]).subspan(rows))));
    }
    const auto isByWindow = [](const Autopsy::Line& one) { return std::ranges::any_of(one.fates, &LaneFate::byWindow); };
    console.say(
        "\nlane: layer.lane; cut: the lowest score that stayed among those that could have gone; rank: of those, 1 = most "
        "worth keeping");
    if (std::ranges::any_of(found.lines, isByWindow))
        console.say("model's window: the model's own sliding window dropped it at that step, as it does under every policy");
    if (!line.out.empty())
        console.say(fmt::format("wrote {}", line.out));
    return {};
}

} // namespace

void addExplain(CLI::App& app, Chosen& chosen)
{
    auto line = std::make_shared<ExplainLine>();
    CLI::App* command = app.add_subcommand(
        "explain",
        "Why a token was evicted: when, with what score, which token stayed in its place, which steps attended to it later");
    chosen.files.reads(command->add_option("replay", line->replay, "a replay, .h5 or .npz"))->required()->type_name("R.h5");
    chosen.files.reads(command->add_option("trace", line->trace, "the trace that was replayed"))->required()->type_name("T.h5");
    command->add_option("--token", line->token, "the token, counted from 0")->type_name("I")->check(CLI::NonNegativeNumber);
    addRange(*command, "--span", line->span, "tokens, first to last, looked at together");
    command
        ->add_option("--lane", line->lanes,
                     "only this lane: layer of the model and KV head; give it once for each (all unless said)")
        ->type_name("L.H")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->check([](const std::string& typed) {
            return layerAndHead(typed) ? std::string() : fmt::format("takes layer.head, for example 0.3, not '{}'", typed);
        });
    command->add_option("--policies", line->policies, "only these policies of the replay, counted from 1 (all unless said)")
        ->type_name("N,…")
        ->delimiter(',')
        ->check(CLI::PositiveNumber);
    command->add_option("--rows", line->rows, "lanes listed for each policy, those that held the token longest first")
        ->type_name("N")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    chosen.files
        .writes(command->add_option("--out", line->out, "F.csv or F.npz: curves over steps and every lane, as numbers"),
                {{"csv", WrittenKind::Numbers}, {"npz", WrittenKind::Numbers}})
        ->type_name("FILE");
    command->callback([line, &chosen] {
        if (line->token.has_value() == line->span.has_value())
            throw CLI::ValidationError("--token", "or --span says which tokens; give one of the two");
        chosen.usageIsWrongLine = true;
        chosen.work = [line](Console& console) { return explainTokens(*line, console); };
    });
}

} // namespace winnow::cli
