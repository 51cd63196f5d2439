// SPDX-License-Identifier: GPL-3.0-or-later
// A block of workers (core/kernels/block_team.h) that are threads of the host: each runs the whole text, as on a device. Under
// the thread sanitizer, text that misses a wait shows itself.
#pragma once

#include "core/kernels/block_team.h"
#include "core/kernels/team.h"

#include <pthread.h>

#include <thread>
#include <vector>

namespace winnow::testing_support {

/// Where the workers of a block wait for each other. They sleep: std::barrier yields the core first, and on a busy machine each
/// yield takes until all others have had their turn.
class Barrier {
public:
    explicit Barrier(int workers) { pthread_barrier_init(&m_barrier, nullptr, static_cast<unsigned>(workers)); }
    ~Barrier() { pthread_barrier_destroy(&m_barrier); }
    Barrier(const Barrier&) = delete;
    Barrier& operator=(const Barrier&) = delete;
    void wait() { pthread_barrier_wait(&m_barrier); }

private:
    pthread_barrier_t m_barrier;
};

/// One worker's view of the block.
class ThreadBlock {
public:
    using Functions = kernel::HostFunctions;
    ThreadBlock(int worker, int workers, Barrier& all, kernel::BlockBoard& board)
        : m_worker(worker), m_workers(workers), m_all(all), m_board(board)
    {
    }
    int worker() const { return m_worker; }
    int workers() const { return m_workers; }
    void wait() const { m_all.wait(); }
    kernel::BlockBoard& board() const { return m_board; }

private:
    int m_worker, m_workers;
    Barrier& m_all;
    kernel::BlockBoard& m_board;
};

/// work(team, worker) on each of `workers` threads, a power of two; returns when all are done.
template <class Work>
void runOnThreads(int workers, const Work& work)
{
    Barrier all(workers);
    kernel::BlockBoard board{};
    std::vector<std::jthread> threads;
    for (int worker = 0; worker < workers; ++worker)
        threads.emplace_back([&, worker] {
            const ThreadBlock block(worker, workers, all, board);
            work(kernel::BlockTeam<ThreadBlock>(block), worker);
        });
}

} // namespace winnow::testing_support
