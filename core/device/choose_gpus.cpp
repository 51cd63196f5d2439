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
    constexpr std::string_view kBegin = "cuda:";
    if (!name.starts_with(kBegin))
        return std::nullopt;
    const std::string_view digits = name.substr(kBegin.size());
    int number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool isNumber = error == std::errc() && end == digits.data() + digits.size() && !digits.starts_with('-');
    return isNumber ? std::optional(number) : std::nullopt;
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
        if (!number)
            return fail(ErrorCode::Usage,
                        "there is no device '{}'; expected auto, cpu, cuda, cuda:n or several GPUs: cuda:0,cuda:1", asked);
        if (std::ranges::find(numbers, *number) != numbers.end())
            return fail(ErrorCode::Usage, "the devices '{}' name cuda:{} twice; name each GPU once", asked, *number);
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
