// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/run_starter.h"

#include "core/evaluate/run.h"
#include "views/policies/policy_list.h"

#include <QFileDialog>

namespace winnow::app {

namespace fs = std::filesystem;

RunStarter::RunStarter(const RunParts& parts, QWidget* window)
    : QObject(window), m_workspace(parts.workspace), m_selection(parts.selection), m_messages(parts.messages), m_window(window)
{
    connect(m_workspace->runs(), &PolicyRuns::modelWanted, this, &RunStarter::askForModel);
    connect(m_workspace->runs(), &PolicyRuns::stopped, this, [this](const QString& sentence) { m_told = sentence; });
    connect(m_workspace->runs(), &PolicyRuns::failed, this, [this](const QString& sentence) { m_told = sentence; });
    connect(parts.policies, &views::PolicyList::runWanted, this, &RunStarter::runPolicy);
    connect(parts.policies, &views::PolicyList::runRemovalWanted, this, &RunStarter::remove);
}

void RunStarter::say(const QString& sentence)
{
    m_told = sentence;
    m_messages->show(Band::Kind::Warning, sentence);
}

void RunStarter::runPolicy(int policy)
{
    const auto& replay = m_workspace->data().replay;
    if (replay && policy >= 0 && policy < static_cast<int>(replay->policies.size()))
        start({replay->policies[static_cast<std::size_t>(policy)]->spec});
    else
        start({});
}

void RunStarter::runAll()
{
    std::vector<PolicySpec> policies;
    for (std::size_t i = 0; i < m_workspace->specs().size(); ++i)
        if (m_selection->isVisible(static_cast<int>(i)))
            policies.push_back(m_workspace->specs()[i]);
    start(std::move(policies));
}

void RunStarter::remove(int policy)
{
    const auto& replay = m_workspace->data().replay;
    if (replay && policy >= 0 && policy < static_cast<int>(replay->policies.size()))
        m_workspace->runs()->remove(*replay->policies[static_cast<std::size_t>(policy)]);
}

void RunStarter::start(std::vector<PolicySpec> policies)
{
    const views::ViewData& data = m_workspace->data();
    if (!data.trace)
        return say(data.replay
                       ? tr("A run reads the tokens of the recording again, and only its replay is open; open the recording.")
                       : tr("A run needs a recording that is finished; record or open one first."));
    if (m_workspace->runs()->isRunning())
        return say(tr("A run is going on; wait for it, or stop it first (Ctrl+.)."));
    if (policies.empty())
        return say(tr("There is no visible policy to run; add one, or show one."));
    if (m_messages->sentence() == m_told) // it was about an earlier run
        m_messages->hide();
    QString refused;
    std::erase_if(policies, [&](const PolicySpec& spec) {
        const auto can = checkRun(*data.info, spec, m_workspace->prompt());
        if (!can && refused.isEmpty())
            refused = QString::fromStdString(can.error().message);
        return !can;
    });
    if (!refused.isEmpty())
        say(policies.empty() ? refused : tr("Not run: %1").arg(refused));
    m_wanted = policies;
    m_workspace->run(std::move(policies), {m_suggested});
}

void RunStarter::askForModel(const QString& sentence)
{
    m_messages->show(Band::Kind::Warning, sentence, {{tr("Choose…"), [this] {
                                                          auto* dialog = new QFileDialog(m_window, tr("The recorded model"));
                                                          dialog->setObjectName(QStringLiteral("recorded-model"));
                                                          dialog->setAttribute(Qt::WA_DeleteOnClose);
                                                          dialog->setFileMode(QFileDialog::Directory);
                                                          connect(m_selection, &views::Selection::left, dialog, &QDialog::reject);
                                                          connect(dialog, &QFileDialog::fileSelected, this,
                                                                  [this](const QString& folder) {
                                                                      m_suggested = folder.toStdString();
                                                                      m_workspace->run(m_wanted, {m_suggested});
                                                                  });
                                                          dialog->open();
                                                      }}});
}

} // namespace winnow::app
