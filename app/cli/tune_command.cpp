// SPDX-License-Identifier: GPL-3.0-or-later
// winnow tune: which parameters of a policy serve some texts best, and is that more than chance?
#include "app/cli/commands.h"
#include "app/cli/model_options.h"
#include "app/cli/number_checks.h"
#include "app/cli/ranges.h"
#include "app/cli/shown_layers.h"
#include "app/cli/trace_input.h"
#include "core/analysis/tune/tuning_words.h"
#include "core/evaluate/run.h"
#include "core/replay/replay.h"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace winnow::cli {

namespace {

struct TuneLine {
    std::vector<std::string> traces, over;
    std::string policy, budget, metric = "error", model, out, device = "auto";
    std::optional<std::size_t> holdOut;
    std::vector<IndexRange> layers;
    int prompt = 0;
    std::size_t most = 400;
};

Result<PolicySpec> startOf(const TuneLine& line)
{
    WINNOW_TRY(PolicySpec spec, parsePolicySpec(line.policy));
    if (line.budget.empty())
        return spec;
    if (spec.value("budget").empty())
        return fail(ErrorCode::Usage, "{} has no budget to choose; leave --budget out", spec.name);
    return spec.with("budget", line.budget);
}

Result<std::vector<TuneAxis>> axesOf(const TuneLine& line, const PolicySpec& start, int slots)
{
    std::vector<TuneAxis> axes;
    for (const std::string& typed : line.over) {
        WINNOW_TRY(TuneAxis axis, tuneAxis(start, typed, slots));
        for (const TuneAxis& other : axes)
            if (other.parameter == axis.parameter)
                return fail(ErrorCode::Usage, "--over names '{}' twice", axis.parameter);
        axes.push_back(std::move(axis));
    }
    return axes;
}

/// A third of several texts is held out, unless the line says how many.
Result<std::size_t> heldOutOf(const TuneLine& line)
{
    const std::size_t texts = line.traces.size();
    const std::size_t held = line.holdOut.value_or(texts > 1 ? std::max<std::size_t>(1, texts / 3) : 0);
    if (texts == 1 && held > 0)
        return fail(ErrorCode::Usage, "--hold-out {} needs a trace to hold out, and the only one is searched; give more traces",
                    held);
    if (held >= texts)
        return fail(ErrorCode::Usage, "--hold-out {} leaves none of the {} traces to search; hold out at most {}", held, texts,
                    texts - 1);
    return held;
}

/// A gain on a text that was held out is worth little where the same text was searched.
void warnOfSearched(const TuneLine& line, std::span<const std::shared_ptr<const Trace>> traces, std::size_t heldOut,
                    Console& console)
{
    const std::size_t searched = traces.size() - heldOut;
    for (std::size_t held = searched; held < traces.size(); ++held)
        for (std::size_t other = 0; other < searched; ++other) {
            const auto &one = traces[held]->info().tokens, &two = traces[other]->info().tokens;
            const auto common = static_cast<std::ptrdiff_t>(std::min(one.size(), two.size()));
            if (std::equal(one.begin(), one.begin() + common, two.begin()))
                console.warn(fmt::format("'{}' is held out, and '{}', which is searched, is of the same text: the gain flatters "
                                         "the setting; give traces of different texts",
                                         line.traces[held], line.traces[other]));
        }
}

Result<const Metric*> metricOf(const TuneLine& line)
{
    const Metric* metric = findMetric(line.metric);
    std::string names;
    for (const Metric& known : metricCatalog())
        if (!known.whole)
            names += (names.empty() ? "" : ", ") + std::string(known.name);
    if (!metric || metric->whole)
        return fail(ErrorCode::Usage, "--metric takes one of {}, not '{}'", names, line.metric);
    if (metric->ofModel && line.model.empty())
        return fail(ErrorCode::Usage, "{} is measured in the closed loop; say with --model which model runs the texts",
                    metric->name);
    if (!line.model.empty() && !line.layers.empty())
        return fail(ErrorCode::Usage, "a model runs in all its layers; leave out --layers or --model");
    return metric;
}

void tellCurves(const Tuning& tuning, Console& console)
{
    for (std::size_t axis = 0; axis < tuning.axes.size(); ++axis) {
        const TuneAxis& told = tuning.axes[axis];
        console.say(fmt::format("\n{:<16} {:>9} {:>9}", told.parameter, tuning.metric->name, "stored"));
        for (const std::size_t index : tuning.curve(axis)) {
            const TuneSetting& setting = tuning.settings[index];
            const std::size_t value = setting.at[axis];
            console.say(fmt::format("{:<16} {:>9.4f} {:>9.1f}{}{}", told.values[value], setting.value, setting.stored,
                                    index == tuning.best ? "  best" : "", value == told.start ? "  start" : ""));
        }
    }
}

void tellTuning(const Tuning& tuning, Console& console)
{
    const TuneSetting &start = tuning.settings.front(), &best = tuning.settings[tuning.best];
    console.say(searchWords(tuning));
    tellCurves(tuning, console);
    console.say("");
    console.say(fmt::format("start    {}", start.spec.canonical()));
    console.say(fmt::format("best     {}", best.spec.canonical()));
    console.say(fmt::format("searched {}", gainWords(tuning.searched, *tuning.metric)));
    if (tuning.heldOut)
        console.say(fmt::format("held out {}", gainWords(*tuning.heldOut, *tuning.metric)));
    for (const std::string& remark : tuningRemarks(tuning))
        console.say(remark);
}

Result<void> tunePolicy(const TuneLine& line, Console& console)
{
    WINNOW_TRY(const Metric* metric, metricOf(line));
    WINNOW_TRY(const PolicySpec start, startOf(line));
    WINNOW_TRY(const std::size_t heldOut, heldOutOf(line));
    std::vector<std::shared_ptr<const Trace>> traces;
    std::vector<int> tokens;
    for (const std::string& path : line.traces) {
        WINNOW_TRY_VOID(expectTrace(path, "winnow tune"));
        WINNOW_TRY(traces.emplace_back(), openTrace(path, console));
        tokens.push_back(traces.back()->tokenCount());
        if (line.layers.size() > 1) {
            WINNOW_TRY(traces.back(), withLayers(traces.back(), line.layers));
        }
    }
    TuneOptions options{.start = start, .metric = metric, .tokens = tokens, .heldOut = heldOut, .prompt = line.prompt};
    options.most = line.most;
    WINNOW_TRY(options.axes, axesOf(line, start, start.budget().slotCount(*std::ranges::min_element(tokens))));
    options.judge = [&](std::size_t text, std::span<const PolicySpec> specs,
                        const JobContext& job) -> Result<std::shared_ptr<const ReplayResult>> {
        if (line.model.empty()) {
            ReplayOptions replayed{.prompt = line.prompt, .device = line.device, .oracle = metric == &Metric::Regret};
            if (line.layers.size() == 1)
                replayed.layers = line.layers.front();
            return replay(*traces[text], specs, replayed, job);
        }
        RunOptions run = runOf(traces[text]->info());
        run.text.model = line.model;
        run.text.device = line.device;
        run.policies.assign(specs.begin(), specs.end());
        run.prompt = line.prompt;
        run.full = metric != &Metric::Loss;
        return runText(run, {}, job);
    };
    std::string axes;
    for (const TuneAxis& axis : options.axes)
        axes += fmt::format("{}{} ({} values)", axes.empty() ? "" : ", ", axis.parameter, axis.values.size());
    console.say(fmt::format("tuning {} over {} by {}, {}: {} searched, {} held out", start.canonical(), axes, metric->name,
                            line.model.empty() ? "open loop" : "closed loop", tokens.size() - heldOut, heldOut));
    WINNOW_TRY(const Tuning tuning, tune(options, console.job()));
    tellTuning(tuning, console);
    warnOfSearched(line, traces, heldOut, console);
    if (!line.out.empty()) {
        WINNOW_TRY_VOID(writeTables(tuningTables(tuning), traces.front()->info().manifest, line.out));
        console.say(fmt::format("wrote {}", line.out));
    }
    return {};
}

} // namespace

void addTune(CLI::App& app, Chosen& chosen)
{
    auto line = std::make_shared<TuneLine>();
    CLI::App* command = app.add_subcommand("tune", "Search the parameters of a policy that serve some texts best");
    FileOptions& files = chosen.files;
    files.reads(command->add_option("traces", line->traces, "recordings; the last ones are held out"))
        ->required()
        ->type_name("T.h5");
    files.readsPolicies(command->add_option("--policy", line->policy, "the policy; its values are what a gain is told against"))
        ->required()
        ->type_name("SPEC");
    command->add_option("--budget", line->budget, "the policy's budget, e.g. 128 or 25%")->type_name("N|P%");
    command
        ->add_option("--over", line->over,
                     "the parameters to search, with commas: sinks, or a range sinks=0-32, or values next=min/mean")
        ->required()
        ->delimiter(',')
        ->type_name("NAME[=…]");
    command
        ->add_option("--metric", line->metric,
                     "what is made better: mass, error or regret of the replay; loss or kl of the model that --model names")
        ->type_name("NAME")
        ->capture_default_str();
    command
        ->add_option("--hold-out", line->holdOut,
                     "of the last so many traces the gain is told, and they are not searched (a third of several, unless said)")
        ->check(wholeFromZero)
        ->type_name("N");
    files.readsModel(command->add_option("--model", line->model, "run the texts in this model, and do not replay them"))
        ->type_name("PATH");
    command->add_option("--prompt", line->prompt, "process the first N tokens with full attention")
        ->type_name("N")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command
        ->add_option("--settings", line->most,
                     "settings that are tried at most; all combinations where they are fewer, else one parameter after the other")
        ->type_name("N")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    addRanges(*command, "--layers", line->layers,
              "layers to replay, first to last, or several with commas: 5,11,17-18 (all unless said)");
    command->add_option("--device", line->device, "auto, cpu, cuda, cuda:n, or several with commas")
        ->type_name("DEVICE")
        ->capture_default_str();
    files
        .writes(command->add_option("--out", line->out, "every setting with its metric, F.csv or F.npz"),
                {{"csv", WrittenKind::Numbers}, {"npz", WrittenKind::Numbers}})
        ->type_name("FILE");
    command->callback([line, &chosen] {
        chosen.usageIsWrongLine = true;
        chosen.work = [line](Console& console) { return tunePolicy(*line, console); };
    });
}

} // namespace winnow::cli
