// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/sweep/mpi_job.h"

#include <condition_variable>
#include <cstdlib>
#include <filesystem>

#include <dlfcn.h>

namespace winnow::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHome = "home", kLeave = "leave";   ///< what rank 0 says in the end; the latter where ranks were lost
constexpr std::string_view kAlive = "alive";                   ///< what all ranks say every second
constexpr std::chrono::seconds kPulse(1), kSilence(15);        ///< and after which silence they are lost
constexpr std::string_view kLine = "line ", kEnded = "ended "; ///< what other ranks tell of their workers
constexpr std::chrono::milliseconds kLook(2);                  ///< how often ranks look for messages

int numberOf(const char* variable)
{
    const char* const text = std::getenv(variable);
    return text == nullptr ? 0 : std::atoi(text);
}

} // namespace

int ranksAround()
{
    for (const char* const variable : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MPI_LOCALNRANKS"})
        if (const int ranks = numberOf(variable); ranks > 0)
            return ranks;
    // Slurm's srun tells the number of tasks to programs without MPI, too; PMIx only to those with it.
    return std::getenv("PMIX_RANK") != nullptr ? std::max(1, numberOf("SLURM_NTASKS")) : 1;
}

Result<MpiJob> MpiJob::join()
{
    std::error_code error;
    const fs::path module = fs::read_symlink("/proc/self/exe", error).parent_path() / "winnow-mpi.so";
    if (!fs::exists(module, error))
        return fail(ErrorCode::NotFound,
                    "this is one of {} ranks of an MPI job, and this Winnow was built without MPI: '{}' is not there; install an "
                    "MPI (Debian's libopenmpi-dev) and build again, or use --workers on one machine",
                    ranksAround(), module.string());
    void* const library = ::dlopen(module.c_str(), RTLD_NOW | RTLD_GLOBAL); // MPI loads parts of itself that look for its names
    if (library == nullptr)
        return fail(ErrorCode::NotFound, "MPI cannot be loaded: {}", ::dlerror());
    const auto entry = reinterpret_cast<WinnowMpiEntry>(::dlsym(library, kWinnowMpiEntry));
    if (entry == nullptr)
        return fail(ErrorCode::NotFound, "'{}' is not Winnow's: {}", module.string(), ::dlerror());
    const WinnowMpi* const mpi = entry();
    if (mpi->begin() != 0)
        return fail(ErrorCode::Io, "MPI does not begin in this job");
    return MpiJob(mpi);
}

MpiJob::~MpiJob()
{
    if (m_mpi == nullptr)
        return;
    m_waits = m_waits && m_lost.empty();
    if (rank() == 0)
        sendAll(std::string(m_waits ? kHome : kLeave));
    if (m_waits)
        static_cast<void>(m_mpi->end(static_cast<int>(std::chrono::milliseconds(kSilence).count())));
}

Result<void> MpiJob::send(int to, const std::string& message)
{
    const std::lock_guard guard(m_lock);
    if (m_mpi->send(to, message.data(), static_cast<int>(message.size())) != 0)
        return fail(ErrorCode::Io, "MPI does not reach rank {}", to);
    return {};
}

void MpiJob::sendAll(const std::string& message)
{
    for (int other = 1; other < size(); ++other)
        if (!isLost(other))
            static_cast<void>(send(other, message)); // a rank that is not reached is silent soon
}

void MpiJob::lose(int rank)
{
    const std::lock_guard guard(m_lock);
    m_lost.insert(rank);
}

void MpiJob::find(int rank)
{
    const std::lock_guard guard(m_lock);
    m_lost.erase(rank);
}

bool MpiJob::isLost(int rank) const
{
    const std::lock_guard guard(m_lock);
    return m_lost.contains(rank);
}

std::optional<MpiJob::Message> MpiJob::receive()
{
    const std::lock_guard guard(m_lock);
    Message message;
    const int bytes = m_mpi->waiting(&message.from);
    if (bytes < 0)
        return std::nullopt;
    message.text.resize(static_cast<std::size_t>(bytes));
    if (m_mpi->receive(message.from, message.text.data(), bytes) != 0)
        return std::nullopt;
    return message;
}

Pulse::Pulse(MpiJob& job)
    : m_thread([&job](const std::stop_token& stop) {
          std::mutex mutex;
          std::condition_variable_any turn;
          for (std::unique_lock lock(mutex); !stop.stop_requested(); turn.wait_for(lock, stop, kPulse, [] { return false; }))
              job.sendAll(std::string(kAlive));
      })
{
}

MpiWorkers::MpiWorkers(MpiJob& job, WorkerStart own)
    : m_job(job), m_own({std::move(own)}), m_heard(static_cast<std::size_t>(job.size()), std::chrono::steady_clock::now())
{
}

Result<void> MpiWorkers::give(std::size_t worker, const std::string& request)
{
    return worker == 0 ? m_own.give(0, request) : m_job.send(static_cast<int>(worker), request);
}

std::optional<WorkerNews> MpiWorkers::next(std::chrono::milliseconds patience)
{
    const auto last = std::chrono::steady_clock::now() + patience;
    do {
        const auto now = std::chrono::steady_clock::now();
        if (const auto message = m_job.receive()) {
            WorkerNews news{.worker = static_cast<std::size_t>(message->from)};
            const std::string_view text = message->text;
            m_heard[news.worker] = now;
            m_job.find(message->from);
            if (text == kAlive)
                continue;
            if (text.starts_with(kLine))
                news.line = text.substr(kLine.size());
            else
                news.ended = text.substr(std::min(text.size(), kEnded.size()));
            return news;
        }
        for (std::size_t rank = 1; rank < m_heard.size(); ++rank)
            if (isThere(rank) && now - m_heard[rank] > kSilence) {
                m_job.lose(static_cast<int>(rank));
                return WorkerNews{.worker = rank,
                                  .line = {},
                                  .ended = fmt::format("belongs to rank {}, of which nothing was heard for {} seconds", rank,
                                                       kSilence.count())};
            }
        if (auto news = m_own.next(kLook))
            return news;
    } while (std::chrono::steady_clock::now() < last);
    return std::nullopt;
}

void MpiWorkers::settle()
{
    const auto begun = std::chrono::steady_clock::now();
    const auto awaited = [&] {
        for (std::size_t rank = 1; rank < m_heard.size(); ++rank)
            if (isThere(rank) && m_heard[rank] < begun)
                return true;
        return false;
    };
    while (awaited())
        next(kLook);
}

Result<void> relay(MpiJob& job, WorkerStart own, Console& console)
{
    LocalWorkers worker({std::move(own)});
    auto pulse = std::chrono::steady_clock::now(), heard = pulse;
    while (!console.stopRequested()) {
        const auto now = std::chrono::steady_clock::now();
        if (now >= pulse) {
            WINNOW_TRY_VOID(job.send(0, std::string(kAlive)));
            pulse = now + kPulse;
        }
        if (now - heard > kSilence) {
            job.leave();
            if (job.rank() > 1)
                return {};
            return fail(
                ErrorCode::Io,
                "nothing was heard for {} seconds of rank 0, which hands out the cells; what is in its results stays, and "
                "the same line goes on",
                kSilence.count());
        }
        if (const auto message = job.receive()) {
            heard = now;
            if (message->text == kAlive)
                continue;
            if (message->text == kHome)
                return {};
            if (message->text == kLeave) {
                job.leave();
                return {};
            }
            if (const auto given = worker.give(0, message->text); !given)
                WINNOW_TRY_VOID(job.send(0, fmt::format("{}could not be started: {}", kEnded, given.error().message)));
        }
        if (const auto news = worker.next(kLook))
            WINNOW_TRY_VOID(
                job.send(0, news->line ? fmt::format("{}{}", kLine, *news->line) : fmt::format("{}{}", kEnded, news->ended)));
    }
    job.leave(); // the launcher stops all
    return fail(ErrorCode::Cancelled, "the sweep was stopped");
}

} // namespace winnow::cli
