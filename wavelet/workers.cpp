// SPDX-License-Identifier: GPL-3.0-or-later
#include "wavelet/workers.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace winnow::wavelet {

void forEachItem(std::size_t items, std::size_t workers, const std::function<void(std::size_t item, std::size_t worker)>& work)
{
    std::atomic<std::size_t> next{0};
    std::exception_ptr thrown;
    std::mutex thrownMutex;
    const auto run = [&](std::size_t worker) {
        try {
            for (std::size_t item = next++; item < items; item = next++)
                work(item, worker);
        } catch (...) {
            next = items;
            const std::lock_guard lock(thrownMutex);
            thrown = std::current_exception();
        }
    };
    {
        std::vector<std::jthread> threads;
        threads.reserve(workers);
        try {
            for (std::size_t worker = 1; worker < workers; ++worker)
                threads.emplace_back(run, worker);
        } catch (const std::system_error&) {
            // No more threads to be had: those there are do the work.
        }
        run(0);
    }
    if (thrown)
        std::rethrow_exception(thrown);
}

std::size_t workerCount(int wanted, std::size_t items, double operations)
{
    constexpr double kWorthAThread = 4e6; // multiply-adds, about a millisecond without vector instructions
    if (operations < kWorthAThread)
        return 1;
    const std::size_t most = wanted > 0 ? static_cast<std::size_t>(wanted) : std::max(1U, std::thread::hardware_concurrency());
    return std::clamp<std::size_t>(items, 1, most);
}

} // namespace winnow::wavelet
