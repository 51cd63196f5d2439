#include "wavelet/numbers.h"

#include <cstdlib>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace winnow::wavelet {

void FreeNumbers::operator()(double* numbers) const { std::free(numbers); }

Numbers allocateNumbers(std::size_t size)
{
    constexpr std::size_t kLine = 64, kLargePage = std::size_t{2} << 20;
    if (size > (~std::size_t{0} - kLargePage) / sizeof(double))
        throw std::bad_alloc();
    const std::size_t bytes = size * sizeof(double);
    const std::size_t alignment = bytes >= 2 * kLargePage ? kLargePage : kLine;
    const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
    void* memory = std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
    if (memory == nullptr)
        throw std::bad_alloc();
#if defined(__linux__)
    if (alignment == kLargePage)
        madvise(memory, rounded, MADV_HUGEPAGE); // a hint: nothing is lost where it is refused
#endif
    return Numbers(static_cast<double*>(memory));
}

} // namespace winnow::wavelet
