// SPDX-License-Identifier: GPL-3.0-or-later
// What `winnow sweep` needs of MPI, as functions of C: the module winnow-mpi.so (mpi/main.cpp) has them, and is loaded where a
// launcher of MPI started the program, so that Winnow itself runs where there is no MPI. Any thread calls them, one at a time.
#pragma once

extern "C" {

struct WinnowMpi {
    int (*begin)();                                    ///< 0: done
    int (*rank)();                                     ///< after begin()
    int (*size)();                                     ///< ranks of the job
    int (*localIndex)();                               ///< which of the ranks on this machine; all ranks call it together
    int (*localCount)();                               ///< ranks on this machine; likewise
    int (*send)(int to, const char* bytes, int count); ///< 0: on its way; never waits for the rank
    int (*waiting)(int* from);                         ///< bytes of a message that is there, and who sent it; -1: none is
    int (*receive)(int from, char* bytes, int count);  ///< the message that waiting() told; 0: done
    int (*end)(int patience); ///< waits for all ranks, as many milliseconds; 0: all came, and MPI has ended
};

/// What the module exports, by this name.
using WinnowMpiEntry = const WinnowMpi* (*)();
inline constexpr const char* kWinnowMpiEntry = "winnowMpi";
}
