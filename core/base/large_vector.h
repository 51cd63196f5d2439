// SPDX-License-Identifier: GPL-3.0-or-later
// Large arrays of numbers that are written before they are read.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <new>
#include <utility>
#include <vector>

namespace winnow {

/// Leaves new elements as they are, and lays what fills a large page of the system on such pages, if it has them: 512 times fewer
/// have to be fetched when the array is written first.
template <class T>
struct LargeAllocator {
    using value_type = T;
    static constexpr std::size_t kLargePage = std::size_t{2} << 20;

    LargeAllocator() = default;
    template <class U>
    explicit LargeAllocator(const LargeAllocator<U>&)
    {
    }
    T* allocate(std::size_t count)
    {
        const std::size_t bytes = count * sizeof(T);
        if (bytes < kLargePage)
            return static_cast<T*>(::operator new(bytes));
        void* const memory = ::operator new (bytes, std::align_val_t{kLargePage});
        ::madvise(memory, bytes, MADV_HUGEPAGE); // a wish: where it is not granted, nothing is lost
        return static_cast<T*>(memory);
    }
    void deallocate(T* memory, std::size_t count)
    {
        if (count * sizeof(T) < kLargePage)
            ::operator delete(memory);
        else
            ::operator delete (memory, std::align_val_t{kLargePage});
    }
    template <class U>
    void construct(U* place)
    {
        ::new (static_cast<void*>(place)) U;
    }
    template <class U, class Value>
    void construct(U* place, Value&& value)
    {
        ::new (static_cast<void*>(place)) U(std::forward<Value>(value));
    }
    bool operator==(const LargeAllocator&) const = default;
};

/// `resize` leaves its new elements unset.
template <class T>
using LargeVector = std::vector<T, LargeAllocator<T>>;

} // namespace winnow
