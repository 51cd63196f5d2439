// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "wavelet/multiresolution.h"
#include "wavelet/stationary.h"

#include <Eigen/Core>

#include <cstddef>

/// The arrays of the room as Eigen sees them, without a copy. A map borrows: it is valid as long as what it was made of.
///
///     Eigen::MatrixXd channels(512, 64);                                     // a signal in every column
///     auto bands = multiresolution(batchOf(channels), *findWavelet("db4"));
///     Eigen::VectorXd energy = bandMap(bands, 0).colwise().squaredNorm();    // of the finest band, per channel
namespace winnow::wavelet {

using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Rows in memory, each `outerStride()` numbers after the one before.
using RowMap = Eigen::Map<RowMatrix, 0, Eigen::OuterStride<>>;
using ConstRowMap = Eigen::Map<const RowMatrix, 0, Eigen::OuterStride<>>;

inline RowMap rowMap(double* data, std::size_t rows, std::size_t columns, std::size_t stride)
{
    return {data, static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns),
            Eigen::OuterStride<>(static_cast<Eigen::Index>(stride))};
}
inline ConstRowMap rowMap(const double* data, std::size_t rows, std::size_t columns, std::size_t stride)
{
    return {data, static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns),
            Eigen::OuterStride<>(static_cast<Eigen::Index>(stride))};
}

/// The columns of a matrix, or of a block of one, as signals: [length, count], at least one number. An expression that has to be
/// computed first does not bind to these (Eigen would make a temporary): evaluate it into a matrix that lives on.
inline SignalBatch batchOf(const Eigen::Ref<const Eigen::MatrixXd, 0, Eigen::OuterStride<>>& columns)
{
    return {.data = columns.data(),
            .length = static_cast<std::size_t>(columns.rows()),
            .count = static_cast<std::size_t>(columns.cols()),
            .layout = Layout::SignalMajor,
            .stride = static_cast<std::size_t>(columns.outerStride())};
}
inline SignalBatch batchOf(const ConstRowMap& columns)
{
    return {.data = columns.data(),
            .length = static_cast<std::size_t>(columns.rows()),
            .count = static_cast<std::size_t>(columns.cols()),
            .layout = Layout::SampleMajor,
            .stride = static_cast<std::size_t>(columns.outerStride())};
}

/// A band of a batch: [length, count], a signal in every column, whichever way the batch lies.
using BandMap = Eigen::Map<const Eigen::MatrixXd, 0, Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>>;
inline BandMap bandMap(const MultiresolutionBands& bands, std::size_t band)
{
    const auto length = static_cast<Eigen::Index>(bands.length), count = static_cast<Eigen::Index>(bands.count);
    const bool bySignal = bands.layout == Layout::SignalMajor;
    return {bands.band(band).data(), length, count, {bySignal ? length : 1, bySignal ? 1 : count}};
}
inline BandMap bandMap(const StationaryBands& bands, std::size_t band)
{
    const auto length = static_cast<Eigen::Index>(bands.length), count = static_cast<Eigen::Index>(bands.count);
    return {bands.band(band).data(), length, count, {length, 1}};
}

} // namespace winnow::wavelet
