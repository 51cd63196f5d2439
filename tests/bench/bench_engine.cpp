// SPDX-License-Identifier: GPL-3.0-or-later
// Times of the engine, as JSON lines {"work": …, "seconds": …}. One call does every piece of work once, in an order that puts
// what is compared side by side; run.py calls it several times, in turns with the peers.
//
//   bench_engine MODEL TEXT FOLDER TOKENS [WORK]     records TOKENS tokens into FOLDER and replays them; with WORK only what
//   begins so,
//                                                    over the recording that FOLDER holds already
#include "core/model/run/transformer.h"
#include "core/model/session/record.h"
#include "core/model/tokenizer/tokenizer.h"
#include "core/replay/check_policy.h"
#include "core/replay/prompt_stage.h"
#include "core/replay/replay.h"
#include "core/replay/replay_file.h"
#include "core/trace/attention_source.h"

#include <chrono>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

namespace winnow {
namespace {

/// Runs the model and looks at nothing but the next-token probabilities: recording without the recording.
class LogitsOnly final : public ForwardObserver {
public:
    Result<void> layerRows(Layer, Position, const LayerRows&) override { return {}; }
    Result<void> logits(Position, const at::Tensor& logits) override
    {
        m_sum += logits.log_softmax(1).select(1, 0).sum().item<double>();
        return {};
    }
    bool wantsLayerRows() const override { return false; }

private:
    double m_sum = 0;
};

std::map<std::string, double> g_seconds; ///< of the works timed so far
std::string g_only;                      ///< what a work's name must begin with

void report(const std::string& name, double seconds)
{
    g_seconds[name] = seconds;
    std::cout << fmt::format("{{\"work\": \"{}\", \"seconds\": {:.6f}}}", name, seconds) << std::endl;
}

template <class Work>
void timed(const std::string& name, const Work& work)
{
    if (!name.starts_with(g_only))
        return;
    const auto begun = std::chrono::steady_clock::now();
    const auto result = work();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    if (!result) {
        std::cerr << name << ": " << result.error().message << "\n";
        std::exit(1);
    }
    report(name, seconds);
}

Result<void> forwardOnly(const std::filesystem::path& model, const std::string& text, int tokens)
{
    WINNOW_TRY(const auto tokenizer, Tokenizer::load(model));
    WINNOW_TRY(auto encoding, tokenizer->encode(text));
    encoding.ids.resize(static_cast<std::size_t>(tokens));
    WINNOW_TRY(const auto transformer, Transformer::load(model, {}, {}));
    LogitsOnly observer;
    return transformer->forward(encoding.ids, RecordOptions{}.chunk, observer, {});
}

Result<void> replayed(const Trace& trace, const std::vector<std::string>& lines, bool oracle, const std::filesystem::path& out,
                      int prompt = 0, bool evictors = false)
{
    std::vector<PolicySpec> specs;
    for (const std::string& line : lines) {
        WINNOW_TRY(auto spec, parsePolicySpec(line));
        specs.push_back(std::move(spec));
    }
    WINNOW_TRY(const auto result,
               replay(trace, specs, {.prompt = prompt, .device = "cpu", .oracle = oracle, .evictors = evictors}, {}));
    if (!out.empty())
        WINNOW_TRY_VOID(writeReplay(*result, out));
    return {};
}

/// A trace in memory: what a press is handed, too.
class TraceInMemory final : public Trace {
public:
    static Result<TraceInMemory> copy(const Trace& trace)
    {
        TraceInMemory held(trace);
        for (int layer = 0; layer < trace.layerCount(); ++layer)
            for (const Rows what : {Rows::Query, Rows::Key, Rows::Value, Rows::Output, Rows::LogSumExp, Rows::ValueOutputNorm}) {
                auto& rows = held.m_rows[{layer, what}];
                rows.resize(trace.rowFloats(layer, what, trace.tokenCount()));
                WINNOW_TRY_VOID(trace.read(layer, what, Position{0}, Position{trace.tokenCount()}, rows));
            }
        return held;
    }
    const TraceInfo& info() const override { return m_trace->info(); }
    const std::filesystem::path& path() const override { return m_trace->path(); }
    Result<void> read(int layer, Rows what, Position begin, Position end, std::span<float> out) const override
    {
        const auto& rows = m_rows.at({layer, what});
        const auto headCount = static_cast<std::size_t>(heads(layer, what)),
                   width = rows.size() / headCount / static_cast<std::size_t>(tokenCount());
        const auto count = static_cast<std::size_t>(raw(end) - raw(begin)) * width;
        for (std::size_t head = 0; head < headCount; ++head)
            std::copy_n(rows.data() +
                            (head * static_cast<std::size_t>(tokenCount()) + static_cast<std::size_t>(raw(begin))) * width,
                        count, out.data() + head * count);
        return {};
    }

private:
    explicit TraceInMemory(const Trace& trace) : m_trace(&trace) {}
    const Trace* m_trace;
    std::map<std::pair<int, Rows>, std::vector<float>> m_rows;
};

/// Scores and choices at the end of the prompt, and nothing else.
Result<void> decided(const Trace& trace, const std::string& line, int prompt, std::optional<std::pair<int, int>> layers = {})
{
    WINNOW_TRY(const auto spec, parsePolicySpec(line));
    WINNOW_TRY(auto plan, planReplay(trace.info(), std::span(&spec, 1), {.prompt = prompt, .layers = layers, .device = "cpu"}));
    return decidePrompts(trace, plan, {}, {});
}

/// The lines that say what the presses of bench_presses.py say, and the names there.
constexpr std::pair<const char*, const char*> kPresses[] = {
    {"snapkv", "snapkv:budget=25%,window=32,kernel=5,pool=avg,granularity=kv"},
    {"pyramidkv", "pyramidkv:budget=25%,window=32,kernel=5,pool=avg,budgets=press,granularity=kv"},
    {"observed-attention", "observed-attention:budget=25%"},
    {"expected-attention", "expected-attention:budget=25%"},
    {"criticalkv", "criticalkv:budget=25%,window=32"},
    {"criticaladakv", "criticaladakv:budget=25%,window=32"},
    {"ada-snapkv", "ada-snapkv:budget=25%,window=32,kernel=5,pool=avg,form=press"},
    {"chunkkv", "chunkkv:budget=25%,window=32"},
    {"knorm", "knorm:budget=25%"},
    {"keydiff", "keydiff:budget=25%"},
    {"lagkv", "lagkv:budget=25%"},
    {"qfilter", "qfilter:budget=25%"},
    {"cur", "cur:budget=25%"},
};

} // namespace
} // namespace winnow

int main(int argc, char** argv)
{
    using namespace winnow;
    if (argc != 5 && argc != 6) {
        std::cerr << "usage: bench_engine MODEL TEXT FOLDER TOKENS [WORK]\n";
        return 2;
    }
    g_only = argc == 6 ? argv[5] : "";
    const std::filesystem::path model = argv[1], folder = argv[3];
    const int tokens = std::atoi(argv[4]);
    std::stringstream text;
    text << std::ifstream(argv[2]).rdbuf();
    const auto tracePath = folder / fmt::format("trace-{}.h5", tokens);

    timed("forward", [&] { return forwardOnly(model, text.str(), tokens); });
    timed("record", [&] {
        return record(
            {.model = model, .text = text.str(), .textName = "bench", .out = tracePath, .maxTokens = tokens, .device = "cpu"}, {},
            {});
    });
    const auto trace = Trace::open(tracePath);
    if (!trace) {
        std::cerr << trace.error().message << "\n";
        return 1;
    }
    timed("tile", [&]() -> Result<void> {
        const Position end{1024};
        WINNOW_TRY_VOID(attentionTile(**trace, {.queryEnd = end, .keyEnd = end}, {}));
        return {};
    });
    const std::vector<std::string> compared{"h2o:budget=128", "tova:budget=128", "treekv:budget=128"};
    for (const std::string& line : compared)
        timed("replay " + line, [&] { return replayed(**trace, {line}, false, {}); });
    if (const auto kept =
            g_only.empty() ? replayed(**trace, compared, false, folder / fmt::format("kept-{}.npz", tokens)) : Result<void>();
        !kept) {
        std::cerr << kept.error().message << "\n";
        return 1;
    }
    const std::vector<std::string> eight{"window:budget=128", "streaming:budget=128",       "h2o:budget=128",
                                         "tova:budget=128",   "treekv:budget=128",          "random:budget=128",
                                         "h2o:budget=256",    "treekv:budget=128,keep=left"};
    for (const std::string& line : eight)
        timed("alone " + line, [&] { return replayed(**trace, {line}, true, {}); });
    timed("eight together", [&] { return replayed(**trace, eight, true, {}); });

    if (tokens >= 2048) {
        // The first half as prompt, so that every policy can act.
        const std::vector<std::string> sixteen{
            "streaming", "h2o",       "tova",      "treekv",     "scissorhands", "rkv",        "lacache", "cake",
            "snapkv",    "pyramidkv", "dynamickv", "ada-snapkv", "h2o-prompt",   "criticalkv", "chunkkv", "expected-attention"};
        for (const PolicyInfo& info : policyCatalog()) {
            const auto spec = parsePolicySpec(std::string(info.name));
            if ((info.acts != Acts::Never || info.selects) &&
                checkPolicy((*trace)->info(), *spec, tokens / 2)) // no file is missing
                timed(fmt::format("policy {}", info.name),
                      [&] { return replayed(**trace, {std::string(info.name)}, true, {}, tokens / 2); });
        }
        timed("evictors", [&] { return replayed(**trace, {"h2o:budget=128"}, false, {}, 0, true); });
        const auto held = TraceInMemory::copy(**trace);
        if (!held) {
            std::cerr << held.error().message << "\n";
            return 1;
        }
        for (const auto& [press, line] : kPresses) {
            if (std::string("press").starts_with(g_only.substr(0, 5)))
                (void)decided(*held, line, tokens, std::pair(0, 0)); // the first call of an operation is slower, there as here
            timed(fmt::format("press {}", press), [&, line = line] { return decided(*held, line, tokens); });
        }
        // In the order of MORE_POLICIES in torch_policies.py.
        const std::vector<std::string> loops{"streaming:budget=128,positions=keep",
                                             "window:budget=128,positions=keep",
                                             "lacache:budget=128,positions=keep",
                                             "scissorhands:budget=128",
                                             "zeromerge:budget=128,tail=12,dense=4",
                                             "rkv:budget=128",
                                             "cake:budget=128",
                                             "cam-decode:budget=128",
                                             "random:budget=128",
                                             "wavelet:budget=128",
                                             "quest:budget=128,dense=0,granularity=kv"};
        for (const std::string& line : loops)
            timed("loop " + line.substr(0, line.find(':')), [&] { return replayed(**trace, {line}, false, {}); });
        if (const auto kept = std::string("loop").starts_with(g_only.substr(0, 4))
                                  ? replayed(**trace, loops, false, folder / fmt::format("loops-{}.npz", tokens))
                                  : Result<void>();
            !kept) {
            std::cerr << kept.error().message << "\n";
            return 1;
        }
        timed("sixteen together", [&] { return replayed(**trace, sixteen, true, {}, tokens / 2); });
        if (g_only.empty()) {
            double alone = 0;
            for (const std::string& name : sixteen)
                alone += g_seconds.at("policy " + name);
            report("sixteen alone", alone);
        }
        const LayerInfo& layer = (*trace)->info().layerInfo.front();
        report("lanes", (*trace)->layerCount() * layer.keyHeads);
    }
    return 0;
}
