// SPDX-License-Identifier: GPL-3.0-or-later
// winnow: without a command the window, with one the command line.
#include "app/cli/command_line.h"
#include "app/cli/memory_end.h"

#ifdef WINNOW_WINDOW
#include "app/window/window.h"
#endif

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <new>
#include <unistd.h>

namespace {

/// Asks for nothing that a signal could have interrupted, or that is not there before the libraries start.
[[noreturn]] void endWith(std::string_view sentence, int code)
{
    static_cast<void>(!write(STDERR_FILENO, sentence.data(), sentence.size()));
    _exit(code);
}

void endEarly(int) { endWith("winnow: stopped before it began\n", 130); }

void takeSignals(void (*handler)(int))
{
    for (const int signal : {SIGINT, SIGTERM, SIGHUP})
        if (std::signal(signal, handler) == SIG_IGN) // nohup, or a job in the background
            std::signal(signal, SIG_IGN);
}

/// Torch takes tenths of a second to load, before main. Ctrl+C ends the program then as it does later, with a sentence and 130.
/// MKL, which it loads, ends a program whose folder is gone, with a sentence of its own.
void beforeLibraries(int, char**, char**)
{
    takeSignals(endEarly);
    std::array<char, PATH_MAX> folder{};
    if (!getcwd(folder.data(), folder.size()) && (errno == ENOENT || errno == EACCES))
        endWith("winnow: the folder that it is started in is gone, or may not be looked at; start it in another\n", 1);
}

/// The loader calls it before the libraries start.
[[gnu::used, gnu::section(".preinit_array")]] void (*const kBeforeLibraries)(int, char**, char**) = beforeLibraries;

/// A command, --help, --version or --self-test; everything else is for the window, unless it is nothing that exists.
bool isForCommandLine(const std::vector<std::string>& arguments)
{
    if (arguments.empty())
        return false;
    const auto names = winnow::cli::commandNames();
    const std::string& first = arguments.front() == "--" && arguments.size() > 1 ? arguments[1] : arguments.front();
    std::error_code error;
    return std::find(names.begin(), names.end(), first) != names.end() || first == "-h" || first == "--help" ||
           first == "--version" || first == "--self-test" ||
           (!first.starts_with("-") && first.find_first_of("./") == std::string::npos && !std::filesystem::exists(first, error));
}

int runAny(int argc, char** argv)
{
    winnow::cli::prepareStreams();
    const std::vector<std::string> arguments(argv + 1, argv + argc);
#ifdef WINNOW_WINDOW
    if (!isForCommandLine(arguments)) {
        takeSignals(SIG_DFL); // the window may be ended at any moment, as any other
        return winnow::app::runWindow(argc, argv);
    }
    return winnow::cli::run(arguments, winnow::app::offscreenFigures(argc, argv));
#else
    if (!isForCommandLine(arguments)) {
        winnow::cli::complain("winnow", "this Winnow was built without its window; give it a command, see winnow --help");
        return 2;
    }
    return winnow::cli::run(arguments, {});
#endif
}

} // namespace

int main(int argc, char** argv)
{
    winnow::cli::endWithSentence();
    try {
        return runAny(argc, argv);
    } catch (const std::bad_alloc&) { // before any command began
        winnow::cli::sayMemoryRanOut();
        return 1;
    }
}
