// SPDX-License-Identifier: GPL-3.0-or-later
// The ranks of an MPI job as workers of a sweep: rank 0 hands out and writes, and every rank, rank 0 among them, has one worker
// process. Nobody waits busily, so that the cores are the workers'. All ranks say every second that they live: a rank that is
// silent for a while is lost, with what it had, and without rank 0 the others end. Nothing waits for a rank that may be dead.
// Where the launcher ends all ranks when one dies (mpi_launcher.h), the sweep ends with it, and goes on when it is started again.
#pragma once

#include "app/cli/console.h"
#include "app/cli/sweep/mpi_functions.h"
#include "app/cli/sweep/worker_process.h"

#include <memory>
#include <mutex>
#include <set>
#include <thread>

namespace winnow::cli {

/// How many ranks a launcher of MPI says that there are; 1 where none started this program.
int ranksAround();

/// Being in the job. One per program. Thread-safe but for joining and ending.
class MpiJob {
public:
    /// Error: this Winnow was built without MPI, or MPI refuses.
    static Result<MpiJob> join();
    MpiJob(MpiJob&& other) noexcept
        : m_mpi(std::exchange(other.m_mpi, nullptr)), m_localIndex(other.m_localIndex), m_localCount(other.m_localCount),
          m_rank(other.m_rank), m_size(other.m_size)
    {
    }
    /// Rank 0 sends the others home; all wait for each other, as long as a rank may be silent, unless some are lost.
    ~MpiJob();

    int rank() const { return m_rank; }
    int size() const { return m_size; }
    int localIndex() const { return m_localIndex; } ///< which of the ranks on this machine
    int localCount() const { return m_localCount; }

    Result<void> send(int to, const std::string& message);
    struct Message {
        int from = 0;
        std::string text;
    };
    /// What is there already.
    std::optional<Message> receive();
    /// From now on nothing is sent to the rank, and nobody waits for it in the end. For rank 0.
    void lose(int rank);
    void find(int rank);
    bool isLost(int rank) const;
    /// To every rank that is not lost. For rank 0.
    void sendAll(const std::string& message);
    /// Ranks were lost, or the launcher stops all: this one does not wait in the end.
    void leave() { m_waits = false; }

private:
    explicit MpiJob(const WinnowMpi* mpi)
        : m_mpi(mpi), m_localIndex(mpi->localIndex()), m_localCount(mpi->localCount()), m_rank(mpi->rank()), m_size(mpi->size())
    {
    }

    const WinnowMpi* m_mpi; ///< null once moved from
    int m_localIndex, m_localCount, m_rank, m_size;
    mutable std::mutex m_lock; ///< of m_lost, and of calls of MPI: one at a time
    std::set<int> m_lost;
    bool m_waits = true;
};

/// Rank 0's: tells the others every second that it lives, also while it reads and checks a plan. `job` outlives it.
class Pulse {
public:
    explicit Pulse(MpiJob& job);

private:
    std::jthread m_thread;
};

/// Rank 0's: its own worker is number 0, that of rank r number r.
class MpiWorkers final : public Workers {
public:
    MpiWorkers(MpiJob& job, WorkerStart own);
    bool isThere(std::size_t worker) const override { return !m_job.isLost(static_cast<int>(worker)); }
    std::size_t count() const override { return static_cast<std::size_t>(m_job.size()); }
    Result<void> give(std::size_t worker, const std::string& request) override;
    std::optional<WorkerNews> next(std::chrono::milliseconds patience) override;
    /// Waits until every rank was heard once more, or is lost: all wait for each other in the end, which a dead one would not.
    void settle() override;

private:
    MpiJob& m_job;
    LocalWorkers m_own;
    std::vector<std::chrono::steady_clock::time_point> m_heard; ///< [ranks], when each last said that it lives
};

/// What the other ranks do until rank 0 sends them home: requests go to the own worker, its news to rank 0. Error at rank 1,
/// which speaks for all: nothing was heard of rank 0.
Result<void> relay(MpiJob& job, WorkerStart own, Console& console);

} // namespace winnow::cli
