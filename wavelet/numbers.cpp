// SPDX-License-Identifier: GPL-3.0-or-later
#include "wavelet/numbers.h"

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <new>
#include <vector>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace winnow::wavelet {

namespace {

constexpr std::size_t kLine = 64, kLargePage = std::size_t{2} << 20;

/// Large arrays between two uses. Their contents are worthless.
class Reserve {
public:
    static Reserve& get()
    {
        static auto* reserve = new Reserve; // never destroyed, for arrays may be freed later than static objects
        return *reserve;
    }

    /// An array of exactly that size, or nullptr.
    void* take(std::size_t bytes)
    {
        const std::lock_guard lock(m_mutex);
        const auto found = std::ranges::find(m_blocks, bytes, &Block::bytes);
        if (found == m_blocks.end())
            return nullptr;
        void* memory = found->memory;
        m_held -= bytes;
        m_blocks.erase(found);
        return memory;
    }

    void give(void* memory, std::size_t bytes)
    {
        constexpr std::size_t kMost = std::size_t{256} << 20;
        if (bytes > kMost) {
            std::free(memory);
            return;
        }
#if defined(__linux__)
        madvise(memory, bytes, MADV_FREE);
#endif
        std::vector<Block> dropped;
        {
            const std::lock_guard lock(m_mutex);
            m_blocks.push_back({memory, bytes});
            for (m_held += bytes; m_held > kMost; m_blocks.erase(m_blocks.begin())) {
                m_held -= m_blocks.front().bytes;
                dropped.push_back(m_blocks.front());
            }
        }
        for (const Block& block : dropped)
            std::free(block.memory);
    }

private:
    struct Block {
        void* memory;
        std::size_t bytes;
    };

    std::mutex m_mutex;
    std::vector<Block> m_blocks; // the oldest first
    std::size_t m_held = 0;
};

bool isLarge(std::size_t bytes) { return bytes >= 2 * kLargePage; }

} // namespace

void FreeNumbers::operator()(double* numbers) const
{
    if (isLarge(bytes))
        Reserve::get().give(numbers, bytes);
    else
        std::free(numbers);
}

Numbers allocateNumbers(std::size_t size)
{
    if (size > (~std::size_t{0} - kLargePage) / sizeof(double))
        throw std::bad_alloc();
    const std::size_t wanted = std::max(size * sizeof(double), kLine);
    const std::size_t alignment = isLarge(wanted) ? kLargePage : kLine;
    const std::size_t bytes = (wanted + alignment - 1) / alignment * alignment;
    void* memory = isLarge(bytes) ? Reserve::get().take(bytes) : nullptr;
    if (memory == nullptr) {
        memory = std::aligned_alloc(alignment, bytes);
        if (memory == nullptr)
            throw std::bad_alloc();
#if defined(__linux__)
        if (isLarge(bytes))
            madvise(memory, bytes, MADV_HUGEPAGE); // a hint: nothing is lost where it is refused
#endif
    }
    return Numbers(static_cast<double*>(memory), FreeNumbers{bytes});
}

} // namespace winnow::wavelet
