// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/row_buffer.h"

#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace winnow {

namespace {

constexpr std::size_t kAlignment = 64;

std::size_t untilAligned(const std::byte* block)
{
    return (kAlignment - reinterpret_cast<std::uintptr_t>(block) % kAlignment) % kAlignment;
}

} // namespace

RowBuffer::RowBuffer(std::int64_t width, const at::TensorOptions& options, BufferBytes& bytes)
    : m_width(width), m_options(options), m_bytes(bytes), m_rows(at::empty({0, width}, options))
{
}

RowBuffer::RowBuffer(RowBuffer&& other) noexcept
    : m_width(other.m_width), m_options(other.m_options), m_bytes(other.m_bytes), m_block(std::exchange(other.m_block, nullptr)),
      m_rows(std::move(other.m_rows))
{
}

RowBuffer::~RowBuffer()
{
    if (m_rows.defined())
        m_bytes.give(bytes());
    std::free(m_block);
}

void RowBuffer::resize(std::int64_t count)
{
    if (count == m_rows.size(0))
        return;
    if (m_options.device().is_cpu())
        return resizeHost(count);
    const at::Tensor other = at::empty({count, m_width}, m_options);
    m_bytes.take(other.numel() * other.element_size());
    const std::int64_t both = std::min(count, m_rows.size(0));
    other.slice(0, 0, both).copy_(m_rows.slice(0, 0, both));
    m_bytes.give(bytes());
    m_rows = other;
}

void RowBuffer::resizeHost(std::int64_t count)
{
    const std::size_t before = bytes(), after = static_cast<std::size_t>(count * m_width) * m_rows.element_size();
    const std::size_t lay = m_block ? untilAligned(m_block) : 0;
    auto* const block = static_cast<std::byte*>(std::realloc(m_block, after + kAlignment));
    if (block == nullptr)
        throw std::bad_alloc();
    m_block = block;
    const std::size_t lies = untilAligned(block);
    if (lies != lay)
        std::memmove(block + lies, block + lay, std::min(before, after));
    m_rows = at::from_blob(block + lies, {count, m_width}, m_options);
    m_bytes.give(before);
    m_bytes.take(after);
}

void RowBuffer::move(std::int64_t from, std::int64_t to, std::int64_t count)
{
    if (count == 0 || from == to)
        return;
    if (m_block == nullptr) {
        m_rows.slice(0, to, to + count).copy_(m_rows.slice(0, from, from + count).clone());
        return;
    }
    const std::size_t row = static_cast<std::size_t>(m_width) * m_rows.element_size();
    auto* const data = static_cast<std::byte*>(m_rows.data_ptr());
    std::memmove(data + static_cast<std::size_t>(to) * row, data + static_cast<std::size_t>(from) * row,
                 static_cast<std::size_t>(count) * row);
}

} // namespace winnow
