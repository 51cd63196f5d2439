// SPDX-License-Identifier: GPL-3.0-or-later
// Processes that measure cells for a sweep: what kills one of them, memory that ran out or a crash, does not end the sweep.
#pragma once

#include "core/base/result.h"
#include "core/io/file_descriptor.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace winnow::cli {

/// A line that a worker said, or why it ended.
struct WorkerNews {
    std::size_t worker = 0;
    std::optional<std::string> line;
    std::string ended; ///< "was ended by signal 9 (Killed)"; where there is no line
};

/// Those who measure, wherever they are.
class Workers {
public:
    virtual ~Workers() = default;
    virtual std::size_t count() const = 0;
    /// Whether it can be given anything.
    virtual bool isThere(std::size_t worker) const { return worker < count(); }
    /// A request, one line; an answer or the news of the worker's end follows. A worker that is not there is started.
    virtual Result<void> give(std::size_t worker, const std::string& request) = 0;
    /// Waits, not longer than `patience`.
    virtual std::optional<WorkerNews> next(std::chrono::milliseconds patience) = 0;
    /// Once nothing is to be given any more: finds out who is there still.
    virtual void settle() {}
};

/// How workers are started: `arguments` without the program's name, which is this program; `environment`: besides its own.
struct WorkerStart {
    std::vector<std::string> arguments;
    std::vector<std::pair<std::string, std::string>> environment;
};

/// Reads lines on standard input and answers each with one on standard output. Ends with this process, however that ends.
class WorkerProcess {
public:
    static Result<WorkerProcess> start(const WorkerStart& how);
    WorkerProcess(WorkerProcess&& other) noexcept { *this = std::move(other); }
    WorkerProcess& operator=(WorkerProcess&& other) noexcept;
    ~WorkerProcess(); ///< kills it

    int output() const { return m_output.get(); } ///< to poll
    Result<void> send(const std::string& line);
    /// After `output` can be read: a whole line, or its end (with `line` empty), or nothing yet.
    std::optional<WorkerNews> read();

private:
    WorkerProcess() = default;
    void end();

    pid_t m_process = -1;
    FileDescriptor m_input, m_output;
    std::string m_said; ///< what is no whole line yet
};

/// Workers on this machine. Started when they are first needed, and again after their end.
class LocalWorkers final : public Workers {
public:
    /// [workers]
    explicit LocalWorkers(std::vector<WorkerStart> how);
    std::size_t count() const override { return m_how.size(); }
    Result<void> give(std::size_t worker, const std::string& request) override;
    std::optional<WorkerNews> next(std::chrono::milliseconds patience) override;

private:
    std::vector<WorkerStart> m_how;
    std::vector<std::optional<WorkerProcess>> m_processes;
};

/// "was ended by signal 9 (Killed)", of what waitpid() tells.
std::string howItEnded(int status);
/// As exec takes them, ended by a null; they are those of `words`.
std::vector<char*> pointersOf(std::vector<std::string>& words);

/// Where a worker of a sweep runs.
struct WorkerPlace {
    std::size_t index = 0, count = 1; ///< of those on this machine
    int allowedCores = 1, cores = 1;  ///< that this process may use, and that the machine has
    int gpus = 0;                     ///< of the machine
    std::string visibleGpus;          ///< CUDA_VISIBLE_DEVICES; "": not set
    bool threadsSaid = false;         ///< OMP_NUM_THREADS is set
    bool gpuEach = true;              ///< one GPU a worker, unless the plan names its devices
};
/// Cores are divided among the workers of a machine, and every worker sees one GPU, where there are several of either.
std::vector<std::pair<std::string, std::string>> environmentOf(const WorkerPlace& place);
/// As this process and machine have it. `index`, `count`: of the workers on this machine.
WorkerPlace placeHere(std::size_t index, std::size_t count);

} // namespace winnow::cli
