// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "wavelet/input.h"

#include <cstddef>
#include <span>
#include <vector>

namespace winnow::wavelet {

/// One coefficient of the transform, as it becomes known.
struct StreamedCoefficient {
    std::size_t band = 0;  // finest detail first; the approximation last
    std::size_t index = 0; // in its band, ascending without gaps
    double value = 0.0;
    friend bool operator==(const StreamedCoefficient&, const StreamedCoefficient&) = default;
};

/// The discrete transform of a signal that arrives sample by sample. After finish() every coefficient of wavedec() has been given
/// once, the same number: that of level l as soon as its last sample is there, about 2^l (taps / 2) samples late. Holds a few
/// filter lengths per level, however long the signal. A push costs about 2 taps multiply-adds on average. One thread at a time.
class StreamingTransform {
public:
    /// `levels` >= 1. Refused are Periodic and Periodization, whose first coefficient needs the last sample.
    static Checked<StreamingTransform> create(const Wavelet& wavelet, Boundary boundary, int levels);

    StreamingTransform(StreamingTransform&&) noexcept;
    StreamingTransform& operator=(StreamingTransform&&) noexcept;
    ~StreamingTransform();

    /// Takes one sample; what has become known with it is appended to `to`.
    void push(double sample, std::vector<StreamedCoefficient>& to);

    /// The signal is over: appends the coefficients that feel its end. At least one sample was pushed; no more may follow.
    void finish(std::vector<StreamedCoefficient>& to);

    /// Samples so far.
    std::size_t length() const;

private:
    class Stage;
    explicit StreamingTransform(std::vector<Stage> stages);

    std::vector<Stage> m_stages;
};

} // namespace winnow::wavelet
