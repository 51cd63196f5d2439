// SPDX-License-Identifier: GPL-3.0-or-later
// The memory of a cache: rows that grow and shrink where they lie, and the count of their bytes.
#pragma once

#include <ATen/ATen.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace winnow {

/// Bytes of all buffers of a cache, counted where they are allocated and given back.
struct BufferBytes {
    std::uint64_t now = 0;
    std::uint64_t most = 0; ///< since somebody last set it to `now`

    void take(std::uint64_t bytes)
    {
        now += bytes;
        most = std::max(most, now);
    }
    void give(std::uint64_t bytes) { now -= bytes; }
};

/// Rows of `width` numbers, of the type and on the device of `options`. Host memory is that of malloc: a large buffer that
/// changes its size is not there twice meanwhile, the system moves its pages. On another device it is, and is counted so. Not
/// thread-safe.
class RowBuffer {
public:
    /// `bytes` outlives this.
    RowBuffer(std::int64_t width, const at::TensorOptions& options, BufferBytes& bytes);
    ~RowBuffer();
    RowBuffer(RowBuffer&& other) noexcept;
    RowBuffer& operator=(RowBuffer&&) = delete;

    /// [count, width], not a copy; valid until the size changes.
    const at::Tensor& rows() const { return m_rows; }
    std::uint64_t bytes() const { return static_cast<std::uint64_t>(m_rows.numel()) * m_rows.element_size(); }
    /// The first rows stay, as many as there are of both. Throws std::bad_alloc.
    void resize(std::int64_t count);
    /// Rows [from, from + count) to `to`; the two may overlap.
    void move(std::int64_t from, std::int64_t to, std::int64_t count);

private:
    void resizeHost(std::int64_t count);

    std::int64_t m_width;
    at::TensorOptions m_options;
    BufferBytes& m_bytes;
    std::byte* m_block = nullptr; ///< of malloc; the rows begin at the first address in it that vectors like
    at::Tensor m_rows;
};

} // namespace winnow
