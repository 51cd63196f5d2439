// Named figures as numbers: what `winnow figure NAME … --out F.csv|npz` writes and what views/figures draws. One catalog for the
// command line, the window and the tests. Free of Torch and Qt, so a build without a window still gives the numbers.
#pragma once

#include "core/analysis/comparison.h"
#include "core/analysis/wavelet/contribution.h"
#include "core/analysis/wavelet/lost_bands.h"
#include "core/analysis/means.h"
#include "core/analysis/wavelet/packet_bands.h"
#include "core/analysis/wavelet/scale_matrix.h"
#include "core/analysis/wavelet/scalogram.h"
#include "core/replay/replay_result.h"
#include "core/trace/attention_source.h"

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

namespace winnow {

enum class FigureNeeds { Trace, Replay, Both };

struct FigureInfo {
    std::string_view name, title, summary;
    FigureNeeds needs = FigureNeeds::Trace;
};

/// treekv-2, wavelet, scale-slope, attention (from a trace); retention, mass, layers, distance, kept, lanes, jaccard (from a replay); text,
/// lost-bands (from a replay and its trace).
std::vector<FigureInfo> figureCatalog();
/// The entry of that name, or an error that names the nearest right one.
Result<FigureInfo> findFigure(std::string_view name);

/// Recordings that are made one at a time and may be gone once the next one is asked for: `winnow figure --texts`.
struct TraceSeries {
    std::size_t count = 0;
    /// Number i, or nullptr for one that is left out. In order, each once.
    std::function<Result<std::shared_ptr<const Trace>>(std::size_t i, const JobContext& job)> open;
};

/// Everything the figure may look at. Several traces, and after them those of the series, are averaged by treekv-2, wavelet (by
/// level) and scale-slope; the policies of several replays over the same tokens and layers stand side by side.
struct FigureInputs {
    std::vector<std::shared_ptr<const Trace>> traces;
    TraceSeries series;
    std::vector<std::shared_ptr<const ReplayResult>> replays;
};

using IntRange = std::pair<int, int>; ///< first and last, inclusive, as on the command line

/// What a wavelet figure is set against: the same options but for those that are given here (treekv-2, wavelet, lost-bands).
struct FigureAgainst {
    std::optional<int> step;               ///< --against-step
    std::optional<int> layer, head;        ///< --against-layer, --against-head
    std::optional<std::vector<std::pair<int, int>>> lanes; ///< --against-lanes, as FigureOptions::lanes; empty = all
    std::optional<int> policy;             ///< --against-policy, a number from 1 (lost-bands)
    bool difference = false;               ///< --difference: the first minus the second, else side by side
    bool any() const { return step || layer || head || lanes || policy; }
};

/// Each figure reads what concerns it. Names in the comments are the options of the command line.
struct FigureOptions {
    std::vector<int> steps;          ///< --step (treekv-2, wavelet: several are averaged; kept, text, jaccard: the first, the last
                                     ///< of the replay unless said; distance, retention: see stepRange)
    std::optional<IntRange> layers;  ///< --layers, layer numbers of the model (treekv-2, wavelet)
    std::optional<int> layer, head;  ///< --layer, --head: layer number of the model, query head (attention; treekv-2, wavelet: only it)
    std::string wavelet = "haar";    ///< --wavelet; of --transform cwt a continuous one, morlet6 where a discrete one is named
    std::string transform = "dwt";   ///< --transform dwt|stationary|modwt|cwt|packets (wavelet; scale-slope, lost-bands: the first three)
    std::string signal = "contribution"; ///< --signal, see lane_signal.h (treekv-2, wavelet, scale-slope, lost-bands)
    std::optional<double> omega0;    ///< --omega0, of Morlet's wavelet (wavelet --transform cwt)
    double perOctave = 8;            ///< --scales, in an octave (wavelet --transform cwt)
    std::string noise = "red";       ///< --noise none|white|red (wavelet --transform cwt)
    std::string mode = "symmetric";  ///< --mode
    int levels = 5;                  ///< --levels
    int hide = 32;                   ///< --hide: positions trimmed from both ends of a picture, never from its numbers
    int trim = 0;                    ///< --trim: positions left out of a scalogram at both ends before it is computed
    std::string metric = "mass";     ///< --metric mass|error|regret|slots (mass, layers, lanes)
    std::vector<int> policies;       ///< --policies, numbers from 1; empty = all
    std::vector<std::pair<int, int>> lanes; ///< --lanes L.H: replayed or recorded layer (counted from 0), KV head; empty = all
    FigureAgainst against;           ///< --against-…, --difference (treekv-2, wavelet, lost-bands)
    std::optional<IntRange> queries, keys;  ///< --queries, --keys (attention)
    std::optional<IntRange> tokenRange;     ///< --tokens: the columns of retention maps; the tokens of kept and text
    std::optional<IntRange> stepRange;      ///< --steps: rows of retention maps; steps that means run over
    bool logScale = false;           ///< --scale log (attention)
    bool maskSinks = false;          ///< --mask-sinks: the first four keys are left out of the picture (attention)
    double width = 5.5;              ///< --width, inches
    double dpi = 600;                ///< --dpi, of PNG and of maps inside SVG and PDF
};

/// One line per policy over steps: `mean` over the chosen lanes, their least and most.
struct QualityCurves {
    struct Line {
        std::string label, spec;
        int policy = 0; ///< number in the replay, from 0: its color
        std::vector<double> mean, least, most; ///< [T], NaN where not computed
        double average = 0;                    ///< over the steps of `range`; NaN if none is computed
    };
    std::string metric, axisTitle; ///< "Mass kept (share)" …
    int prompt = 0;
    StepSpan range;                        ///< the steps that `average` runs over
    std::vector<Line> lines;
};

/// Share of the chosen lanes that still store a token of that distance (t − i), mean over steps.
struct DistanceCurves {
    struct Line {
        std::string label, spec;
        int policy = 0;
        std::vector<double> distance, share; ///< quarter octaves, see keptAgainstDistance; nearest first
    };
    double unit = 16; ///< the axis is log2(1 + distance / unit), now at the right edge
    StepSpan range;   ///< steps averaged over
    std::vector<Line> lines;
};

/// One line per policy over layers: means over `range` and the layer's chosen lanes, with the least and the most of these lanes.
/// With the metric "slots" it is how a policy divides its budget.
struct LayerCurves {
    struct Line {
        std::string label, spec;
        int policy = 0;
        std::vector<double> mean, least, most; ///< [layers], NaN where not computed or no lane was chosen
    };
    std::string metric, axisTitle;
    StepSpan range;
    std::vector<int> layers; ///< numbers of the model
    std::vector<Line> lines;
};

struct AttentionPicture {
    Layer layer{};
    int head = 0;
    IntRange queries{}, keys{};
    AttentionTile tile; ///< one cell per pair
};

/// Maps are drawn from the lifetimes themselves.
struct RetentionPicture {
    std::shared_ptr<const ReplayResult> replay;
    std::vector<int> policies;                ///< numbers from 0
    std::vector<std::pair<int, int>> lanes;   ///< empty = all
    IntRange tokens{}, steps{};
};

/// Which tokens every policy still has after one step: the deck (`kept`) and the text (`text`, with `info`).
struct KeptPicture {
    struct Row {
        std::string label, spec;
        int policy = 0;                  ///< number in the replay, from 0
        std::vector<double> share;       ///< [tokens] of the chosen lanes, 0…1
        std::vector<std::uint8_t> bytes; ///< [tokens] as in retention.h: by choice, by rule, not read, out of reach
    };
    int step = 0;
    IntRange tokens{};
    std::vector<Row> rows;
    std::shared_ptr<const TraceInfo> info; ///< for the words; null without a trace
};

/// A metric of every lane, mean over `range`: the head map.
struct LanePicture {
    struct Panel {
        std::string label, spec;
        int policy = 0, lanes = 0;
        std::vector<double> values; ///< [layers, lanes], NaN where not computed
    };
    std::string metric;
    StepSpan range;
    std::vector<int> layers; ///< numbers of the model
    std::vector<Panel> panels;
};

/// Two pictures of the wavelet analysis under one transform. They are compared aligned at their newest positions.
struct WaveletPair {
    std::array<std::string, 2> labels; ///< "step 511, layer 2, query head 3"
    bool difference = false;           ///< the first minus the second is shown, else they stand side by side
    /// Packets of a difference have the first one's nodes; scalograms of a difference the same scales; LostBands one policy each.
    std::variant<std::array<Contribution, 2>, std::array<TokenScalogram, 2>, std::array<PacketBands, 2>, std::array<LostBands, 2>> pictures;
};

struct Figure {
    std::string name, title, caption; ///< caption: loop, step, reduction, what was averaged; the note where something differs
    std::map<std::string, std::string> manifest;
    std::variant<Contribution, QualityCurves, LayerCurves, DistanceCurves, AttentionPicture, RetentionPicture, KeptPicture, LanePicture, Comparison,
                 TokenScalogram, PacketBands, HeadSlopes, LostBands, WaveletPair>
        numbers;
};

/// Computes a figure's numbers. Any thread.
Result<Figure> makeFigure(std::string_view name, const FigureInputs& inputs, const FigureOptions& options, const JobContext& job);

/// Writes the numbers as .csv (manifest lines begin with `#`) or .npz, by extension.
Result<void> writeFigureNumbers(const Figure& figure, const std::filesystem::path& out);

/// A figure and how it was asked for: what a view shows at the moment.
struct FigureRequest {
    std::string name;
    FigureOptions options;
};
/// The words after `winnow figure` that make it again, without the input files: {"mass", "--metric", "error", …}.
std::vector<std::string> figureArguments(const FigureRequest& request);

} // namespace winnow
