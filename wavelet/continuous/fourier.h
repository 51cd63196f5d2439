// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "wavelet/numbers.h"

#include <cstddef>
#include <memory>

/// Fourier transforms by FFTW, which no other file includes.
namespace winnow::wavelet {

/// The smallest even length of at least `length` with no prime factor above 7, for which FFTW is quick.
std::size_t quickLength(std::size_t length);

/// One transform of one length, none of them scaled: there and back multiplies by the length. Every array comes from
/// allocateNumbers or ComplexNumbers (FFTW wants its alignment) and in and out do not overlap. The inverses destroy their input.
class FourierPlan {
public:
    enum class Kind {
        RealForward, // [length] real to [length / 2 + 1] complex, the rest being conjugate
        RealInverse, // and back
        Forward,     // [length] complex to [length] complex, exp(-i)
        Inverse,     // exp(+i)
    };

    /// Plans are kept, the last 32 of them, so that the same length costs a lookup under one lock (FFTW's planner is shared by
    /// the process). Running a plan takes no lock and is safe from many threads at once. FFTW only estimates, so that the numbers
    /// are the same in every run on one machine.
    static std::shared_ptr<const FourierPlan> get(Kind kind, std::size_t length);

    /// Of the kind that the plan has.
    void run(const double* in, Complex* out) const;
    void run(Complex* in, double* out) const;
    void run(Complex* in, Complex* out) const;

    ~FourierPlan();
    FourierPlan(const FourierPlan&) = delete;
    FourierPlan& operator=(const FourierPlan&) = delete;

private:
    struct Handle;
    FourierPlan(Kind kind, std::size_t length);

    Kind m_kind;
    std::unique_ptr<Handle> m_handle;
};

} // namespace winnow::wavelet
