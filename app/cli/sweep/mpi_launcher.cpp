// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/sweep/mpi_launcher.h"

#include "app/cli/sweep/worker_process.h"
#include "core/io/file_descriptor.h"
#include "core/io/json_members.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <thread>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace winnow::cli {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kEndFile = "WINNOW_SWEEP_END"; ///< names the file that rank 0 writes its end to
constexpr std::chrono::milliseconds kLook(20);       ///< how often the launcher is looked at

std::vector<std::string> partsOf(std::string_view text)
{
    std::vector<std::string> parts;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\0', at), text.size());
        parts.emplace_back(text.substr(at, end - at));
        at = end + 1;
    }
    return parts;
}

std::string allOf(const fs::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// An empty file with a name of its own, as long as this lives.
class EndFile {
public:
    static Result<EndFile> make()
    {
        std::error_code error;
        std::string name = (fs::temp_directory_path(error) / "winnow-sweep-XXXXXX").string();
        const FileDescriptor made(::mkstemp(name.data()));
        if (error || made.get() < 0)
            return fail(ErrorCode::Io, "a small file for the end of the sweep cannot be made at '{}': {}", name,
                        error ? error.message() : std::strerror(errno));
        return EndFile(name);
    }
    EndFile(EndFile&& other) noexcept : m_path(std::exchange(other.m_path, {})) {}
    ~EndFile()
    {
        std::error_code error;
        if (!m_path.empty())
            fs::remove(m_path, error);
    }
    const std::string& path() const { return m_path; }

private:
    explicit EndFile(std::string path) : m_path(std::move(path)) {}
    std::string m_path;
};

/// Ends with this process, as far as mpirun can be ended: it gets the signal that asks it to clean up.
pid_t start(MpiLauncher& launcher)
{
    const std::vector<char*> words = pointersOf(launcher.words), variables = pointersOf(launcher.variables);
    sigset_t none; // those that this process waits for are blocked in it
    sigemptyset(&none);
    const pid_t process = ::fork();
    if (process != 0)
        return process;
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    if (::chdir(launcher.folder.c_str()) == 0)
        ::execve(launcher.program.c_str(), words.data(), variables.data());
    ::_exit(127);
}

} // namespace

std::optional<MpiLauncher> recoveringLauncher(const fs::path& program, const fs::path& folder, std::string_view words,
                                              std::string_view variables)
{
    const std::string name = program.filename().string();
    MpiLauncher launcher{program, folder, partsOf(words), partsOf(variables)};
    if ((name != "orterun" && name != "mpirun" && name != "mpiexec") || launcher.words.empty())
        return std::nullopt;
    launcher.words.insert(launcher.words.begin() + 1, "--enable-recovery");
    return launcher;
}

bool endsWithARank()
{
    return std::getenv("OMPI_COMM_WORLD_SIZE") != nullptr && std::getenv("OMPI_MCA_orte_enable_recovery") == nullptr;
}

std::optional<MpiLauncher> launcherHere()
{
    if (!endsWithARank() || std::getenv(kEndFile) != nullptr)
        return std::nullopt;
    const fs::path parent = fmt::format("/proc/{}", ::getppid());
    std::error_code error;
    const fs::path program = fs::read_symlink(parent / "exe", error), folder = fs::read_symlink(parent / "cwd", error);
    if (error)
        return std::nullopt;
    return recoveringLauncher(program, folder, allOf(parent / "cmdline"), allOf(parent / "environ"));
}

Result<void> startAgain(MpiLauncher launcher, const std::string& results, Console& console)
{
    WINNOW_TRY(const EndFile end, EndFile::make());
    launcher.variables.push_back(fmt::format("{}={}", kEndFile, end.path()));
    const pid_t process = start(launcher);
    if (process < 0)
        return fail(ErrorCode::Io, "'{}' cannot be started again: {}", launcher.words.front(), std::strerror(errno));
    int status = 0;
    for (bool asked = false; ::waitpid(process, &status, WNOHANG) == 0; std::this_thread::sleep_for(kLook))
        if (console.stopRequested() && !std::exchange(asked, true))
            ::kill(process, SIGTERM);
    WINNOW_TRY_VOID(console.job().check("the sweep"));
    const json said = json::parse(allOf(end.path()), nullptr, false);
    if (const json& code = member(said, "code"); code.is_number_integer())
        return fail(static_cast<ErrorCode>(code.get<int>()), "{}", textOf(said, "failed"));
    if (said.is_object())
        return {};
    return fail(ErrorCode::Io,
                "rank 0 of the sweep, which hands out the cells, ended without a word ({} {}): what is in '{}' stays, and the "
                "same line goes on",
                launcher.words.front(), howItEnded(status), results);
}

Result<void> tellEnd(Result<void> end)
{
    const char* const path = std::getenv(kEndFile);
    if (path == nullptr)
        return end;
    json said = json::object();
    if (!end)
        said = {{"code", static_cast<int>(end.error().code)}, {"failed", end.error().message}};
    std::ofstream file(path);
    file << said.dump(-1, ' ', false, json::error_handler_t::replace);
    return file.flush() ? Result<void>() : end;
}

} // namespace winnow::cli
