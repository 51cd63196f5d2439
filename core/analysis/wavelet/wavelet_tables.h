// SPDX-License-Identifier: GPL-3.0-or-later
// The numbers of the wavelet analysis as tables. They borrow from what they are made of.
#pragma once

#include "core/analysis/tables.h"
#include "core/analysis/wavelet/contribution.h"
#include "core/analysis/wavelet/head_slopes.h"
#include "core/analysis/wavelet/lost_bands.h"
#include "core/analysis/wavelet/packet_bands.h"
#include "core/analysis/wavelet/scalogram.h"
#include "core/analysis/wavelet/token_coherence.h"

namespace winnow {

/// A row per position. npz: bands [levels, positions], approximation, signal [positions], energy and edge_energy [levels + 1],
/// power [levels + 1, positions]; wavelet, mode, transform, signal_kind, detrend, shuffle, step, steps, first_position.
Tables bandTables(const Contribution& contribution);

/// A row per scale and position: period, position, power, whether it is significant and inside the cone. npz: power [scales,
/// positions], period, scale, global, threshold and global_threshold [scales], cell_threshold [scales, positions] (of shuffled
/// noise), cone and signal [positions], wavelet, signal_kind, detrend, shuffle, noise, confidence, independent, step,
/// first_position; ridges as ridge_begin [ridges], ridge_length [ridges] and ridge_period, ridge_power one after the other.
Tables scalogramTables(const TokenScalogram& scalogram);

/// A row per scale and position: period, position, coherence (squared), phase, whether it is significant and inside the cone.
/// npz: coherence and phase [scales, positions], period, scale, mean and threshold [scales], cone, first and second [positions],
/// the signals; wavelet, signal_kind, detrend, noise, confidence, step, first_position.
Tables coherenceTables(const TokenCoherence& coherence);

/// A row per position with a column for every node. npz: path, level, low, high, energy, edge_energy [nodes]; magnitude [nodes,
/// positions]; signal; entropy, entropy_dwt; wavelet, mode, signal_kind, step, first_position.
Tables packetTables(const PacketBands& packets);

/// A row per head: layer, head, slope, low, high (over octaves), octaves, texts_low and texts_high (over recordings); the matrix
/// of all heads as facts. npz: of all heads alike edges [octaves + 1], ratio, part and masked [levels + 1, octaves], mean_level,
/// log_distance and used [octaves], fit and by_energy_fit (slope, at, low, high), interval and by_energy_interval (low, high,
/// over recordings and heads); wavelet, mode, transform, signal_kind, steps, hide.
Tables slopeTables(const HeadSlopes& slopes);

/// A row per policy, level and octave. npz: policy; edges; masked [levels + 1, octaves]; lost and kept [policies, levels + 1,
/// octaves]; lost_bands [policies, levels + 2, positions] (signal, levels, approximation) and bands, the same of the whole;
/// lost_signal [policies]; step, wavelet, …
Tables lostTables(const LostBands& lost);

/// "1", "2" …, "approximation".
std::string levelWord(int level, int levels);

} // namespace winnow
