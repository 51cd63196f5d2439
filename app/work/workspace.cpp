// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/work/workspace.h"

#include "app/cli/console.h"
#include "app/cli/demo.h"
#include "core/replay/replay.h"

#include <algorithm>

namespace winnow::app {

namespace fs = std::filesystem;

namespace {

QString text(const std::string& utf8) { return QString::fromStdString(utf8); }

QString fileName(const fs::path& path) { return text(path.filename().string()); }

} // namespace

Workspace::Workspace(QObject* parent)
    : QObject(parent),
      m_recordJob([this](auto trace) { recorded(std::move(trace)); },
                  [this](const QString&, double fraction) { progress(m_jobName, fraction); }, views::enginePool()),
      m_openJob(
          [this](auto answer) {
              if (answer)
                  take(*answer);
              else
                  report(answer.error());
              endJob();
          },
          {}, views::enginePool()),
      m_replayJob([this](auto result) { replayed(std::move(result)); },
                  [this](const QString&, double fraction) {
                      setTag({}, fraction);
                      if (!m_following) // else the recording tells its own
                          progress(m_jobName, fraction);
                  },
                  views::enginePool()),
      m_preview([this](auto info) { showPreview(std::move(info)); }), m_begun([this](auto growing) {
          m_growing = std::move(growing);
          follow();
      }),
      m_tokensDone([this](int tokens) {
          if (!m_liveFill)
              return;
          m_data.tokensRecorded = tokens;
          fillPrompt();
          tellData();
      }),
      m_held([this](int tokens) { held(tokens); }), m_partial([this](auto partial) { showPartial(std::move(partial)); }),
      m_warnings([this](const QString& sentence) { emit warned(sentence); }), m_size([this](const QString& size) {
          m_jobName += QStringLiteral(" · ") + size; // of the file that is being written
          emit jobChanged(m_jobName, 0);
      })
{
    connectRuns();
    if (auto specs = demoPolicies())
        m_specs = std::move(*specs);
    m_states.resize(m_specs.size());
}

Workspace::~Workspace() { endFollowing(); }

int Workspace::leadingStep() const
{
    if (isRecording())
        return std::max(0, m_data.tokensRecorded - 1);
    if (m_data.info && !m_data.trace) // a recording that was stopped: what was read
        return std::max(0, m_data.tokensRecorded - 1);
    const int last = m_shown.replay ? static_cast<int>(m_shown.replay->tokenIds.size()) - 1
                     : m_data.info  ? static_cast<int>(m_data.info->tokens.size()) - 1
                                    : 0;
    if (!isReplaying() || !m_data.replay)
        return std::max(0, last);
    int done = last + 1;
    for (const int missing : m_missing)
        if (m_plan.places[static_cast<std::size_t>(missing)] == Place::Blank)
            done = std::min(done, m_data.replay->policies[static_cast<std::size_t>(missing)]->stepsDone);
    return std::max(0, done - 1);
}

// --- opening

void Workspace::openTrace(const fs::path& trace, const std::vector<fs::path>& replays, const fs::path& ownRuns)
{
    abandon();
    // Begun before it is told: the window makes room at once, and not in the moment in which the data comes.
    m_openJob.start([trace, replays, ownRuns](const JobContext& job) { return openFiles(trace, replays, ownRuns, job); });
    begin(tr("Opening %1").arg(fileName(trace.empty() && !replays.empty() ? replays.front() : trace)));
}

void Workspace::openReplays(const std::vector<fs::path>& replays) { openTrace({}, replays); }

void Workspace::take(const Opened& opened)
{
    emit taking();
    m_recordOptions.reset();
    m_isDemo = false;
    m_sources = {};
    m_sources.trace = opened.tracePath;
    m_data = {};
    m_runs.clear();
    m_data.replay = opened.replay;
    if (const auto& results = opened.replay ? opened.replay : opened.runs) {
        if (opened.replay || !opened.ownSpecs) {
            m_specs.clear();
            for (const auto& policy : results->policies)
                if (opened.replay || opened.trace)
                    m_specs.push_back(policy->spec);
            m_states.assign(m_specs.size(), {});
        }
        m_askedPrompt = results->prompt;
        m_prompt = results->prompt;
        m_data.tokensRecorded = static_cast<int>(results->tokenIds.size());
    }
    m_runs.take(opened.runs, opened.runsPath);
    // Of runs beside a trace the replays are still to be made.
    m_sources.replay = opened.replay || !opened.trace ? opened.replayPath : fs::path();
    m_files = opened.files;
    if (opened.trace) {
        const auto& manifest = opened.trace->info().manifest;
        const auto entry = [&](const char* key) {
            const auto found = manifest.find(key);
            return found == manifest.end() ? QString() : text(found->second);
        };
        m_sources.modelName = entry("model");
        m_sources.textName = entry("text");
        setTrace(opened.trace, opened.replay ? opened.replay.get() : opened.runs.get());
        startReplay();
    } else {
        tellData();
        emit statesChanged();
    }
    if (!opened.remark.empty())
        emit warned(text(opened.remark));
}

void Workspace::stored(const fs::path& file, const ReplayResult& result)
{
    std::erase_if(m_files, [&](const StoredPolicies& older) { return older.file == file; });
    m_files.insert(m_files.begin(), {file, result.policies});
    const auto holds = [&](const std::shared_ptr<const ReplayResult>& some) {
        return some && std::ranges::all_of(some->policies, [&](const auto& one) {
                   return placeOf({&m_files.front(), 1}, *one).has_value();
               });
    };
    if (holds(m_data.replay ? m_data.replay : m_shown.replay))
        m_sources.replay = file;
    if (holds(m_runs.finished(m_prompt)))
        m_runs.setFile(file);
}

void Workspace::deleted(const fs::path& file)
{
    std::erase_if(m_files, [&](const StoredPolicies& one) { return one.file == file; });
}

bool Workspace::isReplayInFile() const
{
    const auto named = [&](const std::shared_ptr<const ReplayResult>& some) {
        return some && filesOf(m_files, some->policies) == std::vector{m_sources.replay};
    };
    return named(m_data.replay) || named(m_shown.replay);
}

// --- replaying

void Workspace::setSpecs(std::vector<PolicySpec> specs)
{
    m_specs = std::move(specs);
    startReplay();
}

void Workspace::setPrompt(std::optional<int> prompt)
{
    m_askedPrompt = prompt;
    const int tokens = m_data.trace ? m_data.trace->tokenCount() : 0;
    const int now = std::clamp(prompt.value_or(demoPrompt(tokens)), 0, tokens);
    if (now == m_prompt || !m_data.trace)
        return;
    m_prompt = now;
    startReplay();
}

void Workspace::checkSpecs()
{
    m_states.assign(m_specs.size(), {});
    m_missing.clear();
    for (const int number : m_plan.missing()) {
        const auto at = static_cast<std::size_t>(number);
        if (!m_data.trace) {
            m_states[at].problem = tr("This policy needs the recording to be replayed; open its trace.");
        } else if (const auto fits = checkSpec(m_specs[at], m_data.trace->tokenCount(), m_prompt); !fits) {
            m_states[at].problem = text(fits.error().message);
        } else {
            m_states[at].tag = m_plan.places[at] == Place::Stale ? tr("updating") : tr("waiting");
            m_missing.push_back(number);
        }
    }
}

void Workspace::startReplay()
{
    m_replayJob.stop();
    m_following = false;
    m_partial.reset();
    if (m_data.info && !m_data.trace) { // the recording is on its way, or was stopped on it
        planBlank();
        fillPrompt();
        tellData();
        follow();
        emit statesChanged();
        return endJob();
    }
    if (!m_data.info || m_recordJob.isRunning()) {
        m_states.assign(m_specs.size(), {});
        if (!m_data.replay) // without any tokens there is nothing to plan for
            return endJob();
    }
    TraceInfo bare; // of a replay whose trace is not here
    if (!m_data.info) {
        bare.tokens = m_data.replay->tokenIds;
        bare.layers = m_data.replay->layers;
    }
    m_plan = planReplay(m_data.info ? *m_data.info : bare, m_data.replay, m_specs, m_prompt);
    checkSpecs();
    m_data.replay = m_plan.shown;
    tellData();
    emit statesChanged();
    if (m_missing.empty())
        return endJob();

    std::vector<PolicySpec> wanted;
    for (const int number : m_missing)
        wanted.push_back(m_specs[static_cast<std::size_t>(number)]);
    begin(wanted.size() == 1 ? tr("Replay of %1").arg(text(wanted.front().name))
                             : tr("Replay of %1 policies").arg(wanted.size()));
    ReplayOptions options;
    options.prompt = m_prompt;
    options.advanced = [feed = m_partial.feeder()](const ReplayResult& soFar) {
        feed(std::make_shared<const ReplayResult>(soFar));
    };
    m_replayJob.start(
        [trace = m_data.trace, wanted, options](const JobContext& job) { return replay(*trace, wanted, options, job); });
}

void Workspace::showPartial(std::shared_ptr<const ReplayResult> partial)
{
    if (!m_liveFill)
        return;
    m_data.replay = splice(m_plan, m_missing, *partial);
    tellData();
}

void Workspace::replayed(Result<std::shared_ptr<const ReplayResult>> result)
{
    m_partial.reset();
    if (std::exchange(m_following, false) && !result)
        return; // it is replayed when the recording is there
    const bool followed = std::exchange(m_growing, nullptr) != nullptr;
    if (result) {
        m_data.replay = splice(m_plan, m_missing, **result);
        for (const int number : m_missing)
            m_states[static_cast<std::size_t>(number)] = {};
        if (followed && m_data.trace)
            return startReplay(); // those that could not follow it
        tellData();
    } else {
        const bool cancelled = result.error().code == ErrorCode::Cancelled;
        for (const int number : m_missing) {
            m_states[static_cast<std::size_t>(number)] = {};
            m_states[static_cast<std::size_t>(number)].tag = cancelled ? tr("stopped") : QString();
        }
        int step = 0;
        for (const int number : m_missing)
            step = std::max(step, m_data.replay->policies[static_cast<std::size_t>(number)]->stepsDone - 1);
        if (cancelled)
            emit stopped(tr("Stopped at step %1").arg(QString::fromStdString(grouped(std::max(0, step)))));
        else
            report(result.error());
    }
    emit statesChanged();
    endJob();
}

// --- closing, and what is told

OpenPlace Workspace::place() const { return {m_data, m_sources, m_runs.kept(), m_files, m_askedPrompt, m_prompt, m_isDemo}; }

void Workspace::show(const OpenPlace& place)
{
    abandon();
    m_recordOptions.reset();
    m_data = place.data;
    m_sources = place.sources;
    m_runs.bringBack(place.runs);
    m_files = place.files;
    m_askedPrompt = place.askedPrompt;
    m_prompt = place.prompt;
    m_isDemo = place.isDemo;
    begin(tr("Opening %1").arg(m_sources.textName));
    startReplay();
}

void Workspace::close()
{
    abandon();
    m_runs.clear();
    m_recordOptions.reset();
    m_data = {};
    m_sources = {};
    m_dataBefore = {};
    m_sourcesBefore = {};
    m_askedPrompt.reset();
    m_plan = {};
    m_missing.clear();
    m_states.assign(m_specs.size(), {});
    m_busy = false;
    tellData();
    emit statesChanged();
    endJob();
}

void Workspace::tellData()
{
    m_shown = m_data;
    m_shown.replay = m_runs.beside(m_data.replay);
    emit dataChanged();
}

std::vector<PolicyState> Workspace::policyStates() const
{
    std::vector<PolicyState> states = m_states;
    const std::size_t own = m_data.replay ? m_data.replay->policies.size() : 0;
    if (!m_shown.replay || own > m_shown.replay->policies.size())
        return states;
    for (auto run = m_shown.replay->policies.begin() + static_cast<std::ptrdiff_t>(own); run != m_shown.replay->policies.end();
         ++run) {
        PolicyState& state = states.emplace_back();
        if ((*run)->stepsDone < (*run)->tokens) {
            state.tag = tr("running");
            state.fraction = static_cast<double>((*run)->stepsDone) / (*run)->tokens;
        }
    }
    return states;
}

void Workspace::begin(const QString& what)
{
    m_jobName = what;
    m_busy = true;
    m_jobFrom = 0;
    m_jobTime.start();
    emit jobChanged(what, 0);
}

void Workspace::progress(const QString& what, double fraction)
{
    const double seconds = static_cast<double>(m_jobTime.elapsed()) / 1000;
    m_jobFraction = fraction;
    const double done = fraction - m_jobFrom;
    const bool canTell = done > 0.05 && fraction < 1 && seconds > 0.5;
    const double left = canTell ? seconds * (1 - fraction) / done : 0;
    emit jobChanged(canTell ? tr("%1 · %2 left").arg(what, text(cli::readableDuration(left))) : what, fraction);
}

void Workspace::setTag(const QString& tag, double fraction)
{
    for (const int number : m_missing) {
        PolicyState& state = m_states[static_cast<std::size_t>(number)];
        state.fraction = fraction;
        if (!tag.isEmpty())
            state.tag = tag;
    }
    emit statesChanged();
}

void Workspace::endJob()
{
    if (isWorking())
        return;
    emit jobChanged({}, -1);
    if (std::exchange(m_busy, false))
        emit settled();
}

void Workspace::report(const Error& error)
{
    if (error.code != ErrorCode::Cancelled)
        emit failed(text(error.message));
}

} // namespace winnow::app
