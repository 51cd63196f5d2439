// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <complex>
#include <cstddef>
#include <memory>
#include <span>

namespace winnow::wavelet {

struct FreeNumbers {
    std::size_t bytes = 0;
    void operator()(double* numbers) const;
};

/// A large array that is written before it is read.
using Numbers = std::unique_ptr<double[], FreeNumbers>;

/// `size` numbers, not initialized; in large pages where the system offers them, since the first touch of so many small pages
/// takes longer than the transform. For the same reason the last few large arrays that were freed, together at most 256 MiB, are
/// given out again; meanwhile the system may take their pages back whenever it needs memory. Safe from any thread. Throws
/// std::bad_alloc.
Numbers allocateNumbers(std::size_t size);

using Complex = std::complex<double>;

/// The same for complex numbers.
class ComplexNumbers {
public:
    ComplexNumbers() = default;
    explicit ComplexNumbers(std::size_t size) : m_numbers(allocateNumbers(2 * size)), m_size(size) {}

    std::size_t size() const { return m_size; }
    Complex* data() { return reinterpret_cast<Complex*>(m_numbers.get()); }
    const Complex* data() const { return reinterpret_cast<const Complex*>(m_numbers.get()); }
    std::span<Complex> all() { return {data(), m_size}; }
    std::span<const Complex> all() const { return {data(), m_size}; }

private:
    Numbers m_numbers;
    std::size_t m_size = 0;
};

} // namespace winnow::wavelet
