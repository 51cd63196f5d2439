// SPDX-License-Identifier: GPL-3.0-or-later
// The cells of a sweep: every one a job, named by a hash of what its numbers depend on. Pure; any thread; free of Torch.
//
// The hash (contentHash, 16 hexadecimal digits) is of a text of lines: the layout's version; the model by its weights, tokenizer
// and small files, its number type and chunk; the text by its bytes, with tokens, window, stride and positions, or the task by
// its bytes of data, hay and words, with every member that changes what is asked; the policy with all parameters, files among
// them by their bytes; the seed, where one counts. Paths, names of the plan, the device and Winnow's version are not in it.
#pragma once

#include "core/evaluate/sweep/sweep_plan.h"

#include <map>

namespace winnow {

struct SweepCell {
    std::string hash, name;           ///< name: "demo / book.txt / h2o:budget=64,recent=32 / seed 1"
    std::size_t model = 0, input = 0; ///< of the plan
    PolicySpec policy;
    std::int64_t seed = 0;
    std::size_t group = 0; ///< cells of one model and input, and of one seed where it draws examples: they can run together
};

/// What the files of a plan hold, by contentHash or what stands for it.
struct PlanHashes {
    std::vector<std::string> models;                    ///< [models]
    std::map<std::filesystem::path, std::string> files; ///< texts, data, hay, words, and those that policies read
};

/// The files of a plan that count by their bytes. Cells need the hashes of all of them.
std::vector<std::filesystem::path> filesOf(const SweepPlan& plan);

/// By model, input, seed and policy, so that the cells of a group stand together. Error: two cells of one name.
Result<std::vector<SweepCell>> cellsOf(const SweepPlan& plan, const PlanHashes& hashes, std::string_view where);

/// The cells `todo` (indices, ascending) in units that run together: of one group each, at most `most`.
std::vector<std::vector<std::size_t>> unitsOf(const std::vector<SweepCell>& cells, const std::vector<std::size_t>& todo,
                                              std::size_t most);
/// How many cells run together, so that `workers` stay busy to the end: half of what each would get, at most kMostTogether.
inline constexpr std::size_t kMostTogether = 8;
std::size_t cellsTogether(std::size_t todo, std::size_t workers);

} // namespace winnow
