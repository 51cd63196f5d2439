// SPDX-License-Identifier: GPL-3.0-or-later
// How fast chat templates are rendered on one core, as one JSON line {"work": "chat", "seconds": …, "bytes": …}: of all
// renderings together, and how much they wrote.
//
//   bench_chat WORK.json ROUNDS     [{"source": TEMPLATE, "variables": [{…}, …]}, …]; each template is read once before
#include "core/io/mapped_file.h"
#include "core/io/ordered_json.h"
#include "core/model/chat/jinja/program.h"

#include <cstdlib>
#include <ctime>
#include <iostream>
#include <vector>

namespace winnow {
namespace {

Result<void> measure(const char* path, int rounds)
{
    WINNOW_TRY(const MappedFile file, MappedFile::open(path));
    WINNOW_TRY(const nlohmann::ordered_json work, parseOrderedJson(file.text(), path));
    std::vector<jinja::Program> programs;
    for (const auto& each : work) {
        WINNOW_TRY(jinja::Program program, jinja::Program::read(each["source"].get<std::string>(), path));
        programs.push_back(std::move(program));
    }
    std::size_t bytes = 0;
    const std::clock_t begun = std::clock();
    for (int round = 0; round < rounds; ++round)
        for (std::size_t i = 0; i < programs.size(); ++i)
            for (const auto& variables : work[i]["variables"]) {
                WINNOW_TRY(const std::string text, programs[i].render(variables, std::tm{.tm_mday = 1, .tm_year = 126}));
                bytes += text.size();
            }
    std::cout << fmt::format("{{\"work\": \"chat\", \"seconds\": {:.6f}, \"bytes\": {}}}",
                             static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC, bytes)
              << std::endl;
    return {};
}

} // namespace
} // namespace winnow

int main(int argc, char** argv)
{
    if (argc != 3) {
        std::cerr << "usage: bench_chat WORK.json ROUNDS\n";
        return 2;
    }
    const auto done = winnow::measure(argv[1], std::atoi(argv[2]));
    if (!done)
        std::cerr << done.error().message << "\n";
    return done ? 0 : 1;
}
