// SPDX-License-Identifier: GPL-3.0-or-later
// Stands in for a GPU: a made-up driver whose device is the host. Winnow's launch layer (core/device/cuda_gpu.h) runs on it as on
// NVIDIA's. Kernels are the same text, compiled by the host's compiler. A stand-in keeps to what CUDA allows, can be small, slow
// in either of its streams, and lost.
#pragma once

#include "core/device/choose_gpus.h"
#include "tests/support/stand_in_compiler.h"
#include "tests/support/stand_in_programs.h"

#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace winnow::testing_support {

/// When a stream does what it was asked for.
enum class Pace {
    AtOnce, ///< before the call returns
    Late,   ///< not before somebody waits for it: the host, or the other stream for an event
};

/// Set the members before it is opened; the replay that uses it must end before it goes.
class StandInGpu {
public:
    std::size_t memory = std::size_t{1} << 30;
    std::size_t toldFree = memory; ///< what it says is free; a GPU that others use says more than it has
    int workers = 1;               ///< of a block: 1 = the CPU's team, more = threads
    int capability = 90;           ///< compute capability 9.0
    Pace uploads = Pace::AtOnce, launched = Pace::AtOnce;
    int lostAfter = -1;                         ///< launches; −1 = never
    int lostAfterDownloads = -1;                ///< likewise
    kernel::Fault faults = kernel::Fault::None; ///< what the first lane of each walk is said to have stopped at
    int launches = 0, largest = 0, copies = 0;  ///< seen so far: launches, most blocks of a walk, uploads

    StandInGpu() { all().push_back(this); }
    ~StandInGpu() { std::erase(all(), this); }
    StandInGpu(const StandInGpu&) = delete;
    StandInGpu& operator=(const StandInGpu&) = delete;

    /// Its number among those that there are.
    int index() const { return static_cast<int>(std::ranges::find(all(), this) - all().begin()); }
    /// Winnow's launch layer on it.
    std::shared_ptr<Gpu> open() { return openCudaGpu(*machine(), index()).value(); }
    int copiesBesideWalks = 0; ///< seen so far: uploads asked for while launches were still to be done
    int waits = 0;             ///< seen so far: times that the host waited for launches that were still to be done
    /// Bytes on it that nobody gave back; the most there ever were.
    std::size_t used() const { return m_used; }
    std::size_t most() const { return m_most; }

    /// A driver that serves CUDA 12.4 and shows all stand-ins that there are.
    static CudaDriver driver();
    /// A machine with that driver.
    static std::shared_ptr<const CudaOnMachine> machine()
    {
        return std::make_shared<const CudaOnMachine>(CudaOnMachine{driver(), standInCompiler(), KernelCache("")});
    }

private:
    struct Piece {
        std::unique_ptr<std::byte[]> memory;
        std::size_t bytes = 0;
    };
    struct Stream {
        StandInGpu* gpu = nullptr;
        Pace pace = Pace::AtOnce;
        std::deque<std::function<void()>> asked;

        void ask(std::function<void()> work)
        {
            asked.push_back(std::move(work));
            if (pace == Pace::AtOnce)
                finish();
        }
        void doNext()
        {
            const auto work = std::move(asked.front());
            asked.pop_front();
            work();
        }
        void finish()
        {
            while (!asked.empty())
                doNext();
        }
    };
    struct Event {
        Stream* stream = nullptr; ///< in which it was recorded last
        int recorded = 0, done = 0;

        void await(int number)
        {
            while (done < number && !stream->asked.empty())
                stream->doNext();
        }
    };
    static constexpr int kLost = 719, kInvalid = 1; ///< CUDA_ERROR_LAUNCH_FAILED, CUDA_ERROR_INVALID_VALUE

    static std::vector<StandInGpu*>& all()
    {
        static std::vector<StandInGpu*> list;
        return list;
    }
    /// That of the calling thread's context.
    static StandInGpu*& current()
    {
        thread_local StandInGpu* gpu = nullptr;
        return gpu;
    }
    static Stream& streamOf(void* handle) { return *static_cast<Stream*>(handle); }
    static Event& eventOf(void* handle) { return *static_cast<Event*>(handle); }
    static std::byte* pointer(CudaDriver::Address address) { return reinterpret_cast<std::byte*>(address); }

    bool isLost() const
    {
        return (lostAfter >= 0 && launches > lostAfter) || (lostAfterDownloads >= 0 && m_downloads > lostAfterDownloads);
    }
    /// 0, unless the GPU is lost; then nothing that it was asked for is done any more.
    int answer()
    {
        if (!isLost())
            return 0;
        for (Stream* stream : m_streams)
            stream->asked.clear();
        return kLost;
    }
    /// Whether [address, address + bytes) lies in one piece of its memory.
    bool holds(const std::byte* address, std::size_t bytes) const
    {
        auto after = m_pieces.upper_bound(const_cast<std::byte*>(address));
        if (after == m_pieces.begin())
            return false;
        const auto& [begin, piece] = *--after;
        return address + bytes <= begin + piece.bytes;
    }
    void run(const StandInProgram& program, int blocks, const std::vector<std::byte>& argument)
    {
        for (int block = blocks - 1; block >= 0; --block) // blocks come in any order
            program.run(argument, block, workers);
        if (program.walks && faults != kernel::Fault::None) {
            const auto lane = reinterpret_cast<const kernel::Walk*>(argument.data())->lanes;
            lane->state.fault = faults;
            lane->state.faultStep = 7;
        }
    }

    std::map<std::byte*, Piece> m_pieces;
    std::size_t m_used = 0, m_most = 0;
    std::vector<Stream*> m_streams; ///< the first is that of the uploads
    int m_downloads = 0;
};

inline CudaDriver StandInGpu::driver()
{
    CudaDriver driver;
    driver.init = [](unsigned) { return 0; };
    driver.driverVersion = [](int* version) { return *version = 12040, 0; };
    driver.errorString = [](int error, const char** text) {
        *text = error == kLost ? "the stand-in was lost" : "the stand-in refused";
        return 0;
    };
    driver.deviceCount = [](int* count) { return *count = static_cast<int>(all().size()), 0; };
    driver.deviceAt = [](int* device, int index) { return *device = index, 0; };
    driver.deviceName = [](char* name, int size, int) {
        return std::strncpy(name, "stand-in", static_cast<std::size_t>(size)), 0;
    };
    driver.deviceAttribute = [](int* value, int attribute, int device) {
        const int capability = all()[static_cast<std::size_t>(device)]->capability;
        return *value = attribute == CudaDriver::kMajor ? capability / 10 : capability % 10, 0;
    };
    driver.retainContext = [](void** context, int device) { return *context = all()[static_cast<std::size_t>(device)], 0; };
    driver.releaseContext = [](int) { return 0; };
    driver.setContext = [](void* context) { return current() = static_cast<StandInGpu*>(context), 0; };
    driver.memoryInfo = [](std::size_t* free, std::size_t* whole) {
        *free = current()->toldFree - std::min(current()->toldFree, current()->m_used);
        return *whole = current()->toldFree, 0;
    };
    driver.allocate = [](CudaDriver::Address* to, std::size_t bytes) {
        StandInGpu& gpu = *current();
        if (gpu.isLost())
            return kLost;
        if (gpu.m_used + bytes > gpu.memory)
            return CudaDriver::kOutOfMemory;
        gpu.m_used += bytes;
        gpu.m_most = std::max(gpu.m_most, gpu.m_used);
        auto piece = std::make_unique<std::byte[]>(bytes);
        std::memset(piece.get(), 0xab, bytes); // what is not written is no zero
        std::byte* begin = piece.get();
        gpu.m_pieces[begin] = {std::move(piece), bytes};
        *to = reinterpret_cast<CudaDriver::Address>(begin);
        return 0;
    };
    driver.release = [](CudaDriver::Address address) {
        StandInGpu& gpu = *current();
        for (const Stream* stream : gpu.m_streams)
            EXPECT_TRUE(stream->asked.empty() || gpu.isLost()) << "memory is given back that a stream may still use";
        const auto piece = gpu.m_pieces.find(pointer(address));
        std::memset(piece->first, 0xcd, piece->second.bytes);
        gpu.m_used -= piece->second.bytes;
        gpu.m_pieces.erase(piece);
        return gpu.answer();
    };
    driver.upload = [](CudaDriver::Address to, const void* from, std::size_t bytes, void* stream) {
        StandInGpu& gpu = *current();
        ++gpu.copies;
        gpu.copiesBesideWalks += gpu.m_streams.back()->asked.empty() ? 0 : 1;
        if (!gpu.holds(pointer(to), bytes))
            return kInvalid;
        streamOf(stream).ask([=] { std::memcpy(pointer(to), from, bytes); });
        return gpu.answer();
    };
    driver.download = [](void* to, CudaDriver::Address from, std::size_t bytes) {
        StandInGpu& gpu = *current();
        ++gpu.m_downloads;
        if (gpu.isLost())
            return gpu.answer();
        if (!gpu.holds(pointer(from), bytes))
            return kInvalid;
        std::memcpy(to, pointer(from), bytes);
        return 0;
    };
    driver.allocateHost = [](void** to, std::size_t bytes, unsigned) { return *to = ::operator new(bytes), 0; };
    driver.releaseHost = [](void* memory) { return ::operator delete(memory), 0; };
    driver.loadModule = [](void** to, const void* cubin) {
        return *to = const_cast<StandInProgram*>(standInProgram(static_cast<const char*>(cubin))), *to ? 0 : kInvalid;
    };
    driver.unloadModule = [](void*) { return 0; };
    driver.findFunction = [](void** to, void* module, const char*) { return *to = module, 0; };
    driver.launch = [](void* function, unsigned blocks, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void* stream,
                       void** arguments, void**) {
        StandInGpu& gpu = *current();
        const auto& program = *static_cast<const StandInProgram*>(function);
        ++gpu.launches;
        if (program.walks)
            gpu.largest = std::max(gpu.largest, static_cast<int>(blocks));
        if (gpu.isLost())
            return gpu.answer();
        const auto* bytes = static_cast<const std::byte*>(arguments[0]); // a driver copies the argument at once
        streamOf(stream).ask([&gpu, &program, blocks, argument = std::vector(bytes, bytes + program.argumentBytes)] {
            gpu.run(program, static_cast<int>(blocks), argument);
        });
        return 0;
    };
    driver.createStream = [](void** to, unsigned) {
        StandInGpu& gpu = *current();
        auto* stream = new Stream{&gpu, gpu.m_streams.empty() ? gpu.uploads : gpu.launched, {}};
        gpu.m_streams.push_back(stream);
        return *to = stream, 0;
    };
    driver.destroyStream = [](void* stream) {
        std::erase(current()->m_streams, static_cast<Stream*>(stream));
        return delete static_cast<Stream*>(stream), 0;
    };
    driver.synchronizeStream = [](void* stream) {
        StandInGpu& gpu = *current();
        gpu.waits += &streamOf(stream) == gpu.m_streams.back() && !streamOf(stream).asked.empty() ? 1 : 0;
        return streamOf(stream).finish(), gpu.answer();
    };
    driver.query = [](void* stream) { // a little of what was asked for has been done meanwhile
        if (!streamOf(stream).asked.empty())
            streamOf(stream).doNext();
        return current()->isLost() ? current()->answer() : streamOf(stream).asked.empty() ? 0 : CudaDriver::kNotReady;
    };
    driver.createEvent = [](void** to, unsigned) { return *to = new Event, 0; };
    driver.destroyEvent = [](void* event) { return delete static_cast<Event*>(event), 0; };
    driver.recordEvent = [](void* handle, void* stream) {
        Event& event = eventOf(handle);
        event.stream = &streamOf(stream);
        event.stream->ask([&event, number = ++event.recorded] { event.done = std::max(event.done, number); });
        return current()->answer();
    };
    driver.synchronizeEvent = [](void* event) { return eventOf(event).await(eventOf(event).recorded), current()->answer(); };
    driver.waitForEvent = [](void* stream, void* handle, unsigned) {
        Event& event = eventOf(handle);
        streamOf(stream).ask([&event, number = event.recorded] { event.await(number); });
        return current()->answer();
    };
    return driver;
}

} // namespace winnow::testing_support
