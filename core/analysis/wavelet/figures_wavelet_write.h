// The numbers of the wavelet figures as text and as arrays; figures_write.cpp calls these. The csv has no manifest lines.
#pragma once

#include "core/analysis/figures.h"
#include "core/io/npz.h"

namespace winnow {

/// bands [levels, positions], approximation, signal [positions], energy [levels + 1], power [levels + 1, positions]; wavelet, mode,
/// transform, signal_kind, step, steps, first_position.
void addArrays(NpzWriter& npz, const Contribution& contribution);

/// A line per scale and position: period, position, power, whether it is significant and inside the cone.
std::string csvOf(const TokenScalogram& scalogram);
/// power [scales, positions], period, scale, global and threshold [scales], cone and signal [positions], wavelet, signal_kind,
/// noise, confidence, step, first_position; ridges as ridge_begin [ridges], ridge_length [ridges] and ridge_period, ridge_power
/// one after the other.
void addArrays(NpzWriter& npz, const TokenScalogram& scalogram);

/// A line per position with a column for every node.
std::string csvOf(const PacketBands& packets);
/// path, level, low, high, energy [nodes]; magnitude [nodes, positions]; signal; entropy, entropy_dwt; wavelet, mode, signal_kind,
/// step, first_position.
void addArrays(NpzWriter& npz, const PacketBands& packets);

/// The matrix of all heads as `#` lines, then a line per head: layer, head, slope, low, high, points.
std::string csvOf(const HeadSlopes& slopes);
/// layer, head, slope, low, high, octaves [heads]; of all heads together: edges [octaves + 1], ratio, part and masked [levels + 1,
/// octaves], mean_level and log_distance [octaves], fit (slope, at, low, high); wavelet, mode, transform, signal_kind, steps, hide.
void addArrays(NpzWriter& npz, const HeadSlopes& slopes);

/// A line per policy, level and octave.
std::string csvOf(const LostBands& lost);
/// policy; edges; masked [levels + 1, octaves]; lost and kept [policies, levels + 1, octaves]; lost_bands [policies, levels + 2,
/// positions] (signal, levels, approximation) and bands, the same of the whole; lost_signal [policies]; step, wavelet, …
void addArrays(NpzWriter& npz, const LostBands& lost);

/// A line per position as it stands before the newest, a column for every band of each picture and of their difference (scalograms:
/// a line per scale and position; lost bands: a line per level and octave).
std::string csvOf(const WaveletPair& pair);
/// The arrays of each picture after "first_" and "second_", and those of the first minus the second, cropped to the shorter, after
/// "difference_": bands, approximation, signal, energy, power (bands), power (scalograms), magnitude, energy (packets of a
/// difference), lost, kept [levels + 1, octaves] (lost bands); labels [2], difference 0 or 1.
void addArrays(NpzWriter& npz, const WaveletPair& pair);

} // namespace winnow
