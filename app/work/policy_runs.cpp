// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/work/policy_runs.h"

#include "app/cli/console.h"
#include "app/work/recorded_model.h"
#include "core/analysis/comparison.h"
#include "core/evaluate/run.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace winnow::app {

namespace fs = std::filesystem;

namespace {

QString text(const std::string& utf8) { return QString::fromStdString(utf8); }

QString nameOf(const std::vector<PolicySpec>& policies)
{
    return policies.size() == 1 ? PolicyRuns::tr("Run of %1").arg(text(policies.front().name))
                                : PolicyRuns::tr("Run of %1 policies").arg(policies.size());
}

} // namespace

PolicyRuns::PolicyRuns(QObject* parent)
    : QObject(parent),
      m_job([this](auto answer) { answered(std::move(answer)); },
            [this](const QString& stage, double fraction) {
                const double seconds = static_cast<double>(m_time.elapsed()) / 1000;
                const bool canTell = stage == QStringLiteral("running") && fraction > 0.05 && seconds > 0.5;
                emit progressed(
                    canTell ? tr("%1 · %2 left").arg(m_name, text(cli::readableDuration(seconds * (1 - fraction) / fraction)))
                            : m_name,
                    fraction);
            },
            views::enginePool()),
      m_look([this](auto soFar) {
          m_partial = std::move(soFar);
          emit changed();
      }),
      m_warnings([this](const QString& sentence) { emit warned(sentence); })
{
}

void PolicyRuns::start(RunWish wish)
{
    m_name = nameOf(wish.policies);
    m_time.start();
    emit progressed(m_name, 0);
    RunHooks hooks;
    hooks.planned = [warn = m_warnings.feeder()](const RunPlan& plan) {
        if (!plan.warnings.empty())
            warn(text(fmt::format("{}", fmt::join(plan.warnings, "; "))));
    };
    if (m_liveFill)
        hooks.advanced = [look = m_look.feeder()](const ReplayResult& soFar) {
            look(std::make_shared<const ReplayResult>(soFar));
        };
    m_job.start([wish = std::move(wish), hooks](const JobContext& job) -> Result<Answer> {
        RunOptions options = runOf(*wish.recording);
        const auto model = recordedModel(wish.recording->manifest, modelPlaces(wish.models));
        if (!model)
            return Answer{.runs = nullptr, .model = {}, .noModel = true, .sentence = model.error().message};
        options.text.model = *model;
        options.policies = wish.policies;
        options.prompt = wish.prompt;
        options.standsBy = wish.recording->layers;
        WINNOW_TRY(auto runs, runText(options, hooks, job));
        return Answer{.runs = std::move(runs), .model = *model, .noModel = false, .sentence = {}};
    });
}

void PolicyRuns::answered(Result<Answer> answer)
{
    m_look.reset();
    m_partial.reset();
    if (!answer) {
        emit changed();
        if (answer.error().code == ErrorCode::Cancelled)
            emit stopped(tr("The run was stopped; nothing of it is kept"));
        else
            emit failed(text(answer.error().message));
    } else if (answer->noModel) {
        emit modelWanted(text(answer->sentence));
    } else {
        m_model = answer->model;
        keep(answer->runs);
        m_file.clear();
        emit changed();
    }
    emit ended();
}

void PolicyRuns::keep(const std::shared_ptr<const ReplayResult>& runs)
{
    for (const auto& policy : runs->policies) {
        std::erase_if(m_runs, [&](const auto& older) {
            return older->prompt == runs->prompt && older->policies.front()->spec.canonical() == policy->spec.canonical();
        });
        auto one = std::make_shared<ReplayResult>(*runs);
        one->policies = {policy};
        m_runs.push_back(std::move(one));
    }
}

void PolicyRuns::take(std::shared_ptr<const ReplayResult> runs, const fs::path& file)
{
    m_runs.clear();
    if (runs)
        keep(runs);
    m_file = runs ? file : fs::path();
}

void PolicyRuns::remove(const PolicyReplay& run)
{
    std::erase_if(m_runs, [&](const auto& one) { return one->policies.front().get() == &run; });
    m_file.clear();
    emit changed();
}

void PolicyRuns::bringBack(const KeptRuns& kept)
{
    clear();
    m_runs = kept.runs;
    m_file = kept.file;
    m_model = kept.model;
}

void PolicyRuns::clear()
{
    m_job.stop();
    m_look.reset();
    m_warnings.reset();
    m_partial.reset();
    m_runs.clear();
    m_file.clear();
}

std::shared_ptr<const ReplayResult> PolicyRuns::beside(const std::shared_ptr<const ReplayResult>& replays) const
{
    std::vector<NamedReplay> all;
    if (replays)
        all.push_back({{}, replays});
    const auto add = [&](const std::shared_ptr<const ReplayResult>& runs) {
        const ReplayResult* first = all.empty() ? nullptr : all.front().replay.get();
        if (!first || (runs->prompt == first->prompt && runs->layers == first->layers && runs->tokenIds == first->tokenIds))
            all.push_back({{}, runs});
    };
    for (const auto& run : m_runs)
        add(run);
    if (m_partial)
        add(m_partial);
    if (all.empty())
        return replays;
    auto joined = joinReplays(all);
    return joined ? *joined : replays;
}

std::shared_ptr<const ReplayResult> PolicyRuns::finished(int prompt) const
{
    std::shared_ptr<ReplayResult> all;
    for (const auto& run : m_runs) {
        if (run->prompt != prompt)
            continue;
        if (!all)
            all = std::make_shared<ReplayResult>(*run);
        else
            all->policies.push_back(run->policies.front());
    }
    return all;
}

} // namespace winnow::app
