// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/h5check/fence.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include <sys/mman.h>

#ifndef __SANITIZE_ADDRESS__ // which has a malloc of its own

/// What malloc and its kin are in glibc, under names that stay free.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void __libc_free(void* block);
}

namespace winnow {

namespace {

/// A block lies in a slot of its own; behind its last page the rest of the slot, and all free slots, cannot be read.
constexpr std::size_t kPage = 4096, kAlign = 16, kSlots = 2048;
/// No power of two, or an index that one bit made wrong met the block of another slot.
constexpr std::size_t kSlot = (std::size_t{1} << 25) + 7 * kPage;
constexpr std::size_t kMost = kSlot / 2;
constexpr std::size_t kMostTogether = std::size_t{1} << 29; ///< bytes in all slots; what goes beyond has no fence
constexpr unsigned char kFresh = 0xA5;                      ///< fresh memory holds numbers that are no size and no address

std::byte* g_fence = nullptr;
std::array<std::uint16_t, kSlots> g_free; ///< numbers of slots
std::array<std::uint32_t, kSlots> g_sizes;
std::size_t g_freeCount = 0, g_taken = 0;

bool isFenced(const void* block) { return g_fence && block >= g_fence && block < g_fence + kSlots * kSlot; }

std::size_t slotOf(const void* block) { return static_cast<std::size_t>(static_cast<const std::byte*>(block) - g_fence) / kSlot; }

std::size_t pagesBytes(std::size_t size) { return (size + kPage - 1) / kPage * kPage; }

/// Null: there is no place.
void* take(std::size_t size)
{
    if (!g_fence || size < kFenced || size > kMost || g_freeCount == 0 || g_taken + size > kMostTogether)
        return nullptr;
    const std::size_t slot = g_free[g_freeCount - 1], bytes = pagesBytes(size);
    std::byte* const pages = g_fence + slot * kSlot;
    if (::mprotect(pages, bytes, PROT_READ | PROT_WRITE) != 0)
        return nullptr;
    --g_freeCount;
    g_taken += size;
    g_sizes[slot] = static_cast<std::uint32_t>(size);
    return pages + (bytes - (size + kAlign - 1) / kAlign * kAlign);
}

void give(void* block)
{
    const std::size_t slot = slotOf(block), bytes = pagesBytes(g_sizes[slot]);
    ::madvise(g_fence + slot * kSlot, bytes, MADV_DONTNEED);
    ::mprotect(g_fence + slot * kSlot, bytes, PROT_NONE);
    g_taken -= g_sizes[slot];
    g_free[g_freeCount++] = static_cast<std::uint16_t>(slot);
}

} // namespace

std::size_t raiseFence()
{
    void* const all = ::mmap(nullptr, kSlots * kSlot, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (all == MAP_FAILED)
        return 0;
    for (std::size_t slot = 0; slot < kSlots; ++slot) // they are taken from the middle: there is fence on both sides
        g_free[slot] = static_cast<std::uint16_t>((slot + kSlots / 2) % kSlots);
    g_freeCount = kSlots;
    g_fence = static_cast<std::byte*>(all);
    return kSlots * kSlot;
}

} // namespace winnow

extern "C" {

void* malloc(std::size_t size)
{
    void* const block = winnow::take(size);
    if (!block)
        return __libc_malloc(size);
    return std::memset(block, winnow::kFresh, size);
}

void* calloc(std::size_t count, std::size_t size)
{
    void* const block = size == 0 || count <= winnow::kMost / size ? winnow::take(count * size) : nullptr;
    return block ? block : __libc_calloc(count, size); // fresh pages are zeros
}

void free(void* block)
{
    if (winnow::isFenced(block))
        winnow::give(block);
    else
        __libc_free(block);
}

void* realloc(void* block, std::size_t size)
{
    if (!block)
        return malloc(size);
    if (!winnow::isFenced(block)) // how long it is, only glibc knows
        return __libc_realloc(block, size);
    void* const other = malloc(size);
    if (!other)
        return nullptr;
    std::memcpy(other, block, std::min<std::size_t>(size, winnow::g_sizes[winnow::slotOf(block)]));
    free(block);
    return other;
}
}

#else

std::size_t winnow::raiseFence() { return 0; }

#endif
