// SPDX-License-Identifier: GPL-3.0-or-later
// winnow replay: trace + policies → who keeps what, and what it costs.
#include "app/cli/commands.h"
#include "app/cli/policy_lines.h"
#include "app/cli/ranges.h"
#include "app/cli/shown_layers.h"
#include "app/cli/trace_input.h"
#include "core/analysis/means.h"
#include "core/io/disk.h"
#include "core/replay/ran_on.h"
#include "core/replay/replay.h"
#include "core/replay/replay_file.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <numeric>

namespace winnow::cli {

namespace {

struct ReplayLine {
    std::string trace, device = "auto";
    std::vector<std::string> outs;
    PolicyLines policies;
    int prompt = 0;
    bool noOracle = false, evictors = false;
    std::vector<IndexRange> layers;
};

std::string shown(const std::optional<double>& value) { return value ? fmt::format("{:.4f}", *value) : "-"; }

Result<void> replayTrace(const ReplayLine& line, Console& console)
{
    WINNOW_TRY(const std::vector<PolicySpec> specs, specsOf(line.policies, console));
    WINNOW_TRY_VOID(expectTrace(line.trace, "winnow replay"));
    WINNOW_TRY(const std::shared_ptr<const Trace> trace, openTrace(line.trace, console));
    ReplayOptions options;
    std::shared_ptr<const Trace> chosen = trace;
    if (line.layers.size() == 1)
        options.layers = line.layers.front();
    else if (!line.layers.empty()) {
        WINNOW_TRY(chosen, withLayers(trace, line.layers));
    }
    options.prompt = line.prompt;
    options.device = line.device;
    options.oracle = !line.noOracle;
    options.evictors = line.evictors;
    options.planned = [&](const std::string& memory) {
        console.say(fmt::format("replaying {} tokens under {} {}: {}", grouped(trace->tokenCount()), specs.size(),
                                specs.size() == 1 ? "policy" : "policies", memory));
    };
    WINNOW_TRY(const std::shared_ptr<const ReplayResult> result, replay(*chosen, specs, options, console.job()));
    for (const std::string& out : line.outs)
        WINNOW_TRY_VOID(writeReplay(*result, out));
    summarize(*result, console);
    for (const std::string& out : line.outs)
        console.say(fmt::format("wrote {}", out));
    return {};
}

} // namespace

void summarize(const ReplayResult& result, Console& console)
{
    const StepSpan steps = meanSteps(result.policies, result.prompt);
    console.say(fmt::format("open loop, means over steps {} to {}", steps.begin, steps.end - 1));
    console.say(fmt::format("{:<12} {:>7} {:>9} {:>9} {:>9} {:>9} {:>12} {:>12} {:>12}", "policy", "slots", "stored", "mass",
                            "error", "regret", "bytes", "padded", "tied"));
    for (const auto& policy : result.policies) {
        std::vector<int> lanes(static_cast<std::size_t>(policy->layers) * policy->lanes);
        std::iota(lanes.begin(), lanes.end(), 0);
        const auto mean = [&](Metric metric) { return shown(meanMetric(*policy, metric, lanes, steps)); };
        const CacheBytes bytes = cacheBytes(result, *policy, Step(policy->tokens - 1));
        const ChoiceCount choices = countChoices(*policy);
        console.say(fmt::format("{:<12} {:>7} {:>9.1f} {:>9} {:>9} {:>9} {:>12} {:>12} {:>12}", policy->spec.name, policy->budget,
                                meanStored(*policy, steps.begin, steps.end), mean(Metric::Mass), mean(Metric::Error),
                                mean(Metric::Regret), sizeText(bytes.logical), sizeText(bytes.physical),
                                choices.made > 0 ? fmt::format("{}/{}", choices.tied, choices.made) : "-"));
    }
    if (const std::string devices = ranOnText(result); !devices.empty())
        console.say(devices);
    console.say("slots: asked for; stored: per lane on average; tied: choices that the order of equal scores decided, of all");
}

void addReplay(CLI::App& app, Chosen& chosen)
{
    auto line = std::make_shared<ReplayLine>();
    CLI::App* command = app.add_subcommand("replay", "Replay eviction policies over a trace (open loop)");
    chosen.files.reads(command->add_option("trace", line->trace, "the trace, as written by winnow record"))
        ->required()
        ->type_name("T.h5");
    addPolicyLines(*command, chosen.files, line->policies, "replay");
    command->add_option("--prompt", line->prompt, "process the first N tokens with full attention")
        ->type_name("N")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    addRanges(*command, "--layers", line->layers,
              "layers to replay, first to last, or several with commas: 5,11,17-18 (all unless said)");
    command->add_option("--device", line->device, "auto, cpu, cuda, cuda:n, or several with commas: they share the layers")
        ->type_name("DEVICE")
        ->capture_default_str();
    command->add_flag("--evictors", line->evictors,
                      "also compute two oracles of eviction that know the text to come and hold as many slots: a greedy policy, "
                      "and a bound that no policy exceeds");
    command->add_flag("--no-oracle", line->noOracle, "leave out the top-k oracle and the regret against it");
    chosen.files
        .writes(command->add_option("--out", line->outs,
                                    "R.h5, R.npz (everything) or R.csv (means over lanes); may be given more than once"),
                {{"h5", WrittenKind::Replay}, {"npz", WrittenKind::Replay}, {"csv", WrittenKind::Numbers}})
        ->required()
        ->type_name("FILE")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command->callback([line, &chosen] {
        chosen.usageIsWrongLine = true;
        chosen.work = [line](Console& console) { return replayTrace(*line, console); };
    });
}

} // namespace winnow::cli
