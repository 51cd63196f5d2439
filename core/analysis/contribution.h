// How much every position contributes to a step's output, at several scales: the signal s[i] = a_t[i] · v[i] (a vector of the
// head's dimension per position), its wavelet bands along positions, and the mean magnitude of each band's reconstruction.
// Source: TreeKV (arXiv 2501.04987), section 3.3 and figure 2; design.md sections 7 and 12. Free of Torch.
#pragma once

#include "core/base/job_context.h"
#include "core/trace/trace.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace winnow {

/// A query head of a recorded layer; `layerIndex` is an index into TraceInfo::layers.
struct QueryHead {
    int layerIndex = 0;
    int head = 0;
    friend auto operator<=>(const QueryHead&, const QueryHead&) = default;
};

struct ContributionOptions {
    std::vector<QueryHead> heads; ///< empty = every query head of every recorded layer
    std::vector<int> steps;       ///< empty = the last step; several are averaged, aligned at the newest position
    int window = 0;               ///< only the latest `window` positions of each step are transformed; 0 = all, 0…t
    std::string wavelet = "haar"; ///< a name of the wavelet room
    std::string mode = "symmetric";
    int levels = 5; ///< 1…24; more than the length allows is computed all the same
};

/// Magnitudes are means over channels, heads, layers and steps. `positions` columns; the last column is the newest position.
/// With one step the first column is position `firstPosition`; with several it is the distance positions − 1 before each step.
struct Contribution {
    int levels = 0, positions = 0, firstPosition = 0;
    std::vector<double> bands;         ///< [levels, positions], finest first
    std::vector<double> approximation; ///< [positions]
    std::vector<double> signal;        ///< [positions], mean |s[i]| itself
    std::vector<double> energy;        ///< [levels + 1], squared coefficients summed over channels, mean over heads, layers,
                                       ///< steps; finest first, approximation last
    std::string wavelet, mode;
    int filterLength = 0; ///< of the wavelet; a coefficient of level l spans about 2^l · (filterLength − 1) positions
    std::vector<int> steps;
    int heads = 0;    ///< query heads averaged, over all layers
    std::string note; ///< one sentence where something differs from what was asked, else empty
    std::map<std::string, std::string> manifest; ///< of the trace

    std::span<const double> band(int level) const ///< `level` from 0 = finest
    {
        return {bands.data() + static_cast<std::size_t>(level) * positions, static_cast<std::size_t>(positions)};
    }
};

/// Reads one row of attention and the values per layer and step; heads run side by side. Errors: no such head or step, an
/// unknown wavelet or mode (the nearest right name is given), cancelled, and what reading the trace says.
Result<Contribution> contribution(const Trace& trace, const ContributionOptions& options, const JobContext& job);

/// TreeKV's figure 2: Haar, five levels, 512 positions. Without `steps` it is step 511, or the last step of a shorter trace,
/// and `note` of the result says so; with `steps` the latest 512 positions before each.
Result<Contribution> treekvFigure2(const Trace& trace, const ContributionOptions& options, const JobContext& job);

/// The mean of contributions of equal shape (several recordings); positions are cropped to the shortest, aligned at the newest.
Result<Contribution> meanContribution(std::span<const Contribution> all);

/// W.npz or W.csv, by extension; written beside and renamed. The csv has a line per position and begins with `#` lines.
Result<void> writeContribution(const Contribution& contribution, const std::filesystem::path& out);

} // namespace winnow
