// SPDX-License-Identifier: GPL-3.0-or-later
// The data-parallel loop of the rooms with Torch: on Torch's own threads, so that Torch's operations inside a piece run on one
// thread.
#pragma once

#include <cstddef>
#include <functional>

namespace winnow {

/// Calls `work(i)` once for every i in 0…count − 1, in no order: each thread takes the next piece when it has done one, since
/// pieces differ much. Returns when all are done. Where `work` throws, no further pieces are begun, and the first exception is
/// thrown again here.
void torchParallelFor(std::size_t count, const std::function<void(std::size_t)>& work);

/// While it lives, Torch's operations that the calling thread asks for run on that thread alone: for work beside a window, which
/// needs the other cores. Elsewhere nothing changes. It dies on the thread that made it. Does nothing where OpenMP is not there.
class OneTorchThread {
public:
    OneTorchThread();
    ~OneTorchThread();
    OneTorchThread(const OneTorchThread&) = delete;
    OneTorchThread& operator=(const OneTorchThread&) = delete;

private:
    int m_before;
};

} // namespace winnow
