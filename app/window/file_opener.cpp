// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/file_opener.h"

#include "app/cli/console.h"
#include "app/cli/demo.h"
#include "app/cli/file_options.h"
#include "app/cli/resources.h"
#include "app/cli/text_input.h"
#include "app/window/mnemonics.h"
#include "app/window/record_dialog.h"
#include "core/model/config/model_folder.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>
#include <QMimeData>
#include <QSettings>

namespace winnow::app {

namespace fs = std::filesystem;

namespace {

constexpr qsizetype kRecent = 10;

std::vector<fs::path> pathsOf(const QStringList& paths)
{
    std::vector<fs::path> list;
    for (const QString& path : paths)
        list.emplace_back(path.toStdString());
    return list;
}

QString shown(const fs::path& path) { return QString::fromStdString(path.string()); }

/// A recent file or a sample text of that name; empty where there is none.
fs::path textNamed(const std::string& name, const QStringList& recent)
{
    std::vector<fs::path> places = pathsOf(recent);
    if (const auto samples = sampleTexts())
        places.insert(places.end(), samples->begin(), samples->end());
    const auto found =
        std::ranges::find_if(places, [&](const fs::path& place) { return !name.empty() && place.filename() == name; });
    return found == places.end() ? fs::path() : *found;
}

} // namespace

fs::path modelNamed(const std::string& name)
{
    for (const fs::path& model : userModels())
        if (modelName(model) == name)
            return model;
    return demoModel().value_or(fs::path());
}

FileOpener::FileOpener(Workspace* workspace, QWidget* window)
    : QObject(window), m_workspace(workspace), m_window(window),
      m_sortJob([this](Result<SortedFiles> files) { openSorted(files); }, {}, views::enginePool())
{
    connect(workspace, &Workspace::settled, this, [this] {
        if (m_more.empty())
            emit settled();
    });
    // Queued: the others hear first that what was opened is there.
    connect(workspace, &Workspace::settled, this, &FileOpener::openMore, Qt::QueuedConnection);
    connect(workspace, &Workspace::failed, this, &FileOpener::openMore, Qt::QueuedConnection); // the others are none the worse
}

void FileOpener::openPaths(const QStringList& paths)
{
    m_more.clear();
    m_sortJob.start([files = pathsOf(paths)](const JobContext& job) { return sortFiles(files, job); });
}

void FileOpener::stop()
{
    m_sortJob.stop();
    m_more.clear();
}

/// One recording after the other: its replays are computed before the next one comes.
void FileOpener::openMore()
{
    if (m_more.empty() || m_workspace->isWorking())
        return;
    const fs::path trace = m_more.front();
    m_more.erase(m_more.begin());
    emit besideWanted();
    m_workspace->openTrace(trace, {});
    addRecent(shown(trace));
}

void FileOpener::openSorted(const Result<SortedFiles>& files)
{
    if (!files) {
        emit refused(QString::fromStdString(files.error().message));
        return;
    }
    const bool took = takeLifetimes(*files);
    if (took && files->count() == files->lifetimes.size())
        return;
    if (!files->answers.empty()) {
        QStringList answers;
        for (const fs::path& path : files->answers)
            answers << shown(path);
        emit answersChosen(answers);
        addRecent(answers.front());
    }
    if (files->count() == files->answers.size())
        return;
    if (!files->sessions.empty()) {
        emit sessionChosen(shown(files->sessions.front()));
    } else if (!files->traces.empty() || !files->replays.empty()) {
        emit beginning();
        const fs::path trace = files->traces.empty() ? fs::path() : files->traces.front();
        m_workspace->openTrace(trace, files->replays);
        if (files->traces.size() > 1)
            m_more.assign(files->traces.begin() + 1, files->traces.end());
        addRecent(shown(trace.empty() ? files->replays.front() : trace));
    } else if (!files->models.empty() && !files->texts.empty()) {
        recordOver(*files);
    } else {
        const fs::path model = files->models.empty() ? fs::path() : files->models.front();
        openRecordDialog(model, files->texts.empty() ? fs::path() : files->texts.front());
        emit asked();
    }
    if (!files->remark.empty())
        emit remarked(QString::fromStdString(files->remark));
}

bool FileOpener::takeLifetimes(const SortedFiles& files)
{
    std::vector<PolicySpec> specs = m_workspace->specs();
    for (const fs::path& path : files.lifetimes) {
        auto spec = parsePolicySpec("given")->with("file", path.string());
        if (spec && std::ranges::find(specs, *spec) == specs.end())
            specs.push_back(std::move(*spec));
    }
    if (files.lifetimes.empty())
        return false;
    if (!m_workspace->data().info && files.traces.empty()) {
        emit refused(
            tr("'%1' says when tokens leave, and no recording is open to which that belongs; open the recording first, or "
               "drop both together")
                .arg(shown(files.lifetimes.front().filename())));
        return true;
    }
    m_workspace->setSpecs(std::move(specs));
    return true;
}

void FileOpener::recordOver(const SortedFiles& files)
{
    RecordOptions options;
    options.model = files.models.front();
    auto words = cli::readText(files.texts.front().string());
    if (!words) {
        emit refused(QString::fromStdString(words.error().message));
        return;
    }
    options.text = std::move(*words);
    options.textName = files.texts.front().filename().string();
    emit beginning();
    m_workspace->record(std::move(options), files.texts.front());
    addRecent(shown(files.models.front()));
}

// --- dialogs

void FileOpener::chooseFiles(const std::function<void()>& chosen)
{
    auto* dialog = new QFileDialog(
        m_window, tr("Open"), QString(),
        tr("All that Winnow opens (*.h5 *.hdf5 *.npz *.winnow *.txt *.md *.jsonl *.gguf config.json);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFiles);
    connect(dialog, &QFileDialog::filesSelected, this, [this, chosen](const QStringList& files) {
        if (chosen)
            chosen();
        openPaths(files);
    });
    dialog->open();
}

void FileOpener::chooseModel()
{
    auto* menu = new QMenu(m_window);
    menu->setObjectName(QStringLiteral("open-model-menu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    std::vector<fs::path> models = userModels();
    if (const auto demo = demoModel())
        models.push_back(*demo);
    for (const fs::path& model : models)
        menu->addAction(asMenuText(shown(modelName(model))), this, [this, model] { openPaths({shown(model)}); });
    menu->addSeparator();
    const auto ask = [this](QFileDialog::FileMode mode, const QString& filter) {
        auto* dialog = new QFileDialog(m_window, tr("Open model"), QString(), filter);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setFileMode(mode);
        connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) { openPaths({path}); });
        dialog->open();
    };
    menu->addAction(tr("Model folder…"), this, [ask] { ask(QFileDialog::Directory, {}); });
    menu->addAction(tr("GGUF file…"), this, [ask] { ask(QFileDialog::ExistingFile, tr("GGUF files (*.gguf);;All files (*)")); });
    menu->popup(m_window->mapToGlobal(m_window->rect().center()) -
                QPoint(menu->sizeHint().width() / 2, menu->sizeHint().height() / 2));
}

void FileOpener::openRecordDialog(const fs::path& model, const fs::path& text)
{
    const Sources& open = m_workspace->sources();
    fs::path folder = model.empty() ? open.model : model, words = text.empty() ? open.text : text;
    if (folder.empty()) // a recording that was opened tells only names
        folder = modelNamed(open.modelName.toStdString());
    if (words.empty())
        words = textNamed(open.textName.toStdString(), recent());
    auto* dialog = new RecordDialog(folder, words, m_window);
    dialog->setObjectName(QStringLiteral("record-dialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &RecordDialog::wanted, this, [this](const RecordOptions& options, const QString& textPath) {
        emit beginning();
        m_workspace->record(options, textPath.toStdString());
        addRecent(shown(options.model));
        addRecent(textPath);
    });
    dialog->open();
}

void FileOpener::startDemo()
{
    if (m_workspace->isPaused() || (m_workspace->isWorking() && !m_workspace->isReplaying())) {
        emit remarked(
            tr("Something is being recorded, opened or run; wait for it, or stop it (Ctrl+.) and discard it, before the "
               "demo."));
        return;
    }
    emit roomWanted();
    emit beginning();
    if (auto specs = demoPolicies())
        m_workspace->setSpecs(std::move(*specs));
    m_workspace->startDemo();
    emit demoStarted();
}

// --- recent files

void FileOpener::addRecent(const QString& path)
{
    const QString whole = QFileInfo(path).absoluteFilePath();
    QSettings settings;
    QStringList recent = settings.value(QStringLiteral("recent")).toStringList();
    recent.removeAll(whole);
    recent.prepend(whole);
    settings.setValue(QStringLiteral("recent"), recent.mid(0, kRecent));
    emit recentChanged(this->recent());
}

QStringList FileOpener::recent() const
{
    QStringList recent = QSettings().value(QStringLiteral("recent")).toStringList();
    recent.removeIf([](const QString& path) { return !QFileInfo::exists(path); });
    return recent;
}

// --- drag and drop

QStringList localPaths(const QMimeData* data)
{
    QStringList paths;
    for (const QUrl& url : data->urls())
        if (url.isLocalFile())
            paths.append(url.toLocalFile());
    return paths;
}

QString dropWords(const QStringList& paths) { return QString::fromStdString(dropSentence(pathsOf(paths))); }

} // namespace winnow::app
