// SPDX-License-Identifier: GPL-3.0-or-later
// How fast a model is there and runs, as JSON lines {"work": …, "seconds": …}: reading its file (all bytes, from the system's
// cache as far as they are in it), loading it, the prompt in one chunk, then token by token over the cache. Weights that stay in
// their file are read when they are first used, so that loading counts with what the first token takes more than the second.
//
//   bench_model MODEL PROMPT TOKENS     a Hugging Face folder, tokens of prompt, tokens to generate greedily
#include "core/io/safetensors.h"
#include "core/model/run/last_logits.h"
#include "core/model/run/sampling.h"
#include "core/model/run/transformer.h"

#include <chrono>
#include <fstream>
#include <iostream>

namespace winnow {
namespace {

double secondsSince(std::chrono::steady_clock::time_point begun)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

Result<double> reading(const std::filesystem::path& folder)
{
    WINNOW_TRY(const auto files, weightFiles(folder));
    const auto begun = std::chrono::steady_clock::now();
    std::vector<char> room(1 << 20);
    for (const auto& file : files)
        for (std::ifstream stream(file, std::ios::binary); stream;)
            stream.read(room.data(), static_cast<std::streamsize>(room.size()));
    return secondsSince(begun);
}

Result<void> measure(const std::filesystem::path& path, int promptTokens, int tokens)
{
    WINNOW_TRY(const double read, reading(path));
    auto begun = std::chrono::steady_clock::now();
    WINNOW_TRY(const auto model, Transformer::load(path, {}, {}));
    double loading = secondsSince(begun);
    std::vector<std::int32_t> prompt;
    for (int i = 0; i < promptTokens; ++i)
        prompt.push_back(i * 7919 % model->config().vocabulary);
    LastLogits last;
    WINNOW_TRY(const auto warm, model->begin(promptTokens + 2));
    for (const double sign : {1.0, -1.0}) {
        begun = std::chrono::steady_clock::now();
        WINNOW_TRY_VOID(warm->advance(std::span(prompt).first(1), 1, last, {}));
        loading += sign * secondsSince(begun);
    }
    WINNOW_TRY_VOID(warm->advance(prompt, promptTokens, last, {}));

    WINNOW_TRY(const auto text, model->begin(promptTokens + tokens));
    begun = std::chrono::steady_clock::now();
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
    for (const auto& [work, seconds] : {std::pair("read", read), {"load", loading}, {"prefill", prefill}, {"decode", decode}})
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
