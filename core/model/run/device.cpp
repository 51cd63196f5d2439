// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/run/device.h"

#include "core/base/check.h"
#include "core/base/library_error.h"

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>

#include <algorithm>
#include <charconv>
#include <new>

namespace winnow {
namespace {

Result<at::Device> parseDevice(std::string_view name)
{
    if (name == "cpu")
        return at::Device(at::kCPU);
    int index = 0;
    bool understood = name == "cuda";
    if (name.starts_with("cuda:")) {
        const std::string_view digits = name.substr(5);
        const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
        understood = problem == std::errc() && end == digits.data() + digits.size() && index >= 0 && index < 128;
    }
    if (!understood)
        return fail(ErrorCode::Usage,
                    "the device '{}' is not understood; use auto, cpu, cuda or cuda:n, or several with commas between", name);
    const at::Device device(at::kCUDA, static_cast<at::DeviceIndex>(index));
    WINNOW_TRY_VOID(checkDevice(device));
    return device;
}

at::ScalarType scalarType(Dtype dtype)
{
    switch (dtype) {
    case Dtype::Float32:
        return at::kFloat;
    case Dtype::BFloat16:
        return at::kBFloat16;
    case Dtype::Float16:
        return at::kHalf;
    }
    WINNOW_CHECK(false, "dtype {}", static_cast<int>(dtype));
}

} // namespace

Result<void> checkDevice(at::Device device)
{
    if (device.is_cpu())
        return {};
    if (!device.is_cuda())
        return fail(ErrorCode::NotFound, "the device '{}' is not supported; supported are: cpu, cuda, cuda:n", device.str());
    if (!at::hasCUDA())
        return fail(ErrorCode::NotFound,
                    "CUDA was asked for, but this machine or this build of PyTorch has none; use the device 'cpu'");
    const int devices = at::detail::getCUDAHooks().deviceCount();
    if (device.index() >= devices)
        return fail(ErrorCode::NotFound, "the device 'cuda:{}' was asked for, but there are only {} (from cuda:0)",
                    device.index(), devices);
    return {};
}

Result<LoadOptions> loadOptions(Dtype dtype, std::string_view names)
{
    LoadOptions options{.dtype = scalarType(dtype), .devices = {}};
    if (names == "auto") {
        const int there = at::hasCUDA() ? at::detail::getCUDAHooks().deviceCount() : 0;
        options.devices.push_back(there > 0 ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU));
        for (int index = 1; index < there; ++index)
            options.spare.emplace_back(at::kCUDA, static_cast<at::DeviceIndex>(index));
        return options;
    }
    for (std::size_t begin = 0; begin <= names.size();) {
        const std::size_t end = std::min(names.find(',', begin), names.size());
        WINNOW_TRY(const at::Device device, parseDevice(names.substr(begin, end - begin)));
        options.devices.push_back(device);
        begin = end + 1;
    }
    return options;
}

Error currentTorchError(std::string_view doing)
{
    const auto outOfMemory = [&] {
        return Error{ErrorCode::OutOfMemory,
                     fmt::format("memory ran out while {}; use a shorter text, fewer layers, or a smaller type", doing)};
    };
    const auto other = [&](std::string_view said) {
        Error error = libraryError(doing, said);
        return error.code == ErrorCode::OutOfMemory ? outOfMemory() : error;
    };
    try {
        throw;
    } catch (const c10::OutOfMemoryError&) {
        return outOfMemory();
    } catch (const c10::Error& error) {
        return other(error.what_without_backtrace());
    } catch (const std::bad_alloc&) {
        return outOfMemory();
    } catch (const std::exception& error) {
        return other(error.what());
    }
}

} // namespace winnow
