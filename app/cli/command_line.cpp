// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command_line.h"

#include "app/cli/line_sentence.h"
#include "app/cli/manual.h"
#include "app/cli/number_checks.h"
#include "app/cli/ranges.h"
#include "app/cli/self_test.h"
#include "core/base/library_error.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>

namespace winnow::cli {

namespace {

enum ExitCode { kDone = 0, kWorldWrong = 1, kCommandLineWrong = 2, kCancelled = 130 };

constexpr auto kFooter =
    R"(Without a command, winnow opens its window on the demo; files and folders as arguments are opened in it.
Options of the window: --theme dark|light, --size 1440x900, --font-scale 1.5, --tab N (the lower tab, 0 to 5),
--empty (opens nothing), --screenshot OUT.png (opens what is named, or the demo, waits until all is computed, writes a picture
of the window and exits; needs no display), --do difference,token=40,step=300 (does these actions before the screenshot;
OUT.gif gets a frame after each action, and step=0-700:20 gives a frame at every twentieth step), --actions (lists the actions
that --do can name, with their keys).

A policy is name[:key=value,…], for example treekv:budget=128,sinks=4 or tova:budget=25%; `winnow policies` lists them.

  winnow record --model resources/models/demo --text book.txt --out T.h5
  winnow replay T.h5 --policy h2o:budget=128 --policy treekv:budget=128 --prompt 512 --out R.npz
  winnow replay T.h5 --policy full --policy h2o --policy treekv --budget 64,128,256,512 --out sweep.h5
  winnow run --model resources/models/demo --text book.txt --policy h2o:budget=128 --out C.h5
  winnow compare R.npz sweep.h5 --out C.csv
  winnow explain R.npz T.h5 --token 961
  winnow figure retention R.npz --out retention.pdf

--out replaces a file only if Winnow wrote it and it is of the same kind; inputs, devices and other files are never replaced.
Words after -- are not options. Ctrl+C stops and leaves no half-written file; a killed recording can be read from T.h5.part.
Exit codes: 0 done; 1 the work failed (a file, a model, memory, a device; one sentence says why); 2 the command line was wrong;
130 cancelled.)";

bool isWholeNumber(const CLI::Option& option)
{
    constexpr std::array<std::string_view, 6> kTypes{"N", "T", "I", "K", "S", "D"};
    const std::string type = option.get_type_name(); // and what its checks say: "N:NONNEGATIVE"
    return std::ranges::count(kTypes, std::string_view(type).substr(0, type.find(':'))) > 0;
}

void build(CLI::App& app, Chosen& chosen)
{
    app.name("winnow");
    app.set_version_flag("--version", std::string("winnow ") + WINNOW_VERSION);
    const std::string selfTest = "Check that Winnow works on this machine: record, check, replay and draw the demo, then exit";
    app.add_flag("--self-test", selfTest);
    app.footer(kFooter);
    app.require_subcommand(1);
    app.get_formatter()->column_width(36);
    addRecord(app, chosen);
    addCheck(app, chosen);
    addReplay(app, chosen);
    addRun(app, chosen);
    addPerplexity(app, chosen);
    addAsk(app, chosen);
    addSweep(app, chosen);
    addCompare(app, chosen);
    addTune(app, chosen);
    addExplain(app, chosen);
    addPolicies(app, chosen);
    addWavelet(app, chosen);
    addAttention(app, chosen);
    addFigure(app, chosen);
    addExport(app, chosen);
    addGenerate(app, chosen);
    addTokenize(app, chosen);
    addScore(app, chosen);
    addTasks(app, chosen);
    addReport(app, chosen);
    addInfo(app, chosen);
    addDemo(app, chosen);
    addCompletion(app, chosen);
    addManual(app, chosen);
    for (CLI::App* command : app.get_subcommands({})) {
        command->allow_extras(); // reported below, with the nearest right one
        for (CLI::Option* option : command->get_options())
            if (isWholeNumber(*option))
                option->transform(CLI::Validator(asDecimal, ""));
    }
}

int wrongLine(const std::string& where, const std::string& sentence)
{
    complain(where, fmt::format("{}; see {} --help", sentence, where));
    return kCommandLineWrong;
}

int finish(const Result<void>& answer)
{
    if (answer)
        return kDone;
    complain("winnow", answer.error().message);
    return answer.error().code == ErrorCode::Cancelled ? kCancelled : kWorldWrong;
}

} // namespace

std::vector<std::string> commandNames()
{
    CLI::App app;
    Chosen chosen;
    build(app, chosen);
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands({}))
        names.push_back(command->get_name());
    return names;
}

namespace {

/// The line without "--". What follows it is no option, so a name there that looks like one gets its folder before it:
/// "./-odd.h5".
std::vector<std::string> withoutMark(std::vector<std::string> line)
{
    const auto mark = std::find(line.begin(), line.end(), "--");
    if (mark == line.end())
        return line;
    for (auto word = mark + 1; word != line.end(); ++word)
        if (word->starts_with("-"))
            word->insert(0, "./");
    line.erase(mark);
    return line;
}

int runLine(const std::vector<std::string>& arguments, const FigureDoor& door)
{
    CLI::App app("Which tokens does a KV-cache eviction policy keep, and what does that cost?");
    Chosen chosen;
    chosen.door = door;
    build(app, chosen);
    if (!arguments.empty() && !arguments.front().starts_with("-")) {
        const auto names = commandNames();
        if (std::find(names.begin(), names.end(), arguments.front()) == names.end())
            return wrongLine("winnow", fmt::format("there is no command or file '{}', did you mean 'winnow {}'?",
                                                   arguments.front(), nearestOf(arguments.front(), names)));
    }
    if (!arguments.empty() && arguments.front() == "--self-test") {
        if (arguments.size() > 1)
            return wrongLine("winnow", fmt::format("--self-test takes nothing more, and got '{}'", arguments[1]));
        const StopSignals signals;
        Console console(signals.token());
        return finish(selfTest(door, console));
    }
    try {
        app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::Success& asked) { // --help, --version
        std::ostringstream text;
        const int code = app.exit(asked, text, text);
        putText(text.str());
        return code;
    } catch (const CLI::ParseError& error) {
        if (app.get_subcommands().empty())
            return wrongLine("winnow", lineSentence(app, error));
        const CLI::App& command = *app.get_subcommands().front();
        const auto unknown = unknownWord(command); // the likelier mistake: a misspelled option hides the right one
        return wrongLine("winnow " + command.get_name(), unknown ? *unknown : lineSentence(command, error));
    }
    for (const CLI::App* command : app.get_subcommands())
        if (const auto unknown = unknownWord(*command))
            return wrongLine("winnow " + command->get_name(), *unknown);

    const StopSignals signals;
    Console console(signals.token());
    const Result<void> allowed = chosen.files.check(), answer = allowed ? chosen.work(console) : allowed;
    if (!answer && (!allowed || chosen.usageIsWrongLine) && answer.error().code == ErrorCode::Usage)
        return wrongLine("winnow " + app.get_subcommands().front()->get_name(), answer.error().message);
    return finish(answer);
}

} // namespace

int run(const std::vector<std::string>& arguments, const FigureDoor& door)
{
    try {
        const int code = runLine(withoutMark(arguments), door);
        const auto printed = finishOutput();
        return printed || code != kDone ? code : finish(printed);
    } catch (const std::bad_alloc&) {
        return finish(fail(ErrorCode::OutOfMemory, "memory ran out; choose fewer tokens, layers or policies at a time"));
    } catch (const std::exception& error) {
        return finish(fail(libraryError("the command", error.what())));
    }
}

namespace {

/// "5" or "0-5". An error ends a sentence about `name`.
IndexRange readRange(const std::string& name, std::string_view typed)
{
    const auto number = [](std::string_view digits, int& value) {
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        return error == std::errc() && end == digits.data() + digits.size() && value >= 0;
    };
    const std::size_t dash = typed.find('-');
    const std::string_view first = typed.substr(0, dash), last = dash == std::string_view::npos ? first : typed.substr(dash + 1);
    IndexRange read;
    if (!number(first, read.first) || !number(last, read.second) || read.second < read.first)
        throw CLI::ValidationError(name, fmt::format("takes a number or a range like 0-5, first to last, not '{}'", typed));
    return read;
}

} // namespace

CLI::Option* addRange(CLI::App& command, const std::string& name, std::optional<IndexRange>& range, const std::string& help)
{
    return command
        .add_option_function<std::string>(
            name, [name, &range](const std::string& typed) { range = readRange(name, typed); }, help)
        ->type_name("A-B");
}

CLI::Option* addRanges(CLI::App& command, const std::string& name, std::vector<IndexRange>& ranges, const std::string& help)
{
    return command
        .add_option_function<std::string>(
            name,
            [name, &ranges](const std::string& typed) {
                ranges.clear();
                for (std::size_t begin = 0, comma = 0; comma != std::string::npos; begin = comma + 1) {
                    comma = typed.find(',', begin);
                    ranges.push_back(readRange(name, std::string_view(typed).substr(begin, comma - begin)));
                }
            },
            help)
        ->type_name("A-B");
}

} // namespace winnow::cli
