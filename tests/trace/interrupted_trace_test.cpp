// SPDX-License-Identifier: GPL-3.0-or-later
// Recordings that end badly: the writer is killed, the disk is full. The writer runs in a child process, this test program
// itself.
#include "core/trace/trace.h"
#include "core/trace/trace_writer.h"
#include "tests/support/synthetic_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <random>
#include <spawn.h>
#include <unistd.h>

extern char** environ;

using namespace winnow;
using namespace winnow::testing_support;

namespace {

constexpr int kTokens = 300, kChunk = 4;

SyntheticTrace longTrace() { return makeSynthetic({.queryHeads = 2, .keyHeads = 1, .tokens = kTokens, .seed = 9}); }

/// This program again, running one disabled test that reads the place to write to from the environment.
class Child {
public:
    Child(const std::string& test, const std::filesystem::path& out)
    {
        EXPECT_EQ(::pipe2(m_pipe, O_CLOEXEC), 0);
        const std::string filter = "--gtest_filter=InterruptedTrace.DISABLED_" + test, place = "WINNOW_TEST_OUT=" + out.string();
        std::vector<char*> environment;
        for (char** entry = environ; *entry; ++entry)
            environment.push_back(*entry);
        environment.push_back(const_cast<char*>(place.c_str()));
        environment.push_back(nullptr);
        const char* arguments[] = {"test", filter.c_str(), "--gtest_also_run_disabled_tests", nullptr};
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, m_pipe[1], STDERR_FILENO);
        EXPECT_EQ(posix_spawn(&m_process, "/proc/self/exe", &actions, nullptr, const_cast<char**>(arguments), environment.data()),
                  0);
        posix_spawn_file_actions_destroy(&actions);
        ::close(m_pipe[1]);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() { ::close(m_pipe[0]); }

    /// Waits until the child has said `count` bytes, one per committed chunk; returns how many came.
    int waitFor(int count)
    {
        int seen = 0;
        for (char byte = 0; seen < count && ::read(m_pipe[0], &byte, 1) == 1;)
            ++seen;
        return seen;
    }
    std::string output()
    {
        std::string text;
        char buffer[1024];
        for (ssize_t got = 0; (got = ::read(m_pipe[0], buffer, sizeof buffer)) > 0;)
            text.append(buffer, static_cast<std::size_t>(got));
        return text;
    }
    /// Ends it without a chance to clean up.
    void kill()
    {
        ::kill(m_process, SIGKILL);
        wait();
    }
    int wait()
    {
        int status = 0;
        ::waitpid(m_process, &status, 0);
        return status;
    }

private:
    int m_pipe[2] = {-1, -1};
    pid_t m_process = -1;
};

/// Not a test of its own: the child of killedAtAnyMomentLeavesWhatWasCommitted.
TEST(InterruptedTrace, DISABLED_recordsSlowly)
{
    const char* out = std::getenv("WINNOW_TEST_OUT");
    ASSERT_TRUE(out);
    const SyntheticTrace trace = longTrace();
    const auto writer = TraceWriter::create({.out = out, .info = trace.info, .chunkRows = 16}).value();
    for (int begin = 0; begin < kTokens; begin += kChunk) {
        ASSERT_TRUE(appendSynthetic(*writer, trace, begin, begin + kChunk));
        ASSERT_EQ(::write(STDERR_FILENO, ".", 1), 1);
    }
    for (;;)
        ::pause();
}

TEST(InterruptedTrace, killedAtAnyMomentLeavesWhatWasCommitted)
{
    const TemporaryFolder folder;
    const SyntheticTrace written = longTrace();
    std::random_device seeds;
    const unsigned seed = seeds();
    std::mt19937 random(seed);
    for (int round = 0; round < 20; ++round) {
        const std::filesystem::path out = folder / fmt::format("t{}.h5", round);
        Child child("recordsSlowly", out);
        const int said = child.waitFor(1 + static_cast<int>(random() % (kTokens / kChunk - 1)));
        ::usleep(random() % 2000); // a moment within the next chunks
        child.kill();
        ASSERT_FALSE(std::filesystem::exists(out));
        const auto trace = Trace::open(out.string() + ".part");
        ASSERT_TRUE(trace) << trace.error().message << ", seed " << seed << ", round " << round;
        const int tokens = (*trace)->tokenCount();
        EXPECT_FALSE((*trace)->info().complete);
        EXPECT_GE(tokens, said * kChunk) << "seed " << seed;
        EXPECT_EQ(tokens % kChunk, 0);
        for (int t = 1; t < tokens; ++t)
            ASSERT_EQ((*trace)->info().logprob[t], written.info.logprob[t]);
        for (int layer = 0; layer < 2; ++layer)
            for (const auto& [what, rows, heads] : {std::tuple(Rows::Query, &written.q, 2),
                                                    {Rows::Key, &written.k, 1},
                                                    {Rows::Value, &written.v, 1},
                                                    {Rows::Output, &written.o, 2},
                                                    {Rows::LogSumExp, &written.lse, 2}}) {
                std::vector<float> got((*trace)->rowFloats(layer, what, tokens));
                ASSERT_TRUE((*trace)->read(layer, what, Position(0), Position(tokens), got));
                ASSERT_EQ(got, sliceRows((*rows)[layer], heads, kTokens, 0, tokens)) << "seed " << seed << ", round " << round;
            }
    }
}

/// A page of memory is written as a whole or not at all by a process that is killed: a block across two could be left half new.
TEST(InterruptedTrace, keepsWhatIsWrittenAgainWithinAPage)
{
    const TemporaryFolder folder;
    const auto written = writeSynthetic(longTrace(), folder / "t.h5", {.chunk = kChunk});
    ASSERT_TRUE(written) << written.error().message;
    std::ifstream file(folder / "t.h5", std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    int blocks = 0;
    for (const char* signature : {"OHDR", "EAHD", "EAIB", "EADB", "EASB"}) // of object headers and of the index of chunks
        for (std::size_t at = bytes.find(signature); at != std::string::npos; at = bytes.find(signature, at + 1), ++blocks)
            EXPECT_EQ(at % 512, 0u) << signature << " at " << at;
    EXPECT_GT(blocks, 40);
}

/// Not a test of its own: the child of aFullDiskIsSaidAndLeavesNothing. Prints the error.
TEST(InterruptedTrace, DISABLED_runsIntoAFullDisk)
{
    const char* out = std::getenv("WINNOW_TEST_OUT");
    ASSERT_TRUE(out);
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{100'000, 100'000}; // the trace needs about 200 kB
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    const SyntheticTrace trace = longTrace();
    const auto written = writeSynthetic(trace, out, {.chunk = 16});
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, ErrorCode::NoSpace);
    const std::string message = "<" + written.error().message + ">";
    ASSERT_GT(::write(STDERR_FILENO, message.data(), message.size()), 0);
}

TEST(InterruptedTrace, aFullDiskIsSaidAndLeavesNothing)
{
    const TemporaryFolder folder;
    Child child("runsIntoAFullDisk", folder / "t.h5");
    EXPECT_THAT(child.output(), testing::AllOf(testing::HasSubstr("t.h5.part"), testing::HasSubstr("the disk is full")));
    EXPECT_EQ(child.wait(), 0);
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(InterruptedTrace, aDiskThatIsTooSmallIsRefusedBeforeAnythingIsWritten)
{
    const TemporaryFolder folder;
    const SyntheticTrace trace = makeSynthetic({});
    const auto small = [](const std::filesystem::path&) { return Result<std::uint64_t>(5000); };
    const auto writer = TraceWriter::create({.out = folder / "t.h5", .info = trace.info, .freeBytes = small});
    ASSERT_FALSE(writer);
    EXPECT_EQ(writer.error().code, ErrorCode::NoSpace);
    EXPECT_THAT(writer.error().message, testing::HasSubstr("and its disk has 5.0 kB left"));
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

} // namespace
