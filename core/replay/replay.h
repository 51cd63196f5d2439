// SPDX-License-Identifier: GPL-3.0-or-later
// The replay engine (open loop): any number of policies over one trace, in one pass. Free of Torch.
#pragma once

#include "core/base/job_context.h"
#include "core/replay/replay_result.h"
#include "core/trace/trace.h"

namespace winnow {

struct CudaOnMachine;

struct ReplayOptions {
    int prompt = 0;                            ///< the first `prompt` tokens are processed with full attention
    std::optional<std::pair<int, int>> layers; ///< first and last layer, inclusive; all recorded ones if not set
    std::string device = "auto";               ///< auto, cpu, cuda, cuda:n, cuda:0,cuda:1
    bool oracle = true;                        ///< also the top-k oracle's mass
    bool evictors = false; ///< also the mass of the eviction oracles (evictor_oracle.h): futureMass and boundMass
    int block = 64;        ///< query rows per logits tile
    std::shared_ptr<const CudaOnMachine> cuda{}; ///< in place of this machine's; for tests
    /// Called before the work with the memory that it takes, as a text ("1.3 GB of memory, 1.1 GB of them results"; for each GPU
    /// "21.3 GB of 139.0 GB free on NVIDIA H200 (cuda:0), 12 of 32 layers at a time").
    std::function<void(const std::string& memory)> planned{};
    /// After every block, on the working thread: all policies so far, copies that may be kept. Throttled to 10 a second; not
    /// called where memory does not hold the results.
    std::function<void(const ReplayResult& soFar)> advanced{};
};

/// Results that memory does not hold beside the rest lie in temporary files (core/replay/result_cells.h). Errors: a spec that
/// does not fit (checkSpec), no such layer or device, more than memory and disk hold (said before the work), cancelled.
Result<std::shared_ptr<const ReplayResult>> replay(const Trace& trace, std::span<const PolicySpec> specs,
                                                   const ReplayOptions& options, const JobContext& job);

} // namespace winnow
