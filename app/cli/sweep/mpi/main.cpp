// SPDX-License-Identifier: GPL-3.0-or-later
// The module winnow-mpi.so: see ../mpi_functions.h. The only file that knows MPI.
#include "app/cli/sweep/mpi_functions.h"

#include <mpi.h>

#include <list>
#include <string>

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

int send(int to, const char* bytes, int count)
{
    onTheirWay.remove_if([](Sent& sent) {
        int done = 0;
        return MPI_Test(&sent.request, &done, MPI_STATUS_IGNORE) == MPI_SUCCESS && done != 0;
    });
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

void end()
{
    for (Sent& sent : onTheirWay)
        MPI_Wait(&sent.request, MPI_STATUS_IGNORE);
    MPI_Finalize();
}

constexpr WinnowMpi kFunctions{begin, rank, size, localIndex, localCount, send, waiting, receive, end};

} // namespace

extern "C" __attribute__((visibility("default"))) const WinnowMpi* winnowMpi() { return &kFunctions; }
