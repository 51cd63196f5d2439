// SPDX-License-Identifier: GPL-3.0-or-later
// winnow-h5check FILE: walks through an HDF5 file under limits, so that a file over which libhdf5 crashes or loops ends this
// process and not Winnow. Prints one record (core/io/hdf5_check.h). Not meant to be called by people.
#include "core/io/h5check/fence.h"
#include "core/io/hdf5_check.h"

#include <algorithm>
#include <csignal>
#include <cstdio>

#include <hdf5.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace {

void limit(decltype(RLIMIT_CPU) what, rlim_t most)
{
    rlimit now{};
    if (::getrlimit(what, &now) != 0)
        return;
    now.rlim_cur = std::min(now.rlim_cur, most);
    ::setrlimit(what, &now);
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 2) {
        std::fprintf(stderr, "winnow-h5check FILE: Winnow runs this by itself before it opens an HDF5 file\n");
        return 2;
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::prctl(PR_SET_DUMPABLE, 0); // no core file, also where a program collects them
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, winnow::kCheckCpuSeconds);
    limit(RLIMIT_FSIZE, 0);
#ifndef __SANITIZE_ADDRESS__ // which maps terabytes
    limit(RLIMIT_AS, winnow::kCheckBytes + winnow::raiseFence());
    H5set_free_list_limits(0, 0, 0, 0, 0, 0); // the library gives its blocks back, so that each is fresh
#endif
    const std::string record = winnow::hdf5Record(argv[1]);
    const bool written = ::write(STDOUT_FILENO, record.data(), record.size()) == static_cast<ssize_t>(record.size());
    ::_exit(written ? 0 : 1);
}
