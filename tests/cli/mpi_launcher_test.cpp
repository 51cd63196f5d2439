// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/sweep/mpi_launcher.h"

#include <gmock/gmock.h>

namespace winnow::cli {
namespace {

using namespace std::string_view_literals;
using testing::ElementsAre;

TEST(MpiLauncher, isStartedAgainWithItsWordsAndRecovery)
{
    const auto launcher = recoveringLauncher("/usr/bin/orterun", "/data/sweeps",
                                             "mpirun\0-n\0"
                                             "8\0winnow\0sweep\0my plan.json\0"sv,
                                             "PATH=/bin\0EMPTY=\0"sv);
    ASSERT_TRUE(launcher);
    EXPECT_EQ(launcher->program, "/usr/bin/orterun");
    EXPECT_EQ(launcher->folder, "/data/sweeps");
    EXPECT_THAT(launcher->words, ElementsAre("mpirun", "--enable-recovery", "-n", "8", "winnow", "sweep", "my plan.json"));
    EXPECT_THAT(launcher->variables, ElementsAre("PATH=/bin", "EMPTY="));
}

TEST(MpiLauncher, keepsWordsThatAreEmpty)
{
    EXPECT_THAT(recoveringLauncher("/opt/bin/mpirun", "/", "mpirun\0--tag\0\0winnow\0"sv, ""sv)->words,
                ElementsAre("mpirun", "--enable-recovery", "--tag", "", "winnow"));
}

TEST(MpiLauncher, isNoneWhereSomethingElseIsTheParent)
{
    EXPECT_FALSE(recoveringLauncher("/bin/bash", "/", "bash\0job.sh\0"sv, ""sv));
    EXPECT_FALSE(recoveringLauncher("/usr/bin/orted", "/", "orted\0"sv, ""sv));
    EXPECT_FALSE(recoveringLauncher("/usr/bin/mpirun", "/", ""sv, ""sv)) << "a process that ends tells no words";
}

} // namespace
} // namespace winnow::cli
