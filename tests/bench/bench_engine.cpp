// Times of the engine, as JSON lines {"work": …, "seconds": …}. One call does every piece of work once, in an order that puts
// what is compared side by side; run.py calls it several times, in turns with the peers.
//
//   bench_engine MODEL TEXT FOLDER TOKENS     records TOKENS tokens into FOLDER and replays them
#include "core/model/record.h"
#include "core/model/tokenizer.h"
#include "core/model/transformer.h"
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

void report(const std::string& name, double seconds)
{
    g_seconds[name] = seconds;
    std::cout << fmt::format("{{\"work\": \"{}\", \"seconds\": {:.6f}}}", name, seconds) << std::endl;
}

template <class Work>
void timed(const std::string& name, const Work& work)
{
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

Result<void> replayed(const Trace& trace, const std::vector<std::string>& lines, bool oracle, const std::filesystem::path& out, int prompt = 0)
{
    std::vector<PolicySpec> specs;
    for (const std::string& line : lines) {
        WINNOW_TRY(auto spec, parsePolicySpec(line));
        specs.push_back(std::move(spec));
    }
    WINNOW_TRY(const auto result, replay(trace, specs, {.prompt = prompt, .device = "cpu", .oracle = oracle}, {}));
    if (!out.empty())
        WINNOW_TRY_VOID(writeReplay(*result, out));
    return {};
}

} // namespace
} // namespace winnow

int main(int argc, char** argv)
{
    using namespace winnow;
    if (argc != 5) {
        std::cerr << "usage: bench_engine MODEL TEXT FOLDER TOKENS\n";
        return 2;
    }
    const std::filesystem::path model = argv[1], folder = argv[3];
    const int tokens = std::atoi(argv[4]);
    std::stringstream text;
    text << std::ifstream(argv[2]).rdbuf();
    const auto tracePath = folder / fmt::format("trace-{}.h5", tokens);

    timed("forward", [&] { return forwardOnly(model, text.str(), tokens); });
    timed("record", [&] {
        return record({.model = model, .text = text.str(), .textName = "bench", .out = tracePath, .maxTokens = tokens, .device = "cpu"}, {}, {});
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
    if (const auto kept = replayed(**trace, compared, false, folder / fmt::format("kept-{}.npz", tokens)); !kept) {
        std::cerr << kept.error().message << "\n";
        return 1;
    }
    const std::vector<std::string> eight{"window:budget=128", "streaming:budget=128", "h2o:budget=128",    "tova:budget=128",
                                         "treekv:budget=128", "random:budget=128",    "h2o:budget=256",    "treekv:budget=128,keep=left"};
    for (const std::string& line : eight)
        timed("alone " + line, [&] { return replayed(**trace, {line}, true, {}); });
    timed("eight together", [&] { return replayed(**trace, eight, true, {}); });

    if (tokens >= 2048) {
        // The first half as prompt, so that every policy can act.
        const std::vector<std::string> sixteen{"streaming",  "h2o",        "tova",   "treekv",  "scissorhands",       "rkv",
                                               "lacache",    "cake",       "snapkv", "pyramidkv", "dynamickv",        "ada-snapkv",
                                               "h2o-prompt", "criticalkv", "chunkkv", "expected-attention"};
        for (const PolicyInfo& info : policyCatalog()) {
            if (info.acts != Acts::Never && info.name != "headkv") // which wants a table of head scores
                timed(fmt::format("policy {}", info.name), [&] { return replayed(**trace, {std::string(info.name)}, true, {}, tokens / 2); });
        }
        timed("sixteen together", [&] { return replayed(**trace, sixteen, true, {}, tokens / 2); });
        double alone = 0;
        for (const std::string& name : sixteen)
            alone += g_seconds.at("policy " + name);
        report("sixteen alone", alone);
        const LayerInfo& layer = (*trace)->info().layerInfo.front();
        report("lanes", (*trace)->layerCount() * layer.keyHeads);
    }
    return 0;
}
