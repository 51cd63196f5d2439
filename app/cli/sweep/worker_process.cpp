// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/sweep/worker_process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace winnow::cli {

namespace {

/// This process's variables with `more` in place of those of the same name.
std::vector<std::string> environmentWith(const std::vector<std::pair<std::string, std::string>>& more)
{
    std::vector<std::string> all;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string_view text(*variable);
        if (std::ranges::none_of(more, [&](const auto& one) { return text.starts_with(one.first + "="); }))
            all.emplace_back(text);
    }
    for (const auto& [name, value] : more)
        all.push_back(name + "=" + value);
    return all;
}

std::size_t gpuCount()
{
    std::error_code error;
    const std::filesystem::directory_iterator cards("/proc/driver/nvidia/gpus", error);
    return error ? 0 : static_cast<std::size_t>(std::distance(begin(cards), end(cards)));
}

} // namespace

std::string howItEnded(int status)
{
    if (WIFSIGNALED(status))
        return fmt::format("was ended by signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)));
    return fmt::format("ended with exit code {}", WEXITSTATUS(status));
}

std::vector<char*> pointersOf(std::vector<std::string>& words)
{
    std::vector<char*> pointers;
    for (std::string& word : words)
        pointers.push_back(word.data());
    pointers.push_back(nullptr);
    return pointers;
}

Result<WorkerProcess> WorkerProcess::start(const WorkerStart& how)
{
    std::array<int, 2> in{}, out{};
    if (::pipe2(in.data(), O_CLOEXEC) != 0)
        return fail(ErrorCode::Io, "a worker of the sweep cannot be started: {}", std::strerror(errno));
    const FileDescriptor childIn(in[0]);
    WorkerProcess worker;
    worker.m_input = FileDescriptor(in[1]);
    if (::pipe2(out.data(), O_CLOEXEC) != 0)
        return fail(ErrorCode::Io, "a worker of the sweep cannot be started: {}", std::strerror(errno));
    worker.m_output = FileDescriptor(out[0]);
    const FileDescriptor childOut(out[1]);

    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&files, childIn.get(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, childOut.get(), STDOUT_FILENO);
    sigset_t none; // those that this process waits for are blocked in it
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    std::vector<std::string> words{"winnow"};
    words.insert(words.end(), how.arguments.begin(), how.arguments.end());
    std::vector<std::string> variables = environmentWith(how.environment);
    const int error = ::posix_spawn(&worker.m_process, "/proc/self/exe", &files, &attributes, pointersOf(words).data(),
                                    pointersOf(variables).data());
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    if (error != 0) {
        worker.m_process = -1;
        return fail(ErrorCode::Io, "a worker of the sweep cannot be started: {}", std::strerror(error));
    }
    ::fcntl(worker.m_output.get(), F_SETFL, O_NONBLOCK);
    return worker;
}

WorkerProcess& WorkerProcess::operator=(WorkerProcess&& other) noexcept
{
    std::swap(m_process, other.m_process);
    std::swap(m_input, other.m_input);
    std::swap(m_output, other.m_output);
    std::swap(m_said, other.m_said);
    return *this;
}

WorkerProcess::~WorkerProcess() { end(); }

void WorkerProcess::end()
{
    if (m_process <= 0)
        return;
    ::kill(m_process, SIGKILL);
    ::waitpid(m_process, nullptr, 0);
    m_process = -1;
}

Result<void> WorkerProcess::send(const std::string& line)
{
    const std::string whole = line + "\n";
    for (std::size_t sent = 0; sent < whole.size();) {
        const ssize_t count = ::write(m_input.get(), whole.data() + sent, whole.size() - sent);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail(ErrorCode::Io, "a worker of the sweep does not listen: {}", std::strerror(errno));
        sent += static_cast<std::size_t>(count);
    }
    return {};
}

std::optional<WorkerNews> WorkerProcess::read()
{
    std::array<char, 4096> block{};
    for (;;) {
        if (const std::size_t end = m_said.find('\n'); end != std::string::npos) {
            WorkerNews news{.line = m_said.substr(0, end)};
            m_said.erase(0, end + 1);
            return news;
        }
        const ssize_t count = ::read(m_output.get(), block.data(), block.size());
        if (count > 0) {
            m_said.append(block.data(), static_cast<std::size_t>(count));
            continue;
        }
        if (count < 0 && (errno == EINTR || errno == EAGAIN))
            return std::nullopt;
        int status = 0;
        ::waitpid(m_process, &status, 0);
        m_process = -1;
        return WorkerNews{.line = {}, .ended = howItEnded(status)};
    }
}

LocalWorkers::LocalWorkers(std::vector<WorkerStart> how) : m_how(std::move(how)), m_processes(m_how.size()) {}

Result<void> LocalWorkers::give(std::size_t worker, const std::string& request)
{
    auto& process = m_processes[worker];
    if (process && process->send(request))
        return {};
    WINNOW_TRY(WorkerProcess started, WorkerProcess::start(m_how[worker]));
    process = std::move(started);
    return process->send(request);
}

std::optional<WorkerNews> LocalWorkers::next(std::chrono::milliseconds patience)
{
    std::vector<pollfd> watched;
    std::vector<std::size_t> which;
    for (std::size_t worker = 0; worker < m_processes.size(); ++worker)
        if (m_processes[worker]) {
            watched.push_back({m_processes[worker]->output(), POLLIN, 0});
            which.push_back(worker);
        }
    if (::poll(watched.data(), watched.size(), static_cast<int>(patience.count())) <= 0)
        return std::nullopt;
    for (std::size_t i = 0; i < watched.size(); ++i) {
        if (watched[i].revents == 0)
            continue;
        auto& process = m_processes[which[i]];
        if (auto news = process->read()) {
            news->worker = which[i];
            if (!news->line)
                process.reset();
            return news;
        }
    }
    return std::nullopt;
}

std::vector<std::pair<std::string, std::string>> environmentOf(const WorkerPlace& place)
{
    std::vector<std::pair<std::string, std::string>> environment;
    if (place.count > 1 && !place.threadsSaid) {
        // Where the launcher bound this process to some cores, they are its share already.
        const int threads = place.allowedCores < place.cores ? place.allowedCores : place.cores / static_cast<int>(place.count);
        environment.emplace_back("OMP_NUM_THREADS", std::to_string(std::max(1, threads)));
        environment.emplace_back("OMP_WAIT_POLICY", "passive"); // waiting threads leave the cores to the others
    }
    if (place.count > 1 && place.gpuEach) {
        std::vector<std::string> gpus;
        std::istringstream list(place.visibleGpus);
        for (std::string gpu; std::getline(list, gpu, ',');)
            gpus.push_back(gpu);
        for (int gpu = 0; place.visibleGpus.empty() && gpu < place.gpus; ++gpu)
            gpus.push_back(std::to_string(gpu));
        if (gpus.size() > 1)
            environment.emplace_back("CUDA_VISIBLE_DEVICES", gpus[place.index % gpus.size()]);
    }
    return environment;
}

WorkerPlace placeHere(std::size_t index, std::size_t count)
{
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    const int cores = static_cast<int>(std::max<long>(1, ::sysconf(_SC_NPROCESSORS_ONLN)));
    const int mine = ::sched_getaffinity(0, sizeof(allowed), &allowed) == 0 ? CPU_COUNT(&allowed) : cores;
    const char* const visible = std::getenv("CUDA_VISIBLE_DEVICES");
    return {.index = index,
            .count = count,
            .allowedCores = mine,
            .cores = cores,
            .gpus = static_cast<int>(gpuCount()),
            .visibleGpus = visible != nullptr ? visible : "",
            .threadsSaid = std::getenv("OMP_NUM_THREADS") != nullptr};
}

} // namespace winnow::cli
