// SPDX-License-Identifier: GPL-3.0-or-later
// The ranks of an MPI job as workers of a sweep: rank 0 hands out and writes, and every rank, rank 0 among them, has one worker
// process. Nobody waits busily, so that the cores are the workers'. A rank that is silent for a while is lost, with what it had;
// where the launcher ends all ranks when one dies (Open MPI, but for mpirun --enable-recovery), the sweep ends with it, and goes
// on when it is started again.
#pragma once

#include "app/cli/console.h"
#include "app/cli/sweep/mpi_functions.h"
#include "app/cli/sweep/worker_process.h"

#include <memory>
#include <set>

namespace winnow::cli {

/// How many ranks a launcher of MPI says that there are; 1 where none started this program.
int ranksAround();

/// Being in the job. One per program, on one thread.
class MpiJob {
public:
    /// Error: this Winnow was built without MPI, or MPI refuses.
    static Result<MpiJob> join();
    MpiJob(MpiJob&& other) noexcept
        : m_mpi(std::exchange(other.m_mpi, nullptr)), m_localIndex(other.m_localIndex), m_localCount(other.m_localCount)
    {
    }
    /// Rank 0 sends the others home; all wait for each other, unless some are lost.
    ~MpiJob();

    int rank() const { return m_mpi->rank(); }
    int size() const { return m_mpi->size(); }
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
    void lose(int rank) { m_lost.insert(rank); }
    void find(int rank) { m_lost.erase(rank); }
    bool isLost(int rank) const { return m_lost.contains(rank); }
    /// Ranks were lost, or the launcher stops all: this one does not wait in the end.
    void leave() { m_waits = false; }

private:
    explicit MpiJob(const WinnowMpi* mpi) : m_mpi(mpi), m_localIndex(mpi->localIndex()), m_localCount(mpi->localCount()) {}

    const WinnowMpi* m_mpi; ///< null once moved from
    int m_localIndex, m_localCount;
    std::set<int> m_lost;
    bool m_waits = true;
};

/// Rank 0's: its own worker is number 0, that of rank r number r.
class MpiWorkers final : public Workers {
public:
    MpiWorkers(MpiJob& job, WorkerStart own);
    bool isThere(std::size_t worker) const override { return !m_job.isLost(static_cast<int>(worker)); }
    std::size_t count() const override { return static_cast<std::size_t>(m_job.size()); }
    Result<void> give(std::size_t worker, const std::string& request) override;
    std::optional<WorkerNews> next(std::chrono::milliseconds patience) override;

private:
    MpiJob& m_job;
    LocalWorkers m_own;
    std::vector<std::chrono::steady_clock::time_point> m_heard; ///< [ranks], when each last said that it lives
};

/// What the other ranks do until rank 0 sends them home: requests go to the own worker, its news to rank 0.
Result<void> relay(MpiJob& job, WorkerStart own, Console& console);

} // namespace winnow::cli
