// SPDX-License-Identifier: GPL-3.0-or-later
// What of a replay lies in a GPU's memory while it walks: rows of layers, and results.
#pragma once

#include "core/device/gpu.h"
#include "core/device/kernels/walk_layout.h"
#include "core/replay/replay_plan.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace winnow {

/// A layer's rows.
struct ResidentLayer {
    std::vector<GpuMemory> memory;
    kernel::WalkLayer layer;

    /// Reads layer `layer` of the plan. `moves`: also the rows before the rotary embedding.
    static Result<ResidentLayer> upload(Gpu& gpu, const Trace& trace, const ReplayPlan& plan, int layer, bool moves);
    /// Bytes that `upload` will take.
    static std::uint64_t bytes(const LayerInfo& info, int tokens, bool moves);
};

/// The results of one policy for the layers [first, last) of a plan, on a GPU. `result` must outlive it.
class ResidentResults {
public:
    /// What the host holds goes up, for the walk writes single entries.
    static Result<ResidentResults> upload(Gpu& gpu, PolicyReplay& result, int first, int last)
    {
        ResidentResults of(result, first, last);
        WINNOW_TRY_VOID(of.put(gpu, result.evictStep, of.m_evictStep));
        WINNOW_TRY_VOID(of.put(gpu, result.mass, of.m_mass));
        WINNOW_TRY_VOID(of.put(gpu, result.error, of.m_error));
        WINNOW_TRY_VOID(of.put(gpu, result.occupancy, of.m_occupancy));
        WINNOW_TRY_VOID(of.put(gpu, result.scoreAtEviction, of.m_scoreAtEviction));
        WINNOW_TRY_VOID(of.put(gpu, result.lowestKept, of.m_lowestKept));
        WINNOW_TRY_VOID(of.put(gpu, result.oracleMass, of.m_oracleMass));
        return of;
    }
    Result<void> download(Gpu& gpu) const
    {
        WINNOW_TRY_VOID(get(gpu, m_result->evictStep, m_evictStep));
        WINNOW_TRY_VOID(get(gpu, m_result->mass, m_mass));
        WINNOW_TRY_VOID(get(gpu, m_result->error, m_error));
        WINNOW_TRY_VOID(get(gpu, m_result->occupancy, m_occupancy));
        WINNOW_TRY_VOID(get(gpu, m_result->scoreAtEviction, m_scoreAtEviction));
        WINNOW_TRY_VOID(get(gpu, m_result->lowestKept, m_lowestKept));
        return get(gpu, m_result->oracleMass, m_oracleMass);
    }
    /// As if nothing had been fetched: what `emptyResults` makes.
    void forget()
    {
        constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
        for (Cells<std::int32_t>* cells : {&m_result->evictStep, &m_result->occupancy})
            std::fill_n(cells->data() + m_begin, m_count, -1);
        for (Cells<float>* cells :
             {&m_result->mass, &m_result->error, &m_result->scoreAtEviction, &m_result->lowestKept, &m_result->oracleMass})
            if (!cells->empty())
                std::fill_n(cells->data() + m_begin, m_count, kNone);
    }
    /// Where the entries from `cell` on lie on the GPU; `cell` counts from the first one of the batch.
    kernel::WalkResults at(std::size_t cell) const
    {
        return {.evictStep = from<int>(m_evictStep, cell),
                .scoreAtEviction = from<float>(m_scoreAtEviction, cell),
                .lowestKept = from<float>(m_lowestKept, cell),
                .mass = from<float>(m_mass, cell),
                .error = from<float>(m_error, cell),
                .occupancy = from<int>(m_occupancy, cell),
                .oracleMass = from<float>(m_oracleMass, cell)};
    }

private:
    ResidentResults(PolicyReplay& result, int first, int last)
        : m_result(&result), m_begin(result.index(first, 0, 0)), m_count(result.index(last, 0, 0) - m_begin)
    {
    }
    /// Null where the policy has no such results.
    template <class T>
    static T* from(const GpuMemory& memory, std::size_t cell)
    {
        return memory.address() ? memory.as<T>() + cell : nullptr;
    }
    template <class T>
    Result<void> put(Gpu& gpu, const Cells<T>& cells, GpuMemory& to) const
    {
        if (cells.empty())
            return {};
        WINNOW_TRY(to, GpuMemory::of(gpu, std::span<const T>(cells.data() + m_begin, m_count)));
        return {};
    }
    template <class T>
    Result<void> get(Gpu& gpu, Cells<T>& cells, const GpuMemory& from) const
    {
        if (cells.empty())
            return {};
        return gpu.download(std::as_writable_bytes(std::span(cells.data() + m_begin, m_count)), from.address());
    }

    PolicyReplay* m_result;
    std::size_t m_begin, m_count; ///< cells
    GpuMemory m_evictStep, m_mass, m_error, m_occupancy, m_scoreAtEviction, m_lowestKept, m_oracleMass;
};

} // namespace winnow
