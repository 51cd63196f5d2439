// SPDX-License-Identifier: GPL-3.0-or-later
// Kernel text for CUDA only: a block of workers (core/kernels/block_team.h) is a thread block.
#pragma once

#include "core/kernels/block_team.h"

namespace winnow::kernel {

struct CudaFunctions {
    static double logarithm(double x) { return log(x); }
    static double squareRoot(double x) { return sqrt(x); }
    static float exponential(float x) { return expf(x); }
    static float hyperbolicTangent(float x) { return tanhf(x); }
    static double notANumber() { return __longlong_as_double(0x7ff8000000000000LL); }
    static double infinity() { return __longlong_as_double(0x7ff0000000000000LL); }
};

class CudaBlock {
public:
    using Functions = CudaFunctions;
    /// `board` lies in shared memory.
    explicit CudaBlock(BlockBoard& board) : m_board(board) {}
    int worker() const { return static_cast<int>(threadIdx.x); }
    int workers() const { return static_cast<int>(blockDim.x); }
    void wait() const { __syncthreads(); }
    BlockBoard& board() const { return m_board; }

private:
    BlockBoard& m_board;
};

} // namespace winnow::kernel
