// SPDX-License-Identifier: GPL-3.0-or-later
// Policies against each other in numbers: what `winnow compare` prints and writes. Open loop, as all of a replay.
// Pure but for the writing, any thread, free of Torch and Qt.
#pragma once

#include "core/analysis/means.h"
#include "core/analysis/tables.h"
#include "core/base/job_context.h"

#include <filesystem>

namespace winnow {

struct NamedReplay {
    std::string name; ///< of the file, for sentences
    std::shared_ptr<const ReplayResult> replay;
};

/// The policies of several replays of one trace side by side, in order. A policy that several replays hold with the same
/// lifetimes, as `full`, is there once. Errors: other tokens, text, model, layers or prompt than in the first.
Result<std::shared_ptr<const ReplayResult>> joinReplays(std::span<const NamedReplay> replays);

struct Comparison {
    struct Row {
        std::string spec;                                      ///< canonical
        std::string name;                                      ///< of the policy; a run's says so beside replays
        std::string label;                                     ///< for people: its title and slots
        int budget = 0;                                        ///< slots
        std::optional<double> mass, error, oracleMass, regret; ///< means over the lanes and `span`; nothing where not computed
        std::optional<double> futureMass, boundMass,
            futureRegret;     ///< likewise: PolicyReplay::futureMass, boundMass, futureMass − mass
        double occupancy = 0; ///< slots stored after `step`, mean over lanes
        CacheBytes bytes;     ///< of all lanes, after `step`
    };
    Step step{};             ///< the step that occupancy and bytes are taken after
    StepSpan span;           ///< the steps that means run over, alike for all policies: meanSteps
    StepSpan overlap;        ///< the steps that Jaccard is the mean of: `step` alone unless asked otherwise
    std::vector<Lane> lanes; ///< replayed layer, KV head: what all numbers but the bytes are over; empty = all
    int prompt = 0;
    std::string loop; ///< "open loop", "closed loop", or "open and closed loop" of replays and runs
    std::vector<Row> rows;
    std::vector<double> jaccard;               ///< [rows, rows], mean over the lanes and `overlap`, see overlap.h
    std::vector<std::int32_t> firstDivergence; ///< [rows, rows], in the lanes; −1 = they never differ
    std::map<std::string, std::string> manifest;
};

/// What the numbers of a comparison are over.
struct ComparedOver {
    std::vector<Lane> lanes;            ///< replayed layer, KV head; empty = all
    int kvHeads = 0;                    ///< per layer; 0 = the fewest lanes that any policy has
    std::optional<StepSpan> overlap{};  ///< steps that Jaccard is the mean of; the step alone unless said
    std::optional<StepSpan> steps = {}; ///< steps that means run over; unless said see meanSteps
};

/// An error of the command line names the first of `lanes` that the replay does not have. `kvHeads`: of a layer.
Result<void> checkLanes(const ReplayResult& replay, std::span<const Lane> lanes, int kvHeads);

/// `step`: the last one if not set. Cost: rows² / 2 passes over [lanes, T] lifetimes; asks `job` once per pair of policies and of
/// lanes. Errors: no policies, no such step or lane, cancelled.
Result<Comparison> comparePolicies(const ReplayResult& replay, std::optional<Step> step, const JobContext& job,
                                   const ComparedOver& over = {});

/// A row per policy: policy, budget, mass, error, oracle_mass, regret, future_mass, future_regret, bound_mass, occupancy,
/// logical_bytes, physical_bytes, and jaccard.q and first_divergence.q for every policy number q; empty where not computed. The
/// npz has the same names, the first [rows], the last two [rows, rows]; `step`, `steps` (first and last of the means),
/// `jaccard_steps`. The tables borrow from the comparison.
Tables comparisonTables(const Comparison& comparison);

/// Its tables with its manifest, as .csv or .npz by the extension.
Result<void> writeComparison(const Comparison& comparison, const std::filesystem::path& out);

} // namespace winnow
