// SPDX-License-Identifier: GPL-3.0-or-later
#include "wavelet/lane_rows.h"

#include <algorithm>

namespace winnow::wavelet {

namespace {

/// The rows of a block with signed indices: margins are negative or beyond the end.
class Rows {
public:
    Rows(double* x, std::size_t lanes) : m_x(x), m_lanes(static_cast<std::ptrdiff_t>(lanes)) {}

    void copy(std::ptrdiff_t to, std::ptrdiff_t from) { std::copy_n(row(from), m_lanes, row(to)); }
    void clear(std::ptrdiff_t to) { std::fill_n(row(to), m_lanes, 0.0); }
    void negate(std::ptrdiff_t to, std::ptrdiff_t from)
    {
        for (std::ptrdiff_t lane = 0; lane < m_lanes; ++lane)
            row(to)[lane] = -row(from)[lane];
    }
    /// The point of `from` seen through `center`: 2 center - from.
    void mirror(std::ptrdiff_t to, std::ptrdiff_t center, std::ptrdiff_t from)
    {
        for (std::ptrdiff_t lane = 0; lane < m_lanes; ++lane)
            row(to)[lane] = 2.0 * row(center)[lane] - row(from)[lane];
    }
    /// `distance` steps along the line from `inner` through `edge`.
    void line(std::ptrdiff_t to, std::ptrdiff_t edge, std::ptrdiff_t inner, std::ptrdiff_t distance)
    {
        const auto steps = static_cast<double>(distance);
        for (std::ptrdiff_t lane = 0; lane < m_lanes; ++lane)
            row(to)[lane] = row(edge)[lane] + steps * (row(edge)[lane] - row(inner)[lane]);
    }

private:
    double* row(std::ptrdiff_t index) const { return m_x + index * m_lanes; }

    double* m_x;
    std::ptrdiff_t m_lanes;
};

} // namespace

void extendRows(double* x, std::size_t length, std::size_t lanes, std::size_t margin, Boundary boundary)
{
    Rows rows(x, lanes);
    auto end = static_cast<std::ptrdiff_t>(length); // one past the last sample
    const auto width = static_cast<std::ptrdiff_t>(margin);
    if (boundary == Boundary::Periodization && end % 2 != 0) {
        rows.copy(end, end - 1);
        ++end;
    }
    const std::ptrdiff_t last = end - 1;
    // One row on each side per turn, from the edge outward, so that a short signal may be extended from its own extension.
    for (std::ptrdiff_t i = 1; i <= width; ++i) {
        const std::ptrdiff_t left = -i, right = last + i;
        switch (boundary) {
        case Boundary::Zero:
            rows.clear(left);
            rows.clear(right);
            break;
        case Boundary::Constant:
            rows.copy(left, 0);
            rows.copy(right, last);
            break;
        case Boundary::Symmetric:
            rows.copy(left, i - 1);
            rows.copy(right, last + 1 - i);
            break;
        case Boundary::Antisymmetric:
            rows.negate(left, i - 1);
            rows.negate(right, last + 1 - i);
            break;
        case Boundary::Reflect:
            rows.copy(left, last > 0 ? i : 0);
            rows.copy(right, last > 0 ? last - i : last);
            break;
        case Boundary::Antireflect:
            if (last > 0) {
                rows.mirror(left, 0, i);
                rows.mirror(right, last, last - i);
            } else {
                rows.copy(left, 0);
                rows.copy(right, 0);
            }
            break;
        case Boundary::Periodic:
        case Boundary::Periodization:
            rows.copy(left, left + end);
            rows.copy(right, right - end);
            break;
        case Boundary::Smooth:
            rows.line(left, 0, last > 0 ? 1 : 0, i);
            rows.line(right, last, last > 0 ? last - 1 : 0, i);
            break;
        }
    }
}

} // namespace winnow::wavelet
