// SPDX-License-Identifier: GPL-3.0-or-later
// Opening, dropping, recording, saving a replay. See main_window.h.
#include "app/cli/console.h"
#include "app/cli/demo.h"
#include "app/cli/file_options.h"
#include "app/cli/resources.h"
#include "app/window/band.h"
#include "app/window/empty_card.h"
#include "app/window/main_window.h"
#include "app/window/record_dialog.h"
#include "core/model/config/model_folder.h"
#include "core/replay/replay_file.h"

#include <QDragEnterEvent>
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

QStringList localPaths(const QMimeData* data)
{
    QStringList paths;
    for (const QUrl& url : data->urls())
        if (url.isLocalFile())
            paths.append(url.toLocalFile());
    return paths;
}

QString shown(const fs::path& path) { return QString::fromStdString(path.string()); }

} // namespace

// --- opening

void MainWindow::openPaths(const QStringList& paths)
{
    m_sortJob.start([files = pathsOf(paths)](const JobContext& job) { return sortFiles(files, job); });
}

void MainWindow::openSorted(const Result<SortedFiles>& files)
{
    if (!files)
        return refuse(QString::fromStdString(files.error().message), {tr("Open…"), [this] { chooseFiles(); }});
    if (!files->sessions.empty()) {
        openSession(files->sessions.front());
    } else if (!files->traces.empty() || !files->replays.empty()) {
        begin();
        const fs::path trace = files->traces.empty() ? fs::path() : files->traces.front();
        m_workspace->openTrace(trace, files->replays);
        addRecent(shown(trace.empty() ? files->replays.front() : trace));
    } else if (!files->models.empty() && !files->texts.empty()) {
        RecordOptions options;
        options.model = files->models.front();
        auto words = cli::readText(files->texts.front().string());
        if (!words)
            return refuse(QString::fromStdString(words.error().message), {tr("Open…"), [this] { chooseFiles(); }});
        options.text = std::move(*words);
        options.textName = files->texts.front().filename().string();
        begin();
        m_workspace->record(std::move(options));
        addRecent(shown(files->models.front()));
    } else {
        const fs::path model = files->models.empty() ? fs::path() : files->models.front();
        openRecordDialog(model, files->texts.empty() ? fs::path() : files->texts.front());
        emit ready();
    }
    if (!files->remark.empty())
        m_messages->show(Band::Kind::Warning, QString::fromStdString(files->remark));
}

void MainWindow::refuse(const QString& sentence, const Band::Choice& choice)
{
    m_openingSession.reset();
    m_messages->show(Band::Kind::Error, sentence, {choice});
    emit refused(sentence);
}

void MainWindow::chooseFiles()
{
    auto* dialog =
        new QFileDialog(this, tr("Open"), QString(),
                        tr("All that Winnow opens (*.h5 *.hdf5 *.npz *.winnow *.txt *.md *.gguf config.json);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFiles);
    connect(dialog, &QFileDialog::filesSelected, this, &MainWindow::openPaths);
    dialog->open();
}

void MainWindow::chooseModel()
{
    auto* menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("open-model-menu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    std::vector<fs::path> models = userModels();
    if (const auto demo = demoModel())
        models.push_back(*demo);
    for (const fs::path& model : models)
        menu->addAction(shown(modelName(model)), this, [this, model] { openPaths({shown(model)}); });
    menu->addSeparator();
    const auto ask = [this](QFileDialog::FileMode mode, const QString& filter) {
        auto* dialog = new QFileDialog(this, tr("Open model"), QString(), filter);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setFileMode(mode);
        connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) { openPaths({path}); });
        dialog->open();
    };
    menu->addAction(tr("Model folder…"), this, [ask] { ask(QFileDialog::Directory, {}); });
    menu->addAction(tr("GGUF file…"), this, [ask] { ask(QFileDialog::ExistingFile, tr("GGUF files (*.gguf);;All files (*)")); });
    menu->popup(mapToGlobal(rect().center()) - QPoint(menu->sizeHint().width() / 2, menu->sizeHint().height() / 2));
}

void MainWindow::openRecordDialog(const fs::path& model, const fs::path& text)
{
    fs::path folder = model.empty() ? m_workspace->sources().model : model;
    if (folder.empty())
        folder = demoModel().value_or(fs::path());
    auto* dialog = new RecordDialog(folder, text, this);
    dialog->setObjectName(QStringLiteral("record-dialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &RecordDialog::wanted, this, [this](const RecordOptions& options, const QString& textPath) {
        begin();
        m_workspace->record(options);
        addRecent(shown(options.model));
        addRecent(textPath);
    });
    dialog->open();
}

void MainWindow::startDemo()
{
    m_workspace->close();
    if (auto specs = demoPolicies())
        m_workspace->setSpecs(std::move(*specs));
    begin();
    m_workspace->startDemo();
    if (!QSettings().value(QStringLiteral("hint-dismissed"), false).toBool())
        m_hint->show(Band::Kind::Hint,
                     tr("Drag the ruler to move through the text. Click a token to follow it. Press 1 to 6 to choose a "
                        "policy, and ? for all keys."));
}

// --- drag and drop

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    const QStringList paths = localPaths(event->mimeData());
    if (paths.isEmpty())
        return;
    event->acceptProposedAction();
    const QString sentence = QString::fromStdString(dropSentence(pathsOf(paths)));
    m_empty->setDropText(sentence);
    if (!m_workspace->isEmpty())
        m_messages->show(Band::Kind::Hint, sentence);
}

void MainWindow::dragLeaveEvent(QDragLeaveEvent*)
{
    m_empty->setDropText({});
    if (m_messages->kind() == Band::Kind::Hint)
        m_messages->hide();
}

void MainWindow::dropEvent(QDropEvent* event)
{
    dragLeaveEvent(nullptr);
    const QStringList paths = localPaths(event->mimeData());
    if (paths.isEmpty())
        return;
    event->acceptProposedAction();
    openPaths(paths);
}

void MainWindow::saveReplay()
{
    auto* dialog = new QFileDialog(this, tr("Save replay"), QString(), tr("Replays (*.h5 *.npz);;Means (*.csv)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("h5"));
    connect(m_selection, &views::Selection::left, dialog, &QDialog::reject);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
        m_saveJob.start([replay = m_workspace->data().replay, out = fs::path(path.toStdString()),
                         read = inputFiles()](const JobContext&) -> Result<Saved> {
            if (!replay)
                return fail(ErrorCode::NotFound, "there is no replay to save yet; wait until the policies have run");
            WINNOW_TRY_VOID(checkOutput(out, read, std::nullopt));
            WINNOW_TRY_VOID(writeReplay(*replay, out));
            return Saved{out, {}, {}};
        });
    });
    dialog->open();
}

// --- recent files

void MainWindow::addRecent(const QString& path)
{
    const QString whole = QFileInfo(path).absoluteFilePath();
    QSettings settings;
    QStringList recent = settings.value(QStringLiteral("recent")).toStringList();
    recent.removeAll(whole);
    recent.prepend(whole);
    settings.setValue(QStringLiteral("recent"), recent.mid(0, kRecent));
    showRecent();
}

void MainWindow::showRecent()
{
    QStringList recent = QSettings().value(QStringLiteral("recent")).toStringList();
    recent.removeIf([](const QString& path) { return !QFileInfo::exists(path); });
    m_empty->setRecent(recent);
    m_recentMenu->clear();
    for (const QString& path : recent)
        m_recentMenu->addAction(path, this, [this, path] { openPaths({path}); });
    m_recentMenu->setEnabled(!recent.isEmpty());
}

} // namespace winnow::app
