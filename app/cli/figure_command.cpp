// SPDX-License-Identifier: GPL-3.0-or-later
// winnow figure, wavelet and attention: numbers and pictures from traces and replays. What a figure reads and how its options are
// typed stands in the catalogs of core/analysis/figures.
#include "app/cli/commands.h"
#include "app/cli/figure_files.h"
#include "app/cli/figure_texts.h"
#include "core/analysis/figures/paper_presets.h"
#include "core/io/output_file.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>

namespace winnow::cli {

namespace {

struct FigureLine {
    std::string name, out;
    std::vector<std::string> inputs;
    FigureOptions options;
    std::vector<std::string> given;     ///< words of the table of options that were typed
    std::vector<std::string> textWords; ///< the same of those for --texts
    TextsOptions texts;
    std::string dtype = "float32";
    std::optional<std::string> frames; ///< as typed; `steps` says what it means
    std::vector<int> steps;            ///< of the frames
    void (*list)(Console&) = nullptr;  ///< what --list and its kin tell in place of a figure
};
using Line = std::shared_ptr<FigureLine>;

/// A whole sentence of ours. (What stands before a colon in a ValidationError is taken for the name of an option.)
[[noreturn]] void throwWrong(const std::string& sentence) { throw CLI::ParseError(sentence, CLI::ExitCodes::ValidationError); }

constexpr double kFrameDpi = 110; ///< of moving pictures, where --dpi is not given

Result<void> checkDrawing(const FigureDoor& door, const std::filesystem::path& out)
{
    const bool moving = extensionOf(out) == "gif";
    WINNOW_TRY(const FigureFormat format, moving ? FigureFormat::Png : figureFormat(out));
    if (isPicture(format) && !door.draw)
        return fail(
            ErrorCode::BadInput,
            "'{}' is a picture, and this Winnow was built without its window, which draws them; take .csv or .npz, or build "
            "with -DWINNOW_WINDOW=ON",
            out.string());
    return {};
}

/// A frame for every step of --frames.
Result<void> animate(const FigureLine& line, const FigureKind& kind, const FigureInputs& inputs, const FigureDoor& door,
                     Console& console)
{
    FigureOptions options = line.options;
    if (std::find(line.given.begin(), line.given.end(), "--dpi") == line.given.end())
        options.dpi = kFrameDpi;
    std::size_t done = 0;
    const auto make = [&](int step) {
        FigureOptions one = options;
        one.steps = {step};
        const double share = static_cast<double>(done++) / static_cast<double>(line.steps.size());
        return makeFigure(kind, inputs, one, console.job(share, share));
    };
    return door.animate(line.steps, make, options, line.out, console.job());
}

Result<void> makeAndSave(const FigureLine& line, const FigureKind& kind, const FigureDoor& door, Console& console)
{
    WINNOW_TRY_VOID(checkDrawing(door, line.out));
    WINNOW_TRY(FigureInputs inputs, openFigureInputs(kind, line.inputs, console));
    if (!line.texts.texts.empty()) {
        WINNOW_TRY(inputs.series, recordTexts(line.texts, console));
    }
    if (line.frames) {
        WINNOW_TRY_VOID(animate(line, kind, inputs, door, console));
        console.say(fmt::format("wrote {}", line.out));
        return {};
    }
    WINNOW_TRY(const Figure figure, makeFigure(kind, inputs, line.options, console.job()));
    WINNOW_TRY_VOID(saveFigure(door, figure, line.options, line.out));
    if (!figure.caption.empty())
        console.say(figure.caption);
    console.say(fmt::format("wrote {}", line.out));
    return {};
}

std::string_view needsText(FigureNeeds needs)
{
    switch (needs) {
    case FigureNeeds::Trace:
        return "trace";
    case FigureNeeds::Replay:
        return "replay";
    case FigureNeeds::Both:
        return "replay and trace";
    case FigureNeeds::Runs:
        return "replay and run";
    case FigureNeeds::Answers:
        return "answers";
    case FigureNeeds::Cells:
        return "sweep";
    }
    return {};
}

void listFigures(Console& console)
{
    for (const FigureKind& figure : figureCatalog())
        console.say(fmt::format("{:<14} {:<17} {}", figure.name, needsText(figure.needs), figure.summary));
}

void listPapers(Console& console)
{
    for (const PaperPreset& preset : paperPresets()) {
        console.say(fmt::format("{}: {}", preset.paper, preset.shows));
        console.say(fmt::format("    winnow figure {} {} --out F.svg", preset.words, preset.files));
        console.say(fmt::format("    differs: {}", preset.differs));
    }
}

/// The flag `name` lists something, and no figure is made.
void addListing(CLI::App& command, const Line& line, const char* name, const char* help, void (*list)(Console&))
{
    command.add_flag_callback(
        name, [line, list] { line->list = list; }, help);
}

void addOut(CLI::App& command, const Line& line, bool required, Chosen& chosen)
{
    const char* help = required ? "F.svg, F.pdf, F.png (pictures), F.csv or F.npz (numbers)"
                                : "F.svg, F.pdf, F.png (pictures), F.gif (moving, with --frames), F.csv or F.npz (numbers)";
    chosen.files
        .writes(command.add_option("--out", line->out, help), {{"svg", WrittenKind::Picture},
                                                               {"pdf", WrittenKind::Picture},
                                                               {"png", WrittenKind::Picture},
                                                               {"gif", WrittenKind::Picture},
                                                               {"csv", WrittenKind::Numbers},
                                                               {"npz", WrittenKind::Numbers}})
        ->required(required)
        ->type_name("FILE");
}

/// Reads what was typed for an option of the table.
void take(FigureLine& line, const FigureOption& option, const std::string& typed)
{
    line.given.push_back(option.word);
    if (const auto read = option.parse(typed, line.options); !read)
        throw CLI::ValidationError(option.word, read.error().message);
}

CLI::Option* addOption(CLI::App& command, const Line& line, const FigureOption& option, const std::string& help)
{
    if (option.type.empty())
        return command.add_flag_callback(
            option.word, [line, option] { take(*line, option, ""); }, help);
    CLI::Option* added = option.list
                             ? command.add_option_function<std::vector<std::string>>(
                                   option.word,
                                   [line, option](const std::vector<std::string>& parts) {
                                       take(*line, option, fmt::format("{}", fmt::join(parts, ",")));
                                   },
                                   help)
                             : command.add_option_function<std::string>(
                                   option.word, [line, option](const std::string& typed) { take(*line, option, typed); }, help);
    if (option.list)
        added->delimiter(',');
    added->type_name(option.type);
    if (!option.initial.empty())
        added->default_str(option.initial);
    return added;
}

/// The options that the figure reads.
void addOptionsOf(CLI::App& command, const Line& line, const FigureKind& kind, const std::vector<std::string>& required = {})
{
    for (const FigureOption& option : figureOptionTable()) {
        const auto readers = figuresThatRead(option.word);
        if (std::find(readers.begin(), readers.end(), kind.name) == readers.end())
            continue;
        CLI::Option* added = addOption(command, line, option, option.help);
        added->required(std::find(required.begin(), required.end(), option.word) != required.end());
    }
}

/// All options, each with the figures that read it.
void addEveryOption(CLI::App& command, const Line& line)
{
    for (const FigureOption& option : figureOptionTable()) {
        const auto readers = figuresThatRead(option.word);
        const bool everywhere = readers.size() == figureCatalog().size();
        addOption(command, line, option,
                  everywhere ? option.help : fmt::format("{} ({})", option.help, fmt::join(readers, ", ")));
    }
}

/// "treekv-2, wavelet and scale-slope".
std::string averagingFigures()
{
    std::string names;
    std::size_t left = 0;
    for (const FigureKind& kind : figureCatalog())
        left += kind.averages ? 1 : 0;
    for (const FigureKind& kind : figureCatalog())
        if (kind.averages)
            names += std::string(names.empty() ? "" : left == 1 ? " and " : ", ") + std::string(kind.name), --left;
    return names;
}

void addTexts(CLI::App& command, const Line& line, Chosen& chosen)
{
    chosen.files
        .reads(command.add_option(
            "--texts", line->texts.texts,
            fmt::format("average over texts: JSON lines, each {{\"text\": \"…\"}} or a string; recorded one at a time "
                        "and thrown away ({})",
                        averagingFigures())))
        ->type_name("FILE.jsonl|-");
    const auto added = [line](CLI::Option* option) {
        return option->each([line, word = option->get_name()](const std::string&) { line->textWords.push_back(word); });
    };
    added(chosen.files.readsModel(
              command.add_option("--model", line->texts.model, "the model for --texts (the demo model unless said)")))
        ->type_name("PATH");
    added(command.add_option("--text-tokens", line->texts.tokens, "tokens of each text; shorter texts are left out"))
        ->type_name("N")
        ->check(CLI::Range(2, 1 << 24))
        ->capture_default_str();
    added(command.add_option("--dtype", line->dtype,
                             "number type the model runs in for --texts: float32, bfloat16 or float16 (CUDA only)"))
        ->type_name("TYPE")
        ->check(CLI::IsMember({"float32", "bfloat16", "float16"}))
        ->capture_default_str();
    added(command.add_option("--device", line->texts.device, "for --texts: auto, cpu, cuda, cuda:n, or several with commas"))
        ->type_name("DEVICE")
        ->capture_default_str();
}

void checkTexts(FigureLine& line, const FigureKind& kind)
{
    if (line.texts.texts.empty()) {
        if (!line.textWords.empty())
            throwWrong(fmt::format("{} is read with --texts only; leave it out, or give texts", line.textWords.front()));
        return;
    }
    if (!kind.averages)
        throwWrong(fmt::format("--texts are averaged by {}, not by the figure '{}'", averagingFigures(), kind.name));
    line.texts.dtype = dtypeNamed(line.dtype);
    for (const int step : line.options.steps)
        line.texts.tokens = std::max(line.texts.tokens, step + 1);
}

/// The steps of --frames: "64-511:8" is every eighth.
std::vector<int> stepsOf(const std::string& typed)
{
    constexpr std::size_t kMostFrames = 2000;
    int first = 0, last = 0, every = 1, used = 0;
    const char* text = typed.c_str();
    const int read = std::sscanf(text, "%9d-%9d%n:%9d%n", &first, &last, &used, &every, &used);
    if (read < 2 || static_cast<std::size_t>(used) != typed.size() || first < 0 || last < first || every < 1)
        throwWrong(
            fmt::format("--frames takes steps, first to last, and after a colon every how many: 64-511:8; it got '{}'", typed));
    std::vector<int> steps;
    for (int step = first; step <= last; step += every)
        steps.push_back(step);
    if (steps.size() > kMostFrames)
        throwWrong(fmt::format("--frames {} are {} frames; take at most {}, for example every {} steps", typed, steps.size(),
                               kMostFrames, (last - first) / 500 + 1));
    return steps;
}

/// A moving picture is one figure of one step after another.
void checkFrames(FigureLine& line, const FigureKind& kind)
{
    const bool moving = extensionOf(line.out) == "gif";
    if (!line.frames) {
        if (moving)
            throwWrong(fmt::format("'{}' is a moving picture; say its steps: winnow figure {} --frames 64-511:8, for example",
                                   line.out, kind.name));
        return;
    }
    line.steps = stepsOf(*line.frames);
    if (!moving)
        throwWrong(
            fmt::format("--frames make a moving picture, and '{}' is none; give --out a name that ends in .gif", line.out));
    if (!line.options.steps.empty() || !line.texts.texts.empty())
        throwWrong("--frames take the place of --step, and of --texts; leave one out");
    if (auto why = whyUnread(kind, "--step", line.options)) { // a frame is the figure of one step
        const std::string_view step = "--step";
        for (std::size_t at = 0; (at = why->find(step, at)) != std::string::npos; at += step.size())
            why->replace(at, step.size(), "--frames");
        throwWrong(*why);
    }
}

/// What only changes a picture is not read where numbers are written.
void checkPictureWords(const FigureLine& line)
{
    const auto format = figureFormat(line.out);
    if (!format || isPicture(*format)) // a .gif is a picture too; of other names checkDrawing tells
        return;
    for (const FigureOption& option : figureOptionTable())
        if (option.pictureOnly && std::ranges::find(line.given, option.word) != line.given.end())
            throwWrong(fmt::format("{} changes pictures, and '{}' holds numbers; leave it out, or write .svg, .pdf or .png",
                                   option.word, line.out));
}

/// Checks the line as a whole and sets the work. Runs while parsing, so what it throws is a wrong command line.
void choose(const Line& line, Chosen& chosen)
{
    const auto kind = findFigure(line->name);
    if (!kind)
        throwWrong(kind.error().message);
    for (const std::string& word : line->given)
        if (const auto why = whyUnread(**kind, word, line->options))
            throwWrong(*why);
    if (const auto fits = checkOptions(**kind, line->options); !fits)
        throwWrong(fits.error().message);
    checkTexts(*line, **kind);
    checkFrames(*line, **kind);
    checkPictureWords(*line);
    chosen.usageIsWrongLine = true;
    chosen.work = [line, kind = *kind, door = chosen.door](Console& console) { return makeAndSave(*line, *kind, door, console); };
}

const FigureKind& kindNamed(const char* name) { return **findFigure(name); }

} // namespace

Result<void> saveFigure(const FigureDoor& door, const Figure& figure, const FigureOptions& options,
                        const std::filesystem::path& out)
{
    WINNOW_TRY_VOID(checkDrawing(door, out));
    return isPicture(*figureFormat(out)) ? door.draw(figure, options, out) : writeFigureNumbers(figure, out);
}

void addWavelet(CLI::App& app, Chosen& chosen)
{
    auto line = std::make_shared<FigureLine>();
    line->name = "wavelet";
    CLI::App* command = app.add_subcommand("wavelet", "Wavelet bands of how much every position contributes to a step");
    chosen.files.reads(command->add_option("trace", line->inputs, "the trace; several are averaged"))->type_name("T.h5");
    addOptionsOf(*command, line, kindNamed("wavelet"));
    addTexts(*command, line, chosen);
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
    chosen.files.reads(command->add_option("trace", line->inputs, "the trace; with --lost-by its replay, too"))
        ->required()
        ->expected(1, 2)
        ->type_name("T.h5");
    addOptionsOf(*command, line, kindNamed("attention"), {"--layer", "--head"});
    addOut(*command, line, true, chosen);
    command->callback([line, &chosen] { choose(line, chosen); });
}

void addFigure(CLI::App& app, Chosen& chosen)
{
    auto line = std::make_shared<FigureLine>();
    CLI::App* command =
        app.add_subcommand("figure", "A figure by its name, from traces, replays, answers or sweeps; --list shows the names");
    command->add_option("name", line->name, "a name of --list")->type_name("NAME");
    chosen.files.reads(command->add_option("inputs", line->inputs, "traces, replays, answers or sweeps"))->type_name("FILE…");
    addListing(*command, line, "--list", "the figures there are, and what each is made from", listFigures);
    addListing(*command, line, "--papers", "figures of papers, each as one command, and what differs", listPapers);
    addEveryOption(*command, line);
    command
        ->add_option("--frames", line->frames,
                     "a moving picture (--out F.gif) of these steps, first to last, and of every N-th after a colon")
        ->type_name("A-B[:N]");
    addTexts(*command, line, chosen);
    addOut(*command, line, false, chosen);
    command->callback([line, &chosen] {
        if (line->list != nullptr) {
            chosen.work = [list = line->list](Console& console) -> Result<void> {
                list(console);
                return {};
            };
            return;
        }
        const bool nothing = line->inputs.empty() && line->texts.texts.empty();
        if (line->name.empty() || nothing || line->out.empty())
            throw CLI::RequiredError(line->name.empty() ? "NAME"
                                     : nothing          ? "FILE (a trace, a replay, answers or a sweep)"
                                                        : "--out");
        choose(line, chosen);
    });
}

} // namespace winnow::cli
