// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/needle_dialog.h"

#include "app/cli/answer_files.h"
#include "core/analysis/series_labels.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace winnow::app {

namespace {

QString text(const std::string& utf8) { return QString::fromStdString(utf8); }

/// "tova 128"; where several tasks were asked, with the task.
QStringList namesOf(const std::vector<tasks::NeedleGrid>& grids)
{
    std::vector<std::string> series;
    for (const tasks::NeedleGrid& grid : grids)
        series.push_back(grid.series);
    const auto labels = seriesLabels(series);
    const bool oneTask = std::ranges::all_of(grids, [&](const auto& grid) { return grid.task == grids.front().task; });
    QStringList names;
    for (const tasks::NeedleGrid& grid : grids)
        names << text(labels.at(grid.series)) + (oneTask ? QString() : QStringLiteral(", ") + text(grid.task));
    return names;
}

} // namespace

NeedleDialog::NeedleDialog(std::vector<tasks::Answer> answers, const QString& file, QWidget* window)
    : QDialog(window), m_answers(std::move(answers)), m_grids(tasks::needleGrids(m_answers)), m_maps(new views::NeedleMaps),
      m_score(new QComboBox), m_words(new QLabel), m_list(new QListWidget), m_open(new QPushButton(tr("Open this trial")))
{
    setObjectName(QStringLiteral("needle-dialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Answers of %1").arg(file));
    for (const std::string_view title : kGridScoreTitles)
        m_score->addItem(QString::fromUtf8(title));
    m_score->setAccessibleName(tr("Score"));
    m_words->setWordWrap(true);
    m_list->setAccessibleName(tr("Answers of the cell"));
    m_list->setMaximumHeight(120);
    auto* none = new QListWidgetItem(tr("Here stands what was expected, and what the model said"), m_list);
    none->setFlags(Qt::NoItemFlags);
    m_open->setAutoDefault(false);
    m_open->setEnabled(false);
    m_open->setToolTip(
        tr("Makes the prompt again by its seed, records the model over it with what it answered, and marks the needle"));
    auto* top = new QHBoxLayout;
    auto* score = new QLabel(tr("Score"));
    score->setBuddy(m_score);
    top->addWidget(m_words, 1);
    top->addWidget(score);
    top->addWidget(m_score);
    top->addWidget(m_open);
    auto* column = new QVBoxLayout(this);
    column->addWidget(m_maps, 1);
    column->addLayout(top);
    column->addWidget(m_list);
    m_maps->setGrids(cli::scoreGrids(m_answers), namesOf(m_grids));
    say(tr("Choose a cell to read its answers; open one to see which lane lost the needle."));
    connect(m_score, &QComboBox::currentIndexChanged, m_maps,
            [this](int score) { m_maps->setScore(static_cast<std::size_t>(std::max(0, score))); });
    connect(m_maps, &views::NeedleMaps::cellChosen, this, &NeedleDialog::showCell);
    connect(m_maps, &views::NeedleMaps::cellOpened, this, &NeedleDialog::openCurrent);
    connect(m_list, &QListWidget::itemActivated, this, &NeedleDialog::openCurrent);
    connect(m_open, &QPushButton::clicked, this, &NeedleDialog::openCurrent);
}

void NeedleDialog::setTheme(const views::Theme& theme) { m_maps->setTheme(theme); }

void NeedleDialog::say(const QString& sentence) { m_words->setText(sentence); }

QString NeedleDialog::sentence() const { return m_words->text(); }

void NeedleDialog::setWorking(bool working)
{
    m_working = working;
    m_open->setEnabled(!working && !m_listed.empty());
    m_open->setText(working ? tr("Opening…") : tr("Open this trial"));
}

void NeedleDialog::showCell(const views::NeedlePlace& place)
{
    m_listed = m_grids[place.grid].at(place.depth, place.length).answers;
    m_list->clear();
    for (const std::size_t number : m_listed) {
        const tasks::Answer& answer = m_answers[number];
        m_list->addItem(tr("%1 — expected “%2”, said “%3”")
                            .arg(text(answer.id), text(answer.references.front()), text(answer.prediction).simplified()));
    }
    if (!m_listed.empty())
        m_list->setCurrentRow(0);
    say(m_maps->accessibleDescription());
    setWorking(m_working);
}

void NeedleDialog::openCurrent()
{
    const int row = m_list->currentRow();
    if (!m_working && row >= 0 && row < static_cast<int>(m_listed.size()))
        emit trialWanted(m_answers[m_listed[static_cast<std::size_t>(row)]]);
}

} // namespace winnow::app
