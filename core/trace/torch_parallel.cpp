// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/torch_parallel.h"

#include "core/base/guarded_pieces.h"

#include <ATen/Parallel.h>

#include <dlfcn.h>

namespace winnow {

namespace {

/// For the calling thread only, unlike at::set_num_threads, which also says what threads begin with that come later.
void setOwnThreads(int threads)
{
    static const auto set = reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "omp_set_num_threads"));
    if (set != nullptr)
        set(threads);
}

} // namespace

// Torch sets a thread's number when it is first asked for; so that comes first.
OneTorchThread::OneTorchThread() : m_before(at::get_num_threads()) { setOwnThreads(1); }
OneTorchThread::~OneTorchThread() { setOwnThreads(m_before); }

void torchParallelFor(std::size_t count, const std::function<void(std::size_t)>& work)
{
    GuardedPieces pieces(count, work);
    at::parallel_for(0, at::get_num_threads(), 1, [&](std::int64_t, std::int64_t) { pieces.takeAll(); });
    pieces.rethrow();
}

} // namespace winnow
