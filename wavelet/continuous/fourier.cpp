// SPDX-License-Identifier: GPL-3.0-or-later
#include "wavelet/continuous/fourier.h"

#include "wavelet/contract.h"

#include <fftw3.h>

#include <list>
#include <mutex>
#include <new>
#include <tuple>

namespace winnow::wavelet {

namespace {

constexpr std::size_t kKeptPlans = 32;

std::mutex& plannerMutex()
{
    static std::mutex mutex;
    return mutex;
}

fftw_complex* raw(Complex* numbers) { return reinterpret_cast<fftw_complex*>(numbers); }

/// Planned for aligned arrays, so others would crash.
void checkAlignment(const void* numbers)
{
    auto* address = static_cast<double*>(const_cast<void*>(numbers)); // FFTW reads the address only
    WINNOW_WAVELET_CHECK(fftw_alignment_of(address) == 0, "the array comes from allocateNumbers");
}

} // namespace

struct FourierPlan::Handle {
    fftw_plan plan = nullptr;
};

std::size_t quickLength(std::size_t length)
{
    for (std::size_t size = length + length % 2;; size += 2) {
        std::size_t rest = size;
        for (const std::size_t factor : {2, 3, 5, 7}) {
            while (rest > 1 && rest % factor == 0)
                rest /= factor;
        }
        if (rest == 1)
            return size;
    }
}

/// Called with the planner's lock held.
FourierPlan::FourierPlan(Kind kind, std::size_t length) : m_kind(kind), m_handle(std::make_unique<Handle>())
{
    WINNOW_WAVELET_CHECK(length > 0 && length <= 0x7fffffff, "FFTW counts with int");
    // The arrays are only looked at for their alignment.
    ComplexNumbers in(length), out(length);
    const int size = static_cast<int>(length);
    auto* realIn = reinterpret_cast<double*>(in.data());
    auto* realOut = reinterpret_cast<double*>(out.data());
    switch (kind) {
    case Kind::RealForward:
        m_handle->plan = fftw_plan_dft_r2c_1d(size, realIn, raw(out.data()), FFTW_ESTIMATE);
        break;
    case Kind::RealInverse:
        m_handle->plan = fftw_plan_dft_c2r_1d(size, raw(in.data()), realOut, FFTW_ESTIMATE | FFTW_DESTROY_INPUT);
        break;
    case Kind::Forward:
    case Kind::Inverse:
        m_handle->plan =
            fftw_plan_dft_1d(size, raw(in.data()), raw(out.data()), kind == Kind::Forward ? FFTW_FORWARD : FFTW_BACKWARD,
                             FFTW_ESTIMATE | FFTW_DESTROY_INPUT);
        break;
    }
    if (m_handle->plan == nullptr)
        throw std::bad_alloc();
}

FourierPlan::~FourierPlan()
{
    const std::lock_guard lock(plannerMutex());
    fftw_destroy_plan(m_handle->plan);
}

std::shared_ptr<const FourierPlan> FourierPlan::get(Kind kind, std::size_t length)
{
    struct Kept {
        Kind kind;
        std::size_t length;
        std::shared_ptr<const FourierPlan> plan;
    };
    std::mutex& mutex = plannerMutex();         // made before the list, whose plans take it when they go
    static std::list<Kept> kept;                // the last one used first
    std::shared_ptr<const FourierPlan> dropped; // goes after the lock is given back
    const std::lock_guard lock(mutex);
    for (auto one = kept.begin(); one != kept.end(); ++one) {
        if (one->kind == kind && one->length == length) {
            kept.splice(kept.begin(), kept, one);
            return kept.front().plan;
        }
    }
    kept.push_front({kind, length, std::shared_ptr<const FourierPlan>(new FourierPlan(kind, length))});
    if (kept.size() > kKeptPlans) {
        dropped = std::move(kept.back().plan);
        kept.pop_back();
    }
    return kept.front().plan;
}

void FourierPlan::run(const double* in, Complex* out) const
{
    WINNOW_WAVELET_CHECK(m_kind == Kind::RealForward, "real to complex");
    checkAlignment(in);
    checkAlignment(out);
    fftw_execute_dft_r2c(m_handle->plan, const_cast<double*>(in), raw(out)); // keeps its input
}

void FourierPlan::run(Complex* in, double* out) const
{
    WINNOW_WAVELET_CHECK(m_kind == Kind::RealInverse, "complex to real");
    checkAlignment(in);
    checkAlignment(out);
    fftw_execute_dft_c2r(m_handle->plan, raw(in), out);
}

void FourierPlan::run(Complex* in, Complex* out) const
{
    WINNOW_WAVELET_CHECK(m_kind == Kind::Forward || m_kind == Kind::Inverse, "complex to complex");
    checkAlignment(in);
    checkAlignment(out);
    fftw_execute_dft(m_handle->plan, raw(in), raw(out));
}

} // namespace winnow::wavelet
