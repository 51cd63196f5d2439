// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/available_memory.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

namespace winnow {
namespace {

namespace fs = std::filesystem;

/// A root folder with the files of a system.
class System : public testing::Test {
protected:
    fs::path root;
    void SetUp() override
    {
        std::string name = (fs::temp_directory_path() / "winnow-system-XXXXXX").string();
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        root = name;
        write("proc/meminfo", "MemTotal: 32000 kB\nMemAvailable:   16000 kB\nBuffers: 5 kB\n");
    }
    void TearDown() override { fs::remove_all(root); }
    void write(const fs::path& name, std::string_view text) const
    {
        fs::create_directories((root / name).parent_path());
        std::ofstream(root / name) << text;
    }
};

TEST_F(System, withoutGroupsAllThatIsAvailableCanBeHad)
{
    EXPECT_EQ(availableMemory(root), 16000U * 1024);
    EXPECT_EQ(availableMemory(root / "nowhere"), std::nullopt);
}

TEST_F(System, aGroupOfVersion1Limits)
{
    write("proc/self/cgroup", "9:name=systemd:/\n4:cpu,memory:/jobs/17\n0::/\n");
    write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    write("sys/fs/cgroup/memory/memory.usage_in_bytes", "1000\n");
    EXPECT_EQ(availableMemory(root), 16000U * 1024);
    write("sys/fs/cgroup/memory/jobs/17/memory.limit_in_bytes", "5000000\n");
    write("sys/fs/cgroup/memory/jobs/17/memory.usage_in_bytes", "3000000\n");
    write("sys/fs/cgroup/memory/jobs/17/memory.stat", "cache 7\ntotal_inactive_file 200000\ntotal_active_file 100000\n");
    EXPECT_EQ(availableMemory(root), 2'300'000U);
    write("sys/fs/cgroup/memory/jobs/memory.limit_in_bytes", "4000000\n"); // of all jobs together
    write("sys/fs/cgroup/memory/jobs/memory.usage_in_bytes", "3900000\n");
    EXPECT_EQ(availableMemory(root), 100'000U);
}

TEST_F(System, aGroupOfVersion2Limits)
{
    write("proc/self/cgroup", "0::/user.slice/app\n");
    write("sys/fs/cgroup/user.slice/app/memory.max", "max\n");
    write("sys/fs/cgroup/user.slice/app/memory.current", "5\n");
    EXPECT_EQ(availableMemory(root), 16000U * 1024);
    write("sys/fs/cgroup/user.slice/memory.max", "4000000\n");
    write("sys/fs/cgroup/user.slice/memory.current", "4500000\n");
    EXPECT_EQ(availableMemory(root), 0U);
    write("proc/self/cgroup", "0::/not/seen/from/a/container\n");
    write("sys/fs/cgroup/memory.max", "3000000\n");
    write("sys/fs/cgroup/memory.current", "1000000\n");
    EXPECT_EQ(availableMemory(root), 2'000'000U);
}

} // namespace
} // namespace winnow
