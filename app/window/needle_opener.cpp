// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/needle_opener.h"

#include "app/window/file_opener.h"
#include "app/window/needle_dialog.h"
#include "core/io/mapped_file.h"
#include "core/tasks/answer_reader.h"

#include <QFileInfo>

#include <algorithm>

namespace winnow::app {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMostPolicies = 12;

/// What the answers were given under, in their order; the answer's own among them.
std::vector<PolicySpec> policiesOf(const std::vector<tasks::Answer>& answers, const tasks::Answer& answer)
{
    std::vector<PolicySpec> specs;
    const auto add = [&](const tasks::Answer& one) {
        auto spec = parsePolicySpec(one.series);
        if (spec && specs.size() < kMostPolicies && std::ranges::find(specs, *spec) == specs.end())
            specs.push_back(std::move(*spec));
    };
    for (const tasks::Answer& one : answers)
        if (one.id == answer.id && one.task == answer.task)
            add(one);
    add(answer);
    return specs;
}

/// The tokens that lie in the bytes; nothing where there are none.
std::optional<views::Range> tokensOf(const TraceInfo& info, std::pair<std::size_t, std::size_t> bytes)
{
    std::optional<views::Range> range;
    for (int token = 0; token < static_cast<int>(info.offsets.size()); ++token) {
        const auto [begin, end] = info.offsets[static_cast<std::size_t>(token)];
        if (begin<end&& static_cast<std::size_t>(end)> bytes.first && static_cast<std::size_t>(begin) < bytes.second)
            range = views::Range{range ? range->begin : token, token + 1};
    }
    return range;
}

} // namespace

NeedleOpener::NeedleOpener(Workspace* workspace, views::Selection* selection, QWidget* window)
    : QObject(window), m_workspace(workspace), m_selection(selection), m_window(window), m_theme(views::Theme::darkTheme()),
      m_readJob(
          [this](Result<Answers> answers) {
              if (answers)
                  show(*answers);
              else
                  emit refused(QString::fromStdString(answers.error().message));
          },
          {}, views::enginePool()),
      m_trialJob([this](Result<NeedleTrial> trial) { record(trial); },
                 [this](const QString& stage, double fraction) { emit progressed(stage, fraction); }, views::enginePool())
{
    connect(workspace, &Workspace::settled, this, &NeedleOpener::mark);
    connect(workspace, &Workspace::failed, this, &NeedleOpener::giveUp);
}

NeedleDialog* NeedleOpener::dialog() const { return m_dialog; }

void NeedleOpener::showDialog()
{
    if (!m_dialog)
        return;
    m_dialog->show();
    m_dialog->raise();
    m_dialog->activateWindow();
}

void NeedleOpener::giveUp()
{
    if (std::exchange(m_pending, std::nullopt))
        showDialog();
}

void NeedleOpener::setTheme(const views::Theme& theme)
{
    m_theme = theme;
    if (m_dialog)
        m_dialog->setTheme(theme);
}

void NeedleOpener::stop()
{
    m_readJob.stop();
    m_trialJob.stop();
    m_pending.reset();
}

void NeedleOpener::open(const QStringList& files)
{
    m_file = files.size() == 1 ? QFileInfo(files.front()).fileName() : tr("%1 files").arg(files.size());
    m_readJob.start([files](const JobContext& job) -> Result<Answers> {
        auto all = std::make_shared<std::vector<tasks::Answer>>();
        for (const QString& file : files) {
            WINNOW_TRY_VOID(job.check("opening"));
            const fs::path path = file.toStdString();
            WINNOW_TRY(const MappedFile bytes, MappedFile::open(path));
            tasks::AnswerSet set = tasks::parseAnswers(bytes.text(), tasks::sourceOf(path));
            std::ranges::move(set.answers, std::back_inserter(*all));
        }
        if (tasks::needleGrids(*all).empty())
            return fail(ErrorCode::BadInput,
                        "'{}' holds no answer with a length and a depth, which a heat map needs; `winnow ask --task needle "
                        "--depths 10` writes such, and `winnow score` scores the others",
                        files.front().toStdString());
        return Answers(std::move(all));
    });
}

void NeedleOpener::show(const Answers& answers)
{
    delete m_dialog.data(); // it may be hidden
    m_dialog = new NeedleDialog(*answers, m_file, m_window);
    m_dialog->setTheme(m_theme);
    connect(m_dialog, &NeedleDialog::trialWanted, this, &NeedleOpener::openTrial);
    m_dialog->show();
    emit opened();
}

void NeedleOpener::openTrial(const tasks::Answer& answer)
{
    if (m_workspace->isWorking() || m_workspace->isPaused()) {
        if (m_dialog)
            m_dialog->say(tr("Something else is being recorded or replayed; wait for it, or stop it (Ctrl+.)."));
        return;
    }
    m_answer = answer;
    m_model = modelNamed(answer.model);
    if (m_dialog)
        m_dialog->setWorking(true);
    m_trialJob.start([answer, model = m_model](const JobContext& job) { return needleTrial(answer, model, job); });
}

void NeedleOpener::record(const Result<NeedleTrial>& trial)
{
    emit progressed({}, -1);
    if (m_dialog)
        m_dialog->setWorking(false);
    if (!trial) {
        if (m_dialog)
            m_dialog->say(trial.error().code == ErrorCode::Cancelled ? tr("Stopped; nothing was recorded.")
                                                                     : QString::fromStdString(trial.error().message));
        return;
    }
    emit roomWanted();
    emit beginning();
    m_workspace->setSpecs(policiesOf(m_dialog ? m_dialog->answers() : std::vector<tasks::Answer>(), m_answer));
    m_workspace->setPrompt(trial->promptTokens);
    m_pending = *trial;
    if (m_dialog)
        m_dialog->hide(); // what it opens lies under it
    m_workspace->record({.model = m_model, .text = trial->text, .textName = trial->name});
}

void NeedleOpener::mark()
{
    const views::ViewData& data = m_workspace->data();
    if (!m_pending || !data.trace || m_workspace->sources().textName.toStdString() != m_pending->name)
        return;
    const NeedleTrial trial = *std::exchange(m_pending, std::nullopt);
    const auto& specs = m_workspace->specs();
    for (std::size_t i = 0; i < specs.size(); ++i)
        if (const auto own = parsePolicySpec(m_answer.series); own && specs[i] == *own)
            m_selection->setFocus(static_cast<int>(i));
    if (const auto range = tokensOf(*data.info, trial.needle)) {
        m_selection->setTokenRange(*range);
        m_selection->setSpans({{*range, tr("needle")}}); // the latest: the tab Token is about it
    }
    m_selection->setStep(std::min(trial.promptTokens, data.trace->tokenCount() - 1));
    emit trialShown();
}

} // namespace winnow::app
