// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/sweep/worker_process.h"

#include <gmock/gmock.h>

namespace winnow::cli {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(WorkerPlaces, shareTheCoresOfTheirMachine)
{
    EXPECT_THAT(environmentOf({.index = 0, .count = 1, .allowedCores = 8, .cores = 8}), IsEmpty()) << "one has them all";
    EXPECT_THAT(environmentOf({.index = 1, .count = 4, .allowedCores = 16, .cores = 16}),
                ElementsAre(Pair("OMP_NUM_THREADS", "4"), Pair("OMP_WAIT_POLICY", "passive")));
    EXPECT_THAT(environmentOf({.index = 1, .count = 8, .allowedCores = 2, .cores = 2}), Contains(Pair("OMP_NUM_THREADS", "1")));
    EXPECT_THAT(environmentOf({.index = 1, .count = 4, .allowedCores = 3, .cores = 16}), Contains(Pair("OMP_NUM_THREADS", "3")))
        << "the launcher has bound it to its share";
    EXPECT_THAT(environmentOf({.index = 1, .count = 4, .allowedCores = 8, .cores = 8, .threadsSaid = true}), IsEmpty());
}

TEST(WorkerPlaces, getAGpuEach)
{
    WorkerPlace place{.index = 5, .count = 8, .threadsSaid = true};
    place.gpus = 4;
    EXPECT_THAT(environmentOf(place), ElementsAre(Pair("CUDA_VISIBLE_DEVICES", "1")));
    place.visibleGpus = "3,GPU-7";
    EXPECT_THAT(environmentOf(place), ElementsAre(Pair("CUDA_VISIBLE_DEVICES", "GPU-7"))) << "of those that may be seen";
    place.visibleGpus = "2";
    EXPECT_THAT(environmentOf(place), IsEmpty()) << "there is no choice";
    place.visibleGpus = "";
    place.gpuEach = false;
    EXPECT_THAT(environmentOf(place), IsEmpty()) << "the plan names its devices";
}

} // namespace
} // namespace winnow::cli
