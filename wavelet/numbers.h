#pragma once

#include <cstddef>
#include <memory>

namespace winnow::wavelet {

struct FreeNumbers {
    void operator()(double* numbers) const;
};

/// A large array that is written before it is read.
using Numbers = std::unique_ptr<double[], FreeNumbers>;

/// `size` numbers, not initialized; in large pages where the system offers them, since the first touch of so many small pages
/// takes longer than the transform. Throws std::bad_alloc.
Numbers allocateNumbers(std::size_t size);

} // namespace winnow::wavelet
