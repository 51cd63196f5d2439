// How fast a model runs, as JSON lines {"work": …, "seconds": …}: the prompt in one chunk, then token by token over the cache.
//
//   bench_model MODEL PROMPT TOKENS     a Hugging Face folder, tokens of prompt, tokens to generate greedily
#include "core/model/last_logits.h"
#include "core/model/sampling.h"
#include "core/model/transformer.h"

#include <chrono>
#include <iostream>

namespace winnow {
namespace {

double secondsSince(std::chrono::steady_clock::time_point begun)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

Result<void> measure(const std::filesystem::path& path, int promptTokens, int tokens)
{
    const auto started = std::chrono::steady_clock::now();
    WINNOW_TRY(const auto model, Transformer::load(path, {}, {}));
    const double loading = secondsSince(started);
    std::vector<std::int32_t> prompt;
    for (int i = 0; i < promptTokens; ++i)
        prompt.push_back(i * 7919 % model->config().vocabulary);
    LastLogits last;
    WINNOW_TRY(const auto warm, model->begin(promptTokens)); // so that no page of the weights is read for the first time
    WINNOW_TRY_VOID(warm->advance(prompt, promptTokens, last, {}));

    WINNOW_TRY(const auto text, model->begin(promptTokens + tokens));
    auto begun = std::chrono::steady_clock::now();
    WINNOW_TRY_VOID(text->advance(prompt, promptTokens, last, {}));
    const double prefill = secondsSince(begun);
    Sampler greedy({});
    begun = std::chrono::steady_clock::now();
    std::int64_t sum = 0;
    for (int i = 0; i < tokens; ++i) {
        const std::int32_t id = greedy.next(last.row());
        sum += id;
        WINNOW_TRY_VOID(text->advance(std::span(&id, 1), 1, last, {}));
    }
    const double decode = secondsSince(begun);
    for (const auto& [work, seconds] : {std::pair("load", loading), {"prefill", prefill}, {"decode", decode}})
        std::cout << fmt::format("{{\"work\": \"{}\", \"seconds\": {:.6f}, \"ids\": {}}}", work, seconds, sum) << std::endl;
    return {};
}

} // namespace
} // namespace winnow

int main(int argc, char** argv)
{
    if (argc != 4) {
        std::cerr << "usage: bench_model MODEL PROMPT TOKENS\n";
        return 2;
    }
    const auto done = winnow::measure(argv[1], std::atoi(argv[2]), std::atoi(argv[3]));
    if (!done)
        std::cerr << done.error().message << "\n";
    return done ? 0 : 1;
}
