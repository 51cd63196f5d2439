// SPDX-License-Identifier: GPL-3.0-or-later
// The bridge to background work: the newest request wins, and what the older ones say is not heard any more.
#include "views/state/latest_job.h"

#include <QElapsedTimer>
#include <QTest>
#include <QThread>

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <thread>

using namespace winnow;
using winnow::views::LatestJob;

namespace {

constexpr int kPatience = 20'000; // ms

/// A job that reports when told to and waits at every gate.
struct Gate {
    std::atomic<bool> reached = false, open = false;
    void pass()
    {
        reached = true;
        while (!open)
            QThread::msleep(1);
    }
};

struct Heard {
    std::vector<int> answers;
    std::vector<std::string> errors;
    std::vector<std::pair<QString, double>> progress;
};

LatestJob<int> listener(Heard& heard)
{
    return LatestJob<int>(
        [&heard](Result<int> answer) {
            answer ? heard.answers.push_back(*answer) : heard.errors.push_back(answer.error().message);
        },
        [&heard](const QString& stage, double fraction) { heard.progress.emplace_back(stage, fraction); });
}

} // namespace

TEST(LatestJob, deliversAnswerAndProgressOnTheThreadOfTheWindow)
{
    const QThread* const window = QThread::currentThread();
    const QThread *answeredOn = nullptr, *reportedOn = nullptr, *workedOn = nullptr;
    int answer = 0;
    LatestJob<int> job(
        [&](Result<int> value) {
            answer = *value;
            answeredOn = QThread::currentThread();
        },
        [&](const QString& stage, double fraction) {
            EXPECT_EQ(stage, QStringLiteral("counting"));
            EXPECT_EQ(fraction, 0.5);
            reportedOn = QThread::currentThread();
        });
    job.start([&](const JobContext& context) -> Result<int> {
        workedOn = QThread::currentThread();
        context.report("counting", 0.5);
        return 7;
    });
    EXPECT_TRUE(job.isRunning());
    ASSERT_TRUE(QTest::qWaitFor([&] { return answer != 0; }, kPatience));
    EXPECT_EQ(answer, 7);
    EXPECT_FALSE(job.isRunning());
    EXPECT_NE(workedOn, window);
    EXPECT_EQ(answeredOn, window);
    EXPECT_EQ(reportedOn, window);
}

TEST(LatestJob, neitherAnswersNorReportsForAnOlderRequest)
{
    Heard heard;
    LatestJob<int> job = listener(heard);
    Gate older;
    std::atomic<bool> olderDone = false;
    job.start([&](const JobContext& context) -> Result<int> {
        older.pass();
        context.report("older", 0.9);
        olderDone = true;
        return 1;
    });
    ASSERT_TRUE(QTest::qWaitFor([&] { return older.reached.load(); }, kPatience));
    job.start([&](const JobContext& context) -> Result<int> {
        while (!olderDone)
            QThread::msleep(1);
        context.report("newer", 0.1);
        return 2;
    });
    older.open = true;
    ASSERT_TRUE(QTest::qWaitFor([&] { return !heard.answers.empty(); }, kPatience));
    QTest::qWait(20);
    EXPECT_EQ(heard.answers, std::vector{2});
    ASSERT_EQ(heard.progress.size(), 1u) << "progress of the older one would pull the newer one's bar back and forth";
    EXPECT_EQ(heard.progress.front(), std::pair(QStringLiteral("newer"), 0.1));
}

TEST(LatestJob, startingAsksTheOlderOneToStop)
{
    Heard heard;
    LatestJob<int> job = listener(heard);
    std::atomic<bool> stopped = false;
    job.start([&](const JobContext& context) -> Result<int> {
        while (!context.stopRequested())
            QThread::msleep(1);
        stopped = true;
        return 1;
    });
    job.start([](const JobContext&) -> Result<int> { return 2; });
    ASSERT_TRUE(QTest::qWaitFor([&] { return stopped && !heard.answers.empty(); }, kPatience));
    EXPECT_EQ(heard.answers, std::vector{2});
}

TEST(LatestJob, aCancelledOneAnswersAndAStoppedOneDoesNot)
{
    Heard heard;
    LatestJob<int> job = listener(heard);
    const auto untilStopped = [](const JobContext& context) -> Result<int> {
        while (!context.stopRequested())
            QThread::msleep(1);
        return fail(ErrorCode::Cancelled, "stopped");
    };
    job.start(untilStopped);
    job.cancel();
    EXPECT_TRUE(job.isRunning()) << "its answer is still to come";
    ASSERT_TRUE(QTest::qWaitFor([&] { return heard.errors.size() == 1; }, kPatience));
    job.start(untilStopped);
    job.stop();
    EXPECT_FALSE(job.isRunning());
    QTest::qWait(50);
    EXPECT_EQ(heard.errors.size(), 1u);
}

TEST(LatestJob, turnsWhatIsThrownIntoAnError)
{
    Heard heard;
    LatestJob<int> job = listener(heard);
    job.start([](const JobContext&) -> Result<int> { throw std::runtime_error("a library is upset"); });
    ASSERT_TRUE(QTest::qWaitFor([&] { return heard.errors.size() == 1; }, kPatience));
    EXPECT_EQ(heard.errors.front().find("a library is upset"), std::string::npos) << "words of a library are no sentence";
    EXPECT_NE(heard.errors.front().find("please report it"), std::string::npos) << heard.errors.front();
    job.start([](const JobContext&) -> Result<int> { throw std::bad_alloc(); });
    ASSERT_TRUE(QTest::qWaitFor([&] { return heard.errors.size() == 2; }, kPatience));
    EXPECT_EQ(heard.errors.back(), "memory ran out; close other recordings or choose fewer layers");
}

TEST(LatestJob, mayEndWhileItAnswers)
{
    std::vector<int> marks(100, 4); // in the capture: freed with it, if it went while it is read
    int sum = 0;
    std::unique_ptr<LatestJob<int>> job;
    job = std::make_unique<LatestJob<int>>([&job, &sum, marks](Result<int>) {
        job.reset();
        for (const int mark : marks)
            sum += mark;
    });
    job->start([](const JobContext&) -> Result<int> { return 1; });
    ASSERT_TRUE(QTest::qWaitFor([&] { return sum != 0; }, kPatience));
    EXPECT_EQ(sum, 400);
}

TEST(LatestJob, saysNothingAfterItsEnd)
{
    Heard heard;
    std::unique_ptr<LatestJob<int>> job(new LatestJob<int>(listener(heard)));
    Gate gate;
    std::atomic<bool> done = false;
    job->start([&](const JobContext& context) -> Result<int> {
        gate.pass();
        context.report("late", 1);
        done = true;
        return 1;
    });
    job.reset();
    gate.open = true;
    ASSERT_TRUE(QTest::qWaitFor([&] { return done.load(); }, kPatience));
    QTest::qWait(20);
    EXPECT_TRUE(heard.answers.empty());
    EXPECT_TRUE(heard.progress.empty());
}

namespace {

/// The pools with so many threads, as long as this lives.
class Threads {
public:
    explicit Threads(int count) : m_picture(views::picturePool().maxThreadCount()), m_engine(views::enginePool().maxThreadCount())
    {
        views::waitForJobs();
        views::picturePool().setMaxThreadCount(count);
        views::enginePool().setMaxThreadCount(count);
    }
    ~Threads()
    {
        views::waitForJobs();
        views::picturePool().setMaxThreadCount(m_picture);
        views::enginePool().setMaxThreadCount(m_engine);
    }

private:
    int m_picture, m_engine;
};

} // namespace

TEST(JobPools, aPictureIsMadeWhileTheEngineHasAllItsThreads)
{
    const Threads one(1);
    Gate replay;
    int replayed = 0, drawn = 0;
    LatestJob<int> engine([&](Result<int> answer) { replayed = *answer; }, {}, views::enginePool());
    LatestJob<int> picture([&](Result<int> answer) { drawn = *answer; });
    engine.start([&](const JobContext&) -> Result<int> {
        replay.pass();
        return 1;
    });
    ASSERT_TRUE(QTest::qWaitFor([&] { return replay.reached.load(); }, kPatience));
    picture.start([](const JobContext&) -> Result<int> { return 2; });
    EXPECT_TRUE(QTest::qWaitFor([&] { return drawn == 2; }, kPatience)) << "the replay keeps the map from being drawn";
    EXPECT_EQ(replayed, 0);
    replay.open = true;
    EXPECT_TRUE(QTest::qWaitFor([&] { return replayed == 1; }, kPatience));
}

TEST(JobPools, aChartsThreadsStandBackAndThoseOfPicturesDoNot)
{
    const auto niceOf = [](QThreadPool& pool) {
        std::optional<int> nice;
        LatestJob<int> job([&](Result<int> answer) { nice = *answer; }, {}, pool);
        job.start([](const JobContext&) -> Result<int> {
            std::atomic<int> helpers = 0; // threads that it starts inherit it
            std::jthread([&] { helpers = ::getpriority(PRIO_PROCESS, 0); }).join();
            return helpers.load();
        });
        EXPECT_TRUE(QTest::qWaitFor([&] { return nice.has_value(); }, kPatience));
        return nice.value_or(-100);
    };
    const int own = ::getpriority(PRIO_PROCESS, 0);
    EXPECT_EQ(niceOf(views::chartPool()), std::min(19, own + 10));
    EXPECT_EQ(niceOf(views::picturePool()), own);
}

TEST(JobPools, whatShowingAnAnswerThrowsBecomesTheJobsError)
{
    const Threads one(1);
    std::vector<std::string> errors;
    std::vector<QString> told;
    const auto listening = QObject::connect(&views::JobFailures::instance(), &views::JobFailures::failed,
                                            [&told](const QString& sentence) { told.push_back(sentence); });
    LatestJob<int> job([&errors](Result<int> answer) {
        if (answer)
            throw std::bad_alloc();
        errors.push_back(answer.error().message);
    });
    job.start([](const JobContext&) -> Result<int> { return 1; });
    ASSERT_TRUE(QTest::qWaitFor([&] { return !errors.empty(); }, kPatience));
    EXPECT_EQ(errors.front(), "memory ran out; close other recordings or choose fewer layers");
    EXPECT_TRUE(told.empty());
    EXPECT_FALSE(job.isRunning());
    QObject::disconnect(listening);
}

TEST(JobPools, whatNoJobCanAnswerIsToldAndTheNextOneRuns)
{
    const Threads one(1);
    std::vector<QString> told;
    const auto listening = QObject::connect(&views::JobFailures::instance(), &views::JobFailures::failed,
                                            [&told](const QString& sentence) { told.push_back(sentence); });
    int answers = 0;
    bool broken = true;
    LatestJob<int> job(
        [&](Result<int>) {
            if (broken)
                throw std::runtime_error("a view is upset");
            ++answers;
        },
        [&](const QString&, double) { throw 7; });
    job.start([](const JobContext& context) -> Result<int> {
        context.report("half", 0.5);
        return 1;
    });
    ASSERT_TRUE(QTest::qWaitFor([&] { return told.size() == 2; }, kPatience)) << "of the progress, and of the answer";
    for (const QString& sentence : told)
        EXPECT_TRUE(sentence.contains(QStringLiteral("please report it"))) << sentence.toStdString();
    broken = false;
    job.start([](const JobContext&) -> Result<int> { return 2; });
    EXPECT_TRUE(QTest::qWaitFor([&] { return answers == 1; }, kPatience));
    QObject::disconnect(listening);
}
