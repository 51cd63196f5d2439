// SPDX-License-Identifier: GPL-3.0-or-later
// How fast texts become tokens on one core, as a JSON line {"work": TEXT, "seconds": …, "least": …, "tokens": …} per text: of one
// run, and of the fastest of five. Seconds are those that the processor worked: all of it is one thread.
//
//   bench_tokenizer TOKENIZER TEXT…     a tokenizer.json or its like, and UTF-8 files; each is encoded once before it is measured
#include "core/io/mapped_file.h"
#include "core/model/tokenizer/tokenizer.h"

#include <algorithm>
#include <ctime>
#include <iostream>
#include <vector>

namespace winnow {
namespace {

Result<void> measure(const Tokenizer& tokenizer, const std::filesystem::path& path)
{
    WINNOW_TRY(const MappedFile text, MappedFile::open(path));
    WINNOW_TRY(const Encoding warm, tokenizer.encode(text.text()));
    std::vector<double> seconds;
    for (int run = 0; run < 5; ++run) {
        const std::clock_t begun = std::clock();
        WINNOW_TRY(const Encoding encoding, tokenizer.encode(text.text()));
        seconds.push_back(static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC);
    }
    std::cout << fmt::format("{{\"work\": \"{}\", \"seconds\": {:.6f}, \"least\": {:.6f}, \"tokens\": {}}}", path.stem().string(),
                             seconds.front(), *std::min_element(seconds.begin(), seconds.end()), warm.ids.size())
              << std::endl;
    return {};
}

Result<void> measureAll(int count, char** arguments)
{
    WINNOW_TRY(const auto tokenizer, Tokenizer::load(arguments[0]));
    for (int i = 1; i < count; ++i)
        WINNOW_TRY_VOID(measure(*tokenizer, arguments[i]));
    return {};
}

} // namespace
} // namespace winnow

int main(int argc, char** argv)
{
    if (argc < 3) {
        std::cerr << "usage: bench_tokenizer TOKENIZER TEXT…\n";
        return 2;
    }
    const auto done = winnow::measureAll(argc - 1, argv + 1);
    if (!done)
        std::cerr << done.error().message << "\n";
    return done ? 0 : 1;
}
