// winnow figure, wavelet and attention: numbers and pictures from traces and replays.
#include "app/cli/commands.h"
#include "app/cli/figure_texts.h"
#include "app/cli/file_kind.h"
#include "core/replay/replay_file.h"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace winnow::cli {

namespace {

struct FigureLine {
    std::string name, out;
    std::vector<std::string> inputs;
    std::vector<std::string> lanes, againstLanes;
    std::optional<int> layer, head;
    std::vector<int> policies;
    FigureOptions options;
    std::string scale = "linear", dtype = "float32";
    TextsOptions texts;
    bool list = false;
};
using Line = std::shared_ptr<FigureLine>;

bool isNumbers(const std::string& extension) { return extension == "csv" || extension == "npz"; }

Result<void> checkDrawing(const FigureDoor& door, const std::filesystem::path& out)
{
    if (!isNumbers(extensionOf(out)) && !door.draw)
        return fail(ErrorCode::BadInput,
                    "'{}' is a picture, and this Winnow was built without its window, which draws them; take .csv or .npz, or build "
                    "with -DWINNOW_WINDOW=ON",
                    out.string());
    return {};
}

Result<FigureInputs> openInputs(const std::vector<std::string>& paths, Console& console)
{
    FigureInputs inputs;
    for (const std::string& path : paths) {
        WINNOW_TRY(const FileKind kind, fileKind(path));
        if (kind == FileKind::Trace) {
            WINNOW_TRY(std::shared_ptr<const Trace> trace, Trace::open(path));
            if (!trace->info().complete)
                console.warn(fmt::format("'{}' was cut short while recording; its first {} tokens are used", path,
                                         grouped(trace->tokenCount())));
            inputs.traces.push_back(std::move(trace));
        } else if (kind == FileKind::Replay) {
            WINNOW_TRY(std::shared_ptr<const ReplayResult> replay, readReplay(path));
            inputs.replays.push_back(std::move(replay));
        } else {
            return fail(ErrorCode::BadInput, "'{}' is a {}; a figure is made from traces (winnow record) or replays (winnow replay)",
                        path, kindName(kind));
        }
    }
    return inputs;
}

/// "0.3" → layer 0, head 3.
std::pair<int, int> laneOf(const char* option, const std::string& typed)
{
    int layer = 0, head = 0;
    char rest = 0;
    if (std::sscanf(typed.c_str(), "%d.%d%c", &layer, &head, &rest) != 2 || layer < 0 || head < 0)
        throw CLI::ValidationError(option, fmt::format("takes layer.head, for example 0.3, not '{}'", typed));
    return {layer, head};
}

Result<void> makeAndSave(const FigureLine& line, const FigureDoor& door, Console& console)
{
    WINNOW_TRY_VOID(checkDrawing(door, line.out));
    WINNOW_TRY(const FigureInfo info, findFigure(line.name));
    WINNOW_TRY(FigureInputs inputs, openInputs(line.inputs, console));
    if (!line.texts.texts.empty()) {
        if (info.needs != FigureNeeds::Trace || info.name == "attention")
            return fail(ErrorCode::Usage, "--texts are averaged by treekv-2, wavelet and scale-slope, not by the figure '{}'", info.name);
        WINNOW_TRY(inputs.series, recordTexts(line.texts, console));
    }
    WINNOW_TRY(const Figure figure, makeFigure(info.name, inputs, line.options, console.job()));
    WINNOW_TRY_VOID(saveFigure(door, figure, line.options, line.out));
    if (!figure.caption.empty())
        console.say(figure.caption);
    console.say(fmt::format("wrote {}", line.out));
    return {};
}

std::string_view needsText(FigureNeeds needs)
{
    return needs == FigureNeeds::Trace ? "trace" : needs == FigureNeeds::Replay ? "replay" : "replay and trace";
}

void listFigures(Console& console)
{
    for (const FigureInfo& figure : figureCatalog())
        console.say(fmt::format("{:<12} {:<17} {}", figure.name, needsText(figure.needs), figure.summary));
}

void addOut(CLI::App& command, const Line& line, bool required, Chosen& chosen)
{
    chosen.files
        .writes(command.add_option("--out", line->out, "F.svg, F.pdf, F.png (pictures), F.csv or F.npz (numbers)"),
                {{"svg", WrittenKind::Picture},
                 {"pdf", WrittenKind::Picture},
                 {"png", WrittenKind::Picture},
                 {"csv", WrittenKind::Numbers},
                 {"npz", WrittenKind::Numbers}})
        ->required(required)
        ->type_name("FILE");
    command.add_option("--width", line->options.width, "width of the picture in inches: 3.25 a column, 5.5 the text, 6.75 the page")
        ->type_name("INCHES")->check(CLI::Range(1.0, 40.0))->capture_default_str();
    command.add_option("--dpi", line->options.dpi, "dots per inch of png and of maps inside svg and pdf")
        ->type_name("N")->check(CLI::Range(36.0, 2400.0))->capture_default_str();
}

void addAgainst(CLI::App& command, const Line& line)
{
    FigureAgainst& against = line->options.against;
    const auto number = [&](const char* name, std::optional<int>& value, const char* help, const char* type) {
        command.add_option(name, value, help)->type_name(type)->check(CLI::NonNegativeNumber);
    };
    number("--against-step", against.step, "a second picture beside the first: of this step", "T");
    number("--against-layer", against.layer, "… of this layer of the model", "L");
    number("--against-head", against.head, "… of this query head", "H");
    command.add_option("--against-lanes", line->againstLanes, "… of these lanes, layer.head, or `all`")->type_name("L.H,…")->delimiter(',');
    command.add_option("--against-policy", against.policy, "… of this policy of the replay, a number from 1 (lost-bands)")
        ->type_name("N")->check(CLI::PositiveNumber);
    command.add_flag("--difference", against.difference, "the first minus the second instead of both");
}

void addWaveletOptions(CLI::App& command, const Line& line)
{
    command.add_option("--step", line->options.steps, "step, or several to average: 511 or 255,511 (the last unless said)")
        ->type_name("T")->delimiter(',')->check(CLI::NonNegativeNumber);
    command.add_option("--wavelet", line->options.wavelet,
                       "haar, db1 to db20, sym2 to sym20, coif1 to coif5, bior1.1 to bior6.8, rbio1.1 to rbio6.8, dmey; with --transform cwt "
                       "morlet6, paul4, mexh, dog2, cmor1.5-1.0, shan1.5-1.0, fbsp2-1.0-1.5, with any numbers")
        ->type_name("NAME")->capture_default_str();
    command.add_option("--transform", line->options.transform,
                       "dwt (half the coefficients at every level), stationary or modwt (all of them), cwt (a scalogram), packets (best basis)")
        ->type_name("NAME")->capture_default_str();
    command.add_option("--signal", line->options.signal,
                       "what is transformed: contribution (attention times value), attention, value-norm, leave-one-out, accumulated")
        ->type_name("NAME")->capture_default_str();
    command.add_option("--omega0", line->options.omega0, "of Morlet's wavelet, oscillations in its envelope (--transform cwt; 6 unless said)")
        ->type_name("W")->check(CLI::Range(1.0, 100.0));
    command.add_option("--scales", line->options.perOctave, "scales in an octave (--transform cwt)")
        ->type_name("N")->check(CLI::Range(1.0, 64.0))->capture_default_str();
    command.add_option("--noise", line->options.noise, "none, white or red: what power is significant against (--transform cwt)")
        ->type_name("NAME")->check(CLI::IsMember({"none", "white", "red"}))->capture_default_str();
    command.add_option("--mode", line->options.mode, "how the signal goes on beyond its ends, named as in PyWavelets")
        ->type_name("MODE")->capture_default_str();
    command.add_option("--levels", line->options.levels, "levels of the decomposition")
        ->type_name("N")->check(CLI::Range(1, 24))->capture_default_str();
    command.add_option("--hide", line->options.hide, "positions trimmed from both ends of a picture, never from its numbers")
        ->type_name("N")->check(CLI::NonNegativeNumber)->capture_default_str();
    command.add_option("--trim", line->options.trim, "positions left out at both ends before the transform (--transform cwt)")
        ->type_name("N")->check(CLI::NonNegativeNumber)->capture_default_str();
    addAgainst(command, line);
    addRange(command, "--layers", line->options.layers, "layers to average over, first to last (all unless said)");
}

void addTexts(CLI::App& command, const Line& line, Chosen& chosen)
{
    chosen.files
        .reads(command.add_option(
            "--texts", line->texts.texts,
            "average over texts: JSON lines, each {\"text\": \"…\"} or a string; recorded one at a time and thrown "
            "away (treekv-2, wavelet, scale-slope)"))
        ->type_name("FILE.jsonl|-");
    chosen.files
        .readsModel(command.add_option("--model", line->texts.model, "the model for --texts (the demo model unless said)"))
        ->type_name("PATH");
    command.add_option("--text-tokens", line->texts.tokens, "tokens of each text; shorter texts are left out")
        ->type_name("N")->check(CLI::Range(2, 1 << 24))->capture_default_str();
    command.add_option("--dtype", line->dtype, "number type the model runs in for --texts: float32, bfloat16 or float16 (CUDA only)")
        ->type_name("TYPE")->check(CLI::IsMember({"float32", "bfloat16", "float16"}))->capture_default_str();
    command.add_option("--device", line->texts.device, "for --texts: auto, cpu, cuda or cuda:n")->type_name("DEVICE")->capture_default_str();
}

void addHead(CLI::App& command, const Line& line, bool required)
{
    command.add_option("--layer", line->layer, "layer of the model, from 0")
        ->required(required)->type_name("L")->check(CLI::NonNegativeNumber);
    command.add_option("--head", line->head, "query head, from 0")->required(required)->type_name("H")->check(CLI::NonNegativeNumber);
}

void addAttentionOptions(CLI::App& command, const Line& line)
{
    addRange(command, "--queries", line->options.queries, "rows: steps, first to last (all unless said)");
    addRange(command, "--keys", line->options.keys, "columns: tokens, first to last (all unless said)");
    command.add_option("--scale", line->scale, "linear or log")->type_name("SCALE")->check(CLI::IsMember({"linear", "log"}))
        ->capture_default_str();
    command.add_flag("--mask-sinks", line->options.maskSinks, "leave the first four keys out of the picture");
}

void addReplayOptions(CLI::App& command, const Line& line)
{
    command.add_option("--metric", line->options.metric, "mass, error, regret or slots (figures mass and lanes)")
        ->type_name("NAME")->check(CLI::IsMember({"mass", "error", "regret", "slots"}))->capture_default_str();
    command.add_option("--policies", line->policies, "policies of the replay, numbers from 1 (all unless said)")
        ->type_name("N,…")->delimiter(',')->check(CLI::PositiveNumber);
    command.add_option("--lanes", line->lanes, "lanes as layer.head, for example 0.3,5.1 (all unless said)")
        ->type_name("L.H,…")->delimiter(',');
    addRange(command, "--tokens", line->options.tokenRange, "columns of retention maps, tokens of kept and text, first to last");
    addRange(command, "--steps", line->options.stepRange, "rows of retention maps; steps that means run over");
}

/// Moves what was parsed into place and sets the work. Runs while parsing, so what it throws is a wrong command line.
void choose(const Line& line, Chosen& chosen)
{
    line->options.layer = line->layer;
    line->options.head = line->head;
    line->options.logScale = line->scale == "log";
    line->texts.dtype = line->dtype == "bfloat16" ? Dtype::BFloat16 : line->dtype == "float16" ? Dtype::Float16 : Dtype::Float32;
    for (const int step : line->options.steps)
        line->texts.tokens = std::max(line->texts.tokens, step + 1);
    for (const int policy : line->policies)
        line->options.policies.push_back(policy);
    for (const std::string& typed : line->lanes)
        line->options.lanes.push_back(laneOf("--lanes", typed));
    if (!line->againstLanes.empty()) {
        line->options.against.lanes.emplace();
        if (line->againstLanes != std::vector<std::string>{"all"})
            for (const std::string& typed : line->againstLanes)
                line->options.against.lanes->push_back(laneOf("--against-lanes", typed));
    }
    chosen.work = [line, door = chosen.door](Console& console) { return makeAndSave(*line, door, console); };
}

} // namespace

Result<void> saveFigure(const FigureDoor& door, const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    if (isNumbers(extensionOf(out)))
        return writeFigureNumbers(figure, out);
    WINNOW_TRY_VOID(checkDrawing(door, out));
    return door.draw(figure, options, out);
}

void addWavelet(CLI::App& app, Chosen& chosen)
{
    auto line = std::make_shared<FigureLine>();
    line->name = "wavelet";
    CLI::App* command = app.add_subcommand("wavelet", "How much every position contributes to a step, band by band");
    chosen.files.reads(command->add_option("trace", line->inputs, "the trace; several are averaged"))->type_name("T.h5");
    addWaveletOptions(*command, line);
    addTexts(*command, line, chosen);
    addHead(*command, line, false);
    addOut(*command, line, true, chosen);
    command->callback([line, &chosen] {
        if (line->inputs.empty() && line->texts.texts.empty())
            throw CLI::RequiredError("T.h5 (a trace) or --texts");
        choose(line, chosen);
    });
}

void addAttention(CLI::App& app, Chosen& chosen)
{
    auto line = std::make_shared<FigureLine>();
    line->name = "attention";
    CLI::App* command = app.add_subcommand("attention", "The attention of one query head, exactly as the model computed it");
    chosen.files.reads(command->add_option("trace", line->inputs, "the trace"))->required()->expected(1)->type_name("T.h5");
    addHead(*command, line, true);
    addAttentionOptions(*command, line);
    addOut(*command, line, true, chosen);
    command->callback([line, &chosen] { choose(line, chosen); });
}

void addFigure(CLI::App& app, Chosen& chosen)
{
    auto line = std::make_shared<FigureLine>();
    CLI::App* command = app.add_subcommand("figure", "A figure by its name, from traces or replays; --list tells the names");
    command->add_option("name", line->name, "a name of --list")->type_name("NAME");
    chosen.files.reads(command->add_option("inputs", line->inputs, "traces or replays"))->type_name("FILE…");
    command->add_flag("--list", line->list, "the figures there are, and what each is made from");
    addWaveletOptions(*command, line);
    addTexts(*command, line, chosen);
    addHead(*command, line, false);
    addAttentionOptions(*command, line);
    addReplayOptions(*command, line);
    addOut(*command, line, false, chosen);
    command->callback([line, &chosen] {
        if (line->list) {
            chosen.work = [](Console& console) -> Result<void> {
                listFigures(console);
                return {};
            };
            return;
        }
        const bool nothing = line->inputs.empty() && line->texts.texts.empty();
        if (line->name.empty() || nothing || line->out.empty())
            throw CLI::RequiredError(line->name.empty() ? "NAME" : nothing ? "FILE (a trace or replay)" : "--out");
        choose(line, chosen);
    });
}

} // namespace winnow::cli
