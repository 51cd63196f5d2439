// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/choose_gpus.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace winnow {

namespace {

/// The number of the GPU in "cuda" or "cuda:n"; nothing for other names.
std::optional<int> gpuNumber(std::string_view name)
{
    if (name == "cuda")
        return 0;
    int number = 0;
    const std::string_view digits = name.starts_with("cuda:") ? name.substr(5) : std::string_view();
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return !digits.empty() && read.ec == std::errc() && read.ptr == digits.data() + digits.size() && number >= 0
               ? std::optional(number)
               : std::nullopt;
}

ChosenGpus allGpus(const CudaOnMachine& machine)
{
    ChosenGpus chosen;
    if (!machine.driver && !machine.compiler) // nobody expects a GPU here
        return chosen;
    const Result<int> count = cudaGpuCount(machine);
    if (!count)
        chosen.unused = count.error().message;
    for (int number = 0; number < count.value_or(0); ++number) {
        auto gpu = openCudaGpu(machine, number);
        if (!gpu) {
            chosen.unused = gpu.error().message;
            continue;
        }
        if (chosen.gpus.empty())
            chosen.first = number;
        chosen.gpus.push_back(std::move(*gpu));
    }
    return chosen;
}

} // namespace

Result<ChosenGpus> chooseGpus(std::string_view asked, const CudaOnMachine& machine)
{
    if (asked == "cpu")
        return ChosenGpus{};
    if (asked == "auto")
        return allGpus(machine);
    std::vector<int> numbers;
    for (std::string_view rest = asked;;) {
        const std::size_t comma = rest.find(',');
        const std::optional<int> number = gpuNumber(rest.substr(0, comma));
        if (!number || std::ranges::find(numbers, *number) != numbers.end())
            return fail(ErrorCode::BadInput,
                        "there is no device '{}'; expected auto, cpu, cuda, cuda:n or several GPUs: cuda:0,cuda:1", asked);
        numbers.push_back(*number);
        if (comma == std::string_view::npos)
            break;
        rest.remove_prefix(comma + 1);
    }
    ChosenGpus chosen{.first = numbers.front()};
    for (const int number : numbers) {
        auto gpu = openCudaGpu(machine, number);
        if (!gpu)
            return fail(gpu.error().code, "device '{}' was asked for: {}; use --device cpu", asked, gpu.error().message);
        chosen.gpus.push_back(std::move(*gpu));
    }
    return chosen;
}

} // namespace winnow
