// SPDX-License-Identifier: GPL-3.0-or-later
// The module winnow-mpi.so: see ../mpi_functions.h. The only file that knows MPI.
#include "app/cli/sweep/mpi_functions.h"

#include <mpi.h>

#include <chrono>
#include <list>
#include <string>
#include <thread>

namespace {

constexpr int kTag = 1;

int begin()
{
    int level = 0;
    const int refused = MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &level);
    return refused != MPI_SUCCESS || level < MPI_THREAD_SERIALIZED ? 1 : 0;
}

int rank()
{
    int value = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &value);
    return value;
}

int size()
{
    int value = 1;
    MPI_Comm_size(MPI_COMM_WORLD, &value);
    return value;
}

/// Of the ranks that share this machine's memory.
int ofMachine(int (*what)(MPI_Comm, int*))
{
    MPI_Comm machine = MPI_COMM_NULL;
    int value = 0;
    if (MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine) != MPI_SUCCESS)
        return value;
    what(machine, &value);
    MPI_Comm_free(&machine);
    return value;
}

int localIndex() { return ofMachine(MPI_Comm_rank); }
int localCount() { return ofMachine(MPI_Comm_size); }

/// A message on its way. MPI_Send would wait for a rank that is dead where the message is long.
struct Sent {
    std::string bytes;
    MPI_Request request = MPI_REQUEST_NULL;
};
std::list<Sent> onTheirWay; // its elements stay where they are

void forgetArrived()
{
    onTheirWay.remove_if([](Sent& sent) {
        int done = 0;
        return MPI_Test(&sent.request, &done, MPI_STATUS_IGNORE) == MPI_SUCCESS && done != 0;
    });
}

int send(int to, const char* bytes, int count)
{
    forgetArrived();
    Sent& sent = onTheirWay.emplace_back(Sent{std::string(bytes, static_cast<std::size_t>(count))});
    return MPI_Isend(sent.bytes.data(), count, MPI_BYTE, to, kTag, MPI_COMM_WORLD, &sent.request);
}

int waiting(int* from)
{
    int there = 0, count = 0;
    MPI_Status status;
    if (MPI_Iprobe(MPI_ANY_SOURCE, kTag, MPI_COMM_WORLD, &there, &status) != MPI_SUCCESS || there == 0)
        return -1;
    MPI_Get_count(&status, MPI_BYTE, &count);
    *from = status.MPI_SOURCE;
    return count;
}

int receive(int from, char* bytes, int count)
{
    return MPI_Recv(bytes, count, MPI_BYTE, from, kTag, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

/// MPI_Finalize waits for all ranks without end, so it is called only once all are known to have come this far.
int end(int patience)
{
    const auto last = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience);
    MPI_Request all = MPI_REQUEST_NULL;
    int came = 0;
    if (MPI_Ibarrier(MPI_COMM_WORLD, &all) != MPI_SUCCESS)
        return 1;
    while (MPI_Test(&all, &came, MPI_STATUS_IGNORE) == MPI_SUCCESS) {
        forgetArrived();
        if (came != 0 && onTheirWay.empty())
            return MPI_Finalize() == MPI_SUCCESS ? 0 : 1;
        if (std::chrono::steady_clock::now() > last)
            break;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return 1;
}

constexpr WinnowMpi kFunctions{begin, rank, size, localIndex, localCount, send, waiting, receive, end};

} // namespace

extern "C" __attribute__((visibility("default"))) const WinnowMpi* winnowMpi() { return &kFunctions; }
