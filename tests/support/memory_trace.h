// SPDX-License-Identifier: GPL-3.0-or-later
// A synthetic trace behind the interface of a recorded one, without a file.
#pragma once

#include "tests/support/synthetic_trace.h"

namespace winnow::testing_support {

class MemoryTrace final : public Trace {
public:
    explicit MemoryTrace(SyntheticTrace trace) : m_trace(std::move(trace)), m_path("memory.h5") {}
    const TraceInfo& info() const override { return m_trace.info; }
    const std::filesystem::path& path() const override { return m_path; }
    Result<void> read(int layerIndex, Rows what, Position begin, Position end, std::span<float> out) const override
    {
        const auto& rows = what == Rows::Query             ? m_trace.q
                           : what == Rows::Key             ? m_trace.k
                           : what == Rows::Value           ? m_trace.v
                           : what == Rows::Output          ? m_trace.o
                           : what == Rows::ValueOutputNorm ? m_trace.valueOutputNorm
                                                           : m_trace.lse;
        const auto slice =
            sliceRows(rows[static_cast<std::size_t>(layerIndex)], heads(layerIndex, what), tokenCount(), raw(begin), raw(end));
        std::copy(slice.begin(), slice.end(), out.begin());
        return {};
    }
    const SyntheticTrace& synthetic() const { return m_trace; }

private:
    SyntheticTrace m_trace;
    std::filesystem::path m_path;
};

} // namespace winnow::testing_support
